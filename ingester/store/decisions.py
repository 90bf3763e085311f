"""A person's word on two articles, one story or never one: kept, and obeyed by all grouping after it."""

from collections.abc import Callable, Sequence
from typing import Literal

from sqlalchemy import Connection

from ingester.models import ArticleId, Neighbourhood, Placement
from ingester.store.archive import Archive, Row, run, run_at_once
from ingester.store.groups import groups
from ingester.store.neighbours import neighbourhood

Regroup = Callable[[Sequence[ArticleId], Neighbourhood], Placement]
Pair = tuple[ArticleId, ArticleId]
Kind = Literal["join", "split"]

_DONE = {"join": "joined", "split": "split"}


def record_decision(
    archive: Archive, pair: Pair, kind: Kind, reason: str, regroup: Regroup
) -> None:
    """Write a decision on two articles, in place of any former one, and regroup around them at once."""

    def work(connection: Connection) -> None:
        run(connection, "lock_placing")
        a, b = sorted(pair)
        run(connection, "withdraw_decision", a=a, b=b)
        run(connection, "record_decision", a=a, b=b, kind=kind, reason=reason)
        cause = f"articles {a} and {b} were {_DONE[kind]} by hand: {reason}"
        regroup_around(connection, archive, pair, cause, regroup)

    archive.transaction(work)


def withdraw_decision(archive: Archive, pair: Pair, reason: str, regroup: Regroup) -> Row | None:
    """Take back the decision on two articles, and regroup around them; gives which it was, if any."""

    def work(connection: Connection) -> Row | None:
        run(connection, "lock_placing")
        a, b = sorted(pair)
        withdrawn = run(connection, "withdraw_decision", a=a, b=b)
        if withdrawn:
            cause = f"the {withdrawn[0].kind} of articles {a} and {b} was withdrawn: {reason}"
            regroup_around(connection, archive, pair, cause, regroup)
        return withdrawn[0] if withdrawn else None

    return archive.transaction(work)


def regroup_around(
    connection: Connection, archive: Archive, pair: Pair, cause: str, regroup: Regroup
) -> None:
    """Group anew what is around two articles; the placing is locked."""
    hood = neighbourhood(connection, list(pair), archive.settings.grouping)
    _, write = groups(archive, hood, regroup(pair, hood), cause)
    run_at_once(connection, write)


def decisions(archive: Archive) -> list[Row]:
    """The decisions in force, the latest first: kind, both articles, whether they are one story, why."""
    return archive.rows("list_decisions")


def splits_between(archive: Archive, one: int, other: int) -> list[Row]:
    """The splits in force between two stories, by their ids: a_id, b_id, reason."""
    return archive.rows("splits_between", one=one, other=other)
