"""What must hold after the storm: the tables beside the outside record, one URL after the other.

Each check gives what it found, in words; nothing where all is as it must be.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg

from tests.storm.press import Pages
from tests.storm.record import Fate, Record

_ENTRIES = """
SELECT e.url, e.state, e.reason, e.last_error, a.url, r.text, r.authors, a.gone_at IS NOT NULL
FROM entry e
LEFT JOIN article a ON a.id = e.article_id
LEFT JOIN revision r ON r.article_id = a.id AND r.number = a.revision
"""
_REVISIONS = """
SELECT a.url, extract(epoch FROM r.at)::float8, r.kind, r.page_id, r.text, r.authors
FROM revision r JOIN article a ON a.id = r.article_id ORDER BY a.url, r.number
"""
_POLLS = """
SELECT f.url, p.outcome, p.items, p.reason FROM feed_poll p JOIN feed f ON f.id = p.feed_id ORDER BY p.id
"""
_DUPLICATED = """
SELECT (SELECT count(*) - count(DISTINCT url) FROM article)
     + (SELECT count(*) - count(DISTINCT url) FROM entry)
     + (SELECT count(*) - count(DISTINCT entry_id) FROM article)
"""
_CLAIMED = """
SELECT (SELECT count(*) FROM entry WHERE state = 'pending' OR claimed_until IS NOT NULL)
     + (SELECT count(*) FROM feed WHERE claimed_until > now())
     + (SELECT count(*) FROM reread)
"""
_CONTENT = """
SELECT a.url, r.title, r.text, r.published_at::text, c.url,
       (SELECT min(m.url) FROM article m JOIN story n ON n.id = m.story_id WHERE n.event_id = s.event_id)
