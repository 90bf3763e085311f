"""The service under load, alone and doubled: `make bench-load`.

    python -m benchmarks.load [--feeds 2000] [--hosts 200] [--pages 20000]

First one `ingester run` with its default settings, but for the interval of polls and the leave to dial
loopback, reads all feeds and pages of outlets on loopback (benchmarks/outlets.py) into an embedded
Postgres. Then two services on one database read the same, one of them stopped, killed and paused past
its leases at random; the two archives must say the same: articles, stories and fates to the last. How
nearly their events agree, which depend a little on the order of arrival, is printed, and judged on real
texts (`make orders`): these share half of their words with many others. Printed, too: what was stored
and what it cost, by process; requests that came early for their host, or twice; memory as it went. The
exit code is 1 where a promise is broken.
"""

import argparse
import multiprocessing as mp
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from benchmarks import processes
from benchmarks.outlets import Server, Size, Spans, serving
from ingester import embedded
from ingester.cli.output import table
from ingester.evaluation import metrics
from ingester.settings import Fetch, Retry
from tests.storm.checks import content, number
from tests.storm.services import Service

_SETTINGS = """
[poll]
interval_s = {interval_s}
[fetch]
host_delay_s = {delay_s}
deadline_s = {deadline_s}
allow_networks = ["127.0.0.0/8"]
[retry]
lease_s = {lease_s}
[service]
port = 0
log = "json"
"""
_EARLY_S = 0.002
"""The clocks of Postgres and of the outlets may differ by so much."""

_WARM, _FLAT = 30, 1.1
"""From this share of the pages on the service's own memory grows by no more than this."""

_STUCK_S = 180
"""Without any progress, after which a load is given up."""

_FATES = "SELECT url, stage, status, reason FROM url_fate"
_SETTLED = "SELECT count(*) FROM entry WHERE state <> 'pending'"
_ARTICLES = "SELECT count(DISTINCT url) FROM article"
_REFUSED = "SELECT count(*) FROM url_fate WHERE status = 'skipped' AND stage <> 'fetch'"
_DOUBLED = """
SELECT (SELECT count(*) - count(DISTINCT url) FROM article)
     + (SELECT count(*) - count(DISTINCT (article_id, body_sha256)) FROM revision)
"""
_ONE_SEED = "UPDATE archive SET seed = 1"
"""So that both archives compare the same pairs: else each finds candidates by a secret of its own."""

_CONNECTIONS = "SELECT sessions FROM pg_stat_database WHERE datname = current_database()"


@dataclass(frozen=True)
class Load:
    """How much is read, and how fast it may be; times in seconds.

    `gap_s` lies between two faults; `lease_s` is the claims' lease where faults strike. A pause of `pause_s`
    goes past it, and stays within a turn's own, 5 s more than `deadline_s`: no service that wakes up later
    can know that its turn is over.
    """

    size: Size
    interval_s: float = 300
    delay_s: float = Fetch().host_delay_s
    deadline_s: float = Fetch().deadline_s
    lease_s: float = 20
    gap_s: float = 25
    pause_s: float = 30


@dataclass
class Report:
    """What one run left, and what it cost: `cpu_s` by kind of process, `memory_mb` by the share done.

    Both are the first service's, which is left alone. In the end the archive says `content` of articles,
    stories and fates, and `events`: by article, its event.
    """

    seconds: float = 0
    articles: int = 0
    refused: int = 0
    doubled: int = 0
    requests: int = 0
    twice: int = 0
    early: int = 0
    connections: int = 0
    cpu_s: Mapping[str, float] = field(default_factory=dict)
    memory_mb: dict[int, tuple[float, float]] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)
    content: set[tuple[object, ...]] = field(default_factory=set)
    events: dict[str, str] = field(default_factory=dict)


class Chaos:
    """Faults on one service: each `gap_s` or so it is stopped, killed or paused, and then comes back."""

    def __init__(self, service: Service, load: Load) -> None:
        self._service = service
        self._load = load
        self._dice = random.Random(load.size.seed)  # noqa: S311 - times of faults
        self._paused_until = 0.0
        self._next = time.monotonic() + load.gap_s

    def __call__(self, report: Report) -> None:
        """Strike, if it is time to."""
        self._service.tend()
        now = time.monotonic()
        if now > self._paused_until > 0:
            self._paused_until = 0
            self._service.signal(signal.SIGCONT)
        if now > self._next and not self._paused_until:
            self._next = now + self._dice.uniform(0.5, 1.5) * self._load.gap_s
            self._strike(report, now)

    def _strike(self, report: Report, now: float) -> None:
        fault = self._dice.choice((signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP))
        report.faults[fault.name] += self._service.signal(fault)
        if fault is signal.SIGSTOP:
            self._paused_until = now + self._load.pause_s


