"""What grouping sees of articles, and what it decides: relations, stories and events."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NewType

from ingester.models.article import Vector
from ingester.models.incoming import Moment

ArticleId = NewType("ArticleId", int)
StoryId = NewType("StoryId", int)
EventId = NewType("EventId", int)

Pair = tuple[ArticleId, ArticleId]
"""Two articles, the lower id first."""


@dataclass(frozen=True, slots=True)
class Member:
    """An article as grouping sees it.

    `rank` is a hash of its URL: it breaks ties, so that no result depends on the order of
    arrival. `story_id` and `event_id` are None before the first placement.
    """

    id: ArticleId
    rank: bytes
    url: str
    outlet: str
    language: str | None
    published: Moment | None
    first_seen: datetime
    canonical_url: str | None
    agency: str | None
    tokens: int
    vector: Vector
    story_id: StoryId | None
    event_id: EventId | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A member that may be related to another one, with the text to verify it on."""

    member: Member
    body_sha256: bytes
    signed_text: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's word on two articles: one story ("join") or never one ("split"); `a` < `b`."""

    a: ArticleId
    b: ArticleId
    kind: Literal["join", "split"]


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """All that a placement may depend on, read in one transaction.

    `candidates`: articles that share keys with the new one. `members`: everybody whose story or
    event may change (the candidates, those joined to them by story edges or decisions, and the whole
    of their stories and events). `edges`: stored story scores among the members. `decisions`: those in
    force among the members and the new one, in the order in which they were made. `canonical`: each
    touched story's present canonical article. `former`: whom story edges joined to the former text of
    an article that is revised.
    """

    candidates: tuple[Candidate, ...]
    members: tuple[Member, ...]
    edges: Mapping[Pair, float]
    decisions: tuple[Decision, ...]
    canonical: Mapping[StoryId, ArticleId]
    former: tuple[ArticleId, ...]


RelationKind = Literal["identical", "copy", "partial", "same_event"]


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of words that stands in both texts: character offsets, half-open, into signed_text."""

    a_start: int
    a_end: int
    b_start: int
    b_end: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """How much two texts share; shares lie in [0, 1].

    `containment_a`: the share of a's word-5-shingles that stand in b; `containment_b` the other way
    round; `jaccard` over the same shingles, `shared` their number; `containment3` of the smaller
    word-3-shingle set; `lead3` as in docs/grouping.md.
    """

    containment_a: float
    containment_b: float
    jaccard: float
    shared: int
    containment3: float
    lead3: float

    @property
    def contained(self) -> float:
        """The share of the smaller text's word-5-shingles that stand in the other."""
        return max(self.containment_a, self.containment_b)


@dataclass(frozen=True, slots=True)
class Relation(Overlap):
    """Why two articles belong together, with the evidence.

    `a` < `b`. Scores lie in [0, 1]. `passages` are told of copies, whole or partial.
    """

    a: ArticleId
    b: ArticleId
    kind: RelationKind
    story_score: float
    event_score: float
    passages: tuple[Passage, ...]
    rule: str


@dataclass(frozen=True, slots=True)
class StoryPlacement:
    """The articles of one story, its canonical one, and the reason for that choice.

    `story_id` is the story that they go on being, or None for a new one.
    """

    story_id: StoryId | None
    articles: tuple[ArticleId, ...]
    canonical: ArticleId
    reason: str


@dataclass(frozen=True, slots=True)
class EventPlacement:
    """The articles of one event; whole stories only. `event_id` None: a new event."""

    event_id: EventId | None
    articles: tuple[ArticleId, ...]


@dataclass(frozen=True, slots=True)
class Placement:
    """What one article's arrival changes: its relations, and all touched stories and events.

    Every member of the neighbourhood whose story or event is touched stands in exactly one
    story placement and exactly one event placement. `oversized`: how many units stood together
    where they were too many to be grouped anew, so that only the new article was placed; else 0.
    """

    relations: tuple[Relation, ...]
    stories: tuple[StoryPlacement, ...]
    events: tuple[EventPlacement, ...]
    oversized: int = 0
