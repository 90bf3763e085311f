"""`python -m tests.storm --faults 10000`: the storm at any length, its report as a table."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.storm.report import Weather, show
from tests.storm.storm import run


def main() -> int:
    """Run it; 1 where a promise was broken."""
    options = argparse.ArgumentParser(prog="python -m tests.storm", description=__doc__)
    options.add_argument("--faults", type=int, default=10_000)
    options.add_argument("--stories", type=int, help="reports to publish (default: a sixth)")
    options.add_argument("--inputs", type=int, help="bad pages and feeds (default: twice as many)")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument(
        "--gap", type=float, default=0.15, help="seconds between two faults, about"
    )
    options.add_argument("--keep", type=Path, help="a new folder for the logs and the database")
    given = options.parse_args()
    stories, inputs = given.stories or given.faults // 6, given.inputs or 2 * given.faults
    weather = Weather(given.faults, stories, given.seed, inputs, given.gap)
    with tempfile.TemporaryDirectory(prefix="storm-") as folder:
        where = given.keep or Path(folder)
        where.mkdir(exist_ok=True)
        report = run(weather, where)
    show(report)
    return int(any(report.faults()))


if __name__ == "__main__":
    sys.exit(main())
