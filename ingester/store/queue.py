"""The queue: feeds and entries are claimed, recorded, retried and settled, each in one transaction."""

import hashlib
import json
import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row
from sqlalchemy.exc import DataError, IntegrityError

from ingester import urls
from ingester.models import (
    ClaimedEntry,
    ClaimedFeed,
    EntryId,
    Failed,
    FeedId,
    FeedItem,
    Moment,
    Outcome,
    ParsedFeed,
    Reason,
    Response,
    Token,
)
from ingester.settings import Retry
from ingester.store.archive import Archive, clean, run
from ingester.store.turns import PATIENCE_S

_NOT_TRIED = {Reason.SHUTDOWN, Reason.RESTING}
"""Nothing was sent: the item goes back to the queue, and the attempt is not counted."""


def sha256(text: str) -> bytes:
    """The hash that a URL is known by."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


# --- feeds --------------------------------------------------------------------------------------


def add_feed(
    archive: Archive, url: str, title: str | None, outlet: str | None, delay_s: float = 0
) -> bool:
    """Add a feed unless it is known; gives whether it is new. It is first polled after `delay_s`."""

    def work(connection: Connection) -> bool:
        outlet_id = see_outlet(connection, urls.outlet_host(url), outlet)
        values = {"url": url, "url_sha256": sha256(url), "host": urls.host(url), "title": title,
                  "outlet_id": outlet_id}  # fmt: skip
        interval_s = archive.settings.poll.interval_s
        added = run(connection, "add_feed", **values, interval_s=interval_s, delay_s=delay_s)
        return bool(added[0].added)

    return archive.transaction(work)


def see_outlet(connection: Connection, host: str, name: str | None) -> int:
    """The id of the outlet at a host, which may be new."""
    return int(run(connection, "see_outlet", host=host, name=clean(name) or None)[0].id)


def claim_feed(archive: Archive) -> ClaimedFeed | None:
    """The feed that has been due for longest, leased to the caller; None where none can be asked for."""
    rows = _of_a_free_host(archive, "claim_feed", lease_s=archive.settings.retry.lease_s)
    if not rows:
        return None
    row = rows[0]
    return ClaimedFeed(
        id=FeedId(row.id),
        url=row.url,
        token=Token(row.claim_token),
        attempts=row.attempts,
        interval=timedelta(seconds=row.interval_s),
        etag=row.etag,
        last_modified=row.last_modified,
        body_sha256=row.body_sha256,
    )


def record_poll(archive: Archive, feed: ClaimedFeed, response: Response, parsed: ParsedFeed) -> int:
    """Record a poll and the links it gave, and end the lease; gives how many links are new.

    Nothing is recorded where the lease was lost meanwhile.
    """

    def work(connection: Connection) -> int:
        if not _hold_feed(connection, feed):
            return 0
        outlet = run(connection, "feed_outlet", id=feed.id)[0].name
        added, refused = _record_items(connection, feed.id, outlet, parsed.items)
        _record(connection, feed, "parsed", parsed, added, refused)
        _settle_feed(connection, archive, feed, response, parsed.title)
        return added

    return archive.transaction(work)


def record_unchanged(archive: Archive, feed: ClaimedFeed, response: Response) -> None:
    """Record a poll that brought nothing since the last one, and end the lease."""

    def work(connection: Connection) -> None:
        if _hold_feed(connection, feed):
            _record(connection, feed, "unchanged", ParsedFeed(None, None, (), {}), 0, 0)
            _settle_feed(connection, archive, feed, response, None)

    archive.transaction(work)


def record_failed_poll(archive: Archive, feed: ClaimedFeed, failed: Failed) -> None:
    """Record a poll that failed, and end the lease; the next one waits the longer the more failed."""

    def work(connection: Connection) -> None:
        if not _hold_feed(connection, feed):
            return
        released = failed.reason in _NOT_TRIED
        if not released:
            reason, detail = failed.reason.value, failed.detail
            values = {"items": 0, "new_entries": 0, "dropped": "{}"}
            run(connection, "record_poll", feed_id=feed.id, outcome="failed", reason=reason,
                detail=detail, **values)  # fmt: skip
        wait = max(
            feed.interval.total_seconds(), wait_s(archive.settings.retry, feed.attempts, failed)
        )
        run(connection, "retry_feed", id=feed.id, released=released,
            wait_s=_asked_s(failed) if released else wait, gone=failed.reason is Reason.GONE,
            last_error=_last_error(failed))  # fmt: skip

    archive.transaction(work)


def _hold_feed(connection: Connection, feed: ClaimedFeed) -> bool:
    return bool(run(connection, "hold_feed", id=feed.id, token=feed.token))


def _record(
    connection: Connection,
    feed: ClaimedFeed,
    outcome: str,
    parsed: ParsedFeed,
    added: int,
    refused: int,
) -> None:
    dropped = dict(parsed.dropped) | ({Reason.REJECTED.value: refused} if refused else {})
    run(connection, "record_poll", feed_id=feed.id, outcome=outcome, reason=None, detail=None,
        items=len(parsed.items), new_entries=added, dropped=json.dumps(dropped))  # fmt: skip


def _settle_feed(
    connection: Connection,
    archive: Archive,
    feed: ClaimedFeed,
    response: Response,
    title: str | None,
) -> None:
    unchanged = response.status == 304  # noqa: PLR2004 - Not Modified
    body = None if unchanged else hashlib.sha256(response.body).digest()
    run(connection, "settle_feed", id=feed.id, title=title, unchanged=unchanged, body_sha256=body,
        interval_s=archive.settings.poll.interval_s, etag=response.headers.get("etag"),
        last_modified=response.headers.get("last-modified"))  # fmt: skip


def _record_items(
    connection: Connection, feed: FeedId, outlet: str | None, items: Iterable[FeedItem]
) -> tuple[int, int]:
    """Each item in a savepoint of its own: one that the database refuses costs no other.

    In the order of their keys, because two polls that list the same links in two orders would
    wait for each other.
    """
    added = refused = 0
    for item in sorted(items, key=lambda item: sha256(item.url)):
        values = entry_values(item.url, item.title, item.published, outlet)
        try:
            with connection.begin_nested():
                seen = run(connection, "record_entry", **values, feed_id=feed, guid=item.guid)
        except (DataError, IntegrityError):
            refused += 1
        else:
            added += bool(seen[0].added)
    return added, refused


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


# --- entries ------------------------------------------------------------------------------------


def claim_entry(archive: Archive) -> ClaimedEntry | None:
    """The entry that has been due for longest, leased to the caller; None where none can be asked for.

    A host that somebody is asking is passed over, so that None may also mean that all due hosts are
    busy, or rest.
    """
    retry = archive.settings.retry
    rows = _of_a_free_host(archive, "claim_entry", lease_s=retry.lease_s, attempts=retry.attempts)
    if not rows:
        return None
    row = rows[0]
    return ClaimedEntry(
        id=EntryId(row.id),
        url=row.url,
        token=Token(row.claim_token),
        attempts=row.attempts,
        title=row.title,
        published=moment(row),
        outlet=row.outlet,
    )


def _of_a_free_host(archive: Archive, name: str, **values: Any) -> list[Row[Any]]:
    """The row that is claimed: of a host that is free; else of one whose pause will soon be over."""
    free = archive.rows(name, patience_s=0, **values)
    return free or archive.rows(name, patience_s=PATIENCE_S, **values)


def bury_entries(archive: Archive) -> None:
    """Quarantine the entries whose worker died on them again and again."""
    archive.rows("bury_entries", attempts=archive.settings.retry.attempts)


def settle_failure(
    connection: Connection, retry: Retry, entry_id: int, attempts: int, failed: Failed
) -> Outcome:
    """Record why an entry gave no article: try it later, skip it, or put it into quarantine."""
    values = {"step": failed.step, "reason": failed.reason.value, "last_error": _last_error(failed)}
    released = failed.reason in _NOT_TRIED
    if released or (failed.retry and attempts < retry.attempts):
        wait = _asked_s(failed) if released else wait_s(retry, attempts, failed)
        run(connection, "retry_entry", id=entry_id, wait_s=wait, released=released, **values)
        return "retry"
    state: Outcome = "quarantined" if failed.retry else "skipped"
    run(connection, "settle_entry", id=entry_id, state=state, article_id=None, **values)
    return state


def wait_s(retry: Retry, attempts: int, failed: Failed) -> float:
    """Seconds to the next try: doubled each time, with jitter, and never less than was asked for.

    Source: full jitter over the upper half, as in AWS Architecture Blog, "Exponential Backoff And
    Jitter" (2015), so that feeds that failed together don't come back together.
    """
    ceiling = min(retry.longest_s, retry.first_s * 2.0 ** min(attempts - 1, 30))
    return max(_asked_s(failed), ceiling * random.uniform(0.5, 1.0))  # noqa: S311 - spreads load, guards nothing


def _asked_s(failed: Failed) -> float:
    return failed.retry_after.total_seconds() if failed.retry_after else 0.0


def _last_error(failed: Failed) -> str:
    return f"{failed.reason.value}: {failed.detail}"[:2000]


def moment(row: Row[Any]) -> Moment | None:
    """The claimed time that stands in a row's columns."""
    if row.published_at is None:
        return None
    at: datetime = row.published_at
    zoned, source, raw = row.published_zoned, row.published_source, row.published_raw
    return Moment(at, row.published_precision, zoned, source, raw)
