"""The storm, small enough for each run; `make storm` raises the long one."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.storm.faults import KILL, PAUSE
from tests.storm.report import Weather, show
from tests.storm.storm import run


def test_a_storm_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    report = run(Weather(faults=600, stories=45, seed=5, inputs=300, gap_s=0.06), tmp_path)
    show(report)
    assert not list(report.faults())
    assert report.seen >= 150
    assert report.revisions >= 30


PAUSES = Weather(faults=8, stories=60, seed=0, gap_s=1.5, kinds=(PAUSE,))
BROKEN = {
    "ack_before_commit": ("lost", replace(PAUSES, kinds=(KILL,))),
    "no_fencing": ("duplicated", PAUSES),
    "visit_without_token": (
        "unread",
        replace(PAUSES, faults=18, gap_s=1, visits_s=(1, 3, 6, 10, 15), slow_s=0.5),
    ),
}


@pytest.mark.parametrize("variant", BROKEN)
def test_the_storm_catches_what_is_broken_on_purpose(variant: str, tmp_path: Path) -> None:
    promise, weather = BROKEN[variant]
    assert any(promise in broken(replace(weather, seed=seed, broken=variant), tmp_path)
               for seed in range(3)), "chance may spare it once, not thrice"  # fmt: skip


def broken(weather: Weather, folder: Path) -> set[str]:
    """The promises that a storm saw broken."""
    within = folder / str(weather.seed)
    within.mkdir()
    report = run(weather, within)
    counted = {"duplicated"} if report.duplicated else set()
    return counted | {promise for promise, found in report.found.items() if found}
