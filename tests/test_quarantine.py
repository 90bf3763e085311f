"""A poison page costs its tries and no more; then it is listed, shown, and tried again on demand."""

import json
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from ingester import pipeline, service, settings, store
from ingester.engine import Processes
from ingester.models import Page
from ingester.store import schema
from tests.loopback import Answer, Loopback
from tests.newsroom import Newsroom, Program, feed, page
from tests.test_queue import abandoned, claimed, execute, linked, value

HEAVY = page(1).replace(
    b"</article>", b"<p>A line that takes its time, again.</p>" * 100 + b"</article>"
)


@pytest.fixture
def program(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Program:
    monkeypatch.setenv("INGESTER_EXTRACT__DEADLINE_S", "0.1")
    monkeypatch.setenv("INGESTER_EXTRACT__PROCESSES", "1")
    monkeypatch.setenv("INGESTER_RETRY__CRASHES", "2")
    monkeypatch.setenv("INGESTER_RETRY__FIRST_S", "0.01")
    return Program(tmp_path, database_url)


def test_a_page_that_hangs_its_reader_is_given_up_kept_and_tried_again(program: Program) -> None:
    with Loopback() as poisoned, Newsroom(1) as room:
        url = poisoned.url("/poison.html")
        poisoned.routes["/poison.html"] = Answer(200, {"Content-Type": "text/html"}, HEAVY)
        poisoned.routes["/feed.xml"] = Answer(200, {}, feed([url]))
        program.run("feeds", "add", poisoned.url("/feed.xml"), room.url("/feed.xml"))
        for _ in range(4):
            program.run("once")
        assert poisoned.paths().count("/poison.html") == 2
        listed = [
            json.loads(line)
            for line in program.run("quarantine", "list", "--json").stdout.splitlines()
        ]
        assert [(row["url"], row["reason"], row["attempts"]) for row in listed] == [
            (url, "crashed", 2)
        ]
        assert "still at work after 0.1 s" in program.run("quarantine", "list").stdout
        assert program.run("quarantine", "show", url).stdout.encode() == HEAVY

        program._environment["INGESTER_EXTRACT__DEADLINE_S"] = "30"
        assert program.run("quarantine", "retry", url).stdout == f"due: {url}\n"
        program.run("once")
        assert program.run("quarantine", "list").stdout == "nothing is in quarantine\n"
        assert program.run("quarantine", "retry", url).returncode == 1
        assert program.run("quarantine", "show", url).returncode == 1
        assert program.run("quarantine", "retry").returncode == 2


def test_what_was_skipped_for_a_reason_is_tried_again(program: Program) -> None:
    program._environment["INGESTER_EXTRACT__DEADLINE_S"] = "30"
    with Newsroom(1) as room:
        room.publish(2)
        good, room.routes["/1.html"] = room.routes["/1.html"], Answer(403)
        program.run("feeds", "add", room.url("/feed.xml"))
        program.run("once")
        again = program.run("quarantine", "retry", "--skipped", "blocked")
        assert again.stdout == f"due: {room.url('/1.html')}\n"
        room.routes["/1.html"] = good
        program.run("once")
        assert json.loads(program.run("status", "--json").stdout)["figures"]["articles"] == 2
        assert program.run("quarantine", "retry", "--skipped", "blocked").returncode == 1
        assert program.run("quarantine", "retry", "--skipped", "weather").returncode == 2
        both = program.run("quarantine", "retry", "--all", "--skipped", "blocked")
        assert both.returncode == 2


class Ending(Processes):
    """An engine whose whole service ends at its work."""

    def run(self, function: Any, item: Any) -> Any:  # noqa: ARG002 - it never gets so far
        raise SystemExit


def test_a_page_whose_last_try_ends_with_its_service_is_kept(engine: Engine) -> None:
    chosen = settings.read(
        fetch={"allow_networks": (ip_network("127.0.0.0/8"),), "host_delay_s": 0, "robots": False},
        retry={"attempts": 2},
    )
    held = store.open_archive(engine, chosen, schema.latest())
    with (
        Loopback({"/page": Answer(200, {"Content-Type": "text/html"}, HEAVY)}) as server,
        service.walking(held) as walk,
    ):
        url = server.url("/page")
        ending = pipeline.Path(held, walk.fetcher, Ending(chosen.extract))
        linked(held, url)
        abandoned(held)
        with pytest.raises(SystemExit):
            pipeline.ingest(ending, claimed(held))
    execute(held, "UPDATE entry SET claimed_until = now() - interval '1 second'")
    store.bury(held)
    assert store.quarantined_page(held, url) == HEAVY


def test_a_worker_that_lost_its_lease_keeps_no_page(archive: store.Archive) -> None:
    linked(archive, "https://outlet.example/a")
    slow = abandoned(archive)
    quick = claimed(archive)
    for entry, count in ((slow, 0), (quick, 1)):
        store.keep(archive, entry, Page(entry.url, HEAVY, "text/html", None, datetime.now(UTC)))
        assert value(archive, "SELECT count(*) FROM page") == count
