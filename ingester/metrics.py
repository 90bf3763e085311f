"""What is told of each outcome: one log line, one count. And where they can be read over HTTP."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import structlog
from prometheus_client import CollectorRegistry, Counter, make_wsgi_app
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector

from ingester.errors import ConfigurationError, IngesterError
from ingester.models import Failed

REGISTRY = CollectorRegistry()
OUTCOMES = Counter(
    "ingester_outcomes", "Polls and entries by what became of them.", ["leg", "outcome", "reason"],
    registry=REGISTRY,
)  # fmt: skip

_ALARMS = {"oversized"}
"""Outcomes that are no failure of an item, and yet not as it should be."""

Figures = Callable[[], dict[str, float]]

_log = structlog.get_logger("ingester")


def tell(leg: str, outcome: str, failed: Failed | None = None, **facts: object) -> None:
    """One log line and one count for one outcome; a warning where a person should look."""
    reason = failed.reason.value if failed else ""
    OUTCOMES.labels(leg, outcome, reason).inc()
    why = {"reason": reason, "step": failed.step, "detail": failed.detail} if failed else {}
    write = _log.warning if failed or outcome in _ALARMS else _log.info
    write(f"{leg} {outcome}", **facts, **why)


@contextmanager
def endpoint(host: str, port: int, figures: Figures, healthy: Callable[[], bool]) -> Iterator[int]:
    """Serve `/metrics` (Prometheus) and `/healthz` while the block runs; gives the port.

    `figures` reads the archive's present numbers; while `healthy` is false `/healthz` answers 503, and
    `/metrics` gives what is counted here, without them.
    Port 0 takes any free one. Raises ConfigurationError where the port is taken.
    """
    server = _bound(host, port, _application(healthy))
    collector = _Figures(figures, healthy)
    REGISTRY.register(collector)
    thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        REGISTRY.unregister(collector)


class _Figures(Collector):
    """Reads the archive's numbers when somebody asks."""

    def __init__(self, figures: Figures, healthy: Callable[[], bool]) -> None:
        self._figures = figures
        self._healthy = healthy

    def collect(self) -> Iterator[GaugeMetricFamily]:
        figures = self._present()
        up = float(figures is not None)
        yield GaugeMetricFamily("ingester_database_up", "Whether the database answers.", value=up)
        for name, value in (figures or {}).items():
            yield GaugeMetricFamily(f"ingester_{name}", f"The archive's {name}.", value=value)

    def _present(self) -> dict[str, float] | None:
        """The numbers; None while the database is away, asked once before: a scrape waits for no retries."""
        try:
            return self._figures() if self._healthy() else None
        except IngesterError:
            return None

    def describe(self) -> list[Any]:
        return []  # so that registering asks nothing of the database


class _Server(ThreadingMixIn, WSGIServer):
    """A thread a request: a client that connects and says nothing holds up no other."""

    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    """A scrape each few seconds is no news."""

    timeout = 5

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's word
        pass


def _bound(host: str, port: int, application: Callable[..., Any]) -> WSGIServer:
    try:
        return make_server(host, port, application, _Server, _Quiet)
    except OSError as error:
        raise ConfigurationError(
            f"service.port: {host}:{port}: {error.strerror}; choose another one "
            "(INGESTER_SERVICE__PORT), or 0 for any that is free"
        ) from None


def _application(healthy: Callable[[], bool]) -> Callable[..., Any]:
    metrics = make_wsgi_app(REGISTRY)

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        if environ["PATH_INFO"] == "/metrics":
            return metrics(environ, start)
        if environ["PATH_INFO"] == "/healthz":
            return _health(start, healthy=healthy())
        start("404 Not Found", [("Content-Type", "text/plain")])
        return [b"try /healthz or /metrics\n"]

    return application


def _health(start: Callable[..., Any], *, healthy: bool) -> list[bytes]:
    kind = [("Content-Type", "text/plain")]
    if healthy:
        start("200 OK", kind)
        return [b"ok\n"]
    start("503 Service Unavailable", kind)
    return [b"the database does not answer\n"]
