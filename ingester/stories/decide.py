"""One article's place: what it is related to, and the stories and events around it, grouped anew."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from math import inf

import numpy as np

from ingester.models import (
    ArticleId,
    Candidate,
    Decision,
    EventId,
    EventPlacement,
    Member,
    Neighbourhood,
    Pair,
    Placement,
    Relation,
    StoryId,
    StoryPlacement,
)
from ingester.settings import Grouping
from ingester.stories.canonical import elect
from ingester.stories.clustering import Matrix, average_link, component, keep_names
from ingester.stories.compare import relate
from ingester.stories.likeness import Unit, likeness

Scores = Mapping[Pair, float]
Event = tuple[Unit, ...]


def decide(new: Candidate, hood: Neighbourhood, rule: Grouping) -> Placement:
    """Where the new article belongs, and all that its arrival changes.

    Stories are a function of the set of articles, in whatever order they came: a relation depends
    on its two articles alone, and each component of them is grouped from scratch. Events are
    grouped anew from the stories of all events that hold one like the article's story.
    """
    relations = tuple(_relations(new, hood, rule))
    known = replace(hood, members=(*hood.members, new.member))
    return _grouped((new.member.id, *hood.former), known, relations, rule)


def regroup(around: Sequence[ArticleId], hood: Neighbourhood, rule: Grouping) -> Placement:
    """The stories and events around these articles, which are members, grouped anew."""
    return _grouped(around, hood, (), rule)


def _grouped(
    around: Sequence[ArticleId],
    hood: Neighbourhood,
    relations: tuple[Relation, ...],
    rule: Grouping,
) -> Placement:
    members = {member.id: member for member in hood.members}
    scores = _scores(hood, relations)
    start = [id_ for id_ in around if id_ in members]
    touched = _component(start, members, _links(scores, hood.decisions, rule))
    compared = [candidate.member.id for candidate in hood.candidates]
    stories = _stories(members[start[0]], touched, scores, compared, rule)
    stories = _united(stories, hood.decisions)
    near = _near(stories, _others(members.values(), touched), rule)
    events = _events(stories, near, rule)
    return Placement(
        relations=relations,
        stories=_story_placements([unit for event in events for unit in event], rule),
        events=_event_placements(events),
        oversized=_oversized(rule, len(touched), len(stories) + len(near)),
    )


def _oversized(rule: Grouping, *sizes: int) -> int:
    return max((size for size in sizes if size > rule.component), default=0)


def _relations(new: Candidate, hood: Neighbourhood, rule: Grouping) -> Iterable[Relation]:
    units = [(candidate.member,) for candidate in hood.candidates]
    alike = likeness([(new.member,)], units, rule)[0] if units else []
    for candidate, event in zip(hood.candidates, alike, strict=True):
        relation = relate(new, candidate, float(event), rule)
        if relation is not None:
            yield relation


# --- stories ------------------------------------------------------------------------------------


def _scores(hood: Neighbourhood, relations: Iterable[Relation]) -> Scores:
    """The pairs' story scores; of a pair that a person split, one that no mean outweighs."""
    scores = {(r.a, r.b): r.story_score for r in relations if r.story_score > 0}
    return {**hood.edges, **scores} | {
        (d.a, d.b): -inf for d in hood.decisions if d.kind == "split"
    }


def _links(scores: Scores, decisions: Iterable[Decision], rule: Grouping) -> list[Pair]:
    """The pairs that may be one story: copies, and those that a person joined."""
    copies = [pair for pair, score in scores.items() if score >= rule.join]
    return copies + [(d.a, d.b) for d in decisions if d.kind == "join"]


def _component(
    start: Iterable[ArticleId], members: Mapping[ArticleId, Member], links: Iterable[Pair]
) -> Unit:
    """All whom links lead to from the new article, and from whom it left behind, by rank."""
    inner = [(a, b) for a, b in links if a in members and b in members]
    for story in _by_story(members.values()).values():
        inner += [(a.id, b.id) for a, b in pairwise(story)]
    return _by_rank(members[id_] for id_ in component(start, inner))


def _stories(
    new: Member, touched: Unit, scores: Scores, compared: Iterable[ArticleId], rule: Grouping
) -> list[Unit]:
    if len(touched) > rule.component:
        return _joined(new, touched, scores, compared, rule)
    groups = average_link(_matrix(touched, scores), rule.join)
    return [tuple(touched[row] for row in group) for group in groups]


def _joined(
    new: Member, touched: Unit, scores: Scores, compared: Iterable[ArticleId], rule: Grouping
) -> list[Unit]:
    """The stories as they stand, the new article joined to the one it is nearest to.

    Nearest on average over those of its members that the article was compared with: of so many
    only the likeliest were.
    """
    own = {a if b == new.id else b: score for (a, b), score in scores.items() if new.id in (a, b)}
    met = dict.fromkeys(compared, 0.0) | own
    stories = _others(touched, (new,))
    means = [_mean([met[m.id] for m in story if m.id in met]) for story in stories]
    nearest = int(np.argmax(means))
    if means[nearest] < rule.join:
        return [*stories, (new,)]
    stories[nearest] = _by_rank((*stories[nearest], new))
    return stories


