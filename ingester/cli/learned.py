"""`learned` and `forget`: what outlets repeat under story after story."""

import click

from ingester import engine as engines
from ingester import pipeline, store
from ingester.cli.opening import archive
from ingester.cli.options import Options
from ingester.cli.output import table, write_json


@click.command()
@click.argument("host", required=False)
@click.option("--json", "as_json", is_flag=True, help="A line of JSON each.")
@click.pass_obj
def learned(options: Options, host: str | None, as_json: bool) -> None:
    """What was learned of outlets' boilerplate: lines that stand in three stories of one or more.

    They are cut from the outlet's articles, new and stored. The same by SQL: view learned_line.

    \b
    Examples:
      ingester learned
      ingester learned example.org
    """
    with archive(options.start()) as held:
        rows = store.learned_lines(held, host)
    if as_json:
        for row in rows:
            write_json(row._asdict())
    else:
        shown = [(row.host, "text" if row.spared else "cut", row.text) for row in rows]
        click.echo(table(("outlet", "is", "line"), shown))


@click.command()
@click.argument("host")
@click.argument("line", required=False)
@click.pass_obj
def forget(options: Options, host: str, line: str | None) -> int:
    """Say that a learned LINE of an outlet is text, or all that was learned of it.

    Such a line is not learned again, and the articles that lost it are read again.

    \b
    Examples:
      ingester forget example.org "Our correspondents report from the region."
      ingester forget example.org
    """
    settings = options.start()
    with archive(settings) as held, engines.opened(settings.extract) as engine:
        spared = store.spare(held, host, line)
        again = pipeline.reread_all(held, engine) if spared else 0
    if not spared:
        raise click.ClickException(
            f"nothing of that kind was learned of {host}; ingester learned {host} shows what was"
        )
    for text in spared:
        click.echo(f"text from now on: {text}")
    click.echo(f"articles read again: {again:,}")
    return 0
