"""A poison page costs its tries and no more; then it is listed, shown, and tried again on demand."""

import json
from pathlib import Path

import pytest

from tests.loopback import Answer, Loopback
from tests.newsroom import Newsroom, Program, feed, page

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
