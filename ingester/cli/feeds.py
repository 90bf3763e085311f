"""`feeds`: the list of feeds, in and out."""

from pathlib import Path
from typing import BinaryIO

import click

from ingester import feedlists, store, urls
from ingester.cli.opening import archive
from ingester.cli.options import Options
from ingester.cli.output import progress, table, write_json
from ingester.errors import ConfigurationError

_AT_ONCE = 100
"""The feeds of an import that are due at once; the rest are spread over the interval."""


@click.group()
def feeds() -> None:
    """Add, import, export, list and remove feeds.

    \b
    Examples:
      ingester feeds add https://example.org/feed.xml
      ingester feeds import config/feeds.opml
      ingester feeds list
      ingester feeds export my-feeds.opml
    """


@feeds.command()
@click.argument("addresses", metavar="URL...", nargs=-1, required=True)
@click.pass_obj
def add(options: Options, addresses: tuple[str, ...]) -> None:
    """Add feeds by their URLs; they are due at once.

    \b
    Examples:
      ingester feeds add https://example.org/feed.xml
      ingester feeds add https://a.example/rss https://b.example/atom
    """
    wanted = [(address, urls.absolute(address)) for address in addresses]
    wrong = [address for address, url in wanted if url is None]
    if wrong:
        raise click.BadParameter(
            f"not a URL that can be fetched: {', '.join(wrong)}; expected http(s)://..."
        )
    with archive(options.start()) as held:
        for url in (url for _, url in wanted if url is not None):
            new = store.add_feed(held, url, None, None)
            click.echo(f"{'added' if new else 'known'}: {url}")


@feeds.command("import")
@click.argument("file", metavar="FILE|-", type=click.File("rb"))
@click.pass_obj
def import_(options: Options, file: BinaryIO) -> int:
    """Add the feeds of an OPML, CSV or plain list.

    A CSV's header names url, and may name title and outlet; a plain list has one URL a line.
    Nothing is ever removed. Of a long list the first hundred are due at once, the rest spread over
    one interval. Lines that are no feed are named, the others added; then the exit code is 1.

    \b
    Examples:
      ingester feeds import config/feeds.opml
      ingester feeds import feeds.csv
      curl -s https://example.org/blogroll.opml | ingester feeds import -
    """
    found = feedlists.read(file.read(), str(file.name))
    added = known = 0
    with archive(options.start()) as held, progress("feeds") as advance:
        delays = delays_s(len(found.feeds), held.settings.poll.interval_s)
        for feed, delay in zip(found.feeds, delays, strict=True):
            new = store.add_feed(held, feed.url, feed.title, feed.outlet, delay)
            added, known = added + new, known + (not new)
            advance("added" if new else "known")
    for fault in found.faults:
        click.echo(fault, err=True)
    click.echo(f"{added} added, {known} known, {len(found.faults)} wrong")
    return int(bool(found.faults))


def delays_s(feeds: int, interval_s: float) -> list[float]:
    """When each feed of an import is first polled: a hundred at once, the rest spread evenly."""
    late = max(feeds - _AT_ONCE, 0)
    return [0.0] * (feeds - late) + [interval_s * (index + 1) / late for index in range(late)]


@feeds.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.pass_obj
def export(options: Options, file: Path | None) -> None:
    """Write the list as OPML, to a file or to stdout.

    \b
    Examples:
      ingester feeds export my-feeds.opml
      ingester feeds export | xmllint --format -
    """
    with archive(options.start()) as held:
        rows = store.feeds(held)
    written = feedlists.write_opml(
        feedlists.FeedLine(row.url, row.title, row.outlet_name)
        for row in rows
        if row.state != "gone"
    )
    if file is None:
        click.echo(written, nl=False)
        return
    try:
        file.write_bytes(written)
    except OSError as error:
        raise ConfigurationError(
            f"{file}: {error.strerror}; name a file that can be written"
        ) from None


@feeds.command("list")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON for each feed.")
@click.pass_obj
def list_(options: Options, as_json: bool) -> None:
    """The feeds, what their last poll brought, and since when and why one fails.

    A dead one failed for so long that it is asked once a week; a gone one is asked no more.

    \b
    Examples:
      ingester feeds list
      ingester feeds list --json | jq -r 'select(.outcome == "failed") | .url'
    """
    with archive(options.start()) as held:
        rows = store.feeds(held)
    if as_json:
        for row in rows:
            write_json(row._asdict())
    elif rows:
        header = ("outlet", "feed", "last poll", "outcome", "items", "new", "next poll", "state",
                  "failing since", "error")  # fmt: skip
        click.echo(table(header, [(row.outlet, row.url, row.polled_at, row.outcome, row.items,
                                   row.new_entries, row.next_at, row.state, row.failing_since,
                                   row.last_error) for row in rows]))  # fmt: skip
    else:
        click.echo("no feeds yet; add one: ingester feeds add URL")


@feeds.command()
@click.argument("address", metavar="URL")
@click.pass_obj
def remove(options: Options, address: str) -> int:
    """Take a feed from the list; the articles that it brought stay.

    \b
    Example:
      ingester feeds remove https://example.org/feed.xml
    """
    url = urls.absolute(address) or address
    with archive(options.start()) as held:
        if store.remove_feed(held, url):
            click.echo(f"removed: {url}")
            return 0
    click.echo(f"no such feed: {url}; see: ingester feeds list", err=True)
    return 1
