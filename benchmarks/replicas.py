"""An archive many times over: what it holds, told again about other things, filled in by SQL.

Each replica has ids, URLs, bodies and keys of its own; a quarter of its terms all replicas share.
Keys are inserted day by day into indexes that stand, as a service does it, for an index that is made of
rows that are there has another size. The other tables' indexes and constraints are taken off for the fill
and made again at its end, which saves hours.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from sqlalchemy import Connection, text

BARE = ["entry", "event", "story", "article", "revision", "relation", "signature"]
KEPT = [*BARE, "signature_key"]
FASTER = """SELECT set_config('session_replication_role', 'replica', true), -- keys hold by design
    set_config('maintenance_work_mem', '1GB', true)"""
SPAN = """CREATE TABLE span AS SELECT max(id) + 1000 AS span FROM
    (SELECT max(id) AS id FROM entry UNION SELECT max(id) FROM article) ids"""
NUMBERS = """CREATE TEMP TABLE replica ON COMMIT DROP AS
    SELECT CAST(r AS bigint) AS r FROM generate_series(CAST(:first AS int), CAST(:last AS int)) r"""
CONSTRAINTS = """SELECT CAST(CAST(conrelid AS regclass) AS text) AS held, conname AS name,
    pg_get_constraintdef(oid) AS definition
    FROM pg_constraint
    WHERE contype IN ('f', 'p', 'u')
        AND (conrelid = ANY(CAST(:tables AS regclass[])) OR confrelid = ANY(CAST(:tables AS regclass[])))
    ORDER BY contype <> 'f', oid"""
INDEXES = """SELECT CAST(CAST(indexrelid AS regclass) AS text) AS name,
    pg_get_indexdef(indexrelid) AS definition
    FROM pg_index
    WHERE indrelid = ANY(CAST(:tables AS regclass[]))
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)"""
STORED = """UPDATE pg_attribute SET attgenerated = :kept
    WHERE attrelid = CAST('revision' AS regclass) AND attname = 'search'"""
FILL = (
    """INSERT INTO entry (id, url, url_sha256, host, origin, state, step, article_id)
       OVERRIDING SYSTEM VALUE
       SELECT e.id + s.span * r.r, e.url || '/' || r.r, sha256(convert_to(e.url || '/' || r.r, 'UTF8')),
              e.host, e.origin, e.state, e.step, e.article_id + s.span * r.r
       FROM replica r, span s, base_entry e WHERE e.state = 'stored'""",
    """INSERT INTO event (id)
       SELECT e.id + s.span * r.r FROM replica r, span s, base_event e""",
    """INSERT INTO story (id, event_id, canonical_article_id, canonical_reason)
       SELECT t.id + s.span * r.r, t.event_id + s.span * r.r, t.canonical_article_id + s.span * r.r,
              t.canonical_reason
       FROM replica r, span s, base_story t""",
    """INSERT INTO article (id, entry_id, url, url_sha256, outlet_id, story_id, revision, first_seen_at)
       SELECT a.id + s.span * r.r, a.entry_id + s.span * r.r, a.url || '/' || r.r,
              sha256(convert_to(a.url || '/' || r.r, 'UTF8')), a.outlet_id, a.story_id + s.span * r.r,
              a.revision, a.first_seen_at
       FROM replica r, span s, base_article a""",
    """INSERT INTO revision (article_id, number, kind, form, page_id, at, title, text, authors, language,
                             extractor, confidence, sources, body_sha256, search)
       SELECT v.article_id + s.span * r.r, v.number, v.kind, v.form, v.page_id, v.at, v.title, v.text,
              v.authors, v.language, v.extractor, v.confidence, v.sources,
              sha256(v.body_sha256 || convert_to(CAST(r.r AS text), 'UTF8')), v.search
       FROM replica r, span s, base_revision v""",
    """INSERT INTO relation (a_id, b_id, kind, story_score, event_score, containment_a, containment_b,
                             jaccard, shared, containment3, lead3, passages, rule)
       SELECT x.a_id + s.span * r.r, x.b_id + s.span * r.r, x.kind, x.story_score, x.event_score,
              x.containment_a, x.containment_b, x.jaccard, x.shared, x.containment3, x.lead3, x.passages,
              x.rule
       FROM replica r, span s, base_relation x""",
    """INSERT INTO signature_key (day, article_id, keys)
       SELECT k.day, k.article_id + s.span * r.r,
              ARRAY(SELECT v # (r.r * 7046029254386353) FROM unnest(k.keys) v)
       FROM replica r, span s, base_signature_key k
       ORDER BY k.day, r.r""",
)
BASE_TERMS = """SELECT article_id, scheme, permutations, seed_id, shingler, vocabulary, day, tokens,
    hashes, terms, weights, term_keys FROM base_signature"""
TERM_KEYS = """INSERT INTO term_key (article_id, key, day)
    SELECT g.article_id, k, g.day FROM span s, signature g, unnest(g.term_keys) k
    WHERE g.article_id >= s.span * :first
    ORDER BY g.day, g.article_id"""
_OTHER = 7046029254386353


def keep(connection: Connection) -> None:
    """Remember what there is: the base of all replicas, whatever befalls it afterwards."""
    connection.exec_driver_sql(SPAN)
    for table in KEPT:
        connection.exec_driver_sql(
            f"CREATE TABLE base_{table} AS SELECT * FROM {table}"  # noqa: S608 - the names above
        )


def grow(connection: Connection, first: int, last: int) -> None:
    """Add the replicas first..last of what was kept."""
    for statement in (FASTER, NUMBERS):
        connection.execute(text(statement), {"first": first, "last": last})
    with _bare(connection):
        for statement in FILL:
            connection.execute(text(statement))
        _fill_terms(connection, first, last)
        connection.execute(text(TERM_KEYS), {"first": first})
    for table in ("article", "story", "event", "entry"):
        connection.exec_driver_sql(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"  # noqa: S608 - the names above
        )


@contextmanager
def _bare(connection: Connection) -> Iterator[None]:
    """The grown tables, but for the keys', without indexes and constraints while the block runs.

    `revision.search` is a plain column meanwhile: a replica's words are the base's, and to take them
    out of its text again would be half of the whole fill.
    """
    constraints = connection.execute(text(CONSTRAINTS), {"tables": BARE}).all()
    indexes = connection.execute(text(INDEXES), {"tables": BARE}).all()
    for row in constraints:
        connection.exec_driver_sql(f'ALTER TABLE {row.held} DROP CONSTRAINT "{row.name}"')
    for row in indexes:
        connection.exec_driver_sql(f"DROP INDEX {row.name}")
    connection.execute(text(STORED), {"kept": ""})
    yield
    connection.execute(text(STORED), {"kept": "s"})
    for row in indexes:
        connection.exec_driver_sql(row.definition)
    for row in reversed(constraints):
        connection.exec_driver_sql(
            f'ALTER TABLE {row.held} ADD CONSTRAINT "{row.name}" {row.definition}'
        )


def _fill_terms(connection: Connection, first: int, last: int) -> None:
    span = connection.execute(text("SELECT span FROM span")).scalar_one()
    rows = connection.execute(text(BASE_TERMS)).all()
    cursor: Any = connection.connection.cursor()
    with cursor.copy("COPY signature FROM STDIN") as copy:
        for replica in range(first, last + 1):
            for row in rows:
                copy.write_row(_moved(row, replica, span))


def _moved(row: Any, replica: int, span: int) -> tuple[Any, ...]:
    terms = _other_terms(np.frombuffer(row.terms, "<i8"), replica)
    order = np.argsort(terms)
    weights = np.frombuffer(row.weights, "<f4")[order].tobytes()
    keys = _other_terms(np.array(row.term_keys, "<i8"), replica).astype("<i4").tolist()
    return (row.article_id + span * replica, *row[1:9], terms[order].tobytes(), weights, keys)


def _other_terms(terms: Any, replica: int) -> Any:
    """The terms of a replica: three of four are its own."""
    return np.where(terms % 4 == 0, terms, terms ^ np.int64(replica * _OTHER))
