"""What the tests share: one embedded Postgres a session, an empty archive a test."""

import json
import secrets
import signal
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from ingester import embedded, settings, store
from ingester.store import schema

# The same examples in each run: a search for new ones belongs on a desk, not between two landings.
hypothesis.settings.register_profile("repeatable", derandomize=True)
hypothesis.settings.load_profile("repeatable")

# A job in a shell's background ignores Ctrl-C, and so would the programs that tests send it to.
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"
DATA = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a Postgres of this session's own."""
    with embedded.running(tmp_path_factory.mktemp("server")) as url:
        yield url


@pytest.fixture
def schema_name(server: str) -> Iterator[str]:
    """The name of an empty schema, dropped afterwards."""
    name = f"test_{secrets.token_hex(6)}"
    engine = create_engine(server)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    yield name
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    engine.dispose()


@pytest.fixture
def engine(server: str, schema_name: str) -> Iterator[Engine]:
    """Connections to an archive's schema of this test's own."""
    engine = store.connect(server, settings.read(), schema_name)
    schema.install(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def archive(engine: Engine) -> store.Archive:
    """An empty archive with the default settings."""
    return store.open_archive(engine, settings.read(), schema.latest())


@pytest.fixture(scope="session")
def gold() -> dict[str, dict[str, object]]:
    """What each seed must become, by its number."""
    articles = json.loads((SEEDS / "gold.json").read_text(encoding="utf-8"))["articles"]
    return {article["file"][:3]: article for article in articles}


@pytest.fixture
def database_url(server: str) -> Iterator[str]:
    """A database of this test's own, for programs that are run as people run them."""
    name = f"test_{secrets.token_hex(6)}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()
