"""Outlets on loopback that publish copies of reports, bad pages and bad feeds among them.

They are the record of what each URL must become.
"""

import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import cycle
from types import TracebackType
from typing import Literal, Self

from tests.loopback import Answer, Loopback, Raw, Write, made, send
from tests.newsroom import feed, report
from tests.storm import strangers

_FIRST_DAY = datetime(2026, 3, 1, tzinfo=UTC)
_RSS = {"Content-Type": "application/rss+xml"}
_HTML = {"Content-Type": "text/html; charset=utf-8"}
_AT_ONCE = 300
"""Links in a feed: the newest."""

_BAD_FEEDS = ("/bad-1.xml", "/bad-2.xml")

Fate = Literal["held", "skipped", "settled"]


class Press:
    """So many outlets, each a host with a feed; the first also lists what the others publish.

    Each has feeds besides that are bad ones each other time that they are asked for.
    """

    def __init__(self, outlets: int, seed: int) -> None:
        self._rooms = [Loopback() for _ in range(outlets)]
        self._listed: list[list[str]] = [[] for _ in range(outlets)]
        self._chance = random.Random(seed)
        self._open = ExitStack()
        self.stories = 0
        self.fates: dict[str, Fate] = {}
        """What must become of each URL: an article is held for it, a reason is, or either."""
        self.bad_pages: Counter[str] = Counter()
        self.bad_feeds: Counter[str] = Counter()
        """By kind, those that were asked for."""
        self.well = False
        """Whether bad feeds are good ones from now on."""
        self._pages, self._feeds = strangers.pages(), strangers.feeds()
        self._turn = threading.Lock()

    def __enter__(self) -> Self:
        for room, listed in zip(self._rooms, self._listed, strict=True):
            self._open.enter_context(room)
            for path in _BAD_FEEDS:
                room.routes[path] = partial(self._bad_feed, room.url(), cycle((True, False)))
            room.routes["/all.xml"] = made(partial(feed, listed))
        self._list()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._open.close()

    def feeds(self) -> list[str]:
        """The URLs of all feeds."""
        names = ("/feed.xml", *_BAD_FEEDS)
        return [
            self._rooms[0].url("/wire.xml"),
            *(room.url(name) for room in self._rooms for name in names),
        ]

    def archives(self) -> list[str]:
        """The URLs of feeds that list all that was ever published."""
        return [room.url("/all.xml") for room in self._rooms]

    def publish(self, stories: int) -> None:
        """Put so many reports online, each at one to three outlets; now and then a link that is none."""
        for _ in range(stories):
            number = self.stories
            self.stories += 1
            chosen = self._chance.sample(range(len(self._rooms)), self._chance.choice((1, 1, 2, 3)))
            for copy, outlet in enumerate(chosen):
                self._put(outlet, f"/{number}.html", Answer(200, _HTML, _page(number, copy)))
            if number % 10 == 0:
                self._put(chosen[0], f"/gone-{number}.html", Answer(404), "skipped")
            if number % 10 == 5:
                target = self._rooms[chosen[0]].url(f"/{number}.html")
                self._put(chosen[0], f"/moved-{number}.html", Answer(302, {"Location": target}))
        self._list()

    @property
    def bad(self) -> int:
        """How many bad inputs there were."""
        return self.bad_pages.total() + self.bad_feeds.total()

    def spoil(self, pages: int) -> None:
        """Put so many bad pages online."""
        for _ in range(pages):
            number = self.bad_pages.total()
            kind, make = next(self._pages)
            self._put(number % len(self._rooms), f"/bad-{number}.html", made(make), "settled")
            self.bad_pages[kind] += 1
        self._list()

    def _put(self, outlet: int, path: str, answer: Answer | Raw, fate: Fate = "held") -> None:
        room = self._rooms[outlet]
        room.routes[path] = answer
        self._listed[outlet].append(room.url(path))
        self.fates[room.url(path)] = fate

    def _list(self) -> None:
        for room, urls in zip(self._rooms, self._listed, strict=True):
            room.routes["/feed.xml"] = Answer(200, _RSS, feed(urls[-_AT_ONCE:]))
        newest = feed(list(self.fates)[-_AT_ONCE:])
        self._rooms[0].routes["/wire.xml"] = Answer(200, _RSS, newest)

    def _bad_feed(self, site: str, turns: Iterator[bool], write: Write) -> None:
        """A bad feed each other time: one that failed is left alone the longer, the more often it did."""
        body = feed([])
        with self._turn:
            if next(turns) and not self.well:
                kind, bad = next(self._feeds)
                self.bad_feeds[kind] += 1
                body = strangers.led_to(site, bad)
        send(write, body)


def _page(number: int, copy: int) -> bytes:
    """The report as one outlet has it: the copies of one differ in a line and an hour."""
    title, body = report(number)
    at = _FIRST_DAY + timedelta(hours=number, minutes=20 * copy)
    marked = f'<meta property="article:published_time" content="{at.isoformat()}">'
    paragraphs = "".join(f"<p>{line}</p>" for line in _lines(body, number, copy))
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{title}</title>{marked}</head>"
        f"<body><nav><a href=/>Home</a></nav><article><h1>{title}</h1>{paragraphs}</article></body></html>"
    ).encode()


def _lines(body: str, number: int, copy: int) -> Iterator[str]:
    lines = body.split("\n\n")
    for index, line in enumerate(lines):
        if copy and index == (number + copy) % len(lines):
            yield report(number + 1_000_000 * copy)[1].split("\n\n")[0]
        else:
            yield line
