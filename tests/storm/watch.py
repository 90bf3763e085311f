"""A reader that looks at the archive again and again while the storm rages, in snapshots of the whole."""

import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import psycopg

from tests.storm.checks import number

_OFTEN_S = 0.1
_SHARE = 5
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
_DUE = """
SELECT (SELECT count(*) FROM entry WHERE state = 'pending' OR claimed_until IS NOT NULL)
     + (SELECT count(*) FROM entry WHERE state = 'stored' AND visits < %s)
     + (SELECT count(*) FROM reread)
"""


class Watch:
    """A reader that looks again and again, in snapshots, while the block runs."""

    def __init__(self, database: str, visits: int) -> None:
        self._database = database
        self._visits = visits
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.snapshots = 0
        self.broken = 0
        self.settled = 0
        self.due = 0
        """What the services have still to do, visits and rereads included."""
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
            self.settled = number(connection, _SETTLED)
            self.due = number(connection, _DUE, self._visits)
            self.oldest_claim_s = max(self.oldest_claim_s, number(connection, _OLDEST_CLAIM))
        self.snapshots += 1
