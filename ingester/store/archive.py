"""One archive: its connections, its seed, and the one way to run a transaction on it."""

import struct
import threading
import time
from array import array
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, TypeVar

import numpy as np
import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format
from psycopg.rows import namedtuple_row
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.dialects.postgresql.psycopg import dialect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ingester.errors import ConfigurationError, DatabaseUnavailable, SchemaMismatch
from ingester.settings import Settings
from ingester.store.schema import execute

T = TypeVar("T")
Query = tuple[str, dict[str, Any]]
"""A named query, and its values."""
Row = Any
"""What a query gives: a named tuple, its columns by their names."""

_WAITS_S = (0.1, 0.5, 2.0, 5.0)
_IDS = 32
_LONGEST_PAUSE_S = 60
"""Within a transaction, as when its process is stopped or its machine is gone: the others wait for the locks
that it holds, the one of placing among them. By itself the server would wait for it."""

_PREPARED_AFTER = 1
"""Times that a statement is planned anew: ours are few, and to plan one costs up to what it does."""

_PAUSED = "25P03"
"""What the server says to who paused for longer. Source: PostgreSQL, Appendix A, "Error Codes"."""

_UNUSABLE = dict.fromkeys([0, *range(0xD800, 0xE000)])
"""Characters that a Postgres text refuses: NUL and lone surrogates."""


@dataclass(frozen=True, slots=True)
class Archive:
    """A database with this program's schema. Thread safe."""

    engine: Engine
    settings: Settings
    seed: int
    placing: threading.Lock = field(default_factory=threading.Lock)
    """Held by the one thread that places: the others wait without a connection."""
    rounds: dict[str, str] = field(default_factory=dict)
    """By the name of a claim the host that it took last: it goes round the hosts from there."""
    spare: dict[str, deque[int]] = field(default_factory=lambda: defaultdict(deque))
    """By table the ids that were taken for rows to be; what is left of them is a gap."""

    def transaction(self, work: Callable[[Connection], T]) -> T:
        """What `work` gives, committed.

        Run again after a lost connection, a deadlock or a full server, about 8 s in all, so
        `work` must be such that a second run changes nothing more. Raises DatabaseUnavailable
        after that; a retry helps once the server is back. What else the database refuses is raised
        as it comes.
        """
        for wait in (*_WAITS_S, None):
            try:
                with self.engine.begin() as connection:
                    return work(connection)
            except (OperationalError, InternalError, PoolTimeout) as error:
                if not _passing(error):
                    raise
                if wait is None:
                    raise DatabaseUnavailable(f"the database can't go on: {error}") from error
                time.sleep(wait)
        raise AssertionError("the last try returns or raises")

    def new_id(self, table: str) -> int:
        """An id for a row to be; they are taken in batches, to save the way to the server for each.

        In a transaction of their own: what is not committed a crashed server may give out again.
        """
        spare = self.spare[table]
        while True:
            try:
                return spare.popleft()
            except IndexError:
                spare.extend(row.id for row in self.rows("new_ids", table=table, count=_IDS))

    def rows(self, name: str, /, **values: Any) -> list[Row]:
        """The rows of one named query, in a transaction of its own."""
        return self.transaction(lambda connection: run(connection, name, **values))


def connect(url: str, settings: Settings, schema: str | None = None) -> Engine:
    """A pool of connections to the server; `schema` chooses another than the default one.

    Raises ConfigurationError for a URL that can't be one, DatabaseUnavailable where nobody
    answers, and ConfigurationError where the server would lose commits in a crash.
    """
    try:
        address = make_url(url).set(drivername="postgresql+psycopg")
        options = f"{address.query.get('options', '')} -c timezone=UTC"
        options += f" -c idle_in_transaction_session_timeout={_LONGEST_PAUSE_S}s"
        options += f" -c search_path={schema}" if schema else ""
        engine = create_engine(
            address.difference_update_query(["options"]),
            pool_size=settings.database.connections,
            max_overflow=settings.fetch.concurrency,
            pool_use_lifo=True,  # the one whose statements are planned and whose caches are full
            connect_args={
                "options": options,
                "connect_timeout": 10,
                "prepare_threshold": _PREPARED_AFTER,
            },
        )
        event.listen(engine, "connect", _adapt)
        try:
            with engine.connect() as connection:
                _assert_durable(connection)
        except ConfigurationError:
            engine.dispose()
            raise
    except ArgumentError:
        raise ConfigurationError(
            "DATABASE_URL is no URL; expected postgresql://user:password@host:5432/database"
        ) from None
    except OperationalError as error:
        raise DatabaseUnavailable(_plainly(error, url)) from None
    except DBAPIError as error:
        raise ConfigurationError(f"DATABASE_URL: {error.orig}") from None
    return engine


