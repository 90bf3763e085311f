"""The documentation's queries, each run against an archive of the five seeds."""

import re
from collections.abc import Iterable, Iterator

import pytest
from sqlalchemy import Engine

from ingester import importing, pipeline, settings, store
from ingester.store import schema
from tests.conftest import ROOT, SEEDS

_QUERY = re.compile(r"^```sql\n(.*?)^```", re.MULTILINE | re.DOTALL)

_OUTLETS = ("tribune", "herald", "courier", "gazette", "post")

# What imported texts can't show: a second revision, a person's word, merged events, and feeds.
_EMPTY_HERE = (
    "FROM story_decision",
    "FROM event_history",
    "FROM feed_poll",
    "FROM feed f",
    "FROM stale_copy",
    "FROM learned_line",
)


class Inline:
    """An engine that runs the steps right here."""

    def map(self, function, items):  # type: ignore[no-untyped-def] # the built-in map's
        return map(function, items)


def _queries() -> Iterator[tuple[str, str]]:
    for file in (ROOT / "docs" / "sql.md", ROOT / "README.md"):
        for number, query in enumerate(_QUERY.findall(file.read_text(encoding="utf-8")), 1):
            yield f"{file.name}:{number}", query


@pytest.fixture(scope="module")
def seeded(server: str) -> Iterator[Engine]:
    """An archive that holds the five seeds, each at a URL of an outlet of its own."""
    name = "test_docs"
    outer = store.connect(server, settings.read())
    with outer.begin() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {name}")
    engine = store.connect(server, settings.read(), name)
    schema.install(engine)
    archive = store.open_archive(engine, settings.read(), schema.latest())
    done = list(pipeline.import_pages(archive, Inline(), _seeds()))
    assert [outcome for _, outcome, _ in done] == ["stored"] * 5
    yield engine
    engine.dispose()
    with outer.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {name} CASCADE")
    outer.dispose()


def _seeds() -> Iterable[importing.Item]:
    for outlet, file in zip(_OUTLETS, sorted((SEEDS / "texts").iterdir()), strict=True):
        url = f"https://{outlet}.example/news/1"
        row = {"text": file.read_text(encoding="utf-8"), "url": url}
        yield importing.item(row, file.name)


@pytest.mark.parametrize(("name", "query"), [*_queries()], ids=[name for name, _ in _queries()])
def test_a_query_of_the_documentation_runs(seeded: Engine, name: str, query: str) -> None:
    with seeded.connect() as connection:
        rows = connection.exec_driver_sql(query.replace("%", "%%")).all()
    assert rows or any(mark in query for mark in _EMPTY_HERE), f"{name} finds nothing"


def test_the_documentation_has_queries() -> None:
    assert len(list(_queries())) > 20


def test_every_view_and_its_columns_are_described(seeded: Engine) -> None:
    with seeded.connect() as connection:
        views = connection.exec_driver_sql(
            "SELECT viewname, obj_description(viewname::regclass) FROM pg_views "
            "WHERE schemaname = current_schema()"
        ).all()
    guide = (ROOT / "docs" / "sql.md").read_text(encoding="utf-8")
    assert {name for name, _ in views} == set(re.findall(r"^\| `(\w+)` \|", guide, re.MULTILINE))
    assert all(about for _, about in views)


def test_every_figure_of_the_metrics_is_described(seeded: Engine) -> None:
    archive = store.open_archive(seeded, settings.read(), schema.latest())
    guide = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert store.figures(archive).keys() <= set(re.findall(r"`ingester_(\w+)`", guide))
