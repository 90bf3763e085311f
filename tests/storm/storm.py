"""One storm from the first feed to the last check."""

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from ingester import embedded
from tests.storm import checks
from tests.storm.faults import FAULTS, LEASE_S, Stage
from tests.storm.press import Press
from tests.storm.proxy import Proxy
from tests.storm.services import Ingester, Service, database_url, new_database

_OUTLETS = 8
_AHEAD = 60
"""URLs that wait to be read, so that each fault finds work under way."""

_AT_ONCE = 20
"""Bad pages that are published together."""

_PAGES = 0.25
"""The share of bad inputs that are pages, at least; the others are feeds, as often as they are polled."""

_CALM_S = 180
"""After the last fault, for all that was published to be settled."""

_BROKEN_CALM_S = 10
"""The same for a variant, some of which settle nothing more."""

_OLDEST_S = 60
"""A claim outlives its lease while its host's turn is held by a killed service too, or all are down."""

_LEFT_S = 15
"""For the children of a killed service to notice, and end."""

# event_join: reports are random words, so what two of them have in common is chance, and near the
# threshold it would depend on which neighbours a look-up reads.
_SETTINGS = f"""
[database]
connections = 4
[poll]
interval_s = 1
shortest = 1
longest = 1
max_items = 100000
[fetch]
host_delay_s = 0
deadline_s = 2
concurrency = 6
robots = false
allow_networks = ["127.0.0.0/8"]
[extract]
deadline_s = 8
[grouping]
event_join = 0.9
[retry]
attempts = 10000
crashes = 10000
first_s = 0.2
longest_s = 1
lease_s = {LEASE_S}
[service]
tick_s = 0.2
port = 0
log = "json"
"""


@dataclass(frozen=True)
class Weather:
    """How much of what, the same for the same seed; `broken` names a variant that must be caught.

    `inputs` are bad ones: pages published, and feeds served.
    """

    faults: int
    stories: int
    seed: int
    inputs: int = 0
    gap_s: float = 0.15
    kinds: Sequence[str] = tuple(FAULTS)
    broken: str | None = None


@dataclass
class Report:
    """What the storm was, and what it left."""

    struck: Counter[str] = field(default_factory=Counter)
    bad_pages: Counter[str] = field(default_factory=Counter)
    bad_feeds: Counter[str] = field(default_factory=Counter)
    published: int = 0
    reported: int = 0
    lost: int = 0
    duplicated: int = 0
    stuck: int = 0
    unaccounted: int = 0
    uncaught: int = 0
    with_nul: int = 0
    oldest_claim_s: float = 0
    snapshots: int = 0
    broken_snapshots: int = 0
    left_processes: int = 0
    starts: int = 0
    drift: int = 0
    changed_by_rerun: int = 0
    fates: dict[str, int] = field(default_factory=dict)
    seconds: float = 0

    def faults(self) -> Iterator[str]:
        """Each promise that was broken."""
        for name in ("lost", "duplicated", "stuck", "unaccounted", "uncaught", "with_nul",
                     "broken_snapshots", "left_processes", "drift", "changed_by_rerun"):  # fmt: skip
            if getattr(self, name):
                yield f"{name}: {getattr(self, name)}"
        if self.oldest_claim_s > _OLDEST_S:
            yield f"oldest claim: {self.oldest_claim_s:.0f} s"


def run(weather: Weather, folder: Path) -> Report:
    """Raise the storm in an empty folder, let it calm down, and look at what is held."""
    report, began = Report(), time.monotonic()
    with ExitStack() as stack:
        press = stack.enter_context(Press(_OUTLETS, weather.seed))
        url = stack.enter_context(embedded.running(folder / "data"))
        database = new_database(url, "storm")
        calm = Ingester(folder / "calm", database, _SETTINGS)
        calm.run("feeds", "add", *press.feeds())
        if weather.broken:
            _break(database, weather.broken)
        with (
            Proxy(_socket(url)) as proxy,
            _services(weather, folder, database, proxy) as two,
        ):
            stage = Stage(two, proxy, folder / "data" / "postgres", database)
            _started(stage)
            with checks.Watch(database) as watch:
                _rage(weather, stage, press, watch, report)
                _calm(weather, stage, press, watch)
            _look(report, stage, press, watch)
        if not weather.broken:
            _compare(report, folder, url, press, calm)
    report.seconds = time.monotonic() - began
    return report


@contextmanager
def _services(
    weather: Weather, folder: Path, database: str, proxy: Proxy
) -> Iterator[tuple[Service, ...]]:
    plain = make_url(database).set(host="127.0.0.1", port=proxy.port)
    quiet = {"application_name": "service", "sslmode": "disable", "gssencmode": "disable"}
    through = plain.set(query=quiet).render_as_string(hide_password=False)
    told = Ingester(folder / "service", through, _SETTINGS)
    one_cage = {**told.environment, "INGESTER_EXTRACT__PROCESSES": "1"}
    program = ("-m", "tests.storm.variants", weather.broken) if weather.broken else ()
    both = tuple(
        Service(told.config, one_cage, folder / f"{name}.log", program) for name in ("one", "two")
    )
    try:
        yield both
    finally:
        for service in both:
            service.sweep()


