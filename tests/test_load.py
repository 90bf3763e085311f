"""A small load: what one service makes of it, and two, one of them stopped, killed and paused."""

from pathlib import Path

import pytest

from benchmarks.load import Load, Report, broken, differing, run
from benchmarks.made import DATA
from benchmarks.outlets import Size

LOAD = Load(Size(40, 20, 160), delay_s=0.1, deadline_s=2, lease_s=2, gap_s=2, pause_s=3)


@pytest.mark.skipif(not DATA.exists(), reason=f"no texts to retell in {DATA}")
def test_two_services_of_which_one_is_struck_make_what_one_makes(tmp_path: Path) -> None:
    reports: list[Report] = [report for _, report in run(LOAD, tmp_path)]
    for report in reports:
        report.memory_mb.clear()  # so few pages only warm it
        assert list(broken(report, LOAD)) == []
    assert reports[1].faults
    assert differing(*reports) == (0, 1)
