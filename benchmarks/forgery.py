"""Texts that look alike to whoever knows the seed: a row of words crafted to have the least hashes.

Each word of the row is searched so that the run of five words that it ends has the least value of some
permutation. Two texts that hold the row agree in most of their signatures' values, however little
else they share.
"""

import random
from functools import cache

import numpy as np

from ingester import minhash


@cache
def row(seed: int, tries: int) -> str:
    """Words, four more than a signature has values, that forge a signature under this seed.

    Each is the best of so many tries.
    """
    dice = random.Random(seed)  # noqa: S311 - a repeatable trial
    words = [_word(dice) for _ in range(minhash.SHINGLE - 1)]
    open_ = list(range(minhash.PERMUTATIONS))
    while open_:
        tried = [_word(dice) for _ in range(tries)]
        runs = [[*words[1 - minhash.SHINGLE :], word] for word in tried]
        values = np.array([minhash.signature(run, seed) for run in runs], np.uint64)
        best, place = divmod(int(values[:, open_].argmin()), len(open_))
        words.append(tried[best])
        del open_[place]
    return " ".join(words)


def forged(text: str, row: str, words: int, *, first: bool) -> str:
    """A text's first words, with the row before or after them."""
    own = " ".join(text.split()[:words])
    return f"{row}. {own}" if first else f"{own} {row}."


def _word(dice: random.Random) -> str:
    return f"{dice.getrandbits(40):x}"
