"""What sites say of themselves in a file at a known place, read once and kept for a while."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

T = TypeVar("T")

_SITES = 10_000

Read = Callable[[str], Awaitable[tuple[T, float]]]
"""Gives a site's word, and for how many seconds it holds."""


@dataclass(frozen=True, slots=True)
class _Kept(Generic[T]):
    word: T
    until: float


class Sites(Generic[T]):
    """The word of each site visited lately; `read` is asked for one that is not known."""

    def __init__(self, read: Read[T]) -> None:
        self._read = read
        self._kept: dict[str, _Kept[T]] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def word(self, url: str) -> T:
        """The word of a URL's site."""
        site = _site(url)
        lock = self._locks.setdefault(site, asyncio.Lock())
        async with lock:  # pages of one site wait for one look at its file
            clock = asyncio.get_running_loop().time
            known = self._kept.get(site)
            if known is None or known.until < clock():
                word, seconds = await self._read(site)
                known = _Kept(word, clock() + seconds)
                self._keep(site, known)
            return known.word

    def known(self, url: str) -> T | None:
        """The word of a URL's site as far as it was read."""
        kept = self._kept.get(_site(url))
        return kept.word if kept else None

    def _keep(self, site: str, word: _Kept[T]) -> None:
        self._kept.pop(site, None)
        self._kept[site] = word
        if len(self._kept) > _SITES:
            del self._kept[next(iter(self._kept))]


def _site(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
