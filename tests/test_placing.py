"""Placing: one article for one entry, whatever comes first, comes twice, or comes odd."""

import json
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import Connection, text

from ingester import importing, minhash, pipeline, store, stories
from ingester.errors import Refused
from ingester.models import (
    ClaimedEntry,
    ClaimedFeed,
    Cut,
    Failed,
    Form,
    Imported,
    Page,
    ParsedFeed,
    Reason,
)
from ingester.models import Response as Answered
from ingester.store.archive import run
from ingester.store.neighbours import neighbourhood
from tests.memory_archive import article
from tests.newsroom import report
from tests.test_queue import FEED, answer, claimed, execute, listing, polled, rows_read, value
from tests.texts import dice, edited, sentences


class Inline:
    """An engine that runs the steps right here."""

    def map(self, function, items):  # type: ignore[no-untyped-def] # the built-in map's
        return map(function, items)


def placed(
    archive: store.Archive,
    entry: ClaimedEntry | Imported,
    number: int,
    url: str = "",
    **known: object,
) -> str:
    """Place the report of this number as the entry's page."""
    title, body = report(number)
    signed = minhash.sign(
        article(body, title=title, **known), archive.seed, archive.settings.grouping
    )
    page = Page(url or entry.url, body.encode(), "text/plain", "utf-8", datetime.now(UTC))
    decide = partial(stories.decide, rule=archive.settings.grouping)
    return store.place(archive, entry, page, signed, decide)


def imported(url: str) -> Imported:
    return Imported(url, None, None, None)


def run_import(
    archive: store.Archive, *rows: Mapping[str, str | None]
) -> list[tuple[str, Reason | None]]:
    items = [importing.row(json.dumps(row).encode(), f"rows#{n}") for n, row in enumerate(rows)]
    results = pipeline.import_pages(archive, Inline(), items)
    return [(outcome, failed.reason if failed else None) for _, outcome, failed in results]


def stale(entry: ClaimedEntry) -> Failed:
    return Failed("extract", Reason.NO_ARTICLE, f"nothing at {entry.url}", retry=False)


def test_a_commit_whose_answer_was_lost_is_told_again(archive: store.Archive) -> None:
    polled(archive, "/a")
    entry = claimed(archive)
    assert placed(archive, entry, 1) == "stored"
    assert placed(archive, entry, 1) == "stored"
    assert store.fail(archive, entry, None, stale(entry)) == "stored"
    assert value(archive, "SELECT count(*) FROM revision") == 1


def test_a_transaction_that_pauses_is_ended_and_run_again(archive: store.Archive) -> None:
    allowed: list[str] = []

    def work(connection: Connection) -> int:
        paused = "idle_in_transaction_session_timeout"
        allowed.append(connection.exec_driver_sql(f"SHOW {paused}").scalar_one())
        if len(allowed) == 1:
            connection.exec_driver_sql(f"SET LOCAL {paused} = '50ms'")
            time.sleep(0.3)
        return int(connection.exec_driver_sql("SELECT 1").scalar_one())

    assert archive.transaction(work) == 1
    assert allowed == ["1min", "1min"]


def test_a_failure_that_is_told_twice_counts_once(archive: store.Archive) -> None:
    polled(archive, "/a")
    entry = claimed(archive)
    stopped = Failed("fetch", Reason.SHUTDOWN, "the program is stopping", retry=True)
    assert [store.fail(archive, entry, None, stopped) for _ in range(2)] == ["retry", "retry"]
    assert value(archive, "SELECT attempts FROM entry") == 0


def test_another_entry_that_leads_to_a_known_article_is_a_duplicate(archive: store.Archive) -> None:
    polled(archive, "/a", "/b")
    first, second = claimed(archive), None
    assert placed(archive, first, 1, url="https://outlet.example/final") == "stored"
    second = claimed(archive)
    assert placed(archive, second, 1, url="https://outlet.example/final") == "duplicate"
    assert value(archive, "SELECT count(*) FROM article") == 1


def test_an_import_changes_nothing_of_what_was_fetched(archive: store.Archive) -> None:
    polled(archive, "/a")
    entry = claimed(archive)
    placed(archive, entry, 1, url="https://www.outlet.example/a")
    row = {"url": entry.url, "text": report(2)[1]}
    assert run_import(archive, row, row) == [("unchanged", None)] * 2
    assert value(archive, "SELECT text FROM canonical_story") == report(1)[1]
    assert value(archive, "SELECT count(*) FROM page") == 2, "its bytes are kept"
    assert run_import(archive, row) == [("unchanged", None)]


