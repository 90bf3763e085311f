"""`doctor`: what is wrong, in plain words, and what to do about it."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from ingester import pipeline, store
from ingester.cli.opening import archive
from ingester.cli.options import Options
from ingester.cli.output import counted, span, write_json
from ingester.engine import Processes
from ingester.extract import siterules
from ingester.models import Failed, Page
from ingester.settings import Settings, database_url
from ingester.store import schema

_CLOCKS_APART = timedelta(seconds=30)
_LITTLE_DISK = 2_000_000_000
_SHOWN = 5
_TRIAL = (
    "A page to try the cages on.\n\n" + "The quay was quiet, and nobody came to ask for news. " * 20
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: how it is, and what to do; `advice` is None where all is well."""

    what: str
    state: str
    advice: str | None = None


@click.command()
@click.option("--json", "as_json", is_flag=True, help="A line of JSON for each finding.")
@click.pass_obj
def doctor(options: Options, as_json: bool) -> int:
    """Look the archive over: what is wrong, and what to do.

    The database, the clocks, the disk, feeds that fail or are overdue, hosts that refuse, what is
    stuck or in quarantine, and whether pages can be read here. The exit code is 1 if anything is
    wrong.

    \b
    Examples:
      ingester doctor
      ingester doctor --json | jq -r 'select(.advice) | .what'
    """
    settings = options.start()
    with archive(settings) as held:
        findings = list(_findings(held, settings))
    for found in findings:
        if as_json:
            write_json({"what": found.what, "state": found.state, "advice": found.advice})
        else:
            click.echo(_told(found))
    return int(any(found.advice for found in findings))


def _findings(held: store.Archive, settings: Settings) -> Iterator[Finding]:
    health = store.health(held)
    yield Finding(
        "database", f"Postgres {health.server_version}, durable, schema {schema.latest()}"
    )
    yield _clock(health)
    yield from _disk(health, settings)
    yield _service(health)
    yield from _feeds(held)
    yield from _hosts(held)
    yield _claims(health)
    yield _quarantine(held, health)
    yield from _site_rules(settings)
    yield _cages(settings)


def _told(found: Finding) -> str:
    line = f"{'!!' if found.advice else 'ok'}  {found.what}: {found.state}"
    return f"{line}\n      {found.advice}" if found.advice else line


def _clock(health: Any) -> Finding:
    apart = abs(datetime.now(UTC) - health.server_clock)
    if apart < _CLOCKS_APART:
        return Finding("clock", "this machine and the database agree")
    advice = "Set both by NTP: times claimed by pages are judged by this clock, leases by the database's."
    return Finding("clock", f"{span(apart)} apart from the database's", advice)


def _disk(health: Any, settings: Settings) -> Iterator[Finding]:
    held, pages = health.database_bytes / 1e6, health.page_bytes / 1e6
    size = f"the archive takes {held:,.0f} MB, {pages:,.0f} of them pages"
    if database_url(settings) is not None:
        yield Finding("disk", f"{size}; free space is the server's to watch")
        return
    free = shutil.disk_usage(settings.database.data_dir).free
    advice = "Free some, or keep pages for a limited time: retention.pages_days."
    yield Finding(
        "disk", f"{size}; {free / 1e9:,.1f} GB free", advice if free < _LITTLE_DISK else None
    )


def _service(health: Any) -> Finding:
    polled = "never" if health.polled_at is None else f"{health.polled_at:%Y-%m-%d %H:%M} UTC"
    state = f"{health.feeds:,} feeds, last poll {polled}"
    if not health.feeds:
        advice = "Add feeds: ingester feeds add URL, or feeds import FILE.opml."
        return Finding("service", "no feeds", None if health.has_articles else advice)
    if not health.overdue_feeds:
        return Finding("service", state)
    advice = (
        "Start the service (ingester run); if it runs, see its log, and raise fetch.concurrency."
    )
    return Finding(
        "service", f"{state}, {health.overdue_feeds:,} overdue by 10 minutes or more", advice
    )


def _feeds(held: store.Archive) -> Iterator[Finding]:
    feeds = store.feeds(held)
    failing = [feed for feed in feeds if feed.last_error]
    deadly = [feed for feed in feeds if feed.crashes > held.settings.retry.crashes]
    if not failing and not deadly:
        yield Finding("feeds", "none fails")
    for feed in deadly[:_SHOWN]:
        state = f"{feed.url} was asked {feed.crashes} times, and no service lived to record what it gave"
        advice = "Take it off (ingester feeds remove) and look whether the service still dies; see its log."
        yield Finding("deadly feed", state, advice)
    for feed in sorted(failing, key=lambda feed: str(feed.failing_since))[:_SHOWN]:
        since = (
            f"since {feed.failing_since:%Y-%m-%d %H:%M}"
            if feed.failing_since
            else "at its last poll"
        )
        advice = "Look for its new address, or take it off: ingester feeds remove."
        yield Finding("feed", f"{feed.url} fails {since}: {feed.last_error}", advice)
    if len(failing) > _SHOWN:
        yield Finding("feeds", f"{len(failing) - _SHOWN:,} more fail", "See: ingester feeds list.")


def _hosts(held: store.Archive) -> Iterator[Finding]:
    hosts = store.refusing_hosts(held)
    if not hosts:
        yield Finding("hosts", "none refused all pages this week")
    for host in hosts[:_SHOWN]:
        advice = ("Set fetch.contact to an address of yours, so that outlets know whom to ask; "
                  "ask them, or remove the feed.")  # fmt: skip
        yield Finding(
            "host", f"{host.host} gave none of {host.urls:,} pages this week: {host.reason}", advice
        )


def _claims(health: Any) -> Finding:
    if not health.stuck:
        return Finding("queue", "nothing is stuck")
    advice = (
        "Leases ran out and nobody took them up: is a service running? Start one: ingester run."
    )
    return Finding("queue", f"{health.stuck:,} claims of dead workers wait", advice)


def _quarantine(held: store.Archive, health: Any) -> Finding:
    if not health.quarantined:
        return Finding("quarantine", "empty")
    reasons = {row.reason: row.urls for row in store.fates(held) if row.status == "quarantined"}
    return Finding("quarantine", counted(reasons), "See: ingester quarantine list.")


def _site_rules(settings: Settings) -> Iterator[Finding]:
    folder = settings.extract.site_rules
    faults = siterules.faults(folder) if folder else ()
    if folder and not faults:
        yield Finding("site rules", f"all of {folder} can be honoured")
    for fault in faults[:_SHOWN]:
        yield Finding("site rules", fault, "Until that is mended, the line counts for nothing.")
    if len(faults) > _SHOWN:
        more = f"{len(faults) - _SHOWN:,} more lines can't be honoured"
        yield Finding("site rules", more, "They are named once those above are mended.")


def _cages(settings: Settings) -> Finding:
    page = Page(None, _TRIAL.encode(), "text/plain", "utf-8", datetime.now(UTC))
    with Processes(settings.extract.model_copy(update={"processes": 1})) as engine:
        result = engine.run(_read, (page, settings))
    if isinstance(result, Failed):
        advice = ("Raise extract.memory_mb, extract.cpu_s or extract.deadline_s; "
                  "run: ingester -v extract with a page.")  # fmt: skip
        return Finding("reading", f"a plain page could not be read: {result.detail}", advice)
    return Finding("reading", "a page is read in a process of its own")


def _read(trial: tuple[Page, Settings]) -> object:
    return pipeline.read(trial[0], trial[1].extract)
