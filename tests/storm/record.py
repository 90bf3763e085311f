"""The outside record: what each URL must become, and what the outlets say, written down before they say it.

Nothing of it comes from the database, and nothing of it goes there.
"""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self


@dataclass(frozen=True)
class Version:
    """What a page says for a while: its lines in order, and below them its outlet's own, which is learned.

    Of a bad page no more is known than which lines it must give, be it all or one at least.
    """

    lines: tuple[str, ...]
    author: str | None = None
    foot: str = ""
    holds: Literal["whole", "with", "part"] = "whole"

    def is_text(self, text: str) -> bool:
        """Whether an article says this, and nothing else but what else a bad page may give."""
        if self.holds == "whole":
            return text == "\n\n".join(self.lines)
        return (all if self.holds == "with" else any)(line in text for line in self.lines)

    def was_text(self, text: str) -> bool:
        """The same of an article that was read before the outlet's line was learned."""
        return self.is_text(text.removesuffix(f"\n\n{self.foot}")) or self.is_text(text)


@dataclass(frozen=True)
class Fate:
    """What a URL must become, chosen as it is made; of one that is stored, where its article stands."""

    state: Literal["stored", "skipped", "quarantined"]
    reason: str | None = None
    at: str | None = None


@dataclass(frozen=True)
class Served:
    """A version of a page that was served to a service, at a time in seconds of the epoch."""

    at: float
    version: int


class Record:
    """The log file, open while the `with` block runs; one line for each thing that an outlet says."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sink = path.open("a")
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._sink.close()

    def listed(self, feed: str, urls: Sequence[str]) -> None:
        """A feed is about to list these, which it never listed before."""
        self._write(said="listed", feed=feed, urls=urls)

    def fed(self, feed: str, *read_as: str) -> None:
        """A bad feed is about to be served; how it must be read, be it one or the other."""
        self._write(said="fed", feed=feed, read_as=read_as)

    def served(self, url: str, version: int, client: str) -> None:
        """A version of a page is about to be served, or told not to have changed."""
        self._write(said="served", url=url, version=version, client=client)

    def all_listed(self) -> set[str]:
        """All that was ever listed by the outlets' own feeds."""
        return {url for line in self._lines("listed") for url in line["urls"]}

    def all_fed(self) -> dict[str, list[list[str]]]:
        """By feed, how those must be read that were served, in order."""
        found: dict[str, list[list[str]]] = {}
        for line in self._lines("fed"):
            found.setdefault(line["feed"], []).append(line["read_as"])
        return found

    def all_served(self) -> dict[tuple[str, str], list[Served]]:
        """By page and client, what was served, in order."""
        found: dict[tuple[str, str], list[Served]] = {}
        for line in self._lines("served"):
            what = Served(line["at"], line["version"])
            found.setdefault((line["url"], line["client"]), []).append(what)
        return found

    def _write(self, **facts: object) -> None:
        with self._lock:
            self._sink.write(json.dumps({"at": time.time(), **facts}) + "\n")
            self._sink.flush()

    def _lines(self, said: str) -> Iterator[dict[str, Any]]:
        with self._path.open() as lines:
            told = (json.loads(line) for line in lines)
            yield from (line for line in told if line["said"] == said)
