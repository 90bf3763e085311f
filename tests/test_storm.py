"""The storm, small enough for each run; `make storm` raises the long one."""

from pathlib import Path

import pytest

from tests.storm.storm import Weather, run

PAUSE = "SIGSTOP of a service, past its lease"
KILL = "SIGKILL of a service"


def test_a_storm_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    report = run(Weather(faults=600, stories=100, seed=5, inputs=400, gap_s=0.08), tmp_path)
    assert not list(report.faults())
    assert report.published >= 250
    assert report.snapshots >= 100


@pytest.mark.parametrize(
    ("variant", "kind", "promise"),
    [("ack_before_commit", KILL, "lost"), ("no_fencing", PAUSE, "duplicated")],
)
def test_the_storm_catches_what_is_broken_on_purpose(
    variant: str, kind: str, promise: str, tmp_path: Path
) -> None:
    weather = Weather(faults=8, stories=60, seed=1, gap_s=1.5, kinds=(kind,), broken=variant)
    report = run(weather, tmp_path)
    assert getattr(report, promise) > 0
