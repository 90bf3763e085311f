"""Polls over real HTTP into a real archive: what a feed teaches about itself."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from ipaddress import ip_network
from typing import Any

import pytest
from sqlalchemy import Engine

from ingester import pipeline, service, settings, store
from ingester.models import ClaimedFeed
from ingester.settings import Poll
from ingester.store import schema
from tests.loopback import Answer, Loopback, Write, send
from tests.newsroom import feed as rss
from tests.test_queue import execute, value

MARKS = {"ETag": '"same"'}


@pytest.fixture
def polling(engine: Engine) -> Iterator[pipeline.Path]:
    """The path, with loopback allowed and no pause between requests."""
    held = settings.read(
        fetch={"allow_networks": (ip_network("127.0.0.0/8"),), "host_delay_s": 0},
        extract={"processes": 1},
    )
    with service.walking(store.open_archive(engine, held, schema.latest())) as path:
        yield path


def claimed(path: pipeline.Path) -> ClaimedFeed:
    execute(path.archive, "UPDATE feed SET next_at = now()")
    feed = store.claim_feed(path.archive)
    assert feed is not None
    return feed


def poll(path: pipeline.Path, times: int = 1) -> Any:
    """Poll the one feed so many times; gives its row."""
    for _ in range(times):
        pipeline.poll(path, claimed(path))
    return store.feeds(path.archive)[0]


@contextmanager
def listed(path: pipeline.Path, answer: Answer) -> Iterator[Loopback]:
    """A server with a feed at /feed, which the archive knows."""
    with Loopback({"/feed": answer}) as server:
        store.add_feed(path.archive, server.url("/feed"), None, None)
        yield server


def links(*numbers: int) -> bytes:
    return rss([f"https://outlet.example/{number}" for number in numbers])


def last_poll(path: pipeline.Path) -> Sequence[Any]:
    with path.archive.engine.connect() as connection:
        query = "SELECT outcome, items, new_entries FROM feed_poll ORDER BY id DESC LIMIT 1"
        return tuple(connection.exec_driver_sql(query).one())


def last_loss(path: pipeline.Path) -> Sequence[Any]:
    """Pages that the last poll left, and why one was not read."""
    with path.archive.engine.connect() as connection:
        query = "SELECT unread, reason, detail FROM feed_poll ORDER BY id DESC LIMIT 1"
        return tuple(connection.exec_driver_sql(query).one())


# --- marks of change ------------------------------------------------------------------------------


def test_marks_are_sent_until_they_are_caught_lying(polling: pipeline.Path) -> None:
    with listed(polling, Answer(200, MARKS, links(1))) as server:
        poll(polling)
        server.routes["/feed"] = Answer(200, MARKS, links(1, 2))
        row = poll(polling)
        assert server.asked[1].headers["if-none-match"] == '"same"'
        assert not row.trusted
        poll(polling)
        assert "if-none-match" not in server.asked[2].headers


def test_marks_that_change_with_the_feed_are_believed(polling: pipeline.Path) -> None:
    with listed(polling, Answer(200, {"ETag": '"1"'}, links(1))) as server:
        poll(polling)
        server.routes["/feed"] = Answer(200, {"ETag": '"2"'}, links(1, 2))
        assert poll(polling).trusted


def test_not_modified_is_checked_now_and_then(polling: pipeline.Path) -> None:
    with listed(polling, Answer(200, MARKS, links(1))) as server:
        poll(polling)
        server.routes["/feed"] = Answer(304, MARKS)
        poll(polling, times=Poll().whole_every)
        assert last_poll(polling) == ("unchanged", 0, 0)
        server.routes["/feed"] = Answer(200, MARKS, links(1, 2))
        row = poll(polling)
        assert "if-none-match" not in server.asked[-1].headers
        assert last_poll(polling) == ("parsed", 2, 1)
        assert not row.trusted, "it said that nothing was new"


def dated(body: bytes, age: timedelta) -> bytes:
    """The feed, its items published so long ago."""
    date = format_datetime(datetime.now(UTC) - age)
    return body.replace(b"</item>", f"<pubDate>{date}</pubDate></item>".encode())


@pytest.mark.parametrize(
    ("numbers", "age", "trusted"),
    [
        ((1, 2, 3), timedelta(days=1), False),
        ((1, 2), timedelta(days=1), True),  # one may be late
        ((1, 2, 3), timedelta(minutes=10), True),  # or shown some time after it was written
    ],
)
def test_a_server_that_always_says_not_modified_is_caught(
    polling: pipeline.Path, numbers: tuple[int, ...], age: timedelta, trusted: bool
) -> None:
    with listed(polling, Answer(200, {"ETag": '"1"'}, links(1))) as server:
        poll(polling)
        server.routes["/feed"] = Answer(304)
        assert poll(polling, times=Poll().whole_every).trusted
        server.routes["/feed"] = Answer(200, {"ETag": '"2"'}, dated(links(*numbers), age))
        assert poll(polling).trusted is trusted
        poll(polling)
        assert ("if-none-match" in server.asked[-1].headers) is trusted


# --- moves ----------------------------------------------------------------------------------------


def test_a_permanent_move_is_believed_after_days(polling: pipeline.Path) -> None:
    with listed(polling, Answer(301, {"Location": "/new"})) as server:
        server.routes["/new"] = Answer(body=links(1))
        row = poll(polling, times=Poll().moved_polls)
        assert (row.url, row.moved_to) == (server.url("/feed"), server.url("/new"))
        execute(polling.archive, "UPDATE feed SET moved_since = now() - interval '8 days'")
        row = poll(polling)
        assert (row.url, row.moved_to) == (server.url("/new"), None)
        poll(polling)
        assert server.asked[-1].path == "/new"


def test_a_move_to_a_page_that_is_no_feed_counts_for_nothing(polling: pipeline.Path) -> None:
    with listed(polling, Answer(301, {"Location": "/maintenance"})) as server:
        server.routes["/maintenance"] = Answer(body=b"<html>Back soon</html>")
        row = poll(polling, times=3)
        assert (row.moved_to, row.errors) == (None, 3)


def about_to_move(polling: pipeline.Path, server: Loopback) -> ClaimedFeed:
    """The feed, claimed for the poll that moves it to /other, which is a feed of its own."""
    server.routes["/other"] = Answer(body=links(1))
    poll(polling, times=Poll().moved_polls)
    execute(polling.archive, "UPDATE feed SET moved_since = now() - interval '8 days'")
    feed = claimed(polling)
    store.add_feed(polling.archive, server.url("/other"), None, None)
    return feed


def test_a_feed_that_moves_to_another_one_is_retired(polling: pipeline.Path) -> None:
    with listed(polling, Answer(308, {"Location": "/other"})) as server:
        feed = about_to_move(polling, server)
        pipeline.poll(polling, feed)
        states = {row.url: row.state for row in store.feeds(polling.archive)}
        assert states == {server.url("/feed"): "gone", server.url("/other"): "active"}


@pytest.mark.parametrize("state", ["dead", "gone"])
def test_a_feed_that_another_one_moves_to_is_asked_again(
    polling: pipeline.Path, state: str
) -> None:
    with listed(polling, Answer(308, {"Location": "/other"})) as server:
        feed = about_to_move(polling, server)
        execute(
            polling.archive,
            f"UPDATE feed SET state = '{state}', errors = 12, next_at = now() + interval '7 days' "
            "WHERE claimed_until IS NULL",
        )
        pipeline.poll(polling, feed)
        states = {row.url: row.state for row in store.feeds(polling.archive)}
        assert states == {server.url("/feed"): "gone", server.url("/other"): "active"}
        again = store.claim_feed(polling.archive)
        assert again is not None
        assert (again.url, again.errors) == (server.url("/other"), 0)


# --- failures -------------------------------------------------------------------------------------


def test_a_feed_fails_dies_and_comes_back(polling: pipeline.Path) -> None:
    with listed(polling, Answer(404)) as server:
        row = poll(polling, times=2)
        assert (row.state, row.errors, row.last_error) == ("active", 2, "not_found: HTTP 404")
        execute(
            polling.archive,
            "UPDATE feed SET errors = 12, failing_since = now() - interval '15 days'",
        )
        row = poll(polling)
        assert row.state == "dead"
        assert row.next_at - row.polled_at > timedelta(days=6)
        server.routes["/feed"] = Answer(body=links(1))
        row = poll(polling)
        assert (row.state, row.errors, row.failing_since, row.last_error) == (
            "active",
            0,
            None,
            None,
        )


def test_a_feed_asks_for_time_and_gets_it(polling: pipeline.Path) -> None:
    with listed(polling, Answer(500, {"Retry-After": "20000"})):
        row = poll(polling)
        assert row.next_at - row.polled_at >= timedelta(seconds=19_990)


def test_a_host_that_rests_costs_its_feeds_nothing(polling: pipeline.Path) -> None:
    with listed(polling, Answer(body=links(1))) as server:
        feed = claimed(polling)
        execute(polling.archive, "UPDATE host SET free_at = now() + interval '1 h'")
        execute(
            polling.archive,
            f"INSERT INTO host VALUES ('127.0.0.1:{server.port}', now() + interval '1 h')",
        )
        pipeline.poll(polling, feed)
        row = store.feeds(polling.archive)[0]
        assert (row.errors, row.last_error, server.asked) == (0, None, [])
        assert value(polling.archive, "SELECT count(*) FROM feed_poll") == 0


# --- many pages -----------------------------------------------------------------------------------


def paged(number: int, last: int) -> bytes:
    more = f'<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="next" href="/feed?{number + 1}"/>'
    page = links(number * 2, number * 2 + 1).decode()
    return page.replace("<title>Room", (more if number < last else "") + "<title>Room").encode()


def test_an_archive_is_read_back_to_what_is_known(polling: pipeline.Path) -> None:
    with listed(polling, Answer()) as server:
        pages = {f"/feed?{number}": Answer(body=paged(number, 6)) for number in range(1, 7)}
        server.routes.update(pages | {"/feed": Answer(body=paged(0, 6))})
        poll(polling)
        assert last_poll(polling) == ("parsed", 14, 14)
        server.routes["/feed"] = Answer(body=links(99, 0))
        poll(polling)
        assert last_poll(polling) == ("parsed", 2, 1)
        assert len(server.asked) == 8, "the second poll met what it knew on its first page"


def test_an_archive_is_left_at_the_bound_and_the_next_polls_go_on(polling: pipeline.Path) -> None:
    with listed(polling, Answer()) as server:
        pages = {f"/feed?{number}": Answer(body=paged(number, 24)) for number in range(25)}
        server.routes.update(pages | {"/feed": Answer(body=paged(0, 24))})
        poll(polling)
        assert len(server.asked) == Poll().max_pages + 1
        assert last_poll(polling) == ("parsed", 22, 22)
        assert last_loss(polling) == (1, None, None)
        poll(polling, times=2)
        assert last_loss(polling) == (0, None, None)
        assert value(polling.archive, "SELECT count(*) FROM entry") == 50
        asked = [path for path in server.paths() if path != "/feed"]
        assert len(asked) == len(set(asked)), "none is asked for twice"


def test_an_archive_that_goes_in_circles_ends(polling: pipeline.Path) -> None:
    with listed(polling, Answer()) as server:
        pages = {f"/feed?{number}": Answer(body=paged(number, 99)) for number in range(15)}
        back = Answer(body=paged(14, 99).replace(b"/feed?15", b"/feed?0"))
        server.routes.update(pages | {"/feed": Answer(body=paged(0, 99)), "/feed?14": back})
        poll(polling, times=3)
        assert last_loss(polling) == (0, None, None)
        assert value(polling.archive, "SELECT count(*) FROM entry") == 30
        assert len(server.asked) == 1 + 10 + 1 + 5 + 1


def test_an_archive_of_more_items_than_a_poll_takes_is_read_by_the_next_ones(
    engine: Engine,
) -> None:
    held = settings.read(
        fetch={"allow_networks": (ip_network("127.0.0.0/8"),), "host_delay_s": 0},
        extract={"processes": 1},
        poll={"max_items": 5},
    )
    archive = store.open_archive(engine, held, schema.latest())
    with service.walking(archive) as path, listed(path, Answer()) as server:
        pages = {f"/feed?{number}": Answer(body=paged(number, 6)) for number in range(1, 7)}
        server.routes.update(pages | {"/feed": Answer(body=paged(0, 6))})
        poll(path)
        assert last_poll(path) == ("parsed", 6, 6)
        assert last_loss(path) == (1, None, None)
        poll(path, times=2)
        assert value(archive, "SELECT count(*) FROM entry") == 14
        assert last_loss(path) == (0, None, None)


def test_a_new_feed_is_read_whole_whatever_other_feeds_list(polling: pipeline.Path) -> None:
    with listed(polling, Answer(body=links(0, 2))) as server:
        poll(polling)
        store.remove_feed(polling.archive, server.url("/feed"))
        store.add_feed(polling.archive, server.url("/other"), None, None)
        pages = {f"/feed?{number}": Answer(body=paged(number, 3)) for number in range(1, 4)}
        server.routes.update(pages | {"/other": Answer(body=paged(0, 3))})
        poll(polling)
        assert last_poll(polling) == ("parsed", 8, 6)


def test_a_post_that_stays_on_top_hides_no_news(polling: pipeline.Path) -> None:
    with listed(polling, Answer()) as server:
        pages = {f"/feed?{number}": Answer(body=paged(number, 3)) for number in range(1, 4)}
        server.routes.update(pages | {"/feed": Answer(body=paged(0, 3))})
        poll(polling)
        news = paged(50, 99).replace(b"/feed?51", b"/feed?1").replace(b"example/101", b"example/0")
        server.routes["/feed"] = Answer(body=news)
        server.routes["/feed?1"] = Answer(body=paged(51, 99).replace(b"/feed?52", b"/feed?2"))
        poll(polling)
        assert value(polling.archive, "SELECT count(*) FROM entry") == 8 + 3
        assert server.paths()[-3:] == ["/feed", "/feed?1", "/feed?2"], "and ends where all is known"


def test_a_page_that_fails_is_told_and_read_by_the_next_poll(polling: pipeline.Path) -> None:
    with listed(polling, Answer(200, MARKS, paged(0, 6))) as server:
        pages = {f"/feed?{number}": Answer(body=paged(number, 6)) for number in range(1, 7)}
        server.routes.update(pages | {"/feed?2": Answer(500)})
        poll(polling)
        assert last_poll(polling) == ("parsed", 4, 4)
        assert last_loss(polling) == (1, "server_error", f"{server.url('/feed?2')}: HTTP 500")
        poll(polling)
        assert last_loss(polling)[0] == 1, "as it still fails"
        server.routes["/feed?2"] = pages["/feed?2"]
        row = poll(polling)
        assert value(polling.archive, "SELECT count(*) FROM entry") == 14
        assert last_loss(polling) == (0, None, None)
        assert row.trusted, "what is new came from further pages, under honest marks"
        poll(polling)
        assert server.asked[-1].headers["if-none-match"] == '"same"'


def test_a_page_that_is_not_there_costs_the_others_nothing(polling: pipeline.Path) -> None:
    with listed(polling, Answer()) as server:
        server.routes["/feed"] = Answer(body=index(server, 3))
        server.routes |= {f"/{part}": Answer(body=sitemap(part)) for part in (0, 2)}
        poll(polling)
        assert last_poll(polling) == ("parsed", 2, 2)
        assert last_loss(polling) == (0, "not_found", f"{server.url('/1')}: HTTP 404")


def test_a_walk_ends_before_its_lease_and_the_next_poll_goes_on(engine: Engine) -> None:
    def slowly(write: Write, part: int) -> None:
        time.sleep(0.25)
        send(write, sitemap(part))

    held = settings.read(
        fetch={"allow_networks": (ip_network("127.0.0.0/8"),), "host_delay_s": 0},
        extract={"processes": 1},
        poll={"max_pages": 20},
        retry={"lease_s": 3},
    )
    archive = store.open_archive(engine, held, schema.latest())
    with service.walking(archive) as path, listed(path, Answer()) as server:
        server.routes["/feed"] = Answer(body=index(server, 16))
        server.routes |= {f"/{part}": partial(slowly, part=part) for part in range(16)}
        took = [seconds(partial(pipeline.poll, path, claimed(path)))]
        while last_poll(path)[2]:
            took.append(seconds(partial(pipeline.poll, path, claimed(path))))
        assert value(archive, "SELECT sum(new_entries) FROM feed_poll") == 16, "each poll goes on"
        assert len(took) > 2
        assert max(took) < held.retry.lease_s


def seconds(work: Callable[[], object]) -> float:
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


def test_no_page_is_read_from_another_host(polling: pipeline.Path) -> None:
    with Loopback({"/p": Answer(body=links(5))}) as other, listed(polling, Answer()) as server:
        more = (
            f'<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="next" href="{other.url("/p")}"/>'
        )
        body = links(1).replace(b"<title>Room", more.encode() + b"<title>Room")
        server.routes["/feed"] = Answer(body=body)
        poll(polling)
        assert other.asked == []
        assert last_poll(polling) == ("parsed", 1, 1)


def test_pages_are_read_where_the_feed_was_found(polling: pipeline.Path) -> None:
    with Loopback() as www, Loopback() as third, listed(polling, Answer()) as server:
        server.routes["/feed"] = Answer(301, {"Location": www.url("/feed")})
        server.routes["/0"] = Answer(body=sitemap(0))
        parts = (server.url("/0"), www.url("/1"), third.url("/2"))
        places = "".join(f"<sitemap><loc>{part}</loc></sitemap>" for part in parts)
        www.routes["/feed"] = Answer(body=f"<sitemapindex>{places}</sitemapindex>".encode())
        www.routes["/1"] = Answer(body=sitemap(1))
        poll(polling)
        assert last_poll(polling) == ("parsed", 2, 2)
        assert third.asked == []


def test_an_index_of_sitemaps_is_read_anew_each_time(polling: pipeline.Path) -> None:
    with listed(polling, Answer()) as server:
        server.routes["/feed"] = Answer(200, MARKS, index(server, 1))
        server.routes["/0"] = Answer(body=sitemap(1, 2))
        poll(polling)
        server.routes["/0"] = Answer(body=sitemap(2, 3))
        row = poll(polling)
        assert last_poll(polling) == ("parsed", 2, 1)
        assert row.trusted


def test_news_in_any_part_of_an_index_are_seen(polling: pipeline.Path) -> None:
    with listed(polling, Answer()) as server:
        server.routes["/feed"] = Answer(body=index(server, 3))
        server.routes |= {f"/{part}": Answer(body=sitemap(part)) for part in range(3)}
        poll(polling)
        server.routes["/2"] = Answer(body=sitemap(2, 9))
        poll(polling)
        assert last_poll(polling) == ("parsed", 4, 1)


def test_an_index_of_many_parts_is_read_in_rounds(polling: pipeline.Path) -> None:
    with listed(polling, Answer()) as server:
        server.routes["/feed"] = Answer(body=index(server, 25))
        server.routes |= {f"/{part}": Answer(body=sitemap(part)) for part in range(25)}
        poll(polling)
        assert last_poll(polling) == ("parsed", 10, 10)
        assert last_loss(polling) == (15, None, None)
        server.routes["/1"] = Answer(body=sitemap(1, 99))
        poll(polling)
        assert last_poll(polling) == ("parsed", 11, 6), "what stands first is read each time"
        poll(polling, times=2)
        assert value(polling.archive, "SELECT count(*) FROM entry") == 26
        server.routes["/24"] = Answer(body=sitemap(24, 100))
        poll(polling, times=5)
        assert value(polling.archive, "SELECT count(*) FROM entry") == 27, "and all of it again"


def index(server: Loopback, parts: int) -> bytes:
    """An index of so many sitemaps, at /0, /1 and so on."""
    listed = (f"<sitemap><loc>{server.url(f'/{part}')}</loc></sitemap>" for part in range(parts))
    return f"<sitemapindex>{''.join(listed)}</sitemapindex>".encode()


def sitemap(*numbers: int) -> bytes:
    places = "".join(f"<url><loc>https://outlet.example/{n}</loc></url>" for n in numbers)
    return f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{places}</urlset>".encode()


# --- what is kept ---------------------------------------------------------------------------------


def test_a_date_is_kept_as_spelled_and_claimed_only_where_it_can_be_true(
    polling: pipeline.Path,
) -> None:
    body = links(1).replace(b"</item>", b"<pubDate>next Tuesday</pubDate></item>")
    with listed(polling, Answer(body=body)):
        poll(polling)
    assert value(polling.archive, "SELECT published_at FROM entry") is None
    assert value(polling.archive, "SELECT published_raw FROM entry") == "next Tuesday"


def test_the_interval_follows_what_polls_bring(polling: pipeline.Path) -> None:
    with listed(polling, Answer(body=links(1))) as server:
        assert poll(polling).interval_s == 900
        assert poll(polling, times=2).interval_s == pytest.approx(900 * 1.25**2)
        server.routes["/feed"] = Answer(body=links(*range(2, 40)))
        assert poll(polling).interval_s < 900 / 1.9
