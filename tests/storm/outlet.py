"""One outlet on loopback: its robots.txt, its feeds, its pages, which change; and how it is treated."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.loopback import Answer, Asked, Loopback
from tests.newsroom import feed
from tests.storm.record import Record

DELAY_S = 0.05
"""The pause that a host is owed after each answer."""

REST_S = 1
"""For which an outlet wants to be left alone that says 429 or 503, be it by a Retry-After or not."""

_CLOCKS_S = 0.002
"""Postgres's clock and this one may differ by so much."""

_HIDDEN = "/private/"
_ROBOTS = f"User-agent: *\nDisallow: {_HIDDEN}\n".encode()
_RSS = {"Content-Type": "application/rss+xml"}
_HTML = {"Content-Type": "text/html; charset=utf-8"}
_AT_ONCE = 300
"""Links in a feed: the newest."""

_BUSY = {429, 503}
_REFUSED = Answer(500)


class Manners:
    """How an outlet is treated: requests before the last was answered, and before its pause was over.

    Who hung up before the answer is not waited for.
    """

    def __init__(self) -> None:
        self.overlaps = 0
        self.early = 0
        self._answering: list[Asked] = []
        self._free_at = 0.0
        self._lock = threading.Lock()

    @contextmanager
    def watched(self, asked: Asked) -> Iterator[None]:
        """One request, until its answer is about to be sent."""
        with self._lock:
            self.overlaps += not all(other.hung_up() for other in self._answering)
            self.early += time.monotonic() < self._free_at - _CLOCKS_S
            self._answering.append(asked)
        try:
            yield
        finally:
            with self._lock:
                self._answering.remove(asked)
                if not asked.hung_up():
                    self._free_at = max(self._free_at, time.monotonic() + DELAY_S)

    def rest(self) -> None:
        """From now on the outlet is to be left alone for the time that it asks for."""
        with self._lock:
            self._free_at = time.monotonic() + REST_S


@dataclass
class Page:
    """A page in its versions. It goes on to the next one when a reader proves to hold the present one.

    So whoever loses one is given it again, and each reader sees all of them, in order. After the last one
    the page is gone if `ends`. `failing` answers stand before any other, and the last of them for ever
    if `broken`.
    """

    versions: tuple[Callable[[], bytes], ...] = ()
    ends: bool = False
    failing: list[Answer] = field(default_factory=list)
    broken: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    now: int = 0
    asked: int = 0

    @property
    def gone(self) -> bool:
        return self.now == len(self.versions)

    def turn(self, held: str | None) -> bool:
        """Go on, if the reader holds what the page says; gives whether it then says what the reader holds."""
        if held != self.mark or self.gone:
            return False
        if self.now + 1 < len(self.versions) + self.ends:
            self.now += 1
            return False
        return True

    @property
    def mark(self) -> str:
        return f'"{self.now}"'


class Outlet(Loopback):
    """The outlet, while the `with` block runs; `shut`: its robots.txt fails the first so many times."""

    def __init__(self, record: Record, shut: int = 0, slow_s: float = 0) -> None:
        super().__init__()
        self.pages: dict[str, Page] = {}
        self.moved: dict[str, Answer] = {}
        self.feeds: dict[str, Callable[[], bytes]] = {}
        """Further feeds, besides /feed.xml."""
        self.links: list[str] = []
        """What /feed.xml lists, the newest last."""
        self.manners = Manners()
        self.calm = False
        """Whether pages stay as they are, and feeds list everything."""
        self._record = record
        self._shut = shut
        self._slow_s = slow_s
        self._told = 0
        self._turn = threading.Lock()

    def put(self, path: str, page: Page) -> str:
        """Put a page online; gives its URL."""
        self.pages[path] = page
        return self.url(path)

    def revive(self) -> None:
        """Put online again what is gone, in its last version."""
        for page in self.pages.values():
            page.now = min(page.now, max(len(page.versions) - 1, 0))

    def trespasses(self) -> int:
        """How often somebody asked for what robots.txt disallows."""
        return sum(page.asked for path, page in self.pages.items() if path.startswith(_HIDDEN))

    def reply(self, asked: Asked) -> Answer:
        with self.manners.watched(asked):
            made = self._made(asked)
            if made.status in _BUSY:
                self.manners.rest()
            return made

    def _made(self, asked: Asked) -> Answer:
        if asked.path in self.pages:
            time.sleep(self._slow_s)
            with self._turn:
                return self._page(asked, self.pages[asked.path])
        if asked.path == "/robots.txt":
            return self._robots()
        if asked.path == "/feed.xml":
            return self._feed()
        if asked.path in self.feeds:
            return Answer(200, _RSS, self.feeds[asked.path]())
        return self.moved.get(asked.path, Answer(404))

    def _page(self, asked: Asked, page: Page) -> Answer:
        page.asked += 1
        if page.failing:
            return page.failing[0] if page.broken else page.failing.pop(0)
        held = asked.headers.get("if-none-match")
        same = page.turn(held) if not self.calm else held == page.mark and not page.gone
        if page.gone:
            return Answer(404)
        client = asked.headers["user-agent"].partition("/")[0]
        self._record.served(self.url(asked.path), page.now, client)
        headers = {**_HTML, "ETag": page.mark, **page.headers}
        return Answer(304, headers) if same else Answer(200, headers, page.versions[page.now]())

    def _feed(self) -> Answer:
        links = list(self.links)
        self._record.listed(self.url("/feed.xml"), links[self._told :])
        self._told = len(links)
        return Answer(200, _RSS, feed(links if self.calm else links[-_AT_ONCE:]))

    def _robots(self) -> Answer:
        if self._shut > 0:
            self._shut -= 1
            return _REFUSED
        return Answer(200, {"Content-Type": "text/plain"}, _ROBOTS)
