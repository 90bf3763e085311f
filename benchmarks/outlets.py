"""Outlets on loopback for a load: feeds and pages made by seeded dice, and what each host was asked.

Each outlet is a host of its own, 127.10.x.y, with feeds that list its pages, each page in two of
them. Pages have the size of real ones (medians of 237: 171 kB, 1,700 tags, 140 links) around texts
that are retold real ones; some stories stand at several outlets, each a little edited.
"""

import asyncio
import json
import multiprocessing as mp
import random
import socket
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from multiprocessing.connection import Connection

import xxhash
from aiohttp import web

from benchmarks.made import DATA, LEAST, WORDS, edited, retold

_FIRST_DAY = datetime(2026, 3, 1, tzinfo=UTC)
_GONE_EVERY = 50
"""Of so many links of an outlet, one is dead."""

Spans = dict[str, list[tuple[float, float, str]]]
"""By host: when each request came and was answered, and its path."""


@dataclass(frozen=True)
class Size:
    """So many feeds on so many hosts, with so many pages in all."""

    feeds: int
    hosts: int
    pages: int
    seed: int = 1


@dataclass(frozen=True)
class Story:
    """Which story an outlet's page tells, and which of its copies it is."""

    happening: int
    copy: int


class Press:
    """What all outlets publish, by host and path; the same for the same size."""

    def __init__(self, size: Size, port: int) -> None:
        self._seed = size.seed
        self.hosts = [f"127.10.{n // 250}.{n % 250 + 1}:{port}" for n in range(size.hosts)]
        self.pages: dict[str, dict[str, Story]] = {host: {} for host in self.hosts}
        self.links: dict[str, list[str]] = {host: [] for host in self.hosts}
        """By host, dead ones too."""
        self.feeds = [f"http://{self.hosts[n % size.hosts]}/feed/{n // size.hosts}"
                      for n in range(size.feeds)]  # fmt: skip
        self._of_host = max(size.feeds // size.hosts, 1)
        self._publish(size.pages)

    def _publish(self, count: int) -> None:
        dice = _dice(self._seed)
        made = happening = 0
        while made < count:
            copies = min(dice.choice([1, 1, 1, 2, 3, 4]), count - made, len(self.hosts))
            for copy, host in enumerate(dice.sample(self.hosts, copies)):
                self._put(host, made, Story(happening, copy))
                made += 1
            happening += 1

    def _put(self, host: str, number: int, story: Story) -> None:
        self.pages[host][f"/{number}.html"] = story
        self.links[host].append(f"/{number}.html")
        if len(self.links[host]) % _GONE_EVERY == 0:
            self.links[host].append(f"/gone-{number}.html")

    def feed(self, host: str, number: int) -> bytes:
        """One of a host's feeds: its share of the links, and the share of the feed before it."""
        shares = {number % self._of_host, (number - 1) % self._of_host}
        listed = [path for n, path in enumerate(self.links[host]) if n % self._of_host in shares]
        items = "".join(f"<item><title>Item</title><link>http://{host}{path}</link></item>"
                        for path in listed)  # fmt: skip
        return f'<rss version="2.0"><channel><title>{host}</title>{items}</channel></rss>'.encode()

    def page(self, host: str, path: str) -> bytes | None:
        """A page, or None where there is none."""
        story = self.pages[host].get(path)
        if story is None:
            return None
        base = _dice(f"{self._seed} {story.happening}").choice(_bases())
        told = retold(base, self._seed * 1_000_000 + story.happening)
        body = edited(told, _dice(f"{host} {path}")) if story.copy else told
        at = _FIRST_DAY + timedelta(minutes=10 * story.happening + 3 * story.copy)
        return markup(host, body, at)


def markup(host: str, body: str, at: datetime) -> bytes:
    """A page of usual size around a text, with the furniture of its host."""
    words = body.split()
    title = " ".join(words[:9])
    lines = [" ".join(words[start : start + 60]) for start in range(0, len(words), 60)]
    text = "".join(f'<p class="body-text">{line}</p>' for line in lines)
    before, after = _furniture(host)
    marks = f'<meta property="article:published_time" content="{at.isoformat()}">'
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{title}</title>{marks}"
        f"{before}<main><article><h1>{title}</h1>{text}</article></main>{after}"
    ).encode()


