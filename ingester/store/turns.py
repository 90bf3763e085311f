"""Whose turn it is with a host: one request at a time, and a pause after it, over all processes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ingester.store.archive import Archive, sql

PATIENCE_S = (0, 2, 45)
"""Seconds to a host's next turn for which an item is claimed, for the fetcher to wait: the later ones only
where no host is sooner free, because a thread that waits for a slow host is lost to the quick ones."""

_MET = timedelta(milliseconds=50)
"""To the next look where two processes met at a host that nobody had asked before."""


@dataclass(frozen=True, slots=True)
class Turns:
    """The turns with all hosts, kept in the archive. Thread safe."""

    archive: Archive

    def take(self, host: str, lease_s: float) -> int | timedelta:
        """The number of the turn, or how long the host is not free yet.

        A turn that is not given back ends by itself after `lease_s`.
        """
        row = self._row("take_turn", host=host, lease_s=lease_s)
        if row is None:
            return _MET
        turn, wait_s = row
        return int(turn) if turn else timedelta(seconds=wait_s)

    def give(
        self, host: str, turn: int, pause_s: float, delay_s: float | None, rest_s: float
    ) -> None:
        """Give a turn back; the host is then left alone for `pause_s`, or for its own delay if longer.

        `delay_s` is what its robots.txt asks for, None where that was not read. `rest_s`: above 0 where
        it is asked too much and doesn't say for how long to leave it alone; doubled each time in a row.
        """
        longest_s = self.archive.settings.fetch.longest_rest_s
        self._row("give_turn", host=host, turn=turn, pause_s=float(pause_s), delay_s=delay_s,
                  rest_s=float(rest_s), longest_s=float(longest_s))  # fmt: skip

    def _row(self, name: str, **values: Any) -> Sequence[Any] | None:
        """The first row of a named query, by the driver alone: half the time, twice a request.

        Where the driver fails the archive asks again, and tells.
        """
        try:
            return self._driven(name, values)
        except (psycopg.Error, PoolTimeout):
            rows = self.archive.rows(name, **values)
            return rows[0] if rows else None

    def _driven(self, name: str, values: Mapping[str, Any]) -> Sequence[Any] | None:
        connection = self.archive.engine.raw_connection()
        driver: Any = connection.driver_connection  # psycopg's own, which SQLAlchemy does not type
        try:
            driver.autocommit = True
            cursor = driver.execute(sql(name), values)
            row: Sequence[Any] | None = cursor.fetchone() if cursor.description else None
            driver.autocommit = False
        except psycopg.Error:
            connection.invalidate()
            raise
        finally:
            connection.close()
        return row
