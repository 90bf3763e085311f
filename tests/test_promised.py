"""Benchmarks judge: they say what is not kept, and end with an exit code that says so."""

import math

import pytest

from benchmarks import alike, seeds
from benchmarks.made import DATA
from benchmarks.promised import Promise, judge
from ingester import store
from ingester.settings import Grouping


def test_the_sample_articles_are_on_the_right_side_of_each_threshold(
    capsys: pytest.CaptureFixture[str],
) -> None:
    seeds.main()
    told = capsys.readouterr().out
    assert told.count("as gold.json in 120 of 120 orders") == 4
    assert "120 of 120 promises are kept" in told


def test_a_threshold_that_is_passed_is_named() -> None:
    with pytest.raises(SystemExit) as ended:
        seeds.main(Grouping(event_join=0.28))
    assert "not kept: 000-004, event_score, raw, dated" in str(ended.value.code)


@pytest.mark.parametrize("found", [math.nan, 0.5, -1.0])
def test_what_is_not_kept_is_named(found: float) -> None:
    with pytest.raises(SystemExit, match="precision"):
        judge([Promise("recall", 0.9, 0.9), Promise("precision", found, 0.9)])
    judge([Promise("cost", 0.1, 0.1, most=True)])


@pytest.mark.skipif(not DATA.exists(), reason=f"no texts to make articles of in {DATA}")
def test_a_page_that_takes_too_long_is_named(archive: store.Archive) -> None:
    promises = alike.run(archive, pages=20, usual=20)
    with pytest.raises(SystemExit, match="10, boilerplate above, last tenth to usual"):
        judge([promise._replace(bound=0.01) for promise in promises])