def _started(stage: Stage) -> None:
    """Wait until the services are at work, so that the first fault finds them so."""
    give_up = time.monotonic() + _CALM_S
    for log in (service.log for service in stage.services):
        while "service started" not in log.read_text():
            assert time.monotonic() < give_up, f"no service started: {log.read_text()[-2000:]}"
            time.sleep(0.1)


def _rage(
    weather: Weather, stage: Stage, press: Press, watch: checks.Watch, report: Report
) -> None:
    chance = random.Random(weather.seed)
    weights = [FAULTS[kind][1] for kind in weather.kinds]
    while (share := report.struck.total() / weather.faults) < 1 or press.bad < weather.inputs:
        _keep_busy(weather, press, watch, share)
        _tend(stage)
        if share < 1 and press.bad >= int(
            share * weather.inputs
        ):  # neither goes ahead of the other
            kind = chance.choices(weather.kinds, weights)[0]
            report.struck[kind] += FAULTS[kind][0](stage, chance)
        time.sleep(chance.expovariate(1 / weather.gap_s))


def _keep_busy(weather: Weather, press: Press, watch: checks.Watch, share: float) -> None:
    """Publish ahead of the readers, but no faster than the storm goes on."""
    if len(press.fates) - watch.settled >= _AHEAD:
        return
    due = min(weather.stories * (share + 0.02), weather.stories)
    if press.stories < due:
        press.publish(1 + int((due - press.stories) / 10))
    due = min(share + 0.02, 1) * weather.inputs
    if press.bad < due or press.bad_pages.total() < _PAGES * due:
        press.spoil(_AT_ONCE)


def _calm(weather: Weather, stage: Stage, press: Press, watch: checks.Watch) -> None:
    """Wait until everything published is settled; then let the services drain."""
    press.well = True
    give_up = time.monotonic() + (_BROKEN_CALM_S if weather.broken else _CALM_S)
    while _unsettled(press, watch) and time.monotonic() < give_up:
        _tend(stage)
        time.sleep(0.2)
    for service in stage.services:
        service.stop()


def _unsettled(press: Press, watch: checks.Watch) -> bool:
    return watch.settled < len(press.fates) or watch.pending > 0


def _tend(stage: Stage) -> None:
    for service in stage.services:
        service.tend()


def _look(report: Report, stage: Stage, press: Press, watch: checks.Watch) -> None:
    told = checks.reported(service.log for service in stage.services)
    report.published, report.reported = len(press.fates), len(told)
    report.lost = len(checks.lost(stage.database, press.fates, told))
    report.duplicated, report.stuck, seen, report.fates = checks.tallies(stage.database)
    report.unaccounted = abs(seen - sum(report.fates.values()))
    report.bad_pages, report.bad_feeds = press.bad_pages, press.bad_feeds
    report.uncaught = checks.uncaught(service.log for service in stage.services)
    report.with_nul = checks.rows_with_nul(stage.database)
    report.oldest_claim_s = watch.oldest_claim_s + LEASE_S
    report.snapshots, report.broken_snapshots = watch.snapshots, watch.broken
    report.starts = sum(service.starts for service in stage.services)
    report.left_processes = _left(stage)


def _left(stage: Stage) -> int:
    give_up = time.monotonic() + _LEFT_S
    while (left := sum(len(service.left()) for service in stage.services)) > 0:
        if time.monotonic() > give_up:
            break
        time.sleep(0.2)
    return left


def _compare(report: Report, folder: Path, url: str, press: Press, calm: Ingester) -> None:
    """The same outlets read without a storm, and once more with nothing new."""
    stormy = database_url(url, "storm")
    calm.run("once")  # what the services had put off: articles that hold what was learned since
    before = checks.fingerprint(stormy)
    calm.run("once")
    after = checks.fingerprint(stormy)
    report.changed_by_rerun = sum(before[table] != after[table] for table in before)
    fair = new_database(url, "fair")
    undisturbed = Ingester(folder / "fair", fair, _SETTINGS)
    undisturbed.run("feeds", "add", *press.archives())
    undisturbed.run("once")
    report.drift = len(set(checks.content(stormy)) ^ set(checks.content(fair)))


def _socket(url: str) -> str:
    return f"{make_url(url).query['host']}/.s.PGSQL.5432"


def _break(database: str, name: str) -> None:
    """Take away what a variant is without."""
    statements = Path(__file__).parent / "variants" / name / "schema.sql"
    with psycopg.connect(database) as connection:
        connection.execute(statements.read_bytes())
