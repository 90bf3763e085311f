"""The queue: claims, leases, fencing, retries, and counts that add up."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, text
from structlog.testing import capture_logs

from ingester import pipeline, store
from ingester.models import (
    ClaimedEntry,
    ClaimedFeed,
    Failed,
    FeedItem,
    Imported,
    Moment,
    ParsedFeed,
    Reason,
    Response,
)
from ingester.settings import Retry

FEED = "https://outlet.example/feed.xml"
GONE = Failed("fetch", Reason.NOT_FOUND, "404", retry=False)
DOWN = Failed("fetch", Reason.UNREACHABLE, "connection refused", retry=True)


def execute(archive: store.Archive, statement: str) -> None:
    with archive.engine.begin() as connection:
        connection.execute(text(statement))


def rows_read(connection: Connection, table: str) -> int:
    """How many of a table's rows this transaction has read, by its indexes or without."""
    read = (
        "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = :table"
    )
    return int(connection.execute(text(read), {"table": table}).scalar_one())


def value(archive: store.Archive, query: str) -> object:
    with archive.engine.connect() as connection:
        return connection.execute(text(query)).scalar_one()


def listing(*paths: str, title: str | None = "A title") -> ParsedFeed:
    at = datetime(2026, 11, 1, 12, tzinfo=UTC)
    moment = Moment(at, "second", zoned=True, source="feed", raw="Sun, 01 Nov 2026 12:00:00 GMT")
    items = tuple(FeedItem(f"https://outlet.example{path}", title, moment, path) for path in paths)
    return ParsedFeed("Outlet", "https://outlet.example/", items, {"no_link": 1})


def answer(body: bytes = b"<rss/>", **headers: str) -> Response:
    return Response(FEED, 200, headers, body, datetime.now(UTC))


def polled(archive: store.Archive, *paths: str) -> ClaimedFeed:
    """A feed added, claimed and polled, with these links in it."""
    store.add_feed(archive, FEED, None, "The Outlet")
    feed = store.claim_feed(archive)
    assert feed is not None
    store.record_poll(archive, feed, answer(etag='"1"'), listing(*paths))
    return feed


def claimed(archive: store.Archive) -> ClaimedEntry:
    entry = store.claim_entry(archive)
    assert entry is not None
    return entry


def abandoned(archive: store.Archive) -> ClaimedEntry:
    """A claim whose worker is not heard of again, and whose lease is over."""
    claim = claimed(archive)
    execute(archive, "UPDATE entry SET claimed_until = now() - interval '1 second'")
    return claim


def test_a_feed_is_added_once(archive: store.Archive) -> None:
    assert store.add_feed(archive, FEED, None, None)
    assert not store.add_feed(archive, FEED, "Title", None)
    assert [(row.url, row.title) for row in store.feeds(archive)] == [(FEED, "Title")]


def test_how_long_the_oldest_feed_has_been_due_is_a_figure(archive: store.Archive) -> None:
    assert store.figures(archive)["oldest_due_feed_s"] == 0
    store.add_feed(archive, FEED, None, None)
    execute(archive, "UPDATE feed SET next_at = now() - interval '1 h'")
    assert store.figures(archive)["oldest_due_feed_s"] == pytest.approx(3600, abs=60)


def test_what_waits_in_each_state_is_a_figure(archive: store.Archive) -> None:
    polled(archive, "/a", "/b", "/c", "/d")
    execute(archive, "UPDATE entry SET state = 'skipped', reason = 'gone' WHERE url LIKE '%/a'")
    execute(archive, "UPDATE entry SET state = 'quarantined', reason = 'tls' WHERE url LIKE '%/b'")
    execute(
        archive,
        "UPDATE entry SET claimed_until = now() - interval '1 h' WHERE url LIKE '%/c'",
    )
    figures = store.figures(archive)
    names = ("urls", "pending_urls", "skipped_urls", "quarantined_urls", "stuck_urls")
    assert [figures[name] for name in names] == [4, 2, 1, 1, 1]


def test_a_due_feed_is_claimed_by_one_worker(archive: store.Archive) -> None:
    store.add_feed(archive, FEED, None, None)
    assert store.claim_feed(archive) is not None
    assert store.claim_feed(archive) is None


