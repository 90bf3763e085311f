"""What processes cost: CPU time and memory, as the kernel tells. Source: proc_pid_stat(5)."""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1e6


@dataclass(frozen=True)
class Process:
    """One living process; `own_s` is its CPU time, `ended_s` that of children which it outlived."""

    pid: int
    parent: int
    session: int
    own_s: float
    ended_s: float
    memory_mb: float


def living() -> Iterator[Process]:
    """All of them."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            values = (folder / "stat").read_text().rpartition(")")[2].split()
            own, ended = int(values[11]) + int(values[12]), int(values[13]) + int(values[14])
            yield Process(int(folder.name), int(values[1]), int(values[3]), own * _TICK_S,
                          ended * _TICK_S, int(values[21]) * _PAGE_MB)  # fmt: skip


def memory_mb(service: int) -> tuple[float, float]:
    """The resident memory of a service that leads its session, and of the largest process in it."""
    held = {process.pid: process.memory_mb for process in living() if process.session == service}
    own = held.pop(service, 0)
    return own, max(held.values(), default=0)


class Costs:
    """The CPU time that a service, its Postgres and the outlets' server have taken since this was made."""

    def __init__(self, service: int, data: Path, outlets: int) -> None:
        self._service = service
        self._postmaster = int((data / "postgres" / "postmaster.pid").read_text().split()[0])
        self._outlets = outlets
        self._before = self._now()

    def spent_s(self) -> Mapping[str, float]:
        """By kind of process, in seconds."""
        return {kind: now - self._before[kind] for kind, now in self._now().items()}

    def _now(self) -> dict[str, float]:
        costs = dict.fromkeys(("the service", "its children", "Postgres", "the outlets"), 0.0)
        for process in living():
            if process.pid == self._service:
                costs["the service"] += process.own_s
            elif process.session == self._service:
                costs["its children"] += process.own_s + process.ended_s
            elif self._postmaster in {process.pid, process.parent}:
                costs["Postgres"] += process.own_s + process.ended_s
            elif process.pid == self._outlets:
                costs["the outlets"] += process.own_s
        return costs
