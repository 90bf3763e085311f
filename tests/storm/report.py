"""What a storm is to be, what it was and what it left; the report as a table."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

from tests.storm.faults import FAULTS, PAUSE

_OLDEST_S = 60
"""A claim outlives its lease while its host's turn is held by a killed service too, or all are down."""

_MOST_SHOWN = 20

_LONG, _PAUSES, _SNAPSHOTS = 10_000, 1000, 5000
"""Faults of the long storm, and how many pauses and snapshots there must be in it."""


@dataclass(frozen=True)
class Weather:
    """How much of what, the same for the same seed; `broken` names a variant that must be caught.

    `inputs` are bad ones: pages published, and feeds served. `visits_s` are the ages at which a page is
    visited, in seconds; `slow_s` is how long each page takes.
    """

    faults: int
    stories: int
    seed: int
    inputs: int = 0
    gap_s: float = 0.15
    kinds: Sequence[str] = tuple(FAULTS)
    broken: str | None = None
    visits_s: tuple[float, ...] = (4, 12)
    slow_s: float = 0


@dataclass
class Report:
    """What the storm was, and what it left; `found` says by promise where it was broken."""

    weather: Weather
    struck: Counter[str] = field(default_factory=Counter)
    bad_pages: Counter[str] = field(default_factory=Counter)
    bad_feeds: Counter[str] = field(default_factory=Counter)
    states: Mapping[str, int] = field(default_factory=dict)
    found: dict[str, list[str]] = field(default_factory=dict)
    seen: int = 0
    reported: int = 0
    revisions: int = 0
    requests: int = 0
    duplicated: int = 0
    stuck: int = 0
    overlaps: int = 0
    early: int = 0
    trespasses: int = 0
    uncaught: int = 0
    with_nul: int = 0
    oldest_claim_s: float = 0
    snapshots: int = 0
    broken_snapshots: int = 0
    left_processes: int = 0
    starts: int = 0
    changed_by_rerun: int = 0
    seconds: float = 0

    def faults(self) -> Iterator[str]:
        """Each promise that was broken."""
        for promise, found in self.found.items():
            for each in found[:_MOST_SHOWN]:
                yield f"{promise} ({len(found)}): {each}"
        for name in ("duplicated", "stuck", "overlaps", "early", "trespasses", "uncaught", "with_nul",
                     "broken_snapshots", "left_processes", "changed_by_rerun"):  # fmt: skip
            if getattr(self, name):
                yield f"{name}: {getattr(self, name)}"
        if self.oldest_claim_s > _OLDEST_S:
            yield f"oldest claim: {self.oldest_claim_s:.0f} s"
        if self.weather.faults >= _LONG and self.struck[PAUSE] < _PAUSES:
            yield f"too few pauses: {self.struck[PAUSE]}"
        if self.weather.faults >= _LONG and self.snapshots < _SNAPSHOTS:
            yield f"too few snapshots: {self.snapshots}"

    def _held(self) -> Iterator[tuple[str, object]]:
        """What was held against the outside record."""
        yield from (("bad pages", self.bad_pages.total()), ("  kinds", len(self.bad_pages)))
        yield from (("bad feeds", self.bad_feeds.total()), ("  kinds", len(self.bad_feeds)))
        yield "URLs published", self.seen
        yield "URLs held, those of bad feeds too", sum(self.states.values())
        yield from ((f"  {state}", number) for state, number in sorted(self.states.items()))
        yield "reported stored by a service", self.reported
        yield "later revisions", self.revisions
        yield "requests to the outlets", self.requests
        for promise, words in _PROMISES.items():
            kept = self.found.get(promise, ())
            yield words, len(kept) if promise in self.found else getattr(self, promise, "not tried")
        yield "snapshots read", self.snapshots
        yield "starts of the two services", self.starts
        yield "oldest claim, s", round(self.oldest_claim_s)
        yield "time, s", round(self.seconds)


_PROMISES = {
    "lost": "lost",
    "unread": "said to be stored, and were not",
    "duplicated": "duplicated",
    "stuck": "stuck",
    "stale": "stale",
    "put_back": "older versions put back",
    "mistaken": "changes of another kind than told",
    "unaccounted": "not accounted for, or with a fate not chosen",
    "misread": "bad feeds read otherwise than they must be",
    "overlaps": "requests before the last was answered",
    "early": "requests before a host's pause was over",
    "trespasses": "requests that robots.txt disallows",
    "uncaught": "errors that nobody caught",
    "with_nul": "rows with NUL",
    "broken_snapshots": "snapshots with a broken story",
    "drift": "articles or groups other than undisturbed",
    "changed_by_rerun": "tables changed by a re-run",
    "left_processes": "processes left behind",
}
"""What must be nothing, in words."""


def show(report: Report) -> None:
    """Print faults of each kind, then what was held against the outside record, then what is broken."""
    console = Console(width=110)
    struck = [*sorted(report.struck.items()), ("all faults", report.struck.total())]
    console.print(_table(("fault", "struck"), struck))
    console.print(_table(("outcome", "number"), report._held()))
    for fault in report.faults():
        console.print(f"BROKEN: {fault}", style="red", markup=False)


def _table(
    header: tuple[str, str], rows: "Sequence[tuple[str, object]] | Iterator[tuple[str, object]]"
) -> Table:
    made = Table(header[0])
    made.add_column(header[1], justify="right")
    for name, value in rows:
        made.add_row(name, f"{value:,}" if isinstance(value, int) else str(value))
    return made