def _mean(scores: Sequence[float]) -> float:
    return sum(scores) / len(scores) if scores else 0.0


def _united(stories: list[Unit], decisions: Sequence[Decision]) -> list[Unit]:
    """The stories, those made one that a person joined, as long as no split stands between them.

    Joins come after the average link, so that an article joined by hand draws nobody else along.
    """
    splits = [{d.a, d.b} for d in decisions if d.kind == "split"]
    for join in (d for d in decisions if d.kind == "join"):
        tied = [story for story in stories if _ids(story) & {join.a, join.b}]
        whole = _by_rank(member for story in tied for member in story)
        if len(tied) > 1 and not any(split <= _ids(whole) for split in splits):
            stories = [story for story in stories if story not in tied] + [whole]
    return sorted(stories, key=lambda story: story[0].rank)


def _matrix(members: Unit, scores: Scores) -> Matrix:
    """Story scores; 0 for pairs that share too little, or no key, to have one."""
    row = {member.id: number for number, member in enumerate(members)}
    held = [(row[a], row[b], score) for (a, b), score in scores.items() if a in row and b in row]
    matrix = np.zeros((len(members), len(members)))
    for a, b, score in held:
        matrix[a, b] = matrix[b, a] = score
    return matrix


def _by_story(members: Iterable[Member]) -> dict[StoryId, list[Member]]:
    stories: dict[StoryId, list[Member]] = {}
    for member in members:
        if member.story_id is not None:
            stories.setdefault(member.story_id, []).append(member)
    return stories


def _others(members: Iterable[Member], touched: Sequence[Member]) -> list[Unit]:
    """The stored stories of all members but the touched ones."""
    ids = {member.id for member in touched}
    left = _by_story(member for member in members if member.id not in ids)
    return [_by_rank(story) for story in left.values()]


def _by_rank(members: Iterable[Member]) -> Unit:
    return tuple(sorted(members, key=lambda member: member.rank))


# --- events -------------------------------------------------------------------------------------


def _near(stories: Sequence[Unit], others: Sequence[Unit], rule: Grouping) -> list[Unit]:
    """The other stories of all events that the touched stories stand in or are like."""
    if not others:
        return []
    alike = likeness(others, stories, rule).max(axis=1) >= rule.event_join
    events = {member.event_id for story in stories for member in story}
    events |= {story[0].event_id for story, close in zip(others, alike, strict=True) if close}
    return [story for story in others if story[0].event_id in events]


def _events(stories: Sequence[Unit], near: Sequence[Unit], rule: Grouping) -> list[Event]:
    units = sorted((*stories, *near), key=lambda unit: unit[0].rank)
    largest = max(Counter(unit[0].event_id for unit in units).values())
    if len(units) > rule.component or largest >= rule.event_stories:
        return _assigned(stories, near, rule)
    groups = average_link(likeness(units, units, rule), rule.event_join)
    return [tuple(units[row] for row in group) for group in groups]


def _assigned(stories: Sequence[Unit], near: Sequence[Unit], rule: Grouping) -> list[Event]:
    """The events as they stand, each touched story put to the one it is nearest to."""
    events: dict[EventId | None, list[Unit]] = {}
    for unit in sorted(near, key=lambda unit: unit[0].rank):
        events.setdefault(unit[0].event_id, []).append(unit)
    placed = list(events.values())
    for story in stories:
        means = [float(likeness([story], event, rule).mean()) for event in placed]
        nearest = int(np.argmax(means)) if means else 0
        if means and means[nearest] >= rule.event_join:
            placed[nearest].append(story)
        else:
            placed.append([story])
    return [tuple(event) for event in placed]


# --- what to write ------------------------------------------------------------------------------


def _story_placements(units: Sequence[Unit], rule: Grouping) -> tuple[StoryPlacement, ...]:
    former = {member.id: member.story_id for unit in units for member in unit}
    names = keep_names([_ids(unit) for unit in units], former)
    return tuple(
        _story_placement(unit, StoryId(name) if name is not None else None, rule)
        for unit, name in zip(units, names, strict=True)
    )


def _story_placement(unit: Unit, story_id: StoryId | None, rule: Grouping) -> StoryPlacement:
    canonical, reason = elect(unit, rule)
    return StoryPlacement(story_id, tuple(sorted(_ids(unit))), canonical, reason)


def _event_placements(events: Sequence[Event]) -> tuple[EventPlacement, ...]:
    articles = [frozenset(member.id for unit in event for member in unit) for event in events]
    former = {m.id: m.event_id for event in events for unit in event for m in unit}
    names = keep_names(articles, former)
    return tuple(
        EventPlacement(EventId(name) if name is not None else None, tuple(sorted(ids)))
        for ids, name in zip(articles, names, strict=True)
    )


def _ids(unit: Unit) -> frozenset[ArticleId]:
    return frozenset(member.id for member in unit)
