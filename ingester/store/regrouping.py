"""A shadow of the archive's grouping: all articles read and placed again in it, beside the real ones.

The shadow is the schema `regroup`; its articles bear the ids that they have in the archive, and arrive
on the days on which they arrived there. Nothing of it is seen before the switch (store/switching.py).
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import zstandard
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.schema import DropSchema

from ingester.errors import ConfigurationError, DatabaseError, Refused
from ingester.models import (
    Agency,
    Article,
    ArticleId,
    Cut,
    EventId,
    Failed,
    Form,
    Moment,
    Page,
    Signed,
    StoryId,
)
from ingester.settings import Settings
from ingester.store.archive import Archive, Row, connect, run, run_at_once, script
from ingester.store.decisions import Regroup, regroup_around
from ingester.store.groups import Arrival
from ingester.store.placing import Decide, earliest, writes
from ingester.store.queue import in_words, moment
from ingester.store.schema import latest

_LOCK = 0x72656772
"""One regroup at a time in a database; the number spells "regr"."""

_CAGES = {"processes", "cpu_s", "deadline_s", "memory_mb", "cluster"}
"""Settings of `extract` that change no text."""


@dataclass(frozen=True, slots=True)
class Held:
    """A stored article that is to be read again: its identity, its page, and what it now says.

    `day` is the day of its arrival. `page` is None where its bytes are no longer kept.
    """

    id: ArticleId
    revision: int
    day: date
    entry_id: int
    url: str
    outlet_id: int
    host: str
    first_seen: datetime
    page_id: int
    page: Page | None
    article: Article


@contextmanager
def shadow(archive: Archive, rules: str) -> Iterator[Archive]:
    """The archive's shadow, made where there is none; nobody else has it while the block runs.

    `rules` names the rules that are in the program, not in its settings. Raises ConfigurationError
    where a regroup by other rules or settings, or of another archive, is under way, or one is at work
    now; DatabaseError where the database grants no schema.
    """
    with _alone(archive):
        try:
            archive.transaction(lambda connection: _begin(connection, archive.settings, rules))
        except ProgrammingError as error:
            raise DatabaseError(f"no schema can be made for the regroup: {error.orig}") from None
        with archive.engine.connect() as connection:
            own = connection.exec_driver_sql("SELECT current_schema()").scalar_one()
        url = archive.engine.url.render_as_string(hide_password=False)
        engine = connect(url, archive.settings, f'regroup,"{own}"')
        try:
            yield Archive(engine, archive.settings, archive.seed)
        finally:
            engine.dispose()


def drop_shadow(archive: Archive) -> None:
    """Forget a regroup that is under way."""
    with _alone(archive):
        drop = DropSchema("regroup", cascade=True, if_exists=True)
        archive.transaction(lambda connection: connection.execute(drop))


def assert_regroup(archive: Archive) -> None:
    """Raise ConfigurationError where no regroup is under way."""
    archive.transaction(assert_begun)


def assert_begun(connection: Connection) -> None:
    """The same within a transaction."""
    if not _is_begun(connection):
        raise ConfigurationError("no regroup is under way; begin with: ingester regroup")


def _is_begun(connection: Connection) -> bool:
    return bool(
        connection.exec_driver_sql("SELECT to_regclass('regroup.begun') IS NOT NULL").scalar_one()
    )


def queue_unread(archive: Archive) -> int:
    """Queue every article that the shadow does not hold as it now is; gives how many are to be read."""

    def work(connection: Connection) -> int:
        run(connection, "regroup/queue")
        return int(run(connection, "regroup/count_unread")[0].articles)

    return archive.transaction(work)


def unread(archive: Archive) -> Iterator[Held]:
    """The queued articles, in the order of their arrival."""
    day, last = date.min, 0
    while rows := archive.rows("regroup/unread", day=day, id=last):
        day, last = rows[-1].day, rows[-1].article_id
        yield from map(_held, rows)


def place_again(
    shadow: Archive, held: Held, signed: Signed, failed: Failed | None, decide: Decide
) -> None:
    """Place an article in the shadow, as it was read anew; `failed`: why it could not be, if so.

    Raises Refused where this article can't be written so, DatabaseUnavailable where none can.
    """
    outcome, detail = ("kept", in_words(failed)) if failed else ("read", None)
    known = {"article_id": held.id, "revision": held.revision}

    def work(connection: Connection) -> None:
        run(connection, "lock_placing")
        rows = run(connection, "regroup/settle", outcome=outcome, detail=detail, **known)
        if rows:
            arrival = _arrival(held, signed, rows[0], shadow.settings.grouping.window_days)
            _, written = writes(connection, shadow, arrival, held.page_id, signed, decide)
            run_at_once(connection, *written)

    try:
        shadow.transaction(work)
    except (DBAPIError, ValueError, OverflowError, TypeError) as error:
        raise Refused(f"{type(error).__name__}: {error}"[:500]) from error


def decide_again(shadow: Archive, regroup: Regroup) -> None:
    """Regroup in the shadow around the articles on which a person decided, now that both are there."""

    def work(connection: Connection) -> None:
        run(connection, "lock_placing")
        for row in run(connection, "regroup/decided"):
            pair = (ArticleId(row.a_id), ArticleId(row.b_id))
            regroup_around(connection, shadow, pair, "decided by hand", regroup)

    shadow.transaction(work)


@contextmanager
def _alone(archive: Archive) -> Iterator[None]:
    """Hold the lock of all that works on the shadow; a process that is killed lets go of it."""
    with archive.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.execute(select(func.pg_try_advisory_lock(_LOCK))).scalar_one():
            raise ConfigurationError("another `ingester regroup` is at work; let it end, or end it")
        try:
            yield
        finally:
            connection.execute(select(func.pg_advisory_unlock(_LOCK)))


def _begin(connection: Connection, settings: Settings, rules: str) -> None:
    wanted = _wanted(settings, rules)
    if not _is_begun(connection):
        run(connection, "lock_placing")  # so that each decision is made before it, or after
        script(connection, "regroup/begin")
        run(connection, "regroup/record_begin", settings=json.dumps(wanted))
        return
    begun = run(connection, "regroup/begun")[0]
    if not begun.ours:
        raise ConfigurationError(
            f"a regroup of this database's archive {begun.archive!r} is under way; finish that first"
        )
    changed = [key for key in wanted if begun.settings.get(key) != wanted[key]]
    if changed:
        said = ", ".join(f"{key} {begun.settings.get(key)}, now {wanted[key]}" for key in changed)
        raise ConfigurationError(
            f"the regroup under way was begun with other settings ({said}); "
            "go back to them, or forget it: ingester regroup drop"
        )


def _wanted(settings: Settings, rules: str) -> dict[str, Any]:
    """All that a regroup's result depends on besides the pages, by name."""
    grouping = settings.grouping.model_dump(mode="json")
    extract = settings.extract.model_dump(mode="json", exclude=_CAGES)
    return {
        "rules": rules,
        "schema": latest(),
        **{f"grouping.{name}": value for name, value in grouping.items()},
        **{f"extract.{name}": value for name, value in extract.items()},
    }


