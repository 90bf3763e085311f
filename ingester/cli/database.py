"""`db`: the database itself."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy import Engine, make_url, text

from ingester import embedded
from ingester.cli.opening import connected, opened, server
from ingester.cli.options import Options
from ingester.errors import ConfigurationError, EmbeddedPostgresError
from ingester.settings import database_url
from ingester.store import schema

_CLIENTS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND datname = current_database() AND pid <> pg_backend_pid()
"""


@click.group()
def db() -> None:
    """The database: its URL, a psql on it, migrations.

    \b
    Examples:
      ingester db psql
      ingester db psql -- -c 'SELECT * FROM event_overview'
      ingester db url
      ingester db migrate
      ingester db dump archive.dump
      ingester db restore archive.dump
    """


@db.command()
@click.option("--hold", is_flag=True, help="Stay, and keep the embedded server up for its clients.")
@click.option("--idle", "idle_s", type=click.FloatRange(1), default=600, show_default=True,
              metavar="SECONDS", help="How long the embedded server stays up without a client.")  # fmt: skip
@click.pass_obj
def url(options: Options, hold: bool, idle_s: float) -> None:
    """Print the database's URL, for psql or any other client.

    The password is in it. The embedded server runs while it is used: after this command it stays
    up until no client has been connected for ten minutes (see --idle).

    \b
    Examples:
      psql "$(ingester db url)"
      psql "$(ingester db url)" -c "SELECT * FROM search_stories('drone')"
    """
    settings = options.start()
    with server(settings) as address, connected(address, settings) as engine:
        schema.install(engine)
        if hold or database_url(settings):
            click.echo(client_url(address))
        else:
            click.echo(_held_by_another(options, idle_s))
        if hold:
            _wait_until_idle(engine, idle_s)


@db.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", metavar="[-- PSQL ARGUMENTS]", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def psql(options: Options, arguments: tuple[str, ...]) -> int:
    """Open psql on the archive.

    The embedded server is up for as long. What stands after -- is for psql, and the exit code is
    psql's own.

    \b
    Examples:
      ingester db psql
      ingester db psql -- -c 'SELECT title, copies, outlets FROM canonical_story'
      ingester db psql -- --csv -f report.sql > report.csv
    """
    settings = options.start()
    with server(settings) as address:
        with connected(address, settings) as engine:
            schema.install(engine)
        command, secret = _psql(address)
        with _deaf_to_interrupts():
            ended = subprocess.run([*command, *arguments], env=os.environ | secret, check=False)  # noqa: S603 - psql, and what the user asks of it
    return ended.returncode


@db.command()
@click.pass_obj
def migrate(options: Options) -> None:
    """Bring an older archive's schema up to date.

    All in one transaction. Stop the service first, and make a backup: ingester db dump FILE.

    \b
    Example:
      ingester db migrate
    """
    settings = options.start()
    with server(settings) as address, connected(address, settings) as engine:
        taken = schema.migrate(engine)
        opened(engine, settings)
    done = f"took {', '.join(f'step {step}' for step in taken)}" if taken else "nothing to do"
    click.echo(f"schema version {schema.latest()}: {done}")


@db.command()
@click.argument("file", type=click.Path(dir_okay=False))
@click.pass_obj
def dump(options: Options, file: str) -> int:
    """Write a backup of the archive to FILE, while the service goes on.

    It is pg_dump's custom format: one moment of the whole archive, compressed.

    \b
    Example:
      ingester db dump archive-2026-11-23.dump
    """
    settings = options.start()
    with server(settings) as address, connected(address, settings) as engine:
        schema.install(engine)
        return _run("pg_dump", address, "--format=custom", f"--file={file}")


@db.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.pass_obj
def restore(options: Options, file: str) -> int:
    """Read a backup into a database that holds no archive yet, all of it or nothing.

    \b
    Examples:
      ingester --data-dir ~/restored db restore archive.dump
      DATABASE_URL=postgresql://localhost/restored ingester db restore archive.dump
    """
    settings = options.start()
    with server(settings) as address, connected(address, settings) as engine:
        with engine.connect() as connection:
            held = schema.version(connection)
        if held is not None:
            raise ConfigurationError(
                "there is an archive already; choose an empty database, or another --data-dir"
            )
        chosen = ("--single-transaction", "--exit-on-error", "--no-owner")
        return _run("pg_restore", address, *chosen, file)


def client_url(address: str) -> str:
    """The URL as libpq's clients take it."""
    return make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)


def _held_by_another(options: Options, idle_s: float) -> str:
    """The URL as a process of its own says it, which keeps the server up after this one's end."""
    place = [
        "--config",
        str(options.source),
        "--data-dir",
        str(options.effective().database.data_dir),
    ]
    command = [
        sys.executable,
        "-m",
        "ingester",
        *place,
        "db",
        "url",
        "--hold",
        "--idle",
        str(idle_s),
    ]
    holder = subprocess.Popen(  # noqa: S603 - this very program
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for the clients
        text=True,
    )
    assert holder.stdout is not None  # noqa: S101 - it is a pipe
    said = holder.stdout.readline().strip()
    if not said:
        raise EmbeddedPostgresError("no process could keep the server up; use: ingester db psql")
    return said


def _wait_until_idle(engine: Engine, idle_s: float) -> None:
    last = time.monotonic()
    while time.monotonic() - last < idle_s:
        time.sleep(min(idle_s / 10, 5))
        with engine.connect() as connection:
            if connection.execute(text(_CLIENTS)).scalar_one():
                last = time.monotonic()


def _run(name: str, address: str, *arguments: str) -> int:
    """Run one of Postgres's own programs on the database; gives its exit code."""
    where, secret = client_address(address)
    command = [_program(name), f"--dbname={where}", *arguments]
    return subprocess.run(command, env=os.environ | secret, check=False).returncode  # noqa: S603 - as said


def _psql(address: str) -> tuple[list[str], dict[str, str]]:
    """Psql's command, and what to add to its environment.

    The one on the PATH is preferred: it edits lines, the bundled one does not.
    """
    where, secret = client_address(address)
    return [shutil.which("psql") or _program("psql"), where], secret


def client_address(address: str) -> tuple[str, dict[str, str]]:
    """The URL without its password, and that in the environment, so that `ps` does not show it."""
    found = make_url(address)
    where = found.set(drivername="postgresql")._replace(password=None).render_as_string()
    return where, {"PGPASSWORD": str(found.password)} if found.password else {}


def _program(name: str) -> str:
    """The bundled program, which knows every older server, or else the one on the PATH."""
    try:
        return embedded.program(name)
    except EmbeddedPostgresError:
        found = shutil.which(name)
    if found is None:
        raise ConfigurationError(
            f"no {name} is on the PATH, and none is bundled for this platform; "
            "install one, or give another client the URL: ingester db url"
        )
    return found


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Ctrl-C is psql's while it runs: it cancels a query there."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
