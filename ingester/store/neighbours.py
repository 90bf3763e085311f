"""Who stands around articles: all that a placement may depend on, as rows and as grouping sees it."""

from array import array

from sqlalchemy import Connection

from ingester.models import (
    ArticleId,
    Decision,
    EventId,
    Member,
    Neighbourhood,
    StoryId,
    Vector,
)
from ingester.settings import Grouping
from ingester.store.archive import Row, query, run, run_at_once
from ingester.store.queue import moment


def neighbourhood(connection: Connection, around: list[int], rule: Grouping) -> Neighbourhood:
    """Everybody whose story or event may change with these articles, and what ties them."""
    sizes = {"component": rule.component, "event_stories": rule.event_stories}
    rows = run(connection, "members", ids=around, join=rule.join, **sizes) if around else []
    ids = array("q", [row.id for row in rows])
    (scored,), decided = run_at_once(
        connection, query("ties", ids=ids), query("decisions_among", ids=ids)
    )
    return Neighbourhood(
        candidates=(),
        members=tuple(_member(row) for row in rows),
        edges=dict(zip(zip(scored.a, scored.b, strict=True), scored.score, strict=True)),
        decisions=tuple(_decision(row) for row in decided),
        canonical={StoryId(row.story_id): ArticleId(row.canonical_article_id) for row in rows},
        former=(),
    )


def _decision(row: Row) -> Decision:
    return Decision(ArticleId(row.a_id), ArticleId(row.b_id), row.kind)


def _member(row: Row) -> Member:
    return Member(
        id=ArticleId(row.id),
        rank=row.rank,
        url=row.url,
        outlet=row.outlet,
        language=row.language,
        published=moment(row),
        first_seen=row.first_seen_at,
        canonical_url=row.canonical_url,
        agency=row.agency,
        tokens=row.tokens,
        vector=Vector(row.terms, row.weights),
        story_id=StoryId(row.story_id),
        event_id=EventId(row.event_id),
    )
