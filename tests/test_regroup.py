"""Regrouping: beside the archive, resumable, and put in force all or nothing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import zstandard
from sqlalchemy import Engine, text

from ingester import pipeline, settings, store, stories
from ingester.errors import ConfigurationError
from ingester.settings import Settings
from ingester.store import schema
from tests.conftest import SEEDS
from tests.newsroom import Newsroom, Program, report, until
from tests.test_decisions import decide
from tests.test_placing import Inline, run_import
from tests.test_queue import execute, value

LOOSE = {"join": 0.08}
"""By this 003, of which passages stand in 002, is of its story."""

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'stop_key'::regclass"
SWITCHING = "SELECT count(*) FROM pg_locks WHERE granted AND relation = 'stop_key'::regclass"
SNAPSHOT = """
SELECT 'article', to_jsonb(a) FROM article a UNION ALL SELECT 'story', to_jsonb(s) FROM story s
UNION ALL SELECT 'event', to_jsonb(e) FROM event e UNION ALL SELECT 'relation', to_jsonb(r) FROM relation r
UNION ALL SELECT 'revision', to_jsonb(r) FROM revision r UNION ALL SELECT 'cut', to_jsonb(c) FROM cut c
UNION ALL SELECT 'signature', to_jsonb(g) FROM signature g
UNION ALL SELECT 'key', to_jsonb(k) FROM signature_key k UNION ALL SELECT 'term', to_jsonb(t) FROM term_key t
UNION ALL SELECT 'history', to_jsonb(h) FROM story_history h
UNION ALL SELECT 'history', to_jsonb(h) FROM event_history h
UNION ALL SELECT 'redirect', to_jsonb(r) FROM story_redirect r
UNION ALL SELECT 'redirect', to_jsonb(r) FROM event_redirect r
"""


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Connections to a database of this test's own: a shadow is the only one in its database."""
    engine = store.connect(database_url, settings.read())
    schema.install(engine)
    yield engine
    engine.dispose()


def snapshot(archive: store.Archive) -> list[str]:
    with archive.engine.connect() as connection:
        return sorted(map(str, connection.execute(text(SNAPSHOT)).all()))


def with_rule(archive: store.Archive, **changed: float) -> store.Archive:
    """The same archive under other settings of grouping."""
    rule = archive.settings.grouping.model_copy(update=changed)
    other: Settings = archive.settings.model_copy(update={"grouping": rule})
    return store.Archive(archive.engine, other, archive.seed)


def seeds(archive: store.Archive) -> None:
    for file in sorted((SEEDS / "texts").iterdir()):
        row = {"url": f"https://{file.stem[:3]}.example/", "text": file.read_text(encoding="utf-8")}
        assert run_import(archive, row)[0][0] == "stored"


def groups(archive: store.Archive, by: str = "story_id") -> set[frozenset[str]]:
    query = f"SELECT array_agg(url) FROM article a JOIN story s ON s.id = a.story_id GROUP BY {by}"
    with archive.engine.connect() as connection:
        return {frozenset(urls) for (urls,) in connection.execute(text(query))}


@contextmanager
def shadow(archive: store.Archive) -> Iterator[store.Archive]:
    with store.shadow(archive, stories.RULE) as held:
        yield held


def read_again(archive: store.Archive, most: int = 1000) -> int:
    """Read so many articles again; gives how many there were."""
    done = 0
    with shadow(archive) as beside:
        for _ in pipeline.regroup(archive, beside, Inline()):
            done += 1
            if done == most:
                break
    return done


def switched(archive: store.Archive, reason: str = "another rule") -> store.Report:
    with shadow(archive) as beside:
        return store.switch(
            archive, lambda: list(pipeline.regroup(archive, beside, Inline())).clear(), reason
        )


def assert_adds_up(figures: Any) -> None:
    for what in ("stories", "events"):
        before, merged, new = (figures[f"{what}_{part}"] for part in ("before", "merged", "new"))
        assert figures[f"{what}_after"] == before - merged + new


def test_where_no_rule_changed_nothing_does(archive: store.Archive) -> None:
    seeds(archive)
    before = snapshot(archive)
    assert read_again(archive) == 5
    found = store.report(archive)
    assert found.figures["articles_read"] == 5
    changes = ("revisions", "articles_moved", "canonical_changed", "stories_new", "events_merged")
    assert [found.figures[name] for name in changes] == [0] * len(changes)
    assert found.examples == ()
    switched(archive)
    assert snapshot(archive) == before
    assert value(archive, "SELECT to_regclass('regroup.begun')") is None


