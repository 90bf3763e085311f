"""`demo`: the whole of it on five real texts."""

import logging
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network
from pathlib import Path
from textwrap import shorten
from urllib.parse import urlsplit

import click

from ingester import demo as five
from ingester import service, store
from ingester.cli.opening import archive
from ingester.cli.options import Options
from ingester.cli.output import counted, table
from ingester.cli.serving import by_leg, tally
from ingester.settings import Settings, database_url

_SCHEMA = "ingester_demo"
_FOLDER = Path(".demo")

Numbers = Mapping[int, str]
"""The texts' numbers by the ids of their articles."""


@click.command()
@click.pass_obj
def demo(options: Options) -> int:
    """Five real texts, served, polled, grouped, read back by SQL.

    Starts five outlets' sites on loopback, each with a feed; polls them, fetches their pages,
    strips the boilerplate, groups the articles, and prints what Postgres then holds. All of it is
    checked against what the texts must become; the exit code is 1 where something differs. The
    archive stays in .demo (or --data-dir) to be queried; with a DATABASE_URL it is the schema
    ingester_demo there. Run it again: nothing changes.

    \b
    Examples:
      ingester demo
      ingester --data-dir .demo db psql
    """
    settings, name = _place(options)
    with archive(settings, name) as held:
        found = _walk(held, [feed.url for feed in sorted(store.feeds(held), key=lambda f: f.id)])
        wrong = _report(held, found)
    click.echo(f"\nAsk it yourself:\n  {_psql(settings, name)}")
    return int(wrong)


def _place(options: Options) -> tuple[Settings, str | None]:
    """The settings for the demo, and the schema that it has to itself on a configured server."""
    settings = options.start(logging.WARNING)
    fetch = {"allow_networks": (IPv4Network("127.0.0.0/8"),), "host_delay_s": 0.0,
             "ports": frozenset(range(1, 65_536))}  # fmt: skip
    database = {} if options.data_dir else {"data_dir": _FOLDER}
    own = settings.model_copy(update={
        "fetch": settings.fetch.model_copy(update=fetch),
        "database": settings.database.model_copy(update=database),
    })  # fmt: skip
    return own, _SCHEMA if database_url(settings) else None


def _walk(held: store.Archive, known: Sequence[str]) -> dict[str, five.Text]:
    """One pass over the five feeds; gives the texts by their articles' URLs."""
    with five.serving(known) as sites:
        for feed in sites:
            store.add_feed(held, feed, None, None)
        held.rows("demo_due")
        click.echo(f"Five outlets at {', '.join(urlsplit(feed).netloc for feed in sites)}")
        before = tally()
        service.once(held)
        legs = by_leg(tally() - before)
    click.echo(f"feeds polled: {counted(legs['poll'])}")
    click.echo(
        f"pages read:   {counted(legs['ingest']) if legs['ingest'] else '0 new, all unchanged'}"
    )
    return {f"http://{urlsplit(feed).netloc}{text.path}": text for feed, text in sites.items()}


def _report(held: store.Archive, found: Mapping[str, five.Text]) -> bool:
    """Print what the archive holds; gives whether something of it is not as it must be."""
    articles = held.rows("demo_articles")
    numbers = {a.article_id: found[a.url].number for a in articles if a.url in found}
    stories, events = held.rows("demo_stories"), held.rows("demo_events")
    relations = held.rows("demo_relations")
    _print_articles(articles, numbers)
    _print_groups(stories, events, numbers)
    _print_relations(relations, numbers)
    _print_fates(held)
    held_now = five.Outcome(
        titles={numbers[a.article_id]: a.title for a in articles if a.article_id in numbers},
        stories=_groups(stories, numbers),
        events=_groups(events, numbers),
        reuse=_reuse(relations, numbers),
    )
    return _judge(held_now, five.expected())


def _print_articles(articles: Sequence[store.Row], numbers: Numbers) -> None:
    header = ("text", "title", "published", "agency", "outlet", "lines cut")
    rows = [(numbers.get(a.article_id), _short(a.title), _published(a), a.agency, a.outlet, a.cut)
            for a in articles]  # fmt: skip
    _section("Articles, their boilerplate cut", "story_copy", header, rows)


