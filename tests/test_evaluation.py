"""Figures held against values worked out by hand, and against the formulas written the slow way."""

import json
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from ingester.errors import ConfigurationError
from ingester.evaluation import drawn, gold, metrics
from tests.test_cli import NOWHERE, called
from tests.texts import dice, edited, sentences

GOLD, FOUND = "aaaabbbc", "11122233"
"""A hand-made case: 9 gold pairs, 7 found ones, 4 of them in both."""


def test_a_case_worked_out_by_hand() -> None:
    got = metrics.agreement(GOLD, FOUND)
    assert (got.precision, got.recall) == (4 / 7, 4 / 9)
    assert got.f1 == pytest.approx(0.5)
    # article by article: the share of its found group that bears its label, and the reverse
    precision = (3 * 1 + 1 / 3 + 2 * 2 / 3 + 1 / 2 + 1 / 2) / 8
    recall = (3 * 3 / 4 + 1 / 4 + 2 * 2 / 3 + 1 / 3 + 1) / 8
    assert (got.b3_precision, got.b3_recall) == pytest.approx((precision, recall))
    assert got.ari == pytest.approx((4 - 9 * 7 / 28) / ((9 + 7) / 2 - 9 * 7 / 28))


def slow_rand(one: Sequence[str], other: Sequence[str]) -> float:
    """ARI from the four kinds of pairs, as Steinley (2004) writes it."""
    kinds = [0, 0, 0, 0]
    for i, j in combinations(range(len(one)), 2):
        kinds[2 * (one[i] == one[j]) + (other[i] == other[j])] += 1
    neither, second, first, both = kinds
    total = sum(kinds)
    chance = (both + first) * (both + second) + (second + neither) * (first + neither)
    return (total * (both + neither) - chance) / (total**2 - chance)


def test_ari_equals_the_count_of_kinds_of_pairs() -> None:
    chance = dice(7)
    for _ in range(20):
        one, other = ("".join(chance.choices("abcd", k=12)) for _ in range(2))
        assert metrics.ari(one, other) == pytest.approx(slow_rand(one, other))


def test_equal_groupings_agree_wholly_whatever_their_names() -> None:
    assert set(vars_of(metrics.agreement("aab", "xxy"))) == {1.0}
    assert set(vars_of(metrics.agreement("abc", "xyz"))) == {1.0}


def vars_of(got: metrics.Agreement) -> list[float]:
    return [getattr(got, name) for name in got.__dataclass_fields__]


def test_auc_counts_pairs_and_halves_of_ties() -> None:
    labels, scores = [True, True, False, False], [0.9, 0.4, 0.4, 0.1]
    assert metrics.auc(labels, scores) == pytest.approx(3.5 / 4)
    assert metrics.auc([True], [0.5]) is None


def test_average_precision_is_the_mean_over_the_true() -> None:
    labels, scores = [True, False, True, False], [0.9, 0.8, 0.7, 0.1]
    assert metrics.average_precision(labels, scores) == pytest.approx((1 + 2 / 3) / 2)
    tied = metrics.average_precision([True, False], [0.5, 0.5])
    assert tied == pytest.approx(1 / 2)


# --- the files ----------------------------------------------------------------------------------


def write(path: Path, rows: Sequence[object]) -> Path:
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


ROW = {"id": "1", "text": "A text.", "gold_story": "s", "gold_event": "e"}


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ([], "not a JSON object"),
        ({**ROW, "id": None}, 'no "id"'),
        (ROW, "stands at"),
        ({"id": 2, "text": "x", "gold_story": 1.5}, "neither text nor a whole number"),
        ({"id": 2, "text": 7, "gold": "e", "gold_story": "s"}, '"text" is no text'),
        ({**ROW, "id": 2, "published": "yesterday"}, "expected a date in ISO 8601"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, row: object, fault: str) -> None:
    with pytest.raises(ConfigurationError, match=r"gold.jsonl:2: ") as error:
        gold.articles(write(tmp_path / "gold.jsonl", [ROW, row]))
    assert fault in str(error.value)


