"""The bundled Postgres: real servers, real kills."""

import grp
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
import sqlalchemy

from ingester.cli.database import client_address
from ingester.embedded import program, running
from ingester.embedded.processes import occupants, recorded_pid
from ingester.errors import EmbeddedPostgresError

PATIENCE_S = 30  # on a busy machine; what is waited for takes well under a second

# A process that uses the archive: commits numbers, and says each one once it is acknowledged.
WRITER = """
import sys, itertools, pathlib, psycopg
from ingester.embedded import running
with running(pathlib.Path(sys.argv[1])) as url:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE TABLE {sys.argv[2]} (n int)")
        for n in itertools.count():
            connection.execute(f"INSERT INTO {sys.argv[2]} VALUES (%s)", [n])
            print(n, flush=True)
"""
# A process that says which server it is on, and stays until its input ends.
USER = """
import sys, pathlib, psycopg
from ingester.embedded import running
with running(pathlib.Path(sys.argv[1])) as url:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        print(*connection.execute("SELECT pg_postmaster_start_time()").fetchone(), flush=True)
        sys.stdin.read()
"""
# The same with a forked child that outlives it, as a pool's worker might.
FORKING_USER = """
import os, sys, time, pathlib
from ingester.embedded import running
with running(pathlib.Path(sys.argv[1])) as url:
    if os.fork() == 0:
        time.sleep(60)
    print("inside", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with a cluster, whatever happened to it before."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def no_orphans(home: Path, tmp_path: Path) -> Iterator[None]:
    yield
    wait_until(lambda: not occupants(home / "postgres") | occupants(tmp_path / "postgres"))


@contextmanager
def process(script: str, *arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as started:
        try:
            yield started
        finally:
            with suppress(ProcessLookupError):
                os.killpg(started.pid, signal.SIGKILL)


def said(user: subprocess.Popen[str]) -> str:
    assert user.stdout
    return user.stdout.readline().strip()


def wait_until(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < give_up, "it did not come about"
        time.sleep(0.01)


def connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def numbers(url: str, table: str) -> set[int]:
    with connect(url) as connection:
        return {n for (n,) in connection.execute(f"SELECT n FROM {table}")}


def server_of(home: Path) -> int:
    return int((home / "postgres/postmaster.pid").read_text("ascii").split()[0])


def keeper_of(home: Path) -> int:
    return int(Path(f"/proc/{server_of(home)}/stat").read_text("ascii").split()[3])


def kill(*pids: int) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def committed(writer: subprocess.Popen[str], count: int) -> set[int]:
    return {int(said(writer)) for _ in range(count)}


def rest(writer: subprocess.Popen[str]) -> set[int]:
    """What it had said before it died; a line cut short was not acknowledged."""
    assert writer.stdout
    return {int(line) for line in writer.stdout if line.endswith("\n")}


def test_a_cold_start_makes_a_database_that_a_warm_start_finds(tmp_path: Path) -> None:
    with running(tmp_path) as url:
        engine = sqlalchemy.create_engine(url)
        with engine.begin() as connection:
            connection.execute(sqlalchemy.text("CREATE TABLE facts (fact text)"))
            connection.execute(sqlalchemy.text("INSERT INTO facts VALUES ('kept')"))
        engine.dispose()
    assert not occupants(tmp_path / "postgres")
    assert not (tmp_path / "postgres/postmaster.pid").exists()

    with running(tmp_path) as again, connect(again) as reading:
        assert reading.execute("SELECT fact FROM facts").fetchall() == [("kept",)]


def test_the_server_is_durable_private_and_sorts_alike_everywhere(home: Path) -> None:
    with running(home) as url, connect(url) as connection:
        wanted = {
            "fsync": "on",
            "synchronous_commit": "on",
            "full_page_writes": "on",
            "data_checksums": "on",
            "listen_addresses": "",
            "server_encoding": "UTF8",
            "unix_socket_permissions": "0700",
            "TimeZone": "UTC",
        }
        found = {name: connection.execute(f"SHOW {name}").fetchone() for name in wanted}
        locale = connection.execute(
            "SELECT current_database(), datlocprovider, datlocale FROM pg_database "
            "WHERE datname = current_database()"
        ).fetchone()
        assert {name: row and row[0] for name, row in found.items()} == wanted
        assert locale == ("ingester", "b", "C.UTF-8")
        assert mode(home / "socket") == 0o700
        assert mode(home / "postgres/password") == 0o600
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            connect(url.replace("://ingester:", "://ingester:not-"))


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_everything_made_is_ours_and_nothing_else_changes(tmp_path: Path) -> None:
    parents = [tmp_path, *tmp_path.parents]
    accounts = pwd.getpwall(), grp.getgrall()
    before = [(path.stat().st_mode, path.stat().st_uid) for path in parents]
    with running(tmp_path / "new/home"):
        owners = {path.lstat().st_uid for path in (tmp_path / "new").rglob("*")}
    assert owners == {os.geteuid()}
    assert mode(tmp_path / "new/home") == 0o700
    assert [(path.stat().st_mode, path.stat().st_uid) for path in parents] == before
    assert (pwd.getpwall(), grp.getgrall()) == accounts


def test_two_processes_share_a_server_and_the_second_keeps_it(home: Path) -> None:
    with process(USER, home) as owner, process(USER, home) as other:
        first, second = said(owner), said(other)
        assert first
        assert second == first
        owner.communicate("")
        with running(home) as url, connect(url) as connection:
            started = connection.execute("SELECT pg_postmaster_start_time()").fetchone()
            assert started is not None
            assert str(started[0]) == first
        other.communicate("")
        assert (owner.returncode, other.returncode) == (0, 0)
    assert not occupants(home / "postgres")  # the last one waited for it


def test_many_first_users_at_once_make_one_cluster(tmp_path: Path) -> None:
    with process(USER, tmp_path) as a, process(USER, tmp_path) as b, process(USER, tmp_path) as c:
        servers = {said(a), said(b), said(c)}
        assert len(servers) == 1
        assert servers != {""}


def test_a_killed_owner_loses_no_acknowledged_row_and_leaves_no_server(home: Path) -> None:
    with process(WRITER, home, "owned") as owner:
        acknowledged = committed(owner, 100)
        owner.kill()
        acknowledged |= rest(owner)
    wait_until(lambda: not occupants(home / "postgres"))

    with running(home) as url:
        assert acknowledged <= numbers(url, "owned")


def test_a_killed_owner_does_not_take_the_server_from_the_others(home: Path) -> None:
    with process(USER, home) as owner:
        assert said(owner)
        with running(home) as url, connect(url) as connection:
            owner.kill()
            owner.wait()
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_killed_server_is_back_at_the_same_url_with_every_acknowledged_row(home: Path) -> None:
    with running(home) as url, process(WRITER, home, "served") as writer:
        acknowledged = committed(writer, 100)
        killed = server_of(home)
        kill(killed)
        acknowledged |= rest(writer)  # its connection broke
        wait_until(lambda: answers(url))

        assert server_of(home) != killed
        assert acknowledged <= numbers(url, "served")


def test_a_server_that_is_killed_again_while_it_recovers_is_back(home: Path) -> None:
    with running(home) as url:
        killed: set[int | None] = {None}
        for _ in range(4):
            wait_until(lambda: recorded_pid(home / "postgres") not in killed)
            killed.add(server_of(home))
            kill(server_of(home))
        wait_until(lambda: answers(url))


def answers(url: str) -> bool:
    with suppress(psycopg.OperationalError), connect(url):
        return True
    return False


def test_a_killed_keeper_takes_its_server_along_and_the_next_user_gets_both(home: Path) -> None:
    with process(WRITER, home, "kept") as writer:
        acknowledged = committed(writer, 100)
        kill(keeper_of(home))
        with running(home) as url:
            acknowledged |= rest(writer)
            assert acknowledged <= numbers(url, "kept")


def test_a_backend_that_lost_server_and_keeper_makes_way(home: Path) -> None:
    busy = "DO $$ BEGIN LOOP END LOOP; END $$"  # would never notice by itself
    with running(home) as url, process_of(psql(url), "-c", busy):
        with connect(url) as connection:
            wait_until(lambda: bool(active(connection)))
        kill(keeper_of(home), server_of(home))
        with running(home) as again:
            assert answers(again)


def psql(url: str) -> tuple[list[str], dict[str, str]]:
    """The command that opens the bundled psql, and what to add to its environment."""
    where, secret = client_address(url)
    return [program("psql"), where], secret


@contextmanager
def process_of(
    command: tuple[list[str], dict[str, str]], *arguments: str
) -> Iterator[subprocess.Popen[bytes]]:
    argv, environment = command
    with subprocess.Popen(
        [*argv, *arguments], env={**os.environ, **environment}, stderr=subprocess.DEVNULL
    ) as started:
        yield started


def active(connection: psycopg.Connection) -> list[tuple[object, ...]]:
    return connection.execute(
        "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'DO %'"
    ).fetchall()


def test_a_pid_file_that_names_another_program_is_not_believed(home: Path) -> None:
    with process(USER, home) as user:
        assert said(user)
        pid_file, server = home / "postgres/postmaster.pid", server_of(home)
        kill(keeper_of(home), server)
        left = pid_file.read_text("ascii")
        user.kill()
    wait_until(lambda: not occupants(home / "postgres"))
    pid_file.write_text(left.replace(str(server), str(os.getpid()), 1), "ascii")
    (home / "socket/.s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n", "ascii")

    with running(home) as url:
        assert answers(url)


def test_a_pid_file_that_names_a_zombie_or_nonsense_is_not_believed(home: Path) -> None:
    with running(home):
        pass
    zombie = subprocess.Popen(["true"])
    try:
        for content in (f"{zombie.pid}\n{home}/postgres\n", "", "garbage\n"):
            (home / "postgres/postmaster.pid").write_text(content)
            with running(home) as url:
                assert answers(url)
    finally:
        zombie.wait()


def test_an_interrupted_first_start_leaves_nothing_that_passes_for_a_database(
    tmp_path: Path,
) -> None:
    with process(USER, tmp_path) as user:
        wait_until((tmp_path / "postgres.new/global/pg_control").exists)
        kill(*keepers(tmp_path))
        user.kill()
    assert not (tmp_path / "postgres").exists()
    assert (tmp_path / "postgres.new").exists()

    with running(tmp_path) as url:
        assert answers(url)
    assert not (tmp_path / "postgres.new").exists()


def keepers(home: Path) -> list[int]:
    """The processes that have this data directory among their arguments, and aren't a user."""
    return [
        int(entry.parent.name)
        for entry in Path("/proc").glob("[0-9]*/cmdline")
        if f"\0{home}\0".encode() in (line := command_line(entry)) and b"keeper" in line
    ]


