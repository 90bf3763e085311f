"""An outlet on loopback that publishes reports, and the program run as people run it."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from wordfreq import top_n_list

from tests.loopback import Answer, Loopback


@cache
def _words() -> list[str]:
    return [word for word in top_n_list("en", 4000) if word.isalpha() and len(word) > 2]


def report(number: int) -> tuple[str, str]:
    """A headline and a text that no other number gives: common words in random order."""
    chance = random.Random(number)
    lines = [" ".join(chance.choices(_words(), k=24)).capitalize() + "." for _ in range(6)]
    return f"Report {number}: {' '.join(chance.choices(_words(), k=6))}", "\n\n".join(lines)


def page(number: int) -> bytes:
    """The report as a page, with an outlet's furniture around it."""
    title, body = report(number)
    paragraphs = "".join(f"<p>{line}</p>" for line in body.split("\n\n"))
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{title}</title></head><body>"
        f"<nav><a href=/>Home</a> <a href=/news>News</a></nav><article><h1>{title}</h1>{paragraphs}</article>"
        "<footer>Copyright of the newsroom. All rights reserved.</footer></body></html>"
    ).encode()


def feed(urls: Sequence[str]) -> bytes:
    """An RSS feed that lists these links."""
    items = "".join(f"<item><title>Item</title><link>{url}</link></item>" for url in urls)
    channel = f"<channel><title>Room</title>{items}</channel>"
    return f'<?xml version="1.0"?><rss version="2.0">{channel}</rss>'.encode()


class Newsroom(Loopback):
    """A loopback server with a feed at /feed.xml that lists what was published."""

    def __init__(self, first: int) -> None:
        super().__init__()
        self._number = first
        self._urls: list[str] = []
        self.publish(0)

    def publish(self, count: int) -> None:
        """Put so many new reports online, and into the feed."""
        for _ in range(count):
            path = f"/{self._number}.html"
            self.routes[path] = Answer(200, {"Content-Type": "text/html"}, page(self._number))
            self._urls.append(self.url(path))
            self._number += 1
        self.routes["/feed.xml"] = Answer(
            200, {"Content-Type": "application/rss+xml"}, feed(self._urls)
        )


class Program:
    """The `ingester` command on one database, with quick intervals and loopback allowed."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self._config = folder / "ingester.toml"
        self._config.write_text(
            "[poll]\ninterval_s = 1\n"
            '[fetch]\nhost_delay_s = 0\nallow_networks = ["127.0.0.0/8"]\nmax_bytes = 2000000\n'
            "[retry]\nfirst_s = 0.2\nlease_s = 30\n"
            "[service]\ntick_s = 0.2\nport = 0\nlog = 'json'\n"
        )
        secret = folder / "database_url"
        secret.write_text(database_url)
        self._environment = {**os.environ, "DATABASE_URL_FILE": str(secret)}

    def run(self, *arguments: str, text: str | None = None) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end."""
        return subprocess.run(
            self._command(*arguments), env=self._environment, input=text, capture_output=True,
            text=True, timeout=120, check=False,
        )  # fmt: skip

    @contextmanager
    def running(self, *arguments: str, log: Path) -> "Iterator[subprocess.Popen[str]]":
        """A command that goes on while the block runs; its stderr goes to the log."""
        with log.open("w") as sink:
            process = subprocess.Popen(
                self._command("--verbose", *arguments),
                env=self._environment,
                stdout=sink,
                stderr=sink,
                text=True,
            )
            try:
                yield process
            finally:
                process.kill()
                process.wait()

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "ingester", "--config", str(self._config), *arguments]


def until(true: Callable[[], bool], seconds: float = 60) -> bool:
    """Wait until something is true; gives whether it is."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.02)
    return False
