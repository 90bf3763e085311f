"""The visits' part of the queue: pages whose article is held are looked at again."""

from ingester.models import Failed, Reason, Visit
from ingester.store.archive import Archive
from ingester.store.queue import NOT_TRIED, claimed_entry, next_try_s, of_a_free_host, sha256

_GONE = {Reason.NOT_FOUND, Reason.GONE}


def claim_visit(archive: Archive) -> Visit | None:
    """The visit that has been due for longest, leased to the caller; None where none can be made."""
    plan = list(archive.settings.revisit.after_s)
    if not plan:
        return None
    retry = archive.settings.retry
    rows = of_a_free_host(archive, "claim_visit", attempts=retry.attempts, crashes=retry.crashes,
                          after_s=plan)  # fmt: skip
    if not rows:
        return None
    row = rows[0]
    return Visit(claimed_entry(row), row.number, row.etag, row.last_modified)


def is_anothers(archive: Archive, visit: Visit, url: str) -> bool:
    """Whether the article at `url` is not the visited one."""
    found = archive.rows("is_anothers", url_sha256=sha256(url), entry_id=visit.entry.id)
    return bool(found[0].others)


def end_visit(archive: Archive, visit: Visit, failed: Failed | None) -> None:
    """End a visit's lease; its article is gone where the page is, and there where it was read.

    A visit that failed in a way that may pass is made again, as often as a page is tried; then the
    next one may fare better.
    """
    held = {"id": visit.entry.id, "token": visit.entry.token}
    if failed is None or failed.reason in _GONE:
        archive.rows("end_visit", **held, number=visit.number, gone=failed is not None)
        return
    wait_s = next_try_s(archive.settings.retry, visit.entry, failed)
    if wait_s is None:
        archive.rows("fail_visit", **held, number=visit.number)
    else:
        archive.rows("put_off_visit", **held, wait_s=wait_s, released=failed.reason in NOT_TRIED,
                     crashed=failed.reason is Reason.CRASHED)  # fmt: skip
