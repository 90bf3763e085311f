"""The commands, as people and scripts call them: output, exit codes, what is left behind."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url

from ingester import cli, settings
from ingester.cli.feeds import delays_s
from ingester.cli.logs import mask
from tests.conftest import ROOT, SEEDS

COMMANDS = ("run", "once", "import", "extract", "group", "why", "join", "split",
            "withdraw", "decisions", "status", "config", "demo", "feeds add", "feeds import",
            "regroup", "regroup switch", "regroup drop", "feeds export", "feeds list", "feeds remove",
            "evaluate", "learned", "forget", "doctor", "quarantine list", "quarantine show",
            "quarantine retry", "db url", "db psql", "db migrate", "db dump", "db restore")  # fmt: skip
TEXTS = sorted((SEEDS / "texts").iterdir())
NOTHING: Mapping[str, str] = {}
NOWHERE = "postgresql://news:hunter2@127.0.0.1:1/news"


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


def started(*arguments: str, env: Mapping[str, str] = NOTHING) -> subprocess.Popen[bytes]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("INGESTER_", "DATABASE_URL"))}
    return subprocess.Popen(
        [sys.executable, "-m", "ingester", *arguments],
        cwd=ROOT,
        env={**clean, **env},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def called(*arguments: str, stdin: bytes = b"", env: Mapping[str, str] = NOTHING) -> Ended:
    process = started(*arguments, env=env)
    out, err = process.communicate(stdin, timeout=120)
    said = Ended(process.returncode, out.decode(), err.decode())
    assert "Traceback" not in said.err, said.err
    return said


def lines(*rows: Mapping[str, Any]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


@pytest.fixture
def database(server: str) -> Iterator[dict[str, str]]:
    """The environment that names an empty database."""
    name = f"cli_{secrets.token_hex(6)}"
    outer = create_engine(server, isolation_level="AUTOCOMMIT")
    with outer.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    url = make_url(server).set(drivername="postgresql", database=name)
    yield {"DATABASE_URL": url.render_as_string(hide_password=False)}
    with outer.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    outer.dispose()


def schemas(database: dict[str, str]) -> list[str]:
    engine = create_engine(make_url(database["DATABASE_URL"]).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        names = connection.exec_driver_sql("SELECT nspname FROM pg_namespace").scalars().all()
    engine.dispose()
    return [name for name in names if name.startswith("ingester_scratch_")]


# --- help, usage, configuration -----------------------------------------------------------------


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.ingester.main(["--help"], standalone_mode=False) == 0
    told = capsys.readouterr().out
    assert all(f"  {command.split()[0]} " in told for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help_with_an_example(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.ingester.main([*command.split(), "--help"], standalone_mode=False) == 0
    told = capsys.readouterr().out
    assert "Example" in told
    assert f"ingester {command}" in told or f"ingester --data-dir .demo {command}" in told


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (["nosuch"], {}, "No such command"),
        (["why", "1"], {}, "Missing argument 'B'"),
        (["status"], {"INGESTER_FETCH__ROBOT": "no"}, "did you mean 'INGESTER_FETCH__ROBOTS'?"),
        (["status"], {"DATABASE_URL": "nonsense"}, "expected postgresql://"),
        (["status"], {"DATABASE_URL": NOWHERE}, "no Postgres answers"),
        (["--config", "none.toml", "status"], {}, "none.toml: No such file"),
        (["import", "nowhere"], {}, "nowhere: no such file or folder"),
        (["feeds", "add", "ftp://a.example"], {}, "not a URL that can be fetched"),
    ],
)
def test_a_wrong_call_ends_with_2_and_one_clear_message(
    arguments: list[str], environment: dict[str, str], said: str, tmp_path: Path
) -> None:
    ended = called("--data-dir", str(tmp_path), *arguments, env=environment)
    assert ended.code == 2
    assert said in ended.err
    assert "hunter2" not in ended.err
    assert ended.out == ""


def test_config_prints_a_settings_file_and_where_settings_come_from(tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    file.write_text("[poll]\ninterval_s = 60\n")
    environment = {"DATABASE_URL": NOWHERE, "INGESTER_FETCH__CONTACT": "me@example.org"}
    ended = called("--config", str(file), "--log", "json", "config", env=environment)
    told = tomllib.loads(ended.out)
    assert told["poll"]["interval_s"] == 60
    assert told["database"]["url"] == NOWHERE.replace("hunter2", "***")
    assert settings.Settings(**told).poll == settings.Poll(interval_s=60)
    sources = called("--config", str(file), "--log", "json", "config", "--json", env=environment)
    assert sources.rows[0]["sources"] == {
        "database.url": "DATABASE_URL",
        "fetch.contact": "INGESTER_FETCH__CONTACT",
        "poll.interval_s": str(file),
        "service.log": "the command line",
    }


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("postgresql://u:p@h/d", "postgresql://u:***@h/d"),
        ("at postgresql+psycopg://u:p%40@/d?h=/x: no", "at postgresql+psycopg://u:***@/d?h=/x: no"),
        ("https://h:80/a@b", "https://h:80/a@b"),
        ("no URL: a@b", "no URL: a@b"),
        ("https://h/feed?token=abc&n=2", "https://h/feed?token=***&n=2"),
        ("at https://h/?a=1&X-Api_Key=q-9.z: no", "at https://h/?a=1&X-Api_Key=*** no"),
        ("https://h/?monkey=1&keyword=war", "https://h/?monkey=1&keyword=war"),
    ],
)  # fmt: skip
def test_passwords_are_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


# --- feeds --------------------------------------------------------------------------------------


def test_a_list_of_feeds_goes_in_and_out(database: dict[str, str], tmp_path: Path) -> None:
    mixed = b"https://b.example/rss\nno url\nhttps://a.example/rss\n"
    added = called("feeds", "import", "-", stdin=mixed, env=database)
    assert (added.code, added.out) == (1, "2 added, 0 known, 1 wrong\n")
    assert "<stdin>:2: not a URL" in added.err
    again = called("feeds", "add", "https://a.example/rss", "https://c.example/rss", env=database)
    assert again.out == "known: https://a.example/rss\nadded: https://c.example/rss\n"
    assert called("feeds", "remove", "https://b.example/rss", env=database).code == 0
    assert called("feeds", "remove", "https://b.example/rss", env=database).code == 1
    listed = called("feeds", "list", "--json", env=database).rows
    assert [row["url"] for row in listed] == ["https://a.example/rss", "https://c.example/rss"]
    file = tmp_path / "feeds.opml"
    assert called("feeds", "export", str(file), env=database).code == 0
    assert called("feeds", "import", str(file), env=database).out == "0 added, 2 known, 0 wrong\n"


def test_a_long_import_is_spread_over_the_interval() -> None:
    assert delays_s(3, 900) == [0, 0, 0]
    spread = delays_s(1100, 900)
    assert spread[:100] == [0] * 100
    assert spread == sorted(spread)
    assert 0 < spread[100] < 2
    assert spread[-1] == 900


# --- import, why, status, once, db --------------------------------------------------------------


def test_texts_are_imported_once_explained_and_counted(
    database: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "empty.txt").touch()
    first = called("import", str(SEEDS / "texts"), str(tmp_path / "empty.txt"), env=database)
    assert (first.code, first.out) == (1, "6 pages: 5 stored, 1 skipped\n")
    assert "empty.txt: empty" in first.err
    again = called("import", "--json", str(SEEDS / "texts"), env=database)
    assert (again.code, again.rows) == (0, [{"pages": 5, "unchanged": 5}])

    copies = [f"import:texts/{file.name}" for file in TEXTS if file.name[:3] in {"001", "002"}]
    told = called("why", *copies, env=database)
    assert told.code == 0
    assert "They are copies of one text" in told.out
    assert "Iran's permanent mission to the United Nations requested a joint expert" in told.out
    evidence = called("why", "--json", *copies, env=database).rows[0]
    assert evidence["relation"]["kind"] == "copy"
    assert evidence["same_story"]
    unrelated = [f"import:texts/{file.name}" for file in TEXTS if file.name[:3] in {"000", "004"}]
    assert "Nothing links them" in called("why", *unrelated, env=database).out
    assert called("why", "1", "99999", env=database).code == 2

    held = called("status", "--json", env=database).rows[0]
    assert held["figures"]["urls"] == sum(fate["urls"] for fate in held["fates"]) == 6
    assert held["figures"]["stories"] == 4
    counted = called("db", "psql", "--", "-Atc", "SELECT count(*) FROM url_fate", env=database)
    assert (counted.code, counted.out) == (0, "6\n")


def test_once_tells_what_failed(database: dict[str, str]) -> None:
    assert called("once", env=database).out == "feeds: nothing was due\npages: nothing was due\n"
    called("feeds", "add", "http://127.0.0.1:1/rss", env=database)
    failed = called("once", env=database)
    assert (failed.code, failed.out.splitlines()[0]) == (1, "feeds: 1 failed (forbidden_address)")
    assert "http://127.0.0.1:1/rss" in failed.err
    status = called("status", env=database)
    assert "forbidden_address: 127.0.0.1 is no public address" in status.out


def test_the_embedded_servers_url_works_for_as_long_as_a_client_wants_it(tmp_path: Path) -> None:
    place = ("--data-dir", str(tmp_path / "data"))
    url = called(*place, "db", "url", "--idle", "2").out.strip()
    assert url.startswith("postgresql://")
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        time.sleep(3)
        assert connection.exec_driver_sql("SELECT count(*) FROM url_fate").scalar_one() == 0
    engine.dispose()
    give_up = time.monotonic() + 60
    while (tmp_path / "data" / "db" / "postmaster.pid").exists() and time.monotonic() < give_up:
        time.sleep(0.2)
    assert called(*place, "db", "migrate").code == 0


# --- extract and group --------------------------------------------------------------------------


def test_extract_gives_one_line_for_each_row_in_order_without_a_database() -> None:
    html = f"<html><body><p>{TEXTS[3].read_text(encoding='utf-8')}</p></body></html>"
    given = b"".join(
        [
            lines({"id": "text", "text": TEXTS[1].read_text(encoding="utf-8")}, {"id": 2, "text": ""}),
            b"no json\n",
            lines({"html": html}, {"id": {"odd": "\ud800"}, "text": 5}),
        ]
    )  # fmt: skip
    ended = called("extract", stdin=given, env={"DATABASE_URL": NOWHERE})
    rows = ended.rows
    assert ended.code == 1
    assert [row["id"] for row in rows] == ["text", 2, None, 4, {"odd": "\ud800"}]
    assert [set(row) == {"id", "error"} for row in rows] == [False, True, True, False, True]
    assert rows[0]["published"] == "2022-12-13"
    assert rows[0]["outlet"] == "Alahednews"
    assert {"kind", "line", "text", "soft"} == set(rows[0]["removed"][0])
    assert {"title", "published", "outlet"} <= set(rows[0]["sources"])
    assert rows[1]["error"]["reason"] == "empty"
    assert "<stdin>#3: not JSON" in rows[2]["error"]["detail"]


def test_extract_explains_where_all_is_from_and_what_was_cut() -> None:
    golden = ROOT / "tests" / "golden"
    html = (golden / "pages" / "site-rules-domain.html").read_text(encoding="utf-8")
    rows = lines(
        {"id": "ruled", "url": "https://evening.harbour.example/sluices", "html": html},
        {"id": "none", "text": "Menu\nSign in"},
    )
    rules = {"INGESTER_EXTRACT__SITE_RULES": str(golden / "siterules")}
    ended = called("extract", "--explain", stdin=rows, env=rules)
    ruled, none = (part.splitlines() for part in ended.out.split("── none ──"))
    assert ended.code == 1
    assert any(line.startswith("title ") and "site rule" in line for line in ruled)
    assert any(line.startswith("published ") and line.rstrip().endswith("meta") for line in ruled)
    assert any(line.startswith("3  -  see_also  Read more: Lighthouse") for line in ruled)
    assert any(line.startswith("4 ") and "The upper lock was painted" in line for line in ruled)
    assert any(line.startswith("no article: ") for line in none)


def test_extract_into_a_closed_pipe_is_quiet() -> None:
    with started("extract") as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        process.stdin.write(lines(*({"id": i, "text": "x"} for i in range(20))))
        process.stdin.close()
        said = process.stderr.read()
    assert process.returncode != 0
    assert b"Traceback" not in said


def test_group_puts_copies_together_and_leaves_nothing_behind(database: dict[str, str]) -> None:
    texts = [file.read_text(encoding="utf-8") for file in TEXTS]
    rows = [{"id": file.name[:3], "text": text} for file, text in zip(TEXTS, texts, strict=True)]
    short = "The mayor opened the new bridge on Monday."
    more = [
        {"id": "same URL", "text": texts[3], "url": "https://a.example/1"},
        {"id": "same URL", "text": texts[3], "url": "https://a.example/1"},
        {"id": "short", "text": short, "title": short},
        {"id": "none", "text": ""},
    ]
    ended = called("group", stdin=lines(*rows, *more), env=database)
    placed = ended.rows
    assert ended.code == 1
    assert [row["id"] for row in placed] == [row["id"] for row in rows + more]
    assert [row.get("story") for row in placed] == [1, 2, 2, 3, 4, 3, 3, 5, None]
    assert [row.get("event") for row in placed] == [1, 1, 1, 1, 2, 1, 1, 3, None]
    assert placed[7]["canonical"] == "short"
    assert placed[8]["error"]["reason"] == "empty"
    assert schemas(database) == []
    assert called("status", "--json", env=database).rows[0]["figures"]["articles"] == 0


@pytest.mark.parametrize(
    ("end", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)]
)
def test_group_cut_off_leaves_nothing_behind(
    end: signal.Signals, code: int, database: dict[str, str]
) -> None:
    process = started("group", env=database)
    assert process.stdin
    process.stdin.write(lines({"id": 1, "text": TEXTS[0].read_text(encoding="utf-8")}))
    process.stdin.flush()
    give_up = time.monotonic() + 60
    while not schemas(database) and time.monotonic() < give_up:
        time.sleep(0.1)
    process.send_signal(end)
    _, said = process.communicate(timeout=60)
    assert process.returncode == code
    assert b"Traceback" not in said
    if end is signal.SIGKILL:  # nobody was left to tidy up: the next one does
        assert called("group", stdin=b"", env=database).code == 0
    assert schemas(database) == []
