"""The storms that must catch what is broken on purpose, each in its variant of the product."""

from dataclasses import replace
from pathlib import Path

from tests.storm.faults import KILL, PAUSE
from tests.storm.report import Weather
from tests.storm.storm import run

_PAUSES = Weather(faults=8, stories=60, seed=0, gap_s=1.5, kinds=(PAUSE,))

BROKEN = {
    "ack_before_commit": ("lost", replace(_PAUSES, kinds=(KILL,))),
    "no_fencing": ("duplicated", _PAUSES),
    "visit_without_token": (
        "unread",
        replace(_PAUSES, faults=18, gap_s=1, visits_s=(1, 3, 6, 10, 15), slow_s=0.5),
    ),
}
"""Variants by name: the promise that each breaks, and the weather in which it does."""

_STORMS = 3
"""Chance may spare a variant once, not so often."""


def caught(variant: str, folder: Path) -> bool:
    """Whether a storm sees that a variant breaks its promise; its logs go to the folder."""
    promise, weather = BROKEN[variant]
    storms = (replace(weather, seed=seed, broken=variant) for seed in range(_STORMS))
    return any(promise in _broken(storm, folder / variant) for storm in storms)


def _broken(weather: Weather, folder: Path) -> set[str]:
    """The promises that a storm saw broken."""
    within = folder / str(weather.seed)
    within.mkdir(parents=True)
    report = run(weather, within)
    counted = {"duplicated"} if report.duplicated else set()
    return counted | {promise for promise, found in report.found.items() if found}
