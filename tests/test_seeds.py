"""The five real texts become what gold.json says, by every way and in every order of arrival."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import permutations
from pathlib import Path

import pytest
from sqlalchemy import text

from ingester import importing, pipeline, settings, store, stories
from ingester.engine import Processes
from ingester.models import Failed, Imported, Page, Signed
from tests.conftest import SEEDS

GOLD = json.loads((SEEDS / "gold.json").read_text(encoding="utf-8"))
FILES = [article["file"] for article in GOLD["articles"]]
Seeds = dict[str, tuple[Imported, Page, Signed]]

EMPTY = """
TRUNCATE feed, entry, feed_entry, page, event, story, article, revision, cut, signature,
    signature_key, stop_key, term_key, relation, story_history, story_redirect, event_history,
    event_redirect, outlet CASCADE
"""


@pytest.fixture
def seeds(archive: store.Archive) -> Seeds:
    """Each seed as it arrives, and what the pure steps make of it."""
    prepare = pipeline.preparation(archive)
    made = {}
    for name in FILES:
        entry = Imported(f"https://outlet.example/{name}", None, None, None)
        body = (SEEDS / "texts" / name).read_bytes()
        page = Page(entry.url, body, "text/plain", "utf-8", datetime.now(UTC))
        signed = prepare(page)
        assert isinstance(signed, Signed)
        made[name[:3]] = (entry, page, signed)
    return made


def undated(seeds: Seeds) -> Seeds:
    return {
        name: (entry, page, replace(signed, article=replace(signed.article, published=None)))
        for name, (entry, page, signed) in seeds.items()
    }


def groups(archive: store.Archive, by: str) -> set[frozenset[str]]:
    url = "substr(regexp_replace(url, '^.*/', ''), 1, 3)"
    query = (
        f"SELECT array_agg({url}) FROM article a JOIN story s ON s.id = a.story_id GROUP BY {by}"
    )
    with archive.engine.connect() as connection:
        return {frozenset(names) for (names,) in connection.execute(text(query))}


def relations(archive: store.Archive) -> dict[frozenset[str], str]:
    seed = "substr(regexp_replace({}.url, '^.*/', ''), 1, 3)"
    query = (
        f"SELECT {seed.format('a')}, {seed.format('b')}, x.kind FROM relation x "
        "JOIN article a ON a.id = x.a_id JOIN article b ON b.id = x.b_id"
    )
    with archive.engine.connect() as connection:
        return {frozenset((a, b)): kind for a, b, kind in connection.execute(text(query))}


def as_gold(archive: store.Archive) -> None:
    """Hold stories, events and relations against the gold."""
    assert groups(archive, "s.id") == {frozenset(story) for story in GOLD["stories"]}
    assert groups(archive, "s.event_id") == {frozenset(event) for event in GOLD["events"]}
    wanted = {
        frozenset(pair["pair"]): pair["relation"]
        for pair in GOLD["relations"]
        if pair["relation"] != "none"
    }
    assert relations(archive) == wanted


def place(archive: store.Archive, seeds: Seeds, order: tuple[str, ...]) -> None:
    decide = partial(stories.decide, rule=archive.settings.grouping)
    for name in order:
        entry, page, signed = seeds[name]
        assert store.place(archive, entry, page, signed, decide) == "stored"


def empty(archive: store.Archive) -> None:
    with archive.engine.begin() as connection:
        connection.execute(text(EMPTY))


@pytest.mark.parametrize("first", [file[:3] for file in FILES])
def test_in_every_order(archive: store.Archive, seeds: Seeds, first: str) -> None:
    for order in permutations(seeds):
        if order[0] == first:
            place(archive, seeds, order)
            as_gold(archive)
            empty(archive)


@pytest.mark.parametrize("first", [file[:3] for file in FILES])
def test_in_every_order_without_dates(archive: store.Archive, seeds: Seeds, first: str) -> None:
    for order in permutations(seeds):
        if order[0] == first:
            place(archive, undated(seeds), order)
            as_gold(archive)
            empty(archive)


@pytest.fixture(scope="module")
def cages() -> Iterator[Processes]:
    with Processes(settings.read().extract) as engine:
        yield engine


def test_by_import(archive: store.Archive, cages: Processes) -> None:
    results = list(pipeline.import_pages(archive, cages, importing.read([SEEDS / "texts"])))
    assert [outcome for _, outcome, _ in results] == ["stored"] * 5
    as_gold(archive)


def test_a_second_import_changes_nothing(archive: store.Archive, cages: Processes) -> None:
    list(pipeline.import_pages(archive, cages, importing.read([SEEDS / "texts"])))
    with archive.engine.connect() as connection:
        before = connection.execute(text("SELECT * FROM story_history")).all()
    again = list(pipeline.import_pages(archive, cages, importing.read([SEEDS / "texts"])))
    assert [outcome for _, outcome, _ in again] == ["unchanged"] * 5
    with archive.engine.connect() as connection:
        assert connection.execute(text("SELECT * FROM story_history")).all() == before
    as_gold(archive)


def test_as_pages_of_html(archive: store.Archive, cages: Processes, tmp_path: Path) -> None:
    for name, article in zip(FILES, GOLD["articles"], strict=True):
        lines = (SEEDS / "texts" / name).read_text(encoding="utf-8").splitlines()
        title = f"<title>{article['title']}</title>" if article["title"] else ""
        body = "".join(f"<p>{line.strip()}</p>\n" for line in lines if line.strip())
        page = f"<!doctype html><html><head>{title}</head><body>{body}</body></html>"
        (tmp_path / name.replace(".txt", ".html")).write_text(page, encoding="utf-8")
    results = list(pipeline.import_pages(archive, cages, importing.read([tmp_path])))
    assert [failed for _, _, failed in results if isinstance(failed, Failed)] == []
    as_gold(archive)
