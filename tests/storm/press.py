"""Outlets on loopback that publish copies of reports, and the record of what each URL must become."""

import random
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Literal, Self

from tests.loopback import Answer, Loopback
from tests.newsroom import feed, report

_FIRST_DAY = datetime(2026, 3, 1, tzinfo=UTC)
_RSS = {"Content-Type": "application/rss+xml"}
_HTML = {"Content-Type": "text/html; charset=utf-8"}
_AT_ONCE = 300
"""Links in the feed that lists every outlet's: the newest."""

Fate = Literal["held", "skipped"]


class Press:
    """So many outlets, each a host with a feed; the first also lists what the others publish."""

    def __init__(self, outlets: int, seed: int) -> None:
        self._rooms = [Loopback() for _ in range(outlets)]
        self._listed: list[list[str]] = [[] for _ in range(outlets)]
        self._chance = random.Random(seed)
        self._open = ExitStack()
        self.stories = 0
        self.fates: dict[str, Fate] = {}
        """What must become of each URL: an article is held for it, or a reason is."""

    def __enter__(self) -> Self:
        for room in self._rooms:
            self._open.enter_context(room)
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
        return [self._rooms[0].url("/wire.xml"), *(room.url("/feed.xml") for room in self._rooms)]

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

    def _put(self, outlet: int, path: str, answer: Answer, fate: Fate = "held") -> None:
        room = self._rooms[outlet]
        room.routes[path] = answer
        self._listed[outlet].append(room.url(path))
        self.fates[room.url(path)] = fate

    def _list(self) -> None:
        for room, urls in zip(self._rooms, self._listed, strict=True):
            room.routes["/feed.xml"] = Answer(200, _RSS, feed(urls))
        newest = feed(list(self.fates)[-_AT_ONCE:])
        self._rooms[0].routes["/wire.xml"] = Answer(200, _RSS, newest)


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
