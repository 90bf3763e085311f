"""Two articles side by side: how much of one text stands in the other, and where."""

from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from ingester import minhash, words
from ingester.events import GRID, primary
from ingester.models import Candidate, Member, Overlap, Passage, Relation, RelationKind
from ingester.settings import Grouping
from ingester.stories import besides
from ingester.stories.wording import same_form, without_speech

RULE = "stories/5"
"""The version of everything below; it stands in each relation that it has judged."""

SHORT = 3  # words in the shingles that the story score is made of
LEAD = 100  # tokens that make up a text's lead
LEAD_FLOOR = 0.02  # a copy may have a lead of its own
MOST = 2  # times C3 is what a lead, or words in any order, count at most: they alone make no copy
LEAST_LEFT = 30  # words: what is mostly speech is compared whole
PASSAGES = 20  # recorded, the longest


class Text:
    """A text's hashed words in reading order, and its distinct shingles, ascending.

    Each size is made when it is first asked for: most texts that meet share too little to ask on.
    """

    def __init__(self, signed_text: str) -> None:
        self.hashed = minhash.hashes(words.tokens(signed_text))

    @cached_property
    def runs(self) -> minhash.Hashes:
        """The word-5-shingles in reading order."""
        return minhash.shingles(self.hashed, minhash.SHINGLE)

    @cached_property
    def long(self) -> minhash.Hashes:
        """The word-5-shingles."""
        return minhash.distinct(self.runs)

    @cached_property
    def first(self) -> NDArray[np.intp]:
        """Where in the text each of `long` first stands."""
        return np.unique(self.runs, return_index=True)[1]

    @cached_property
    def short(self) -> minhash.Hashes:
        """The word-3-shingles, which the story score is made of."""
        return minhash.distinct(minhash.shingles(self.hashed, SHORT))

    @cached_property
    def pairs(self) -> minhash.Hashes:
        """The word pairs."""
        return minhash.distinct(minhash.shingles(self.hashed, 2))

    @cached_property
    def words(self) -> minhash.Hashes:
        """The words."""
        return minhash.distinct(self.hashed)

    @cached_property
    def lead(self) -> minhash.Hashes:
        """The word-3-shingles of the lead."""
        return minhash.distinct(minhash.shingles(self.hashed[:LEAD], SHORT))


def relate(one: Candidate, other: Candidate, event: float, rule: Grouping) -> Relation | None:
    """How the two are related, with the evidence, or None; `event`: their event score.

    A function of the two alone, so that it does not matter who came first.
    """
    a, b = (one, other) if one.member.id < other.member.id else (other, one)
    reuse = measure(a.signed_text, b.signed_text) if _is_evidence(a, b, rule) else None
    score = _story_score(a, b, reuse, rule) if reuse else 0.0
    kind = _kind(a, b, score, event, reuse, rule)
    if kind is None:
        return None
    return _relation(a, b, kind, score, event, reuse or measure(a.signed_text, b.signed_text))


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
        containment3=_contained(left.short, right.short),
        lead3=max(
            _share(_common(left.lead, right.short), len(left.lead)),
            _share(_common(right.lead, left.short), len(right.lead)),
        ),
    )


@lru_cache(maxsize=1024)
def text(signed_text: str) -> Text:
    """The text's shingles; the last 1,024 texts' are kept, at most 25 KB each."""
    return Text(signed_text)


def passages(a: str, b: str) -> tuple[Passage, ...]:
    """The longest runs of at least five words that stand in both texts, longest first.

    No word of `a` stands in two of them. Each run is taken where it first stands in `b`, or right
    after the passage before it.
    """
    found = sorted(_runs(text(a), text(b)), key=lambda run: (-run[2], run[0]))[:PASSAGES]
    i, j, n = np.array(found, np.intp).reshape(-1, 3).T
    at, to = words.spans(a), words.spans(b)
    ends = np.stack((at[i, 0], at[i + n - 1, 1], to[j, 0], to[j + n - 1, 1]), axis=1)
    return tuple(Passage(*offsets) for offsets in ends.tolist())


def on_grid(score: float) -> float:
    """The score as the database holds it, within [0, 1]."""
    return round(min(1.0, max(0.0, score)) * GRID) / GRID


def foreign(a: Member, b: Member) -> bool:
    """Whether the two are known to be written in different languages."""
    return bool(a.language and b.language) and primary(a.language) != primary(b.language)


def _identical(a: Candidate, b: Candidate) -> bool:
    return a.body_sha256 == b.body_sha256 and a.member.tokens > 0


def _is_evidence(a: Candidate, b: Candidate, rule: Grouping) -> bool:
    """Whether what the two share can be evidence of reuse."""
    if _identical(a, b):
        return True
    if min(a.member.tokens, b.member.tokens) < rule.min_tokens:
        return False
    one, other = text(a.signed_text).long, text(b.signed_text).long
    if _common(one, other) < rule.min_shared:
        return False
    # a page in two languages is known by the longer part
    contained = _contained(one, other)
    if foreign(a.member, b.member) and contained < besides.WHOLE:
        return False
    return not same_form(a.signed_text, b.signed_text, contained)