FROM article a JOIN revision r ON r.article_id = a.id AND r.number = a.revision
JOIN story s ON s.id = a.story_id JOIN article c ON c.id = s.canonical_article_id ORDER BY a.url
"""
_OF_POLLS = ("feed", "feed_poll", "host")
"""Tables that each poll writes, whatever it brings."""

_BY_THE_STORM = {"crashed", "timeout", "unreachable", "truncated"}
"""Why a poll or a try failed that a fault struck; true of it, whatever was served."""

_READ = {"ingest stored", "ingest revised", "revisit unchanged"}
"""What a service says when an article holds what its outlet served last."""


@dataclass(frozen=True)
class Entry:
    """What the tables say of a URL; `at` is where its article stands."""

    state: str
    reason: str | None
    last_error: str | None
    at: str | None
    text: str | None
    authors: list[str] | None
    gone: bool

    def ended(self, fate: Fate) -> bool:
        """Whether it gave no article, for the reason that was chosen.

        What was given up tells why its last try failed; where that one died, what it was before, too.
        """
        if self.state != "quarantined" or self.reason == fate.reason:
            return (self.state, self.reason) == (fate.state, fate.reason)
        died = self.reason == "crashed" and f"before that: {fate.reason}:" in str(self.last_error)
        return fate.state == "quarantined" and (died or self.reason in _BY_THE_STORM - {"crashed"})


@dataclass(frozen=True)
class Revision:
    """What an article said from a time on; `version` is that of its page, None where that never said so."""

    at: float
    kind: str
    page: int
    version: int | None
    with_foot: bool


@dataclass(frozen=True)
class Tables:
    """What the database holds."""

    entries: Mapping[str, Entry]
    revisions: Mapping[str, list[Revision]]
    polls: Mapping[str, list[str]]
    """By feed, how each of its polls read it: the outcome, with the items or the reason."""

    @classmethod
    def read(cls, database: str, pages: Pages) -> "Tables":
        with psycopg.connect(database) as connection:
            entries = {url: Entry(*rest) for url, *rest in connection.execute(_ENTRIES.encode())}
            revisions: dict[str, list[Revision]] = defaultdict(list)
            polls: dict[str, list[str]] = defaultdict(list)
            for url, at, kind, page, text, authors in connection.execute(_REVISIONS.encode()):
                number = _version(pages, url, text, authors)
                foot = number is not None and not pages.versions[url][number].is_text(text)
                revisions[url].append(Revision(at, kind, page, number, foot))
            for url, outcome, items, reason in connection.execute(_POLLS.encode()):
                polls[url].append(f"parsed {items}" if outcome == "parsed" else reason or outcome)
        return cls(entries, revisions, polls)

    def states(self) -> Counter[str]:
        """How many URLs stand where."""
        return Counter(entry.state for entry in self.entries.values())


def _version(pages: Pages, url: str, text: str, authors: list[str]) -> int | None:
    """Which version of its page an article says."""
    for number, version in enumerate(pages.versions.get(url, ())):
        if version.was_text(text) and version.author in {None, *authors}:
            return number
    return None


def lost(tables: Tables, pages: Pages) -> Iterator[str]:
    """URLs that must give an article, and give none, or one that no page ever said."""
    for url, fate in pages.fates.items():
        if fate.state == "stored":
            entry, at = tables.entries.get(url), fate.at or url
            if entry is None or entry.state not in {"stored", "duplicate"} or entry.at != at:
                yield f"{url} is {entry and (entry.state, entry.reason, entry.last_error, entry.at)}"
            elif any(revision.version is None for revision in tables.revisions[at]):
                yield f"{url} says what its page never said: {tables.revisions[at]}"


def unread(tables: Tables, record: Record, logs: Mapping[str, Path]) -> Iterator[str]:
    """What a service said that it stored, and did not: by then the article held an older version."""
    served = record.all_served()
    for client, log in logs.items():
        for line in _lines(log):
            if line.get("event") not in _READ:
                continue
            url, at = line["url"], datetime.fromisoformat(line["timestamp"]).timestamp()
            entry = tables.entries.get(url)
            page = entry.at if entry and entry.at else url
            before = [each for each in served.get((page, client), ()) if each.at <= at]
            held = [each for each in tables.revisions.get(page, ()) if each.at <= at]
            if before and not _holds(held, before[-1].version):
                yield f"{url}: {line['event']} at {at} by {client}, served {before[-1]}, held {held}"


def _holds(held: list[Revision], version: int) -> bool:
    """Whether an article came as far as this version, or was just read again for its outlet's lines."""
    again = len(held) > 1 and held[-1].page == held[-2].page
    return again or any(version <= (each.version or 0) for each in held)


def stale(tables: Tables, pages: Pages) -> Iterator[str]:
    """Articles that hold something else than what their page said last, or don't know that it is gone."""
    for url, page in pages.online.items():
        entry = tables.entries.get(url)
        if entry is None or entry.text is None or pages.fates[url].state != "stored":
            continue
        now = min(page.now, len(page.versions) - 1)
        last = pages.versions[url][now]
        said = last.is_text(entry.text) and last.author in {None, *(entry.authors or ())}
        if not said or entry.gone != page.gone:
            yield f"{url} must say version {now}, gone {page.gone}: {tables.revisions[url]}, {entry}"


def put_back(tables: Tables) -> Iterator[str]:
    """Articles that said an older version of their page after a newer one, or passed one over."""
    for url, revisions in tables.revisions.items():
        versions = [-1, *(each.version for each in revisions if each.version is not None)]
        steps = [later - earlier for earlier, later in pairwise(versions)]
        if steps[:1] not in ([], [1]) or not {0, 1}.issuperset(steps):
            yield f"{url}: {versions[1:]}"


def mistaken(tables: Tables, pages: Pages) -> Iterator[str]:
    """Changes of a page that are said to be of another kind than they are.

    One that was read as its outlet's line was learned may be more than the page's own change.
    """
    for url, kinds in pages.changes.items():
        for before, after in pairwise(tables.revisions[url]):
            if before.version is None or after.version != before.version + 1:
                continue
            if before.with_foot == after.with_foot and after.kind != kinds[before.version]:
                yield f"{url}: {kinds[before.version]} is said to be {after.kind}"


