"""What two texts say besides the passages that stand in both: a copy goes on about the same thing."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ingester import events, minhash
from ingester.models import Vector
from ingester.words import Known

WHOLE = 2 / 3
"""Of the smaller text's 5-word runs: texts that share as much are one text, whatever was added."""

LEAST = 30
"""Words besides, in both texts, that can tell what each is about."""

ALIKE = 0.3
"""The least that a copy and its source are alike besides what they share.
Source: docs/grouping.md, "Besides the passages"."""


class Part(NamedTuple):
    """The terms, ascending, and weights of an article's vector that a part of its text has."""

    terms: NDArray[np.int64]
    weights: NDArray[np.float64]


def left(runs: minhash.Hashes, other: minhash.Hashes) -> NDArray[np.bool_]:
    """Which words of a text stand in none of its 5-word runs that the other text has too."""
    shared = np.convolve(minhash.places(runs, other) >= 0, np.ones(minhash.SHINGLE))
    rest: NDArray[np.bool_] = shared == 0
    return rest


def kept(rest: minhash.Hashes, other: minhash.Hashes) -> float:
    """The share of these words' pairs that are among the other text's."""
    pairs = minhash.distinct(minhash.shingles(rest, 2))
    return float((minhash.places(pairs, other) >= 0).mean())


def terms(tokens: Sequence[str], language: str) -> NDArray[np.int64]:
    """The hash of each word's term, as vectors hold it; `language`: the text's primary tag, or ""."""
    known = _term_hashes(language)
    return np.fromiter(map(known.__getitem__, tokens), np.uint64, len(tokens)).view(np.int64)


def part(vector: Vector, said: NDArray[np.int64]) -> Part:
    """What of an article's vector stands for a part of its text that has these `terms`."""
    known = events.terms(vector)
    among = np.isin(known, said)
    return Part(known[among], events.weights(vector)[among].astype(np.float64))


def topic(a: Part, b: Part) -> float:
    """The cosine of the two; 0 where one is empty."""
    _, i, j = np.intersect1d(a.terms, b.terms, assume_unique=True, return_indices=True)
    lengths = float(np.linalg.norm(a.weights) * np.linalg.norm(b.weights))
    return float(a.weights[i] @ b.weights[j]) / lengths if lengths else 0.0


@lru_cache(maxsize=8)
def _term_hashes(language: str) -> Known[int]:
    return Known(lambda word: events.term_hash(events.stem(word, language)), most=1 << 14)