def test_a_poll_makes_entries_and_remembers_what_the_server_said(archive: store.Archive) -> None:
    polled(archive, "/a", "/b")
    assert value(archive, "SELECT count(*) FROM url_fate WHERE status = 'pending'") == 2
    assert store.claim_feed(archive) is None, "the next poll is an interval away"
    execute(archive, "UPDATE feed SET next_at = now()")
    again = store.claim_feed(archive)
    assert again is not None
    assert again.etag == '"1"'
    assert (again.new, again.errors) == (False, 0)
    assert store.record_poll(archive, again, answer(), listing("/b", "/c")) == 1
    assert value(archive, "SELECT count(*) FROM entry") == 3


def test_an_entry_that_two_feeds_list_stands_once(archive: store.Archive) -> None:
    polled(archive, "/a")
    store.add_feed(archive, FEED + "?politics", None, None)
    other = store.claim_feed(archive)
    assert other is not None
    assert store.record_poll(archive, other, answer(), listing("/a")) == 0
    assert value(archive, "SELECT count(*) FROM entry") == 1
    assert value(archive, "SELECT count(*) FROM feed_entry") == 2


def test_a_link_whose_import_failed_is_the_feeds_once_one_lists_it(archive: store.Archive) -> None:
    linked = Imported("https://outlet.example/a", "Theirs", None, None)
    store.fail(archive, linked, None, Failed("extract", Reason.NO_ARTICLE, "a menu", retry=False))
    assert store.claim_entry(archive) is None
    store.add_feed(archive, FEED, None, None)
    feed = store.claim_feed(archive)
    assert feed is not None
    assert store.record_poll(archive, feed, answer(), listing("/a")) == 1
    assert value(archive, "SELECT count(*) FROM feed_entry") == 1
    assert claimed(archive).url == linked.url


def test_an_unchanged_feed_keeps_its_etag(archive: store.Archive) -> None:
    polled(archive, "/a")
    execute(archive, "UPDATE feed SET next_at = now()")
    feed = store.claim_feed(archive)
    assert feed is not None
    not_modified = Response(FEED, 304, {}, b"", datetime.now(UTC))
    store.record_unchanged(archive, feed, not_modified)
    assert value(archive, "SELECT etag FROM feed") == '"1"'
    assert value(archive, "SELECT outcome FROM feed_poll ORDER BY id DESC LIMIT 1") == "unchanged"


def test_a_failing_feed_waits_longer_each_time_and_says_why(archive: store.Archive) -> None:
    store.add_feed(archive, FEED, None, None)
    feed = store.claim_feed(archive)
    assert feed is not None
    store.record_failed_poll(archive, feed, DOWN)
    row = store.feeds(archive)[0]
    assert row.next_at > datetime.now(UTC) + timedelta(
        seconds=archive.settings.poll.interval_s * 0.9
    )
    assert row.last_error == "unreachable: connection refused"
    assert row.errors == 0.25
    assert row.failing_since is not None


def test_a_feed_that_is_gone_is_asked_no_more(archive: store.Archive) -> None:
    store.add_feed(archive, FEED, None, None)
    feed = store.claim_feed(archive)
    assert feed is not None
    store.record_failed_poll(archive, feed, Failed("fetch", Reason.GONE, "410", retry=False))
    assert store.feeds(archive)[0].state == "gone"
    execute(archive, "UPDATE feed SET next_at = now()")
    assert store.claim_feed(archive) is None


def test_a_host_is_asked_by_one_worker_at_a_time(archive: store.Archive) -> None:
    polled(archive, "/a", "/b")
    first = claimed(archive)
    assert store.claim_entry(archive) is None
    store.fail(archive, first, None, GONE)
    assert claimed(archive).url != first.url


def linked(archive: store.Archive, *urls: str) -> None:
    """These links are seen in a feed."""
    store.add_feed(archive, FEED, None, None)
    execute(archive, "UPDATE feed SET next_at = now()")
    feed = store.claim_feed(archive)
    assert feed is not None
    items = tuple(FeedItem(url, None, None, None) for url in urls)
    store.record_poll(archive, feed, answer(), ParsedFeed(None, None, items, {}))


def test_hosts_come_in_their_turn_whatever_waits_for_them(archive: store.Archive) -> None:
    linked(archive, *(f"https://many.example/{number}" for number in range(4)))
    linked(archive, "https://few.example/a", "https://few.example/b", "https://one.example/a")
    hosts = []
    for _ in range(7):
        entry = claimed(archive)
        hosts.append(entry.url.split("/")[2].split(".")[0])
        store.fail(archive, entry, None, GONE)
    assert hosts == ["few", "many", "one", "few", "many", "many", "many"]


