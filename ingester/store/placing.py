"""One article into the archive: read its neighbourhood, decide, write all of it, in one transaction."""

import hashlib
from array import array
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

import zstandard
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from ingester import urls
from ingester.errors import Refused
from ingester.models import (
    ArticleId,
    Candidate,
    ClaimedEntry,
    EventId,
    Failed,
    Imported,
    Incoming,
    Member,
    Neighbourhood,
    Outcome,
    Page,
    Placement,
    Reason,
    Reread,
    Signed,
    StoryId,
)
from ingester.store.archive import Archive, Query, Row, clean, query, run, run_at_once
from ingester.store.groups import Arrival, groups, relations
from ingester.store.learning import lessons
from ingester.store.neighbours import neighbourhood
from ingester.store.queue import entry_values, settle_failure, sha256
from ingester.store.repeated import explained, withdraw_repeated
from ingester.store.revisions import article

_HELD = {"stored", "duplicate"}
"""States of an entry whose article is held."""

_NO_OUTLET = "unknown"
"""Who published an imported page that has no URL and names no outlet."""

Decide = Callable[[Candidate, Neighbourhood], Placement]


def place(archive: Archive, entry: Incoming, page: Page, signed: Signed, decide: Decide) -> Outcome:
    """Write an article, its relations, story and event, all or nothing; gives what became of it.

    "stored", "revised" (its URL was known with another text), "unchanged" (with this one, or what was
    fetched there from the outlet itself is kept over an import), "duplicate" (its URL is another entry's
    article), "skipped" (its text stands at too many addresses of its outlet) or "lost" (the lease ran out
    and another worker has it, or its article has another page by now). Raises Refused where this article
    can't be written, DatabaseUnavailable where none can.
    Placements run one at a time in an archive, so that copies that arrive at once find each other.
    """

    def work(connection: Connection) -> Outcome:
        _, rows = run_at_once(connection, query("lock_placing"), _hold(entry))
        if not rows:
            return "lost"
        (held,) = rows
        if not held.leased:  # settled: a commit of ours whose answer was lost, or somebody else's
            return held.state if held.state in _HELD else "lost"
        if isinstance(entry, Imported) and _fetched(held):
            run_at_once(connection, _keep(held.id, page))
            return "unchanged"
        outcome = _place(connection, archive, held, page, signed, decide)
        if isinstance(entry, Reread):
            run_at_once(connection, _end(entry))
        return outcome

    try:
        with archive.placing:
            return archive.transaction(work)
    except (DBAPIError, ValueError, OverflowError, TypeError) as error:
        raise Refused(f"{type(error).__name__}: {error}"[:500]) from error


def fail(archive: Archive, entry: Incoming, page: Page | None, failed: Failed) -> Outcome:
    """Record why an entry gave no article; its page, where there is one, is kept."""

    def work(connection: Connection) -> Outcome:
        (rows,) = run_at_once(connection, _hold(entry))
        if not rows:
            return "lost"
        (held,) = rows
        if not held.leased:
            return "retry" if held.state == "pending" else held.state
        if page is not None:
            run_at_once(connection, _keep(held.id, page))
        if isinstance(entry, Reread) and not failed.retry:
            run_at_once(connection, _end(entry))
        if held.state in _HELD or (isinstance(entry, Imported) and _awaited(held)):
            return "unchanged"  # a page that gives no article takes none away, nor a URL from the queue
        claim = entry if isinstance(entry, ClaimedEntry) else None
        return settle_failure(connection, archive.settings.retry, held.id, claim, failed)

    return archive.transaction(work)


def keep(archive: Archive, entry: ClaimedEntry, page: Page) -> None:
    """Keep an entry's page before it is read, unless another worker has it by now."""

    def work(connection: Connection) -> None:
        (rows,) = run_at_once(connection, _hold(entry))
        if rows and rows[0].leased:
            run_at_once(connection, _keep(rows[0].id, page))

    archive.transaction(work)


