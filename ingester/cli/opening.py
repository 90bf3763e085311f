"""The archive that the settings name, open while a command works on it."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateSchema, DropSchema

from ingester import embedded, store
from ingester.errors import DatabaseError
from ingester.settings import Settings, database_url
from ingester.store import schema

_SCRATCH = "ingester_scratch_"


@contextmanager
def server(settings: Settings) -> Iterator[str]:
    """The URL of the server: the configured one, or the embedded one, up while the block runs."""
    url = database_url(settings)
    if url is not None:
        yield url
    else:
        with embedded.running(settings.database.data_dir) as own:
            yield own


@contextmanager
def archive(settings: Settings, name: str | None = None) -> Iterator[store.Archive]:
    """The archive, made at the first use; `name` chooses another schema than the default one."""
    with server(settings) as url:
        if name is not None:
            with connected(url, settings) as outer, _alone(outer) as connection:
                _make(connection, CreateSchema(name, if_not_exists=True))
        with connected(url, settings, name) as engine:
            yield opened(engine, settings)


@contextmanager
def scratch(settings: Settings) -> Iterator[store.Archive]:
    """An empty archive beside the real one; nothing of it is left when the block ends."""
    name = f"{_SCRATCH}{secrets.token_hex(8)}"
    with server(settings) as url, connected(url, settings) as outer, _alone(outer) as connection:
        _create(connection, name)
        try:
            with connected(url, settings, name) as engine:
                yield opened(engine, settings)
        finally:
            connection.execute(DropSchema(name, cascade=True))


@contextmanager
def connected(url: str, settings: Settings, name: str | None = None) -> Iterator[Engine]:
    """A pool of connections, closed when the block ends."""
    engine = store.connect(url, settings, name)
    try:
        yield engine
    finally:
        engine.dispose()


def opened(engine: Engine, settings: Settings) -> store.Archive:
    """The archive in a database or schema, installed where there is none."""
    try:
        schema.install(engine)
    except DBAPIError as error:
        raise DatabaseError(f"the archive can't be made there: {error.orig}") from None
    return store.open_archive(engine, settings, schema.latest())


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """A connection whose statements commit one by one."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection


def _create(connection: Connection, name: str) -> None:
    """The scratch schema, and a lock on its name that tells others that it is in use."""
    _sweep(connection)
    connection.execute(select(func.pg_advisory_lock(func.hashtextextended(name, 0))))
    _make(connection, CreateSchema(name))


def _make(connection: Connection, statement: CreateSchema) -> None:
    try:
        connection.execute(statement)
    except DBAPIError as error:
        raise DatabaseError(f"no schema can be made there: {error.orig}") from None


def _sweep(connection: Connection) -> None:
    """Drop the scratch schemas of commands that were killed: a living one holds its name's lock."""
    names = connection.execute(
        text("SELECT nspname FROM pg_namespace WHERE starts_with(nspname, :scratch)"),
        {"scratch": _SCRATCH},
    )
    for name in names.scalars().all():
        key = func.hashtextextended(name, 0)
        if connection.execute(select(func.pg_try_advisory_lock(key))).scalar_one():
            connection.execute(DropSchema(name, cascade=True, if_exists=True))
            connection.execute(select(func.pg_advisory_unlock(key)))
