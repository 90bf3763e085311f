"""Politeness: one request at a time for a host, and a pause between two."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Protocol, TypeVar
from weakref import WeakValueDictionary

T = TypeVar("T")

_PATIENCE_S = 60  # the longest pauses are shorter; a host that rests for longer is not waited for
_THREADS = 2  # a turn takes a millisecond; more would only ask the archive for more connections
_LOOK_AGAIN_S = 0.25  # a turn that is under way may be given back before its lease ends


class Turns(Protocol):
    """Whose turn it is with a host, among all processes that share an archive."""

    def take(self, host: str, lease_s: float) -> int | timedelta:
        """The number of the turn, or how long the host is not free yet."""

    def give(
        self, host: str, turn: int, pause_s: float, delay_s: float | None, rest_s: float
    ) -> None:
        """Give a turn back: the host is left alone for a pause, or for its own delay if longer.

        `rest_s`: above 0 where the host is asked too much; each time in a row it rests for twice as long.
        """


class Turn:
    """A turn under way: its holder sets the pause after it, the host's own delay where known, its rest."""

    def __init__(self, pause_s: float) -> None:
        self.pause_s = pause_s
        self.delay_s: float | None = None
        self.rest_s = 0.0


class Hosts:
    """The hosts as one event loop asks them: who waits for one here waits in line.

    `wire` bounds the turns under way at one time; a turn ends by itself after `lease_s`, so that
    no request may take as long.
    """

    def __init__(
        self, turns: Turns, wire: asyncio.Semaphore, lease_s: float, pause_s: float
    ) -> None:
        self._turns = turns
        self._wire = wire
        self._lease_s = lease_s
        self._pause_s = pause_s
        self._threads = ThreadPoolExecutor(_THREADS, "turns")
        self._lines: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def in_turn(self, host: str, ask: Callable[[Turn], Awaitable[T]]) -> T | timedelta:
        """What `ask` gives in the host's turn; or how long the host rests, where that is long."""
        line = self._lines.setdefault(host, asyncio.Lock())
        clock = asyncio.get_running_loop().time
        async with line:
            until = clock() + _PATIENCE_S
            while True:
                async with self._wire:
                    taken = await self._taken(host)
                    if not isinstance(taken, timedelta):
                        return await self._asked(host, taken, ask)
                if clock() + taken.total_seconds() > until:
                    return taken
                await asyncio.sleep(min(taken.total_seconds(), _LOOK_AGAIN_S))

    async def _taken(self, host: str) -> int | timedelta:
        """A turn, or the wait for it; one that comes after its asker was cancelled is given back."""
        taking = asyncio.ensure_future(self._aside(self._turns.take, host, self._lease_s))
        try:
            return await asyncio.shield(taking)
        except asyncio.CancelledError:
            taken = await taking
            if not isinstance(taken, timedelta):
                await self._give(host, taken, Turn(self._pause_s))
            raise

    async def _asked(self, host: str, number: int, ask: Callable[[Turn], Awaitable[T]]) -> T:
        turn = Turn(self._pause_s)
        try:
            return await ask(turn)
        finally:
            await self._give(host, number, turn)

    async def _give(self, host: str, number: int, turn: Turn) -> None:
        pause_s = max(turn.pause_s, self._pause_s)
        give = partial(self._turns.give, host, number, pause_s, turn.delay_s, turn.rest_s)
        await self._aside(give)

    def close(self) -> None:
        """Ends the threads that take turns."""
        self._threads.shutdown()

    def _aside(self, function: Callable[..., T], *arguments: object) -> Awaitable[T]:
        return asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)
