"""Look-up and placement as an archive grows: `python -m benchmarks.growth [--sizes 10000,100000]`.

The first 10,000 articles are real texts retold by a seeded generator (other names, edited copies),
imported by the product, and then spread over the days of the window. Larger archives are that one
many times over, each time about other things (benchmarks/replicas.py). At each size the same number
of new articles is placed by the product, one after the other, after some that warm the caches.
"""

import argparse
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import text

from benchmarks import replicas
from benchmarks.clock import Cost, timed
from benchmarks.made import articles
from benchmarks.path import archive, resident_mb
from ingester import embedded, pipeline, store
from ingester.engine import Processes
from ingester.models import Imported, Page, Signed
from ingester.store.archive import run

BASE = 10_000
PROBES, WARM = 300, 50
COLUMNS = (
    "articles | look-up, ms p50 / p95, of CPU | placement, ms p50 / p95, of CPU "
    "| key bytes an article | MB"
)
SPREAD = (
    "SELECT ensure_key_week(current_date - d) FROM generate_series(1, :days - 1) d",
    "UPDATE signature_key SET day = current_date - CAST(article_id % :days AS int)",
    "UPDATE term_key SET day = current_date - CAST(article_id % :days AS int)",
    "UPDATE signature SET day = current_date - CAST(article_id % :days AS int)",
)


def look_up(held: store.Archive, sought: Signed) -> None:
    """The search for an article's candidates."""
    rule = held.settings.grouping
    today = datetime.now(UTC).date()
    since = today - timedelta(days=rule.window_days)
    with held.engine.begin() as connection:
        run(connection, "lock_placing")
        run(connection, "candidates", self=0, keys=list(sought.keys), term_keys=list(sought.term_keys),
            body_sha256=sought.body_sha256, today=today, since=since, bucket=rule.bucket,
            term_bucket=rule.term_bucket, candidates=rule.candidates)  # fmt: skip


def probe(held: store.Archive, probes: Sequence[tuple[Imported, Page, Signed]]) -> list[str]:
    """One row of the table: look-up and placement of new articles in the archive as it stands."""
    looked: list[Cost] = []
    placed: list[Cost] = []
    for entry, page, signed in probes:
        with timed(held, looked):
            look_up(held, signed)
        with timed(held, placed):
            assert pipeline.settle(held, entry, page, signed) == "stored"
    with held.engine.connect() as connection:
        stored = connection.execute(text("SELECT count(*) FROM article")).scalar_one()
        size = connection.execute(text(
            "SELECT sum(pg_total_relation_size(inhrelid)) + pg_total_relation_size('stop_key') "
            "FROM pg_inherits "
            "WHERE inhparent IN ('signature_key'::regclass, 'term_key'::regclass)"
        )).scalar_one()  # fmt: skip
    return [f"{stored:,}", _percentiles(looked), _percentiles(placed),
            f"{size / stored:,.0f}", f"{resident_mb():.0f}"]  # fmt: skip


def _percentiles(costs: Sequence[Cost]) -> str:
    series = [[cost.wall for cost in costs], [cost.cpu for cost in costs]]
    return ", ".join(
        f"{statistics.median(each):.1f} / {statistics.quantiles(each, n=20)[-1]:.1f}"
        for each in series
    )


def maintain(held: store.Archive, *statements: str) -> None:
    """What autovacuum would do by and by, or more."""
    with held.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def fill(held: store.Archive, engine: Processes) -> None:
    """The base, by the product's own import, and arrived on all days of the window."""
    for _ in pipeline.import_pages(held, engine, articles(1, BASE)):
        pass
    with held.engine.begin() as connection:
        for statement in SPREAD:
            connection.execute(text(statement), {"days": held.settings.grouping.window_days})
        replicas.keep(connection)
    maintain(held, "VACUUM FULL")  # the rows that moved left holes that no archive has


def signed(
    held: store.Archive, engine: Processes, seed: int
) -> list[tuple[Imported, Page, Signed]]:
    """New articles, read and signed."""
    made = list(articles(seed, PROBES))
    results = engine.map(pipeline.preparation(held), [page for _, page in made])
    return [
        (*item, result)
        for item, result in zip(made, results, strict=True)
        if isinstance(result, Signed)
    ]


def measure(held: store.Archive, engine: Processes, sizes: Sequence[int]) -> Iterator[list[str]]:
    """A row for each size of the archive, as soon as it is measured."""
    grown = 0
    for number, size in enumerate(sizes):
        began, wanted = time.perf_counter(), size // BASE - 1
        if wanted > grown:
            with held.engine.begin() as connection:
                replicas.grow(connection, grown + 1, wanted)
            grown = wanted
        maintain(held, "VACUUM ANALYZE", "CHECKPOINT")
        print(f"grown to {size:,} in {time.perf_counter() - began:.0f} s", file=sys.stderr)
        probe(held, signed(held, engine, 100 + number)[:WARM])
        yield probe(held, signed(held, engine, 200 + number))


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="10000,100000,1000000")
    sizes = [int(size) for size in parser.parse_args().sizes.split(",")]
    with (
        tempfile.TemporaryDirectory() as folder,
        embedded.running(Path(folder)) as url,
        archive(url, 1) as held,
        Processes(held.settings.extract) as engine,
    ):
        fill(held, engine)
        print(COLUMNS)
        for row in measure(held, engine, sizes):
            print(" | ".join(row), flush=True)


if __name__ == "__main__":
    main()
