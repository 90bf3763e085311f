"""What a piece of work takes: by the clock, and in CPU time of this process and its Postgres backend."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from ingester import store


class Cost(NamedTuple):
    """Milliseconds."""

    wall: float
    cpu: float


@contextmanager
def timed(held: store.Archive, costs: list[Cost]) -> Iterator[None]:
    """Adds what the block takes, which uses one connection at a time."""
    with held.engine.connect() as connection:  # the one that the block gets too
        backend = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    wall, cpu = time.perf_counter(), _cpu(backend)
    yield
    costs.append(Cost((time.perf_counter() - wall) * 1e3, (_cpu(backend) - cpu) * 1e3))


def _cpu(backend: int) -> float:
    """CPU seconds so far. Source: Linux, Documentation/scheduler/sched-stats.rst."""
    served = int(Path(f"/proc/{backend}/schedstat").read_text().split()[0])
    return time.process_time() + served / 1e9
