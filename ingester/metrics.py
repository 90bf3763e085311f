"""What is told of each outcome: one log line, one count. And where they can be read over HTTP."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import structlog
from prometheus_client import CollectorRegistry, Counter, make_wsgi_app
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector

from ingester.models import Failed

REGISTRY = CollectorRegistry()
OUTCOMES = Counter(
    "ingester_outcomes", "Polls and entries by what became of them.", ["leg", "outcome", "reason"],
    registry=REGISTRY,
)  # fmt: skip

Figures = Callable[[], dict[str, float]]

_log = structlog.get_logger("ingester")


def tell(leg: str, outcome: str, failed: Failed | None = None, **facts: object) -> None:
    """One log line and one count for one outcome."""
    reason = failed.reason.value if failed else ""
    OUTCOMES.labels(leg, outcome, reason).inc()
    why = {"reason": reason, "step": failed.step, "detail": failed.detail} if failed else {}
    write = _log.warning if failed else _log.info
    write(f"{leg} {outcome}", **facts, **why)


@contextmanager
def endpoint(host: str, port: int, figures: Figures) -> Iterator[int]:
    """Serve `/metrics` (Prometheus) and `/healthz` while the block runs; gives the port.

    `figures` reads the archive's present numbers; where it raises, `/healthz` answers 503.
    Port 0 takes any free one. Raises OSError where the port is taken.
    """
    registry = REGISTRY
    collector = _Figures(figures)
    registry.register(collector)
    server = make_server(host, port, _application(figures), handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        registry.unregister(collector)


class _Figures(Collector):
    """Reads the archive's numbers when somebody asks."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, value in self._figures().items():
            yield GaugeMetricFamily(f"ingester_{name}", f"The archive's {name}.", value=value)

    def describe(self) -> list[Any]:
        return []  # so that registering asks nothing of the database


class _Quiet(WSGIRequestHandler):
    """A scrape each few seconds is no news."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's word
        pass


def _application(figures: Figures) -> Callable[..., Any]:
    metrics = make_wsgi_app(REGISTRY)

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        if environ["PATH_INFO"] == "/metrics":
            return metrics(environ, start)
        if environ["PATH_INFO"] == "/healthz":
            return _health(figures, start)
        start("404 Not Found", [("Content-Type", "text/plain")])
        return [b"try /healthz or /metrics\n"]

    return application


def _health(figures: Figures, start: Callable[..., Any]) -> list[bytes]:
    try:
        figures()
    except Exception as error:  # noqa: BLE001 - whatever the fault, the answer is that the service is not well
        start("503 Service Unavailable", [("Content-Type", "text/plain")])
        return [f"the database does not answer: {type(error).__name__}\n".encode()]
    start("200 OK", [("Content-Type", "text/plain")])
    return [b"ok\n"]