def test_of_a_host_the_entry_that_has_been_due_for_longest_comes_first(
    archive: store.Archive,
) -> None:
    polled(archive, "/a", "/b")
    execute(archive, "UPDATE entry SET next_at = now() - interval '1 h' WHERE url LIKE '%/b'")
    assert claimed(archive).url == "https://outlet.example/b"


def test_a_host_that_rests_hides_no_other_however_much_waits_for_it(archive: store.Archive) -> None:
    execute(
        archive,
        "INSERT INTO entry (url, url_sha256, host, origin, next_at) SELECT n, sha256(n::text::bytea), "
        "'a.example', 'feed', now() - interval '1 h' FROM generate_series(1, 20000) n",
    )
    execute(
        archive, "INSERT INTO host (host, free_at) VALUES ('a.example', now() + interval '1 h')"
    )
    linked(archive, "https://outlet.example/a", "https://zebra.example/a")
    assert {claimed(archive).url for _ in range(2)} == {
        "https://outlet.example/a",
        "https://zebra.example/a",
    }
    begun = time.perf_counter()
    assert store.claim_entry(archive) is None
    assert time.perf_counter() - begun < 0.5, "none of what waits is looked at"
    execute(archive, "UPDATE host SET free_at = now()")
    assert claimed(archive).url == "1"


def test_a_claimed_entry_brings_what_its_feed_said(archive: store.Archive) -> None:
    polled(archive, "/a")
    entry = claimed(archive)
    assert (entry.title, entry.outlet) == ("A title", "The Outlet")
    assert entry.published is not None
    assert entry.published.isoformat() == "2026-11-01T12:00:00Z"


def test_a_worker_that_lost_its_lease_writes_nothing(archive: store.Archive) -> None:
    polled(archive, "/a")
    slow = abandoned(archive)
    quick = claimed(archive)
    assert quick.token > slow.token
    assert store.fail(archive, slow, None, GONE) == "lost"
    assert store.fail(archive, quick, None, GONE) == "skipped"


def test_a_failure_that_may_pass_is_tried_again_and_then_quarantined(
    archive: store.Archive,
) -> None:
    polled(archive, "/a")
    outcomes = []
    for _ in range(archive.settings.retry.attempts):
        execute(archive, "UPDATE entry SET next_at = now()")
        outcomes.append(store.fail(archive, claimed(archive), None, DOWN))
    assert outcomes == ["retry"] * (archive.settings.retry.attempts - 1) + ["quarantined"]
    row = store.fates(archive)[0]
    assert (row.status, row.reason, row.urls) == ("quarantined", "unreachable", 1)


def test_a_shutdown_gives_an_entry_back_uncounted(archive: store.Archive) -> None:
    polled(archive, "/a")
    stopped = Failed("fetch", Reason.SHUTDOWN, "the service stops", retry=True)
    assert store.fail(archive, claimed(archive), None, stopped) == "retry"
    assert claimed(archive).attempts == 1


def test_an_asked_for_wait_is_kept(archive: store.Archive) -> None:
    polled(archive, "/a")
    later = Failed("fetch", Reason.RATE_LIMITED, "429", retry=True, retry_after=timedelta(hours=2))
    store.fail(archive, claimed(archive), None, later)
    assert value(archive, "SELECT next_at > now() + interval '119 minutes' FROM entry") is True


def test_crashes_have_a_bound_of_their_own(archive: store.Archive) -> None:
    polled(archive, "/a")
    crashed = Failed("extract", Reason.CRASHED, "the process ended", retry=True)
    outcomes = []
    for failed in (crashed, DOWN, crashed, DOWN, crashed):
        outcomes.append(store.fail(archive, claimed(archive), None, failed))
        execute(archive, "UPDATE entry SET next_at = now(), attempts = 1")
    assert outcomes == ["retry"] * 4 + ["quarantined"]


