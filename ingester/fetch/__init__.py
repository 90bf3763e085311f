"""The only door to the internet: pages and feeds by HTTP, within limits that no server can move.

Each connection's own address is checked when it is dialled; sizes are counted as bodies are
decoded; one deadline holds for a fetch from its first byte to its last; redirects are followed by
hand; certificates are always verified; no proxy is taken from the environment. Each request waits
for its host's turn, which all processes of an archive share. robots.txt is asked
for pages, at each hop, and not for a URL that the operator configured: RFC 9309 is for crawlers,
and a feed is published to be polled.
"""

import asyncio
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeAlias

from aiohttp.abc import AbstractResolver

from ingester.fetch.addresses import Dialler, open_socket
from ingester.fetch.client import Client, shut_down
from ingester.fetch.hosts import Turns
from ingester.models import Failed, Request, Response
from ingester.settings import Fetch

__all__ = ["Fetcher"]

Answer: TypeAlias = Response | Failed


class Fetcher:
    """Fetches from any number of threads; a context manager.

    `turns` says whose turn it is with a host. `resolver` and `dial` stand in for DNS and for the
    opening of sockets.
    """

    def __init__(
        self,
        settings: Fetch,
        turns: Turns,
        *,
        resolver: AbstractResolver | None = None,
        dial: Dialler = open_socket,
    ) -> None:
        self._settings = settings
        self._turns = turns
        self._resolver = resolver
        self._dial = dial
        self._stopped = threading.Event()

    def __enter__(self) -> Self:
        # A look-up blocks its thread: with fewer threads than requests, slow names would hold up all.
        self._lookups = ThreadPoolExecutor(self._settings.concurrency, "dns")
        self._loop = asyncio.new_event_loop()
        self._loop.set_default_executor(self._lookups)
        self._thread = threading.Thread(target=self._loop.run_forever, name="fetch", daemon=True)
        self._thread.start()
        self._client = asyncio.run_coroutine_threadsafe(self._open(), self._loop).result()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
        asyncio.run_coroutine_threadsafe(self._client.close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._lookups.shutdown(wait=False, cancel_futures=True)
        self._loop.close()

    def get(self, request: Request) -> Response | Failed:
        """The answer to one request; blocks for its host's turn and then for the fetch."""
        return self._begin(request).result()

    def stop(self) -> None:
        """Ends running requests as Failed(SHUTDOWN), and later ones; from any thread or signal."""
        if not self._stopped.is_set():
            self._stopped.set()
            self._loop.call_soon_threadsafe(self._client.stop)

    async def _open(self) -> Client:
        return Client(self._settings, self._turns, self._resolver, self._dial)

    def _begin(self, request: Request) -> Future[Answer]:
        if self._stopped.is_set():
            ended: Future[Answer] = Future()
            ended.set_result(shut_down())
            return ended
        return asyncio.run_coroutine_threadsafe(self._client.get(request), self._loop)
