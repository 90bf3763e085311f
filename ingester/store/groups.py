"""A placement as rows: relations, stories and events, what moved between them, and its history."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from ingester.models import (
    ArticleId,
    EventId,
    Neighbourhood,
    Passage,
    Placement,
    Relation,
    StoryId,
    StoryPlacement,
)
from ingester.store.archive import run
from ingester.store.queue import sha256


@dataclass(frozen=True, slots=True)
class Arrival:
    """An article about to be written: its identity, and its place in time."""

    id: ArticleId
    entry_id: int
    url: str
    outlet_id: int
    host: str
    revision: int
    first_seen: datetime
    today: date
    story_id: StoryId | None
    event_id: EventId | None


def write(
    connection: Connection, arrival: Arrival, hood: Neighbourhood, placement: Placement
) -> None:
    """Write all that an arrival changes; what stays as it was is not touched."""
    event_of = _write_events(connection, placement)
    story_of = _write_stories(connection, arrival, hood, placement, event_of)
    _write_article(connection, arrival, story_of[arrival.id])
    before = _stories_before(arrival, hood)
    _move(connection, before, story_of, arrival)
    _retire_stories(connection, hood, before, story_of)
    _retire_events(connection, arrival, hood, event_of)
    for relation in placement.relations:
        _write_relation(connection, relation)


def _write_events(connection: Connection, placement: Placement) -> dict[ArticleId, EventId]:
    event_of: dict[ArticleId, EventId] = {}
    for event in placement.events:
        id_ = event.event_id or EventId(run(connection, "next_event")[0].id)
        event_of |= dict.fromkeys(event.articles, id_)
    return event_of


def _write_stories(
    connection: Connection,
    arrival: Arrival,
    hood: Neighbourhood,
    placement: Placement,
    event_of: Mapping[ArticleId, EventId],
) -> dict[ArticleId, StoryId]:
    events_before = {m.story_id: m.event_id for m in hood.members}
    if arrival.story_id is not None:
        events_before[arrival.story_id] = arrival.event_id
    story_of: dict[ArticleId, StoryId] = {}
    for story in placement.stories:
        id_ = story.story_id or StoryId(run(connection, "next_story")[0].id)
        event_id = event_of[story.canonical]
        if _changed(story, hood, events_before.get(story.story_id), event_id):
            run(connection, "write_story", id=id_, event_id=event_id,
                canonical=story.canonical, reason=story.reason)  # fmt: skip
            _write_history(connection, id_, story, hood)
        story_of |= dict.fromkeys(story.articles, id_)
    return story_of


def _changed(
    story: StoryPlacement, hood: Neighbourhood, before: EventId | None, after: EventId
) -> bool:
    if story.story_id is None or hood.canonical.get(story.story_id) != story.canonical:
        return True
    # whoever joins or leaves changes the reason for which the canonical article is that one
    articles = {member.id for member in hood.members if member.story_id == story.story_id}
    return before != after or articles != set(story.articles)


def _write_history(
    connection: Connection, id_: StoryId, story: StoryPlacement, hood: Neighbourhood
) -> None:
    former = hood.canonical.get(story.story_id) if story.story_id else None
    if story.story_id is None:
        _record(connection, id_, "created", story.canonical, None, story.reason)
    elif former != story.canonical:
        _record(connection, id_, "canonical", story.canonical, former, story.reason)


def _write_article(connection: Connection, arrival: Arrival, story_id: StoryId) -> None:
    run(connection, "write_article", id=arrival.id, entry_id=arrival.entry_id, url=arrival.url,
        url_sha256=sha256(arrival.url), outlet_id=arrival.outlet_id, story_id=story_id,
        revision=arrival.revision, first_seen_at=arrival.first_seen)  # fmt: skip


def _stories_before(arrival: Arrival, hood: Neighbourhood) -> dict[ArticleId, StoryId]:
    before = {member.id: member.story_id for member in hood.members if member.story_id}
    return before | ({arrival.id: arrival.story_id} if arrival.story_id else {})


def _move(
    connection: Connection,
    before: Mapping[ArticleId, StoryId],
    after: Mapping[ArticleId, StoryId],
    arrival: Arrival,
) -> None:
    for id_, story_id in after.items():
        former = before.get(id_)
        if former == story_id:
            continue
        if id_ != arrival.id:
            run(connection, "move_articles", story_id=story_id, ids=[id_])
        if former is not None:
            _record(
                connection, former, "left", id_, story_id, "the stories around it were grouped anew"
            )
        _record(connection, story_id, "joined", id_, former, f"with article {arrival.id}'s arrival")


def _retire_stories(
    connection: Connection,
    hood: Neighbourhood,
    before: Mapping[ArticleId, StoryId],
    after: Mapping[ArticleId, StoryId],
) -> None:
    """A story that all its articles left leads to where its canonical article went."""
    touched = {before[id_] for id_ in after if id_ in before}
    for old in sorted(touched - set(after.values())):
        story_id = after[hood.canonical[old]]
        run(connection, "merge_story", old_id=old, story_id=story_id)
        _record(
            connection,
            old,
            "merged",
            None,
            story_id,
            "its articles are copies of the other story's",
        )


def _retire_events(
    connection: Connection,
    arrival: Arrival,
    hood: Neighbourhood,
    after: Mapping[ArticleId, EventId],
) -> None:
    """An event that all its stories left leads to where the first of its articles went."""
    before = {member.id: member.event_id for member in hood.members if member.event_id}
    before |= {arrival.id: arrival.event_id} if arrival.event_id else {}
    kept = set(after.values()) | {event for id_, event in before.items() if id_ not in after}
    for old in sorted({before[id_] for id_ in after if id_ in before} - kept):
        first = min(id_ for id_, event in before.items() if event == old)
        run(connection, "merge_event", old_id=old, event_id=after[first])


def _write_relation(connection: Connection, relation: Relation) -> None:
    values = asdict(relation) | {"passages": _passages(relation.passages)}
    run(connection, "write_relation", **values)


def _passages(passages: Iterable[Passage]) -> str:
    return json.dumps([[p.a_start, p.a_end, p.b_start, p.b_end] for p in passages])


def _record(
    connection: Connection,
    story_id: StoryId,
    kind: str,
    article_id: ArticleId | None,
    other_id: int | None,
    reason: str,
) -> None:
    run(connection, "write_history", story_id=story_id, kind=kind, article_id=article_id,
        other_id=other_id, reason=reason)  # fmt: skip
