"""Pages a second: bare trafilatura beside the whole path into Postgres, in one run; and memory.

    python -m benchmarks.path [--rounds 15] [--pages 237] [--no-memory]

Both sides get the same real pages, the same number of processes, and the same settings of
trafilatura (fast, no comments, with metadata, as the product delivers metadata too). The whole path
is `pipeline.import_pages`: read, strip, sign, place, into an empty schema of an embedded Postgres.
"""

import argparse
import gzip
import json
import logging
import multiprocessing
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from rich.console import Console
from rich.table import Table
from sqlalchemy import text
from wordfreq import top_n_list

from ingester import embedded, importing, pipeline, settings, store
from ingester.engine import Processes
from ingester.models import Imported, Page, Signed
from ingester.store import schema

DATA = Path(__file__).parent.parent.parent / "shared" / "data" / "pages.jsonl.gz"
Row = dict[str, Any]
WARM = 3
"""Passes before the clock starts."""
WARM_UP_S = 600
"""For one process to read every page."""


def bare(row: Row) -> int:
    """The length of what trafilatura finds alone."""
    from trafilatura import bare_extraction  # noqa: PLC0415 - in the child that measures it
    from trafilatura.settings import Document  # noqa: PLC0415 - as above

    found = bare_extraction(
        row["html"], url=row["url"], fast=True, include_comments=False, with_metadata=True
    )
    return len(found.text or "") if isinstance(found, Document) else 0


@contextmanager
def bare_passes(rows: list[Row], processes: int) -> Iterator[Callable[[], float]]:
    """A pass of bare trafilatura over all pages, to be called time and again: pages a second."""

    def run() -> float:
        began = time.perf_counter()
        pool.map(bare, rows, chunksize=1)
        return len(rows) / (time.perf_counter() - began)

    with multiprocessing.get_context("forkserver").Pool(processes) as pool:
        for _ in range(WARM):
            run()
        yield run


def items(rows: Iterable[Row]) -> Iterator[importing.Item]:
    for row in rows:
        entry = Imported(row["url"], None, None, None)
        yield entry, Page(row["url"], row["html"].encode(), "text/html", "utf-8", datetime.now(UTC))


def all_of(pages: list[Page], prepare: pipeline.Prepare) -> int:
    """How many of the pages are articles: all read by one process."""
    return sum(isinstance(prepare(page), Signed) for page in pages)


@contextmanager
def archive(url: str, processes: int) -> Iterator[store.Archive]:
    """An empty archive in a schema of its own."""
    chosen = settings.read(extract={"processes": processes})
    name = f"bench_{os.getpid()}_{time.monotonic_ns()}"
    engine = store.connect(url, chosen, name)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    schema.install(engine)
    try:
        yield store.open_archive(engine, chosen, schema.latest())
    finally:
        with engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
        engine.dispose()


@contextmanager
def whole_passes(url: str, rows: list[Row], processes: int) -> Iterator[Callable[[], float]]:
    """A pass of the whole path over all pages into an empty archive: pages a second."""

    def run() -> float:
        with archive(url, processes) as held:
            began = time.perf_counter()
            done = sum(1 for _ in pipeline.import_pages(held, engine, items(rows)))
            assert done == len(rows)
            return done / (time.perf_counter() - began)

    patient = settings.read(
        extract={"processes": processes, "cpu_s": WARM_UP_S, "deadline_s": WARM_UP_S}
    )
    with archive(url, processes) as first, Processes(patient.extract) as engine:
        # each process reads every page: a service's have long met every language, whose words each
        # of them has to learn
        warm_up = partial(all_of, prepare=pipeline.preparation(first))
        counts = list(engine.map(warm_up, [[page for _, page in items(rows)]] * processes))
        assert len(set(counts)) == 1, counts
        for _ in range(WARM - 1):
            run()
        yield run


def compare(url: str, rows: list[Row], rounds: int, console: Console) -> None:
    """Both sides, turn about: what else the machine does meets both."""
    table = Table("processes", "bare trafilatura", "whole path", "ratio", "ratios of the rounds")
    for processes in (1, 2):
        with (
            bare_passes(rows, processes) as alone,
            whole_passes(url, rows, processes) as whole,
        ):
            pairs = [(alone(), whole()) for _ in range(rounds)]
        ratios = [path / bare for bare, path in pairs]
        table.add_row(
            str(processes),
            f"{statistics.median(bare for bare, _ in pairs):.1f} pages/s",
            f"{statistics.median(path for _, path in pairs):.1f} pages/s",
            f"{statistics.median(ratios):.2f}",
            " ".join(f"{ratio:.2f}" for ratio in ratios),
        )
    console.print(table)


def resident_mb() -> float:
    """The resident memory of this process and its children, in MB."""
    own, total = os.getpid(), 0.0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            facts = dict(
                line.split(":", 1) for line in status.read_text().splitlines() if ":" in line
            )
        except OSError:
            continue
        if own in {int(facts["Pid"]), int(facts["PPid"])} and "VmRSS" in facts:
            total += int(facts["VmRSS"].split()[0]) / 1024
    return total


def made_articles(count: int) -> Iterator[importing.Item]:
    """Articles of random words, by a fixed seed: each as long as a usual report, and about nothing."""
    chance = random.Random(7)  # noqa: S311 - a benchmark's texts
    words = [word for word in top_n_list("en", 40_000) if word.isalpha()]
    for number in range(count):
        lines = [" ".join(chance.choices(words, k=30)).capitalize() + "." for _ in range(12)]
        values = {"url": f"https://made{number % 50}.example/{number}", "text": "\n\n".join(lines)}
        yield importing.row(json.dumps(values).encode(), f"made#{number}")


def memory(url: str, console: Console) -> None:
    peak, at = 0.0, {}
    began = time.perf_counter()
    with archive(url, 2) as held, Processes(held.settings.extract) as engine:
        results = pipeline.import_pages(held, engine, made_articles(10_000))
        for number, _ in enumerate(results, start=1):
            if number % 100 == 0:
                peak = max(peak, resident_mb())
            if number in {1_000, 10_000}:
                at[number] = peak
    seconds = time.perf_counter() - began
    console.print(
        f"peak memory of the program and its children: {at[1_000]:.0f} MB after 1,000 articles, "
        f"{at[10_000]:.0f} MB after 10,000 ({at[10_000] / at[1_000]:.2f}x); "
        f"{10_000 / seconds:.0f} articles/s without HTML"
    )


def main() -> None:
    # each round skips the same pages that are no articles
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--pages", type=int, default=237)
    parser.add_argument("--no-memory", action="store_true")
    chosen = parser.parse_args()
    if not DATA.exists():
        sys.exit(f"the pages are not there: {DATA.name}; this benchmark needs them")
    with gzip.open(DATA) as lines:
        rows = [json.loads(line) for line in lines][: chosen.pages]
    console = Console(width=110)
    with tempfile.TemporaryDirectory() as folder, embedded.running(Path(folder)) as url:
        compare(url, rows, chosen.rounds, console)
        if not chosen.no_memory:
            memory(url, console)


if __name__ == "__main__":
    main()
