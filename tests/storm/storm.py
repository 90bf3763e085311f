"""One storm from the first feed to the last check."""

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from ingester import embedded
from tests.storm import checks
from tests.storm.faults import FAULTS, LEASE_S, Stage
from tests.storm.outlet import DELAY_S, REST_S
from tests.storm.press import Press
from tests.storm.proxy import Proxy
from tests.storm.record import Record
from tests.storm.report import Report, Weather
from tests.storm.services import Ingester, Service, database_url, new_database
from tests.storm.watch import Watch

_OUTLETS = 8
_AHEAD = 60
"""URLs that wait to be read, so that each fault finds work under way."""

_AT_ONCE = 20
"""Bad pages that are published together."""

_PAGES = 0.25
"""The share of bad inputs that are pages, at least; the others are feeds, as often as they are polled."""

_LOOK_AGAIN_S = 0.02
"""Where there was nothing to strike, or the inputs are behind."""

_CALM_S = 180
"""After the last fault, for all that was published to be settled and visited."""

_BROKEN_CALM_S = 8
"""The same for a variant, some of which settle nothing more."""

_LEFT_S = 15
"""For the children of a killed service to notice, and end."""

_NAMES = ("one", "two")

# event_join: reports are random words, so what two of them have in common is chance, and near the
# threshold it would depend on which neighbours a look-up reads.
# attempts: a page is struck several times before it is read, and must not be given up for that.
_SETTINGS = """
[database]
connections = 4
[poll]
interval_s = 1
shortest = 1
longest = 1
max_items = 100000
[fetch]
host_delay_s = {delay_s}
rest_s = {rest_s}
longest_rest_s = 4
deadline_s = 2
concurrency = 6
allow_networks = ["127.0.0.0/8"]
[extract]
deadline_s = 8
[grouping]
event_join = 0.9
[revisit]
after_s = {visits}
[retry]
attempts = 15
crashes = 10000
first_s = 0.2
longest_s = 1.5
lease_s = {lease_s}
[service]
tick_s = 0.2
port = 0
log = "json"
"""


def run(weather: Weather, folder: Path) -> Report:
    """Raise the storm in an empty folder, let it calm down, and look at what is held."""
    report, began = Report(weather), time.monotonic()
    settings = _SETTINGS.format(
        delay_s=DELAY_S, rest_s=REST_S, lease_s=LEASE_S, visits=list(weather.visits_s)
    )
    with ExitStack() as stack:
        record = stack.enter_context(Record(folder / "record.jsonl"))
        press = stack.enter_context(Press(_OUTLETS, weather.seed, record, weather.slow_s))
        url = stack.enter_context(embedded.running(folder / "data"))
        database = new_database(url, "storm")
        calm = Ingester(folder / "calm", database, settings)
        calm.run("feeds", "add", *press.feeds())
        if weather.broken:
            _break(database, weather.broken)
        with (
            Proxy(_socket(url)) as proxy,
            _services(weather, folder, database, proxy, settings) as two,
        ):
            stage = Stage(two, proxy, folder / "data" / "postgres", database)
            _started(stage)
            with Watch(database, len(weather.visits_s)) as watch:
                _rage(weather, stage, press, watch, report)
                _calm(weather, stage, press, watch)
            _look(report, stage, press, record, watch)
        if not weather.broken:
            _compare(report, folder, url, press, settings)
    report.seconds = time.monotonic() - began
    return report


@contextmanager
def _services(
    weather: Weather, folder: Path, database: str, proxy: Proxy, settings: str
) -> Iterator[tuple[Service, ...]]:
    plain = make_url(database).set(host="127.0.0.1", port=proxy.port)
    quiet = {"application_name": "service", "sslmode": "disable", "gssencmode": "disable"}
    through = plain.set(query=quiet).render_as_string(hide_password=False)
    told = Ingester(folder / "service", through, settings)
    program = ("-m", "tests.storm.variants", weather.broken) if weather.broken else ()
    both = tuple(
        Service(told.config, _alone(told, name), folder / f"{name}.log", program) for name in _NAMES
    )
    try:
        yield both
    finally:
        for service in both:
            service.sweep()


def _alone(told: Ingester, name: str) -> dict[str, str]:
    """The environment of a service of its own name, with one cage."""
    own = {"INGESTER_EXTRACT__PROCESSES": "1", "INGESTER_FETCH__USER_AGENT": f"{name}/1"}
    return {**told.environment, **own}


def _started(stage: Stage) -> None:
    """Wait until the services are at work, so that the first fault finds them so."""
    give_up = time.monotonic() + _CALM_S
    for log in (service.log for service in stage.services):
        while "service started" not in log.read_text():
            assert time.monotonic() < give_up, f"no service started: {log.read_text()[-2000:]}"
            time.sleep(0.1)