def command_line(entry: Path) -> bytes:
    with suppress(OSError):
        return entry.read_bytes()
    return b""


def test_a_forked_child_does_not_hold_the_server(home: Path) -> None:
    with process(FORKING_USER, home) as user:
        assert said(user) == "inside"
        user.kill()
        wait_until(lambda: not occupants(home / "postgres"))


def test_ctrl_c_reaches_the_user_and_not_the_server(home: Path) -> None:
    with process(USER, home) as user, running(home) as url:
        assert said(user)
        os.killpg(user.pid, signal.SIGINT)
        user.wait()
        assert answers(url)


def test_a_path_too_long_for_a_socket_gets_a_private_short_one(home: Path, tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a-directory-with-a-long-name"] * 5)
    deep.parent.mkdir(parents=True)
    with running(home):
        pass
    shutil.copytree(home, deep)
    with running(deep) as url, running(deep) as other:
        short = (deep / "socket").readlink()
        assert other == url
        assert answers(url)
        assert mode(short) == 0o700
    wait_until(lambda: not short.exists())
    wait_until(lambda: not occupants(deep / "postgres"))


@pytest.mark.parametrize("character", ["a", ",", ":", "\\"])
def test_a_path_with_strange_characters_serves(home: Path, tmp_path: Path, character: str) -> None:
    strange = tmp_path / f"{character}-b\"c'd%20 é&?#"
    with running(home):
        pass
    shutil.copytree(home, strange)
    with running(strange) as url:
        assert answers(url)
        engine = sqlalchemy.create_engine(url)
        with engine.connect() as connection:
            assert connection.execute(sqlalchemy.text("SELECT 1")).scalar() == 1
        engine.dispose()
    wait_until(lambda: not occupants(strange / "postgres"))


def test_a_relative_path_names_the_same_server(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home.parent)
    with running(home) as url, running(Path(home.name)) as relative:
        assert relative == url


def test_settings_meant_for_other_servers_do_not_disturb(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"PGPORT": "1", "PGDATA": "/nowhere", "PGHOST": "/nowhere"}.items():
        monkeypatch.setenv(name, value)
    with running(home) as url:
        assert answers(url)


def test_a_directory_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedPostgresError, match=r"file/home: Not a directory.*DATABASE_URL"):
        enter(tmp_path / "file/home")


