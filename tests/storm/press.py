"""Outlets on loopback that publish copies of reports, which change, bad pages and bad feeds among them.

For each URL they choose what must become of it, and for each page what it says, and when.
"""

import random
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from types import TracebackType
from typing import Self

from tests.loopback import Answer
from tests.newsroom import feed, report
from tests.storm import strangers
from tests.storm.outlet import REST_S, Outlet, Page
from tests.storm.record import Fate, Record, Version

_FIRST_DAY = datetime(2026, 3, 1, tzinfo=UTC)
_BAD_FEEDS = tuple(f"/bad-{number}.xml" for number in range(2))
_SHUT = 20
"""Failures of the one robots.txt that fails: more than a link has tries, none of which they may cost."""

_LED_TO = 4
"""Reports whose number ends so have a moved link too."""

_OTHER = 100_000_000
"""Reports from here on are no article's: their lines stand in others', where a copy or a version differs."""

_LEARNED, _SEASON = 3, 6
"""Reports under which a line is learned, and those of an outlet that end with the same one."""

_AUTHORS = ("Vera Abel", "Vera Brand", "Vera Castle")
"""Of a page's versions: so that they differ even where no word of the text does."""

_CHANGES: Sequence[tuple[str, ...]] = (
    (), (), (), (), ("minor",), ("material",), ("boilerplate",), ("material", "minor"),
    ("gone",), ("minor", "gone"),
)  # fmt: skip
"""What becomes of pages: each has one of these in store."""

_LASTING = tuple(changes for changes in _CHANGES if "gone" not in changes)
"""Of a page with two links: one may be read when the other had all its visits."""

_FAILING = (
    Answer(429, {"Retry-After": str(REST_S)}),
    Answer(503),
    Answer(503, {"Retry-After": str(REST_S)}),
    Answer(429),
)
_BROKEN = {
    "server_error": Answer(500),
    "truncated": Answer(200, {"Content-Length": "9999", "Connection": "close"}, b"<p>cut off"),
}
_GOOD = ("parsed 0", "unchanged")
"""How an empty feed is read."""

_NOT_KEPT = {"X-Robots-Tag": "noarchive"}


