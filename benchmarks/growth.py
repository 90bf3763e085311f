"""Look-up and placement as an archive grows: `python -m benchmarks.growth [--sizes 10000,100000]`.

The first 10,000 articles are real texts retold by a seeded generator (other names, edited copies),
imported by the product. Larger archives are that one many times over in SQL, each time about other
things: another 10,000 articles with keys of their own, a quarter of whose terms all share. At each
size the same number of new articles is placed by the product, one after the other.
"""

import argparse
import json
import logging
import random
import re
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import structlog
import xxhash
from sqlalchemy import Connection, text
from wordfreq import top_n_list

from benchmarks.path import archive, resident_mb
from ingester import embedded, importing, pipeline, store
from ingester.engine import Processes
from ingester.models import Imported, Page, Signed
from ingester.store.archive import run

DATA = Path(__file__).parents[2] / "shared" / "data" / "ecbplus.jsonl"
BASE = 10_000
PROBES, WARM = 300, 50
COLUMNS = "articles | look-up p50 ms | p95 | placement p50 ms | p95 | key bytes an article | MB"
KEPT, CHANGED = 0.85, 0.03  # sentences and words of a copy
LEAST = 60  # words of a text
WORDS = [word for word in top_n_list("en", 60_000)[2_000:] if word.isalpha()]
NUMBERS = """CREATE TEMP TABLE replica ON COMMIT DROP AS
SELECT CAST(r AS bigint) AS r FROM generate_series(CAST(:first AS int), CAST(:last AS int)) r"""
REPLICAS = (
    """INSERT INTO entry (id, url, url_sha256, host, origin, state, step, article_id)
       OVERRIDING SYSTEM VALUE
       SELECT e.id + s.span * r.r, e.url || '/' || r.r, sha256(convert_to(e.url || '/' || r.r, 'UTF8')),
              e.host, e.origin, e.state, e.step, e.article_id + s.span * r.r
       FROM entry e, span s, replica r WHERE e.id < s.span AND e.state = 'stored'""",
    """INSERT INTO event (id)
       SELECT e.id + s.span * r.r FROM event e, span s, replica r WHERE e.id < s.span""",
    """INSERT INTO story (id, event_id, canonical_article_id, canonical_reason)
       SELECT t.id + s.span * r.r, t.event_id + s.span * r.r, t.canonical_article_id + s.span * r.r,
              t.canonical_reason
       FROM story t, span s, replica r WHERE t.id < s.span""",
    """INSERT INTO article (id, entry_id, url, url_sha256, outlet_id, story_id, revision, first_seen_at)
       SELECT a.id + s.span * r.r, a.entry_id + s.span * r.r, a.url || '/' || r.r,
              sha256(convert_to(a.url || '/' || r.r, 'UTF8')), a.outlet_id, a.story_id + s.span * r.r,
              a.revision, a.first_seen_at
       FROM article a, span s, replica r WHERE a.id < s.span""",
    """INSERT INTO revision (article_id, number, kind, form, page_id, at, title, text, authors, language,
                             extractor, confidence, body_sha256)
       SELECT v.article_id + s.span * r.r, v.number, v.kind, v.form, v.page_id, v.at, v.title, v.text,
              v.authors, v.language, v.extractor, v.confidence,
              sha256(v.body_sha256 || convert_to(CAST(r.r AS text), 'UTF8'))
       FROM revision v, span s, replica r WHERE v.article_id < s.span""",
    """INSERT INTO relation (a_id, b_id, kind, story_score, event_score, containment_a, containment_b,
                             jaccard, shared, containment3, lead3, passages, rule)
       SELECT x.a_id + s.span * r.r, x.b_id + s.span * r.r, x.kind, x.story_score, x.event_score,
              x.containment_a, x.containment_b, x.jaccard, x.shared, x.containment3, x.lead3, x.passages,
              x.rule
       FROM relation x, span s, replica r WHERE x.b_id < s.span""",
    """INSERT INTO signature_key (day, article_id, keys)
       SELECT k.day, k.article_id + s.span * r.r,
              ARRAY(SELECT v # (r.r * 7046029254386353) FROM unnest(k.keys) v)
       FROM signature_key k, span s, replica r WHERE k.article_id < s.span""",
)


# --- texts --------------------------------------------------------------------------------------


def retold(base: str, happening: int) -> str:
    """A real text about something else: half of its longer words are other ones, the same each time."""
    return re.sub(r"\w{4,}", partial(_renamed, happening=happening), base)


def _renamed(word: re.Match[str], happening: int) -> str:
    chosen = xxhash.xxh3_64_intdigest(word[0].lower().encode(), happening)
    if chosen & 1:
        return word[0]
    other = WORDS[(chosen >> 1) % len(WORDS)]
    return other.capitalize() if word[0][0].isupper() else other


def edited(body: str, dice: random.Random) -> str:
    """A copy by another outlet: some sentences left out, some words changed."""
    sentences = [s for s in re.split(r"(?<=[.!?])\s+", body) if dice.random() < KEPT]
    words = " ".join(sentences).split(" ")
    return " ".join(word if dice.random() > CHANGED else dice.choice(WORDS) for word in words)