def test_a_pointer_that_comes_later_elects_anew(archive: store.Archive) -> None:
    first, second = "https://a.example/1", "https://b.example/1"
    assert placed(archive, imported(first), 1) == "stored"
    assert placed(archive, imported(second), 1) == "stored"
    chosen = str(value(archive, "SELECT url FROM canonical_story"))
    (other,) = {first, second} - {chosen}
    assert placed(archive, imported(chosen), 1, canonical_url=other) == "revised"
    assert value(archive, "SELECT url FROM canonical_story") == other
    assert value(archive, "SELECT kind FROM revision WHERE number = 2") == "boilerplate"


def test_an_undated_article_that_is_revised_late_stays_with_its_copies(
    archive: store.Archive,
) -> None:
    urls = ["https://a.example/1", "https://b.example/1"]
    assert [placed(archive, imported(url), 1) for url in urls] == ["stored"] * 2
    window = archive.settings.grouping.window_days
    for table in ("signature", "signature_key", "term_key"):
        execute(archive, f"SELECT ensure_key_week(current_date - {window + 30})")
        execute(archive, f"UPDATE {table} SET day = day - {window + 30}")
    assert placed(archive, imported(urls[1]), 1, authors=("A. Writer",)) == "revised"
    assert value(archive, "SELECT count(*) FROM story") == 1
    assert value(archive, "SELECT count(DISTINCT day) FROM signature") == 1


def test_a_failed_import_leaves_a_feeds_entry_in_the_queue(archive: store.Archive) -> None:
    polled(archive, "/a")
    row = {"url": "https://outlet.example/a", "text": ""}
    assert run_import(archive, row) == [("unchanged", Reason.EMPTY)]
    assert placed(archive, claimed(archive), 1) == "stored"


def test_an_article_that_leaves_a_story_leaves_it_whole(archive: store.Archive) -> None:
    assert placed(archive, imported("https://a.example/1"), 1) == "stored"
    assert placed(archive, imported("https://b.example/1"), 1) == "stored"
    assert value(archive, "SELECT count(*) FROM story") == 1
    assert placed(archive, imported("https://b.example/1"), 2) == "revised"
    assert value(archive, "SELECT count(*) FROM story") == 2
    assert value(archive, "SELECT count(DISTINCT canonical_reason) FROM story") == 1
    assert value(archive, "SELECT count(*) FROM relation") == 0
    moves = "SELECT string_agg(kind, ' ' ORDER BY id) FROM story_history WHERE kind <> 'canonical'"
    assert value(archive, moves) == "created joined created left"


def test_an_article_that_changes_back_is_revised_again(archive: store.Archive) -> None:
    first, second = ({"url": "https://a.example/1", "text": report(n)[1]} for n in (1, 2))
    outcomes = [run_import(archive, row)[0][0] for row in (first, second, first, first)]
    assert outcomes == ["stored", "revised", "revised", "unchanged"]


def test_two_cuts_of_one_line_are_both_kept(archive: store.Archive) -> None:
    cuts = (Cut("age_notice", 0, "a", False), Cut("age_notice", 0, "b", False))
    assert placed(archive, imported("https://a.example/1"), 1, removed=cuts) == "stored"
    assert value(archive, "SELECT count(*) FROM cut") == 2


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"url": "http://[bad/x", "text": "x"}, Reason.BAD_INPUT),
        ({"url": "ftp://a.example/x", "text": "x"}, Reason.BAD_INPUT),
        ({"text": report(1)[1], "published": "0001-01-10T00:00:00Z"}, None),
        ({"text": report(1)[1], "outlet": "\0"}, None),
        ({"text": report(1)[1], "title": " ".join(f"word{n}" for n in range(150_000))}, None),
        ({"text": report(1)[1], "outlet": "o" * 9000 + "é"}, None),
        (
            {"text": "\n\n".join("नया-दिन-रात-" + chr(0x900 + n % 100) * 5 for n in range(20_000))},
            None,
        ),
    ],
)
def test_odd_values_cost_no_other_row(
    archive: store.Archive, row: Mapping[str, str | None], reason: Reason | None
) -> None:
    plain = {"url": "https://plain.example/1", "text": report(7)[1]}
    odd, after = run_import(archive, row, plain)
    assert after == ("stored", None)
    if reason is not None:
        assert odd == ("skipped", reason)
    assert value(archive, "SELECT count(*) FROM url_fate WHERE status <> 'pending'") == 2


def test_what_the_database_refuses_is_recorded(archive: store.Archive) -> None:
    placed(archive, imported("https://b.example/1"), 1)  # with a copy, relations are sent too
    entry = imported("https://a.example/1")
    with pytest.raises(Refused, match="confidence"):
        placed(archive, entry, 1, confidence=7.0)
    assert value(archive, "SELECT count(*) FROM article") == 1


