"""A person's word on two articles: it makes or parts stories at once, and holds whatever comes after."""

import random
from dataclasses import replace
from functools import partial
from itertools import permutations
from pathlib import Path

import pytest
from sqlalchemy import text

from ingester import settings, store, stories
from ingester.models import ArticleId
from ingester.store import schema
from ingester.store.decisions import Kind
from tests.newsroom import Program
from tests.test_placing import imported, placed
from tests.test_queue import execute, value

A, B, C = (f"https://{name}.example/1" for name in "abc")


def id_of(archive: store.Archive, url: str) -> ArticleId:
    return ArticleId(int(str(value(archive, f"SELECT id FROM article WHERE url = '{url}'"))))


def decide(archive: store.Archive, kind: Kind, one: str, other: str, reason: str = "so") -> None:
    pair = (id_of(archive, one), id_of(archive, other))
    regroup = partial(stories.regroup, rule=archive.settings.grouping)
    store.record_decision(archive, pair, kind, reason, regroup)


def withdraw(archive: store.Archive, one: str, other: str) -> bool:
    pair = (id_of(archive, one), id_of(archive, other))
    regroup = partial(stories.regroup, rule=archive.settings.grouping)
    return store.withdraw_decision(archive, pair, "a mistake", regroup) is not None


def told(archive: store.Archive) -> set[frozenset[str]]:
    """The stories, as sets of the outlets' letters."""
    query = "SELECT array_agg(substr(url, 9, 1)) FROM article GROUP BY story_id"
    with archive.engine.connect() as connection:
        return {frozenset(letters) for (letters,) in connection.execute(text(query))}


def told_whole(archive: store.Archive) -> list[list[int]]:
    """The stories, as the ids of their articles."""
    with archive.engine.connect() as connection:
        rows = connection.execute(text("SELECT array_agg(id) FROM article GROUP BY story_id"))
        return [list(ids) for (ids,) in rows]


def groups(*words: str) -> set[frozenset[str]]:
    return {frozenset(word) for word in words}


def test_a_join_makes_one_story_of_two_and_a_split_parts_them_again(
    archive: store.Archive,
) -> None:
    placed(archive, imported(A), 1)
    placed(archive, imported(B), 2)
    assert told(archive) == groups("a", "b")
    former = {value(archive, f"SELECT story_id FROM article WHERE url = '{url}'") for url in (A, B)}
    decide(archive, "join", A, B, "told in two languages")
    assert told(archive) == groups("ab")
    merged = "SELECT old_id FROM story_redirect r JOIN story s ON s.id = r.story_id"
    assert value(archive, merged) in former
    assert value(archive, "SELECT id FROM story") in former
    decide(archive, "split", A, B)
    assert told(archive) == groups("a", "b")
    assert value(archive, "SELECT count(*) FROM decision WHERE withdrawn_at IS NULL") == 1
    because = (
        "SELECT count(*) FROM story_history WHERE kind = 'merged' AND reason LIKE '%two languages'"
    )
    assert value(archive, because) == 1


def test_a_split_holds_when_a_further_copy_arrives_and_when_one_is_revised(
    archive: store.Archive,
) -> None:
    placed(archive, imported(A), 1)
    placed(archive, imported(B), 1)
    decide(archive, "split", A, B)
    assert told(archive) == groups("a", "b")
    placed(archive, imported(C), 1)
    assert len(told(archive)) == 2
    assert not any({"a", "b"} <= story for story in told(archive))
    placed(archive, imported(B), 2)
    placed(archive, imported(B), 1)
    assert not any({"a", "b"} <= story for story in told(archive))
    assert withdraw(archive, A, B)
    assert told(archive) == groups("abc")
    assert not withdraw(archive, A, B)


def test_a_join_draws_copies_of_either_into_the_story_and_holds_through_revisions(
    archive: store.Archive,
) -> None:
    placed(archive, imported(A), 1)
    placed(archive, imported(B), 2)
    decide(archive, "join", A, B)
    placed(archive, imported(C), 2)
    assert told(archive) == groups("abc")
    placed(archive, imported(A), 3)
    assert told(archive) == groups("abc")
    assert withdraw(archive, A, B)
    assert told(archive) == groups("a", "bc")


