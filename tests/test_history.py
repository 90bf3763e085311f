"""What is told of events: which stories came and went, which event was merged into which, and why."""

from typing import Any

from sqlalchemy import text

from ingester import store
from tests.test_decisions import decide
from tests.test_placing import run_import
from tests.test_queue import value
from tests.texts import dice, sentences, vocabulary

FLOOD, STRIKE = (vocabulary(dice(seed), 14) for seed in (1, 2))
ONE, OTHER, BOTH = (f"https://{name}.example/1" for name in ("one", "other", "both"))


def report(url: str, words: list[str], seed: int) -> dict[str, str]:
    """A row of an archive, about what these words are about."""
    return {"url": url, "text": " ".join(sentences(dice(seed), 12, words))}


def told(archive: store.Archive) -> list[Any]:
    query = "SELECT event_id, kind, story_id, other_id, reason FROM event_history ORDER BY id"
    with archive.engine.connect() as connection:
        return list(connection.execute(text(query)).all())


def event_of(archive: store.Archive, url: str) -> object:
    return value(
        archive,
        f"SELECT event_id FROM story s JOIN article a ON a.story_id = s.id WHERE url = '{url}'",
    )


def test_a_report_that_shows_two_events_to_be_one_is_told_as_the_reason(
    archive: store.Archive,
) -> None:
    run_import(archive, report(ONE, FLOOD, 3), report(OTHER, STRIKE, 4))
    events = {event_of(archive, url) for url in (ONE, OTHER)}
    assert len(events) == 2
    assert told(archive) == []
    run_import(archive, report(BOTH, FLOOD + STRIKE, 5))
    (merged_into,) = {event_of(archive, url) for url in (ONE, OTHER, BOTH)}
    assert merged_into in events
    (old,) = events - {merged_into}
    moved, came, merged = told(archive)
    assert (moved.kind, moved.event_id, moved.other_id) == ("left", old, merged_into)
    assert (came.kind, came.event_id, came.other_id) == ("joined", merged_into, old)
    assert (merged.kind, merged.event_id, merged.other_id) == ("merged", old, merged_into)
    assert "are of one event, event score 0." in merged.reason
    lead = f"SELECT event_id FROM event_redirect WHERE old_id = {old}"
    assert value(archive, lead) == merged_into


def test_a_persons_word_is_told_of_the_event_that_it_ends(archive: store.Archive) -> None:
    run_import(archive, report(ONE, FLOOD, 3), report(OTHER, STRIKE, 4))
    decide(archive, "join", ONE, OTHER, "two languages")
    (merged,) = told(archive)
    assert (merged.kind, merged.other_id) == ("merged", event_of(archive, ONE))
    assert merged.reason.endswith("two languages")
