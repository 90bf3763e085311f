"""`regroup`: all articles read and grouped anew after a change of rules, looked at, then put in force."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from ingester import engine as engines
from ingester import events, minhash, pipeline, store, stories
from ingester.cli.opening import archive
from ingester.cli.options import Options
from ingester.cli.output import progress, table, write_json
from ingester.engine import Engine

_JSON = click.option("--json", "as_json", is_flag=True, help="The report as one line of JSON.")

_RULES = f"{stories.RULE}, {minhash.SCHEME}, {events.VOCABULARY}"
"""What is in the program and not in its settings: a regroup goes on by the same alone."""

_LINES = {
    "articles": "{articles_read:,} read again; {articles_kept:,} kept as they are: their pages give none now",
    "texts": "{texts_changed:,} changed: {lines_more:,} lines more cut, {lines_fewer:,} fewer; "
    "new revisions, where claims changed too: {revisions:,}",
    "stories": "{stories_before:,}, now {stories_after:,}: {stories_merged:,} merged, {stories_new:,} new; "
    "articles that move: {articles_moved:,}; canonical articles re-elected: {canonical_changed:,}",
    "events": "{events_before:,}, now {events_after:,}: {events_merged:,} merged, {events_new:,} new",
}


@click.group(invoke_without_command=True)
@_JSON
@click.pass_context
def regroup(context: click.Context, as_json: bool) -> None:
    """Read and group all articles anew, after a change of rules or settings.

    Runs beside the service, in a schema of its own: nothing changes yet. What was read before is
    passed over, so that one that was cut off is gone on with by the same command. Ends with a
    report of what would change. Needs room for the texts and keys once more, not for the pages.

    \b
    Examples:
      ingester regroup
      ingester regroup switch --reason "stories joined from .25"
      ingester regroup drop
    """
    if context.invoked_subcommand is None:
        with _begun(context.obj) as (held, shadow, engine):
            _catch_up(held, shadow, engine)
            _tell(store.report(held), as_json)
        if not as_json:
            click.echo("\nNothing of it is in force yet: ingester regroup switch, or: regroup drop")


@regroup.command()
@click.option("--reason", default="all was grouped anew after a change of rules", show_default=True,
              metavar="TEXT", help="Why; it stands in the stories' history.")  # fmt: skip
@_JSON
@click.pass_obj
def switch(options: Options, reason: str, as_json: bool) -> None:
    """Put a regroup in force, in one transaction; its settings must be the present ones.

    Placing waits meanwhile, and what arrived since is read first. Stories and events keep their ids;
    those of merged ones lead on. Start the service anew after it, so that it has the settings too.

    \b
    Example:
      ingester regroup switch --reason "stories joined from .25"
    """
    with archive(options.start()) as held:
        store.assert_regroup(held)
    with _begun(options) as (held, shadow, engine):
        _catch_up(held, shadow, engine)
        done = store.switch(held, lambda: _catch_up(held, shadow, engine), reason)
    _tell(done, as_json)


@regroup.command()
@click.pass_obj
def drop(options: Options) -> None:
    """Forget a regroup that is under way.

    \b
    Example:
      ingester regroup drop
    """
    with archive(options.start()) as held:
        store.drop_shadow(held)
    click.echo("dropped; the archive is as it was")


@contextmanager
def _begun(options: Options) -> Iterator[tuple[store.Archive, store.Archive, Engine]]:
    settings = options.start()
    with (
        archive(settings) as held,
        store.shadow(held, _RULES) as shadow,
        engines.opened(settings.extract) as engine,
    ):
        yield held, shadow, engine


def _catch_up(held: store.Archive, shadow: store.Archive, engine: Engine) -> None:
    with progress("articles") as advance:
        for failed in pipeline.regroup(held, shadow, engine):
            advance("kept" if failed else "read")


def _tell(report: store.Report, as_json: bool) -> None:
    if as_json:
        write_json({**report.figures, "examples": [row._asdict() for row in report.examples]})
        return
    for name, line in _LINES.items():
        click.echo(f"{name:<10}{line.format(**report.figures)}")
    if report.examples:
        click.echo("\n" + table(("for example", "url", "change"), report.examples))
