"""The entries' part of the queue: claimed, retried and settled, each in one transaction."""

import hashlib
import random
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ingester import urls
from ingester.models import (
    ClaimedEntry,
    EntryId,
    Failed,
    Moment,
    Outcome,
    Reason,
    Token,
)
from ingester.settings import Retry
from ingester.store.archive import Archive, Row, clean, run
from ingester.store.turns import PATIENCE_S

NOT_TRIED = {Reason.SHUTDOWN, Reason.RESTING}
"""Nothing was sent: the item goes back to the queue, and the attempt is not counted."""


def sha256(text: str) -> bytes:
    """The hash that a URL is known by."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def see_outlet(connection: Connection, host: str, name: str | None) -> int:
    """The id of the outlet at a host, which may be new."""
    return int(run(connection, "see_outlet", host=host, name=clean(name) or None)[0].id)


def entry_values(
    url: str, title: str | None, published: Moment | None, outlet: str | None
) -> dict[str, Any]:
    """An entry's columns, as its feed or archive tells them."""
    return {
        "url": url,
        "url_sha256": sha256(url),
        "host": urls.host(url),
        "title": title,
        "outlet": outlet,
        **claimed_time(published),
    }


def claimed_time(moment: Moment | None) -> dict[str, Any]:
    """The columns of a claimed time."""
    return {
        "published_at": moment and moment.at,
        "published_precision": moment and moment.precision,
        "published_zoned": moment and moment.zoned,
        "published_raw": moment and moment.raw[:200],
    }


def claim_entry(archive: Archive) -> ClaimedEntry | None:
    """The next host's oldest due entry, leased to the caller; None where none can be asked for.

    Hosts come in their turn, so that one with many links leaves the others their share. One that
    somebody is asking is passed over, so that None may also mean that all hosts with due links are
    busy, or rest.
    """
    retry = archive.settings.retry
    rows = of_a_free_host(archive, "claim_entry", attempts=retry.attempts, crashes=retry.crashes)
    return claimed_entry(rows[0]) if rows else None


def claimed_entry(row: Row) -> ClaimedEntry:
    """The entry that a claim's row tells of."""
    return ClaimedEntry(
        id=EntryId(row.id),
        url=row.url,
        token=Token(row.claim_token),
        attempts=row.attempts,
        crashes=row.crashes,
        title=row.title,
        published=moment(row),
        outlet=row.outlet,
    )


def of_a_free_host(archive: Archive, name: str, **values: Any) -> list[Row]:
    """The row that is claimed: of a host that is free; else of one whose pause will soon be over.

    Never so much later that the wait would outlast the lease: others would come to wait for the same host.
    """
    values["after"] = archive.rounds.get(name, "")
    lease_s: float = archive.settings.retry.lease_s
    for patience_s in PATIENCE_S:
        soon_s = min(patience_s, lease_s / 4)
        if rows := archive.rows(name, lease_s=lease_s, patience_s=soon_s, **values):
            archive.rounds[name] = rows[0].host
            return rows
    return []


def bury(archive: Archive) -> list[tuple[str, bool, Failed]]:
    """End the leases that ran out; an entry or visit whose worker died on it once too often is given up.

    Gives what was: its URL, whether that was a visit to a page that is held, and why.
    """
    retry = archive.settings.retry
    rows = archive.rows("bury", attempts=retry.attempts, crashes=retry.crashes)
    return [(row.url, row.state == "stored", _given_up(row)) for row in rows]


def _given_up(row: Row) -> Failed:
    """Why an entry or visit was given up; where nothing tells the step, it came no further than the fetch."""
    return Failed(row.step or "fetch", Reason(row.reason), row.why or "", retry=True)


def settle_failure(
    connection: Connection, retry: Retry, entry_id: int, claim: ClaimedEntry | None, failed: Failed
) -> Outcome:
    """Record why an entry gave no article: try it later, skip it, or put it into quarantine.

    `claim` is None for an imported page.
    """
    values = {"step": failed.step, "reason": failed.reason.value, "last_error": in_words(failed)}
    wait_s = next_try_s(retry, claim, failed)
    if wait_s is not None:
        released = failed.reason in NOT_TRIED
        run(connection, "retry_entry", id=entry_id, wait_s=wait_s, released=released, **values)
        return "retry"
    state: Outcome = "quarantined" if failed.retry else "skipped"
    run(connection, "settle_entry", id=entry_id, state=state, article_id=None, **values)
    return state


def next_try_s(retry: Retry, claim: ClaimedEntry | None, failed: Failed) -> float | None:
    """Seconds to the next try of what failed so; None for never: who imports a page tries again.

    Doubled each time, with jitter, and never less than was asked for.
    Source: full jitter over the upper half, as in AWS Architecture Blog, "Exponential Backoff And
    Jitter" (2015), so that feeds that failed together don't come back together.
    """
    if failed.reason in NOT_TRIED:
        return _asked_s(failed)
    if not failed.retry or claim is None or claim.attempts >= retry.attempts:
        return None
    if failed.reason is Reason.CRASHED and claim.crashes + 1 >= retry.crashes:
        return None
    ceiling = min(retry.longest_s, retry.first_s * 2.0 ** min(claim.attempts - 1, 30))
    return max(_asked_s(failed), ceiling * random.uniform(0.5, 1.0))  # noqa: S311 - spreads load, guards nothing


def _asked_s(failed: Failed) -> float:
    return failed.retry_after.total_seconds() if failed.retry_after else 0.0


def in_words(failed: Failed) -> str:
    """A failure as it is kept for people to read."""
    return f"{failed.reason.value}: {failed.detail}"[:2000]


def moment(row: Row) -> Moment | None:
    """The claimed time that stands in a row's columns."""
    if row.published_at is None:
        return None
    at: datetime = row.published_at
    zoned, source, raw = row.published_zoned, row.published_source, row.published_raw
    return Moment(at, row.published_precision, zoned, source, raw)