def test_another_major_version_is_named(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres/PG_VERSION").write_text("15\n")
    with pytest.raises(EmbeddedPostgresError, match=r"written by Postgres 15, .* brings 18"):
        enter(tmp_path)


def test_a_server_that_cannot_start_is_quoted(home: Path) -> None:
    with running(home):
        pass
    configuration = home / "postgres/postgresql.auto.conf"
    before = configuration.read_text()
    configuration.write_text("max_connections = 'many'\n")
    try:
        with pytest.raises(EmbeddedPostgresError, match='"max_connections": "many"'):
            enter(home)
    finally:
        configuration.write_text(before)


def test_another_users_cluster_is_left_alone(home: Path, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    with running(home):
        pass
    shutil.copytree(home, tmp_path, dirs_exist_ok=True)
    os.chown(tmp_path / "postgres", 65_534, 65_534)
    with pytest.raises(EmbeddedPostgresError, match="belongs to uid 65534, this is uid 0"):
        enter(tmp_path)


def test_a_lost_password_is_named(home: Path) -> None:
    with running(home):
        pass
    password = home / "postgres/password"
    password.rename(home / "password")
    try:
        with pytest.raises(EmbeddedPostgresError, match="postgres/password: No such file"):
            enter(home)
    finally:
        (home / "password").rename(password)


def enter(home: Path) -> None:
    with running(home):
        pass


@pytest.fixture
def as_mapped_root() -> list[str]:
    """A command's beginning, that runs it as root of namespaces of its own."""
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    if not shutil.which("unshare") or subprocess.run([*command, "true"], check=False).returncode:
        pytest.skip("no user namespaces here")
    return command


def test_a_kernel_without_user_namespaces_says_what_to_do(
    tmp_path: Path, as_mapped_root: list[str]
) -> None:
    forbid = 'echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"'
    said = run_user([*as_mapped_root, forbid, "sh"], tmp_path)
    assert "EmbeddedPostgresError: Postgres does not run as uid 0" in said.stderr
    assert "run as an ordinary user" in said.stderr


def test_a_full_disk_is_named(tmp_path: Path, as_mapped_root: list[str]) -> None:
    small = f'mount -t tmpfs -o size=8m none {tmp_path}; exec "$@"'
    said = run_user([*as_mapped_root, small, "sh"], tmp_path)
    assert "EmbeddedPostgresError: " in said.stderr
    assert "No space left on device" in said.stderr


def run_user(before: list[str], home: Path) -> subprocess.CompletedProcess[str]:
    command = [*before, sys.executable, "-c", USER, str(home)]
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, cwd="/"
    )


@pytest.mark.parametrize("uid", [65_534, 54_321])  # nobody, and a number without an account
def test_an_ordinary_user_with_or_without_an_account(uid: int) -> None:
    become = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
    reading = "+dac_read_search"  # this Python may be out of an ordinary user's sight
    seeing = [*become, f"--inh-caps={reading}", f"--ambient-caps={reading}"]
    if os.geteuid() != 0:
        pytest.skip("the other tests run as an ordinary user already")
    if not shutil.which("setpriv") or subprocess.run([*seeing, "true"], check=False).returncode:
        pytest.skip("root can't run a program as another user here")
    if subprocess.run([*become, "test", "-x", program("psql")], check=False).returncode:
        pytest.skip("an ordinary user can't reach the bundled Postgres here")
    with tempfile.TemporaryDirectory() as name:
        os.chown(name, uid, uid)
        said = run_user(seeing, Path(name))
        owners = {path.stat().st_uid for path in Path(name).rglob("*")}
        assert (said.returncode, said.stderr) == (0, "")
        assert owners == {uid}
        assert not occupants(Path(name) / "postgres")
