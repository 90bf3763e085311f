"""Labelled articles placed in an archive, one by one, as any import is; and what was seen of it."""

import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ingester import pipeline, store, stories
from ingester.engine import Engine
from ingester.evaluation.gold import Pair, Row
from ingester.models import (
    ArticleId,
    Candidate,
    Failed,
    Member,
    Neighbourhood,
    Page,
    Placement,
    Signed,
)
from ingester.settings import Grouping, Settings
from ingester.stories.compare import relate
from ingester.stories.likeness import likeness

_ANY_SEED = 1  # pairs are compared as texts; their signatures are not asked


@dataclass(frozen=True, slots=True)
class Trial:
    """Where the articles came, in the rows' order; articles are named by their rows' numbers.

    `story` and `event` are group numbers; an article that was refused is a group of its own.
    `candidates`: whom each was compared with as it came. `scores`: the story score of each pair
    that has one. `members`: the articles as grouping saw them, but for the refused ones.
    """

    story: tuple[int, ...]
    event: tuple[int, ...]
    candidates: dict[int, frozenset[int]]
    scores: dict[tuple[int, int], float]
    members: dict[int, Candidate]
    refused: dict[int, Failed]


class _Watch:
    """`stories.decide`, with a note of what it was given and what it said."""

    def __init__(self, rows: Sequence[Row], rule: Grouping) -> None:
        self.numbers = {row.entry.url: number for number, row in enumerate(rows)}
        self.rule = rule
        self.members: dict[int, Candidate] = {}
        self.candidates: dict[int, frozenset[int]] = {}
        self.scores: dict[tuple[int, int], float] = {}

    def decide(self, new: Candidate, hood: Neighbourhood) -> Placement:
        number = self.numbers[new.member.url]
        by_id = {c.member.id: self.numbers[c.member.url] for c in (new, *hood.candidates)}
        placement = stories.decide(new, hood, self.rule)
        self.members[number] = new
        self.candidates[number] = frozenset(set(by_id.values()) - {number})
        for relation in placement.relations:
            a, b = sorted((by_id[relation.a], by_id[relation.b]))
            self.scores[a, b] = relation.story_score
        return placement


def place(
    archive: store.Archive, engine: Engine, rows: Sequence[Row], order: Sequence[int]
) -> Trial:
    """Place the rows in this order in an empty archive."""
    watch = _Watch(rows, archive.settings.grouping)
    refused: dict[int, Failed] = {}
    pages = pipeline.informed(archive, [rows[number].page for number in order])
    results = engine.map(pipeline.preparation(archive), pages)
    for number, page, result in zip(order, pages, results, strict=True):
        if isinstance(result, Failed):
            refused[number] = result
        else:
            store.place(archive, rows[number].entry, page, result, watch.decide)
    places = {place.url: place for place in store.places(archive)}
    return Trial(
        story=_groups(rows, places, "story_id"),
        event=_groups(rows, places, "event_id"),
        candidates=watch.candidates,
        scores=watch.scores,
        members=watch.members,
        refused=refused,
    )


def orders(articles: int, count: int) -> list[list[int]]:
    """As many orders of arrival: the file's own first, then shuffled ones, the same in each run."""
    dice = random.Random(0)  # noqa: S311 - repeatable, and guards nothing
    own = list(range(articles))
    return [own, *(dice.sample(own, articles) for _ in range(count - 1))]


def every_text(settings: Settings) -> Settings:
    """Whoever names a text an article means it, however short it is and however often it comes."""
    every = settings.extract.model_copy(
        update={"min_characters": 0, "min_sentences": 0, "same_text": sys.maxsize}
    )
    return settings.model_copy(update={"extract": every})


def pair_scores(pair: Pair, settings: Settings) -> tuple[float, float] | Failed:
    """The story score and the event score of two articles, by the archive's own path."""
    sides = [_candidate(page, number, settings) for number, page in ((1, pair.a), (2, pair.b))]
    for side in sides:
        if isinstance(side, Failed):
            return side
    a, b = (side for side in sides if isinstance(side, Candidate))
    event = float(likeness([(a.member,)], [(b.member,)], settings.grouping)[0, 0])
    relation = relate(a, b, event, settings.grouping)
    return (relation.story_score if relation else 0.0), event


def _groups(rows: Sequence[Row], places: dict[str, store.Row], name: str) -> tuple[int, ...]:
    return tuple(
        getattr(places[row.entry.url], name) if row.entry.url in places else -number
        for number, row in enumerate(rows, start=1)
    )


def _candidate(page: Page, number: int, settings: Settings) -> Candidate | Failed:
    signed = pipeline.prepare(page, settings, _ANY_SEED)
    return signed if isinstance(signed, Failed) else _seen(signed, number, page.fetched_at)


def _seen(signed: Signed, number: int, at: datetime) -> Candidate:
    article = signed.article
    member = Member(
        id=ArticleId(number),
        rank=bytes([number]),
        url=f"import:{number}",
        outlet=article.outlet or "",
        language=article.language,
        published=article.published,
        first_seen=at,
        canonical_url=article.canonical_url,
        agency=article.agency.name if article.agency else None,
        tokens=signed.tokens,
        vector=signed.vector,
        story_id=None,
        event_id=None,
    )
    return Candidate(member, signed.body_sha256, article.signed_text)
