"""`quarantine`: what was given up after its last try."""

import click

from ingester import store, urls
from ingester.cli.opening import archive
from ingester.cli.options import Options
from ingester.cli.output import table, write_json
from ingester.models import Reason


@click.group()
def quarantine() -> None:
    """Pages that were given up: why, the page itself, and one more try.

    A page is given up when each of its tries failed (retry.attempts), be it that the server never
    answered or that it was never read, or when several crashed (retry.crashes). What was fetched is
    kept.

    \b
    Examples:
      ingester quarantine list
      ingester quarantine show https://example.org/page > page.html
      ingester quarantine retry --all
    """


@quarantine.command("list")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON for each page.")
@click.pass_obj
def list_(options: Options, as_json: bool) -> None:
    """What is in quarantine, since when and why, the last first.

    \b
    Examples:
      ingester quarantine list
      ingester quarantine list --json | jq -r .url
    """
    with archive(options.start()) as held:
        rows = store.quarantined(held)
    if as_json:
        for row in rows:
            write_json(row._asdict())
    elif rows:
        header = ("since", "URL", "tries", "step", "why", "bytes kept")
        click.echo(table(header, [(row.since, row.url, row.attempts, row.step, row.last_error,
                                   row.body_bytes) for row in rows]))  # fmt: skip
    else:
        click.echo("nothing is in quarantine")


@quarantine.command()
@click.argument("address", metavar="URL")
@click.pass_obj
def show(options: Options, address: str) -> int:
    """The page that was given up, byte by byte as it was fetched.

    \b
    Example:
      ingester quarantine show https://example.org/page > page.html
    """
    with archive(options.start()) as held:
        page = store.quarantined_page(held, _known(address))
    if page is None:
        click.echo(
            f"no page is kept of {address} in quarantine; see: ingester quarantine list", err=True
        )
        return 1
    click.echo(page, nl=False)
    return 0


@quarantine.command()
@click.argument("addresses", metavar="URL...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that is in quarantine.")
@click.option("--skipped", metavar="REASON", type=click.Choice([reason.value for reason in Reason]),
              help="All that was skipped for this reason, as after you raised a limit.")  # fmt: skip
@click.pass_obj
def retry(
    options: Options, addresses: tuple[str, ...], everything: bool, skipped: str | None
) -> int:
    """Try again, as if for the first time; the service or `ingester once` does it.

    An imported page is tried again by importing its archive again. What is skipped for which reason:
    ingester status.

    \b
    Examples:
      ingester quarantine retry https://example.org/page
      ingester quarantine retry --all
      ingester quarantine retry --skipped too_large
    """
    if [everything, bool(addresses), bool(skipped)].count(True) != 1:
        raise click.UsageError("name the URLs to try again, or say --all or --skipped REASON")
    if skipped:
        return _retry_skipped(options, Reason(skipped))
    with archive(options.start()) as held:
        wanted = [None] if everything else [_known(address) for address in addresses]
        released = [url for one in wanted for url in store.release(held, one)]
    for url in released:
        click.echo(f"due: {url}")
    missing = [] if everything else sorted({url for url in wanted if url} - set(released))
    for url in missing:
        click.echo(f"not in quarantine: {url}; see: ingester quarantine list", err=True)
    return int(bool(missing))


def _retry_skipped(options: Options, reason: Reason) -> int:
    with archive(options.start()) as held:
        released = store.release_skipped(held, reason)
    for row in released:
        again = "due" if row.origin == "feed" else "import it again"
        click.echo(f"{again}: {row.url}")
    if not released:
        click.echo(f"nothing was skipped as {reason.value}; see: ingester status", err=True)
    return int(not released)


def _known(address: str) -> str:
    """The address as the archive spells it."""
    return urls.canonical(address) or address
