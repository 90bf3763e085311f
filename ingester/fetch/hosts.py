"""Politeness: one request at a time for a host, a pause between two, and none while it asks for rest."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from weakref import WeakValueDictionary


class Hosts:
    """The turns of all hosts, for one event loop.

    A host's lock lives as long as somebody holds it or waits for it, so nothing has to be
    swept; `rest` is kept by as many hosts as are resting.
    """

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._rests: dict[str, float] = {}

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator["Turn"]:
        """Waits for the host's turn; it ends `delay_s` of the turn after the block does."""
        lock = self._locks.setdefault(host, asyncio.Lock())
        await lock.acquire()
        turn = Turn(self.rest(host))
        try:
            yield turn
        finally:
            asyncio.get_running_loop().call_later(turn.delay_s, lock.release)

    def rest(self, host: str) -> timedelta | None:
        """How long the host still asked to be left alone."""
        left = self._rests.get(host, 0) - asyncio.get_running_loop().time()
        return timedelta(seconds=left) if left > 0 else None

    def let_rest(self, host: str, wait: timedelta) -> None:
        """Leaves the host alone for so long."""
        loop = asyncio.get_running_loop()
        until = self._rests[host] = max(
            self._rests.get(host, 0), loop.time() + wait.total_seconds()
        )
        loop.call_at(until, self._wake, host)

    def _wake(self, host: str) -> None:
        if self.rest(host) is None:
            self._rests.pop(host, None)


class Turn:
    """A host's turn: `rest` is set where the host asked to be left alone, `delay_s` by its holder."""

    def __init__(self, rest: timedelta | None) -> None:
        self.rest = rest
        self.delay_s = 0.0