def _rage(weather: Weather, stage: Stage, press: Press, watch: Watch, report: Report) -> None:
    chance = random.Random(weather.seed)
    weights = [FAULTS[kind][1] for kind in weather.kinds]
    while (share := report.struck.total() / weather.faults) < 1 or _share(weather, press) < 1:
        _keep_busy(weather, press, watch, share)
        _tend(stage)
        if share < 1 and _share(weather, press) >= share:  # neither goes ahead of the other
            kind = chance.choices(weather.kinds, weights)[0]
            if FAULTS[kind][0](stage, chance):
                report.struck[kind] += 1
                time.sleep(chance.expovariate(1 / weather.gap_s))
                continue
        time.sleep(_LOOK_AGAIN_S)


def _share(weather: Weather, press: Press) -> float:
    """How much there was of what is to be read: the reports, or the bad inputs, whichever are behind."""
    return min(press.stories / weather.stories, press.bad / weather.inputs if weather.inputs else 1)


def _keep_busy(weather: Weather, press: Press, watch: Watch, share: float) -> None:
    """Publish ahead of the readers, but no faster than the storm goes on."""
    if len(press.pages.fates) - watch.settled >= _AHEAD:
        return
    due = min(weather.stories * (share + 0.02), weather.stories)
    if press.stories < due:
        press.publish(1 + int((due - press.stories) / 10))
    due = min(share + 0.02, 1) * weather.inputs
    if press.bad < due or press.bad_pages.total() < _PAGES * due:
        press.spoil(_AT_ONCE)


def _calm(weather: Weather, stage: Stage, press: Press, watch: Watch) -> None:
    """Wait until everything published is settled and visited; then let the services drain."""
    press.finish()
    give_up = time.monotonic() + (_BROKEN_CALM_S if weather.broken else _CALM_S)
    while _unsettled(press, watch) and time.monotonic() < give_up:
        _tend(stage)
        time.sleep(0.2)
    for service in stage.services:
        service.stop()


def _unsettled(press: Press, watch: Watch) -> bool:
    return watch.settled < len(press.pages.fates) or watch.due > 0


def _tend(stage: Stage) -> None:
    for service in stage.services:
        service.tend()


def _look(report: Report, stage: Stage, press: Press, record: Record, watch: Watch) -> None:
    logs = {name: service.log for name, service in zip(_NAMES, stage.services, strict=True)}
    tables = checks.Tables.read(stage.database, press.pages)
    sites = [outlet.url() for outlet in press.outlets]
    report.found = {
        "lost": list(checks.lost(tables, press.pages)),
        "unread": list(checks.unread(tables, record, logs)),
        "stale": list(checks.stale(tables, press.pages)),
        "put_back": list(checks.put_back(tables)),
        "mistaken": list(checks.mistaken(tables, press.pages)),
        "unaccounted": list(checks.unaccounted(tables, press.pages, record, sites)),
        "misread": list(checks.misread(tables, record)),
    }
    report.duplicated, report.stuck = (
        checks.duplicated(stage.database),
        checks.stuck(stage.database),
    )
    report.seen, report.states = len(press.pages.fates), tables.states()
    report.reported = checks.reported(logs.values())
    report.bad_pages, report.bad_feeds = press.bad_pages, press.bad_feeds
    report.overlaps = sum(outlet.manners.overlaps for outlet in press.outlets)
    report.early = sum(outlet.manners.early for outlet in press.outlets)
    report.trespasses = sum(outlet.trespasses() for outlet in press.outlets)
    report.requests = sum(len(outlet.asked) for outlet in press.outlets)
    report.revisions = sum(len(each) - 1 for each in tables.revisions.values())
    report.uncaught = checks.uncaught(logs.values())
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


def _compare(report: Report, folder: Path, url: str, press: Press, settings: str) -> None:
    """The same outlets read without a storm, and once more with nothing new."""
    stormy = database_url(url, "storm")
    calm = Ingester(folder / "again", stormy, settings)
    calm.run("once")
    before = checks.fingerprint(stormy)
    calm.run("once")
    after = checks.fingerprint(stormy)
    report.changed_by_rerun = sum(before[table] != after[table] for table in before)
    fair = new_database(url, "fair")
    for outlet in press.outlets:
        outlet.revive()
    undisturbed = Ingester(folder / "fair", fair, settings)
    undisturbed.run("feeds", "add", *press.good_feeds())
    undisturbed.run("once")
    differing = set(checks.content(stormy)) ^ set(checks.content(fair))
    report.found["drift"] = [str(row)[:500] for row in sorted(differing, key=str)]


def _socket(url: str) -> str:
    return f"{make_url(url).query['host']}/.s.PGSQL.5432"


def _break(database: str, name: str) -> None:
    """Take away what a variant is without."""
    statements = Path(__file__).parent / "variants" / name / "schema.sql"
    with psycopg.connect(database) as connection:
        connection.execute(statements.read_bytes())
