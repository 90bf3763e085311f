"""The faults, each a function that strikes or tells that there was nothing to strike."""

import os
import random
import signal
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg

from tests.storm.proxy import Moment, Proxy
from tests.storm.services import Service

LEASE_S = 2.0
"""The lease in the storm; a pause goes past it."""

_AWAKE_S = 0.8
"""Between two pauses of a service: several in a row would outlast a turn with a host, and nobody who wakes up
then can know that its turn is over."""

_COMMIT_S = 0.3


@dataclass(frozen=True)
class Stage:
    """What can be struck."""

    services: tuple[Service, ...]
    proxy: Proxy
    postgres: Path
    """The server's own files."""
    database: str
    """A URL that goes to the server past the proxy."""


Fault = Callable[[Stage, random.Random], bool]


def kill_service(stage: Stage, chance: random.Random) -> bool:
    return chance.choice(stage.services).signal(signal.SIGKILL)


def pause_service(stage: Stage, chance: random.Random) -> bool:
    service = chance.choice(stage.services)
    for_s = LEASE_S * chance.uniform(1.05, 1.4)
    if not service.pause(for_s, _AWAKE_S):
        return False
    return _resume(service.pid, for_s)


def kill_child(stage: Stage, chance: random.Random) -> bool:
    child = chance.choice(stage.services).child(chance)
    return child is not None and _sent(child, signal.SIGKILL)


def pause_child(stage: Stage, chance: random.Random) -> bool:
    child = chance.choice(stage.services).child(chance)
    if child is None or not _sent(child, signal.SIGSTOP):
        return False
    return _resume(child, LEASE_S * chance.uniform(0.2, 1.6))


def kill_postgres(stage: Stage, _: random.Random) -> bool:
    with suppress(OSError, ValueError):
        server = int((stage.postgres / "postmaster.pid").read_text().split()[0])
        return _sent(server, signal.SIGKILL)
    return False


def terminate_backend(stage: Stage, _: random.Random) -> bool:
    with suppress(psycopg.Error), psycopg.connect(stage.database, autocommit=True) as connection:
        return bool(connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name = 'service' ORDER BY random() LIMIT 1"
        ).fetchall())  # fmt: skip
    return False


def cut_connection(stage: Stage, chance: random.Random) -> bool:
    return stage.proxy.cut(chance)


def delay_traffic(stage: Stage, chance: random.Random) -> bool:
    return stage.proxy.delay(chance.uniform(0.05, 0.5))


def cut_commit(moment: Moment, stage: Stage, _: random.Random) -> bool:
    return stage.proxy.cut_commit(moment, _COMMIT_S)


PAUSE = "SIGSTOP of a service, past its lease"
KILL = "SIGKILL of a service"

FAULTS: Mapping[str, tuple[Fault, float]] = {
    KILL: (kill_service, 1),
    PAUSE: (pause_service, 48),
    "SIGKILL of a child": (kill_child, 4),
    "SIGSTOP of a child": (pause_child, 7),
    "kill -9 of Postgres": (kill_postgres, 1),
    "pg_terminate_backend": (terminate_backend, 22),
    "connection cut": (cut_connection, 18),
    "traffic delayed": (delay_traffic, 12),
    "COMMIT cut off before the server": (partial(cut_commit, "before"), 9),
    "COMMIT's reply dropped": (partial(cut_commit, "after"), 14),
}
"""By name: what it does, and how often among the others."""


def _resume(pid: int, after_s: float) -> bool:
    timer = threading.Timer(after_s, _sent, (pid, signal.SIGCONT))
    timer.daemon = True
    timer.start()
    return True


def _sent(pid: int, number: signal.Signals) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True
