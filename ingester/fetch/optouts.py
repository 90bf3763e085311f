"""What a page or its site says against being kept: X-Robots-Tag, meta robots, TDMRep.

Source: Google's documentation of the robots meta tag and X-Robots-Tag, read 2026-11; W3C
Community Group, "TDM Reservation Protocol", for `tdm-reservation`.
"""

import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from html import unescape
from sys import getsizeof
from typing import TypeAlias
from urllib.parse import urlsplit

from ingester import urls
from ingester.fetch.sites import Said, Sites
from ingester.models import Failed, Reason, Request, Response

Locations: TypeAlias = tuple[tuple[str, bool], ...]
"""Patterns of paths, and whether rights are reserved there; the first that fits counts."""

_FILE = "/.well-known/tdmrep.json"
_KEPT_S = 24 * 3600
_FAILURE_KEPT_S = 300
_LONGEST_FILE = 100_000  # bytes; the rules of a thousand places take less
_RULES = 1000
_PAIR = 64  # bytes of a location's place in the list, beside its text

_HEAD = 200_000  # bytes of a page that are searched
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_META = re.compile(r"<meta\b([^<>]{1,2000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"(?<![a-z-])([a-z-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE
)

# Directives with a value of their own; before any other colon stands the name of a crawler.
_VALUED = {"max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"}
_TDM = "tdm"
_SAME = {"none": "noindex", "nocache": "noarchive"}


class OptOuts:
    """The opt-outs that are respected: "tdm", and directives of robots tags ("noarchive" ...).

    `agent` is the crawler's product token; `get` fetches, and asks for no opt-outs itself.
    """

    def __init__(
        self,
        respected: frozenset[str],
        agent: str,
        get: Callable[[Request], Awaitable[Response | Failed]],
    ) -> None:
        self._respected = respected
        self._names = {"robots", agent.partition("/")[0].strip().lower()}
        self._get = get
        self._sites = Sites(self._read)

    async def of_site(self, url: str) -> Failed | None:
        """Why a page may not be kept, by its site's file; asked before the page is."""
        if _TDM not in self._respected:
            return None
        path = urlsplit(url)._replace(scheme="", netloc="").geturl()
        fitting = (held for where, held in await self._sites.word(url) if _fits(where, path))
        return _opted_out(f"{_FILE} reserves it") if next(fitting, False) else None

    def of_page(
        self, tags: Sequence[str], headers: Mapping[str, str], body: bytes
    ) -> Failed | None:
        """Why a page may not be kept, by its X-Robots-Tags, its other headers or its own head."""
        # UTF-16's tags are those of ASCII with NULs between
        metas = list(_metas(body[:_HEAD].replace(b"\0", b"").decode("latin-1")))
        said = dict(reversed(metas))
        if _TDM in self._respected:
            name = "tdm-reservation"
            if said.get(name, headers.get(name, "")).strip() == "1":
                return _opted_out(f"{name}: 1")
        spoken = [("X-Robots-Tag", word) for tag in tags for word in self._in_tag(tag)]
        spoken += [("meta robots", word) for name, value in metas if name in self._names
                   for word in _words(value)]  # fmt: skip
        return next((_opted_out(f"{where}: {word}") for where, word in spoken
                     if _SAME.get(word, word) in self._respected), None)  # fmt: skip

    def _in_tag(self, tag: str) -> Iterator[str]:
        """The directives of one X-Robots-Tag that are meant for this crawler."""
        ours = True
        for part in tag.split(","):
            name, colon, rest = part.strip().lower().partition(":")
            if colon and name.strip() not in _VALUED:
                ours = name.strip() in self._names
                yield from _words(rest) if ours else ()
            elif ours:
                yield name.strip()

    async def _read(self, site: str, _last: Said[Locations] | None) -> Said[Locations]:
        asked = Request(site + _FILE, "application/json", configured=True, up_to=_LONGEST_FILE)
        answer = await self._get(asked)
        if isinstance(answer, Response):
            locations = _locations(answer.body)
            size = sum(getsizeof(where) + _PAIR for where, _ in locations)
            return Said(locations, _KEPT_S, size)
        return Said((), _FAILURE_KEPT_S if answer.retry else _KEPT_S)


def _opted_out(detail: str) -> Failed:
    return Failed("fetch", Reason.OPTED_OUT, detail[:200], retry=False)


def _locations(body: bytes) -> Locations:
    """What a site's file says of its places; nothing where it can't be understood."""
    try:
        rules = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    told = [rule for rule in rules if isinstance(rule, dict)] if isinstance(rules, list) else []
    places = ((rule.get("location"), rule.get("tdm-reservation")) for rule in told[:_RULES])
    return tuple((where, held in (1, "1")) for where, held in places
                 if isinstance(where, str) and len(where) <= urls.LONGEST)  # fmt: skip


def _fits(pattern: str, path: str) -> bool:
    """Whether a path begins with the pattern; `*` stands for anything, `$` for the end.

    A stranger's pattern is never made a regular expression, which might take for ever.
    """
    parts = pattern.removesuffix("$").split("*")
    if pattern.endswith("$"):
        *parts, last = parts
        if not parts or not path.endswith(last):
            return path == last
        path = path.removesuffix(last)
    return path.startswith(parts[0]) and _in_order(parts[1:], path[len(parts[0]) :])


def _in_order(parts: Sequence[str], text: str) -> bool:
    """Whether the text holds the parts one after the other."""
    at = 0
    for part in parts:
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _words(value: str) -> Iterator[str]:
    yield from re.findall(r"[a-z_-]+", value.lower())


def _metas(page: str) -> Iterator[tuple[str, str]]:
    """Each meta tag's name and content."""
    for tag in _META.finditer(_COMMENT.sub("", page)):
        pairs = _ATTRIBUTE.findall(tag[1])
        attributes = {name.lower(): unescape("".join(values)) for name, *values in pairs}
        if "name" in attributes and "content" in attributes:
            yield attributes["name"].strip().lower(), attributes["content"]
