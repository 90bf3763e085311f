"""Bad pages in a stream through the service, and what they cost the others: `make bench-poison`.

    python -m benchmarks.poison [--pages 10000] [--poisoned 10000] [--kinds "hidden text" ...]

Honest pages of usual size, and streams in which every tenth page is hostile (tests/hostile_pages.py), go
through one service with its default limits in turns: 1,620 bring each kind once. Then every hundredth page
of a stream is poison: it holds its reader past any deadline. Printed: what became of the pages, how fast,
and how the service grew.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import cycle, repeat
from pathlib import Path

import psycopg

from benchmarks import processes
from benchmarks.outlets import markup
from ingester import embedded
from ingester.cli.output import table
from tests.hostile_pages import KINDS, Make, attributes
from tests.loopback import Answer, Loopback, made
from tests.newsroom import feed, report
from tests.storm.services import Ingester, Service, new_database

_HOSTS = 8
_ROUNDS = 3
"""Honest and mixed streams take turns, so that a busy machine is as busy for both."""

_OFTEN_S = 0.2
_FIRST_DAY = datetime(2026, 3, 1, tzinfo=UTC)

_LEAST_RATE = 0.8
_MOST_GROWN_MB = 50
_MOST_CRASHES = 3

SETTINGS = """
[fetch]
host_delay_s = 0
robots = false
allow_networks = ["127.0.0.0/8"]
[retry]
first_s = 1
longest_s = 2
[service]
tick_s = 0.2
port = 0
log = "json"
"""

UNGUARDED = f"""{SETTINGS}
[extract]
max_attributes = 1000000
cpu_s = 1
deadline_s = 60
"""
"""As if nobody had foreseen this kind of page; few processor seconds save time, and they alone count."""

POISON: Make = partial(attributes, 'a{}="x"', 100_000)
"""It holds lxml for more than 40 s where nothing looks before."""

_FATES = """
SELECT CASE WHEN state IN ('stored', 'duplicate') THEN 'stored' ELSE state || ': ' || reason END, count(*)
FROM entry WHERE state <> 'pending' GROUP BY 1
"""
_CRASHES = "SELECT coalesce(max(crashes), 0) FROM entry WHERE state = 'quarantined'"


@dataclass(frozen=True)
class Flow:
    """What became of a stream's pages, how long it took, how the service grew, and its largest child."""

    fates: Counter[str]
    seconds: float
    grown_mb: float
    child_mb: float

    @property
    def rate(self) -> float:
        """Pages a second."""
        return self.fates.total() / self.seconds