@dataclass(frozen=True)
class Copy:
    """A report as one outlet has it: its lines, and which `version` of them; `foot` ends them."""

    number: int
    copy: int
    foot: str
    changes: tuple[str, ...]

    def version(self, number: int) -> Version:
        """What it says after so many of its changes."""
        lines = list(self._first())
        for change in range(number):
            self._change(lines, change)
        return Version(tuple(lines), _AUTHORS[number], foot=self.foot)

    def page(self, number: int) -> bytes:
        """The same as a page."""
        title, said = report(self.number)[0], self.version(number)
        at = _FIRST_DAY + timedelta(hours=self.number, minutes=20 * self.copy)
        paragraphs = "".join(f"<p>{line}</p>" for line in (*said.lines, self.foot))
        return (
            f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{title}</title>"
            f'<meta name=author content="{said.author}">'
            f'<meta property="article:published_time" content="{at.isoformat()}"></head>'
            f"<body><nav><a href=/>Home</a></nav><article><h1>{title}</h1>{paragraphs}</article>"
            "</body></html>"
        ).encode()

    def _first(self) -> Iterator[str]:
        """Twelve lines; copies differ in one."""
        lines = [*_lines(self.number), *_lines(self.number + _OTHER)]
        for index, line in enumerate(lines):
            differs = self.copy and index == (self.number + self.copy) % len(lines)
            yield _lines(self.number + (self.copy + 1) * _OTHER)[0] if differs else line

    def _change(self, lines: list[str], change: int) -> None:
        """Other words in the middle line: one, or half of them."""
        words = lines[5].split()
        others = _lines(self.number + (self.copy + 4) * _OTHER)[change].split()
        count = {"minor": 1, "material": len(words) // 2}.get(self.changes[change], 0)
        lines[5] = " ".join([*words[:2], *others[2 : 2 + count], *words[2 + count :]])


@dataclass
class Pages:
    """What was put online: by URL, what must become of it, what it says, how it changes, and the page."""

    fates: dict[str, Fate] = field(default_factory=dict)
    versions: dict[str, tuple[Version, ...]] = field(default_factory=dict)
    changes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    online: dict[str, Page] = field(default_factory=dict)


class Press:
    """So many outlets, each a host with feeds, and an agency whose feed lists what all of them publish.

    The last outlet's robots.txt can't be read at first. `slow_s` is how long each page takes.
    """

    def __init__(self, outlets: int, seed: int, record: Record, slow_s: float = 0) -> None:
        shut = Outlet(record, _SHUT, slow_s)
        self.outlets = [*(Outlet(record, 0, slow_s) for _ in range(outlets - 1)), shut]
        self._agency = Outlet(record)
        self._record = record
        self._chance = random.Random(seed)
        self._open = ExitStack()
        self._reports = [0] * outlets
        self.stories = 0
        self.pages = Pages()
        self.bad_pages: Counter[str] = Counter()
        self.bad_feeds: Counter[str] = Counter()
        """By kind, those that were asked for."""
        self._bad_pages, self._bad_feeds = strangers.pages(), strangers.feeds()
        self._failed: set[str] = set()
        """Feeds that were none, when they were last asked for."""
        self._turn = threading.Lock()
        self._calm = False

    def __enter__(self) -> Self:
        for outlet in (*self.outlets, self._agency):
            self._open.enter_context(outlet)
        for outlet in self.outlets:
            for path in _BAD_FEEDS:
                outlet.feeds[path] = partial(self._bad_feed, outlet, path)
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
        bad = [outlet.url(path) for outlet in self.outlets for path in _BAD_FEEDS]
        return [*self.good_feeds(), *bad]

    def good_feeds(self) -> list[str]:
        """The URLs of the feeds that list what was published."""
        return [outlet.url("/feed.xml") for outlet in (self._agency, *self.outlets)]

    def publish(self, stories: int) -> None:
        """Put so many reports online, each at one to three outlets; and links that give no article."""
        for _ in range(stories):
            chosen = self._chance.sample(self.outlets, self._chance.choice((1, 1, 2, 3)))
            self._publish(chosen)
            self._others(self.stories, chosen[0])

    def finish(self) -> None:
        """Publish what lets each last line be learned, and let all stay as it is."""
        for outlet, reports in zip(self.outlets, tuple(self._reports), strict=True):
            for _ in range(max(0, _LEARNED - reports % _SEASON) % _LEARNED):
                self._publish([outlet])
        self._calm = True
        for outlet in (*self.outlets, self._agency):
            outlet.calm = True

    @property
    def bad(self) -> int:
        """How many bad inputs there were."""
        return self.bad_pages.total() + self.bad_feeds.total()

    def spoil(self, pages: int) -> None:
        """Put so many bad pages online."""
        for _ in range(pages):
            number = self.bad_pages.total()
            bad = next(self._bad_pages)
            outlet = self.outlets[number % len(self.outlets)]
            self._put(outlet, f"/bad-{number}.html", Page((bad.make,)), bad.fate, bad.versions)
            self.bad_pages[bad.kind] += 1

    def _publish(self, chosen: Sequence[Outlet]) -> None:
        number = self.stories
        self.stories += 1
        for copy, outlet in enumerate(chosen):
            changes = self._chance.choice(_LASTING if number % 10 == _LED_TO else _CHANGES)
            told = Copy(number, copy, self._foot(outlet), changes)
            count = 1 + len(changes) - ("gone" in changes)
            makes = tuple(partial(told.page, version) for version in range(count))
            page = Page(makes, ends="gone" in changes)
            if number % 12 == copy:
                page.failing.append(_FAILING[number // 12 % len(_FAILING)])
            versions = tuple(told.version(version) for version in range(count))
            url = self._put(outlet, f"/{number}.html", page, Fate("stored"), versions)
            self.pages.changes[url] = changes

    def _others(self, after: int, outlet: Outlet) -> None:
        """Now and then a link that is gone, moved, hidden, not to be kept, or broken for good."""
        path = f"/{after % 10}-{after}.html"
        unstored = Page((partial(Copy(after, 0, "", ()).page, 0),))
        match after % 10:
            case 0:
                self._list(outlet, outlet.url(path), Fate("skipped", "not_found"))
            case 2:
                self._put(outlet, f"/private{path}", unstored, Fate("skipped", "robots"))
            case 4:
                unstored.headers |= _NOT_KEPT
                self._put(outlet, path, unstored, Fate("skipped", "opted_out"))
            case 5:  # the report before it is _LED_TO
                target = outlet.url(f"/{after - 1}.html")
                outlet.moved[path] = Answer(302, {"Location": target})
                self._list(outlet, outlet.url(path), Fate("stored", at=target))
            case 8:
                reason = self._chance.choice(list(_BROKEN))
                broken = Page(failing=[_BROKEN[reason]], broken=True)
                self._put(outlet, path, broken, Fate("quarantined", reason))

    def _put(
        self, outlet: Outlet, path: str, page: Page, fate: Fate, versions: Sequence[Version] = ()
    ) -> str:
        """Put a page online; gives its URL."""
        url = outlet.put(path, page)
        self.pages.online[url] = page
        self.pages.versions[url] = tuple(versions)
        self._list(outlet, url, fate)
        return url

    def _list(self, outlet: Outlet, url: str, fate: Fate) -> None:
        self.pages.fates[url] = fate
        outlet.links.append(url)
        self._agency.links.append(url)

    def _foot(self, outlet: Outlet) -> str:
        """The line that an outlet's reports of the present season end with."""
        index = self.outlets.index(outlet)
        season, self._reports[index] = self._reports[index] // _SEASON, self._reports[index] + 1
        words = " ".join(_lines(season + (index + 10) * _OTHER)[0].split()[1:4])
        return f"Readers of the {words} find more reports like this one on our pages."

    def _bad_feed(self, outlet: Outlet, path: str) -> bytes:
        """A bad feed; a good one after each that is none: one that failed twice is left alone for longer."""
        url = outlet.url(path)
        with self._turn:
            if self._calm or url in self._failed:
                self._failed.discard(url)
                self._record.fed(url, *_GOOD)
                return feed([])
            bad = next(self._bad_feeds)
            self.bad_feeds[bad.kind] += 1
            if not bad.read_as.startswith("parsed"):
                self._failed.add(url)
        self._record.fed(url, bad.read_as)
        return strangers.led_to(outlet.url(), bad.body)


def _lines(number: int) -> list[str]:
    return report(number)[1].split("\n\n")
