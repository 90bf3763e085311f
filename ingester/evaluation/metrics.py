"""Measures of groups and of scores; labels are any values, one for each article, in one order."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Labels = Sequence[Hashable]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well found groups agree with gold ones: pairwise and B³ precision, recall, F1; ARI.

    Where there is nothing to be found or missed a share is 1. Sources: Bagga, A. and Baldwin, B.
    (1998), Algorithms for scoring coreference chains; Hubert, L. and Arabie, P. (1985), Comparing
    partitions.
    """

    precision: float
    recall: float
    f1: float
    b3_precision: float
    b3_recall: float
    b3: float
    ari: float


def agreement(gold: Labels, found: Labels) -> Agreement:
    """The agreement of two groupings of the same articles."""
    both = list(zip(gold, found, strict=True))
    hits, wanted, made = pairs(both), pairs(gold), pairs(found)
    precision, recall = _share(hits, made), _share(hits, wanted)
    b3_precision, b3_recall = _b_cubed(both, 1), _b_cubed(both, 0)
    return Agreement(
        precision=precision,
        recall=recall,
        f1=_harmonic(precision, recall),
        b3_precision=b3_precision,
        b3_recall=b3_recall,
        b3=_harmonic(b3_precision, b3_recall),
        ari=_rand(hits, wanted, made, len(both)),
    )


def ari(gold: Labels, found: Labels) -> float:
    """The adjusted Rand index of two groupings."""
    both = list(zip(gold, found, strict=True))
    return _rand(pairs(both), pairs(gold), pairs(found), len(both))


def pairs(labels: Labels) -> int:
    """How many pairs bear one label."""
    return sum(n * (n - 1) // 2 for n in Counter(labels).values())


def auc(labels: Sequence[bool], scores: Sequence[float]) -> float | None:
    """How often a true pair scores above a false one, ties counting half; None without either.

    Source: Hanley, J. and McNeil, B. (1982), The meaning and use of the area under a ROC curve.
    """
    truth, values = np.asarray(labels, bool), np.asarray(scores, float)
    true, false = int(truth.sum()), int((~truth).sum())
    if not true or not false:
        return None
    return float((_ranks(values)[truth].sum() - true * (true + 1) / 2) / (true * false))


def average_precision(labels: Sequence[bool], scores: Sequence[float]) -> float | None:
    """The mean precision over the true pairs, from the highest score down; equal scores count as one.

    None without a true pair.
    """
    truth, values = np.asarray(labels, bool), np.asarray(scores, float)
    if not truth.any():
        return None
    order = np.argsort(-values, kind="stable")
    truth, values = truth[order], values[order]
    last = np.append(values[1:] != values[:-1], True)  # of each run of equal scores
    hits = np.cumsum(truth)[last]
    precision = hits / (np.flatnonzero(last) + 1)
    return float((precision * np.diff(hits, prepend=0)).sum() / truth.sum())


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each value's rank from 1, equal ones sharing their mean rank."""
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    mean: NDArray[np.float64] = np.cumsum(counts) - (counts - 1) / 2
    return mean[group]


def _b_cubed(both: Sequence[tuple[Hashable, Hashable]], side: int) -> float:
    """The mean share of an article's group on one side that the other side agrees with."""
    groups = Counter(labels[side] for labels in both)
    met = Counter(both).items()
    return _share(sum(n * n / groups[labels[side]] for labels, n in met), len(both))


def _rand(hits: int, wanted: int, made: int, articles: int) -> float:
    expected = _share(wanted * made, articles * (articles - 1) / 2)
    most = (wanted + made) / 2
    return 1.0 if most == expected else (hits - expected) / (most - expected)


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 1.0
