"""A placement as rows: stories and events, what moved between them, its history, and the evidence."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ingester.models import (
    ArticleId,
    EventId,
    EventPlacement,
    Neighbourhood,
    Placement,
    Relation,
    StoryId,
    StoryPlacement,
)
from ingester.store.archive import Archive, Query, query

Stories = Mapping[ArticleId, StoryId]
Events = Mapping[ArticleId, EventId]
History = tuple[int, str, int | None, int | None, str]
"""Of which story (or event), what kind of change, of which article (or story), from or to which other, and
why."""

_EVIDENCE = (
    *("a", "b", "kind", "story_score", "event_score", "containment_a", "containment_b", "jaccard"),
    *("shared", "containment3", "lead3", "rule", "passages"),
)
"""The columns of a relation."""

_AROUND = "the stories around it were grouped anew"
_EVENTS_AROUND = "the events around it were grouped anew"


@dataclass(frozen=True, slots=True)
class Arrival:
    """An article about to be written: its identity, and its place in time.

    It arrived first on this `day` of the database's clock; its kin are among those that arrived from `since`
    on.
    """

    id: ArticleId
    entry_id: int
    url: str
    outlet_id: int
    host: str
    revision: int
    first_seen: datetime
    day: date
    since: date
    story_id: StoryId | None
    event_id: EventId | None


def groups(
    archive: Archive, hood: Neighbourhood, placement: Placement, cause: str | None = None
) -> tuple[Stories, Query]:
    """Each article's story after a placement, and the write of the stories and events that it changes.

    The neighbourhood holds whom the placement names, with the stories and events that they stood in;
    what stays as it was is not touched. `cause` is told as the reason where no text is it.
    """
    before = {member.id: member.story_id for member in hood.members if member.story_id}
    events_before = {member.id: member.event_id for member in hood.members if member.event_id}
    stories, events = _named(archive, placement)
    after = {id_: story_id for story_id, story in stories for id_ in story.articles}
    events_after = {id_: event_id for event_id, event in events for id_ in event.articles}
    moved = {id_: story_id for id_, story_id in after.items() if before.get(id_) != story_id}
    retired = _retired(before, after, hood.canonical)
    retired_events = dict(_retired_events(events_before, events_after))
    befell = [
        *_moved_stories(hood, stories, events_after, placement, cause),
        *_merged_events(retired_events, events_before, events_after, placement, cause),
    ]
    written = [
        (story_id, events_after[story.canonical], story.canonical, story.reason)
        for story_id, story in stories
        if _changed(story, before, hood)
        or events_before.get(story.canonical) != events_after[story.canonical]
    ]
    write = query(
        "write_groups",
        new_events=[event_id for event_id, event in events if event.event_id is None],
        **_columns(written, "stories", "story_events", "canonicals", "reasons"),
        **_columns(moved.items(), "moved", "moved_to"),
        **_columns(retired.items(), "retired_stories", "stories_after"),
        **_columns(retired_events.items(), "retired_events", "events_after"),
        **_columns(
            befell,
            *("befell", "befell_kinds", "befell_stories", "befell_others", "befell_reasons"),
        ),
        **_columns(
            [*_history(hood, placement, before, after, moved, cause), *_merged(retired, cause)],
            *("told_of", "told_kinds", "told_articles", "told_others", "told_reasons"),
        ),
    )
    return after, write


def relations(placement: Placement) -> list[Query]:
    """The write of why the article belongs where it was placed; none where nothing is related to it."""
    rows = [_relation(found) for found in placement.relations]
    return [query("write_relations", **_columns(rows, *_EVIDENCE))] if rows else []


def _named(
    archive: Archive, placement: Placement
) -> tuple[list[tuple[StoryId, StoryPlacement]], list[tuple[EventId, EventPlacement]]]:
    """The placement's stories and events, each with the id that it has or now gets."""
    return (
        [
            (story.story_id or StoryId(archive.new_id("story")), story)
            for story in placement.stories
        ],
        [(event.event_id or EventId(archive.new_id("event")), event) for event in placement.events],
    )


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


def _retired_events(before: Events, after: Events) -> Iterator[tuple[EventId, EventId]]:
    """The events that all their stories left, and where the first of their articles went."""
    kept = set(after.values()) | {event for id_, event in before.items() if id_ not in after}
    for old in sorted({before[id_] for id_ in after if id_ in before} - kept):
        yield old, after[min(id_ for id_, event in before.items() if event == old)]


