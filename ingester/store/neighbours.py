"""Who stands around articles: all that a placement may depend on, as rows and as grouping sees it."""

from sqlalchemy import Connection

from ingester.models import (
    ArticleId,
    Decision,
    Edge,
    EventId,
    Member,
    Neighbourhood,
    StoryId,
    Vector,
)
from ingester.settings import Grouping
from ingester.store.archive import Row, run
from ingester.store.queue import moment


def neighbourhood(connection: Connection, around: list[int], rule: Grouping) -> Neighbourhood:
    """Everybody whose story or event may change with these articles, and what ties them."""
    sizes = {"component": rule.component, "event_stories": rule.event_stories}
    rows = run(connection, "members", ids=around, join=rule.join, **sizes) if around else []
    ties = run(connection, "ties", ids=[row.id for row in rows]) if rows else []
    return Neighbourhood(
        candidates=(),
        members=tuple(_member(row) for row in rows),
        edges=tuple(_edge(tie) for tie in ties if tie.story_score is not None),
        decisions=tuple(_decision(tie) for tie in ties if tie.story_score is None),
        canonical={StoryId(row.story_id): ArticleId(row.canonical_article_id) for row in rows},
        former=(),
    )


def _edge(tie: Row) -> Edge:
    return Edge(ArticleId(tie.a_id), ArticleId(tie.b_id), tie.story_score)


def _decision(tie: Row) -> Decision:
    return Decision(ArticleId(tie.a_id), ArticleId(tie.b_id), tie.kind)


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