def settled_before(archive: Archive, pages: Sequence[Page]) -> list[bool]:
    """Of each of these pages, whether it was settled before: the same body at the same URL."""
    urls_asked = [sha256(page.url or "") for page in pages]
    held = defaultdict(set)
    for row in archive.rows("held_pages", urls=urls_asked):
        held[row.url_sha256].add(row.body_sha256)
    return [
        url in held and hashlib.sha256(page.body).digest() in held[url]
        for url, page in zip(urls_asked, pages, strict=True)
    ]


def _hold(entry: Incoming) -> Query:
    if isinstance(entry, ClaimedEntry):
        return query("hold_entry", id=entry.id, token=entry.token)
    if isinstance(entry, Reread):
        again = {"article_id": entry.article_id, "until": entry.until}
        return query("hold_reread", page_id=entry.page_id, **again)
    values = entry_values(entry.url, entry.title, entry.published, entry.outlet)
    return query("admit_import", **values)


def _end(reread: Reread) -> Query:
    return query("settle_reread", article_id=reread.article_id, until=reread.until)


def _fetched(held: Row) -> bool:
    return bool(held.origin == "feed" and held.state in _HELD)


def _awaited(held: Row) -> bool:
    return bool(held.origin == "feed" and held.state == "pending")


def _place(
    connection: Connection,
    archive: Archive,
    held: Row,
    page: Page,
    signed: Signed,
    decide: Decide,
) -> Outcome:
    url = page.url or held.url
    (kept,), (found,) = run_at_once(connection, _keep(held.id, page), _arrive(held, url, signed))
    if found.id is not None and found.entry_id != held.id:
        return _settle(connection, held, found.id, "duplicate")
    if found.id is not None and _says_the_same(found, signed):
        _settle(connection, held, found.id, "stored")
        return "unchanged"
    if found.said_before and withdraw_repeated(connection, archive, found.outlet_id, url, signed):
        return _leave(connection, archive, held, found)
    window = timedelta(days=archive.settings.grouping.window_days)
    since = earliest(found.day, signed) - window
    arrival = _arrival(held, url, signed, found, since)
    story_id, written = writes(connection, archive, arrival, kept.id, signed, decide)
    run_at_once(connection, *written, *lessons(arrival, story_id, signed.article))
    return "stored" if arrival.story_id is None else "revised"


def _leave(connection: Connection, archive: Archive, held: Row, found: Row) -> Outcome:
    """Settle an entry whose text is no article; one that is held stays as it was."""
    if found.id is not None:
        _settle(connection, held, found.id, "stored")
        return "unchanged"
    why = explained(archive.settings.extract.same_text)
    values = {"step": "store", "reason": Reason.REPEATED, "last_error": why, "article_id": None}
    run(connection, "settle_entry", id=held.id, state="skipped", **values)
    return "skipped"


def writes(
    connection: Connection,
    archive: Archive,
    arrival: Arrival,
    page_id: int,
    signed: Signed,
    decide: Decide,
) -> tuple[StoryId, list[Query]]:
    """Read what is around an article, and decide; gives its story, and all that is to be written of it."""
    former = _forget(connection, archive, arrival) if arrival.story_id is not None else ()
    new, hood = _surroundings(connection, archive, arrival, signed, former)
    placement = decide(new, hood)
    before = replace(hood, members=(*hood.members, new.member))
    places, grouped = groups(archive, before, placement)
    story_id = places[arrival.id]
    written = article(arrival, story_id, page_id, signed)
    return story_id, [grouped, written, *relations(placement)]


def _keep(entry_id: int, page: Page) -> Query:
    return query(
        "keep_page",
        entry_id=entry_id,
        url=page.url,
        media_type=page.media_type,
        charset=page.charset,
        fetched_at=page.fetched_at,
        etag=page.etag,
        last_modified=page.last_modified,
        body=zstandard.compress(page.body),
        body_bytes=len(page.body),
        body_sha256=hashlib.sha256(page.body).digest(),
    )