def unaccounted(
    tables: Tables, pages: Pages, record: Record, sites: Iterable[str]
) -> Iterator[str]:
    """URLs that were listed and are nowhere; that are held and nobody listed; or with a fate not chosen.

    What bad feeds link to at the outlets is nowhere, so that each such link must be skipped as not found.
    """
    shared = {fate.at for fate in pages.fates.values()}
    for url in sorted((record.all_listed() | pages.fates.keys()) - tables.entries.keys()):
        yield f"{url} was listed, and is not held"
    for url, entry in tables.entries.items():
        fate = pages.fates.get(url, Fate("skipped", "not_found"))
        if url not in pages.fates and not url.startswith(tuple(sites)):
            yield f"{url} is held, and no outlet's"
        elif fate.state == "stored":
            twice = shared & {url, fate.at}
            if entry.state != "stored" and not (twice and entry.state == "duplicate"):
                yield f"{url} is {entry.state}, {entry.reason}"
        elif not entry.ended(fate):
            yield f"{url} must be {fate}: {entry.state}, {entry.reason}, {entry.last_error}"


def misread(tables: Tables, record: Record) -> Iterator[str]:
    """Polls that read a bad feed otherwise than it must be read, or in another order than it was served."""
    for feed, served in record.all_fed().items():
        ahead = iter(served)
        for read_as in tables.polls.get(feed, ()):
            by_a_fault = read_as in _BY_THE_STORM
            if not by_a_fault and not any(read_as in meant for meant in ahead):
                yield f"{feed}: {read_as} is not what was served"
                break


def duplicated(database: str) -> int:
    """How many articles and entries there are beyond one for each URL."""
    return int(_number(database, _DUPLICATED))


def stuck(database: str) -> int:
    """Entries, feeds and articles that are pending or claimed."""
    return int(_number(database, _CLAIMED))


def reported(logs: Iterable[Path]) -> int:
    """How many URLs a service said are stored."""
    return len({line["url"] for log in logs for line in _lines(log) if line.get("event") in _READ})


def uncaught(logs: Iterable[Path]) -> int:
    """How often a service gave an item up because of an error that nobody had foreseen."""
    lines = (line for log in logs for line in _lines(log))
    return sum(line.get("event") == "an item was given up" for line in lines)


def rows_with_nul(database: str) -> int:
    """Rows of any table whose text holds a NUL."""
    with psycopg.connect(database) as connection:
        return sum(number(connection, _with_nul(table)) for table in _tables(connection))


def content(database: str) -> list[tuple[Any, ...]]:
    """What the archive says now: each article, its story's canonical one, its event.

    What an article said before it was learned which lines are its outlet's own depends on when it came.
    """
    with psycopg.connect(database) as connection:
        return connection.execute(_CONTENT.encode()).fetchall()


def fingerprint(database: str) -> dict[str, str]:
    """A hash of each table, but for those that record the polls themselves."""
    with psycopg.connect(database) as connection:
        return {table: number(connection, _hash(table)) for table in _tables(connection)}


def number(connection: "psycopg.Connection[Any]", query: str, *values: object) -> Any:
    """The one value that a query gives."""
    row = connection.execute(query.encode(), values or None).fetchone()
    return row[0] if row else None


def _number(database: str, query: str) -> Any:
    with psycopg.connect(database) as connection:
        return number(connection, query)


def _lines(log: Path) -> Iterator[dict[str, Any]]:
    """A log's lines; nothing where their writer was killed amid one."""
    for line in log.read_text().splitlines():
        with suppress(ValueError):
            found = json.loads(line)
            if isinstance(found, dict):
                yield found


def _tables(connection: "psycopg.Connection[Any]") -> Iterator[str]:
    rows = connection.execute(
        b"SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
    )
    return (name for (name,) in rows.fetchall() if name not in _OF_POLLS)


def _with_nul(table: str) -> str:
    return f"SELECT count(*) FROM {table} t WHERE position('\\x00'::bytea IN convert_to(t::text, 'UTF8')) > 0"


def _hash(table: str) -> str:
    return f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {table} t"
