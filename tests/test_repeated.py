"""A text at more than three addresses of one outlet is no article, in whatever order its pages come."""

import random
import threading
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import text

from ingester import pipeline, store
from tests.test_placing import Inline, imported, placed
from tests.test_queue import value

SAME = [f"https://walled.example/{n}" for n in range(5)]
COPIES = ["https://a.example/1", "https://b.example/1"]
OTHER = 2
"""The number of another report; 1 is the one that is repeated."""


def rows(archive: store.Archive, query: str) -> list[Any]:
    with archive.engine.connect() as connection:
        return list(connection.execute(text(query)).all())


def fates(archive: store.Archive) -> dict[str, tuple[str, str | None]]:
    return {r.url: (r.status, r.reason) for r in rows(archive, "SELECT * FROM url_fate")}


def groups(archive: store.Archive) -> set[frozenset[str]]:
    stories: dict[int, set[str]] = {}
    for row in rows(archive, "SELECT story_id, url FROM story_copy"):
        stories.setdefault(row.story_id, set()).add(row.url)
    return {frozenset(urls) for urls in stories.values()}


def left_over(archive: store.Archive) -> list[object]:
    """Rows that belong to no article or group any more."""
    orphans = (
        "SELECT id FROM story s WHERE NOT EXISTS (SELECT FROM article a WHERE a.story_id = s.id)",
        "SELECT id FROM event e WHERE NOT EXISTS (SELECT FROM story s WHERE s.event_id = e.id)",
        "SELECT article_id FROM signature_key WHERE article_id NOT IN (SELECT id FROM article)",
        "SELECT article_id FROM term_key WHERE article_id NOT IN (SELECT id FROM article)",
    )
    return [row for query in orphans for row in rows(archive, query)]


def test_three_addresses_are_articles(archive: store.Archive) -> None:
    assert [placed(archive, imported(url), 1) for url in SAME[:3]] == ["stored"] * 3
    assert groups(archive) == {frozenset(SAME[:3])}


def test_with_the_fourth_none_is_an_article(archive: store.Archive) -> None:
    outcomes = [placed(archive, imported(url), 1) for url in SAME]
    assert outcomes == ["stored"] * 3 + ["skipped"] * 2
    assert fates(archive) == dict.fromkeys(SAME, ("skipped", "repeated"))
    assert (groups(archive), left_over(archive)) == (set(), [])
    assert value(archive, "SELECT count(*) FROM page") == 5


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_arrival_does_not_matter(archive: store.Archive, seed: int) -> None:
    """Copies at other outlets stay, and are one story without those that were withdrawn."""
    urls = [*SAME, *COPIES]
    random.Random(seed).shuffle(urls)
    for url in [*urls, "https://walled.example/other"]:
        placed(archive, imported(url), OTHER if url.endswith("other") else 1)
    assert groups(archive) == {frozenset(COPIES), frozenset(["https://walled.example/other"])}
    skipped = {url for url, fate in fates(archive).items() if fate == ("skipped", "repeated")}
    assert skipped == set(SAME)
    assert left_over(archive) == []
    assert set(COPIES) >= {
        r.url for r in rows(archive, "SELECT url FROM canonical_story WHERE copies = 2")
    }


def test_pages_of_one_canonical_address_are_one(archive: store.Archive) -> None:
    for url in SAME:
        assert placed(archive, imported(url), 1, canonical_url=SAME[0]) == "stored"


def test_rows_without_an_address_are_as_many_as_they_are(archive: store.Archive) -> None:
    for number in range(5):
        assert placed(archive, imported(f"import:rows#{number}"), 1) == "stored"


def test_a_held_article_that_comes_to_say_so_stays_as_it_was(archive: store.Archive) -> None:
    held = "https://walled.example/held"
    placed(archive, imported(held), OTHER)
    for url in SAME[:4]:
        placed(archive, imported(url), 1)
    assert placed(archive, imported(held), 1) == "unchanged"
    assert groups(archive) == {frozenset([held])}


def test_workers_that_come_at_once_withdraw_all(archive: store.Archive) -> None:
    def work(urls: Sequence[str]) -> None:
        for url in urls:
            placed(archive, imported(url), 1)

    urls = [f"https://walled.example/{n}" for n in range(12)]
    threads = [threading.Thread(target=work, args=(urls[n::3],)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert fates(archive) == dict.fromkeys(urls, ("skipped", "repeated"))
    assert (groups(archive), left_over(archive)) == (set(), [])


def test_what_is_withdrawn_while_a_regroup_is_under_way_is_not_brought_back(
    archive: store.Archive,
) -> None:
    for url in [*SAME[:3], *COPIES]:
        placed(archive, imported(url), 1)
    with store.shadow(archive, "test") as shadow:
        list(pipeline.regroup(archive, shadow, Inline()))
        placed(archive, imported(SAME[3]), 1)
        store.switch(
            archive, lambda: list(pipeline.regroup(archive, shadow, Inline())).clear(), "test"
        )
    assert groups(archive) == {frozenset(COPIES)}
    assert left_over(archive) == []
