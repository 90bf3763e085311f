"""Five real texts as five outlets' sites on loopback, and what the archive must make of them."""

import hashlib
import html
import json
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ingester.errors import ConfigurationError
from ingester.settings import shipped

HOST = "127.0.0.1"
_FIRST_PORT = 8811
_SLUG = re.compile(r"[^a-z0-9]+")
_LONGEST_SLUG = 60

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Text:
    """One of the texts, as its outlet served it, and its number: "000" to "004"."""

    number: str
    title: str | None
    lines: tuple[str, ...]
    path: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is held of the texts: their titles, how they are grouped, which reuse is on record."""

    titles: Mapping[str, str | None]
    stories: frozenset[frozenset[str]]
    events: frozenset[frozenset[str]]
    reuse: Mapping[Pair, str]


# --- what is expected ---------------------------------------------------------------------------


def texts() -> tuple[Text, ...]:
    """The five texts, in their numbers' order."""
    return tuple(_text(article) for article in _gold()["articles"])


def expected() -> Outcome:
    """What they must become, as gold.json says."""
    gold = _gold()
    return Outcome(
        titles={article["file"][:3]: article["title"] for article in gold["articles"]},
        stories=frozenset(map(frozenset, gold["stories"])),
        events=frozenset(map(frozenset, gold["events"])),
        reuse={
            (a, b): relation["relation"]
            for relation in gold["relations"]
            for a, b in [relation["pair"]]
            if relation["relation"] in {"identical", "copy", "partial"}
        },
    )


def faults(held: Outcome, wanted: Outcome) -> Iterator[str]:
    """Where the two differ, in words."""
    for number, title in wanted.titles.items():
        if held.titles.get(number) != title:
            yield f"{number} has the title {held.titles.get(number)!r}, not {title!r}"
    if held.stories != wanted.stories:
        yield f"stories are {listed(held.stories)}, not {listed(wanted.stories)}"
    if held.events != wanted.events:
        yield f"events are {listed(held.events)}, not {listed(wanted.events)}"
    for pair in sorted(held.reuse.keys() | wanted.reuse.keys()):
        if held.reuse.get(pair) != wanted.reuse.get(pair):
            yield f"{'-'.join(pair)} is {held.reuse.get(pair)}, not {wanted.reuse.get(pair)}"


def listed(groups: frozenset[frozenset[str]]) -> str:
    """Groups of numbers in order: "{000}, {001, 002}"."""
    return ", ".join(sorted("{" + ", ".join(sorted(group)) + "}" for group in groups))


def _gold() -> Any:
    return json.loads(shipped("seeds/gold.json").read_text(encoding="utf-8"))


def _text(article: Mapping[str, Any]) -> Text:
    file = Path(article["file"])
    raw = (shipped("seeds/texts") / file).read_text(encoding="utf-8")
    lines = tuple(line for line in raw.splitlines() if line.strip())
    slug = _SLUG.sub("-", (article["title"] or file.stem).lower())[:_LONGEST_SLUG].strip("-")
    return Text(file.name[:3], article["title"], lines, f"/news/{slug}")


# --- the sites ----------------------------------------------------------------------------------


@contextmanager
def serving(known: Sequence[str]) -> Iterator[dict[str, Text]]:
    """Each text on a site of its own while the block runs; gives the texts by their feed's URL.

    `known`: the feeds of an earlier run, whose ports are taken again, so that no URL changes.
    Raises ConfigurationError where one of these is taken.
    """
    ports = iter([urlsplit(url).port or 0 for url in known])
    free = count(_FIRST_PORT)
    with ExitStack() as stack:
        sites = {}
        for text in texts():
            port = next(ports, None)
            server = _bound(text, port) if port else _first_free(text, free)
            stack.enter_context(_running(server))
            sites[f"http://{HOST}:{server.server_port}/feed.xml"] = text
        yield sites


def _bound(text: Text, port: int) -> ThreadingHTTPServer:
    try:
        return _Site((HOST, port), partial(_Answer, text))
    except OSError as error:
        raise ConfigurationError(
            f"port {port}, which an earlier demo used, is taken ({error.strerror}); "
            "free it, or let the demo begin anew in another --data-dir"
        ) from None


def _first_free(text: Text, ports: Iterator[int]) -> ThreadingHTTPServer:
    for port in ports:
        try:
            return _Site((HOST, port), partial(_Answer, text))
        except OSError:
            continue
        except OverflowError:
            break
    raise ConfigurationError(f"no port from {_FIRST_PORT} upwards is free on {HOST}")


@contextmanager
def _running(server: ThreadingHTTPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Site(ThreadingHTTPServer):
    """One outlet's server."""

    allow_reuse_address = True
    daemon_threads = True


class _Answer(BaseHTTPRequestHandler):
    """Answers for one outlet: its front page, its feed, its article."""

    protocol_version = "HTTP/1.1"

    def __init__(self, text: Text, *connection: Any) -> None:
        self._text = text
        super().__init__(*connection)

    def do_GET(self) -> None:
        site = f"http://{self.headers.get('Host', HOST)}"
        pages = {
            "/": ("text/html", front_page(self._text)),
            "/feed.xml": ("application/rss+xml", feed(self._text, site)),
            self._text.path: ("text/html", page(self._text)),
        }
        kind, body = pages.get(self.path, ("text/plain", ""))
        self._send(200 if body else 404, kind, body.encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if self.headers.get("If-None-Match") == etag:
            status, body = 304, b""
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", etag)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's word
        pass


def page(text: Text) -> str:
    """The article's page: a paragraph for each line, boilerplate and all."""
    title = f"<title>{html.escape(text.title)}</title>" if text.title else ""
    body = "".join(f"<p>{html.escape(line)}</p>\n" for line in text.lines)
    return (
        f'<!doctype html><html><head><meta charset="utf-8">{title}</head><body>\n{body}'
        "</body></html>\n"
    )


def front_page(text: Text) -> str:
    """A page that leads to the article and names the feed."""
    link = f'<a href="{text.path}">{html.escape(text.title or text.path)}</a>'
    feed_link = '<link rel="alternate" type="application/rss+xml" href="/feed.xml">'
    return f"<!doctype html><html><head>{feed_link}</head><body>{link}</body></html>\n"


def feed(text: Text, site: str) -> str:
    """An RSS feed of one item, undated, for only some of the texts say when they appeared."""
    title = f"<title>{html.escape(text.title)}</title>" if text.title else ""
    link = html.escape(site + text.path)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel>'
        f"<title>{html.escape(urlsplit(site).netloc)}</title><link>{html.escape(site)}/</link>"
        f"<description>The demo's outlet {text.number}</description>"
        f"<item>{title}<link>{link}</link><guid>{link}</guid></item></channel></rss>\n"
    )
