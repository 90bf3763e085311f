"""Whose turn it is with a host: one request at a time, and a pause after it, over all processes."""

from dataclasses import dataclass
from datetime import timedelta

from ingester.store.archive import Archive

PATIENCE_S = 45
"""Seconds to a host's next turn for which an item is claimed at all; then the fetcher waits for it."""

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
        rows = self.archive.rows("take_turn", host=host, lease_s=lease_s)
        if not rows:
            return _MET
        return int(rows[0].turn) if rows[0].turn else timedelta(seconds=rows[0].wait_s)

    def give(self, host: str, turn: int, pause_s: float, delay_s: float | None) -> None:
        """Give a turn back; the host is then left alone for `pause_s`, or for its own delay if longer.

        `delay_s` is what its robots.txt asks for, None where that was not read.
        """
        self.archive.rows("give_turn", host=host, turn=turn, pause_s=pause_s, delay_s=delay_s)