def _story_score(a: Candidate, b: Candidate, overlap: Overlap, rule: Grouping) -> float:
    """How surely one text is a copy of the other; 0 where too little is shared to speak of reuse.

    Texts that share hardly more than what both quote at length are no copies, nor are those that
    share passages and are otherwise about different things.
    """
    if _identical(a, b):
        return 1.0
    whole = text(a.signed_text), text(b.signed_text)
    own = _own_words(a.signed_text), _own_words(b.signed_text)
    if own != whole and _contained(own[0].long, own[1].long) < rule.partial:
        return 0.0
    score = _reuse(*whole, overlap)
    if score < rule.join:
        return score if overlap.contained >= rule.partial else 0.0
    same = overlap.contained >= besides.WHOLE or _besides(a, b) >= besides.ALIKE
    return score if same else 0.0


def _besides(a: Candidate, b: Candidate) -> float:
    """How alike the two are besides the passages that they share; 1 where that is little."""
    one, other = text(a.signed_text), text(b.signed_text)
    ours, theirs = besides.left(one.runs, other.long), besides.left(other.runs, one.long)
    if min(ours.sum(), theirs.sum()) < besides.LEAST:
        return 1.0
    topic = besides.topic(
        besides.part(a.member.vector, _terms(a)[ours]),
        besides.part(b.member.vector, _terms(b)[theirs]),
    )
    wording = max(
        besides.kept(one.hashed[ours], other.pairs), besides.kept(other.hashed[theirs], one.pairs)
    )
    return on_grid(topic + wording)


def _terms(one: Candidate) -> NDArray[np.int64]:
    """The term of each of the article's words."""
    return _terms_of(one.signed_text, primary(one.member.language))


@lru_cache(maxsize=1024)
def _terms_of(signed_text: str, language: str) -> NDArray[np.int64]:
    return besides.terms(words.tokens(signed_text), language)


@lru_cache(maxsize=1024)
def _own_words(signed_text: str) -> Text:
    """The text without long quotes; whole where little else is left."""
    own = text(without_speech(signed_text))
    return own if len(own.hashed) >= LEAST_LEFT else text(signed_text)


def _reuse(a: Text, b: Text, told: Overlap) -> float:
    """The greatest of √(C3·lead3), C5 and C1·C2, where lead3 and C1·C2 count at most twice as C3.

    The first follows a text through edits as long as it opens like its source, the second finds
    verbatim passages wherever they stand, the third finds what was rewritten throughout: where each
    word stays with the probability p, C1·C2 is p³ like C3, and chance moves it less.
    Source: docs/grouping.md, "Verifying".
    """
    lead = max(min(told.lead3, MOST * told.containment3), LEAD_FLOOR)
    opening = sqrt(told.containment3 * lead)
    rewritten = _contained(a.words, b.words) * _contained(a.pairs, b.pairs)
    return on_grid(max(opening, told.contained, min(rewritten, MOST * told.containment3)))


def _kind(
    a: Candidate, b: Candidate, score: float, event: float, reuse: Overlap | None, rule: Grouping
) -> RelationKind | None:
    if _identical(a, b):
        return "identical"
    if score >= rule.join:
        return "copy"
    if reuse and reuse.contained >= rule.partial:
        return "partial"
    return "same_event" if event >= rule.event_pair else None


def _relation(
    a: Candidate, b: Candidate, kind: RelationKind, score: float, event: float, overlap: Overlap
) -> Relation:
    return Relation(
        **{name: getattr(overlap, name) for name in Overlap.__slots__},
        a=a.member.id,
        b=b.member.id,
        kind=kind,
        story_score=score,
        event_score=event,
        # turns of phrase that two reports of one event share are no evidence of reuse
        passages=() if kind == "same_event" else passages(a.signed_text, b.signed_text),
        rule=RULE,
    )


def _common(a: minhash.Hashes, b: minhash.Hashes) -> int:
    """How many of two ascending, distinct series' hashes stand in both."""
    both = np.concatenate((a, b))
    both.sort(kind="stable")  # two ascending runs are merged, in linear time
    return int(np.count_nonzero(both[1:] == both[:-1]))


def _contained(a: minhash.Hashes, b: minhash.Hashes) -> float:
    return _share(_common(a, b), min(len(a), len(b)))


def _share(part: int, whole: int) -> float:
    return on_grid(part / whole) if whole else 0.0


def _runs(a: Text, b: Text) -> list[tuple[int, int, int]]:
    """(start in a, start in b, length) of the runs that stand in both, in a's order."""
    left, right = a.hashed.tolist(), b.hashed.tolist()
    found, end, follows = [], 0, 0
    for i, first in _met(a, b):
        if i < end:
            continue
        size = minhash.SHINGLE
        j = follows if left[i : i + size] == right[follows : follows + size] else first
        length = _length(left, right, i, j)
        found.append((i, j, length))
        end, follows = i + length, j + length
    return found


def _met(a: Text, b: Text) -> Iterator[tuple[int, int]]:
    """Where in `a` a run stands that is in `b` too, and where in `b` it first does."""
    at = minhash.places(a.runs, b.long)
    met = np.flatnonzero(at >= 0)
    return zip(met.tolist(), b.first[at[met]].tolist(), strict=True)


def _length(a: Sequence[int], b: Sequence[int], i: int, j: int) -> int:
    """How many words from i on are those from j on."""
    longest = min(len(a) - i, len(b) - j)
    return next((n for n in range(longest) if a[i + n] != b[j + n]), longest)