def _print_groups(
    stories: Sequence[store.Row], events: Sequence[store.Row], numbers: Numbers
) -> None:
    header = ("story", "texts", "event", "outlets", "canonical", "because")
    told = [(s.story_id, _texts(s.articles, numbers), s.event_id, s.outlets,
             numbers.get(s.canonical), s.canonical_reason) for s in stories]  # fmt: skip
    _section("Stories: copies of one text", "canonical_story", header, told)
    header = ("event", "texts", "stories", "articles", "outlets", "title")
    told = [(e.event_id, _texts(e.articles, numbers), e.stories, len(e.articles), e.outlets,
             _short(e.title)) for e in events]  # fmt: skip
    _section("Events: reports of one happening", "event_overview", header, told)


def _print_relations(relations: Sequence[store.Row], numbers: Numbers) -> None:
    header = ("texts", "relation", "story score", "event score", "1st in 2nd", "2nd in 1st",
              "shared 5-grams")  # fmt: skip
    rows = []
    for r in relations:
        (a, first), (b, second) = sorted(
            (
                (numbers.get(r.a_id, "?"), r.containment_a),
                (numbers.get(r.b_id, "?"), r.containment_b),
            )
        )
        rows.append((f"{a}-{b}", r.kind, r.story_score, r.event_score, _percent(first),
                     _percent(second), r.shared))  # fmt: skip
    _section("Why: the evidence", "relation", header, rows)


def _print_fates(held: store.Archive) -> None:
    rows = [(fate.status, fate.reason, fate.urls) for fate in store.fates(held)]
    _section("What became of each URL", "url_fate", ("status", "reason", "URLs"), rows)


def _section(
    title: str, view: str, header: Sequence[str], rows: Sequence[Sequence[object]]
) -> None:
    click.echo(f"\n{title} ({view})\n")
    click.echo(table(header, rows))


def _judge(held: five.Outcome, wanted: five.Outcome) -> bool:
    wrong = list(five.faults(held, wanted))
    for fault in wrong:
        click.echo(f"not as it must be: {fault}", err=True)
    if not wrong:
        click.echo(
            f"\nAll as it must be (seeds/gold.json): stories {five.listed(wanted.stories)}; "
            f"events {five.listed(wanted.events)}; "
            + ", ".join(f"{'-'.join(pair)} {kind}" for pair, kind in sorted(wanted.reuse.items()))
        )
    return bool(wrong)


def _groups(rows: Sequence[store.Row], numbers: Numbers) -> frozenset[frozenset[str]]:
    return frozenset(
        frozenset(numbers.get(id_, f"article {id_}") for id_ in row.articles) for row in rows
    )


def _reuse(relations: Sequence[store.Row], numbers: Numbers) -> dict[five.Pair, str]:
    held = {}
    for relation in relations:
        a, b = sorted((numbers.get(relation.a_id, "?"), numbers.get(relation.b_id, "?")))
        if relation.kind != "same_event":
            held[a, b] = relation.kind
    return held


def _texts(ids: Sequence[int], numbers: Numbers) -> str:
    return "{" + ", ".join(sorted(numbers.get(id_, f"article {id_}") for id_ in ids)) + "}"


def _short(title: str | None) -> str:
    return shorten(title or "(none)", 50, placeholder=" ...")


def _published(article: store.Row) -> str:
    """As precise as the page says."""
    if article.published_at is None:
        return "(unknown)"
    form = "%Y-%m-%d" if article.published_precision == "day" else "%Y-%m-%d %H:%M"
    return f"{article.published_at:{form}}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _psql(settings: Settings, name: str | None) -> str:
    """The command that opens psql on what the demo left, as it can be typed here."""
    program = shlex.join(_program())
    if name:
        return f"PGOPTIONS='-c search_path={name}' {program} db psql"
    return f"{program} --data-dir {shlex.quote(str(settings.database.data_dir))} db psql"


def _program() -> list[str]:
    """How this program was called."""
    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return [sys.executable, "-m", "ingester"]
    on_path = shutil.which(called.name)
    if on_path and called.exists() and Path(on_path).samefile(called):
        return [called.name]
    return [str(called)]