def test_polls_that_list_the_same_links_in_two_orders_lose_none(archive: store.Archive) -> None:
    paths = [f"/{n}" for n in range(200)]
    feeds = []
    for feed in (FEED, "https://other.example/feed"):
        store.add_feed(archive, feed, None, None)
        claim = store.claim_feed(archive)
        assert claim is not None
        feeds.append(claim)
    lists = (listing(*paths), listing(*reversed(paths)))
    threads = [
        threading.Thread(target=record, args=(archive, feed, parsed))
        for feed, parsed in zip(feeds, lists, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert value(archive, "SELECT count(*) FROM feed_entry") == 400
    assert value(archive, "SELECT sum(new_entries) FROM feed_poll") == 200


def record(archive: store.Archive, feed: ClaimedFeed, parsed: ParsedFeed) -> None:
    store.record_poll(archive, feed, answer(), parsed)


def test_copies_that_arrive_at_once_find_each_other(archive: store.Archive) -> None:
    def work(thread: int) -> None:
        for number in range(10):
            placed(archive, imported(f"https://o{thread}.example/{number}"), number)

    threads = [threading.Thread(target=work, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert value(archive, "SELECT count(*) FROM article") == 40
    assert value(archive, "SELECT count(*) FROM story") == 10
    assert value(archive, "SELECT count(DISTINCT copies) FROM canonical_story") == 1


def test_the_form_of_each_copy_and_of_its_story_is_told(archive: store.Archive) -> None:
    placed(archive, imported("https://walled.example/1"), 1, form=Form.TEASER)
    placed(archive, imported("https://open.example/1"), 1)
    copies = "SELECT string_agg(form, ' ' ORDER BY outlet) FROM story_copy"
    assert value(archive, copies) == "article teaser"
    assert value(archive, "SELECT form FROM canonical_story") in {"article", "teaser"}


@pytest.mark.parametrize(
    "header", ["text/html; charset*=a; charset*1=b", "text/html; charset*=%00'x'y", "text/html"]
)
def test_an_odd_content_type_is_still_a_page(archive: store.Archive, header: str) -> None:
    polled(archive, "/a")
    entry = claimed(archive)
    response = Answered(entry.url, 200, {"content-type": header}, b"", datetime.now(UTC))
    assert pipeline.page_of(entry, response).media_type == "text/html"


@pytest.mark.parametrize("share", [0, 0.1])
def test_a_story_grows_past_what_an_arrival_is_compared_with_for_its_terms(
    archive: store.Archive, share: float
) -> None:
    rule = archive.settings.grouping.model_copy(update={"candidates": 8})
    few = archive.settings.model_copy(update={"grouping": rule})
    text = " ".join(sentences(dice(1), 20))
    rows = [
        {"url": f"https://o{n}.example/a", "text": edited(text, share, dice(n))} for n in range(50)
    ]
    told = run_import(store.Archive(archive.engine, few, archive.seed), *rows)
    assert told == [("stored", None)] * len(rows)
    assert value(archive, "SELECT max(copies) FROM canonical_story") == len(rows)


MANY = """
WITH linked AS (
    INSERT INTO entry (url, url_sha256, host, origin)
    SELECT n, sha256(n::text::bytea), 'many.example', 'import' FROM generate_series(1, 10000) n
    RETURNING id, url, url_sha256
), happened AS (
    INSERT INTO event (id) SELECT 1000000 + id FROM linked RETURNING id
), told AS (
    INSERT INTO story (id, event_id, canonical_article_id, canonical_reason)
    SELECT id, id, id, 'made' FROM happened
)
INSERT INTO article (id, entry_id, url, url_sha256, outlet_id, story_id, revision, first_seen_at)
SELECT 1000000 + id, id, url, url_sha256, (SELECT min(id) FROM outlet), 1000000 + id, 1, now() FROM linked
"""


def test_a_placement_reads_little_of_a_large_archive(archive: store.Archive) -> None:
    assert placed(archive, imported("https://one.example/a"), 1) == "stored"
    assert placed(archive, imported("https://other.example/a"), 1) == "stored"
    execute(archive, MANY)
    execute(archive, "ANALYZE article, story, event, entry")

    def work(connection: Connection) -> tuple[int, int]:
        run(connection, "lock_placing")
        ids = list(connection.execute(text("SELECT id FROM article WHERE id < 1000000")).scalars())
        around = neighbourhood(connection, ids, archive.settings.grouping)
        read = rows_read(connection, "article") + rows_read(connection, "story")
        return len(around.members), read

    members, read = archive.transaction(work)
    assert members == 2
    assert read < 100
