"""What sites say of themselves in a file at a known place, read once and kept for a while."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

T = TypeVar("T")

_ROOM = 16_000_000
"""Bytes for all sites' words: ten thousand sites that say as much as most do, or 30 that say the most."""

_ENTRY = 1000
"""Bytes that a site takes beside its word, measured with hosts of 60 characters: 690."""


@dataclass(frozen=True, slots=True)
class Said(Generic[T]):
    """A site's word, for how many seconds it holds, and how many bytes it takes."""

    word: T
    holds_s: float
    size: int = 0


Read = Callable[[str, Said[T] | None], Awaitable[Said[T]]]
"""Asks a site for its word; handed the last one, where that is still known."""


@dataclass(frozen=True, slots=True)
class _Kept(Generic[T]):
    said: Said[T]
    until: float


class Sites(Generic[T]):
    """The word of each site visited lately; `read` is asked for one that is not known."""

    def __init__(self, read: Read[T]) -> None:
        self._read = read
        self._kept: dict[str, _Kept[T]] = {}
        self._taken = 0
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def word(self, url: str) -> T:
        """The word of a URL's site."""
        site = _site(url)
        lock = self._locks.setdefault(site, asyncio.Lock())
        async with lock:  # pages of one site wait for one look at its file
            clock = asyncio.get_running_loop().time
            known = self._forget(site)
            if known is None or known.until < clock():
                said = await self._read(site, known.said if known else None)
                known = _Kept(said, clock() + said.holds_s)
            self._keep(site, known)
            return known.said.word

    def known(self, url: str) -> T | None:
        """The word of a URL's site as far as it was read."""
        kept = self._kept.get(_site(url))
        return kept.said.word if kept else None

    def _keep(self, site: str, word: _Kept[T]) -> None:
        """Keeps a word as the one asked for last, and forgets those that nobody asked for the longest."""
        self._kept[site] = word
        self._taken += word.said.size + _ENTRY
        while self._taken > _ROOM:
            self._forget(next(iter(self._kept)))

    def _forget(self, site: str) -> _Kept[T] | None:
        known = self._kept.pop(site, None)
        if known:
            self._taken -= known.said.size + _ENTRY
        return known


def _site(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
