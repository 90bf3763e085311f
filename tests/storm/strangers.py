"""Bad input without end: every kind of hostile page and feed, and naughty strings in both, in turn.

What takes a reader more than a third of a second is left out, for a lease lasts two seconds here:
`make bench-poison` reads it. So are feeds that name hosts, for nobody but loopback shall be asked.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from itertools import count, cycle
from pathlib import Path

from tests import hostile_feeds
from tests.hostile_pages import KINDS, Make
from tests.naughty import NAUGHTY, feed_with, page_with
from tests.newsroom import report
from tests.storm.record import Fate, Version

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


_FATES = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
"""By kind, what must become of a page: "stored", "stored in part" or why it is none; and how a feed must be
read: "parsed" with so many items, or why it is none."""


@dataclass(frozen=True)
class BadPage:
    """A page, and what must become of it."""

    kind: str
    make: Callable[[], bytes]
    fate: Fate
    versions: tuple[Version, ...]


@dataclass(frozen=True)
class BadFeed:
    """A feed, and how it must be read."""

    kind: str
    body: bytes
    read_as: str


def pages() -> Iterator[BadPage]:
    """Bad pages without end."""
    kinds = {name: make for name, make in _page_kinds().items() if name not in _LONG_PAGES}
    for number, (name, make) in zip(count(_FIRST), cycle(kinds.items()), strict=False):
        fate: str = _FATES["pages"][name]
        if fate.startswith("stored"):
            lines = tuple(report(number)[1].split("\n\n"))
            said = Version(lines, holds="part" if fate.endswith("part") else "with")
            yield BadPage(name, partial(make, number), Fate("stored"), (said,))
        else:
            yield BadPage(name, partial(make, number), Fate("skipped", fate), ())


def feeds() -> Iterator[BadFeed]:
    """Bad feeds without end."""
    yield from cycle([BadFeed(name, body, _FATES["feeds"][name]) for name, body in _feed_kinds()])


def led_to(site: str, body: bytes) -> bytes:
    """The feed with its links to this site."""
    return _SITES.sub(site.encode(), body)


def _page_kinds() -> Mapping[str, Make]:
    odd = {f"{name} in a page": partial(_odd_page, text)
           for name, text in NAUGHTY.items() if name not in _LONG_STRINGS}  # fmt: skip
    return {**KINDS, **odd}


def _odd_page(odd: str, number: int) -> bytes:
    return page_with(odd, number).body


@cache
def _feed_kinds() -> list[tuple[str, bytes]]:
    """Each body once: the same one again would be unchanged."""
    hostile = [(name, body) for name, body in hostile_feeds.feeds()
               if name not in _LONG_FEEDS and not name.startswith(_NAMED)]  # fmt: skip
    odd = [(f"{name} in a feed, {number}", body) for name, text in NAUGHTY.items()
           if name not in _LONG_STRINGS for number, body in enumerate(feed_with(text))]  # fmt: skip
    return [(name, body) for body, name in {body: name for name, body in hostile + odd}.items()]