@pytest.mark.parametrize("order", [*permutations("abc")])
def test_a_join_yields_to_a_split_that_stands_between_the_stories(
    archive: store.Archive, order: tuple[str, ...]
) -> None:
    for letter in order:
        placed(archive, imported(f"https://{letter}.example/1"), ord(letter))
    decide(archive, "split", A, C)
    decide(archive, "join", A, B)
    decide(archive, "join", B, C)
    assert told(archive) == groups("ab", "c")
    a, c = (value(archive, f"SELECT story_id FROM article WHERE url = '{url}'") for url in (A, C))
    assert [row.reason for row in store.splits_between(archive, int(str(a)), int(str(c)))] == ["so"]
    assert withdraw(archive, A, C)
    assert told(archive) == groups("abc")


def test_decisions_give_the_same_stories_whenever_they_are_made(archive: store.Archive) -> None:
    numbers = {"a": 1, "b": 1, "c": 1, "d": 2, "e": 2}
    decisions: list[tuple[Kind, str, str]] = [("split", "a", "b"), ("join", "c", "d")]
    seen = set()
    for order in random.Random(5).sample([*permutations(numbers)], 12):
        execute(archive, "TRUNCATE story, event, entry, decision, story_redirect CASCADE")
        for count, letter in enumerate(order, start=1):
            placed(archive, imported(f"https://{letter}.example/1"), numbers[letter])
            for kind, one, other in decisions:
                if letter in {one, other} and {one, other} <= set(order[:count]):
                    decide(archive, kind, f"https://{one}.example/1", f"https://{other}.example/1")
        seen.add(frozenset(told(archive)))
    (alike,) = seen
    assert len(alike) == 2
    assert {"c", "d", "e"} <= max(alike, key=len)


def test_a_decision_that_changes_nothing_leaves_no_trace_in_the_stories(
    archive: store.Archive,
) -> None:
    placed(archive, imported(A), 1)
    placed(archive, imported(B), 1)
    before = value(archive, "SELECT count(*) FROM story_history")
    decide(archive, "join", A, B)
    assert value(archive, "SELECT count(*) FROM story_history") == before
    assert [(row.kind, row.one_story) for row in store.decisions(archive)] == [("join", True)]
    found = store.why(archive, A, B)
    assert found is not None
    assert found.decision is not None
    assert found.decision.reason == "so"


def test_an_oversized_story_is_still_split(archive: store.Archive) -> None:
    rule = archive.settings.grouping.model_copy(update={"component": 3})
    other = archive.settings.model_copy(update={"grouping": rule})
    small = store.Archive(archive.engine, other, archive.seed)
    for letter in "abcdef":
        placed(small, imported(f"https://{letter}.example/1"), 1)
    assert told(small) == groups("abcdef")
    decide(small, "split", A, B)
    assert not any({"a", "b"} <= story for story in told(small))


def test_stories_too_large_to_be_read_whole_become_one(archive: store.Archive) -> None:
    for story in (1, 2):
        for number in range(5):
            placed(archive, imported(f"https://{'ab'[story - 1]}{number}.example/1"), story)
    assert sorted(map(len, told_whole(archive))) == [5, 5]
    rule = archive.settings.grouping.model_copy(update={"component": 3})
    small = replace(archive, settings=archive.settings.model_copy(update={"grouping": rule}))
    decide(small, "join", "https://a0.example/1", "https://b0.example/1")
    assert sorted(map(len, told_whole(archive))) == [10]


def test_the_commands_tell_what_came_of_a_decision(database_url: str, tmp_path: Path) -> None:
    engine = store.connect(database_url, settings.read())
    schema.install(engine)
    archive = store.open_archive(engine, settings.read(), schema.latest())
    for number, url in enumerate((A, B, C)):
        placed(archive, imported(url), number)
    program = Program(tmp_path, database_url)

    def said(*arguments: str, code: int = 0) -> str:
        ended = program.run(*arguments)
        assert ended.returncode == code, ended.stderr
        return ended.stdout + ended.stderr

    assert "split: article 1 is in story" in said("split", A, C, "--reason", "two matches")
    assert "joined: article 1 is in story" in said("join", A, "2", "--reason", "one text")
    refused = said("join", B, C, "--reason", "no", code=1)
    assert "they stay apart: articles 1 and 3 were split: two matches" in refused
    assert "A person joined them on 20" in said("why", A, B)
    assert said("decisions", "--json").count("\n") == 3
    assert "withdrawn" in said("withdraw", A, C, "--reason", "a mistake")
    assert "nobody decided" in said("withdraw", A, C, "--reason", "a mistake", code=2)
    assert "the same article" in said("join", A, "1", "--reason", "a mistake", code=2)
    assert told(archive) == groups("abc")
    parted = said("split", A, C, "--reason", "two matches after all", code=1)
    assert "they come apart, too: articles 2 and 3, which were joined" in parted
    engine.dispose()
