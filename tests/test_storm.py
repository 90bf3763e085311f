"""The storm, small enough for each run; `make storm` raises the long one."""

from pathlib import Path

import pytest

from tests.storm import broken
from tests.storm.__main__ import main
from tests.storm.broken import BROKEN, caught
from tests.storm.report import Weather, show
from tests.storm.storm import run


def test_a_storm_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    report = run(Weather(faults=600, stories=45, seed=5, inputs=300, gap_s=0.06), tmp_path)
    show(report)
    assert not list(report.faults())
    assert report.seen >= 150
    assert report.revisions >= 30


@pytest.mark.parametrize("variant", BROKEN)
def test_the_storm_catches_what_is_broken_on_purpose(variant: str, tmp_path: Path) -> None:
    assert caught(variant, tmp_path)


def test_a_variant_that_no_storm_catches_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(broken, "caught", lambda variant, _: variant != "no_fencing")
    assert main(["--variants"]) == 1
    told = capsys.readouterr().out.splitlines()
    assert [line for line in told if "not caught" in line] == ["no_fencing: not caught"]
    monkeypatch.setattr(broken, "caught", lambda *_: True)
    assert main(["--variants"]) == 0
