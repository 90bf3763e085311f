"""Look-up and placement as an archive grows: `python -m benchmarks.growth [--sizes 10000,100000]`.

The second part of `make bench-grouping`, apart because it takes long. The first 2,500 articles are real texts
retold by a seeded generator (other names, edited copies), imported by the product; then their keys are
inserted anew, as if they had come on all days of the window.
Larger archives are that one many times over, each time about other things (benchmarks/replicas.py). At
each size the same number of new articles is placed by the product, one after the other, after some that
warm the caches. The exit code is 1 where a limit is broken.
"""

import argparse
import logging
import statistics
import sys
import tempfile
import time
from array import array
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import structlog
from sqlalchemy import text

from benchmarks import replicas
from benchmarks.clock import Cost, timed
from benchmarks.made import articles
from benchmarks.path import archive, resident_mb
from benchmarks.promised import Promise, judge
from ingester import embedded, pipeline, store
from ingester.engine import Processes
from ingester.models import Imported, Page, Signed
from ingester.store.archive import run

BASE = 2_500
PROBES, WARM = 300, 50
MOST_SLOWER = 1.5
"""Times as much CPU time as in the first archive may a placement's p95 take in a larger one."""
MOST_BYTES = 4096  # of keys and their indexes, an article
MEMORY_BAND = 0.1  # of the process, around that in the first archive
COLUMNS = (
    "articles | look-up, ms p50 / p95, of CPU | placement, ms p50 / p95, of CPU "
    "| key bytes an article | MB"
)
SPREAD = (
    "SELECT ensure_key_week(current_date - d) FROM generate_series(1, :days - 1) d",
    "UPDATE signature SET day = current_date - CAST(article_id % :days AS int)",
    """CREATE TEMP TABLE arrived ON COMMIT DROP AS
       SELECT s.day, k.article_id, k.keys FROM signature_key k JOIN signature s USING (article_id)""",
    "TRUNCATE signature_key, term_key",
    """INSERT INTO signature_key (day, article_id, keys)
       SELECT day, article_id, keys FROM arrived ORDER BY day, article_id""",
    """INSERT INTO term_key (article_id, key, day)
       SELECT s.article_id, k, s.day FROM signature s CROSS JOIN unnest(s.term_keys) k
       ORDER BY s.day, s.article_id""",
)


class Measured(NamedTuple):
    """An archive of one size: what new articles took in it, and what it takes itself."""

    articles: int
    looked: list[Cost]
    placed: list[Cost]
    key_bytes: float
    resident_mb: float

    def row(self) -> str:
        """As a row of the table."""
        costs = (_percentiles(self.looked), _percentiles(self.placed))
        return " | ".join(
            [f"{self.articles:,}", *costs, f"{self.key_bytes:,.0f}", f"{self.resident_mb:.0f}"]
        )

    def promises(self, first: "Measured") -> Iterator[Promise]:
        """What its figures have to be, beside the first archive."""
        slower = _p95_cpu(self.placed) / _p95_cpu(first.placed)
        memory = abs(self.resident_mb / first.resident_mb - 1)
        for figure, found, most in (
            ("a placement's p95, to that in the first", slower, MOST_SLOWER),
            ("bytes of keys an article", self.key_bytes, MOST_BYTES),
            ("memory, more or less than in the first", memory, MEMORY_BAND),
        ):
            yield Promise(f"{self.articles:,} articles: {figure}", found, most, most=True)


def look_up(held: store.Archive, sought: Signed) -> None:
    """The search for an article's candidates."""
    rule = held.settings.grouping
    today = datetime.now(UTC).date()
    since = today - timedelta(days=rule.window_days)
    with held.engine.begin() as connection:
        run(connection, "lock_placing")
        run(connection, "candidates", self=0, keys=array("q", sought.keys),
            term_keys=array("q", sought.term_keys), body_sha256=sought.body_sha256, day=today,
            since=since, bucket=rule.bucket, term_bucket=rule.term_bucket,
            candidates=rule.candidates, component=rule.component)  # fmt: skip


def probe(held: store.Archive, probes: Sequence[tuple[Imported, Page, Signed]]) -> Measured:
    """Look-up and placement of new articles in the archive as it stands."""
    looked: list[Cost] = []
    placed: list[Cost] = []
    for entry, page, signed in probes:
        with timed(held, looked):
            look_up(held, signed)
        with timed(held, placed):
            assert pipeline.settle(held, entry, page, signed)[0] == "stored"
    with held.engine.connect() as connection:
        stored = connection.execute(text("SELECT count(*) FROM article")).scalar_one()
        size = connection.execute(text(
            "SELECT sum(pg_total_relation_size(inhrelid)) + pg_total_relation_size('stop_key') "
            "FROM pg_inherits "
            "WHERE inhparent IN ('signature_key'::regclass, 'term_key'::regclass)"
        )).scalar_one()  # fmt: skip
    return Measured(stored, looked, placed, float(size / stored), resident_mb())


def _percentiles(costs: Sequence[Cost]) -> str:
    series = [[cost.wall for cost in costs], [cost.cpu for cost in costs]]
    return ", ".join(
        f"{statistics.median(each):.1f} / {statistics.quantiles(each, n=20)[-1]:.1f}"
        for each in series
    )


def _p95_cpu(costs: Sequence[Cost]) -> float:
    return statistics.quantiles([cost.cpu for cost in costs], n=20)[-1]


def maintain(held: store.Archive, *statements: str) -> None:
    """What autovacuum would do by and by."""
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


def measure(held: store.Archive, engine: Processes, sizes: Sequence[int]) -> Iterator[Measured]:
    """The archive at each size, as soon as it is measured."""
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
        found = []
        for measured in measure(held, engine, sizes):
            print(measured.row(), flush=True)
            found.append(measured)
    judge([promise for one in found for promise in one.promises(found[0])])


if __name__ == "__main__":
    main()
