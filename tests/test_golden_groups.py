"""Golden groups: each file of tests/golden/groups in one archive, held against its labels.

A file is what `ingester evaluate` reads: invented articles with the story and the event of each.
"""

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from ingester import importing, pipeline, settings
from ingester.evaluation import metrics
from ingester.models import Member, Page, Signed
from ingester.stories.likeness import likeness
from tests.memory_archive import MemoryArchive
from tests.texts import dice

GOLDEN = Path(__file__).parent / "golden"
FILES = sorted((GOLDEN / "groups").glob("*.jsonl"))
EVENTS = GOLDEN / "events"
RULE = settings.Grouping()
LANGUAGES = {"ar", "fa", "he", "hi", "ja", "ru", "th", "ur", "zh"}
Rows = list[dict[str, Any]]


def read(path: Path) -> Rows:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def signed(row: dict[str, Any]) -> Signed:
    """The row by the ingester's own path, boilerplate and detected language and all."""
    known = {key: row.get(key) for key in ("text", "title", "published")}
    _, page = importing.item(known, row["id"])
    assert isinstance(page, Page)
    made = pipeline.prepare(page, settings.Settings(), seed=5)
    assert isinstance(made, Signed), made
    return made


def member(row: dict[str, Any]) -> Member:
    archive = MemoryArchive()
    return archive.articles[archive.place(row["id"], signed(row))].member


def placed(rows: Rows, made: dict[str, Signed], order: int) -> MemoryArchive:
    archive = MemoryArchive()
    for row in dice(order).sample(rows, len(rows)):
        archive.place(row["id"], made[row["id"]])
    return archive


def gold(rows: Rows, label: str) -> set[frozenset[str]]:
    labels = {row[label] for row in rows}
    return {frozenset(row["id"] for row in rows if row[label] == name) for name in labels}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_articles_become_the_groups_of_their_labels(path: Path) -> None:
    rows = read(path)
    made = {row["id"]: signed(row) for row in rows}
    for order in range(5):
        archive = placed(rows, made, order)
        assert archive.stories() == gold(rows, "gold_story")
        if "gold_event" in rows[0]:
            assert archive.events() == gold(rows, "gold_event")


def test_languages_do_not_mix() -> None:
    rows = [row for path in FILES if path.stem in LANGUAGES for row in read(path)]
    archive = placed(rows, {row["id"]: signed(row) for row in rows}, 1)
    assert archive.stories() == gold(rows, "gold_story")


@pytest.mark.parametrize("path", [p for p in FILES if p.stem in LANGUAGES], ids=lambda p: p.stem)
def test_each_language_is_told(path: Path) -> None:
    found = {signed(row).article.language for row in read(path)}
    assert found == {path.stem}


def test_russian_reports_of_one_event_are_liker_than_those_of_another() -> None:
    rows = read(EVENTS / "ru.jsonl")
    pairs = [(a, b) for a, b in combinations(rows, 2) if a["topic"] == b["topic"]]
    members = {row["id"]: member(row) for row in rows}
    alike = [
        float(likeness([(members[a["id"]],)], [(members[b["id"]],)], RULE)[0, 0]) for a, b in pairs
    ]
    auc = metrics.auc([a["gold_event"] == b["gold_event"] for a, b in pairs], alike)
    assert auc is not None
    assert auc >= 0.95
