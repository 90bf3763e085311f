"""The storm, small enough for each run; `make storm` raises the long one."""

from pathlib import Path

import pytest

from tests.storm.faults import KILL, PAUSE
from tests.storm.report import Weather, show
from tests.storm.storm import run


def test_a_storm_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    report = run(Weather(faults=600, stories=100, seed=5, inputs=400, gap_s=0.08), tmp_path)
    show(report)
    assert not list(report.faults())
    assert report.seen >= 300
    assert report.revisions >= 50


@pytest.mark.parametrize(
    ("variant", "kind", "promise"),
    [
        ("ack_before_commit", KILL, "lost"),
        ("no_fencing", PAUSE, "duplicated"),
    ],
)
def test_the_storm_catches_what_is_broken_on_purpose(
    variant: str, kind: str, promise: str, tmp_path: Path
) -> None:
    weather = Weather(faults=8, stories=60, seed=1, gap_s=1.5, kinds=(kind,), broken=variant)
    report = run(weather, tmp_path)
    assert report.found.get(promise) or getattr(report, promise)
