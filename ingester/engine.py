"""Where pure steps run: each engine is a map(function, items) that loses no item.

A step that ends its process, or is still at work at its deadline, gives a `Failed` in its place;
the process is killed and replaced, the others go on.
"""

import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from queue import LifoQueue
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from ingester.cages import Cage
from ingester.errors import ConfigurationError
from ingester.models import Failed, Reason
from ingester.settings import Extract

T = TypeVar("T")
R = TypeVar("R")

_AHEAD = 8
"""Items a process is given before they are asked for: at 4 a long page leaves the others without work."""

_AHEAD_ON_CLUSTER = 256


class Engine(Protocol):
    """Runs a pure function on items: here, in child processes, or on a cluster."""

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R | Failed]:
        """The function's value for each item, in the items' order, pulled as they are needed."""
        ...


class Processes:
    """Child processes with a wall deadline and a memory limit, each killed and replaced on its own.

    Thread safe. A context manager: leaving it kills whatever is still at work.
    """

    def __init__(self, limits: Extract) -> None:
        self._cages = [Cage(limits) for _ in range(limits.processes)]
        self._free: LifoQueue[Cage] = LifoQueue()  # so that those that are warm go on
        for cage in self._cages:
            self._free.put(cage)
        self._threads = ThreadPoolExecutor(limits.processes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        for cage in self._cages:
            cage.close()

    def run(self, function: Callable[[T], R], item: T) -> R | Failed:
        """The function's value for one item, or why there is none; waits for it."""
        outcome: R | Failed = self._run(pickle.dumps(function), item)
        return outcome

    def _run(self, function: bytes, item: Any) -> Any:
        cage = self._free.get()
        try:
            return cage.run(function, item)
        finally:
            self._free.put(cage)

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R | Failed]:
        """The values in the items' order, a few items ahead of the reader."""
        ahead: deque[Future[R | Failed]] = deque()
        pickled = pickle.dumps(function)
        for item in items:
            ahead.append(self._threads.submit(self._run, pickled, item))
            if len(ahead) > _AHEAD * len(self._cages):
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


class Cluster:
    """The workers of a Dask cluster, each with a cage of its own; past one machine.

    Dask gives a lost worker's items to another one; an item that loses three workers gives a
    `Failed`. Needs the `cluster` extra on this machine and on the workers, which must be allowed to
    have children: `dask worker --no-nanny`, or Dask's setting `distributed.worker.daemon: false`.
    """

    def __init__(self, address: str, limits: Extract) -> None:
        self._address = address
        self._limits = limits

    def __enter__(self) -> Self:
        try:
            from distributed import Client  # noqa: PLC0415 - an extra, and slow to import
        except ImportError:
            raise ConfigurationError(
                "extract.cluster needs Dask: pip install 'news-archive-ingester[cluster]'"
            ) from None
        try:
            self._client = Client(self._address, timeout=5, set_as_default=False)  # type: ignore[no-untyped-call] # Dask leaves it bare
        except (OSError, TimeoutError):
            raise ConfigurationError(
                f"extract.cluster: no Dask scheduler answers at {self._address}"
            ) from None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()  # type: ignore[no-untyped-call] # as above

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R | Failed]:
        """The values in the items' order, some batches ahead of the reader."""
        ahead: deque[Any] = deque()
        for item in items:
            ahead.append(self._client.submit(_in_cage, function, item, self._limits, pure=False))
            if len(ahead) > _AHEAD_ON_CLUSTER:
                yield self._outcome(ahead.popleft())
        while ahead:
            yield self._outcome(ahead.popleft())

    def _outcome(self, future: Any) -> Any:  # its value, as the caller knows it
        from distributed.scheduler import KilledWorker  # noqa: PLC0415 - see above

        try:
            return future.result()
        except KilledWorker as error:
            return Failed("extract", Reason.CRASHED, f"lost its workers: {error}"[:500], retry=True)


@contextmanager
def opened(limits: Extract) -> Iterator[Engine]:
    """The engine that the settings choose: a cluster where one is named, else child processes."""
    with Cluster(limits.cluster, limits) if limits.cluster else Processes(limits) as engine:
        yield engine


@cache
def _cages(limits: Extract) -> Processes:
    """The cage of one worker, for as long as that lives."""
    return Processes(limits.model_copy(update={"processes": 1}))


def _in_cage(function: Callable[[T], R], item: T, limits: Extract) -> R | Failed:
    return _cages(limits).run(function, item)