class Runs:
    """One server of outlets and one Postgres, on which a load is run again and again."""

    def __init__(self, load: Load, server: Server, folder: Path) -> None:
        self._load = load
        self._server = server
        self._folder = folder
        self._links = sum(map(len, server.press.links.values()))

    def alone(self, postgres: str) -> Report:
        """One service, left alone."""
        with self._services(postgres, "alone", 1, Retry().lease_s) as (services, database):
            return self._watched(services, database, lambda _: None)

    def doubled(self, postgres: str) -> Report:
        """Two services on one database, one of them struck at random."""
        with self._services(postgres, "doubled", 2, self._load.lease_s) as (services, database):
            return self._watched(services, database, Chaos(services[1], self._load))

    @contextmanager
    def _services(
        self, postgres: str, name: str, count: int, lease_s: float
    ) -> Iterator[tuple[list[Service], str]]:
        database = _database(postgres, name)
        config = self._folder / f"{name}.toml"
        config.write_text(_SETTINGS.format(**{**vars(self._load), "lease_s": lease_s}))
        environment = {**os.environ, "DATABASE_URL": database}
        _import_feeds(config, environment, self._server.press.feeds)
        with psycopg.connect(database) as connection:
            connection.execute(_ONE_SEED)
        logs = [self._folder / f"{name}-{n}.log" for n in range(count)]
        services = [Service(config, environment, log, ()) for log in logs]
        try:
            yield services, database
        finally:
            for service in services:
                service.sweep()

    def _watched(
        self, services: Sequence[Service], database: str, strike: Callable[[Report], None]
    ) -> Report:
        report, began = Report(), time.monotonic()
        costs = processes.Costs(services[0].pid, self._folder / "data", self._server.pid)
        with psycopg.connect(database, autocommit=True) as connection:
            for settled in self._progress(connection):
                share = 100 * settled // self._links // 10 * 10
                if share not in report.memory_mb:
                    report.memory_mb[share] = processes.memory_mb(services[0].pid)
                    print(f"{share} % after {time.monotonic() - began:.0f} s", file=sys.stderr)
                strike(report)
            report.seconds = time.monotonic() - began
            report.cpu_s = costs.spent_s()
            for service in services:
                service.stop()
            self._look(report, connection)
        for *article, event in content(database):
            report.content.add(tuple(article))
            report.events[article[0]] = event
        return report

    def _progress(self, connection: "psycopg.Connection[tuple[object, ...]]") -> Iterator[int]:
        """How many links are settled, again and again until all are."""
        last, since = -1, time.monotonic()
        while (settled := number(connection, _SETTLED)) < self._links:
            if settled > last:
                last, since = settled, time.monotonic()
            assert time.monotonic() < since + _STUCK_S, f"{settled} of {self._links} links settled"
            yield settled
            time.sleep(0.3)

    def _look(self, report: Report, connection: "psycopg.Connection[tuple[object, ...]]") -> None:
        spans = self._server.asked()
        report.requests = sum(map(len, spans.values()))
        report.early = early(spans, self._load.delay_s)
        report.twice = twice(spans)
        report.articles = number(connection, _ARTICLES)
        report.refused = number(connection, _REFUSED)
        report.doubled = number(connection, _DOUBLED)
        report.connections = number(connection, _CONNECTIONS)
        report.content |= set(connection.execute(_FATES.encode()).fetchall())


def early(spans: Spans, delay_s: float) -> int:
    """Requests that came before their host's pause was over, or before the one before was answered."""
    pauses = (
        later[0] - earlier[1]
        for host in spans.values()
        for earlier, later in pairwise(sorted(host))
    )
    return sum(pause < delay_s - _EARLY_S for pause in pauses)


def twice(spans: Spans) -> int:
    """Requests for a page beyond the first one."""
    pages = [
        (host, path)
        for host, each in spans.items()
        for _, _, path in each
        if path.endswith(".html")
    ]
    return len(pages) - len(set(pages))


