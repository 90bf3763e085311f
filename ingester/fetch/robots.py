"""robots.txt: what a site lets this crawler read, and how fast. Source: RFC 9309."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from protego import Protego

from ingester.models import Failed, Reason, Request, Response

_KEPT_S = 24 * 3600  # RFC 9309, section 2.4
_FAILURE_KEPT_S = 300  # long enough that a dead host's other pages need not ask again
_PARSED_BYTES = 512_000  # RFC 9309, section 2.5: at least 500 KiB
_SITES = 10_000
_LONGEST_DELAY_S = 30  # a longer Crawl-delay, of days even, is a way to say no: that is Disallow's

# Unavailable, by RFC 9309, sections 2.3.1.2 and 2.3.1.3: everything may be read.
_UNAVAILABLE = {Reason.NOT_FOUND, Reason.GONE, Reason.BLOCKED, Reason.TOO_MANY_REDIRECTS}


@dataclass(frozen=True, slots=True)
class _Rules:
    """A site's rules, or why they can't be read; None where it has none."""

    word: Protego | Failed | None
    until: float


class Robots:
    """The rules of the sites visited lately; `get` fetches, and asks no robots.txt itself."""

    def __init__(self, agent: str, get: Callable[[Request], Awaitable[Response | Failed]]) -> None:
        self._token = agent.partition("/")[0].strip()
        self._get = get
        self._sites: dict[str, _Rules] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def refusal(self, url: str) -> Failed | None:
        """Why the page may not be fetched (now), or None where it may."""
        rules = await self._rules(_site(url))
        if isinstance(rules.word, Failed):
            return rules.word
        if rules.word is None or rules.word.can_fetch(url, self._token):
            return None
        return Failed("fetch", Reason.ROBOTS, "robots.txt disallows it", retry=False)

    def delay_s(self, url: str) -> float | None:
        """The pause a site asks for, 0 where it asks for none; None while its rules are unknown."""
        rules = self._sites.get(_site(url))
        if rules is None or isinstance(rules.word, Failed):
            return None
        if rules.word is None:
            return 0
        return min(rules.word.crawl_delay(self._token) or 0, _LONGEST_DELAY_S)

    async def _rules(self, site: str) -> _Rules:
        lock = self._locks.setdefault(site, asyncio.Lock())
        async with lock:  # pages of one site wait for one look at its rules
            known = self._sites.get(site)
            if known is None or known.until < asyncio.get_running_loop().time():
                known = await self._read(site)
                self._keep(site, known)
            return known

    async def _read(self, site: str) -> _Rules:
        answer = await self._get(Request(f"{site}/robots.txt", "text/plain", configured=True))
        now = asyncio.get_running_loop().time()
        if isinstance(answer, Response):
            return _Rules(_parsed(answer.body), now + _KEPT_S)
        if answer.reason in _UNAVAILABLE:
            return _Rules(None, now + _KEPT_S)
        return _Rules(_unread(answer), now + _FAILURE_KEPT_S)

    def _keep(self, site: str, rules: _Rules) -> None:
        self._sites.pop(site, None)
        self._sites[site] = rules
        if len(self._sites) > _SITES:
            del self._sites[next(iter(self._sites))]


def _site(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _parsed(body: bytes) -> Protego:
    return Protego.parse(body[:_PARSED_BYTES].decode("utf-8-sig", "replace"))


def _unread(failed: Failed) -> Failed:
    """A site whose rules can't be read is disallowed for now (section 2.3.1.4)."""
    answered = failed.reason in {Reason.SERVER_ERROR, Reason.UNAVAILABLE, Reason.RATE_LIMITED}
    reason = Reason.ROBOTS if answered else failed.reason
    return replace(failed, reason=reason, detail=f"robots.txt: {failed.detail}")
