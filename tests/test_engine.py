"""Engines lose no item: what kills or hangs a process costs that item alone."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from ingester import cages as module
from ingester import engine, settings
from ingester.errors import ConfigurationError
from ingester.models import Failed, Reason

LIMITS = settings.read(extract={"processes": 2, "deadline_s": 3}).extract


def work(item: int) -> int:
    """A step that some items end, hang, or swell."""
    if item == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    if item == 5:
        time.sleep(30)
    if item == 7:
        raise ValueError("an odd page")
    if item == 9:
        return len(bytearray(8_000_000_000))
    return item * item


@pytest.fixture(scope="module")
def processes() -> Iterator[engine.Processes]:
    with engine.Processes(LIMITS) as cages:
        yield cages


def test_values_come_in_order_and_failures_in_their_places(processes: engine.Processes) -> None:
    results = list(processes.map(work, range(40)))
    fatal = {3, 5, 7, 9}
    assert [r for i, r in enumerate(results) if i not in fatal] == [
        i * i for i in range(40) if i not in fatal
    ]
    for item, word in ((3, "ended"), (5, "after 3 s"), (7, "an odd page"), (9, "MemoryError")):
        failed = results[item]
        assert isinstance(failed, Failed)
        assert failed.reason is Reason.CRASHED
        assert failed.retry
        assert word in failed.detail


def endless(_: int) -> int:
    while True:
        pass


def test_a_step_may_use_so_much_of_a_processor_however_busy_the_machine() -> None:
    limits = LIMITS.model_copy(update={"processes": 1, "cpu_s": 1, "deadline_s": 100})
    with engine.Processes(limits) as cages:
        failed = cages.run(endless, 0)
        assert isinstance(failed, Failed)
        assert failed.detail == "still at work after 1 s of a processor"
        assert cages.run(own_process, 0)


def own_process(_: int) -> int:
    return os.getpid()


def test_a_process_that_dies_while_it_has_nothing_to_do_costs_no_item(
    processes: engine.Processes,
) -> None:
    for _ in range(3):
        idle = processes.run(own_process, 0)
        assert isinstance(idle, int)
        os.kill(idle, signal.SIGKILL)
        assert processes.run(own_process, 0) != idle


def test_a_process_that_is_stopped_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with engine.Processes(LIMITS.model_copy(update={"processes": 1})) as cages:
        idle = cages.run(own_process, 0)
        assert isinstance(idle, int)
        monkeypatch.setattr(module, "_START_S", 5)
        os.kill(idle, signal.SIGSTOP)
        assert cages.run(len, bytes(5_000_000)) == 5_000_000, "the item is given to another"
        assert cages.run(own_process, 0) != idle


def test_who_waits_when_the_program_stops_is_told_so() -> None:
    with ThreadPoolExecutor(1) as other, engine.Processes(LIMITS) as cages:
        cages.run(own_process, 0)
        waiting = other.submit(cages.run, time.sleep, 0.9)
        time.sleep(0.2)
        cages.__exit__(None, None, None)
        failed = waiting.result()
        assert isinstance(failed, Failed)
        assert failed.reason is Reason.SHUTDOWN


def test_items_are_pulled_as_they_are_needed(processes: engine.Processes) -> None:
    pulled: list[int] = []

    def items() -> Iterator[int]:
        for number in range(10_000):
            pulled.append(number)
            yield number * 10

    results = processes.map(work, items())
    assert next(results) == 0
    assert len(pulled) < 50


def test_a_cluster_that_is_not_there_is_named() -> None:
    limits = settings.read(extract={"cluster": "tcp://127.0.0.1:9"}).extract
    with pytest.raises(ConfigurationError, match=r"127\.0\.0\.1:9"), engine.opened(limits):
        pass


def test_a_cluster_gives_the_same_values_and_survives_a_lost_worker() -> None:
    distributed = pytest.importorskip("distributed")
    dask = pytest.importorskip("dask")
    with (
        dask.config.set({"distributed.worker.daemon": False}),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
        ) as cluster,
    ):
        limits = LIMITS.model_copy(update={"cluster": cluster.scheduler_address})
        with engine.opened(limits) as chosen:
            results = chosen.map(work, (10 * n for n in range(400)))
            first = next(results)
            os.kill(cluster.workers[0].pid, signal.SIGKILL)
            assert [first, *results] == [100 * n * n for n in range(400)]
