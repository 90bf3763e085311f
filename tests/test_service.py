"""The service and the import as people run them: drained, doubled, killed, and fed bad input."""

import ctypes
import gzip
import json
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from tests.conftest import DATA
from tests.loopback import Answer
from tests.newsroom import Newsroom, Program, feed, page, report, until

REAL_PAGES = DATA / "pages.jsonl.gz"
CONTENT = """
SELECT a.url, r.title, r.text, r.published_at, r.agency, r.language, r.number,
       c.url AS canonical, (SELECT min(m.url) FROM article m JOIN story n ON n.id = m.story_id
                            WHERE n.event_id = s.event_id) AS event,
       (SELECT count(*) FROM cut WHERE cut.article_id = a.id) AS cuts,
       (SELECT sum(cardinality(k.keys)) FROM signature_key k WHERE k.article_id = a.id) AS keys,
       (SELECT count(*) FROM page p WHERE p.entry_id = a.entry_id) AS pages
FROM article a JOIN revision r ON r.article_id = a.id JOIN story s ON s.id = a.story_id
JOIN article c ON c.id = s.canonical_article_id ORDER BY a.url, r.number
"""
UNTIDY = """
SELECT (SELECT count(*) FROM entry WHERE claimed_until IS NOT NULL)
     + (SELECT count(*) FROM feed WHERE claimed_until IS NOT NULL)
     + (SELECT count(*) FROM article a WHERE NOT EXISTS (SELECT FROM revision r WHERE r.article_id = a.id))
     + (SELECT count(*) FROM article a WHERE NOT EXISTS (SELECT FROM signature g WHERE g.article_id = a.id))
     + (SELECT count(*) FROM story s WHERE NOT EXISTS (SELECT FROM article a WHERE a.story_id = s.id))
     + (SELECT count(*) FROM event e WHERE NOT EXISTS (SELECT FROM story s WHERE s.event_id = e.id))
     + (SELECT count(*) FROM entry WHERE state = 'stored' AND article_id IS NULL)
"""


@pytest.fixture
def program(tmp_path: Path, database_url: str) -> Program:
    return Program(tmp_path, database_url)


@pytest.fixture
def database(database_url: str) -> Iterator[Engine]:
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def rooms() -> Iterator[tuple[Newsroom, Newsroom]]:
    with Newsroom(1000) as one, Newsroom(2000) as other:
        yield one, other


def rows(database: Engine, query: str) -> list[tuple[Any, ...]]:
    with database.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def count(database: Engine, query: str) -> int:
    return int(rows(database, query)[0][0])


