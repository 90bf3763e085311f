"""`status`: how the archive is."""

from datetime import timedelta

import click

from ingester import store
from ingester.cli.opening import archive
from ingester.cli.options import Options
from ingester.cli.output import span, table, write_json

_MEGABYTE = 1_000_000


@click.command()
@click.option("--json", "as_json", is_flag=True, help="All of it as one line of JSON.")
@click.pass_obj
def status(options: Options, as_json: bool) -> None:
    """The archive in figures, what became of each URL, and the feeds that fail.

    \b
    Examples:
      ingester status
      ingester status --json | jq .figures.articles
    """
    with archive(options.start()) as held:
        figures, fates, feeds = store.figures(held), store.fates(held), store.feeds(held)
    failing = [feed for feed in feeds if feed.last_error]
    if as_json:
        write_json({
            "figures": figures,
            "fates": [fate._asdict() for fate in fates],
            "failing_feeds": [feed._asdict() for feed in failing],
        })  # fmt: skip
        return
    click.echo(table(("archive", "now"), _figures(figures)))
    urls = [(fate.status, fate.reason, fate.urls) for fate in fates]
    click.echo("\n" + table(("URLs", "why", "number"), [*urls, _total(figures, urls)]))
    if failing:
        rows = [(feed.url, feed.failing_since, feed.next_at, feed.last_error) for feed in failing]
        click.echo("\n" + table(("failing feed", "since", "next poll", "error"), rows))


def _figures(figures: dict[str, float]) -> list[tuple[str, object]]:
    whole = (
        "articles",
        "stories",
        "events",
        "outlets",
        "feeds",
        "failing_feeds",
        "due_feeds",
        "due_urls",
    )
    rows: list[tuple[str, object]] = [
        (name.replace("_", " "), int(figures[name])) for name in whole
    ]
    feed = span(timedelta(seconds=figures["oldest_due_feed_s"])) if figures["due_feeds"] else "none"
    url = span(timedelta(seconds=figures["oldest_due_s"])) if figures["due_urls"] else "none"
    size = f"{figures['database_bytes'] / _MEGABYTE:,.0f} MB"
    overdue = [("longest overdue feed", feed), ("longest overdue URL", url)]
    return [*rows, *overdue, ("database", size)]


def _total(
    figures: dict[str, float], fates: list[tuple[str, str | None, int]]
) -> tuple[str, str, int]:
    """The number of URLs ever seen, which the fates must add up to."""
    seen, told = int(figures["urls"]), sum(number for _, _, number in fates)
    return ("seen", "" if seen == told else f"{seen - told:,} changed meanwhile", seen)
