"""What opens a door is in no log: canaries stand wherever secrets do, and are sought in all that is told."""

import json
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.loopback import Answer
from tests.newsroom import Newsroom, Program, feed, page, until

CANARY = "c4n4ry"
HTML = {"Content-Type": "text/html"}


@pytest.fixture
def program(tmp_path: Path, database_url: str) -> Program:
    return Program(tmp_path, database_url)


def furnished(room: Newsroom) -> list[str]:
    """Feeds and pages whose URLs have a secret: one is well, one is none, one fails, one leads astray."""
    asked = {name: f"/{name}?token={CANARY}" for name in ("well", "broken", "down", "away")}
    pages = [f"/{number}.html?n={number}&session_id={CANARY}" for number in range(4)]
    room.routes[asked["well"]] = Answer(200, {}, feed([room.url(path) for path in pages]))
    room.routes[asked["broken"]] = Answer(200, {}, b"<html>no feed</html>")
    room.routes[asked["down"]] = Answer(500)
    room.routes[asked["away"]] = Answer(302, {"Location": f"ftp://u:{CANARY}@h/?api_key={CANARY}"})
    bodies = [Answer(200, HTML, page(1)), Answer(403), Answer(200, HTML, b"<p>no"), Answer(500)]
    room.routes.update(zip(pages, bodies, strict=True))
    return [room.url(path) for path in asked.values()]


def test_no_log_line_holds_a_secret(program: Program, tmp_path: Path) -> None:
    told = []
    with Newsroom(1) as room:
        told.append(program.run("feeds", "add", *furnished(room)))
        told += [program.run("--verbose", "--log", form, "once") for form in ("json", "console")]
        log = tmp_path / "service.log"
        with program.running("run", log=log):
            assert until(lambda: log.read_text().count("poll failed") >= 2)
        row = {"url": f"https://a.example/?secret={CANARY}", "text": ""}
        (tmp_path / "rows.jsonl").write_text(json.dumps(row) + "\n")
        told.append(program.run("import", str(tmp_path / "rows.jsonl")))
        told += [program.run("doctor"), program.run("status"), program.run("quarantine", "list")]
    said = "\n".join([*(run.stderr for run in told), log.read_text()])
    assert all(word in said for word in ("/well?token=***", "/down?token=***", "session_id=***"))
    assert "secret=***" in said
    assert CANARY not in said


@pytest.mark.parametrize("command", [["once"], ["run"], ["doctor"], ["status"], ["config"]])
def test_no_error_of_the_database_holds_its_password(
    program: Program, database_url: str, tmp_path: Path, command: list[str]
) -> None:
    wrong = make_url(database_url).set(password=CANARY).render_as_string(hide_password=False)
    (tmp_path / "database_url").write_text(wrong)
    said = program.run(*command)
    assert CANARY not in said.stdout + said.stderr
    nowhere = f"postgresql://someone:{CANARY}@127.0.0.1:1/none"
    (tmp_path / "database_url").write_text(nowhere)
    said = program.run(*command)
    assert CANARY not in said.stdout + said.stderr
