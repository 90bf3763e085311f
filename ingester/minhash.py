"""Signed articles: a text's words, its shingles, and the MinHash signature copies are found by."""

import hashlib
import struct
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from ingester import events, settings, words
from ingester.models import Article, Signed

PERMUTATIONS = 64
"""Values in a signature. Source: docs/grouping.md, "Finding": 64 single-value keys find .99 of all
reuse; 32 find .93 to .97."""

SCHEME = "datasketch2/affine64"
"""How values are made: 64 bits wide, so that two articles share one only if they share a shingle.
The least of 500 values of 32 bits is one of some nine million: in a window of a million articles
each key would meet a stranger's every tenth time."""

SHINGLER = "nfkc-casefold/words5/xxh3/1"
"""How a text becomes shingles; a signature made by another shingler can't be compared."""

SHINGLE = 5

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # odd, so that no step loses a bit; 2^64 / golden ratio
_BATCH = 1024  # shingles permuted at once: half a megabyte, which stays in the cache

Hashes = NDArray[np.uint64]


def hashes(tokens: Sequence[str], seed: int = 0) -> Hashes:
    """One 64-bit hash for each token."""
    known = _hashed(seed % (1 << 64))
    return np.fromiter(map(known.__getitem__, tokens), np.uint64, len(tokens))


def shingles(hashed: Hashes, size: int) -> Hashes:
    """One hash for each run of `size` tokens, in reading order; none where there are fewer."""
    count = max(0, len(hashed) - size + 1)
    combined = np.zeros(count, np.uint64)
    for offset in range(size):
        combined = combined * _MULTIPLIER + hashed[offset : offset + count]
    return combined


def distinct(series: Hashes) -> Hashes:
    """The different hashes of a series, ascending."""
    ascending = np.sort(series)
    first = np.ones(len(ascending), bool)
    first[1:] = ascending[1:] != ascending[:-1]
    return ascending[first]


def places(series: Hashes, ascending: Hashes) -> NDArray[np.intp]:
    """Where in an ascending series each hash of another stands; -1 where it does not."""
    if not len(ascending):
        return np.full(len(series), -1)
    at = np.searchsorted(ascending, series)
    at[at == len(ascending)] = 0
    return np.where(ascending[at] == series, at, -1)


def sign(article: Article, seed: int, rule: settings.Grouping) -> Signed:
    """The article with all that it can be found by; `seed` is the archive's secret.

    A text under `rule.min_tokens` has no signature: its hash alone finds its equals.
    """
    tokens = words.tokens(article.signed_text)
    values = signature(tokens, seed) if len(tokens) >= rule.min_tokens else ()
    title = words.tokens(article.title or "")
    named = words.names(article.signed_text[: events.OPENING])
    vector, term_keys = events.describe(title, tokens, named, article.language)
    return Signed(
        article=article,
        body_sha256=hashlib.sha256(" ".join(tokens).encode()).digest(),
        tokens=len(tokens),
        values=values,
        keys=tuple(_key(position, value) for position, value in enumerate(values)),
        vector=vector,
        term_keys=term_keys,
    )


def signature(tokens: Sequence[str], seed: int) -> tuple[int, ...]:
    """The tokens' datasketch signature under a seed, one value for each permutation."""
    found = distinct(shingles(hashes(tokens, seed), SHINGLE)).tolist()
    minhash = _blank(seed % (1 << 32)).copy()
    for start in range(0, len(found), _BATCH):
        minhash.update_batch(found[start : start + _BATCH])
    return tuple(minhash.hashvalues.tolist())


@lru_cache(maxsize=4)
def _blank(seed: int) -> Any:
    """A signature of nothing, with its permutations."""
    return _minhash_class()(
        num_perm=PERMUTATIONS,
        seed=seed,
        scheme="affine64",
        hashfunc=int,  # shingles are hashes already
    )


@cache
def _minhash_class() -> Any:
    from datasketch import MinHash  # noqa: PLC0415 - it loads scipy: seconds that few commands need

    return MinHash


@lru_cache(maxsize=4)
def _hashed(seed: int) -> words.Known[int]:
    return words.Known(lambda token: xxhash.xxh3_64_intdigest(token.encode(), seed))


def _key(position: int, value: int) -> int:
    hashed = xxhash.xxh3_64_intdigest(struct.pack("<BQ", position, value))
    return hashed - (1 << 64) if hashed >= 1 << 63 else hashed