def test_a_changed_setting_gives_what_a_fresh_archive_would(
    archive: store.Archive, server: str, schema_name: str
) -> None:
    other = store.connect(server, settings.read(), schema_name)
    schema.install(other)
    fresh = with_rule(store.open_archive(other, settings.read(), schema.latest()), **LOOSE)
    seeds(fresh)
    seeds(archive)
    before, told = snapshot(archive), groups(archive)
    loose = with_rule(archive, **LOOSE)
    read_again(loose)
    found = store.report(loose)
    assert snapshot(archive) == before, "nothing changes before the switch"
    assert found.figures["stories_merged"] == found.figures["articles_moved"] == 1
    assert_adds_up(found.figures)
    assert [row.what for row in found.examples if row.what == "story"] == ["story"]
    assert switched(loose, "joined from .08").figures == found.figures
    assert groups(archive) == groups(fresh) != told
    assert groups(archive, "event_id") == groups(fresh, "event_id")
    assert relations(archive) == relations(fresh)
    other.dispose()


def relations(archive: store.Archive) -> set[tuple[str, str, str, float]]:
    query = """
        SELECT least(a.url, b.url), greatest(a.url, b.url), r.kind, r.story_score
        FROM relation r JOIN article a ON a.id = r.a_id JOIN article b ON b.id = r.b_id
    """
    with archive.engine.connect() as connection:
        return {(a, b, kind, score) for a, b, kind, score in connection.execute(text(query))}


def place_ids(archive: store.Archive) -> dict[str, int]:
    return {row.url: row.story_id for row in store.places(archive)}


def test_ids_are_sticky_and_merged_ones_lead_on(archive: store.Archive) -> None:
    seeds(archive)
    before = place_ids(archive)
    read_again(with_rule(archive, **LOOSE))
    switched(with_rule(archive, **LOOSE), "joined from .08")
    after = place_ids(archive)
    moved = [url for url in before if before[url] != after[url]]
    assert moved == ["https://003.example/"]
    old = before[moved[0]]
    led = f"SELECT story_id FROM story_redirect WHERE old_id = {old}"
    assert value(archive, led) == after[moved[0]]
    told = f"SELECT reason FROM story_history WHERE kind = 'merged' AND story_id = {old}"
    assert value(archive, told) == "joined from .08"
    read_again(archive)
    switched(archive, "back to the old rule")
    assert groups(archive) == {frozenset(urls) for urls in by_story(before)}
    kinds = "SELECT string_agg(kind, ' ' ORDER BY id) FROM story_history WHERE reason LIKE 'back%'"
    assert value(archive, kinds) == "created left"


def test_stories_that_change_their_event_are_told_and_merged_events_lead_on(
    archive: store.Archive,
) -> None:
    seeds(archive)
    apart = with_rule(archive, event_join=0.95)
    before = groups(archive, "event_id")
    read_again(apart)
    switched(apart, "events from .95")
    assert len(groups(archive, "event_id")) == len(groups(archive)) == 4
    split = "SELECT string_agg(kind, ' ' ORDER BY id) FROM event_history WHERE reason = 'events from .95'"
    assert value(archive, split) == "left joined left joined"
    read_again(archive)
    switched(archive, "back to the old rule")
    assert groups(archive, "event_id") == before
    merged = "SELECT count(*) FROM event_history WHERE kind = 'merged' AND reason LIKE 'back%'"
    assert value(archive, merged) == 2
    leading = """
        SELECT count(*) FROM event_history h
        JOIN event_redirect r ON (r.old_id, r.event_id) = (h.event_id, h.other_id)
        JOIN event e ON e.id = r.event_id WHERE h.kind = 'merged'
    """
    assert value(archive, leading) == 2


def by_story(places: dict[str, int]) -> list[list[str]]:
    return [[url for url in places if places[url] == story] for story in set(places.values())]


def test_what_arrives_or_changes_meanwhile_is_not_lost(archive: store.Archive) -> None:
    rows = [{"url": f"https://a.example/{n}", "text": report(n)[1]} for n in range(4)]
    run_import(archive, *rows)
    assert read_again(archive, most=2) == 2
    run_import(archive, {"url": "https://b.example/0", "text": report(0)[1]})
    run_import(archive, {"url": "https://a.example/1", "text": report(9)[1]})
    decide(archive, "join", "https://a.example/2", "https://a.example/3")
    before = snapshot(archive)
    assert switched(archive).figures["articles_read"] == 5
    assert snapshot(archive) == before


def test_decisions_hold_through_it(archive: store.Archive) -> None:
    seeds(archive)
    decide(archive, "split", "https://002.example/", "https://003.example/")
    read_again(with_rule(archive, **LOOSE))
    switched(with_rule(archive, **LOOSE))
    assert not any(
        {"https://002.example/", "https://003.example/"} <= story for story in groups(archive)
    )


def test_a_page_that_is_read_otherwise_gives_a_revision(archive: store.Archive) -> None:
    line = "This very line is told to be boilerplate of the outlet"
    body = report(1)[1]
    run_import(archive, {"url": "https://a.example/1", "text": f"{body}\n\n{line}."})
    run_import(archive, {"url": "https://a.example/2", "text": report(2)[1]})
    execute(archive, f"UPDATE revision SET text = text || ' once more' WHERE text LIKE '%{line}%'")
    nothing = zstandard.compress(b"").hex()
    execute(archive, f"UPDATE page SET body = decode('{nothing}', 'hex') WHERE url LIKE '%/2'")
    read_again(archive)
    found = store.report(archive)
    assert found.figures["texts_changed"] == found.figures["revisions"] == 1
    assert found.figures["articles_read"] == found.figures["articles_kept"] == 1
    assert {row.what for row in found.examples} == {"text", "page kept"}
    switched(archive)
    assert value(archive, "SELECT count(*) FROM revision") == 3
    assert value(archive, "SELECT revision FROM article WHERE url LIKE '%/1'") == 2


