"""robots.txt: what a site lets this crawler read, and how fast. Source: RFC 9309."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from itertools import groupby
from typing import TypeVar
from urllib.parse import unquote

from protego import Protego

from ingester.fetch.sites import Said, Sites
from ingester.models import Failed, Reason, Request, Response

T = TypeVar("T")

_KEPT_S = 24 * 3600  # RFC 9309, section 2.4
_PARSED_BYTES = 512_000  # RFC 9309, section 2.5: at least 500 KiB
_QUICK_BYTES = 20_000  # of rules are read within 20 ms; 512,000 take up to 0.7 s
_LONGEST_DELAY_S = 30  # a longer Crawl-delay, of days even, is a way to say no: that is Disallow's

_SUCCESSES = range(200, 300)  # RFC 9309, section 2.3.1.1

# Unavailable, by RFC 9309, sections 2.3.1.2 and 2.3.1.3: everything may be read. So it is where a
# redirect leads nowhere.
_UNAVAILABLE = {Reason.NOT_FOUND, Reason.GONE, Reason.BLOCKED, Reason.TOO_MANY_REDIRECTS}

# The server's fault (section 2.3.1.4), which it may mend: a coding that nobody asked for, too.
_AT_FAULT = {
    Reason.SERVER_ERROR, Reason.UNAVAILABLE, Reason.RATE_LIMITED, Reason.UNSUPPORTED_TYPE,
}  # fmt: skip

_LINE = re.compile(r"[^\r\n]+")
_ODD_BREAKS = dict.fromkeys(map(ord, "\v\f\x1c\x1d\x1e\x85\u2028\u2029"), " ")
_AGENT = re.compile(r"\s*user[- ]?agent\s*[:\s]\s*(?P<name>.*)", re.IGNORECASE)
_TOKEN = re.compile(r"[a-zA-Z_-]*")
_RULE = re.compile(r"\s*(dis+al+ow|di?as?l+ow|dis+al+aw|allow)\b", re.IGNORECASE)
_IN_QUERIES = re.compile("%3A|%2F", re.IGNORECASE)
_NAMES = "User-agent: "
_ME, _ALL, _OTHER = "me", "*", "other"


@dataclass(frozen=True, slots=True)
class Rules:
    """A site's rules for one crawler, as lines: parsed they would take forty times the room."""

    text: bytes
    delay_s: float

    @classmethod
    def read(cls, body: bytes, token: str) -> "Rules":
        """The rules in a robots.txt for the crawler of this product token."""
        text = _whole_lines(body).decode("utf-8-sig", "replace").translate(_ODD_BREAKS)
        lines = [_plain_query(_renamed(line, token)) for line in _LINE.findall(text)]
        delay = Protego.parse("\n".join(lines)).crawl_delay(_ME) or 0
        return cls("\n".join(_ours(lines)).encode(), min(delay, _LONGEST_DELAY_S))

    def allow(self, url: str) -> bool:
        """Whether the crawler may read a page."""
        rules = Protego.parse(f"{_NAMES}{_ME}\n{self.text.decode()}")
        return bool(rules.can_fetch(_plain_query(url), _ME))


_NONE = Rules(b"", 0)


