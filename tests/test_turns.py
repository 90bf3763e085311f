"""Politeness over processes: turns with a host are kept in Postgres, whoever takes them."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from ipaddress import ip_network
from itertools import pairwise

import pytest
from sqlalchemy import text

from ingester import settings, store
from ingester.fetch import Fetcher
from ingester.models import Failed, FeedItem, ParsedFeed, Reason, Request, Response
from ingester.settings import Fetch
from ingester.store import schema
from tests.loopback import Answer, Here, Loopback, Write, head
from tests.test_queue import FEED, answer, claimed, execute, linked, polled, value

HOST = "outlet.example"
PAUSE_S = 0.1


@pytest.fixture
def two_archives(server: str, schema_name: str) -> Iterator[tuple[store.Archive, store.Archive]]:
    """One database, as two processes open it."""
    engines = [store.connect(server, settings.read(), schema_name) for _ in range(2)]
    schema.install(engines[0])
    one, other = (store.open_archive(e, settings.read(), schema.latest()) for e in engines)
    yield one, other
    for engine in engines:
        engine.dispose()


@contextmanager
def fetching(archive: store.Archive) -> Iterator[Fetcher]:
    guards = Fetch(allow_networks=(ip_network("127.0.0.0/8"),), host_delay_s=PAUSE_S, robots=False)
    with Fetcher(guards, store.Turns(archive), resolver=Here()) as fetcher:
        yield fetcher


def test_a_turn_is_taken_by_one_and_free_again_after_the_pause(archive: store.Archive) -> None:
    turns = store.Turns(archive)
    turn = turns.take(HOST, 30)
    assert isinstance(turn, int)
    left = turns.take(HOST, 30)
    assert isinstance(left, timedelta)
    assert 29 < left.total_seconds() <= 30
    turns.give(HOST, turn, 0.2, None, 0)
    assert isinstance(turns.take(HOST, 30), timedelta)
    time.sleep(0.25)
    assert turns.take(HOST, 30) == turn + 1


def test_a_turn_that_its_holder_lost_is_not_given_back_twice(archive: store.Archive) -> None:
    turns = store.Turns(archive)
    lost = turns.take(HOST, 0.05)
    time.sleep(0.1)
    assert isinstance(turns.take(HOST, 30), int), "a turn ends by itself"
    assert isinstance(lost, int)
    turns.give(HOST, lost, 0, None, 0)
    assert isinstance(turns.take(HOST, 30), timedelta)


def test_a_host_s_own_delay_holds_for_those_who_never_read_its_rules(
    two_archives: tuple[store.Archive, store.Archive],
) -> None:
    reader, poller = (store.Turns(archive) for archive in two_archives)
    turn = reader.take(HOST, 30)
    assert isinstance(turn, int)
    reader.give(HOST, turn, 0, 0.1, 0)
    time.sleep(0.15)
    turn = poller.take(HOST, 30)
    assert isinstance(turn, int)
    poller.give(HOST, turn, 0, None, 0)
    assert isinstance(poller.take(HOST, 30), timedelta)


def test_one_worker_wins_a_host_that_many_ask_for_at_once(archive: store.Archive) -> None:
    taken: list[int | timedelta] = []
    start = threading.Barrier(8)

    def take() -> None:
        start.wait()
        taken.append(store.Turns(archive).take(HOST, 30))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(turn, int) for turn in taken) == 1


def test_two_processes_never_ask_a_host_at_once_nor_early(
    two_archives: tuple[store.Archive, store.Archive],
) -> None:
    spans: list[tuple[float, float]] = []

    def slow(write: Write) -> None:
        begun = time.monotonic()
        time.sleep(0.02)
        write(head("Content-Length: 0"))
        spans.append((begun, time.monotonic()))

    paths = [f"/{number}" for number in range(24)]
    with Loopback(dict.fromkeys(paths, slow)) as server, ExitStack() as stack:
        fetchers = [stack.enter_context(fetching(archive)) for archive in two_archives]
        pages = [(fetchers[i % 2], server.url(path)) for i, path in enumerate(paths)]
        answers: list[Response | Failed] = []

        def ask(fetcher: Fetcher, url: str) -> None:
            answers.append(fetcher.get(Request(url, "text/html")))

        threads = [threading.Thread(target=ask, args=page) for page in pages]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert server.busiest == 1
    assert all(isinstance(answer, Response) for answer in answers)
    pauses = [later[0] - earlier[1] for earlier, later in pairwise(sorted(spans))]
    assert len(pauses) == 23
    assert min(pauses) >= PAUSE_S - 0.005


def test_a_rest_that_one_process_was_told_of_holds_for_the_other(
    two_archives: tuple[store.Archive, store.Archive],
) -> None:
    routes = {"/a": Answer(429, {"Retry-After": "3600"}), "/b": Answer()}
    with Loopback(routes) as server, ExitStack() as stack:
        one, other = (stack.enter_context(fetching(archive)) for archive in two_archives)
        one.get(Request(server.url("/a"), "text/html"))
        refused = other.get(Request(server.url("/b"), "text/html"))
        assert server.paths() == ["/a"]
    assert isinstance(refused, Failed)
    assert refused.reason is Reason.RESTING
    assert refused.retry_after is not None
    assert 3590 < refused.retry_after.total_seconds() <= 3600


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_says_no_more_than_that_it_is_asked_too_much_rests_twice_as_long_each_time(
    two_archives: tuple[store.Archive, store.Archive], status: int
) -> None:
    archive = two_archives[0]
    rest = "SELECT extract(epoch FROM free_at - now()) FROM host"
    with Loopback({"/a": Answer(status), "/b": Answer()}) as server, fetching(archive) as fetcher:
        rests = []
        for path in ("/a", "/a", "/a", "/b", "/a"):
            execute(archive, "UPDATE host SET free_at = now()")
            fetcher.get(Request(server.url(path), "text/html"))
            rests.append(float(str(value(archive, rest))))
    assert rests == pytest.approx([60, 120, 240, 0, 60], abs=2)


def test_a_host_that_is_sooner_free_goes_before_a_slow_one(archive: store.Archive) -> None:
    linked(archive, "https://a.example/slow", "https://b.example/quick")
    execute(
        archive,
        "INSERT INTO host (host, free_at) VALUES ('a.example', now() + interval '30 s'), "
        "('b.example', now() + interval '1 s')",
    )
    assert [claimed(archive).url[-5:] for _ in range(2)] == ["quick", "/slow"]


def test_what_rests_is_not_claimed_and_what_pauses_only_where_nothing_is_free(
    archive: store.Archive,
) -> None:
    polled(archive, "/a")
    execute(archive, "UPDATE feed SET next_at = now(), interval_s = 1")
    feed = store.claim_feed(archive)
    assert feed is not None
    elsewhere = FeedItem("https://elsewhere.example/a", None, None, None)
    store.record_poll(archive, feed, answer(), ParsedFeed(None, None, (elsewhere,), {}))
    pausing = "INSERT INTO host (host, free_at) VALUES ('outlet.example', now() + interval '5 s')"
    execute(archive, pausing)
    assert claimed(archive).url == "https://elsewhere.example/a"
    assert claimed(archive).url == "https://outlet.example/a"
    execute(archive, "UPDATE entry SET claimed_until = NULL")
    execute(archive, "UPDATE host SET free_at = now() + interval '1 h'")
    execute(archive, "DELETE FROM feed_entry; DELETE FROM entry WHERE host = 'elsewhere.example'")
    assert store.claim_entry(archive) is None
    execute(archive, "UPDATE feed SET next_at = now()")
    assert store.claim_feed(archive) is None
    with archive.engine.connect() as connection:
        feeds = connection.execute(text("SELECT url, host FROM feed")).all()
    assert [tuple(row) for row in feeds] == [(FEED, "outlet.example")]
