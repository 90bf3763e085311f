"""One fetch, on the event loop: robots.txt, the host's turn, the exchange, redirects by hand."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from itertools import takewhile
from typing import TypeGuard

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from ingester import urls
from ingester.fetch import answers
from ingester.fetch.addresses import Dialler, Guard
from ingester.fetch.decode import Decoder, TooLarge, decoder
from ingester.fetch.hosts import Hosts, Turn, Turns
from ingester.fetch.optouts import OptOuts
from ingester.fetch.robots import Robots
from ingester.models import Failed, Reason, Request, Response
from ingester.settings import Fetch

_PERMANENT = {HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT}
_REDIRECTS = _PERMANENT | {HTTPStatus.FOUND, HTTPStatus.SEE_OTHER, HTTPStatus.TEMPORARY_REDIRECT}
_NO_PLACE = {Reason.BAD_URL, Reason.FORBIDDEN_ADDRESS}

_STRICT, _LENIENT = {HTTPStatus.OK.value}, range(200, 400)

_LEASE_MARGIN_S = 5  # seconds for which a host is leased beyond the longest request

_LONGEST_VALUE = 4000
"""Characters of one header's values together that are read, kept and sent back: no mark, type or rule needs
as many, any URL has fewer, and the standard library's parser of types takes time as their square."""

_LONGEST_LINE = 32_000
"""Bytes of one header line: a Content-Security-Policy passes 8,190, aiohttp's own bound. It takes 128 lines,
so that all of them are half a body at most."""

_OF_ITS_HOST = {Reason.RATE_LIMITED, Reason.UNAVAILABLE}
"""Failures that are the host's word, not the page's, with a Retry-After or without: RFC 6585, section 4
(429) and RFC 9110, section 15.6.4 (503)."""


@dataclass(frozen=True, slots=True)
class _Redirect:
    """Where a server says to look instead, perhaps for good; None where that is no place to fetch from."""

    url: str | None
    location: str
    permanent: bool


