"""Bad input without end: every kind of hostile page and feed, and naughty strings in both, in turn.

What takes a reader more than a third of a second is left out, for a lease lasts two seconds here:
`make bench-poison` reads it. So are feeds that name hosts, for nobody but loopback shall be asked.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from itertools import count, cycle

from tests import hostile_feeds
from tests.hostile_pages import KINDS, Make
from tests.naughty import NAUGHTY, feed_with, page_with

_FIRST = 10_000_000
"""The number of the first bad page's honest report: none is a copy of what the outlets publish."""

_LONG_PAGES = {
    "49,000 paragraphs", "hidden text", "entities", "a word of a megabyte", "a line of words",
    "49,000 links", "false charset", "long author", "the same paragraph", "noise",
    "noise that says it is a page", "doctype bomb",
}  # fmt: skip
_LONG_STRINGS = {"a megabyte"}
_LONG_FEEDS = {
    "a bomb of 50 MB in 50 KB", "20,000 attributes", "100000 levels of xml:base",
    "100000 levels of items", "100000 levels left open", "100000 levels in a title", "100,000 items",
    "100,000 further pages", "100,000 empty items", "an index of 50,000 sitemaps",
    "100,000 links in one item",
}  # fmt: skip
_SITES = re.compile(rb"https://(?:a|odd)\.example/")
_NAMED = ("linked to ", "in UTF-", "NULs between", "declared as")


def pages() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Kinds of bad pages, each with what makes the page."""
    kinds = {name: make for name, make in _page_kinds().items() if name not in _LONG_PAGES}
    for number, (name, make) in zip(count(_FIRST), cycle(kinds.items()), strict=False):
        yield name, partial(make, number)


def _page_kinds() -> Mapping[str, Make]:
    odd = {f"{name} in a page": partial(_odd_page, text)
           for name, text in NAUGHTY.items() if name not in _LONG_STRINGS}  # fmt: skip
    return {**KINDS, **odd}


def _odd_page(odd: str, number: int) -> bytes:
    return page_with(odd, number).body


def feeds() -> Iterator[tuple[str, bytes]]:
    """Kinds of bad feeds."""
    return cycle(_feed_kinds())


def led_to(site: str, body: bytes) -> bytes:
    """The feed with its links to this site."""
    return _SITES.sub(site.encode(), body)


@cache
def _feed_kinds() -> list[tuple[str, bytes]]:
    hostile = [(name, body) for name, body in hostile_feeds.feeds()
               if name not in _LONG_FEEDS and not name.startswith(_NAMED)]  # fmt: skip
    odd = [(f"{name} in a feed", body) for name, text in NAUGHTY.items()
           if name not in _LONG_STRINGS for body in feed_with(text)]  # fmt: skip
    return hostile + odd
