"""Texts made to look like copies of strangers: `python -m benchmarks.forgery [--pairs 1000] [--seed 4]`.

Each pair is of two articles of ECB+ about different things, cut to varied lengths and forged in one of the
ways below by somebody who knows the seed of the signatures. Both are signed under that seed, to see the
forgery work, and under a secret one, and grouped as the service does. No reader would call them copies: what
is joined is printed, and why: one pair, and the exit code is 1. Then the same with two events of one topic,
which are alike without a forger.
"""

import argparse
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import cycle, islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.made import DATA, WORDS
from benchmarks.promised import Promise, judge
from ingester import minhash
from ingester.models import Relation, Signed
from ingester.words import tokens
from tests.memory_archive import MemoryArchive, sign

PUBLIC, SECRET = 1, 0x5EC2E7
TRIES = 1000
LEAST, MOST = 100, 1000  # words of a text that are its own
PIECE = 12  # words: eight runs of five, the least that is evidence of reuse

Pair = tuple[str, str]


class Story(NamedTuple):
    """An article to forge with."""

    text: str
    event: str
    topic: str


class Rows(NamedTuple):
    """Rows of words that forge a signature: one run for each of its values, two, one of real words."""

    once: str
    twice: str
    real: str


@cache
def rows(seed: int, tries: int) -> Rows:
    """The rows that forge signatures under this seed, each word the best of so many tries."""
    return Rows(_row(seed, tries), _row(seed, tries, times=2), _row(seed, tries, real=True))


def _row(seed: int, tries: int, *, times: int = 1, real: bool = False) -> str:
    """Each run of five words has the least value of some permutation."""
    dice = random.Random(seed)  # noqa: S311 - a repeatable trial
    made = [_word(dice, real) for _ in range(minhash.SHINGLE - 1)]
    open_ = list(range(minhash.PERMUTATIONS)) * times
    while open_:
        tried = [_word(dice, real) for _ in range(tries)]
        runs = [[*made[1 - minhash.SHINGLE :], word] for word in tried]
        found = np.array([minhash.signature(run, seed) for run in runs], np.uint64)
        best, place = divmod(int(found[:, open_].argmin()), len(open_))
        made.append(tried[best])
        del open_[place]
    return " ".join(made)


def _word(dice: random.Random, real: bool) -> str:
    return dice.choice(WORDS) if real else f"{dice.getrandbits(40):x}"


# --- ways to forge ------------------------------------------------------------------------------


def _first(a: str, b: str, rows: Rows, _: random.Random) -> Pair:
    return f"{rows.once}. {a}", f"{rows.once}. {b}"


def _last(a: str, b: str, rows: Rows, _: random.Random) -> Pair:
    return f"{a} {rows.once}.", f"{b} {rows.once}."


def _twice(a: str, b: str, rows: Rows, dice: random.Random) -> Pair:
    return _strewn(a, [rows.twice], dice), _strewn(b, [rows.twice], dice)


def _real(a: str, b: str, rows: Rows, dice: random.Random) -> Pair:
    return _strewn(a, [rows.real], dice), _strewn(b, [rows.real], dice)


def _pieces(a: str, b: str, rows: Rows, dice: random.Random) -> Pair:
    words, step = rows.once.split(), PIECE - minhash.SHINGLE + 1
    pieces = [" ".join(words[at : at + PIECE]) for at in range(0, len(words) - PIECE + 1, step)]
    return _strewn(a, pieces, dice), _strewn(b, pieces, dice)


