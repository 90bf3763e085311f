"""A child process that runs pure steps within limits, and costs no more than its item when it dies."""

import gc
import logging
import math
import multiprocessing
import os
import pickle
import resource
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ingester.models import Failed, Reason
from ingester.settings import Extract

_POLITE = 10
_ITEMS = 20_000
"""Then a child is replaced, so that a library's leak stays small. The next one learns each language's
words anew: up to a second and a half of each."""

_WARM = 40
"""Items after which a child holds what it keeps: from then on the collector leaves that alone."""

_START_S = 60
"""For a child to start and to take its item: libraries are imported meanwhile, on a busy machine."""

_STARTS = 3
"""A child that dies before it has its item died of something else, so the item is given to another."""

_BEGUN = "begun"

# A fork of a threaded parent may inherit a held lock; what the steps import is loaded once, for all.
_children = multiprocessing.get_context("forkserver")
_children.set_forkserver_preload(["ingester.pipeline", "datasketch", "wordfreq"])


class Cage:
    """One child process and the pipe to it, for one caller at a time; started when there is an item.

    The pipe is its own: a child that is killed at any moment holds no lock that others need.
    """

    def __init__(self, limits: Extract) -> None:
        self._limits = limits
        self._process: Any = None  # the context's own class of process
        self._pipe: Connection[Any, Any] | None = None
        self._lock = threading.Lock()
        self._closed = False

    def run(self, function: bytes, item: Any) -> Any:
        """The value of a pickled function, or a `Failed` where it raised, died, or was late and is killed."""
        for _ in range(_STARTS):
            pipe = None if self._closed else self._handed_over((function, item))
            if pipe is not None:
                return self._outcome(pipe)
        return self._dead("no process lived long enough to begin")

    def close(self) -> None:
        """End the child, and start no other; who waits for it is told so."""
        self._closed = True
        self._kill()

    def _kill(self) -> int | None:
        with self._lock:
            process, pipe = self._process, self._pipe
            self._process = self._pipe = None
        if process is None or pipe is None:
            return None
        process.kill()
        process.join()
        code: int | None = process.exitcode
        process.close()
        pipe.close()
        return code

    def _handed_over(self, task: tuple[bytes, Any]) -> "Connection[Any, Any] | None":
        """The pipe to a child that has begun the task; None where it died, or did not begin."""
        with suppress(OSError, EOFError):
            pipe = self._pipe or self._start()
            with _within(self._process, _START_S):
                pipe.send(task)
                if pipe.recv() == _BEGUN:
                    return pipe
        self._kill()
        return None

    def _start(self) -> "Connection[Any, Any]":
        ours, theirs = _children.Pipe()
        with theirs:
            child = _children.Process(
                target=_serve,
                args=(theirs, self._limits.memory_mb, self._limits.cpu_s),
                daemon=True,
            )
            child.start()
        self._process, self._pipe = child, ours
        return ours

    def _outcome(self, pipe: "Connection[Any, Any]") -> Any:
        try:
            if pipe.poll(self._limits.deadline_s):
                with _within(self._process, self._limits.deadline_s):
                    return pipe.recv()
        except (EOFError, OSError):
            return self._dead(self._ended())
        self._kill()
        return self._dead(f"still at work after {self._limits.deadline_s:g} s")

    def _ended(self) -> str:
        code = self._kill()
        if code == -signal.SIGXCPU:
            return f"still at work after {self._limits.cpu_s:g} s of a processor"
        return f"the process ended with code {code}"

    def _dead(self, detail: str) -> Failed:
        if self._closed:
            return Failed("extract", Reason.SHUTDOWN, "the program is stopping", retry=True)
        return _crashed(detail)


@contextmanager
def _within(child: Any, seconds: float) -> Iterator[None]:
    """Kill a child that keeps the block waiting for longer: a stopped one neither takes nor gives."""
    timer = threading.Timer(seconds, _end, [child])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _end(child: Any) -> None:
    """Kill a child, unless it was ended meanwhile; the pipe breaks, and who waits at it goes on."""
    with suppress(AttributeError, ValueError):
        child.kill()


def _crashed(detail: str) -> Failed:
    return Failed("extract", Reason.CRASHED, detail[:500], retry=True)


def _serve(pipe: "Connection[Any, Any]", memory_mb: int, cpu_s: float) -> None:
    """What the child does: items, one by one, until nobody is at the other end."""
    _enter(memory_mb)
    with suppress(EOFError, ConnectionError):
        for number in range(_ITEMS):
            if number == _WARM:
                gc.freeze()
            function, item = pipe.recv()
            _allow(cpu_s)
            pipe.send(_BEGUN)
            pipe.send(_value(function, item))


def _allow(cpu_s: float) -> None:
    """Let the kernel end this process after so many seconds more; it counts whole ones."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = math.ceil(used.ru_utime + used.ru_stime + cpu_s)
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))


def _value(function: bytes, item: Any) -> Any:
    try:
        return _loaded(function)(item)
    except Exception as error:  # noqa: BLE001 - whatever a page does to a library costs that page alone
        return _crashed(f"{type(error).__name__}: {error}")


@lru_cache(maxsize=8)
def _loaded(function: bytes) -> Callable[[Any], Any]:
    """The function, once for all its items: it carries the settings, which are slow to unpickle."""
    loaded: Callable[[Any], Any] = pickle.loads(function)  # noqa: S301 - from our own parent
    return loaded


def _enter(memory_mb: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which drains
    limit = _mapped_bytes() + memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(_POLITE)  # placing is serial: what waits for a core there holds up every cage
    logging.disable(
        logging.CRITICAL
    )  # the libraries' own complaints are the page's, not the service's


def _mapped_bytes() -> int:
    """What the libraries have mapped: the more processors a machine has, the more it is.

    Source: proc_pid_statm(5), the first field.
    """
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
