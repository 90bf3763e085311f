"""The product's processes, as an operator would run them: started, signalled, started again."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psycopg
from sqlalchemy import URL, make_url

_PRODUCT = ("-m", "ingester")


class Ingester:
    """The command, on one database, with these settings."""

    def __init__(self, folder: Path, database: str, settings: str) -> None:
        folder.mkdir()
        self.config = folder / "ingester.toml"
        self.config.write_text(settings)
        self.environment = {**os.environ, "DATABASE_URL": database}

    def run(self, *arguments: str) -> None:
        """Run one command to its end; a refusal of the whole command is a fault of the test."""
        done = subprocess.run(
            [sys.executable, *_PRODUCT, "--config", str(self.config), *arguments],
            env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode < 2, done.stderr


class Service:
    """One `ingester run` that is started again whenever it has ended."""

    def __init__(
        self, config: Path, environment: Mapping[str, str], log: Path, program: Sequence[str]
    ) -> None:
        options = ("--config", str(config), "--verbose", "run")
        self._command = [sys.executable, *(program or _PRODUCT), *options]
        self._environment = dict(environment)
        self.log = log
        self.starts = 0
        self._awake_since = 0.0
        self._sessions: list[int] = []
        self._start()

    def _start(self) -> None:
        with self.log.open("a") as sink:
            self._process = subprocess.Popen(
                self._command, env=self._environment, stdout=sink, stderr=sink,
                start_new_session=True,
            )  # fmt: skip
        self.starts += 1
        self._sessions.append(self._process.pid)

    @property
    def pid(self) -> int:
        return self._process.pid

    def pause(self, for_s: float, awake_s: float) -> bool:
        """Stop it for a while, unless it is, or woke up less than `awake_s` ago; gives whether it was."""
        now = time.monotonic()
        if now < self._awake_since + awake_s or not self.signal(signal.SIGSTOP):
            return False
        self._awake_since = now + for_s
        return True

    def tend(self) -> None:
        """Start it again where it has ended, as systemd would."""
        if self._process.poll() is not None:
            self._start()

    def signal(self, number: signal.Signals) -> bool:
        """Send it a signal; gives whether it lived."""
        alive = self._process.poll() is None
        if alive:
            self._process.send_signal(number)
        return alive

    def child(self, chance: random.Random) -> int | None:
        """The process id of one of its children."""
        children = [pid for pid, session in sessions() if session == self.pid != pid]
        return chance.choice(children) if children else None

    def stop(self) -> int:
        """Let it drain and end; gives its exit code."""
        self._process.send_signal(signal.SIGCONT)
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def left(self) -> list[int]:
        """Processes that outlived the service that started them."""
        dead = set(self._sessions) - ({self.pid} if self._process.poll() is None else set())
        return [pid for pid, session in sessions() if session in dead]

    def sweep(self) -> None:
        """End whatever is left of it."""
        with suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait()
        for pid in self.left():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def sessions() -> Iterator[tuple[int, int]]:
    """Each living process and the session that it belongs to. Source: proc_pid_stat(5)."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state, _, _, session = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
            if state != "Z":
                yield int(folder.name), int(session)


def new_database(url: str, name: str) -> str:
    """The URL of an empty database on the server."""
    with psycopg.connect(_plain(make_url(url)), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return database_url(url, name)


def database_url(url: str, name: str) -> str:
    """The URL of a database on the server, as libpq takes it as well as the product does."""
    return _plain(make_url(url).set(database=name))


def _plain(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
