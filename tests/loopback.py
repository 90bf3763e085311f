"""A small HTTP server on 127.0.0.1 that answers as told, however badly, and remembers what it was asked."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self, TypeAlias

from aiohttp.abc import AbstractResolver, ResolveResult


@dataclass(frozen=True)
class Asked:
    """One request, as it came in."""

    path: str
    headers: Mapping[str, str]
    at: float
    connection: socket.socket = field(repr=False)

    def hung_up(self) -> bool:
        """Whether nobody waits for the answer any more."""
        try:
            return self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True


@dataclass(frozen=True)
class Answer:
    """A whole answer; its Content-Length is the body's unless `headers` say otherwise."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


Write: TypeAlias = Callable[[bytes], object]
Raw: TypeAlias = Callable[[Write], object]
"""An answer that writes the wire's bytes itself: drips, cuts, lies. Then the connection closes."""


class Loopback:
    """The server, while the `with` block runs. `routes` maps paths, query included, to answers."""

    def __init__(
        self, routes: Mapping[str, Answer | Raw] | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self.routes: dict[str, Answer | Raw] = dict(routes or {})
        self.asked: list[Asked] = []
        self.busiest = 0
        self._busy = 0
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign] # clients hang up
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.005,))

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{self._scheme}://{host}:{self.port}{path}"

    def paths(self) -> list[str]:
        """What was asked for, what sites say of themselves apart, in order."""
        own = {"/robots.txt", "/.well-known/tdmrep.json"}
        return [asked.path for asked in self.asked if asked.path not in own]

    def reply(self, asked: Asked) -> Answer | Raw:
        """The answer to a request."""
        return self.routes.get(asked.path, Answer(404))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.socket.close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        loopback = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                loopback._answer(self)

            def log_message(self, *_: object) -> None: ...

        return Handler

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        with self._lock:
            self._busy += 1
            self.busiest = max(self.busiest, self._busy)
            headers = {name.lower(): value for name, value in handler.headers.items()}
            asked = Asked(handler.path, headers, time.monotonic(), handler.connection)
            self.asked.append(asked)
        try:
            self._send(handler, self.reply(asked))
        except OSError:
            handler.close_connection = True  # the client has seen enough
        finally:
            with self._lock:
                self._busy -= 1

    def _send(self, handler: BaseHTTPRequestHandler, answer: Answer | Raw) -> None:
        if not isinstance(answer, Answer):
            handler.close_connection = True
            answer(handler.wfile.write)
            return
        handler.send_response(answer.status)
        for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(answer.body)


class Here(AbstractResolver):
    """A name server to which every name is 127.0.0.1: one server is as many hosts as a test needs."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host, host="127.0.0.1", port=port, family=family, proto=0, flags=0
            )
        ]

    async def close(self) -> None: ...


def head(*lines: str) -> bytes:
    """A 200 answer's head with these header lines."""
    return "\r\n".join(("HTTP/1.1 200 OK", *lines, "", "")).encode("latin-1")


def drip(start: bytes, chunk: bytes, seconds: float, every: float = 0.05) -> Raw:
    """Writes `start`, then a chunk now and then: every read succeeds, none is the last."""

    def answer(write: Write) -> None:
        write(start)
        for _ in range(int(seconds / every)):
            write(chunk)
            time.sleep(every)

    return answer


def made(make: Callable[[], bytes]) -> Raw:
    """An answer whose body is made when it is asked for: thousands of them would fill the memory."""
    return lambda write: send(write, make())


def send(write: Write, body: bytes) -> None:
    """Write a whole answer."""
    length = f"Content-Length: {len(body)}"
    write(head("Content-Type: text/html", length, "Connection: close") + body)


def wire(data: bytes) -> Raw:
    """Writes exactly these bytes and hangs up."""
    return lambda write: write(data)


def closed_port() -> int:
    """A port of 127.0.0.1 at which nobody answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