def _columns(rows: Iterable[tuple[Any, ...]], *names: str) -> dict[str, list[Any]]:
    """The rows as one list of values for each of the named columns."""
    held = list(rows)
    return {name: [row[number] for row in held] for number, name in enumerate(names)}


# --- history ------------------------------------------------------------------------------------


def _history(
    hood: Neighbourhood,
    placement: Placement,
    before: Stories,
    after: Stories,
    moved: Iterable[ArticleId],
    cause: str | None,
) -> Iterator[History]:
    """What is to be told of the stories that are, and of who moved between them."""
    for story in placement.stories:
        yield from _told(story, after, hood)
    for id_ in moved:
        yield from _travel(id_, before, after, placement, cause)


def _merged(retired: Mapping[StoryId, StoryId], cause: str | None) -> Iterator[History]:
    """What is to be told of stories that all their articles left."""
    for old, new in retired.items():
        yield (old, "merged", None, new, cause or "its articles are copies of the other story's")


def _told(story: StoryPlacement, after: Stories, hood: Neighbourhood) -> Iterator[History]:
    """What is to be told of a story's canonical article."""
    id_, canonical = after[story.canonical], story.canonical
    if story.story_id is None:
        yield (id_, "created", canonical, None, story.reason)
    elif hood.canonical[story.story_id] != canonical:
        yield (id_, "canonical", canonical, hood.canonical[story.story_id], story.reason)


def _travel(
    id_: ArticleId, before: Stories, after: Stories, placement: Placement, cause: str | None
) -> Iterator[History]:
    """What is to be told of an article that came to another story."""
    former, story_id = before.get(id_), after[id_]
    if former is not None:
        yield (former, "left", id_, story_id, cause or _AROUND)
    created = {story.canonical for story in placement.stories if story.story_id is None}
    if id_ not in created:
        yield (story_id, "joined", id_, former, cause or _link(id_, after, placement))


def _link(id_: ArticleId, after: Stories, placement: Placement) -> str:
    """The strongest relation that ties an article to its story, in words."""
    found = [
        relation
        for relation in placement.relations
        if id_ in {relation.a, relation.b} and after.get(relation.a) == after.get(relation.b)
    ]
    if not found:
        return _AROUND
    best = max(found, key=lambda relation: relation.story_score)
    other = best.b if best.a == id_ else best.a
    return f"{best.kind} of article {other}, story score {best.story_score:.3f}"


def _moved_stories(
    hood: Neighbourhood,
    stories: Iterable[tuple[StoryId, StoryPlacement]],
    after: Events,
    placement: Placement,
    cause: str | None,
) -> Iterator[History]:
    """What is to be told of events that a story went between."""
    before = {member.story_id: member.event_id for member in hood.members}
    for id_, story in stories:
        former, event_id = before.get(id_), after[story.canonical]
        if former is not None and former != event_id:
            reason = cause or _tie(story.articles, after, placement)
            yield (former, "left", id_, event_id, reason)
            yield (event_id, "joined", id_, former, reason)


def _merged_events(
    retired: Mapping[EventId, EventId],
    before: Events,
    after: Events,
    placement: Placement,
    cause: str | None,
) -> Iterator[History]:
    """What is to be told of events that all their stories left."""
    for old, new in retired.items():
        articles = [id_ for id_, event_id in before.items() if event_id == old]
        yield (old, "merged", None, new, cause or _tie(articles, after, placement))


def _tie(articles: Collection[ArticleId], after: Events, placement: Placement) -> str:
    """The strongest relation that ties some of these articles to an event, in words."""
    found = [
        relation
        for relation in placement.relations
        if {relation.a, relation.b} & set(articles)
        and after.get(relation.a) == after.get(relation.b)
    ]
    if not found:
        return _EVENTS_AROUND
    best = max(found, key=lambda relation: relation.event_score)
    return f"articles {best.a} and {best.b} are of one event, event score {best.event_score:.3f}"


# --- evidence -----------------------------------------------------------------------------------


def _relation(relation: Relation) -> tuple[Any, ...]:
    passages = [[p.a_start, p.a_end, p.b_start, p.b_end] for p in relation.passages]
    return (*(getattr(relation, name) for name in _EVIDENCE[:-1]), json.dumps(passages))