def run(load: Load, folder: Path) -> Iterator[tuple[str, Report]]:
    """The load on one service, then on two, in an empty folder."""
    with serving(load.size) as server, embedded.running(folder / "data") as postgres:
        runs = Runs(load, server, folder)
        yield "one service", runs.alone(postgres)
        yield "two, one of them struck", runs.doubled(postgres)


def _database(postgres: str, name: str) -> str:
    """The URL of a new database."""
    plain = make_url(postgres).set(drivername="postgresql")
    with psycopg.connect(
        plain.render_as_string(hide_password=False), autocommit=True
    ) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return plain.set(database=name).render_as_string(hide_password=False)


def _import_feeds(config: Path, environment: dict[str, str], feeds: Sequence[str]) -> None:
    listed = config.with_suffix(".txt")
    listed.write_text("\n".join(feeds))
    command = [
        sys.executable,
        "-m",
        "ingester",
        "--config",
        str(config),
        "feeds",
        "import",
        str(listed),
    ]
    subprocess.run(command, env=environment, check=True, capture_output=True)  # noqa: S603 - our own


def broken(report: Report, load: Load) -> Iterator[str]:
    """The promises that a run broke."""
    missing = load.size.pages - report.articles - report.refused
    if missing or report.doubled:
        yield f"{missing} pages are missing, {report.doubled} stand twice"
    if report.early:
        yield f"{report.early} requests came early for their host, or overlapped"
    own = [own for share, (own, _) in sorted(report.memory_mb.items()) if share >= _WARM]
    if own and max(own) > _FLAT * own[0]:
        yield f"the service grew from {own[0]:.0f} MB at {_WARM} % to {max(own):.0f}"


def differing(alone: Report, doubled: Report) -> tuple[int, float]:
    """How many rows of articles, stories and fates differ, and the adjusted Rand index of the events."""
    both = sorted(alone.events.keys() & doubled.events.keys())
    ari = metrics.ari([alone.events[url] for url in both], [doubled.events[url] for url in both])
    return len(alone.content ^ doubled.content), ari


def told(name: str, load: Load, report: Report) -> str:
    """A report as a table."""
    pages, machine_s = load.size.pages, report.seconds * (os.cpu_count() or 1)
    rows = [
        ("feeds, hosts, pages", f"{load.size.feeds:,}, {load.size.hosts:,}, {pages:,}"),
        ("articles, of them doubled", f"{report.articles:,}, {report.doubled}"),
        ("pages that were read and are no articles", report.refused),
        ("requests; pages asked for again", f"{report.requests:,}; {report.twice}"),
        ("requests early for their host", report.early),
        ("time", f"{report.seconds:.0f} s"),
        ("pages a second", f"{pages / report.seconds:.1f}"),
        ("requests a second that hosts allow", f"{load.size.hosts / load.delay_s:.0f}"),
        *((f"CPU of {kind}", f"{spent / pages * 1000:.1f} ms a page, {spent / machine_s:.0%} of the machine")
          for kind, spent in report.cpu_s.items()),
        *((f"memory at {share} %", f"service {own:.0f} MB, its largest child {child:.0f} MB")
          for share, (own, child) in report.memory_mb.items()),
        ("connections opened", report.connections),
        *((f"faults: {kind}", count) for kind, count in sorted(report.faults.items())),
    ]  # fmt: skip
    return table((name, ""), rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--feeds", type=int, default=2000)
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--pages", type=int, default=20_000)
    parser.add_argument("--keep", type=Path, help="a new folder for the logs and the database")
    given = parser.parse_args()
    load = Load(Size(given.feeds, given.hosts, given.pages))
    with tempfile.TemporaryDirectory(prefix="load-") as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(exist_ok=True)
        reports = []
        for name, report in run(load, folder):
            print(told(name, load, report) + "\n", flush=True)
            reports.append(report)
    rows, ari = differing(*reports)
    print(f"rows of articles, stories and fates that differ: {rows}; events' ARI {ari:.4f}")
    faults = [what for report in reports for what in broken(report, load)]
    faults += ["the two archives differ"] if rows else []
    faults += [f"{reports[0].twice} pages were asked for again"] if reports[0].twice else []
    print("\n".join(faults), file=sys.stderr)
    return int(bool(faults))


if __name__ == "__main__":
    mp.set_start_method("forkserver")
    sys.exit(main())
