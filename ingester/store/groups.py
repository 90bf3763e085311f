"""A placement as rows: stories and events, what moved between them, its history, and the evidence."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from ingester.models import (
    ArticleId,
    EventId,
    Neighbourhood,
    Placement,
    Relation,
    StoryId,
    StoryPlacement,
)
from ingester.store.archive import run, run_each

Stories = Mapping[ArticleId, StoryId]
Events = Mapping[ArticleId, EventId]
History = dict[str, Any]


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


def write_groups(
    connection: Connection, arrival: Arrival, hood: Neighbourhood, placement: Placement
) -> StoryId:
    """Write the stories and events that an arrival changes; gives the story that it belongs to.

    What stays as it was is not touched.
    """
    before, events_before = _before(arrival, hood)
    events = _write_events(connection, placement)
    after = _write_stories(connection, arrival, hood, placement, events)
    moved = {id_: story for id_, story in after.items() if before.get(id_) != story}
    moves = [{"story_id": story, "id": id_} for id_, story in moved.items() if id_ != arrival.id]
    run_each(connection, "move_article", moves)
    retired = _retired(before, after, hood.canonical)
    run_each(
        connection, "merge_story", [{"old_id": old, "new_id": new} for old, new in retired.items()]
    )
    _retire_events(connection, events_before, events)
    changes = [change for story in placement.stories for change in _told(story, after, hood)]
    changes += [change for id_ in moved for change in _travel(id_, before, after, placement)]
    changes += [_merged(old, new) for old, new in retired.items()]
    run_each(connection, "write_history", changes)
    return after[arrival.id]


def write_relations(connection: Connection, placement: Placement) -> None:
    """Write why the article belongs where it was placed."""
    run_each(connection, "write_relation", [_relation(found) for found in placement.relations])


def _before(arrival: Arrival, hood: Neighbourhood) -> tuple[Stories, Events]:
    """The story and event that each article stood in."""
    stories = {member.id: member.story_id for member in hood.members if member.story_id}
    events = {member.id: member.event_id for member in hood.members if member.event_id}
    if arrival.story_id is not None and arrival.event_id is not None:
        stories[arrival.id] = arrival.story_id
        events[arrival.id] = arrival.event_id
    return stories, events


def _write_events(connection: Connection, placement: Placement) -> Events:
    after: dict[ArticleId, EventId] = {}
    for event in placement.events:
        id_ = event.event_id or EventId(run(connection, "next_event")[0].id)
        after |= dict.fromkeys(event.articles, id_)
    return after


def _write_stories(
    connection: Connection,
    arrival: Arrival,
    hood: Neighbourhood,
    placement: Placement,
    events: Events,
) -> Stories:
    before, events_before = _before(arrival, hood)
    after: dict[ArticleId, StoryId] = {}
    for story in placement.stories:
        id_ = story.story_id or StoryId(run(connection, "next_story")[0].id)
        event_id = events[story.canonical]
        changed = _changed(story, before, hood) or events_before.get(story.canonical) != event_id
        if changed:
            run(connection, "write_story", id=id_, event_id=event_id,
                canonical=story.canonical, reason=story.reason)  # fmt: skip
        after |= dict.fromkeys(story.articles, id_)
    return after


def _changed(story: StoryPlacement, before: Stories, hood: Neighbourhood) -> bool:
    if story.story_id is None or hood.canonical.get(story.story_id) != story.canonical:
        return True
    # whoever joins or leaves changes the reason for which the canonical article is that one
    articles = {id_ for id_, story_id in before.items() if story_id == story.story_id}
    return articles != set(story.articles)


def _retired(
    before: Stories, after: Stories, canonical: Mapping[StoryId, ArticleId]
) -> dict[StoryId, StoryId]:
    """The stories that all their articles left, and where their canonical article went."""
    touched = {before[id_] for id_ in after if id_ in before}
    return {old: after[canonical[old]] for old in sorted(touched - set(after.values()))}


def _retire_events(connection: Connection, before: Events, after: Events) -> None:
    """An event that all its stories left leads to where the first of its articles went."""
    kept = set(after.values()) | {event for id_, event in before.items() if id_ not in after}
    for old in sorted({before[id_] for id_ in after if id_ in before} - kept):
        first = min(id_ for id_, event in before.items() if event == old)
        run(connection, "merge_event", old_id=old, new_id=after[first])


# --- history ------------------------------------------------------------------------------------


def _told(story: StoryPlacement, after: Stories, hood: Neighbourhood) -> Iterator[History]:
    """What is to be told of a story's canonical article."""
    id_, canonical = after[story.canonical], story.canonical
    if story.story_id is None:
        yield _change(id_, "created", canonical, None, story.reason)
    elif hood.canonical[story.story_id] != canonical:
        yield _change(id_, "canonical", canonical, hood.canonical[story.story_id], story.reason)


def _travel(
    id_: ArticleId, before: Stories, after: Stories, placement: Placement
) -> Iterator[History]:
    """What is to be told of an article that came to another story."""
    former, story_id = before.get(id_), after[id_]
    if former is not None:
        yield _change(former, "left", id_, story_id, "the stories around it were grouped anew")
    created = {story.canonical for story in placement.stories if story.story_id is None}
    if id_ not in created:
        yield _change(story_id, "joined", id_, former, _link(id_, after, placement))


def _link(id_: ArticleId, after: Stories, placement: Placement) -> str:
    """The strongest relation that ties an article to its story, in words."""
    found = [
        relation
        for relation in placement.relations
        if id_ in {relation.a, relation.b} and after.get(relation.a) == after.get(relation.b)
    ]
    if not found:
        return "the stories around it were grouped anew"
    best = max(found, key=lambda relation: relation.story_score)
    other = best.b if best.a == id_ else best.a
    return f"{best.kind} of article {other}, story score {best.story_score:.3f}"


def _merged(old: StoryId, new: StoryId) -> History:
    return _change(old, "merged", None, new, "its articles are copies of the other story's")


def _change(
    story_id: StoryId, kind: str, article_id: ArticleId | None, other_id: int | None, reason: str
) -> History:
    return {
        "story_id": story_id,
        "kind": kind,
        "article_id": article_id,
        "other_id": other_id,
        "reason": reason,
    }


# --- evidence -----------------------------------------------------------------------------------


def _relation(relation: Relation) -> dict[str, Any]:
    passages = [[p.a_start, p.a_end, p.b_start, p.b_end] for p in relation.passages]
    return asdict(relation) | {"passages": json.dumps(passages)}
