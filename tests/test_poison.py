"""Poison among honest pages, small enough for each run; `make bench-poison` has the long stream."""

from pathlib import Path

from benchmarks.poison import poisoned


def test_poison_costs_three_crashes_and_no_other_page(server: str, tmp_path: Path) -> None:
    flow, crashes = poisoned(tmp_path, server, pages=20, every=20)
    assert flow.fates == {"stored": 19, "quarantined: crashed": 1}
    assert crashes == 3