def articles(seed: int, count: int) -> Iterator[tuple[Imported, Page]]:
    """Stories of one to four copies each, on real texts of some 60 to 400 words."""
    dice = random.Random(seed)  # noqa: S311 - a benchmark's texts
    with DATA.open() as lines:
        bases = [row["text"] for row in map(json.loads, lines) if len(row["text"].split()) > LEAST]
    made = happening = 0
    while made < count:
        happening += 1
        told = retold(dice.choice(bases)[:2400], seed * 1_000_000 + happening)
        for copy in range(min(dice.choice([1, 1, 1, 2, 3, 4]), count - made)):
            made += 1
            body = edited(told, dice) if copy else told
            url = f"https://outlet{dice.randrange(400)}.example/{seed}/{made}"
            yield _item(url, body)


def _item(url: str, body: str) -> tuple[Imported, Page]:
    entry, page = importing.item({"url": url, "text": body}, url)
    assert isinstance(page, Page)
    return entry, page


# --- the archive, many times over ---------------------------------------------------------------


def grow(connection: Connection, first: int, last: int) -> None:
    """Add the replicas first..last of the base."""
    connection.exec_driver_sql(
        "SET LOCAL session_replication_role = replica"
    )  # keys hold by design
    connection.execute(text(NUMBERS), {"first": first, "last": last})
    for statement in REPLICAS:
        connection.execute(text(statement))
    _grow_terms(connection, first, last)
    for table in ("article", "story", "event", "entry"):
        connection.exec_driver_sql(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"  # noqa: S608 - the names above
        )


def _grow_terms(connection: Connection, first: int, last: int) -> None:
    span = connection.execute(text("SELECT span FROM span")).scalar_one()
    rows = connection.execute(
        text("SELECT article_id, scheme, permutations, seed_id, shingler, vocabulary, day, tokens, "
             "hashes, terms, weights, term_keys FROM signature WHERE article_id < :span"), {"span": span}
    ).all()  # fmt: skip
    cursor: Any = connection.connection.cursor()
    for replica in range(first, last + 1):
        moved = [_moved(row, replica, span) for row in rows]
        with cursor.copy("COPY signature FROM STDIN") as copy:
            for row in moved:
                copy.write_row(row)
        with cursor.copy("COPY term_key (day, key, article_id) FROM STDIN") as copy:
            for row in moved:
                for key in row[-1]:
                    copy.write_row((row[6], key, row[0]))


def _moved(row: Any, replica: int, span: int) -> tuple[Any, ...]:
    terms = _other_terms(np.frombuffer(row.terms, "<i8"), replica)
    order = np.argsort(terms)
    weights = np.frombuffer(row.weights, "<f4")[order].tobytes()
    keys = _other_terms(np.array(row.term_keys, "<i8"), replica).tolist()
    return (row.article_id + span * replica, *row[1:9], terms[order].tobytes(), weights, keys)


def _other_terms(terms: Any, replica: int) -> Any:
    """The terms of a replica: three of four are its own."""
    return np.where(terms % 4 == 0, terms, terms ^ np.int64(replica * 7046029254386353))


# --- measures -----------------------------------------------------------------------------------


def look_up(held: store.Archive, sought: Signed) -> float:
    """How long the search for an article's candidates takes, in ms."""
    rule = held.settings.grouping
    today = datetime.now(UTC).date()
    since = today - timedelta(days=rule.window_days)
    with held.engine.begin() as connection:
        run(connection, "lock_placing")
        began = time.perf_counter()
        run(connection, "candidates", self=0, keys=list(sought.keys), term_keys=list(sought.term_keys),
            body_sha256=sought.body_sha256, today=today, since=since, bucket=rule.bucket,
            term_bucket=rule.term_bucket, candidates=rule.candidates)  # fmt: skip
        return (time.perf_counter() - began) * 1000


def probe(held: store.Archive, probes: Sequence[tuple[Imported, Page, Signed]]) -> list[str]:
    """One row of the table: look-up and placement of new articles in the archive as it stands."""
    looked, taken = [], []
    for entry, page, signed in probes:
        looked.append(look_up(held, signed))
        began = time.perf_counter()
        assert pipeline.settle(held, entry, page, signed) == "stored"
        taken.append((time.perf_counter() - began) * 1000)
    with held.engine.connect() as connection:
        stored = connection.execute(text("SELECT count(*) FROM article")).scalar_one()
        size = connection.execute(text(
            "SELECT sum(pg_total_relation_size(inhrelid)) + pg_total_relation_size('stop_key') "
            "FROM pg_inherits "
            "WHERE inhparent IN ('signature_key'::regclass, 'term_key'::regclass)"
        )).scalar_one()  # fmt: skip
    return [f"{stored:,}", *_percentiles(looked), *_percentiles(taken),
            f"{size / stored:,.0f}", f"{resident_mb():.0f}"]  # fmt: skip


def _percentiles(taken: Sequence[float]) -> tuple[str, str]:
    return f"{statistics.median(taken):.1f}", f"{statistics.quantiles(taken, n=20)[-1]:.1f}"


def settle(held: store.Archive) -> None:
    """What autovacuum would do by and by."""
    with held.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
        connection.exec_driver_sql("CHECKPOINT")


def fill(held: store.Archive, engine: Processes) -> None:
    """The base, by the product's own import."""
    for _ in pipeline.import_pages(held, engine, articles(1, BASE)):
        pass
    with held.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE span AS SELECT max(id) + 1000 AS span FROM "
            "(SELECT max(id) AS id FROM entry UNION SELECT max(id) FROM article) ids"
        )


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
        replicas = size // BASE - 1
        if replicas > grown:
            with held.engine.begin() as connection:
                grow(connection, grown + 1, replicas)
            grown = replicas
        settle(held)
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