def test_an_entry_whose_tries_all_end_with_their_service_is_quarantined(
    archive: store.Archive,
) -> None:
    polled(archive, "/a")
    for _ in range(archive.settings.retry.attempts):
        abandoned(archive)
    assert store.claim_entry(archive) is None
    with capture_logs() as told:
        pipeline.bury(archive)
        pipeline.bury(archive)
    assert [(row.status, row.reason) for row in store.fates(archive)] == [
        ("quarantined", "crashed")
    ]
    (line,) = told
    assert (line["event"], line["log_level"]) == ("ingest quarantined", "warning")
    assert (line["url"], line["reason"]) == ("https://outlet.example/a", "crashed")
    assert line["detail"] == store.quarantined(archive)[0].last_error
    assert "its service died, or its log tells why; before that: nothing" in line["detail"]


def test_a_poll_that_nobody_lived_to_end_is_over_for_good(archive: store.Archive) -> None:
    store.add_feed(archive, FEED, None, None)
    late = store.claim_feed(archive)
    assert late is not None
    store.bury(archive)
    assert value(archive, "SELECT claimed_until FROM feed") is not None, "its lease still runs"
    execute(archive, "UPDATE feed SET claimed_until = now() - interval '1 second'")
    store.bury(archive)
    assert value(archive, "SELECT claimed_until FROM feed") is None
    store.record_poll(archive, late, answer(), listing("/a"))
    assert value(archive, "SELECT count(*) FROM entry") == 0, "who wakes up later writes nothing"


def test_an_entry_is_not_to_blame_for_a_service_that_ends_beside_it(
    archive: store.Archive,
) -> None:
    polled(archive, "/a")
    for _ in range(archive.settings.retry.crashes):
        abandoned(archive)
    assert not store.bury(archive), "it is tried again"
    crashed = Failed("extract", Reason.CRASHED, "the process ended", retry=True)
    assert store.fail(archive, claimed(archive), None, crashed) == "retry"
    assert value(archive, "SELECT crashes FROM entry") == 1


def test_an_entry_whose_tries_are_used_up_by_a_lower_limit_is_quarantined(
    archive: store.Archive,
) -> None:
    polled(archive, "/a", "/b")
    tried = claimed(archive)
    store.fail(archive, tried, None, DOWN)
    execute(archive, "UPDATE entry SET next_at = now()")
    fewer = archive.settings.model_copy(update={"retry": Retry(attempts=1)})
    limited = store.Archive(archive.engine, fewer, archive.seed)
    store.bury(limited)
    assert claimed(limited).url != tried.url
    (row,) = store.quarantined(archive)
    assert (row.url, row.last_error) == (tried.url, "unreachable: connection refused")


@pytest.mark.parametrize("odd", ["a\x00b", "a\ud800b", "\udfff"])
def test_characters_that_postgres_refuses_cost_no_row(archive: store.Archive, odd: str) -> None:
    store.add_feed(archive, FEED, None, None)
    feed = store.claim_feed(archive)
    assert feed is not None
    assert store.record_poll(archive, feed, answer(), listing("/a", "/b", title=odd)) == 2
    assert value(archive, "SELECT count(*) FROM feed_poll WHERE new_entries = 2") == 1


def test_many_workers_claim_each_entry_once(archive: store.Archive) -> None:
    store.add_feed(archive, FEED, None, None)
    feed = store.claim_feed(archive)
    assert feed is not None
    items = tuple(FeedItem(f"https://host{n}.example/a", None, None, None) for n in range(60))
    store.record_poll(archive, feed, answer(), ParsedFeed(None, None, items, {}))
    taken: list[str] = []

    def work() -> None:
        while (entry := store.claim_entry(archive)) is not None:
            taken.append(entry.url)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(item.url for item in items)


def test_a_feed_that_kills_its_workers_waits_longer_each_time(archive: store.Archive) -> None:
    store.add_feed(archive, FEED, None, None)
    waits = []
    for _ in range(archive.settings.retry.crashes + 1):
        execute(archive, "UPDATE feed SET next_at = now()")
        feed = store.claim_feed(archive)
        execute(archive, "UPDATE feed SET claimed_until = now() - interval '1 second'")
        assert store.claim_feed(archive) is None
        waits.append(
            float(str(value(archive, "SELECT extract(epoch FROM next_at - now()) FROM feed")))
        )
    assert waits == sorted(waits)
    assert waits[-1] > 4 * archive.settings.retry.first_s
    assert feed is not None
    store.record_failed_poll(archive, feed, DOWN)
    assert value(archive, "SELECT crashes FROM feed") == 0
