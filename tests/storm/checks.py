"""What must hold: while the storm rages, by a reader's snapshots; after it, by the outside record."""

import json
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg

from tests.storm.press import Fate

_OFTEN_S = 0.1
_SHARE = 9
"""A look that took long is followed by so many times its length: the storm is not to be about looking."""

_BROKEN = """
SELECT (SELECT count(*) FROM story s WHERE NOT EXISTS (SELECT FROM article a WHERE a.story_id = s.id))
     + (SELECT count(*) FROM story s JOIN article a ON a.id = s.canonical_article_id WHERE a.story_id <> s.id)
     + (SELECT count(*) FROM event e WHERE NOT EXISTS (SELECT FROM story s WHERE s.event_id = e.id))
     + (SELECT count(*) FROM article a WHERE NOT EXISTS
            (SELECT FROM revision r WHERE r.article_id = a.id AND r.number = a.revision))
     + (SELECT count(*) FROM article a WHERE NOT EXISTS (SELECT FROM signature g WHERE g.article_id = a.id))
     + (SELECT count(*) FROM article a WHERE NOT EXISTS
            (SELECT FROM entry e WHERE e.id = a.entry_id AND e.state = 'stored' AND e.article_id = a.id))
"""
_TOLD_IN_TWO_WAYS = (
    "SELECT count(*) FROM article",
    "SELECT coalesce(sum(copies), 0) FROM canonical_story",
    "SELECT count(*) FROM story_copy",
)
_OLDEST_CLAIM = """
SELECT coalesce(max(extract(epoch FROM now() - until)), 0)::float8
FROM (SELECT claimed_until AS until FROM entry UNION ALL SELECT claimed_until FROM feed) claim
"""
_SETTLED = "SELECT count(*) FROM entry WHERE state <> 'pending' AND url LIKE '%.html'"
"""Of what the outlets published; what bad feeds link to is no page."""
_PENDING = "SELECT count(*) FROM entry WHERE state = 'pending'"

_DUPLICATED = """
SELECT (SELECT count(*) - count(DISTINCT url) FROM article)
     + (SELECT count(*) - count(DISTINCT url) FROM entry)
     + (SELECT count(*) - count(DISTINCT (article_id, body_sha256)) FROM revision)
"""
_FATES = """
SELECT e.url, e.state, (r.text <> '') IS TRUE
FROM entry e
LEFT JOIN article a ON a.id = e.article_id
LEFT JOIN revision r ON r.article_id = a.id AND r.number = a.revision
"""
_HELD_OF_CLAIMS = """
SELECT (SELECT count(*) FROM entry WHERE state = 'pending' OR claimed_until > now())
     + (SELECT count(*) FROM feed WHERE claimed_until > now())
"""
_CONTENT = """
SELECT a.url, r.title, r.text, r.published_at::text, c.url,
       (SELECT min(m.url) FROM article m JOIN story n ON n.id = m.story_id WHERE n.event_id = s.event_id)
FROM article a JOIN revision r ON r.article_id = a.id AND r.number = a.revision
JOIN story s ON s.id = a.story_id JOIN article c ON c.id = s.canonical_article_id ORDER BY a.url
"""
_OF_POLLS = ("feed", "feed_poll", "host")
"""Tables that each poll writes, whatever it brings."""


class Watch:
    """A reader that looks again and again, in snapshots, while the block runs."""

    def __init__(self, database: str) -> None:
        self._database = database
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.snapshots = 0
        self.broken = 0
        self.settled = 0
        self.pending = 0
        self.oldest_claim_s = 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(_OFTEN_S):
            with suppress(psycopg.OperationalError), psycopg.connect(self._database) as connection:
                connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                took = 0.0
                while not self._over.wait(max(_OFTEN_S, _SHARE * took)):
                    began = time.monotonic()
                    self._look(connection)
                    took = time.monotonic() - began

    def _look(self, connection: "psycopg.Connection[Any]") -> None:
        with connection.transaction():
            articles = {number(connection, query) for query in _TOLD_IN_TWO_WAYS}
            self.broken += bool(number(connection, _BROKEN)) or len(articles) > 1
            self.settled, self.pending = number(connection, _SETTLED), number(connection, _PENDING)
            self.oldest_claim_s = max(self.oldest_claim_s, number(connection, _OLDEST_CLAIM))
        self.snapshots += 1


def number(connection: "psycopg.Connection[Any]", query: str) -> Any:
    """The one value that a query gives."""
    row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def reported(logs: Iterable[Path]) -> set[str]:
    """The URLs whose article a service said is stored."""
    told = (json_of(line) for log in logs for line in log.read_text().splitlines())
    outcomes = {"ingest stored", "ingest revised", "ingest unchanged", "ingest duplicate"}
    return {line["url"] for line in told if line.get("event") in outcomes}


def uncaught(logs: Iterable[Path]) -> int:
    """How often a service gave an item up because of an error that nobody had foreseen."""
    told = (json_of(line) for log in logs for line in log.read_text().splitlines())
    return sum(line.get("event") == "an item was given up" for line in told)


def json_of(line: str) -> dict[str, Any]:
    """A log line; nothing where its writer was killed amid it."""
    with suppress(ValueError):
        found = json.loads(line)
        if isinstance(found, dict):
            return found
    return {}


def lost(database: str, fates: dict[str, Fate], told: set[str]) -> list[str]:
    """URLs that were published or reported stored, and have no article, nor the reason that is due."""
    with psycopg.connect(database) as connection:
        rows = {url: (state, whole) for url, state, whole in connection.execute(_FATES.encode())}
    return [
        url
        for url in sorted(fates.keys() | told)
        if not _as_due(*rows.get(url, ("missing", False)), fates.get(url, "held"))
    ]


def _as_due(state: str, whole: bool, fate: Fate) -> bool:
    held = state in {"stored", "duplicate"} and whole
    given = state in {"skipped", "quarantined"}
    return {"held": held, "skipped": state == "skipped", "settled": held or given}[fate]


def tallies(database: str) -> tuple[int, int, int, dict[str, int]]:
    """Duplicates; entries that are pending or claimed; all entries; and how many stand where."""
    with psycopg.connect(database) as connection:
        states = connection.execute(b"SELECT status, count(*) FROM url_fate GROUP BY 1").fetchall()
        return (
            number(connection, _DUPLICATED),
            number(connection, _HELD_OF_CLAIMS),
            number(connection, "SELECT count(*) FROM entry"),
            dict(states),
        )


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


def _tables(connection: "psycopg.Connection[Any]") -> Iterator[str]:
    rows = connection.execute(
        b"SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
    )
    return (name for (name,) in rows.fetchall() if name not in _OF_POLLS)


def _with_nul(table: str) -> str:
    return f"SELECT count(*) FROM {table} t WHERE position('\\x00'::bytea IN convert_to(t::text, 'UTF8')) > 0"


def _hash(table: str) -> str:
    return f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {table} t"
