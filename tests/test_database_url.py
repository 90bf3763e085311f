"""The archive on a Postgres that isn't the bundled one."""

from pathlib import Path

import psycopg
from servers import debian_postgres


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