def _key_runs(a: str, b: str, _: Rows, dice: random.Random) -> Pair:
    """No more of them than hold a third of the words: who takes all of a short text has copied it."""
    words = tokens(a)
    runs = [words[at : at + minhash.SHINGLE] for at in range(len(words) - minhash.SHINGLE + 1)]
    values = np.array([minhash.signature(run, PUBLIC) for run in runs], np.uint64)
    best = dict.fromkeys(values.argmin(axis=0).tolist())
    taken = islice(best, len(words) // (3 * minhash.SHINGLE))
    return a, _strewn(b, [" ".join(runs[at]) for at in taken], dice)


def _shuffled(a: str, b: str, _: Rows, dice: random.Random) -> Pair:
    words = a.split()
    rest = words[PIECE:]
    return a, " ".join([b, *words[:PIECE], *dice.sample(rest, len(rest))])


def _strewn(text: str, pieces: Sequence[str], dice: random.Random) -> str:
    """The text with each piece somewhere between two of its words."""
    words = text.split()
    for piece in pieces:
        words.insert(dice.randrange(len(words) + 1), piece)
    return " ".join(words)


WAYS: dict[str, Callable[[str, str, Rows, random.Random], Pair]] = {
    "a row of 68 words before both": _first,
    "the same after both": _last,
    "a row of 132 within both": _twice,
    "a row of 68 real words within both": _real,
    "a row in pieces of 12 within both": _pieces,
    "one's key runs strewn in the other": _key_runs,
    "one's words, shuffled, after the other": _shuffled,
}


# --- what becomes of them -----------------------------------------------------------------------


class Forged(NamedTuple):
    """What became of a pair: the shares of their keys that agree, and how they were related."""

    public: float
    secret: float
    joined: bool
    relation: Relation | None


def tried(pair: Pair) -> Forged:
    """The pair signed under both seeds, and grouped under the secret one."""
    public, secret = ([sign(text, seed) for text in pair] for seed in (PUBLIC, SECRET))
    archive = MemoryArchive()
    for url, signed in zip("ab", secret, strict=True):
        archive.place(url, signed)
    relation = next(iter(archive.relations.values()), None)
    return Forged(_agree(public), _agree(secret), len(archive.stories()) == 1, relation)


def _agree(pair: Sequence[Signed]) -> float:
    a, b = (set(signed.keys) for signed in pair)
    return len(a & b) / minhash.PERMUTATIONS


def stories(path: Path) -> list[Story]:
    """The longest article of each event of ECB+: none reports what another does."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows.sort(key=lambda row: len(row["text"]))
    longest = {row["gold"]: Story(row["text"], row["gold"], row["topic"]) for row in rows}
    return [story for story in longest.values() if len(story.text.split()) >= LEAST]


def _cut(story: Story, dice: random.Random) -> str:
    """So many of the first words, short texts as likely as long ones."""
    words = story.text.split()
    return " ".join(words[: round(LEAST * (MOST / LEAST) ** dice.random())])


def pairs(count: int, dice: random.Random, *, near: bool) -> Iterator[tuple[str, Story, Story]]:
    """Ways to forge, each with two stories of different topics; of one topic if `near`."""
    known = stories(DATA)
    for way in islice(cycle(WAYS), count):
        fit: list[Story] = []
        while not fit:
            one = dice.choice(known)
            fit = [s for s in known if (s.topic == one.topic) == near and s.event != one.event]
        yield way, one, dice.choice(fit)


def trial(title: str, count: int, dice: random.Random, *, near: bool) -> int:
    """Forges so many pairs, prints what becomes of them, and gives how many are joined."""
    found: dict[str, list[Forged]] = {way: [] for way in WAYS}
    print(f"\n{title:41}pairs   keys that agree: known seed   secret seed   joined")
    for way, one, other in pairs(count, dice, near=near):
        pair = WAYS[way](_cut(one, dice), _cut(other, dice), rows(PUBLIC, TRIES), dice)
        made = tried(pair)
        found[way].append(made)
        if made.joined and not near:
            print(f"  joined: {way}, {one.event} and {other.event}: {_why(made.relation)}")
    for way, forged in found.items():
        print(f"  {way:39}{len(forged):5}{np.mean([f.public for f in forged]):31.2f}"
              f"{np.mean([f.secret for f in forged]):14.2f}{sum(f.joined for f in forged):9}")  # fmt: skip
    joined = sum(one.joined for forged in found.values() for one in forged)
    print(f"  joined: {joined} of {count:,}", flush=True)
    return joined


def _why(found: Relation | None) -> str:
    return str(replace(found, passages=())) if found else "no relation"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=4)
    chosen = parser.parse_args()
    dice = random.Random(chosen.seed)  # noqa: S311 - a repeatable trial
    joined = trial("strangers", chosen.pairs, dice, near=False)
    trial("two events of one topic", chosen.pairs // 5, dice, near=True)
    judge([Promise("forged strangers that are joined", joined, 0, most=True)])


if __name__ == "__main__":
    main()