def _arrival(held: Held, signed: Signed, before: Row, window_days: int) -> Arrival:
    return Arrival(
        id=held.id,
        entry_id=held.entry_id,
        url=held.url,
        outlet_id=held.outlet_id,
        host=held.host,
        revision=held.revision,
        first_seen=held.first_seen,
        day=held.day,
        since=earliest(held.day, signed) - timedelta(days=window_days),
        story_id=StoryId(before.story_id) if before.story_id else None,
        event_id=EventId(before.event_id) if before.event_id else None,
    )


def _held(row: Row) -> Held:
    return Held(
        id=ArticleId(row.article_id),
        revision=row.revision,
        day=row.day,
        entry_id=row.entry_id,
        url=row.url,
        outlet_id=row.outlet_id,
        host=row.host,
        first_seen=row.first_seen_at,
        page_id=row.page_id,
        page=_page(row) if row.body is not None else None,
        article=_article(row),
    )


def _page(row: Row) -> Page:
    at, precision, zoned = row.told_at, row.told_precision, row.told_zoned
    return Page(
        url=row.page_url,
        body=zstandard.decompress(row.body),
        media_type=row.media_type,
        charset=row.charset,
        fetched_at=row.fetched_at,
        title=row.told_title,
        published=Moment(at, precision, zoned, row.told_source, row.told_raw) if at else None,
        outlet=row.told_outlet,
    )


def _article(row: Row) -> Article:
    """What an article says, as its revision has it."""
    changed = row.modified_at
    return Article(
        title=row.title,
        text=row.text,
        signed_text=row.signed_text,
        description=row.description,
        authors=tuple(row.authors),
        published=moment(row),
        modified=Moment(changed, "second", True, "archive", changed.isoformat())
        if changed
        else None,
        agency=Agency(row.agency, row.agency_evidence) if row.agency else None,
        outlet=None,
        section=row.section,
        language=row.language,
        canonical_url=row.canonical_url,
        image=row.image,
        form=Form(row.form),
        removed=tuple(Cut(kind, line, text, soft) for kind, line, text, soft in row.cuts),
        watched=(),
        extractor=row.extractor,
        confidence=row.confidence,
        sources=row.sources,
    )
