"""What two texts say besides the passages that stand in both: a copy goes on about the same thing."""

from collections.abc import Iterable
from functools import lru_cache, partial
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
    shared = np.convolve(_among(runs, other), np.ones(minhash.SHINGLE))
    rest: NDArray[np.bool_] = shared == 0
    return rest


def kept(rest: minhash.Hashes, other: minhash.Hashes) -> float:
    """The share of these words' pairs that are among the other text's."""
    return float(_among(minhash.distinct(minhash.shingles(rest, 2)), other).mean())


def part(vector: Vector, tokens: Iterable[str], language: str) -> Part:
    """What of an article's vector stands for these words of it; `language`: its primary tag, or ""."""
    hashed = set(map(_term_hashes(language).__getitem__, set(tokens)))
    terms = events.terms(vector)
    among = np.fromiter((term in hashed for term in terms.tolist()), np.bool_, len(terms))
    return Part(terms[among], events.weights(vector)[among].astype(np.float64))


def topic(a: Part, b: Part) -> float:
    """The cosine of the two; 0 where one is empty."""
    _, i, j = np.intersect1d(a.terms, b.terms, assume_unique=True, return_indices=True)
    lengths = float(np.linalg.norm(a.weights) * np.linalg.norm(b.weights))
    return float(a.weights[i] @ b.weights[j]) / lengths if lengths else 0.0


def _among(series: minhash.Hashes, ascending: minhash.Hashes) -> NDArray[np.bool_]:
    """Which of a series' hashes stand in another one, which is ascending and not empty."""
    at = np.searchsorted(ascending, series)
    at[at == len(ascending)] = 0
    found: NDArray[np.bool_] = ascending[at] == series
    return found


@lru_cache(maxsize=8)
def _term_hashes(language: str) -> Known[int]:
    """The hash of each word's term, as vectors hold it."""
    return Known(partial(_term_hash, language=language), most=1 << 14)


def _term_hash(word: str, language: str) -> int:
    return int(np.uint64(events.term_hash(events.stem(word, language))).astype(np.int64))