def test_labels_may_be_missing_but_not_all(tmp_path: Path) -> None:
    bare = {"id": 1, "text": "x", "gold_story": None}
    blank = {"id": 3, "text": "x", "gold_story": "s", "gold_event": " "}
    rows = [bare, {"id": 2, "text": "x", "gold": "e"}, blank]
    read = gold.articles(write(tmp_path / "gold.jsonl", rows))
    assert [(row.story, row.event) for row in read] == [(None, None), (None, "e"), ("s", None)]
    with pytest.raises(ConfigurationError, match="no row has a"):
        gold.articles(write(tmp_path / "gold.jsonl", [bare]))


def test_a_large_group_is_sampled_the_same_each_time() -> None:
    labels = dict.fromkeys(range(5000), "large") | {5000: "small", 5001: "small"}
    found = drawn.together(labels)
    assert found.in_all == 5000 * 4999 // 2 + 1
    assert len(set(found.pairs)) == drawn.MOST
    assert all(a < b and labels[a] == labels[b] for a, b in found.pairs)
    assert found == drawn.together(labels)


def test_a_small_group_is_taken_whole() -> None:
    assert drawn.together({3: "a", 5: "b", 8: "a", 9: "a"}).pairs == ((3, 8), (3, 9), (8, 9))


@pytest.mark.parametrize(
    "row", [{"a": {}, "b": {}, "label": 1}, {"a": 1, "label": 0}, {"label": 2}]
)
def test_a_bad_pair_is_named(tmp_path: Path, row: object) -> None:
    with pytest.raises(ConfigurationError, match=r"pairs.jsonl:1: "):
        list(gold.pairs(write(tmp_path / "pairs.jsonl", [row])))


# --- the command --------------------------------------------------------------------------------


def story(seed: int) -> str:
    return " ".join(sentences(dice(seed), 14))


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    rows = [
        {"id": f"{seed}{kind}", "text": text, "gold_story": seed, "gold_event": seed}
        for seed in (1, 2, 3)
        for kind, text in (("a", story(seed)), ("b", edited(story(seed), 0.05, dice(9))))
    ]
    # an own text that is labelled as the first story: a miss
    rows.append({"id": "odd", "text": story(4), "gold_story": 1, "gold_event": 1})
    return write(tmp_path / "gold.jsonl", rows)


def told(*arguments: str, url: str = NOWHERE) -> dict[str, Any]:
    said = called("evaluate", *arguments, "--json", env={"DATABASE_URL": url})
    assert said.code == 0, said.err
    return said.rows[0]


def test_the_figures_of_a_small_set(labelled: Path, database_url: str) -> None:
    figures = told(str(labelled), url=database_url)
    stories = figures["stories"]
    assert (stories["precision"], stories["recall"]) == (1.0, 3 / 5)
    assert stories["ari"] == pytest.approx(slow_rand("1122331", "1122334"))
    assert stories["labelled"] == 7
    assert stories["between_orders"] == 1.0
    assert len(stories["orders"]) == 3
    assert stories["merged"] == {"pairs": 0, "shown": []}
    assert {fault["b"] for fault in stories["missed"]["shown"]} == {"odd"}
    assert figures["reuse"][1] == {"containment": 0.4, "pairs": 3, "in_one_story": 1.0}
    assert figures["candidates"]["recall"]["story"] == 3 / 5
    assert [group["size"] for group in stories["largest"][:3]] == [2, 2, 2]
    assert {size["name"]: size["rows"] for size in figures["sizes"]}["signature"] == 7
    assert stories["sweep"][22]["recall"] == pytest.approx(3 / 5)


