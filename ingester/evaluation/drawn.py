"""Pairs of one group: all of them, or a sample where they are too many to be measured one by one."""

import random
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, combinations, islice

from ingester.evaluation import metrics

MOST = 20_000
"""Pairs of which each is measured: it takes about a millisecond."""

SEED = 0

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Drawn:
    """Pairs of articles' numbers, the lower one first, and how many there are in all."""

    pairs: tuple[Pair, ...]
    in_all: int


def together(labels: Mapping[int, Hashable]) -> Drawn:
    """The pairs of articles, by their numbers, that bear one label: at most MOST, drawn by SEED."""
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for number, label in labels.items():
        groups[label].append(number)
    in_all = metrics.pairs(list(labels.values()))
    every = _sampled if in_all > MOST else _all
    return Drawn(tuple(sorted(islice(every(list(groups.values())), MOST))), in_all)


def _all(groups: Sequence[Sequence[int]]) -> Iterator[Pair]:
    return (pair for group in groups for pair in combinations(group, 2))


def _sampled(groups: Sequence[Sequence[int]]) -> Iterator[Pair]:
    """Different pairs at random, each as likely as any other."""
    dice = random.Random(SEED)  # noqa: S311 - repeatable, and guards nothing
    upto = list(accumulate(len(group) * (len(group) - 1) for group in groups))
    drawn: set[Pair] = set()
    while True:
        (group,) = dice.choices(groups, cum_weights=upto)
        a, b = sorted(dice.sample(group, 2))
        if (a, b) not in drawn:
            drawn.add((a, b))
            yield a, b
