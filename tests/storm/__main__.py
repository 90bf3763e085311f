"""`python -m tests.storm --faults 10000`: the storm at any length, its report as a table.

`--variants` instead raises the short storms that must catch what is broken on purpose.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from tests.storm import broken
from tests.storm.report import Weather, show
from tests.storm.storm import run


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; 1 where a promise was broken, or a broken variant not caught."""
    options = argparse.ArgumentParser(prog="python -m tests.storm", description=__doc__)
    options.add_argument("--faults", type=int, default=10_000)
    options.add_argument("--stories", type=int, help="reports to publish (default: a sixth)")
    options.add_argument("--inputs", type=int, help="bad pages and feeds (default: twice as many)")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument(
        "--gap", type=float, default=0.15, help="seconds between two faults, about"
    )
    options.add_argument("--keep", type=Path, help="a new folder for the logs and the database")
    options.add_argument(
        "--variants", action="store_true", help="catch each broken variant instead"
    )
    given = options.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="storm-") as folder:
        where = given.keep or Path(folder)
        where.mkdir(exist_ok=True)
        return _variants(where) if given.variants else _storm(given, where)


def _storm(given: argparse.Namespace, where: Path) -> int:
    stories, inputs = given.stories or given.faults // 6, given.inputs or 2 * given.faults
    weather = Weather(given.faults, stories, given.seed, inputs, given.gap)
    report = run(weather, where)
    show(report)
    return int(any(report.faults()))


def _variants(where: Path) -> int:
    found = {}
    for variant in broken.BROKEN:
        found[variant] = broken.caught(variant, where)
        click.echo(f"{variant}: {'caught' if found[variant] else 'not caught'}")
    return int(not all(found.values()))


if __name__ == "__main__":
    sys.exit(main())
