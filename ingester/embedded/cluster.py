"""A cluster's files and server: made once, started, stopped."""

import os
import re
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ingester.embedded.processes import dying_with_us, make_way, postmaster_lines
from ingester.errors import EmbeddedPostgresError

PORT = "5432"  # no TCP: it only names the socket's file
NAME = "ingester"  # the database, and the role that owns it
READY_LINE = 7  # of postmaster.pid. Source: Postgres, miscadmin.h, LOCK_FILE_LINE_PM_STATUS
BUILTIN_LOCALE_SINCE = 17  # Source: Postgres 17 release notes
RECOVERY_S = 600.0  # a crashed server may have gigabytes of log to replay
STOP: tuple[tuple[signal.Signals, float], ...] = (
    (signal.SIGINT, 30),  # fast: disconnect, checkpoint
    (signal.SIGQUIT, 10),  # immediate: the next start replays the log
    (signal.SIGKILL, 10),
)


@dataclass(frozen=True, slots=True)
class Cluster:
    """A data directory and the binaries that serve it."""

    data_dir: Path
    bin_dir: Path

    @property
    def files(self) -> Path:
        """What initdb made."""
        return self.data_dir / "postgres"

    @property
    def socket(self) -> Path:
        """The directory of both sockets; a link to a shorter one where the path is too long."""
        return self.data_dir / "socket"

    @property
    def log(self) -> Path:
        """The server's words, and the keeper's."""
        return self.data_dir / "postgres.log"


def create(cluster: Cluster) -> None:
    """A new cluster with its database, complete or not there at all."""
    new = cluster.data_dir / "postgres.new"
    make_way(new)
    if new.exists():
        shutil.rmtree(new)
    password = secrets.token_urlsafe(24)
    wanted = [f"--username={NAME}", "--encoding=UTF8", "--data-checksums", *locale(cluster)]
    secret = ["--auth=scram-sha-256", "--pwfile=/dev/stdin"]
    run(cluster, "initdb", f"--pgdata={new}", *wanted, *secret, said=password)
    alone = ["--single", "-D", str(new), "-c", "exit_on_error=on", "postgres"]
    run(cluster, "postgres", *alone, said=f"CREATE DATABASE {NAME}\n")
    write_secret(new / "password", password)
    new.rename(cluster.files)
    synchronise(cluster.data_dir)


def locale(cluster: Cluster) -> list[str]:
    """Sorting by code point, the same on every machine and after its upgrades."""
    if major(cluster) < BUILTIN_LOCALE_SINCE:
        return ["--locale=C.UTF-8"]
    return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]


def major(cluster: Cluster) -> int:
    """The binaries' major version."""
    return int(re.findall(r"\d+", run(cluster, "postgres", "--version"))[0])


def check_owner(cluster: Cluster) -> None:
    """Raise EmbeddedPostgresError where the files are another user's, which Postgres won't serve."""
    owner = cluster.files.stat().st_uid
    if owner != os.geteuid():
        raise EmbeddedPostgresError(
            f"{cluster.files} belongs to uid {owner}, this is uid {os.geteuid()}: "
            "run as that user, or choose another data directory"
        )


def check_version(cluster: Cluster) -> None:
    """Raise EmbeddedPostgresError where the files are another major version's than the binaries."""
    theirs, ours = (cluster.files / "PG_VERSION").read_text("utf-8").strip(), major(cluster)
    if theirs != str(ours):
        raise EmbeddedPostgresError(
            f"{cluster.files} was written by Postgres {theirs}, this program brings {ours}: "
            f"dump it with {theirs} and restore it into a new data directory, or run pg_upgrade"
        )


def write_secret(path: Path, secret: str) -> None:
    """A file for our eyes only, on the disk before anything refers to it."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    synchronise(path.parent)


def synchronise(directory: Path) -> None:
    """Make renames in a directory survive a power cut."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def start(cluster: Cluster, sockets: Path) -> subprocess.Popen[bytes]:
    """A server that accepts connections."""
    for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
        (sockets / name).unlink(missing_ok=True)  # a dead server's; its pid may be another's now
    said_before = cluster.log.stat().st_size
    server = subprocess.Popen(  # noqa: S603 - our own arguments, no shell
        [cluster.bin_dir / "postgres", "-D", cluster.files, *options(sockets)],
        stdin=subprocess.DEVNULL,
        env=environment(),
        preexec_fn=dying_with_us(signal.SIGQUIT),  # noqa: PLW1509 - this process has one thread
    )
    give_up = time.monotonic() + RECOVERY_S
    while not is_ready(cluster, server.pid):
        if server.poll() is not None or time.monotonic() > give_up:
            stop(server)
            raise EmbeddedPostgresError(
                f"Postgres did not start on {cluster.files}:\n{tail(cluster, said_before)}"
            )
        time.sleep(0.01)
    return server


def options(sockets: Path) -> Iterator[str]:
    """What must hold whatever postgresql.conf says; memory is Postgres's own modest default."""
    quoted = '"' + str(sockets).replace('"', '""') + '"'
    for setting in (
        "listen_addresses=",
        f"port={PORT}",
        f"unix_socket_directories={quoted}",
        "unix_socket_permissions=0700",
        "fsync=on",
        "full_page_writes=on",
        "synchronous_commit=on",
        "logging_collector=off",
        "timezone=UTC",
        "log_timezone=UTC",
    ):
        yield from ("-c", setting)


def is_ready(cluster: Cluster, pid: int) -> bool:
    """Whether this very process says that it takes connections. Source: pg_ctl does so."""
    lines = postmaster_lines(cluster.files)
    return lines[:1] == [str(pid)] and [line.strip() for line in lines[READY_LINE:]] == ["ready"]


def tail(cluster: Cluster, said_before: int) -> str:
    """The last lines of the log since it had so many bytes."""
    with cluster.log.open("rb") as log:
        log.seek(said_before)
        said = log.read().decode(errors="replace").strip()
    return "\n".join(said.splitlines()[-20:])[-3000:]


def stop(server: subprocess.Popen[bytes]) -> None:
    """Bring the server down: kindly, then less so."""
    for signal_, seconds in STOP:
        server.send_signal(signal_)
        with suppress(subprocess.TimeoutExpired):
            server.wait(seconds)
            return


def run(cluster: Cluster, program: str, *arguments: str, said: str = "") -> str:
    """A program's output; EmbeddedPostgresError with its complaint where it fails."""
    done = subprocess.run(  # noqa: S603 - our own arguments, no shell
        [cluster.bin_dir / program, *arguments],
        input=said,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        env=environment(),
        preexec_fn=dying_with_us(signal.SIGKILL),
    )
    if done.returncode:
        complaint = (done.stderr.strip() or f"exit status {done.returncode}")[-3000:]
        raise EmbeddedPostgresError(f"{program} failed on {cluster.data_dir}:\n{complaint}")
    return done.stdout


def environment() -> dict[str, str]:
    """Ours, less what Postgres would take for its settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}