class _Allowance:
    """The seconds one fetch may spend on the wire; waiting for a host's turn costs none."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds

    @asynccontextmanager
    async def spent(self) -> AsyncIterator[None]:
        """Raises TimeoutError once the allowance is used up."""
        clock = asyncio.get_running_loop().time
        begun = clock()
        try:
            async with asyncio.timeout(self._left):
                yield
        finally:
            self._left -= clock() - begun


def shut_down() -> Failed:
    """The answer of a client that was stopped."""
    return answers.failed(Reason.SHUTDOWN, "the program is stopping", retry=True)


class Client:
    """Fetches on one event loop; make it there, and close it."""

    def __init__(
        self, settings: Fetch, turns: Turns, resolver: AbstractResolver | None, dial: Dialler
    ) -> None:
        self._settings = settings
        wire = asyncio.Semaphore(settings.concurrency)
        lease_s = settings.deadline_s + _LEASE_MARGIN_S
        self._hosts = Hosts(turns, wire, lease_s, settings.host_delay_s)
        self._robots = Robots(
            settings.user_agent, settings.rest_s, settings.longest_rest_s, self._follow
        )
        self._opt_outs = OptOuts(settings.opt_outs, settings.user_agent, self._follow)
        self._running: set[asyncio.Task[object]] = set()
        self._stopped = False
        self._session = _session(settings, resolver, dial)

    async def get(self, request: Request) -> Response | Failed:
        """The answer to a request; never raises for what servers do."""
        if self._stopped:
            return shut_down()
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        self._running.add(task)
        try:
            async with asyncio.timeout(self._settings.patience_s):
                return await self._follow(request)
        except TimeoutError:
            waited = f"no answer within {self._settings.patience_s:g} s, all waits included"
            return answers.failed(Reason.TIMEOUT, waited, retry=True)
        except asyncio.CancelledError:
            if self._stopped:
                return shut_down()
            raise
        finally:
            self._running.discard(task)

    def stop(self) -> None:
        """Ends every running request, and all later ones."""
        self._stopped = True
        for task in self._running:
            task.cancel()

    async def close(self) -> None:
        """Closes all connections."""
        await self._session.close()
        self._hosts.close()

    async def _follow(self, request: Request) -> Response | Failed:
        allowance = _Allowance(self._settings.deadline_s)
        step: _Redirect | Response | Failed
        step = _Redirect(urls.absolute(request.url), request.url, permanent=True)
        hops: list[_Redirect] = []
        while isinstance(step, _Redirect) and len(hops) <= self._settings.max_redirects:
            hops.append(step)
            step = await self._hop(step, request, allowance)
        if isinstance(step, _Redirect):
            return answers.failed(Reason.TOO_MANY_REDIRECTS, f"the last one to {step.location}")
        if request.lenient and len(hops) > 1 and _leads_astray(step):
            return replace(step, reason=Reason.SERVER_ERROR, retry=True)
        return replace(step, moved_to=_moved(hops)) if isinstance(step, Response) else step

    async def _hop(
        self, to: _Redirect, request: Request, allowance: _Allowance
    ) -> _Redirect | Response | Failed:
        if to.url is None:
            return answers.failed(Reason.BAD_URL, f"not a URL to fetch: {to.location}")
        if not request.configured and (refusal := await self._refusal(to.url)):
            return refusal
        ask = partial(self._in_turn, url=to.url, request=request, allowance=allowance)
        answer = await self._hosts.in_turn(urls.host(to.url), ask)
        if isinstance(answer, timedelta):
            detail = "the host asked to be left alone"
            return Failed("fetch", Reason.RESTING, detail, retry=True, retry_after=answer)
        return answer

    async def _refusal(self, url: str) -> Failed | None:
        """Why the site does not let a page be fetched."""
        refusal = await self._robots.refusal(url) if self._settings.robots else None
        return refusal or await self._opt_outs.of_site(url)

    async def _in_turn(
        self, turn: Turn, url: str, request: Request, allowance: _Allowance
    ) -> _Redirect | Response | Failed:
        answer = await self._exchange(url, request, allowance)
        turn.delay_s = self._robots.delay_s(url)
        if isinstance(answer, Failed) and answer.reason in _OF_ITS_HOST:
            if answer.retry_after is None:
                turn.rest_s = self._settings.rest_s
            else:
                turn.pause_s = answer.retry_after.total_seconds()
        return answer

    async def _exchange(
        self, url: str, request: Request, allowance: _Allowance
    ) -> _Redirect | Response | Failed:
        """One request on the wire and its answer."""
        whole = URL(url, encoded=True)
        headers = {"Accept": request.accept, **_conditions(request)}
        try:
            async with (
                allowance.spent(),
                self._session.get(whole, headers=headers, allow_redirects=False) as reply,
            ):
                answer = await self._answer(url, reply, request)
                return answer if request.configured else self._kept(answer, reply)
        except answers.EXPECTED as error:
            return answers.of_error(error)

    async def _answer(
        self, url: str, reply: aiohttp.ClientResponse, request: Request
    ) -> _Redirect | Response | Failed:
        headers = _lower_case(reply.headers)
        if reply.status in _REDIRECTS and "location" in headers:
            location = headers["location"]
            where = urls.absolute(location, url)
            return _Redirect(where, location, permanent=reply.status in _PERMANENT)
        if reply.status == HTTPStatus.NOT_MODIFIED and _conditions(request):
            return Response(url, reply.status, headers, b"", datetime.now(UTC))
        if reply.status not in (_LENIENT if request.lenient else _STRICT):
            return answers.of_status(reply.status, headers, self._settings.longest_rest_s)
        body = await self._body(reply, headers.get("content-encoding", ""), request.up_to)
        return Response(url, reply.status, headers, body, datetime.now(UTC))

    def _kept(
        self, answer: _Redirect | Response | Failed, reply: aiohttp.ClientResponse
    ) -> _Redirect | Response | Failed:
        """The answer, unless it is a page that is not to be kept."""
        if not isinstance(answer, Response):
            return answer
        tags = _within(reply.headers.getall("x-robots-tag", []), _LONGEST_VALUE)
        return self._opt_outs.of_page(tags, answer.headers, answer.body) or answer

    async def _body(self, reply: aiohttp.ClientResponse, coding: str, up_to: int | None) -> bytes:
        """The decoded body, or its beginning where that is enough; raises what `decode` raises."""
        if up_to is not None:
            return await _beginning(reply, decoder(coding, up_to))
        if (reply.content_length or 0) > self._settings.max_bytes:
            raise TooLarge(f"{reply.content_length} bytes")
        return await _whole(reply, decoder(coding, self._settings.max_bytes))


async def _whole(reply: aiohttp.ClientResponse, body: Decoder) -> bytes:
    async for chunk in reply.content.iter_any():
        body.feed(chunk)
    return body.finish()


async def _beginning(reply: aiohttp.ClientResponse, body: Decoder) -> bytes:
    try:
        return await _whole(reply, body)
    except TooLarge:
        return body.begun()


def _leads_astray(step: Response | Failed) -> TypeGuard[Failed]:
    """Whether a redirect led to a place that is not to be asked: the fault of the server that sent us."""
    return isinstance(step, Failed) and step.reason in _NO_PLACE


def _moved(hops: list[_Redirect]) -> str | None:
    """Where a request's permanent redirects led before any other; None where its first was none."""
    permanent = list(takewhile(lambda hop: hop.permanent, hops))
    return permanent[-1].url if len(permanent) > 1 else None


def _session(
    settings: Fetch, resolver: AbstractResolver | None, dial: Dialler
) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(
        limit=0,  # the client's own semaphore counts
        ssl=ssl.create_default_context(),
        resolver=resolver,
        socket_factory=Guard(settings.allow_networks, settings.ports, dial),
    )
    return aiohttp.ClientSession(
        connector=connector,
        max_field_size=_LONGEST_LINE,
        trust_env=False,
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, connect=settings.connect_timeout_s),
        headers={"User-Agent": _user_agent(settings), "Accept-Encoding": "gzip"},
        middlewares=(_once,),
    )


async def _once(
    request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Sends a request one time: aiohttp would repeat it at once where a server hung up."""
    try:
        return await send(request)
    except aiohttp.ClientConnectorError:
        raise  # not repeated, and its kind says more
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise answers.HungUp(str(error) or "the server hung up") from error


def _user_agent(settings: Fetch) -> str:
    contact = f" (+{settings.contact})" if settings.contact else ""
    return f"{settings.user_agent}{contact}"


def _conditions(request: Request) -> dict[str, str]:
    """What is held already."""
    held = {"If-None-Match": request.etag, "If-Modified-Since": request.last_modified}
    return {name: answers.printable(value) for name, value in held.items() if value}


def _lower_case(headers: Mapping[str, str]) -> dict[str, str]:
    """Header names in lower case, those that repeat as one list, cut; bytes that are no text replaced."""
    joined: dict[str, list[str]] = {}
    for name, value in headers.items():
        text = value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        joined.setdefault(name.lower(), []).append(text)
    return {name: ", ".join(values)[:_LONGEST_VALUE] for name, values in joined.items()}


def _within(values: Iterable[str], room: int) -> list[str]:
    """The values as far as they fit into so many characters together."""
    kept = []
    for value in values:
        kept.append(value[:room])
        room -= len(kept[-1])
    return kept
