"""`run` and `once`: the pipeline, until stopped or until nothing is due."""

import logging
from collections import Counter

import click

from ingester import metrics, service
from ingester.cli.opening import archive
from ingester.cli.options import Options
from ingester.cli.output import counted, write_json


@click.command()
@click.pass_obj
def run(options: Options) -> None:
    """Poll feeds and ingest pages until stopped.

    One log line for each outcome; figures at http://127.0.0.1:9464/metrics, health at /healthz
    (see [service] in the settings). SIGTERM and Ctrl-C let it finish what it has begun. Any
    number may run on one database.

    \b
    Examples:
      ingester run
      DATABASE_URL=postgresql://news@db/news ingester --log json run
    """
    settings = options.start(logging.INFO)
    with archive(settings) as held:
        service.run(held)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The summary as JSON.")
@click.pass_obj
def once(options: Options, as_json: bool) -> int:
    """Poll and ingest all that is due now, then stop.

    For a cron job, or to see what a feed brings. A feed that was polled a moment ago is not due:
    the summary then says that nothing was. Exits with 1 where a feed or a page failed.

    \b
    Examples:
      ingester once
      ingester -v once          # a line for each outcome
    """
    with archive(options.start(logging.WARNING)) as held:
        before = tally()
        faults = service.once(held)
        outcomes = tally() - before
    write_json({**by_leg(outcomes), "faults": faults}) if as_json else _summarise(outcomes)
    return int(faults > 0 or any(reason for _, _, reason in outcomes))


def tally() -> Counter[tuple[str, str, str]]:
    """What this process has told so far, by leg, outcome and reason."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for metric in metrics.OUTCOMES.collect():
        for sample in metric.samples:
            if sample.name.endswith("_total"):
                labels = sample.labels
                key = (labels["leg"], labels["outcome"], labels["reason"])
                counts[key] += int(sample.value)
    return counts


def by_leg(outcomes: Counter[tuple[str, str, str]]) -> dict[str, dict[str, int]]:
    """Outcomes in words, with their numbers, for each leg of the path."""
    legs: dict[str, dict[str, int]] = {"poll": {}, "ingest": {}}
    for (leg, outcome, reason), number in sorted(outcomes.items()):
        legs.setdefault(leg, {})[f"{outcome} ({reason})" if reason else outcome] = number
    return legs


def _summarise(outcomes: Counter[tuple[str, str, str]]) -> None:
    legs = by_leg(outcomes)
    click.echo(f"feeds: {counted(legs['poll'])}{'' if legs['poll'] else ' was due'}")
    click.echo(f"pages: {counted(legs['ingest'])}{'' if legs['ingest'] else ' was due'}")
