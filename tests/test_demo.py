"""The demo: five sites on loopback, polled over HTTP, and what Postgres then holds."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from urllib.request import urlopen

import pytest
from sqlalchemy import create_engine, make_url

from ingester import demo
from tests.conftest import ROOT

WANTED = demo.expected()


def _demo(folder: Path, url: str | None = None) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("INGESTER_", "DATABASE_URL"))}
    command = [sys.executable, "-m", "ingester", "--data-dir", str(folder), "demo"]
    return subprocess.run(
        command,
        cwd=ROOT,
        env=clean | ({"DATABASE_URL": url} if url else {}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_demo_shows_what_gold_says_and_again_changes_nothing(tmp_path: Path) -> None:
    first, second = _demo(tmp_path), _demo(tmp_path)
    assert (first.returncode, first.stderr) == (0, "")
    assert "{000}, {001, 002}, {003}, {004}" in first.stdout
    assert "All as it must be" in first.stdout
    assert f"--data-dir {tmp_path} db psql" in first.stdout
    assert second.returncode == 0
    assert "5 unchanged" in second.stdout
    assert "0 new, all unchanged" in second.stdout
    tables = first.stdout.index("Articles, their")
    assert first.stdout[tables:] == second.stdout[second.stdout.index("Articles, their") :]


def test_on_a_server_of_the_users_the_demo_has_a_schema_to_itself(
    server: str, tmp_path: Path
) -> None:
    engine = create_engine(server)
    try:
        ended = _demo(tmp_path, make_url(server).render_as_string(hide_password=False))
        assert (ended.returncode, ended.stderr) == (0, "")
        assert "PGOPTIONS='-c search_path=ingester_demo' " in ended.stdout
        assert list(tmp_path.iterdir()) == []
        with engine.connect() as connection:
            stories = "SELECT count(*) FROM ingester_demo.canonical_story"
            assert connection.exec_driver_sql(stories).scalar_one() == 4
    finally:
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA IF EXISTS ingester_demo CASCADE")
        engine.dispose()


def test_each_text_is_served_whole_under_its_feed() -> None:
    with demo.serving(()) as sites:
        assert [text.number for text in sites.values()] == sorted(WANTED.titles)
        for url, text in sites.items():
            site = url.removesuffix("/feed.xml")
            with urlopen(url) as answer:
                feed = answer.read().decode()
            assert f"<link>{site}{text.path}</link>" in feed
            with urlopen(site + text.path) as answer:
                page = answer.read().decode()
            assert page.count("<p>") == len(text.lines)
            with urlopen(site) as answer:
                assert text.path in answer.read().decode()


def test_the_ports_of_an_earlier_run_are_taken_again() -> None:
    with demo.serving(()) as first:
        known = list(first)
    with demo.serving(known) as second:
        assert list(second) == known


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (replace(WANTED, titles={**WANTED.titles, "000": None}), "000 has the title None"),
        (replace(WANTED, stories=frozenset()), "stories are , not {000}, {001, 002}"),
        (replace(WANTED, events=frozenset([frozenset(WANTED.titles)])), "events are {000, 001"),
        (replace(WANTED, reuse={("001", "002"): "partial"}), "001-002 is partial, not copy"),
        (replace(WANTED, reuse={}), "002-003 is None, not partial"),
    ],
)
def test_what_is_not_as_it_must_be_is_told(held: demo.Outcome, said: str) -> None:
    assert any(said in fault for fault in demo.faults(held, WANTED))


def test_gold_holds_against_itself() -> None:
    assert list(demo.faults(WANTED, WANTED)) == []
    assert json.dumps(sorted(WANTED.titles)) == '["000", "001", "002", "003", "004"]'