@cache
def _furniture(host: str) -> tuple[str, str]:
    """What stands around each article of an outlet: scripts, menus, teasers of others."""
    dice = _dice(host)

    def link(words: int) -> str:
        path = dice.randrange(10**9)
        return f'<a class="link link--plain" href="/topic/{path}">{_words(dice, words)}</a>'

    menu = "".join(f'<li class="nav__item">{link(2)}</li>' for _ in range(60))
    teasers = "".join(
        f'<div class="teaser"><div class="teaser__inner"><span class="teaser__image"><img src="/{n}.jpg" '
        f'alt="" width="320" height="180" loading="lazy" srcset="{_sizes(n)}"></span>'
        f'<h3 class="teaser__title">{link(9)}</h3>'
        f'<div class="teaser__meta"><span>{n} min</span></div></div></div>'
        for n in range(50)
    )
    bottom = "".join(f'<li class="footer__item">{link(2)}</li>' for _ in range(30))
    rows = "".join(
        '<div class="grid__row"><span class="grid__cell"></span></div>' for _ in range(140)
    )
    state = json.dumps({f"key{n}": _words(dice, 8) for n in range(400)})
    return (
        f"<script>window.state = {state}</script></head><body><header><nav><ul>{menu}</ul></nav></header>",
        f'<aside class="related">{teasers}</aside>{rows}<footer><ul>{bottom}</ul></footer></body></html>',
    )


def _dice(seed: int | str) -> random.Random:
    return random.Random(seed)  # noqa: S311 - what is made up guards nothing


def _sizes(number: int) -> str:
    widths = (160, 320, 480, 640, 800, 960, 1280, 1600)
    return ", ".join(f"https://images.outlet.example/{number}/{width}/quality-75/format-webp/crop-16-9/focus-center/"
                     f"sharpen-1/photo-of-the-day-{number}.jpg {width}w"
                     for width in widths)  # fmt: skip


def _words(dice: random.Random, count: int) -> str:
    return " ".join(dice.choices(WORDS, k=count))


@cache
def _bases() -> Sequence[str]:
    with DATA.open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    return [text[:3000] for text in texts if len(text.split()) > 2 * LEAST]


@contextmanager
def serving(size: Size) -> Iterator["Server"]:
    """The outlets in a process of their own, while the block runs."""
    with _free_port() as port:
        pass
    here, there = mp.Pipe()
    process = mp.get_context("forkserver").Process(target=_serve, args=(size, port, there))
    process.start()
    there.close()  # so that the end of a server that failed is seen here
    try:
        assert here.recv() == "ready"
        yield Server(Press(size, port), here, process.pid or 0)
    finally:
        process.terminate()
        process.join()


@contextmanager
def _free_port() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield int(probe.getsockname()[1])


@dataclass(frozen=True)
class Server:
    """The outlets' server, from outside."""

    press: Press
    _line: Connection
    pid: int

    def asked(self) -> Spans:
        """What was asked since this was called last."""
        self._line.send("asked")
        spans: Spans = self._line.recv()
        return spans


def _serve(size: Size, port: int, line: Connection) -> None:
    asyncio.run(_Outlets(Press(size, port), line).run())


class _Outlets:
    """The server itself."""

    def __init__(self, press: Press, line: Connection) -> None:
        self._press = press
        self._line = line
        self._spans: Spans = defaultdict(list)
        self._over = asyncio.Event()

    async def run(self) -> None:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        for host in self._press.hosts:
            address, port = host.split(":")
            await web.TCPSite(runner, address, int(port)).start()
        self._line.send("ready")
        asyncio.get_running_loop().add_reader(self._line.fileno(), self._tell)
        await self._over.wait()

    def _tell(self) -> None:
        try:
            self._line.recv()
        except EOFError:  # who started this is gone
            asyncio.get_running_loop().remove_reader(self._line.fileno())
            self._over.set()
            return
        self._line.send(dict(self._spans))
        self._spans.clear()

    async def _answer(self, request: web.Request) -> web.Response:
        begun = time.monotonic()
        response = self._response(request.host, request.path, request.headers.get("if-none-match"))
        self._spans[request.host].append((begun, time.monotonic(), request.path))
        return response

    def _response(self, host: str, path: str, held: str | None) -> web.Response:
        if path.startswith("/feed/"):
            body = self._press.feed(host, int(path.removeprefix("/feed/")))
            mark = f'"{xxhash.xxh3_64_hexdigest(body)}"'
            if mark == held:
                return web.Response(status=304, headers={"ETag": mark})
            return web.Response(
                body=body, content_type="application/rss+xml", headers={"ETag": mark}
            )
        page = self._press.page(host, path)
        if page is None:
            return web.Response(status=404)
        return web.Response(body=page, content_type="text/html", charset="utf-8")
