"""Two articles side by side: how much of one text stands in the other, and where."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from typing import NamedTuple

import numpy as np

from ingester import minhash, words
from ingester.events import GRID
from ingester.models import Candidate, Member, Passage, Relation, RelationKind
from ingester.settings import Grouping
from ingester.stories.wording import own_words, same_form

RULE = "stories/2"
"""The version of everything below; it stands in each relation that it has judged."""

SHORT = 3  # words in the shingles that the story score is made of
LEAD = 100  # tokens that make up a text's lead
LEAD_FLOOR = 0.02  # a copy may have a lead of its own
PASSAGES = 20  # recorded, the longest


class Text(NamedTuple):
    """A text's distinct shingles, ascending, and those of its lead."""

    long: minhash.Hashes
    short: minhash.Hashes
    pairs: minhash.Hashes
    words: minhash.Hashes
    lead: minhash.Hashes


@dataclass(frozen=True, slots=True)
class Overlap:
    """How much two texts share; the names are Relation's.

    `containment1` and `containment2` are of words and of word pairs, as `containment3` is.
    """

    containment_a: float = 0.0
    containment_b: float = 0.0
    jaccard: float = 0.0
    shared: int = 0
    containment1: float = 0.0
    containment2: float = 0.0
    containment3: float = 0.0
    lead3: float = 0.0

    @property
    def contained(self) -> float:
        """The share of the smaller text's word-5-shingles that stand in the other."""
        return max(self.containment_a, self.containment_b)


def relate(one: Candidate, other: Candidate, event: float, rule: Grouping) -> Relation | None:
    """How the two are related, with the evidence, or None; `event`: their event score.

    A function of the two alone, so that it does not matter who came first.
    """
    a, b = (one, other) if one.member.id < other.member.id else (other, one)
    overlap = _overlap(a, b, rule)
    score = 1.0 if _identical(a, b) else _story_score(a, b, overlap, rule)
    kind = _kind(a, b, score, event, overlap, rule)
    if kind is None:
        return None
    overlap = overlap if overlap.shared else measure(a.signed_text, b.signed_text)
    return _relation(a, b, kind, score, event, overlap)


def measure(a: str, b: str) -> Overlap:
    """How much of each text stands in the other."""
    left, right = text(a), text(b)
    shared = _common(left.long, right.long)
    union = len(left.long) + len(right.long) - shared
    return Overlap(
        containment_a=_share(shared, len(left.long)),
        containment_b=_share(shared, len(right.long)),
        jaccard=_share(shared, union),
        shared=shared,
        containment1=_contained(left.words, right.words),
        containment2=_contained(left.pairs, right.pairs),
        containment3=_contained(left.short, right.short),
        lead3=max(
            _share(_common(left.lead, right.short), len(left.lead)),
            _share(_common(right.lead, left.short), len(right.lead)),
        ),
    )


@lru_cache(maxsize=1024)
def text(signed_text: str) -> Text:
    """The text's shingles; the last 1,024 texts' are kept, some 15 KB each."""
    hashed = minhash.hashes(words.tokens(signed_text))
    return Text(
        minhash.distinct(minhash.shingles(hashed, minhash.SHINGLE)),
        minhash.distinct(minhash.shingles(hashed, SHORT)),
        minhash.distinct(minhash.shingles(hashed, 2)),
        minhash.distinct(hashed),
        minhash.distinct(minhash.shingles(hashed[:LEAD], SHORT)),
    )


def passages(a: str, b: str) -> tuple[Passage, ...]:
    """The longest runs of at least five words that stand in both texts, longest first.

    No word of `a` stands in two of them. Each run is taken where it first stands in `b`, or right
    after the passage before it.
    """
    left, right = _read(a), _read(b)
    found = sorted(_runs(left, right), key=lambda run: (-run[2], run[0]))[:PASSAGES]
    at, to = left.spans, right.spans
    return tuple(
        Passage(at[i][0], at[i + n - 1][1], to[j][0], to[j + n - 1][1]) for i, j, n in found
    )


def on_grid(score: float) -> float:
    """The score as the database holds it, within [0, 1]."""
    return round(min(1.0, max(0.0, score)) * GRID) / GRID


def foreign(a: Member, b: Member) -> bool:
    """Whether the two are known to be written in different languages."""
    return bool(a.language and b.language) and _primary(a) != _primary(b)


def _primary(member: Member) -> str:
    return (member.language or "").partition("-")[0].casefold()


def _identical(a: Candidate, b: Candidate) -> bool:
    return a.body_sha256 == b.body_sha256 and a.member.tokens > 0


