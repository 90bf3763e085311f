"""Held articles are looked at again: what changed becomes a revision, what went is marked as gone."""

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_network
from typing import Any

import pytest
from sqlalchemy import Engine, text
from structlog.testing import capture_logs

from ingester import minhash, pipeline, service, settings, store, stories, urls
from ingester.engine import Processes
from ingester.models import FeedItem, Imported, Page, ParsedFeed, Visit
from ingester.store import schema
from ingester.store.archive import run
from tests.loopback import Answer, Loopback
from tests.memory_archive import article
from tests.newsroom import page as report_page
from tests.newsroom import report
from tests.test_queue import answer, execute, linked, polled, rows_read, value

HTML = {"Content-Type": "text/html", "ETag": '"1"'}


@pytest.fixture
def walk(engine: Engine) -> Iterator[pipeline.Path]:
    held = settings.read(
        fetch={"allow_networks": (ip_network("127.0.0.0/8"),), "host_delay_s": 0, "robots": False},
        extract={"processes": 1},
    )
    with service.walking(store.open_archive(engine, held, schema.latest())) as path:
        yield path


class Crashing(Processes):
    """An engine whose readers die at their work."""

    def run(self, function: Any, item: Any) -> Any:  # noqa: ARG002 - it never gets so far
        return super().run(_die, item)