class Reader:
    """A service on a database of its own, and the streams that are sent through it."""

    def __init__(self, program: Ingester, service: Service) -> None:
        self._program = program
        self._service = service
        self._child_mb = 0.0

    def read(self, pages: Sequence[Make], first: int) -> Flow:
        """Publish pages, numbered from the first one's number, and wait until each is settled.

        The time runs from the first settled one on, the growth from a tenth of them on.
        """
        before = self._fates()
        with ExitStack() as stack:
            rooms = [stack.enter_context(Loopback()) for _ in range(_HOSTS)]
            self._program.run("feeds", "add", *_published(rooms, pages, first))
            self._wait_for(before.total() + 1)
            began = time.monotonic()
            held_mb = self._wait_for(before.total() + len(pages) // 10)
            grown_mb = self._wait_for(before.total() + len(pages)) - held_mb
        seconds = time.monotonic() - began
        return Flow(self._fates() - before, seconds, grown_mb, self._child_mb)

    def crashes(self) -> int:
        """The most that a page cost before it was given up."""
        return int(self._rows(_CRASHES)[0][0])

    def _wait_for(self, pages: int) -> float:
        """Wait until so many pages are settled; gives the service's own memory then, in MB."""
        while True:
            own_mb, child_mb = processes.memory_mb(self._service.pid)
            self._child_mb = max(self._child_mb, child_mb)
            if self._fates().total() >= pages:
                return own_mb
            time.sleep(_OFTEN_S)

    def _fates(self) -> Counter[str]:
        return Counter(dict(self._rows(_FATES)))

    def _rows(self, query: str) -> list[tuple[str, int]]:
        with psycopg.connect(self._program.environment["DATABASE_URL"]) as connection:
            return connection.execute(query.encode()).fetchall()


def _published(rooms: Sequence[Loopback], pages: Sequence[Make], first: int) -> Iterator[str]:
    """Put the pages online, at one host after the other; gives the feeds that list them."""
    for host, room in enumerate(rooms):
        numbers = range(host, len(pages), len(rooms))
        for number in numbers:
            room.routes[f"/{number}.html"] = made(partial(pages[number], first + number))
        links = [room.url(f"/{number}.html") for number in numbers]
        room.routes["/feed.xml"] = Answer(200, {}, feed(links))
        yield room.url("/feed.xml")


@contextmanager
def reader(folder: Path, url: str, name: str, settings: str) -> Iterator[Reader]:
    """A service on a new database of this name, while the block runs."""
    program = Ingester(folder / name, new_database(url, name), settings)
    program.run("feeds", "list")  # makes the tables
    service = Service(program.config, program.environment, folder / name / "log", ())
    try:
        yield Reader(program, service)
    finally:
        service.stop()
        service.sweep()


def honest(number: int) -> bytes:
    """A page of usual size around a report that no other number gives."""
    at = _FIRST_DAY + timedelta(minutes=number % 500_000)
    return markup(f"{number % _HOSTS}.example", report(number)[1], at)


def mixed(pages: int, every: int, bad: Iterator[Make]) -> list[Make]:
    """So many pages, each so many with the next of the bad ones."""
    return [honest if number % every else next(bad) for number in range(1, pages + 1)]


def _beside(folder: Path, url: str, pages: int, names: Sequence[str]) -> tuple[Flow, Flow]:
    """Honest streams and ones mixed with these kinds in turns, all of each as one."""
    flows: tuple[list[Flow], list[Flow]] = ([], [])
    spread = random.Random(1).sample(names, len(names))  # noqa: S311 - parts the slow ones
    kinds = cycle(KINDS[name] for name in spread)
    with reader(folder, url, "beside", SETTINGS) as service:
        service.read([honest] * 200, 0)  # libraries are loaded, connections are open
        for turn in range(1, 2 * _ROUNDS + 1):
            stream = mixed(pages, 10, kinds) if turn % 2 else [honest] * pages
            flows[turn % 2].append(service.read(stream, turn * 1_000_000))
    return _together(flows[0]), _together(flows[1])


def _together(flows: Sequence[Flow]) -> Flow:
    fates = Counter[str]()
    for flow in flows:
        fates.update(flow.fates)
    return Flow(fates, sum(flow.seconds for flow in flows), max(flow.grown_mb for flow in flows),
                max(flow.child_mb for flow in flows))  # fmt: skip


def poisoned(folder: Path, url: str, pages: int, every: int) -> tuple[Flow, int]:
    """A stream with poison in it; gives what became of it, and the most crashes that a page cost."""
    with reader(folder, url, "poisoned", UNGUARDED) as service:
        return service.read(mixed(pages, every, repeat(POISON)), 0), service.crashes()


def _tell(name: str, flow: Flow) -> None:
    rows = [*sorted(flow.fates.items()), ("a second", f"{flow.rate:.1f}"),
            ("the service grew by, MB", f"{flow.grown_mb:.0f}"),
            ("its largest child, MB", f"{flow.child_mb:.0f}")]  # fmt: skip
    sys.stdout.write(table((name, "pages"), rows) + "\n\n")


def main() -> int:
    """Run both; 1 where a promise was broken."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.poison")
    options.add_argument("--pages", type=int, default=10_000, help="honest and mixed, in all")
    options.add_argument("--poisoned", type=int, default=10_000, help="with poison among them")
    options.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS), metavar="KIND")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="poison-") as name:
        folder = Path(name)
        with embedded.running(folder / "data") as url:
            usual, hostile = _beside(folder, url, chosen.pages // (2 * _ROUNDS), chosen.kinds)
            _tell("honest pages", usual)
            _tell("every tenth one hostile", hostile)
            sys.stdout.write(f"at {hostile.rate / usual.rate:.0%} of the rate\n\n")
            poison, crashes = poisoned(folder, url, chosen.poisoned, 100)
            _tell("every hundredth one poison", poison)
            sys.stdout.write(f"at most {crashes} crashes a page\n")
    bad = chosen.poisoned // 100
    meant = {"stored": chosen.poisoned - bad, "quarantined: crashed": bad}
    kept = {
        f"at least {_LEAST_RATE:.0%} of the rate": hostile.rate >= _LEAST_RATE * usual.rate,
        f"the service grows by less than {_MOST_GROWN_MB} MB": poison.grown_mb < _MOST_GROWN_MB,
        "each page stored but the poison, that in quarantine": poison.fates == meant,
        f"at most {_MOST_CRASHES} crashes a page": crashes <= _MOST_CRASHES,
    }
    broken = [promise for promise, is_kept in kept.items() if not is_kept]
    sys.stderr.writelines(f"broken: {promise}\n" for promise in broken)
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main())
