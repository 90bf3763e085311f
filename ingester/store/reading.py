"""What the commands read from the archive."""

from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from ingester import urls
from ingester.store.archive import Archive, Row, run
from ingester.store.queue import sha256

_LONGEST_CHAIN = 3


@dataclass(frozen=True, slots=True)
class Why:
    """What links two articles: each one's row, their relation, and the chain that joins them.

    `relation` is None where the two were never found to be related; `path` then holds the ids of
    the articles that link them through others, or is empty. `decision`: a person's word on the two.
    """

    a: Row
    b: Row
    relation: Row | None
    path: tuple[int, ...]
    decision: Row | None


def figures(archive: Archive) -> dict[str, float]:
    """The archive in numbers, by name."""
    row = archive.rows("status")[0]
    return {name: float(value or 0) for name, value in row._asdict().items()}


def answers(archive: Archive) -> bool:
    """Whether the database answers, asked once and plainly."""
    try:
        with archive.engine.connect() as connection:
            return bool(connection.exec_driver_sql("SELECT true").scalar_one())
    except SQLAlchemyError:
        return False


def fates(archive: Archive) -> list[Row]:
    """How many URLs stand where, and why: status, reason, urls."""
    return archive.rows("count_fates")


def places(archive: Archive) -> list[Row]:
    """Every article's url, story_id, event_id and its story's canonical_url."""
    return archive.rows("list_places")


def index_sizes(archive: Archive) -> list[Row]:
    """Name, rows and bytes of each table that articles are found and related by."""
    return archive.rows("index_sizes")


def feeds(archive: Archive) -> list[Row]:
    """All feeds, each with the outcome of its last poll."""
    return archive.rows("list_feeds")


def remove_feed(archive: Archive, url: str) -> bool:
    """Take a feed from the list; what it brought stays. Gives whether it was there."""
    return bool(archive.rows("remove_feed", url_sha256=sha256(url)))


def why(archive: Archive, first: str, second: str) -> Why | None:
    """The evidence between two articles, each named by id or URL; None where one is not held."""

    def work(connection: Connection) -> Why | None:
        found = [_find(connection, reference) for reference in (first, second)]
        if found[0] is None or found[1] is None:
            return None
        a, b = sorted((found[0], found[1]), key=lambda row: row.id)
        relation = run(connection, "find_relation", a=a.id, b=b.id)
        path = () if relation else _chain(connection, a.id, b.id)
        decision = run(connection, "find_decision", a=a.id, b=b.id)
        return Why(a, b, next(iter(relation), None), path, next(iter(decision), None))

    return archive.transaction(work)


def find(archive: Archive, reference: str) -> Row | None:
    """The article that an id or a URL means, or None."""
    return archive.transaction(lambda connection: _find(connection, reference))


def _chain(connection: Connection, a: int, b: int) -> tuple[int, ...]:
    """The shortest chain of relations from a to b, at most three links; empty where there is none."""
    chains = {a: (a,)}
    reached = [a]
    for _ in range(_LONGEST_CHAIN):
        links = run(connection, "neighbours", ids=reached)
        new = {
            link.other: (*chains[link.one], link.other)
            for link in links
            if link.other not in chains
        }
        chains |= new
        if b in new:
            return new[b]
        reached = list(new)
    return ()


def _find(connection: Connection, reference: str) -> Row | None:
    number = int(reference) if reference.isascii() and reference.isdigit() else None
    url = urls.canonical(reference) or reference
    rows = run(connection, "find_reference", id=number, url_sha256=sha256(url))
    return rows[0] if rows else None
