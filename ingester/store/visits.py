"""The visits' part of the queue: pages whose article is held are looked at again."""

from datetime import timedelta

from ingester.models import Failed, Reason, Visit
from ingester.store.archive import Archive
from ingester.store.queue import NOT_TRIED, claimed_entry, of_a_free_host

_GONE = {Reason.NOT_FOUND, Reason.GONE}


def claim_visit(archive: Archive) -> Visit | None:
    """The visit that has been due for longest, leased to the caller; None where none can be made."""
    plan = list(archive.settings.revisit.after_s)
    lease_s = archive.settings.retry.lease_s
    rows = of_a_free_host(archive, "claim_visit", lease_s=lease_s, after_s=plan) if plan else []
    if not rows:
        return None
    row = rows[0]
    return Visit(claimed_entry(row), row.visits, row.etag, row.last_modified)


def end_visit(archive: Archive, visit: Visit, failed: Failed | None) -> None:
    """End a visit's lease; its article is gone where the page is, and there where it was read.

    A visit that failed otherwise is not made again: the next one may fare better.
    """
    held = {"id": visit.entry.id, "token": visit.entry.token}
    if failed is not None and failed.reason in NOT_TRIED:
        wait = failed.retry_after or timedelta()
        archive.rows("put_off_visit", **held, number=visit.number, wait_s=wait.total_seconds())
    elif failed is not None and failed.reason not in _GONE:
        archive.rows("fail_visit", **held)
    else:
        archive.rows("end_visit", **held, gone=failed is not None)