def open_archive(engine: Engine, settings: Settings, version: int) -> Archive:
    """The archive in a database whose schema is of this `version`; else raises SchemaMismatch.

    Raises DatabaseUnavailable where the connection is lost.
    """
    try:
        with engine.connect() as connection:
            row = run(connection, "archive")[0]
    except OperationalError as error:
        raise DatabaseUnavailable(f"the database can't go on: {error.orig}") from None
    held = int(row.version)
    if held != version:
        raise SchemaMismatch(
            f"the database has schema version {held}, this program wants {version}; "
            + ("run: ingester db migrate" if held < version else "install a newer ingester")
        )
    return Archive(engine, settings, int(row.seed))


@cache
def sql(name: str) -> str:
    """The named query, from `ingester/sql/<name>.sql`, as the driver wants it."""
    return for_driver(_source(name))


def for_driver(query: str) -> str:
    """A query with its values named as in `ingester/sql`, as the driver wants it."""
    return str(text(query).compile(dialect=dialect()))  # type: ignore[no-untyped-call] # SQLAlchemy leaves it bare


def run(connection: Connection, name: str, /, **values: Any) -> list[Row]:
    """The rows that a named query gives (none for a plain write), its values cleaned first."""
    with _named_refusals():
        return _rows(_sent(connection, query(name, **values)))


def query(name: str, /, **values: Any) -> Query:
    """A named query with its values, for run_at_once()."""
    return name, values


def run_at_once(connection: Connection, *queries: Query) -> list[list[Row]]:
    """The rows of each of these queries, which are sent at once.

    So they go the way to the server and back one time, which is much of a placement's time. What it
    refuses is raised as it would be one by one, and those behind it are not run.
    """
    with _named_refusals():
        with _driver(connection).pipeline():
            cursors = [_sent(connection, each) for each in queries]
        return [_rows(cursor) for cursor in cursors]


def _driver(connection: Connection) -> Any:  # psycopg's own connection, not typed there
    return connection.connection.driver_connection


def _sent(connection: Connection, asked: Query) -> Any:
    """The driver's cursor of a query: SQLAlchemy's way to it takes as long again."""
    name, values = asked
    return _driver(connection).cursor(row_factory=namedtuple_row).execute(sql(name), clean(values))


def _rows(cursor: Any) -> list[Row]:
    return list(cursor.fetchall()) if cursor.description else []


@contextmanager
def _named_refusals() -> Iterator[None]:
    """What the driver raises, as SQLAlchemy names it."""
    try:
        yield
    except psycopg.Error as error:
        raise DBAPIError.instance(None, None, error, psycopg.Error) from error


def script(connection: Connection, name: str) -> None:
    """Run a file of several statements, which take no values."""
    execute(connection, _source(name))


def _source(name: str) -> str:
    return (resources.files("ingester") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def clean(value: Any) -> Any:
    """The value without characters that Postgres refuses, in strings, lists and mappings.

    Everything that is written passes here, so that one odd character never costs a row.
    """
    if isinstance(value, str):
        return value if _usable(value) else value.translate(_UNUSABLE)
    if isinstance(value, list | tuple):
        return [clean(item) for item in value] if value and _textual(value[0]) else list(value)
    if isinstance(value, dict):
        return {key: clean(item) for key, item in value.items()}
    return value


def _usable(value: str) -> bool:
    """Whether Postgres takes the text as it is; asked first, for to translate costs forty times that."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in value


def _textual(value: object) -> bool:
    return isinstance(value, str | list | tuple | dict) or value is None


class _Integers(Dumper):
    """An array of 64-bit integers, made in one step: the driver's own dumper takes a list item by item.

    Source: array_send() in PostgreSQL's arrayfuncs.c; the types' numbers are those of pg_type.
    """

    format = Format.BINARY
    oid = 1016

    def dump(self, obj: "array[int]") -> bytes:
        """The array's header, and each number behind its length."""
        cells = np.empty(len(obj), [("bytes", ">i4"), ("number", ">i8")])
        cells["bytes"], cells["number"] = 8, obj
        return struct.pack("!iiIii", 1, 0, 20, len(obj), 1) + cells.tobytes()


def _adapt(driver: Any, _: object) -> None:
    driver.adapters.register_dumper(array, _Integers)


def _passing(error: DBAPIError | PoolTimeout) -> bool:
    """Whether the fault is the server's or the connection's, not the statement's."""
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    return state is None or state == _PAUSED or state[:2] in {"08", "40", "53", "57"}


def _assert_durable(connection: Connection) -> None:
    """An archive promises that what is stored stays: the server must be set so."""
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        value = connection.exec_driver_sql(f"SHOW {setting}").scalar_one()
        if value == "off":
            raise ConfigurationError(
                f"the server runs with {setting} = off and would lose stored articles in a crash; "
                f"set {setting} = on"
            )


def _plainly(error: OperationalError, url: str) -> str:
    where = make_url(url).render_as_string(hide_password=True)
    return f"no Postgres answers at {where}: {str(error.orig).strip()}"