class Robots:
    """The rules of the sites visited lately; `get` fetches, and asks no robots.txt itself.

    Rules that could not be read are asked for again after `rest_s`, those that a server is at fault for
    after twice as long each time in a row, up to `longest_rest_s`.
    """

    def __init__(
        self,
        agent: str,
        rest_s: float,
        longest_rest_s: float,
        get: Callable[[Request], Awaitable[Response | Failed]],
    ) -> None:
        self._token = agent.partition("/")[0].strip()
        self._rest_s, self._longest_rest_s = rest_s, longest_rest_s
        self._get = get
        self._sites = Sites(self._read)
        self._long = asyncio.Semaphore()

    async def refusal(self, url: str) -> Failed | None:
        """Why the page may not be fetched (now), or None where it may."""
        rules = await self._sites.word(url)
        if isinstance(rules, Failed):
            return rules
        if await self._aside(len(rules.text), partial(rules.allow, url)):
            return None
        return Failed("fetch", Reason.ROBOTS, "robots.txt disallows it", retry=False)

    def delay_s(self, url: str) -> float | None:
        """The pause a site asks for, 0 where it asks for none; None while its rules are unknown."""
        rules = self._sites.known(url)
        return rules.delay_s if isinstance(rules, Rules) else None

    async def _read(self, site: str, last: Said[Rules | Failed] | None) -> Said[Rules | Failed]:
        answer = await self._get(Request(f"{site}/robots.txt", "text/plain", configured=True,
                                         up_to=_PARSED_BYTES + 1, lenient=True))  # fmt: skip
        if isinstance(answer, Failed) and answer.reason not in _UNAVAILABLE:
            return self._unread(answer, last)
        rules = _NONE
        if isinstance(answer, Response) and answer.status in _SUCCESSES:
            read = partial(Rules.read, answer.body, self._token)
            rules = await self._aside(len(answer.body), read)
        return Said(rules, _KEPT_S, len(rules.text))

    def _unread(self, failed: Failed, last: Said[Rules | Failed] | None) -> Said[Rules | Failed]:
        """A site whose rules can't be read is disallowed for now (section 2.3.1.4): no page was asked for.

        The rest does not grow where no server answered: each link's tries are counted then, and would be
        used up in it.
        """
        detail = f"robots.txt: {failed.detail}"
        if failed.reason not in _AT_FAULT:
            return Said(replace(failed, detail=detail), self._rest_s)
        again = last and isinstance(last.word, Failed) and last.word.reason is Reason.RESTING
        rest_s = min(last.holds_s * 2, self._longest_rest_s) if last and again else self._rest_s
        rest = timedelta(seconds=rest_s)
        later = max(failed.retry_after or rest, rest)
        return Said(Failed("fetch", Reason.RESTING, detail, retry=True, retry_after=later), rest_s)

    async def _aside(self, length: int, work: Callable[[], T]) -> T:
        """What `work` gives on so many bytes: many of them hold up no other fetch, one text at a time."""
        if length <= _QUICK_BYTES:
            return work()
        async with self._long:
            return await asyncio.to_thread(work)


def _whole_lines(body: bytes) -> bytes:
    """As much as is read: a rule cut short would say something else."""
    return body if len(body) <= _PARSED_BYTES else body[:_PARSED_BYTES].rpartition(b"\n")[0]


def _renamed(line: str, token: str) -> str:
    """The line; one that names a crawler tells only who is meant: this one, all, or another one.

    A name is the letters that a line's value begins with (section 2.2.1), and is ours as a whole or
    not at all: Protego would take rules for "news" as rules for "news-archive".
    """
    agent = _AGENT.match(line.partition("#")[0])
    if agent is None:
        return line
    first = next(iter(agent["name"].split()), "")
    name = _TOKEN.match(first)
    ours = name is not None and name[0].lower() == token.lower()
    return _NAMES + (_ALL if first == _ALL else _ME if ours else _OTHER)


def _plain_query(url: str) -> str:
    """Colons and slashes of a query in one spelling: both are used (section 2.2.2)."""
    path, mark, query = url.partition("?")
    return path + mark + _IN_QUERIES.sub(lambda found: unquote(found[0]), query)


def _ours(lines: Iterable[str]) -> Iterable[str]:
    """The rules that count: of the groups for this crawler, or where there are none, of those for all.

    No line but a rule ends a group (section 2.2.4). The longest rule counts, in whatever order, so
    that one that is repeated is kept once.
    """
    groups: dict[str, dict[str, None]] = {}
    named: set[str] = set()
    counting = (line for line in lines if line.startswith(_NAMES) or _RULE.match(line))
    for is_name, run in groupby(counting, lambda line: line.startswith(_NAMES)):
        if is_name:
            named = {line.removeprefix(_NAMES) for line in run} - {_OTHER}
            groups |= {name: groups.get(name, {}) for name in named}
        else:
            rules = dict.fromkeys(run)
            for name in named:
                groups[name] |= rules
    return groups.get(_ME, groups.get(_ALL, {}))
