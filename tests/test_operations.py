"""What keeps an archive well over years: the doctor, retention, backup and restore."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from ingester import embedded, settings, store
from ingester.cli.database import client_address
from ingester.models import Failed, Imported, Page, Reason
from tests.conftest import SEEDS
from tests.test_cli import called

TEXTS = str(SEEDS / "texts")


@pytest.fixture
def held(database_url: str) -> dict[str, str]:
    """The environment of an archive that holds the five seeds."""
    env = {"DATABASE_URL": database_url}
    assert called("import", TEXTS, env=env).code == 0
    return env


def contents(url: str) -> dict[str, tuple[int, str]]:
    """How many rows each table holds, and a hash of all of them."""
    engine = create_engine(url)
    with engine.connect() as connection:
        names = connection.execute(
            text(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            )
        ).scalars()
        held = {name: connection.execute(
            text(f"SELECT count(*), md5(string_agg(t::text, ';' ORDER BY t::text)) FROM {name} t")
        ).one() for name in sorted(names)}  # fmt: skip
    engine.dispose()
    return {name: (row[0], row[1]) for name, row in held.items()}


def run(url: str, statement: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_the_doctor_finds_an_imported_archive_well(held: dict[str, str]) -> None:
    ended = called("doctor", "--json", env=held)
    assert (ended.code, [found for found in ended.rows if found["advice"]]) == (0, [])


def test_the_doctor_asks_an_empty_archive_for_feeds(database_url: str) -> None:
    ended = called("doctor", "--json", env={"DATABASE_URL": database_url})
    assert ended.code == 1
    assert [found["what"] for found in ended.rows if found["advice"]] == ["service"]


ILLS = {
    "feed": """
        INSERT INTO outlet (host) VALUES ('dead.example');
        INSERT INTO feed (url, url_sha256, host, outlet_id, interval_s, last_error, errors, failing_since)
        SELECT 'https://dead.example/f', sha256('f'), 'dead.example', max(id), 60,
               'fetch: not_found: 404', 3, now() FROM outlet""",
    "deadly feed": """
        INSERT INTO outlet (host) VALUES ('deadly.example');
        INSERT INTO feed (url, url_sha256, host, outlet_id, interval_s, crashes, claimed_until, next_at)
        SELECT 'https://deadly.example/f', sha256('f'), 'deadly.example', max(id), 60,
               4, now() - interval '1 hour', now() + interval '1 hour' FROM outlet""",
    "queue": "UPDATE entry SET claimed_until = now() - interval '5 minutes' WHERE id = 1",
    "quarantine": """
        INSERT INTO entry (url, url_sha256, host, origin, state, step, reason)
        VALUES ('https://a.example/x', sha256('x'), 'a.example', 'feed', 'quarantined', 'fetch', 'tls')""",
    "host": """
        INSERT INTO entry (url, url_sha256, host, origin, step, last_error)
        VALUES ('https://no.example/x', sha256('x'), 'no.example', 'feed', 'fetch', 'blocked: 403')""",
}


@pytest.mark.parametrize("what", ILLS)
def test_the_doctor_names_what_is_wrong(held: dict[str, str], what: str) -> None:
    for statement in ILLS[what].split(";"):
        run(held["DATABASE_URL"], statement)
    ended = called("doctor", "--json", env=held)
    assert ended.code == 1
    assert what in {found["what"] for found in ended.rows if found["advice"]}


def test_the_doctor_names_the_site_rules_that_cannot_be_honoured(
    held: dict[str, str], tmp_path: Path
) -> None:
    rules = tmp_path / "outlet.example.txt"
    rules.write_text("body: //article\ntitel: //h1\n", encoding="utf-8")
    ended = called("doctor", "--json", env={**held, "INGESTER_EXTRACT__SITE_RULES": str(tmp_path)})
    (found,) = (found for found in ended.rows if found["advice"])
    assert found["state"] == f"{rules}:2: unknown directive titel; did you mean title?"


def test_old_pages_lose_their_bytes_and_stay_known(archive: store.Archive) -> None:
    for number, age in enumerate((400, 1)):
        at = datetime.now(UTC) - timedelta(days=age)
        with archive.engine.begin() as connection:
            connection.execute(
                text("WITH e AS (INSERT INTO entry (url, url_sha256, host, origin) VALUES "
                     "(:url, sha256(convert_to(CAST(:url AS text), 'UTF8')), 'a.example', 'import') "
                     "RETURNING id) "
                     "INSERT INTO page (entry_id, media_type, fetched_at, body, body_bytes, body_sha256) "
                     "SELECT id, 'text/html', :at, 'x', 1, sha256('x') FROM e"),
                {"url": f"https://a.example/{number}", "at": at},
            )  # fmt: skip
    kept = archive.settings.model_copy(update={"retention": settings.Retention(pages_days=365)})
    limited = store.Archive(archive.engine, kept, archive.seed)
    assert store.retain(limited) == 1
    with archive.engine.connect() as connection:
        rows = connection.execute(text("SELECT body IS NULL FROM page ORDER BY fetched_at")).all()
    assert [row[0] for row in rows] == [True, False]


def test_what_is_in_quarantine_keeps_its_bytes_and_dropped_ones_come_back(
    archive: store.Archive,
) -> None:
    kept = archive.settings.model_copy(update={"retention": settings.Retention(pages_days=365)})
    limited = store.Archive(archive.engine, kept, archive.seed)
    old = Page(None, b"<html>", "text/html", None, datetime.now(UTC) - timedelta(days=400))
    link = Imported("https://a.example/x", None, None, None)
    crashed = Failed("extract", Reason.CRASHED, "the process ended", retry=True)
    assert store.fail(limited, link, old, crashed) == "quarantined"
    assert store.retain(limited) == 0
    assert store.quarantined_page(limited, link.url) == b"<html>"
    with archive.engine.begin() as connection:  # as one that lost them before they were spared
        connection.execute(text("UPDATE page SET body = NULL"))
    assert store.quarantined_page(limited, link.url) is None
    assert store.quarantined(limited)[0].body_bytes is None
    store.fail(limited, link, replace(old, fetched_at=datetime.now(UTC)), crashed)
    assert store.quarantined_page(limited, link.url) == b"<html>"


def test_one_pass_drops_what_is_kept_no_longer(held: dict[str, str]) -> None:
    url = held["DATABASE_URL"]
    run(
        url, "INSERT INTO host (host, free_at) VALUES ('left.example', now() - interval '500 days')"
    )
    run(url, "INSERT INTO host (host, free_at) VALUES ('asked.example', now() - interval '1 day')")
    assert called("once", env=held).code == 0
    assert contents(url)["host"][0] == 1


def test_old_weeks_of_keys_are_dropped_whole(archive: store.Archive) -> None:
    days = (datetime.now(UTC).date() - timedelta(days=500), datetime.now(UTC).date())
    with archive.engine.begin() as connection:
        for day in days:
            connection.execute(text("SELECT ensure_key_week(:day)"), {"day": day})
            connection.execute(text("INSERT INTO term_key VALUES (1, 1, :day)"), {"day": day})
    kept = archive.settings.model_copy(update={"retention": settings.Retention(keys_days=400)})
    store.retain(store.Archive(archive.engine, kept, archive.seed))
    with archive.engine.connect() as connection:
        assert connection.execute(text("SELECT day FROM term_key")).scalars().all() == [days[1]]


def test_a_backup_restores_the_whole_archive(held: dict[str, str], tmp_path: Path) -> None:
    file = str(tmp_path / "archive.dump")
    assert called("db", "dump", file, env=held).code == 0
    again = tmp_path / "restored"
    ended = called("--data-dir", str(again), "db", "restore", file)
    assert (ended.code, ended.err) == (0, "")
    with embedded.running(again) as url:
        assert contents(url) == contents(held["DATABASE_URL"])
    assert called("--data-dir", str(again), "db", "restore", file).code == 2


def test_the_password_is_kept_from_the_arguments() -> None:
    where, secret = client_address("postgresql+psycopg://news:hunter2@db.example:5432/news")
    assert where == "postgresql://news@db.example:5432/news"
    assert secret == {"PGPASSWORD": "hunter2"}


def test_a_copied_data_folder_is_an_archive(tmp_path: Path) -> None:
    own, copied = tmp_path / "own", tmp_path / "copied"
    assert called("--data-dir", str(own), "import", TEXTS).code == 0
    own.rename(copied)  # what a copy of a stopped server's folder is
    ended = called("--data-dir", str(copied), "status", "--json")
    assert ended.rows[0]["figures"]["articles"] == 5