def test_each_level_is_measured_over_the_articles_that_have_its_label(
    tmp_path: Path, database_url: str
) -> None:
    rows = [
        {"id": "a", "text": story(1), "gold_story": 1, "gold_event": None},
        {"id": "b", "text": edited(story(1), 0.05, dice(9)), "gold_story": 1, "gold_event": "e"},
        {"id": "c", "text": story(2), "gold_event": "e"},
        {"id": "d", "text": edited(story(1), 0.05, dice(8))},
    ]
    path = write(tmp_path / "gold.jsonl", rows)
    figures = told(str(path), "--orders", "1", url=database_url)
    stories, events = figures["stories"], figures["events"]
    assert (stories["labelled"], stories["recall"], stories["largest"][0]["size"]) == (2, 1.0, 2)
    assert (events["labelled"], events["recall"], events["missed"]["pairs"]) == (2, 0.0, 1)
    assert (figures["articles"], stories["between_orders"]) == (4, None)
    assert figures["pairs"]["same"]["event"] == {"in_all": 1, "measured": 1}


def test_the_table_for_people(labelled: Path, database_url: str) -> None:
    said = called("evaluate", str(labelled), env={"DATABASE_URL": database_url})
    assert said.code == 0
    assert said.out.startswith("7 articles")
    assert "Stories: 2 pairs missed" in said.out
    assert "bytes an article" in said.out


def test_a_refused_article_is_a_group_of_its_own(tmp_path: Path, database_url: str) -> None:
    rows = [{"id": n, "text": text, "gold": "e"} for n, text in enumerate((story(1), ""))]
    path = write(tmp_path / "gold.jsonl", rows)
    said = called("evaluate", str(path), "--json", env={"DATABASE_URL": database_url})
    assert said.code == 1
    assert [refused["id"] for refused in said.rows[0]["refused"]] == ["1"]
    assert said.rows[0]["events"]["recall"] == 0


def test_pairs(tmp_path: Path) -> None:
    rows = [
        {"a": {"text": story(1)}, "b": {"text": edited(story(1), 0.1, dice(3))}, "label": True},
        {"a": {"text": story(1)}, "b": {"text": story(2)}, "label": 0},
    ]
    figures = told("--pairs", str(write(tmp_path / "pairs.jsonl", rows)))
    assert figures["story"] == figures["event"] == {"auc": 1.0, "average_precision": 1.0}


def test_headlines_are_compared_too(tmp_path: Path) -> None:
    one, other = "Strong quake hits northern Japan", "Council votes to light the towers again"
    rows = [
        {"a": {"text": one}, "b": {"text": one}, "label": 1},
        {"a": {"text": one}, "b": {"text": other}, "label": 0},
    ]
    figures = told("--pairs", str(write(tmp_path / "pairs.jsonl", rows)))
    assert figures["refused"] == []
    assert figures["event"]["auc"] == 1.0


def test_pairs_of_one_label_have_no_figure_and_a_file_without_any_is_refused(
    tmp_path: Path,
) -> None:
    row = {"a": {"text": story(1)}, "b": {"text": story(2)}, "label": 0}
    figures = told("--pairs", str(write(tmp_path / "pairs.jsonl", [row])))
    assert figures["story"] == {"auc": None, "average_precision": None}
    with pytest.raises(ConfigurationError, match="no row"):
        list(gold.pairs(write(tmp_path / "none.jsonl", [])))


def test_what_pages_share_in_their_markup_is_no_reuse(tmp_path: Path, database_url: str) -> None:
    shell = "<html><head><title>x</title></head><body><div class='one two three four'>" * 9
    rows = [
        {"id": seed, "html": f"{shell}<p>{story(seed)}</p></body></html>", "gold_story": "s"}
        for seed in (1, 2)
    ]
    figures = told(str(write(tmp_path / "gold.jsonl", rows)), "--orders", "1", url=database_url)
    assert [each["pairs"] for each in figures["reuse"]] == [0, 0]


def test_one_of_the_two_files_is_named() -> None:
    said = called("evaluate")
    assert said.code == 2
    assert "--pairs" in said.err
