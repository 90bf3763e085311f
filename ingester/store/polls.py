"""The feeds' part of the queue: added, claimed, and each poll recorded, in one transaction each."""

import hashlib
import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, IntegrityError

from ingester import urls
from ingester.feeds import rhythm
from ingester.models import (
    ClaimedFeed,
    Failed,
    FeedId,
    FeedItem,
    ParsedFeed,
    Reason,
    Response,
    Token,
)
from ingester.store.archive import Archive, run
from ingester.store.queue import (
    NOT_TRIED,
    entry_values,
    in_words,
    of_a_free_host,
    see_outlet,
    sha256,
)

_JITTER = 0.1
"""The most of a wait by which it is drawn out, so that feeds that met once part again: none is asked sooner
than it asks for."""


def add_feed(
    archive: Archive, url: str, title: str | None, outlet: str | None, delay_s: float = 0
) -> bool:
    """Add a feed unless it is known; gives whether it is new. It is first polled after `delay_s`."""

    def work(connection: Connection) -> bool:
        outlet_id = see_outlet(connection, urls.outlet_host(url), outlet)
        added = run(connection, "add_feed", url=url, url_sha256=sha256(url), host=urls.host(url),
                    title=title, outlet_id=outlet_id, delay_s=delay_s,
                    interval_s=archive.settings.poll.interval_s)  # fmt: skip
        return bool(added[0].added)

    return archive.transaction(work)


def claim_feed(archive: Archive) -> ClaimedFeed | None:
    """The feed that has been due for longest, leased to the caller; None where none can be asked for."""
    retry, whole_every = archive.settings.retry, archive.settings.poll.whole_every
    rows = of_a_free_host(archive, "claim_feed", first_s=retry.first_s, longest_s=retry.longest_s,
                          whole_every=whole_every)  # fmt: skip
    if not rows:
        return None
    row = rows[0]
    return ClaimedFeed(
        id=FeedId(row.id),
        url=row.url,
        token=Token(row.claim_token),
        new=row.new,
        errors=row.errors,
        failing_since=row.failing_since,
        interval=timedelta(seconds=row.interval_s),
        etag=row.etag,
        last_modified=row.last_modified,
        body_sha256=row.body_sha256,
        unread=tuple(row.unread),
    )


def record_poll(archive: Archive, feed: ClaimedFeed, response: Response, parsed: ParsedFeed) -> int:
    """Record a poll and the links it gave, and end the lease; gives how many links are new.

    Nothing is recorded where the lease was lost meanwhile.
    """

    def work(connection: Connection) -> int:
        if not _hold(connection, feed):
            return 0
        outlet = run(connection, "feed_outlet", id=feed.id)[0].name
        new, refused = _record_items(connection, feed.id, outlet, parsed.items)
        _record(connection, feed, "parsed", parsed, new, refused)
        _settle(connection, archive, feed, response, parsed, new)
        return new

    return archive.transaction(work)


def record_unchanged(archive: Archive, feed: ClaimedFeed, response: Response) -> None:
    """Record a poll that brought nothing since the last one, and end the lease."""
    nothing = ParsedFeed(None, None, (), {})

    def work(connection: Connection) -> None:
        if _hold(connection, feed):
            _record(connection, feed, "unchanged", nothing, 0, 0)
            _settle(connection, archive, feed, response, nothing, 0)

    archive.transaction(work)


def record_failed_poll(archive: Archive, feed: ClaimedFeed, failed: Failed) -> None:
    """Record a poll that failed, and end the lease; the next one waits the longer the more failed."""

    def work(connection: Connection) -> None:
        if not _hold(connection, feed):
            return
        if failed.reason in NOT_TRIED:
            asked = failed.retry_after or timedelta()
            run(connection, "release_feed", id=feed.id, wait_s=asked.total_seconds())
            return
        run(connection, "record_poll", feed_id=feed.id, outcome="failed",
            reason=failed.reason.value, detail=failed.detail, items=0, new_entries=0,
            unread=len(feed.unread), dropped="{}")  # fmt: skip
        setback = rhythm.setback(feed, failed, datetime.now(UTC), archive.settings.poll)
        wait = max(_jittered(setback.wait), failed.retry_after or timedelta())
        run(connection, "retry_feed", id=feed.id, wait_s=wait.total_seconds(),
            errors=setback.errors, state=setback.state, last_error=in_words(failed))  # fmt: skip

    archive.transaction(work)


