"""`import`: archives of pages into the archive."""

from collections import Counter
from pathlib import Path

import click

from ingester import engine as engines
from ingester import importing, pipeline
from ingester.cli.logs import mask
from ingester.cli.opening import archive
from ingester.cli.options import Options
from ingester.cli.output import counted, progress, write_json

_FAILED = {"skipped", "quarantined", "retry"}


@click.command("import")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True,
                type=click.Path(path_type=Path))  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="The summary as JSON.")
@click.pass_obj
def import_(options: Options, paths: tuple[Path, ...], as_json: bool) -> int:
    """Read folders, pages and JSONL files into the archive.

    Folders are searched for .html, .txt and .jsonl files, each of them .gz or not. A row of JSONL
    is {"url", "html" or "text", "title", "published", "outlet"}; all but html or text may be left
    out. What was read before is passed over, so that an import that was cut off is gone on with by
    the same command. Pages that gave no article are named on stderr; then the exit code is 1.

    \b
    Examples:
      ingester import pages/
      ingester import 2024.jsonl.gz 2025.jsonl.gz
    """
    counts: Counter[str] = Counter()
    settings = options.start()
    with (
        archive(settings) as held,
        engines.opened(settings.extract) as engine,
        progress("pages") as advance,
    ):
        outcomes = pipeline.import_pages(held, engine, importing.read(paths))
        for entry, outcome, failed in outcomes:
            counts[outcome] += 1
            advance(outcome)
            if failed:
                told = f"{entry.url}: {failed.reason.value}: {failed.detail}"
                click.echo(mask(told), err=True)
        pipeline.reread_all(held, engine)
    if as_json:
        write_json({"pages": counts.total(), **counts})
    else:
        click.echo(f"{counts.total():,} pages: {counted(counts)}")
    return int(any(counts[outcome] for outcome in _FAILED))
