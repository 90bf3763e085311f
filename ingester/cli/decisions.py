"""`join`, `split`, `withdraw`, `decisions`: a person's word on two articles."""

from functools import partial

import click

from ingester import store, stories
from ingester.cli.opening import archive
from ingester.cli.options import Options
from ingester.cli.output import table, write_json
from ingester.cli.why import article
from ingester.errors import ConfigurationError
from ingester.models import ArticleId

_REASON = click.option("--reason", required=True, metavar="TEXT",
                       help="Why; it stands in the decision and in the stories' history.")  # fmt: skip


@click.command()
@click.argument("one", metavar="A")
@click.argument("other", metavar="B")
@_REASON
@click.pass_obj
def join(options: Options, one: str, other: str, reason: str) -> int:
    """Decide that two articles are one story.

    A and B are article ids or URLs. Their stories become one at once, and stay so through all
    grouping, until the decision is withdrawn or `split` replaces it. Where a split stands between
    the two stories, it is named, they stay apart, and the exit code is 1.

    \b
    Example:
      ingester join 12 57 --reason "one text, told in two languages"
    """
    with archive(options.start()) as held:
        pair = _pair(held, one, other)
        regroup = partial(stories.regroup, rule=held.settings.grouping)
        store.record_decision(held, pair, "join", reason, regroup)
        a, b = (article(held, str(id_)) for id_ in pair)
        splits = store.splits_between(held, a.story_id, b.story_id)
    click.echo(f"joined: {_place(a)}; {_place(b)}")
    for split in splits:
        click.echo(
            f"they stay apart: articles {split.a_id} and {split.b_id} were split: {split.reason}",
            err=True,
        )
    return int(a.story_id != b.story_id)


@click.command()
@click.argument("one", metavar="A")
@click.argument("other", metavar="B")
@_REASON
@click.pass_obj
def split(options: Options, one: str, other: str, reason: str) -> int:
    """Decide that two articles are never one story.

    A and B are article ids or URLs. From now on no story holds both, whatever their texts say,
    until the decision is withdrawn or `join` replaces it. Where other articles that were joined by
    hand come apart with them, they are named, and the exit code is 1.

    \b
    Example:
      ingester split 12 57 --reason "the same form, filled in for two matches"
    """
    with archive(options.start()) as held:
        pair = _pair(held, one, other)
        regroup = partial(stories.regroup, rule=held.settings.grouping)
        united = _united(held)
        store.record_decision(held, pair, "split", reason, regroup)
        click.echo(f"split: {'; '.join(_place(article(held, str(id_))) for id_ in pair)}")
        parted = united - _united(held) - {tuple(sorted(pair))}
    for a, b in sorted(parted):
        click.echo(f"they come apart, too: articles {a} and {b}, which were joined", err=True)
    return int(bool(parted))


@click.command()
@click.argument("one", metavar="A")
@click.argument("other", metavar="B")
@_REASON
@click.pass_obj
def withdraw(options: Options, one: str, other: str, reason: str) -> None:
    """Take back a decision on two articles: their texts alone count again.

    \b
    Example:
      ingester withdraw 12 57 --reason "it was another match after all"
    """
    with archive(options.start()) as held:
        pair = _pair(held, one, other)
        regroup = partial(stories.regroup, rule=held.settings.grouping)
        if store.withdraw_decision(held, pair, reason, regroup) is None:
            raise ConfigurationError(
                f"nobody decided on {one} and {other}; see: ingester decisions"
            )
        click.echo(f"withdrawn: {'; '.join(_place(article(held, str(id_))) for id_ in pair)}")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One line of JSON a decision.")
@click.pass_obj
def decisions(options: Options, as_json: bool) -> None:
    """The decisions in force, the latest first.

    \b
    Examples:
      ingester decisions
      ingester db psql -- -c 'SELECT * FROM story_decision'
    """
    with archive(options.start()) as held:
        found = store.decisions(held)
    if as_json:
        for row in found:
            write_json(row._asdict())
    else:
        header = ("decision", "A", "B", "one story", "at", "reason")
        click.echo(table(header, (_shown(row) for row in found)))


def _pair(held: store.Archive, one: str, other: str) -> tuple[ArticleId, ArticleId]:
    a, b = article(held, one), article(held, other)
    if a.id == b.id:
        raise ConfigurationError(f"{one} and {other} are the same article; name two")
    return ArticleId(a.id), ArticleId(b.id)


def _united(held: store.Archive) -> set[tuple[int, ...]]:
    """The pairs that a join made one story, and that are one."""
    joins = (row for row in store.decisions(held) if row.kind == "join" and row.one_story)
    return {(row.a_id, row.b_id) for row in joins}


def _place(row: store.Row) -> str:
    return f"article {row.id} is in story {row.story_id}"


def _shown(row: store.Row) -> tuple[object, ...]:
    a, b = f"{row.a_id} {row.a_url}", f"{row.b_id} {row.b_url}"
    return (row.kind, a, b, row.one_story, row.at, row.reason)