def _overlap(a: Candidate, b: Candidate, rule: Grouping) -> Overlap:
    """The overlap, or nothing where it is no evidence of reuse."""
    if _identical(a, b):
        return measure(a.signed_text, b.signed_text)
    if foreign(a.member, b.member) or min(a.member.tokens, b.member.tokens) < rule.min_tokens:
        return Overlap()
    if _common(text(a.signed_text).long, text(b.signed_text).long) < rule.min_shared:
        return Overlap()
    if same_form(a.signed_text, b.signed_text):
        return Overlap()
    return measure(a.signed_text, b.signed_text)


def _story_score(a: Candidate, b: Candidate, overlap: Overlap, rule: Grouping) -> float:
    """How surely one text is a copy of the other; 0 where too little is shared to speak of reuse.

    Texts that share hardly more than what both quote at length are no copies.
    """
    own = own_words(a.signed_text), own_words(b.signed_text)
    if own != (a.signed_text, b.signed_text) and measure(*own).contained < rule.partial:
        return 0.0
    score = _reuse(overlap) if overlap.shared >= rule.min_shared else 0.0
    return score if score >= rule.join or overlap.contained >= rule.partial else 0.0


def _reuse(told: Overlap) -> float:
    """The greatest of √(C3·lead3), C5 and C1·C2.

    The first follows a text through edits as long as it opens like its source, the second finds
    verbatim passages wherever they stand, the third finds what was rewritten throughout: where each
    word stays with the probability p, C1·C2 is p³ like C3, and chance moves it less.
    Source: docs/grouping.md, "Verifying".
    """
    opening = sqrt(told.containment3 * max(told.lead3, LEAD_FLOOR))
    return on_grid(max(opening, told.contained, told.containment1 * told.containment2))


def _kind(
    a: Candidate, b: Candidate, score: float, event: float, overlap: Overlap, rule: Grouping
) -> RelationKind | None:
    if _identical(a, b):
        return "identical"
    if score >= rule.join:
        return "copy"
    if overlap.contained >= rule.partial:
        return "partial"
    return "same_event" if event >= rule.event_pair else None


def _relation(
    a: Candidate, b: Candidate, kind: RelationKind, score: float, event: float, overlap: Overlap
) -> Relation:
    return Relation(
        a=a.member.id,
        b=b.member.id,
        kind=kind,
        story_score=score,
        event_score=event,
        containment_a=overlap.containment_a,
        containment_b=overlap.containment_b,
        jaccard=overlap.jaccard,
        shared=overlap.shared,
        containment3=overlap.containment3,
        lead3=overlap.lead3,
        # turns of phrase that two reports of one event share are no evidence of reuse
        passages=() if kind == "same_event" else passages(a.signed_text, b.signed_text),
        rule=RULE,
    )


def _common(a: minhash.Hashes, b: minhash.Hashes) -> int:
    """How many of two ascending, distinct series' hashes stand in both."""
    if not len(a) or not len(b):
        return 0
    few, many = (a, b) if len(a) < len(b) else (b, a)
    at = np.searchsorted(many, few)
    at[at == len(many)] = 0
    return int(np.count_nonzero(many[at] == few))


def _contained(a: minhash.Hashes, b: minhash.Hashes) -> float:
    return _share(_common(a, b), min(len(a), len(b)))


def _share(part: int, whole: int) -> float:
    return on_grid(part / whole) if whole else 0.0


class _Reading(NamedTuple):
    """A text's tokens and where they stand, its runs in order, and where each first stands."""

    tokens: list[str]
    spans: list[tuple[int, int]]
    runs: list[tuple[str, ...]]
    first: dict[tuple[str, ...], int]


@lru_cache(maxsize=64)
def _read(signed_text: str) -> _Reading:
    """The last 64 texts' readings are kept, some 200 KB each: an arrival is compared with fifty."""
    tokens, size = words.tokens(signed_text), minhash.SHINGLE
    runs = list(zip(*(tokens[start:] for start in range(size)), strict=False))
    first = {run: len(runs) - back for back, run in enumerate(reversed(runs), start=1)}
    return _Reading(tokens, words.spans(signed_text), runs, first)


def _runs(a: _Reading, b: _Reading) -> list[tuple[int, int, int]]:
    """(start in a, start in b, length) of the runs that stand in both, in a's order."""
    found, i, follows = [], 0, 0
    while i < len(a.runs):
        run = a.runs[i]
        j = follows if run == _at(b.runs, follows) else b.first.get(run)
        if j is None:
            i += 1
            continue
        length = _length(a.tokens, b.tokens, i, j)
        found.append((i, j, length))
        i, follows = i + length, j + length
    return found


def _at(runs: Sequence[tuple[str, ...]], place: int) -> tuple[str, ...]:
    return runs[place] if place < len(runs) else ()


def _length(a: Sequence[str], b: Sequence[str], i: int, j: int) -> int:
    longest = min(len(a) - i, len(b) - j)
    return next((n for n in range(longest) if a[i + n] != b[j + n]), longest)