def _die(_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def history(archive: store.Archive) -> list[str]:
    query = "SELECT kind FROM article_history ORDER BY at, revision"
    with archive.engine.connect() as connection:
        return list(connection.execute(text(query)).scalars())


def later(archive: store.Archive, hours: float) -> None:
    execute(archive, f"UPDATE entry SET first_seen_at = first_seen_at - interval '{hours} h'")


def held(path: pipeline.Path, server: Loopback) -> None:
    """The page at /page is listed, fetched and stored."""
    polled(path.archive)
    stored(path, server, "/page")


def stored(path: pipeline.Path, server: Loopback, page: str) -> None:
    """A page is listed by the next poll, fetched and stored."""
    execute(path.archive, "UPDATE feed SET next_at = now()")
    feed = store.claim_feed(path.archive)
    assert feed is not None
    listed = FeedItem(server.url(page), None, None, None)
    store.record_poll(
        path.archive, feed, answer(page.encode()), ParsedFeed(None, None, (listed,), {})
    )
    entry = store.claim_entry(path.archive)
    assert entry is not None
    pipeline.ingest(path, entry)
    assert value(path.archive, "SELECT count(*) FROM entry WHERE state <> 'stored'") == 0


def revisit(path: pipeline.Path, hours: float) -> Visit:
    later(path.archive, hours)
    visit = store.claim_visit(path.archive)
    assert visit is not None
    pipeline.revisit(path, visit)
    assert value(path.archive, "SELECT max(claimed_until) FROM entry") is None
    return visit


def test_an_article_is_visited_thrice_and_only_asked_whether_it_changed(
    walk: pipeline.Path,
) -> None:
    with Loopback({"/page": Answer(200, HTML, report_page(1))}) as server:
        held(walk, server)
        assert store.claim_visit(walk.archive) is None, "the first visit is an hour away"
        server.routes["/page"] = Answer(304)
        assert [revisit(walk, hours).number for hours in (1.1, 24, 144)] == [1, 2, 3]
        later(walk.archive, 1000)
        assert store.claim_visit(walk.archive) is None
        assert [asked.headers.get("if-none-match") for asked in server.asked[-3:]] == ['"1"'] * 3
        assert history(walk.archive) == ["first"]


def test_a_correction_becomes_a_revision(walk: pipeline.Path) -> None:
    with Loopback({"/page": Answer(200, HTML, report_page(1))}) as server:
        held(walk, server)
        word = report(1)[1].split()[30]
        fixed = report_page(1).replace(f" {word} ".encode(), f" {word}s ".encode(), 1)
        server.routes["/page"] = Answer(200, HTML, fixed)
        revisit(walk, 1.1)
        server.routes["/page"] = Answer(
            200, HTML, report_page(1).replace(b".</p>", b" 14 dead.</p>", 1)
        )
        revisit(walk, 24)
        server.routes["/page"] = Answer(410)
        revisit(walk, 144)
        assert history(walk.archive) == ["first", "minor", "material", "gone"]
        assert value(walk.archive, "SELECT count(*) FROM article") == 1


def test_a_visit_leaves_out_what_was_learned_of_the_outlet(walk: pipeline.Path) -> None:
    with Loopback({"/page": Answer(200, HTML, report_page(1))}) as server:
        held(walk, server)
        own = report(1)[1].split("\n\n")[-1]
        execute(walk.archive, f"UPDATE outlet_line SET stories = '{{1,2,3}}' WHERE text = '{own}'")
        server.routes["/page"] = Answer(
            200, HTML, report_page(1).replace(b".</p>", b" now.</p>", 1)
        )
        revisit(walk, 1.1)
        assert own not in str(value(walk.archive, "SELECT text FROM canonical_story"))
        assert value(walk.archive, "SELECT text FROM cut WHERE kind = 'learned'") == own


def test_a_page_that_leads_to_another_article_is_gone(walk: pipeline.Path) -> None:
    pages = {f"/{path}": Answer(200, HTML, report_page(n)) for n, path in ((1, "page"), (2, "new"))}
    with Loopback(pages) as server:
        polled(walk.archive)
        stored(walk, server, "/new")
        execute(walk.archive, "UPDATE entry SET visits = 3")
        stored(walk, server, "/page")
        server.routes["/page"] = Answer(302, {"Location": server.url("/new")})
        revisit(walk, 1.1)
        assert history(walk.archive) == ["first", "first", "gone"]


def test_a_page_that_moved_keeps_its_article(walk: pipeline.Path) -> None:
    with Loopback({"/page": Answer(200, HTML, report_page(1))}) as server:
        held(walk, server)
        server.routes["/page"] = Answer(302, {"Location": server.url("/moved")})
        server.routes["/moved"] = Answer(200, HTML, report_page(1))
        revisit(walk, 1.1)
        assert history(walk.archive) == ["first"]


def test_what_was_gone_and_is_back_is_there(walk: pipeline.Path) -> None:
    with Loopback({"/page": Answer(200, HTML, report_page(1))}) as server:
        held(walk, server)
        server.routes["/page"] = Answer(404)
        revisit(walk, 1.1)
        assert history(walk.archive) == ["first", "gone"]
        server.routes["/page"] = Answer(200, HTML, report_page(1))
        revisit(walk, 24)
        assert history(walk.archive) == ["first", "gone", "back"]
        assert value(walk.archive, "SELECT gone_at FROM article") is None


def test_a_look_for_visits_reads_little_of_a_large_archive(walk: pipeline.Path) -> None:
    with Loopback({"/page": Answer(200, HTML, report_page(1))}) as server:
        held(walk, server)
    execute(
        walk.archive,
        "INSERT INTO entry (url, url_sha256, host, origin, state, article_id) "
        "SELECT n, sha256(n::text::bytea), 'host' || n % 200, 'feed', 'stored', (SELECT id FROM article) "
        "FROM generate_series(1, 20000) n",
    )
    execute(walk.archive, "ANALYZE entry")
    with walk.archive.engine.connect() as connection:
        found = run(connection, "claim_visit", after="", after_s=[3600.0, 86400.0, 604800.0],
                    lease_s=60, patience_s=0, attempts=5, crashes=3)  # fmt: skip
        assert not found
        assert rows_read(connection, "entry") < 100


@pytest.mark.parametrize(
    "answer_then", [Answer(500), Answer(403), Answer(200, HTML, b"<html>Subscribe</html>")]
)
def test_a_visit_that_fails_takes_nothing_away(walk: pipeline.Path, answer_then: Answer) -> None:
    with Loopback({"/page": Answer(200, HTML, report_page(1))}) as server:
        held(walk, server)
        server.routes["/page"] = answer_then
        revisit(walk, 1.1)
        assert history(walk.archive) == ["first"]
        assert value(walk.archive, "SELECT state FROM entry") == "stored"


def test_a_visit_that_was_not_made_is_made_later(walk: pipeline.Path) -> None:
    with Loopback({"/page": Answer(200, HTML, report_page(1))}) as server:
        held(walk, server)
        later(walk.archive, 1.1)
        visit = store.claim_visit(walk.archive)
        assert visit is not None
        execute(walk.archive, "UPDATE host SET free_at = now() + interval '1 h'")
        pipeline.revisit(walk, visit)
        assert value(walk.archive, "SELECT visits FROM entry") == 0
        assert value(walk.archive, "SELECT next_at > now() + interval '59 min' FROM entry") is True


def test_a_visit_that_fails_is_made_again_as_often_as_a_page_is_tried(walk: pipeline.Path) -> None:
    tries = walk.settings.retry.attempts
    with Loopback({"/page": Answer(200, HTML, report_page(1))}) as server:
        held(walk, server)
        server.routes["/page"] = Answer(500)
        numbers: list[int] = []
        for _ in range(tries):
            numbers.append(revisit(walk, 1.1 / tries if numbers else 1.1).number)
            execute(walk.archive, "UPDATE entry SET next_at = now()")
        assert numbers == [1] * tries
        assert store.claim_visit(walk.archive) is None, "the last try was the last one"
        assert revisit(walk, 24).number == 2
        assert value(walk.archive, "SELECT next_at > now() FROM entry") is True, "counted anew"


def test_a_visit_that_failed_sees_the_change_later(walk: pipeline.Path) -> None:
    with Loopback({"/page": Answer(200, HTML, report_page(1))}) as server:
        held(walk, server)
        server.routes["/page"] = Answer(500)
        revisit(walk, 1.1)
        assert store.claim_visit(walk.archive) is None, "not at once"
        execute(walk.archive, "UPDATE entry SET next_at = now()")
        server.routes["/page"] = Answer(
            200, HTML, report_page(1).replace(b".</p>", b" 14 dead.</p>", 1)
        )
        assert revisit(walk, 0).number == 1
        assert history(walk.archive) == ["first", "material"]


def test_visits_go_round_the_hosts_and_pass_over_those_that_rest(walk: pipeline.Path) -> None:
    pages = {f"/{number}": Answer(200, HTML, report_page(number)) for number in (1, 2)}
    with Loopback(pages) as one, Loopback(pages) as other:
        linked(walk.archive, *(server.url(path) for server in (one, other) for path in pages))
        while (entry := store.claim_entry(walk.archive)) is not None:
            pipeline.ingest(walk, entry)
        later(walk.archive, 1.1)
        visits = [store.claim_visit(walk.archive) for _ in range(3)]
        assert visits[2] is None, "both hosts are being asked"
        assert len({urls.host(visit.entry.url) for visit in visits if visit}) == 2
        execute(walk.archive, "UPDATE entry SET claimed_until = NULL")
        rests = f"UPDATE host SET free_at = now() + interval '1 h' WHERE host LIKE '%{one.port}'"
        execute(walk.archive, rests)
        visit = store.claim_visit(walk.archive)
        assert visit is not None
        assert urls.host(visit.entry.url).endswith(str(other.port))
        assert store.claim_visit(walk.archive) is None


def test_a_correction_whose_reading_crashed_is_read_later(walk: pipeline.Path) -> None:
    with Loopback({"/page": Answer(200, HTML, report_page(1))}) as server:
        held(walk, server)
        later(walk.archive, 1.1)
        visit = store.claim_visit(walk.archive)
        assert visit is not None
        corrected = report_page(1).replace(b".</p>", b" 14 dead.</p>", 1)
        server.routes["/page"] = Answer(200, {**HTML, "ETag": '"2"'}, corrected)
        crashing = Crashing(walk.settings.extract)
        pipeline.revisit(pipeline.Path(walk.archive, walk.fetcher, crashing), visit)
        assert history(walk.archive) == ["first"]
        execute(walk.archive, "UPDATE entry SET next_at = now()")
        again = revisit(walk, 0)
        assert (again.number, again.etag) == (1, '"1"'), (
            "asked for what is held, not for what was lost"
        )
        assert history(walk.archive) == ["first", "material"]


def test_a_visit_that_nobody_lived_to_end_is_made_again_and_at_last_given_up(
    walk: pipeline.Path,
) -> None:
    ran_out = (
        "UPDATE entry SET claimed_until = now() - interval '1 h' WHERE claimed_until IS NOT NULL"
    )
    with Loopback({"/page": Answer(200, HTML, report_page(1))}) as server:
        held(walk, server)
        later(walk.archive, 1000)
        for _ in range(walk.settings.retry.attempts):
            assert store.claim_visit(walk.archive) is not None
            execute(walk.archive, ran_out)
            with capture_logs() as told:
                pipeline.bury(walk.archive)
            assert value(walk.archive, "SELECT claimed_until FROM entry") is None
        assert [(line["event"], line["reason"]) for line in told] == [("revisit failed", "crashed")]
        assert store.health(walk.archive).stuck == 0
        assert value(walk.archive, "SELECT attempts FROM entry") == 0
        assert value(walk.archive, "SELECT state FROM entry") == "stored"


def test_who_wakes_up_after_its_visit_was_taken_back_writes_nothing_and_says_so(
    walk: pipeline.Path,
) -> None:
    with Loopback({"/page": Answer(200, HTML, report_page(1))}) as server:
        held(walk, server)
        later(walk.archive, 1.1)
        visit = store.claim_visit(walk.archive)
        assert visit is not None
        execute(walk.archive, "UPDATE entry SET claimed_until = now() - interval '1 s'")
        store.bury(walk.archive)
        page = Page(visit.entry.url, report_page(2), "text/html", None, datetime.now(UTC))
        read = pipeline.prepare(page, walk.settings, walk.archive.seed)
        assert pipeline.settle(walk.archive, visit.entry, page, read) == ("lost", None)
        assert history(walk.archive) == ["first"]


def test_an_import_during_a_visit_leaves_it_its_lease(walk: pipeline.Path) -> None:
    with Loopback({"/page": Answer(200, HTML, report_page(1))}) as server:
        held(walk, server)
        later(walk.archive, 1.1)
        visit = store.claim_visit(walk.archive)
        assert visit is not None
        place(walk.archive, visit.entry.url, report(3)[1])
        server.routes["/page"] = Answer(200, HTML, report_page(2))
        pipeline.revisit(walk, visit)
        assert value(walk.archive, "SELECT title FROM canonical_story") == report(2)[0]
        assert value(walk.archive, "SELECT visits FROM entry") == 1


def test_visits_that_were_missed_are_not_made_up_for(walk: pipeline.Path) -> None:
    with Loopback({"/page": Answer(200, HTML, report_page(1))}) as server:
        held(walk, server)
        assert revisit(walk, 30).number == 2


# --- kinds ----------------------------------------------------------------------------------------

WORDS = " ".join(f"word{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(300))


@pytest.mark.parametrize(
    ("becomes", "kind"),
    [
        (WORDS, "boilerplate"),
        (WORDS.replace(" ", "\n\n", 7), "boilerplate"),
        (WORDS.replace("wordaa", "wordxx"), "minor"),
        (" ".join([*WORDS.split()[1:], WORDS.split()[0]]), "minor"),
        (
            WORDS + " seven people died, not five, the police said on Monday night; we regret",
            "material",
        ),
        (WORDS.replace("wordaa", "17"), "material"),
        (WORDS[:1000], "material"),
        ("", "material"),
    ],
)
def test_kinds_of_change(archive: store.Archive, becomes: str, kind: str) -> None:
    with archive.engine.connect() as connection:
        query = text("SELECT change_kind(:was, :becomes)")
        assert connection.execute(query, {"was": WORDS, "becomes": becomes}).scalar_one() == kind


def test_a_text_without_spaces_changes_by_characters(archive: store.Archive) -> None:
    was = "警方周二表示一名男子在柏林被捕他被指控纵火" * 10
    becomes = was.replace("柏林", "汉堡", 1)
    with archive.engine.connect() as connection:
        query = text("SELECT change_kind(:was, :becomes)")
        assert connection.execute(query, {"was": was, "becomes": becomes}).scalar_one() == "minor"


# --- copies that stayed ---------------------------------------------------------------------------


def test_a_copy_that_still_says_what_was_corrected_is_stale(archive: store.Archive) -> None:
    wrong = "The minister resigned on Friday after the vote, officials said."
    right = "The minister did not resign after the vote, officials said later."
    rest = report(5)[1]
    original, copy = "https://a.example/1", "https://b.example/1"
    place(archive, original, f"{wrong}\n\n{rest}")
    place(archive, copy, f"{wrong}\n\n{rest}")
    assert stale(archive) == []
    canonical = value(archive, "SELECT url FROM canonical_story")
    other = copy if canonical == original else original
    place(archive, str(canonical), f"{right}\n\n{rest}\n\nCorrection: 1 sentence was wrong.")
    assert stale(archive) == [(other, canonical, [wrong])]
    place(archive, other, f"{right}\n\n{rest}")
    assert stale(archive) == []


def place(archive: store.Archive, url: str, body: str) -> None:
    entry = Imported(url, None, None, None)
    signed = minhash.sign(article(body, title="The vote"), archive.seed, archive.settings.grouping)
    held = Page(url, body.encode(), "text/plain", "utf-8", datetime.now(UTC))
    decide = partial(stories.decide, rule=archive.settings.grouping)
    store.place(archive, entry, held, signed, decide)


def stale(archive: store.Archive) -> list[tuple[Any, ...]]:
    query = "SELECT url, canonical_url, sentences FROM stale_copy"
    with archive.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]
