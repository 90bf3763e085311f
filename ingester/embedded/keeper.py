"""A program of its own, which keeps one Postgres up for as long as any process uses it.

Its arguments are a data directory, a directory of binaries, and two inherited descriptors. LOCK
holds the data directory's lock: it is the keeper's until it dies, so there is never a second one.
USER is a socket to the process that started it. Each later user connects to `socket/keeper` in the
data directory. A user is told READY, or why not; it is gone when its socket closes, which the
kernel sees to even after kill -9. The last user's socket stays open until Postgres is down, so
that whoever waits for it knows.

Why a process between: a server that is the child of one user would die with it under the others.
It imports the standard library and this package only, so it starts in some 60 ms.
"""

import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ingester.embedded.cluster import (
    NAME,
    PORT,
    Cluster,
    check_owner,
    check_version,
    create,
    start,
    stop,
)
from ingester.embedded.processes import enter_namespace, make_way
from ingester.errors import EmbeddedPostgresError

READY = b"ready"
RESTARTS = 10  # in a row, of a server that dies before it is ready
PATH_LIMIT = 107  # bytes of a socket's path. Source: unix(7), sun_path


def main(data_dir: str, bin_dir: str, lock: str, user: str) -> None:
    """Leave the starter's side, keep the cluster, tell the first user of a refusal."""
    if os.fork():
        os._exit(0)  # the starter waits for this one only
    for signal_ in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signal_, lambda *_: None)  # users get them too, and we leave after the last
    os.set_inheritable(int(lock), False)
    first = socket.socket(fileno=int(user))
    try:
        keep(Cluster(Path(data_dir), Path(bin_dir)), first)
    except (EmbeddedPostgresError, OSError) as error:
        sys.stderr.write(f"keeper: {error}\n")  # which is the log
        with suppress(OSError):
            first.send(str(error).encode())


def keep(cluster: Cluster, first: socket.socket) -> None:
    """Make the cluster where there is none, serve it to `first` and all who join, then stop it."""
    make_way(cluster.files)
    if cluster.files.exists():
        check_owner(cluster)
    enter_namespace()
    if not cluster.files.exists():
        create(cluster)
    check_version(cluster)
    with socket_directory(cluster) as sockets:
        last = serve(cluster, sockets, first)
    for user in last:
        user.close()


def serve(cluster: Cluster, sockets: Path, first: socket.socket) -> set[socket.socket]:
    """The last users to leave, who may wait for word that the server is down, once it is."""
    server = start(cluster, sockets)
    left: set[socket.socket] = set()
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            listener.bind(str(sockets / "keeper"))
            listener.listen(128)
            welcome(first)
            users = {first}
            while users:
                ready = wait(server, {listener, *users})
                if server.poll() is not None:
                    server = restart(cluster, sockets)
                if listener in ready:
                    users.add(welcome(listener.accept()[0]))
                left = users & ready
                users -= left
                for user in left if users else ():
                    user.close()
        return left
    finally:
        stop(server)


def restart(cluster: Cluster, sockets: Path) -> subprocess.Popen[bytes]:
    """The server after its death; one that is killed again while it recovers is started again."""
    for left in reversed(range(RESTARTS)):
        make_way(cluster.files)
        try:
            return start(cluster, sockets)
        except EmbeddedPostgresError as error:
            if not left:
                raise
            sys.stderr.write(f"keeper: {error}\n")  # which is the log
    raise AssertionError("the last try returns or raises")


def wait(server: subprocess.Popen[bytes], sockets: set[socket.socket]) -> set[socket.socket]:
    """The sockets with something to read, once there are any or the server has died."""
    death = os.pidfd_open(server.pid)
    watched: list[int | socket.socket] = [death, *sockets]
    try:
        ready, _, _ = select.select(watched, [], [])
    finally:
        os.close(death)
    return {one for one in ready if isinstance(one, socket.socket)}


def welcome(user: socket.socket) -> socket.socket:
    """The same user, told that the server is ready."""
    with suppress(OSError):  # gone already: the next look finds its socket closed
        user.send(READY)
    return user


@contextmanager
def socket_directory(cluster: Cluster) -> Iterator[Path]:
    """An empty directory that only we enter, with a path that a socket and libpq can take."""
    here = cluster.socket
    remove(here)
    path = os.fsencode(here / f".s.PGSQL.{PORT}")
    if len(path) <= PATH_LIMIT and b"," not in path:  # libpq takes a comma for a list of hosts
        here.mkdir(mode=0o700)
    else:
        here.symlink_to(tempfile.mkdtemp(prefix=f"{NAME}-"))
    try:
        yield here.resolve()
    finally:
        remove(here)


def remove(directory: Path) -> None:
    """Remove a socket directory, or a link to one and its target."""
    shutil.rmtree(directory.resolve(), ignore_errors=True)
    if directory.is_symlink():
        directory.unlink()