def test_keys_come_back_on_whatever_day_of_the_week_an_article_arrived(
    archive: store.Archive,
) -> None:
    for n in range(7):
        run_import(archive, {"url": f"https://a.example/{n}", "text": report(n)[1]})
        execute(archive, f"SELECT ensure_key_week(current_date - {n})")
        for table in ("signature", "signature_key", "term_key"):
            own = f"article_id = (SELECT id FROM article WHERE url LIKE '%/{n}')"
            execute(archive, f"UPDATE {table} SET day = current_date - {n} WHERE {own}")
    before = snapshot(archive)
    execute(archive, "DELETE FROM signature_key")
    execute(archive, "DELETE FROM term_key")
    read_again(archive)
    switched(archive)
    assert snapshot(archive) == before


def test_it_goes_on_only_by_the_settings_that_it_was_begun_with(archive: store.Archive) -> None:
    with pytest.raises(ConfigurationError, match="begin with: ingester regroup"):
        store.report(archive)
    read_again(archive)
    with pytest.raises(ConfigurationError, match=r"grouping.join 0.235, now 0.08"):
        read_again(with_rule(archive, **LOOSE))
    store.drop_shadow(archive)
    with shadow(archive), pytest.raises(ConfigurationError, match="at work"):
        store.drop_shadow(archive)
    store.drop_shadow(archive)
    assert read_again(with_rule(archive, **LOOSE)) == 0


def test_a_killed_regroup_goes_on_by_the_same_command(
    archive: store.Archive, database_url: str, tmp_path: Path
) -> None:
    rows = [{"url": f"https://a.example/{n}", "text": report(n)[1]} for n in range(60)]
    run_import(archive, *rows)
    before = snapshot(archive)
    program = Program(tmp_path, database_url)
    begun = "SELECT to_regclass('regroup.reading') IS NOT NULL"
    with program.running("regroup", log=tmp_path / "log"):
        assert until(lambda: bool(value(archive, begun)))
        assert until(lambda: read(archive) >= 10)
    assert snapshot(archive) == before
    assert 10 <= read(archive) < 60
    done = program.run("regroup", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["articles_read"] == 60
    at = "SELECT count(DISTINCT xmin::text) FROM regroup.reading"
    assert int(str(value(archive, at))) > 1
    ended = program.run("regroup", "switch")
    assert ended.returncode == 0, ended.stderr
    assert "stories   60, now 60: 0 merged" in ended.stdout
    assert snapshot(archive) == before
    again = program.run("regroup", "switch")
    assert again.returncode == 2
    assert "begin with: ingester regroup" in again.stderr


def test_a_switch_that_is_killed_leaves_the_archive_as_it_was(
    archive: store.Archive, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds(archive)
    monkeypatch.setenv("INGESTER_GROUPING__JOIN", str(LOOSE["join"]))
    program = Program(tmp_path, database_url)
    assert program.run("regroup").returncode == 0
    before = snapshot(archive)
    with archive.engine.connect() as holder:
        holder.execute(
            text("LOCK TABLE stop_key IN SHARE MODE")
        )  # which the switch writes at its end
        with program.running("regroup", "switch", log=tmp_path / "log") as process:
            assert until(lambda: bool(value(archive, WAITING)))
            process.kill()
        assert snapshot(archive) == before
    assert until(lambda: not value(archive, SWITCHING))
    assert snapshot(archive) == before
    assert program.run("regroup", "switch").returncode == 0
    assert len(groups(archive)) == 3


def test_it_runs_and_is_switched_beside_the_service(
    archive: store.Archive, database_url: str, tmp_path: Path
) -> None:
    program = Program(tmp_path, database_url)
    stored = "SELECT count(*) FROM article"
    with Newsroom(5000) as room, program.running("run", log=tmp_path / "log"):
        program.run("feeds", "add", room.url("/feed.xml"))
        room.publish(10)
        assert until(lambda: value(archive, stored) == 10)
        room.publish(20)
        assert program.run("regroup").returncode == 0
        room.publish(20)
        assert program.run("regroup", "switch").returncode == 0
        assert until(lambda: value(archive, stored) == 50)
    assert value(archive, "SELECT count(*) FROM story") == 50
    assert value(archive, "SELECT sum(revision) FROM article") == 50
    assert value(archive, "SELECT count(*) FROM signature") == 50
    assert value(archive, "SELECT count(*) FROM signature_key") == 50


def read(archive: store.Archive) -> int:
    return int(str(value(archive, "SELECT count(outcome) FROM regroup.reading")))
