"""When the pipeline runs: APScheduler ticks, threads claim and walk, a signal drains them."""

import ctypes
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from types import FrameType
from typing import Any, Generic, TypeVar

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from ingester import metrics, pipeline, store
from ingester.engine import Processes
from ingester.errors import IngesterError
from ingester.fetch import Fetcher
from ingester.pipeline import Path

T = TypeVar("T")

_BURIED_S = 20
"""So often leases that ran out are ended: well within the minute that is promised, on a slow machine too."""

_LOOK_UP_S = 1
"""Python runs a signal's handler in the main thread alone, and a thread that waits without end does not wake
up where the system gave the signal to another one, as it may when a stopped process goes on."""

_M_ARENA_MAX = -8
"""The number by which mallopt knows how many heaps a process may have. Source: malloc.h of glibc."""

_log = structlog.get_logger("ingester")


class Crew(Generic[T]):
    """Threads that claim items and walk them, until none is due; then they rest.

    One thread is woken at a time, and each one that finds work wakes the next: an idle archive is
    asked once a tick, a busy one by all.
    """

    def __init__(self, claim: Callable[[], T | None], walk: Callable[[T], None], size: int) -> None:
        self._claim = claim
        self._walk = walk
        self._size = size
        self._threads: set[threading.Thread] = set()
        self._changed = threading.Condition()
        self._stopped = False
        self.faults = 0
        """How often a thread gave up on an item because of a fault of ours or of the database's."""

    def wake(self) -> None:
        """Start one more thread, unless all are at work."""
        with self._changed:
            if self._stopped or len(self._threads) >= self._size:
                return
            thread = threading.Thread(target=self._work, daemon=True)
            thread.start()
            self._threads.add(thread)

    def stop(self) -> None:
        """Claim no more; what is claimed is walked to its end."""
        self._stopped = True

    def rest(self, timeout_s: float | None = None) -> bool:
        """Wait until all threads rest; gives whether they do."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._threads, timeout_s)

    def _work(self) -> None:
        try:
            while not self._stopped and (item := self._claim()) is not None:
                self.wake()
                self._take(item)
        except IngesterError as error:
            self.faults += 1
            _log.error("worker rests", error=str(error))
        finally:
            with self._changed:
                self._threads.discard(threading.current_thread())
                self._changed.notify_all()

    def _take(self, item: T) -> None:
        try:
            self._walk(item)
        except IngesterError:
            raise
        except Exception:  # noqa: BLE001 - logged whole; the lease brings the item back
            self.faults += 1
            _log.exception("an item was given up", item=item)


@contextmanager
def walking(archive: store.Archive) -> Iterator[Path]:
    """The path, its doors open while the block runs."""
    settings = archive.settings
    turns = store.Turns(archive)
    with Fetcher(settings.fetch, turns) as fetcher, Processes(settings.extract) as engine:
        yield Path(archive, fetcher, engine)


def crews(path: Path) -> tuple[Crew[Any], ...]:
    """One crew for each leg of the path, in the order in which one makes work for the next."""
    size, archive = path.settings.fetch.concurrency, path.archive
    readers = path.settings.extract.processes
    return (
        Crew(partial(store.claim_feed, archive), partial(pipeline.poll, path), size),
        Crew(partial(store.claim_entry, archive), partial(pipeline.ingest, path), size),
        Crew(partial(store.claim_visit, archive), partial(pipeline.revisit, path), size),
        Crew(partial(store.claim_reread, archive), partial(pipeline.reread, path), readers),
    )


def once(archive: store.Archive) -> int:
    """One pass over all that is due; gives the number of faults of ours or of the database's."""
    with walking(archive) as path:
        pipeline.bury(archive)
        legs = crews(path)
        try:
            for crew in legs:
                crew.wake()
                crew.rest()
            store.forget_lines(archive)
            store.retain(archive)
        except KeyboardInterrupt:
            _drain(path, legs)
            raise
    return sum(crew.faults for crew in legs)


def run(archive: store.Archive) -> None:
    """Poll and ingest until SIGTERM or SIGINT; then finish what is claimed, and return."""
    stopping = threading.Event()
    _on_signal(stopping)
    _share_one_heap()
    service = archive.settings.service
    with ExitStack() as stack:
        path = stack.enter_context(walking(archive))
        legs = crews(path)
        figures, healthy = partial(store.figures, archive), partial(store.answers, archive)
        endpoint = metrics.endpoint(service.host, service.port, figures, healthy)
        port = stack.enter_context(endpoint)
        scheduler = _schedule(path, legs)
        _log.info("service started", metrics=f"http://{service.host}:{port}/metrics")
        while not stopping.wait(_LOOK_UP_S):
            pass
        _log.info("service stopping")
        scheduler.shutdown(wait=False)
        _drain(path, legs)
    _log.info("service stopped")


def _share_one_heap() -> None:
    """Let all threads take their memory from one heap: a service of years must not grow.

    glibc gives threads up to eight heaps a core, and what is freed in one serves no other. Other C
    libraries have no such limit to set, nor the heaps. Source: mallopt(3); figures: docs/choices.md.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)


def _schedule(path: Path, legs: Sequence[Crew[Any]]) -> BackgroundScheduler:
    """Ticks only: what is due stands in the database, so that a missed tick costs nothing."""
    scheduler = BackgroundScheduler(
        timezone=UTC,
        job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
    )
    tick_s, now = path.settings.service.tick_s, datetime.now(UTC)
    for crew in legs:
        scheduler.add_job(crew.wake, "interval", seconds=tick_s, next_run_time=now)
    scheduler.add_job(
        pipeline.bury, "interval", args=[path.archive], seconds=_BURIED_S, next_run_time=now
    )
    scheduler.add_job(
        store.forget_lines, "interval", args=[path.archive], hours=24, next_run_time=now
    )
    scheduler.add_job(store.retain, "interval", args=[path.archive], hours=24, next_run_time=now)
    scheduler.start()
    return scheduler


def _drain(path: Path, legs: Sequence[Crew[Any]]) -> None:
    for crew in legs:
        crew.stop()
    path.fetcher.stop()
    for crew in legs:
        if not crew.rest(path.settings.service.drain_s / len(legs)):
            _log.warning("workers left at their items; the leases run out")


def _on_signal(stopping: threading.Event) -> None:
    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signal's own shape
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
