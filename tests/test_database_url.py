"""The archive on a Postgres that isn't the bundled one: the same schema, the same SQL, the same groups."""

from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, text

from ingester import importing, pipeline, settings, store
from ingester.engine import Processes
from ingester.errors import ConfigurationError
from ingester.store import schema
from tests.conftest import SEEDS
from tests.servers import debian_postgres
from tests.test_schema import catalogue
from tests.test_seeds import as_gold


def test_an_older_server_takes_the_same_url_and_texts(tmp_path: Path) -> None:
    with (
        debian_postgres(tmp_path) as url,
        psycopg.connect(url.replace("+psycopg", "")) as connection,
    ):
        connection.execute("CREATE TABLE words (word text)")
        connection.execute("INSERT INTO words VALUES ('Zürich'), ('zoo'), ('Ångström')")
        found = connection.execute("SELECT word FROM words ORDER BY word").fetchall()
        version = connection.info.server_version

    assert version // 10_000 == 15
    assert [word for (word,) in found] == ["Zürich", "zoo", "Ångström"]


def test_an_older_server_holds_the_same_archive(tmp_path: Path, archive: store.Archive) -> None:
    with debian_postgres(tmp_path) as url:
        chosen = settings.read()
        engine = store.connect(url, chosen)
        schema.install(engine)
        older = store.open_archive(engine, chosen, schema.latest())
        assert tables(older) == tables(archive)
        with Processes(chosen.extract) as cages:
            list(pipeline.import_pages(older, cages, importing.read([SEEDS / "texts"])))
        as_gold(older)
        with older.engine.connect() as connection:
            found = connection.execute(
                text("SELECT count(*) FROM search_stories('drones')")
            ).scalar_one()
        assert found == 4
        engine.dispose()


def test_a_server_that_would_lose_commits_in_a_crash_is_refused(server: str) -> None:
    hasty = make_url(server).update_query_dict({"options": "-c synchronous_commit=off"})
    with pytest.raises(ConfigurationError, match="synchronous_commit = off"):
        store.connect(hasty.render_as_string(hide_password=False), settings.read())


def tables(archive: store.Archive) -> list[str]:
    """The schema as both versions spell it: 18 also lists NOT NULL among the constraints."""
    return [
        line for line in catalogue(archive.engine) if line.startswith(("('column'", "('index'"))
    ]
