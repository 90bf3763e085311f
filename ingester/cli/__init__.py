"""The commands: the one place that prints. Exit codes: 0 done, 1 some items failed, 2 usage or configuration.

Each command stands in a module of its family, which is imported when the command is used, so that
`ingester --help` need not wait for the libraries that only some commands want.
"""

import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Literal

import click

from ingester.cli.logs import mask
from ingester.cli.options import Options
from ingester.errors import IngesterError

_SIGNALLED = 128
"""Added to a signal's number where that ended a command. Source: bash(1), EXIT STATUS."""

_COMMANDS = {
    "run": ("serving", "Poll feeds and ingest pages until stopped: the service."),
    "once": ("serving", "Poll and ingest all that is due now, then stop."),
    "feeds": ("feeds", "Add, import, export, list and remove feeds."),
    "import": ("importing", "Read folders, pages and JSONL files into the archive."),
    "extract": ("texts", "Clean articles from pages: JSONL in, JSONL out, no database."),
    "group": ("texts", "Stories and events of articles: JSONL in, JSONL out, nothing kept."),
    "evaluate": ("evaluate", "How well labelled articles are grouped: precision, recall, B³, ARI."),
    "why": ("why", "The evidence that links two articles, or what is missing."),
    "learned": ("learned", "What outlets repeat, and is cut as their boilerplate."),
    "forget": ("learned", "Say that what was learned of an outlet is text after all."),
    "regroup": ("regroup", "Read and group all anew after a change of rules, beside the service."),
    "join": ("decisions", "Decide that two articles are one story."),
    "split": ("decisions", "Decide that two articles are never one story."),
    "withdraw": ("decisions", "Take back a decision on two articles."),
    "decisions": ("decisions", "The decisions in force."),
    "status": ("status", "The archive in figures, and what became of each URL."),
    "doctor": ("doctor", "What is wrong, in plain words, and what to do."),
    "quarantine": ("quarantine", "What was given up: why, the page itself, and one more try."),
    "db": ("database", "The database: its URL, a psql on it, migrations."),
    "config": ("configuration", "The effective settings, and where each comes from."),
    "demo": ("demo", "Five real texts, served, polled, grouped, read back by SQL."),
}


class _Families(click.Group):
    """A group whose commands are found in `_COMMANDS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the base class's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"ingester.cli.{_COMMANDS[cmd_name][0]}")
        found = getattr(module, f"{cmd_name}_", None) or getattr(module, cmd_name)
        assert isinstance(found, click.Command)  # noqa: S101 - each module defines its commands
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in _COMMANDS.items()])


@click.group(cls=_Families, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="news-archive-ingester", prog_name="ingester")
@click.option("--config", "file", metavar="FILE", type=click.Path(path_type=Path),
              help="The settings file.  [default: config/ingester.toml, else the shipped one]")  # fmt: skip
@click.option("--data-dir", metavar="DIR", type=click.Path(path_type=Path, file_okay=False),
              help="Where the embedded Postgres keeps its files.")  # fmt: skip
@click.option("-v", "--verbose", is_flag=True, help="Log every outcome, not only the faults.")
@click.option("--log", type=click.Choice(["auto", "console", "json"]),
              help="The form of log lines, which go to stderr.")  # fmt: skip
@click.pass_context
def ingester(
    context: click.Context,
    file: Path | None,
    data_dir: Path | None,
    verbose: bool,
    log: Literal["auto", "console", "json"] | None,
) -> None:
    """A news archive that knows its copies.

    Polls feeds, keeps clean articles, groups syndicated copies into stories and stories into
    events, and answers SQL. Without a DATABASE_URL it brings its own Postgres.

    \b
    A first archive:
      ingester demo
      ingester feeds add https://example.org/feed.xml
      ingester once
      ingester db psql
    """
    context.obj = Options(file, data_dir, verbose, log)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit with its code; a fault of ours alone shows a traceback."""
    signal.signal(signal.SIGTERM, _end)  # so that what a command opened is closed
    sys.exit(_run(arguments))


def _end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signal's own shape
    sys.exit(_SIGNALLED + number)


def _run(arguments: Sequence[str] | None) -> int:
    try:
        return int(ingester.main(arguments, "ingester", standalone_mode=False) or 0)
    except click.Abort:
        click.echo("interrupted", err=True)
        return _SIGNALLED + signal.SIGINT
    except click.ClickException as error:
        error.show()
        return 2
    except IngesterError as error:
        click.echo(f"ingester: {mask(str(error))}", err=True)
        return 2