def count_listed(archive: Archive, feed: ClaimedFeed, items: Sequence[FeedItem]) -> int:
    """How many of these links the feed listed in polls that are on record."""
    keys = [sha256(item.url) for item in items]
    return int(archive.rows("count_listed", feed_id=feed.id, urls=keys)[0].listed)


def _hold(connection: Connection, feed: ClaimedFeed) -> bool:
    return bool(run(connection, "hold_feed", id=feed.id, token=feed.token))


def _record(
    connection: Connection,
    feed: ClaimedFeed,
    outcome: str,
    parsed: ParsedFeed,
    new: int,
    refused: int,
) -> None:
    dropped = dict(parsed.dropped) | ({Reason.REJECTED.value: refused} if refused else {})
    failed = parsed.failed
    run(connection, "record_poll", feed_id=feed.id, outcome=outcome,
        reason=failed and failed.reason.value, detail=failed and failed.detail,
        items=len(parsed.items), new_entries=new, unread=len(parsed.unread),
        dropped=json.dumps(dropped))  # fmt: skip


def _settle(
    connection: Connection,
    archive: Archive,
    feed: ClaimedFeed,
    response: Response,
    parsed: ParsedFeed,
    new: int,
) -> None:
    rule = archive.settings.poll
    interval = rhythm.interval(feed, parsed, new, rule)
    not_modified = response.status == HTTPStatus.NOT_MODIFIED
    # an index stays the same while its parts change: each poll has to read it anew
    held = {} if parsed.more else response.headers
    same = not_modified or bool(parsed.more)
    body = None if same else hashlib.sha256(response.body).digest()
    rows = run(connection, "settle_feed", id=feed.id, title=parsed.title, new=new,
               not_modified=not_modified, body_sha256=body, moved_to=response.moved_to,
               etag=held.get("etag"), interval_s=interval.total_seconds(),
               last_modified=held.get("last-modified"), unread=list(parsed.unread),
               wait_s=_jittered(interval).total_seconds(), whole_every=rule.whole_every,
               moved_polls=rule.moved_polls, moved_days=rule.moved_days)  # fmt: skip
    if rows[0].moved and response.moved_to:
        _move(connection, feed, response.moved_to)


def _move(connection: Connection, feed: ClaimedFeed, url: str) -> None:
    """Give a feed the URL that it moved to; where that is a feed already, two are one too many.

    The one that is left is asked again, if it was given up: it was a feed just now.
    """
    at = {"id": feed.id, "url": url, "url_sha256": sha256(url)}
    if not run(connection, "move_feed", **at, host=urls.host(url)):
        run(connection, "revive_feed", url_sha256=at["url_sha256"])
        run(connection, "retire_feed", id=feed.id, last_error=f"moved to {url}, a feed of its own")


def _jittered(wait: timedelta) -> timedelta:
    return wait * random.uniform(1, 1 + _JITTER)  # noqa: S311 - spreads load, guards nothing


def _record_items(
    connection: Connection, feed: FeedId, outlet: str | None, items: Sequence[FeedItem]
) -> tuple[int, int]:
    """Known links are listed at once; each new one has a savepoint, so that none costs another.

    In the order of their keys, because two polls that list the same links in two orders would
    wait for each other. Gives how many are new, or were only imported in vain, and how many the
    database refused.
    """
    keys = {sha256(item.url): item for item in items}
    known = run(connection, "list_known", feed_id=feed, urls=list(keys))
    new, refused = sum(row.taken_over for row in known), 0
    for key in sorted(keys.keys() - {row.url_sha256 for row in known}):
        item = keys[key]
        values = entry_values(item.url, item.title, item.published, outlet)
        values["published_raw"] = (item.raw_date or values["published_raw"] or "")[:200] or None
        try:
            with connection.begin_nested():
                seen = run(connection, "record_entry", **values, feed_id=feed, guid=item.guid)
        except (DataError, IntegrityError):
            refused += 1
        else:
            new += bool(seen[0].added)
    return new, refused
