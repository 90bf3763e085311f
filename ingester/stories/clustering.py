"""Average link: units that are alike on average, whatever order they came in."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Key = TypeVar("Key", bound=Hashable)
Matrix = NDArray[np.float64]


def average_link(likeness: Matrix, join: float) -> list[list[int]]:
    """Groups of row numbers: the two nearest groups merge while their mean likeness is ≥ `join`.

    `likeness` is square and symmetric, its diagonal unread. Among equals the pair with the lowest
    rows merges first: order the rows by something that does not depend on arrival. Likenesses on
    the grid (events.GRID) sum without rounding, so that equals are equal.
    Source: Sokal, R. and Michener, C. (1958), "A statistical method for evaluating systematic
    relationships"; that joining all that touches chains stories instead: docs/grouping.md.
    """
    groups = {row: [row] for row in range(len(likeness))}  # by their first rows
    sums = likeness.astype(np.float64)
    np.fill_diagonal(sums, -np.inf)
    sizes, means = np.ones(len(groups)), sums.copy()
    while len(groups) > 1:
        a, b = divmod(int(means.argmax()), len(sums))
        if means[a, b] < join:
            break
        groups[a] = sorted(groups[a] + groups.pop(b))
        _merge(sums, sizes, a, b)
        means[b] = means[:, b] = -np.inf
        means[a] = means[:, a] = sums[a] / (sizes[a] * sizes)
    return list(groups.values())


def _merge(sums: Matrix, sizes: Matrix, a: int, b: int) -> None:
    """Add group b's row, column and size to a's; b is no group any more."""
    sums[a] += sums[b]
    sums[a, a] = sums[a, b] = -np.inf
    sums[:, a] = sums[a]
    sums[b] = sums[:, b] = -np.inf
    sizes[a] += sizes[b]


def component(start: Iterable[Key], links: Iterable[tuple[Key, Key]]) -> set[Key]:
    """All that can be reached from `start` along the links, themselves too."""
    neighbours: dict[Key, list[Key]] = {}
    for a, b in links:
        neighbours.setdefault(a, []).append(b)
        neighbours.setdefault(b, []).append(a)
    reached, waiting = set(start), list(start)
    while waiting:
        new = [key for key in neighbours.get(waiting.pop(), ()) if key not in reached]
        reached.update(new)
        waiting.extend(new)
    return reached


def keep_names(
    groups: Sequence[frozenset[Key]], former: Mapping[Key, int | None]
) -> list[int | None]:
    """For each group the number that it goes on bearing: of the former group it shares most with."""
    overlaps = Counter(
        (number, index)
        for index, group in enumerate(groups)
        for number in (former.get(key) for key in group)
        if number is not None
    )
    names = bear_names(overlaps)
    return [names.get(index) for index in range(len(groups))]


def bear_names(overlaps: Mapping[tuple[int, int], int]) -> dict[int, int]:
    """Which number each group bears, from how much it shares with each: {(number, group): shared}.

    Each number is borne once. Among equals the lowest number, then the first group, wins.
    """
    names: dict[int, int] = {}
    borne: set[int] = set()
    for number, group in sorted(overlaps, key=lambda pair: (-overlaps[pair], pair)):
        if group not in names and number not in borne:
            names[group] = number
            borne.add(number)
    return names