def _says_the_same(before: Row, signed: Signed) -> bool:
    article = signed.article
    return bool(
        before.body_sha256 == signed.body_sha256
        and before.title == article.title
        and before.text == article.text
        and before.authors == list(article.authors)
        and before.published_at == (article.published and article.published.at)
        and before.agency == (article.agency and article.agency.name)
        and before.canonical_url == article.canonical_url
    )


def _settle(connection: Connection, held: Row, article_id: int, state: Outcome) -> Outcome:
    values = {"step": "store", "reason": None, "last_error": None}
    run(connection, "settle_entry", id=held.id, state=state, article_id=article_id, **values)
    return state


def _arrive(held: Row, url: str, signed: Signed) -> Query:
    return query(
        "arrive",
        url_sha256=sha256(url),
        entry_id=held.id,
        host=_host(url, signed),
        outlet=clean(signed.article.outlet) or None,
        body_sha256=signed.body_sha256,
    )


def _host(url: str, signed: Signed) -> str:
    return urls.outlet_host(url) or signed.article.outlet or _NO_OUTLET


def _arrival(held: Row, url: str, signed: Signed, found: Row, since: date) -> Arrival:
    """The article to be written: a new one, or the next revision of the one that was found."""
    new = found.id is None
    return Arrival(
        id=ArticleId(found.new_id if new else found.id),
        entry_id=held.id,
        url=url if new else found.url,
        outlet_id=found.outlet_id,
        host=_host(url if new else found.url, signed),
        revision=1 if new else found.revision + 1,
        first_seen=held.first_seen_at if new else found.first_seen_at,
        day=found.day,
        since=since,
        story_id=None if new else StoryId(found.story_id),
        event_id=None if new else EventId(found.event_id),
    )


def _forget(connection: Connection, archive: Archive, arrival: Arrival) -> tuple[ArticleId, ...]:
    """Drop what a revised article was found by and related to; gives whom it was a copy of."""
    run(connection, "drop_keys", article_id=arrival.id)
    join = archive.settings.grouping.join
    dropped = run(connection, "drop_relations", article_id=arrival.id)
    return tuple(ArticleId(row.other_id) for row in dropped if row.story_score >= join)


def _surroundings(
    connection: Connection,
    archive: Archive,
    arrival: Arrival,
    signed: Signed,
    former: tuple[ArticleId, ...],
) -> tuple[Candidate, Neighbourhood]:
    rule = archive.settings.grouping
    found = run(
        connection,
        "candidates",
        self=arrival.id,
        keys=array("q", signed.keys),
        term_keys=array("q", signed.term_keys),
        body_sha256=signed.body_sha256,
        day=arrival.day,
        since=arrival.since,
        bucket=rule.bucket,
        term_bucket=rule.term_bucket,
        candidates=rule.candidates,
        component=rule.component,
    )
    around = [*(row.id for row in found), *former]
    around += [arrival.id] if arrival.story_id is not None else []
    hood = neighbourhood(connection, around, rule)
    members = {member.id: member for member in hood.members if member.id != arrival.id}
    candidates = tuple(
        Candidate(members[row.id], row.body_sha256, row.signed_text) for row in found
    )
    others = tuple(members.values())
    hood = replace(hood, candidates=candidates, members=others, former=former)
    return _candidate(arrival, signed), hood


def earliest(day: date, signed: Signed) -> date:
    """The day by which an article counts: one that arrives late is sought among those of its own time."""
    published = signed.article.published
    return min(day, published.at.date()) if published else day


def _candidate(arrival: Arrival, signed: Signed) -> Candidate:
    article = signed.article
    member = Member(
        id=arrival.id,
        rank=sha256(arrival.url),
        url=arrival.url,
        outlet=arrival.host,
        language=article.language,
        published=article.published,
        first_seen=arrival.first_seen,
        canonical_url=article.canonical_url,
        agency=article.agency.name if article.agency else None,
        tokens=signed.tokens,
        vector=signed.vector,
        story_id=arrival.story_id,
        event_id=arrival.event_id,
    )
    return Candidate(member, signed.body_sha256, article.signed_text)
