"""`extract` and `group`: JSONL in, JSONL out, in the order of the input, nothing kept."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import tee
from typing import Any, BinaryIO

import click

from ingester import boilerplate, importing, pipeline, store
from ingester import engine as engines
from ingester.cli import explained
from ingester.cli.opening import scratch
from ingester.cli.options import Options
from ingester.cli.output import Advance, progress, write_json
from ingester.evaluation.trial import every_text
from ingester.extract import read as draft_of
from ingester.models import Article, Failed, Imported, Page
from ingester.settings import Extract


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the input: its id (the line's number where it has none), and the page it holds."""

    id: Any
    entry: Imported
    page: Page | Failed


@click.command()
@click.argument("source", metavar="[PATH|-]", type=click.File("rb"), default="-")
@click.option("--explain", is_flag=True, help="For people: where all is from, and what was cut.")
@click.pass_obj
def extract(options: Options, source: BinaryIO, explain: bool) -> int:
    """Clean articles from pages: {id, url?, html or text} in, one article a line out.

    Each line of output is {id, title, published, authors, outlet, agency, language, form, ...,
    text, sources, removed}, in the order of the input; where there is no article it is {id, error:
    {reason, detail}} and the exit code is 1 at the end. `published` is ISO 8601, as precise as the
    page says. `sources` says where each field was found. `removed` are the lines that were taken for
    boilerplate, each with its kind and its place; soft ones are still in the text. --explain shows
    the same for people to read. No database is needed.

    \b
    Examples:
      ingester extract pages.jsonl > articles.jsonl
      echo '{"id": 1, "html": "<html>...</html>"}' | ingester extract
      jq -Rs '{url: "https://a.example/1", html: .}' page.html | ingester extract --explain
    """
    settings = options.start()
    failed = 0
    first, second = tee(rows(source))
    read = partial(outcome, limits=settings.extract)
    show = explained.show if explain else explained.write
    with engines.opened(settings.extract) as engine, progress("pages") as advance:
        results = engine.map(read, (row.page for row in second))
        for row, result in zip(first, results, strict=True):
            lines, article = ((), result) if isinstance(result, Failed) else result
            failed += isinstance(article, Failed)
            show(row.id, lines, article)
            advance("failed" if isinstance(article, Failed) else "read")
    return int(failed > 0)


@click.command()
@click.argument("source", metavar="[PATH|-]", type=click.File("rb"), default="-")
@click.pass_obj
def group(options: Options, source: BinaryIO) -> int:
    """Stories and events of articles: {id, text, title?, published?, outlet?, url?} in, groups out.

    Each line of output is {id, story, event, canonical}, in the order of the input: rows of one
    story are copies of one text, rows of one event report one happening, and `canonical` is the id
    of the story's best copy. The texts go the archive's own path, boilerplate and all, in a
    scratch schema of the database, which is dropped at the end. A row without an article gives
    {id, error: {reason, detail}}, and the exit code is 1.

    \b
    Examples:
      ingester group articles.jsonl > groups.jsonl
      ingester group articles.jsonl | jq -s 'group_by(.story) | map(length)'
    """
    settings = every_text(options.start())
    with scratch(settings) as held, progress("articles") as advance:
        placed = list(_placed(held, rows(source), advance))
        places = {place.url: place for place in store.places(held)}
    return _write_groups(placed, places)


def rows(source: BinaryIO) -> Iterator[Row]:
    """The rows of a JSONL stream, blank lines aside."""
    name = getattr(source, "name", "-")
    for number, line in enumerate(source, start=1):
        if line.strip():
            yield _row(line, number, f"{name}#{number}")


def outcome(page: Page | Failed, limits: Extract) -> tuple[Sequence[str], Article | Failed]:
    """The lines of a page's main text as read, and the article made of them or why there is none."""
    draft = page if isinstance(page, Failed) else draft_of(page, limits)
    if isinstance(draft, Failed):
        return (), draft
    return draft.lines, boilerplate.strip(draft, limits.phrases)


def _row(line: bytes, number: int, name: str) -> Row:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return Row(None, *importing.row(line, name))
    id_ = values.get("id") if isinstance(values, dict) else None
    return Row(number if id_ is None else id_, *importing.item(values, name))


# --- group --------------------------------------------------------------------------------------


def _placed(
    held: store.Archive, given: Iterable[Row], advance: Advance
) -> Iterator[tuple[Any, str, Failed | None]]:
    """Each row's id, the URL that it was placed under, and why there is no article, if so."""
    first, second = tee(_told_apart(given))
    with engines.opened(held.settings.extract) as engine:
        items = ((row.entry, row.page) for row in second)
        outcomes = pipeline.import_pages(held, engine, items)
        for row, (entry, outcome, failed) in zip(first, outcomes, strict=True):
            advance(outcome)
            yield row.id, entry.url, failed


def _told_apart(given: Iterable[Row]) -> Iterator[Row]:
    """The rows, each under a URL of its own: two rows of one URL are two articles here."""
    used: set[str] = set()
    for number, row in enumerate(given, start=1):
        url = row.entry.url
        while url in used:
            url = f"{url}#{number}"
        used.add(url)
        page = row.page
        if isinstance(page, Page):
            page = replace(page, url=url, title=None if _only_title(page) else page.title)
        yield Row(row.id, replace(row.entry, url=url), page)


def _only_title(page: Page) -> bool:
    """Whether the text is nothing but its headline, which would be cut as a repetition of it."""
    title = (page.title or "").strip()
    return title != "" and page.body.decode("utf-8", "replace").strip() == title


def _write_groups(
    placed: Sequence[tuple[Any, str, Failed | None]], places: Mapping[str, Any]
) -> int:
    """Stories and events are numbered in the order in which the input first shows them."""
    ids = {url: id_ for id_, url, _ in placed}
    stories, events = _Numbers(), _Numbers()
    for id_, url, failed in placed:
        if failed:
            write_json({"id": id_, **explained.error(failed)})
            continue
        place = places[url]
        write_json({"id": id_, "story": stories[place.story_id], "event": events[place.event_id],
                    "canonical": ids[place.canonical_url]})  # fmt: skip
    return int(any(failed for _, _, failed in placed))


class _Numbers(dict[int, int]):
    """1, 2, 3 ... for keys in the order in which they are first asked for."""

    def __missing__(self, key: int) -> int:
        self[key] = len(self) + 1
        return self[key]