def reached(database: Engine, articles: int, seconds: float = 60) -> bool:
    """Wait until so many articles are stored; gives whether they are."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if stored(database) >= articles:
            return True
        time.sleep(0.1)
    return False


def ask(url: str) -> str:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return str(answer.read().decode())


def add_feeds(program: Program, *urls: str) -> None:
    added = program.run("feeds", "add", *urls)
    assert added.returncode == 0, added.stderr


def test_what_is_published_while_it_runs_is_stored_and_sigterm_drains(
    program: Program, database: Engine, rooms: tuple[Newsroom, Newsroom], tmp_path: Path
) -> None:
    add_feeds(program, *(room.url("/feed.xml") for room in rooms))
    log = tmp_path / "log"
    with program.running("run", log=log) as service:
        for expected in (6, 10):
            for room in rooms:
                room.publish(3 if expected == 6 else 2)
            assert reached(database, expected), log.read_text()
        started = json.loads(log.read_text().splitlines()[0])
        assert ask(started["metrics"].replace("/metrics", "/healthz")) == "ok\n"
        told = ask(started["metrics"])
        assert 'ingester_outcomes_total{leg="ingest",outcome="stored",reason=""} 10.0' in told
        assert "ingester_articles 10.0" in told
        service.send_signal(signal.SIGTERM)
        assert service.wait(timeout=10) == 0, log.read_text()
    assert count(database, UNTIDY) == 0
    assert rows(database, "SELECT DISTINCT status FROM url_fate") == [("stored",)]
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert sum(line["event"] == "ingest stored" for line in lines) == 10
    assert not [line for line in lines if line["level"] in {"error", "critical"}]


def test_a_signal_that_another_thread_was_given_ends_it_too(
    program: Program, tmp_path: Path
) -> None:
    with program.running("run", log=tmp_path / "log") as service:
        assert until(lambda: "service started" in (tmp_path / "log").read_text())
        threads = {int(each.name) for each in Path(f"/proc/{service.pid}/task").iterdir()}
        other = max(threads - {service.pid})
        assert ctypes.CDLL(None).tgkill(service.pid, other, signal.SIGTERM) == 0
        assert service.wait(timeout=20) == 0


def test_sigterm_amid_work_leaves_nothing_half_done(
    program: Program, database: Engine, rooms: tuple[Newsroom, Newsroom], tmp_path: Path
) -> None:
    for room in rooms:
        room.publish(40)
    add_feeds(program, *(room.url("/feed.xml") for room in rooms))
    with program.running("run", log=tmp_path / "log") as service:
        assert reached(database, 3)
        service.send_signal(signal.SIGTERM)
        assert service.wait(timeout=10) == 0, (tmp_path / "log").read_text()
    assert count(database, UNTIDY) == 0
    assert program.run("once").returncode == 0
    assert rows(database, "SELECT status, count(*) FROM url_fate GROUP BY 1") == [("stored", 80)]


def test_two_services_and_an_import_share_one_database(
    program: Program, database: Engine, rooms: tuple[Newsroom, Newsroom], tmp_path: Path
) -> None:
    for room in rooms:
        room.publish(20)
    add_feeds(program, *(room.url("/feed.xml") for room in rooms))
    archive = tmp_path / "archive.jsonl"
    with archive.open("w") as file:
        for number in range(1000, 1060):  # the first 20 are also online, at another URL
            title, body = report(number)
            row = {"url": f"https://archive.example/{number}", "title": title, "text": body}
            print(json.dumps(row), file=file)
    with (
        program.running("run", log=tmp_path / "one"),
        program.running("run", log=tmp_path / "two"),
    ):
        imported = program.run("import", str(archive))
        assert imported.returncode == 0, imported.stderr
        assert reached(database, 100)
    logs = (tmp_path / "one").read_text() + (tmp_path / "two").read_text()
    assert '"level": "error"' not in logs
    asked = [path for room in rooms for path in room.paths() if path != "/feed.xml"]
    assert len(asked) == len(set(asked)) == 40, "one URL is fetched once"
    assert count(database, "SELECT count(*) FROM story") == 80
    assert count(database, "SELECT count(*) FROM canonical_story WHERE copies = 2") == 20


def test_an_import_that_is_killed_goes_on_where_it_was(
    program: Program, database: Engine, tmp_path: Path
) -> None:
    archive = tmp_path / "pages"
    archive.mkdir()
    for name, body in two_hundred_pages():
        (archive / name).write_bytes(body)
    for before in (40, 80, 120):
        with program.running("import", str(archive), log=tmp_path / "log") as importing:
            assert reached(database, before), (tmp_path / "log").read_text()
            importing.kill()
    program.run("import", str(archive))
    killed = rows(database, CONTENT)
    assert count(database, "SELECT count(*) FROM url_fate") == 200
    assert count(database, "SELECT count(*) FROM url_fate WHERE status = 'pending'") == 0
    assert count(database, UNTIDY) == 0
    with database.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    program.run("import", str(archive))
    assert rows(database, CONTENT) == killed


def two_hundred_pages() -> Iterator[tuple[str, bytes]]:
    """Real pages where they are at hand, else made-up ones, each third a copy of the one before."""
    if REAL_PAGES.exists():
        with gzip.open(REAL_PAGES) as lines:
            for number, line in enumerate(islice(lines, 200)):
                yield f"{number:03}.html", json.loads(line)["html"].encode()
    else:
        for number in range(200):
            yield f"{number:03}.html", page(number - 1 if number % 3 == 2 else number)


def stored(database: Engine) -> int:
    if not rows(database, "SELECT to_regclass('article')")[0][0]:
        return 0
    return count(database, "SELECT count(*) FROM article")


def test_bad_input_is_recorded_and_the_rest_goes_on(
    program: Program, database: Engine, rooms: tuple[Newsroom, Newsroom]
) -> None:
    good, bad = rooms
    good.publish(3)
    html = {"Content-Type": "text/html"}
    odd = {
        "/empty.html": Answer(200, html, b""),
        "/paper.pdf": Answer(
            200, {"Content-Type": "application/pdf"}, b"%PDF-1.7 " + bytes(range(256)) * 40
        ),
        "/nul.html": Answer(200, html, page(3000).replace(b" the ", b" t\x00he ")),
        "/surrogate.html": Answer(
            200, html, page(3001).replace(b" the ", b" t\xed\xa0\x80he &#xD800; ")
        ),
        "/large.html": Answer(200, html, page(3002) + b"<p>x</p>" * 1_300_000),
        "/missing.html": Answer(404),
    }
    bad.routes.update(odd)
    bad.routes["/feed.xml"] = Answer(200, {}, feed([bad.url(path) for path in odd]))
    bad.routes["/page.xml"] = Answer(200, html, page(3003))
    unreachable = "http://127.0.0.1:9/feed.xml"
    add_feeds(
        program, good.url("/feed.xml"), bad.url("/feed.xml"), bad.url("/page.xml"), unreachable
    )
    once = program.run("once")
    assert once.returncode == 1, once.stderr
    fates = {
        url.rsplit("/", 1)[1]: (status, reason)
        for url, status, reason in rows(database, "SELECT url, status, reason FROM url_fate")
    }
    assert fates["empty.html"] == ("skipped", "empty")
    assert fates["paper.pdf"] == ("skipped", "unsupported_type")
    assert fates["large.html"] == ("skipped", "too_large")
    assert fates["missing.html"] == ("skipped", "not_found")
    assert fates["nul.html"] == fates["surrogate.html"] == ("stored", None)
    assert len(fates) == 9
    polls = dict(
        rows(database, "SELECT f.url, p.reason FROM feed_poll p JOIN feed f ON f.id = p.feed_id")
    )
    assert polls[unreachable] == "unreachable"
    assert polls[bad.url("/page.xml")] == "not_a_feed"
    assert count(database, "SELECT count(*) FROM article") == 5


@pytest.mark.parametrize(
    ("arguments", "environment", "told"),
    [
        (["config"], {"INGESTER_FETCH__MAX_BYTE": "3"}, "INGESTER_FETCH__MAX_BYTES"),
        (
            ["status"],
            {"DATABASE_URL": "postgresql://nobody:secret@127.0.0.1:9/none"},
            "127.0.0.1:9",
        ),
        (["status"], {"DATABASE_URL": "not a url"}, "DATABASE_URL"),
    ],
)
def test_a_wrong_setting_is_told_plainly(
    program: Program, arguments: list[str], environment: dict[str, str], told: str
) -> None:
    program._environment |= environment
    done: subprocess.CompletedProcess[str] = program.run(*arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert "secret" not in done.stderr
    assert "Traceback" not in done.stderr
