"""What a trial shows, as figures with names: the same for the table and for JSON."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import asdict
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingester.evaluation import metrics
from ingester.evaluation.gold import Row
from ingester.evaluation.trial import Trial
from ingester.settings import Grouping
from ingester.stories import compare
from ingester.stories.likeness import likeness

_BANDS = 100  # of a score from 0 to 1
_REUSE = (0.2, 0.4)
"""The share of the smaller text's word-5-runs from which a pair is counted as reuse."""

_LARGEST, _SHOWN = 5, 5
_ROWS_AT_ONCE = 200  # of the matrix of all event scores
_QUOTED = 160

Pair = tuple[int, int]
Figures = dict[str, Any]


def report(rows: Sequence[Row], trials: Sequence[Trial], rule: Grouping) -> Figures:
    """All figures; the first trial's, and the spread over all."""
    trial = trials[0]
    reuse = _reuse(rows)
    figures: Figures = {
        "articles": len(rows),
        "refused": [_refused(rows, number, trial) for number in sorted(trial.refused)],
        "candidates": _candidates(rows, trial, reuse),
        "reuse": [_reused(reuse, least, trial) for least in _REUSE],
    }
    for level, gold, found in _levels(rows, trial):
        figures[level] = {
            **asdict(metrics.agreement(gold, found)),
            "largest": _largest(rows, gold, found),
            "merged": _faults(rows, gold, found, trial, rule),
            "missed": _faults(rows, found, gold, trial, rule),
            "sweep": _sweep(level, gold, trial, rule),
            "orders": [asdict(metrics.agreement(gold, _found(level, t))) for t in trials],
            "between_orders": min(metrics.ari(found, _found(level, t)) for t in trials),
        }
    return figures


def _levels(rows: Sequence[Row], trial: Trial) -> list[tuple[str, metrics.Labels, metrics.Labels]]:
    """(level, gold labels, found groups); stories are held against events where no more is known."""
    stories = [row.story if row.story is not None else row.event for row in rows]
    levels: list[tuple[str, metrics.Labels, metrics.Labels]] = [("stories", stories, trial.story)]
    if rows[0].event is not None:
        levels.append(("events", [row.event for row in rows], trial.event))
    return levels


def _found(level: str, trial: Trial) -> metrics.Labels:
    return trial.story if level == "stories" else trial.event


def _refused(rows: Sequence[Row], number: int, trial: Trial) -> Figures:
    failed = trial.refused[number]
    return {"id": rows[number].id, "reason": failed.reason.value, "detail": failed.detail}


# --- candidates and reuse -----------------------------------------------------------------------


def _reuse(rows: Sequence[Row]) -> dict[Pair, float]:
    """C5 of the texts as given, of each pair of one gold group that has the least for reuse."""
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        groups[row.event if row.event is not None else row.story].append(number)
    together = (pair for group in groups.values() for pair in combinations(group, 2))
    shares = {(a, b): compare.measure(rows[a].text, rows[b].text).contained for a, b in together}
    return {pair: share for pair, share in shares.items() if share >= min(_REUSE)}


def _reused(reuse: dict[Pair, float], least: float, trial: Trial) -> Figures:
    held = [pair for pair, share in reuse.items() if share >= least]
    found = sum(trial.story[a] == trial.story[b] for a, b in held)
    return {"containment": least, "pairs": len(held), "in_one_story": _share(found, len(held))}


def _candidates(rows: Sequence[Row], trial: Trial, reuse: Iterable[Pair]) -> Figures:
    counts = [len(found) for found in trial.candidates.values()] or [0]
    p50, p95 = np.percentile(counts, [50, 95])
    wanted = {
        "reuse": list(reuse),
        "story": _together([row.story for row in rows]),
        "event": _together([row.event for row in rows]),
    }
    recall = {name: _proposed(pairs, trial) for name, pairs in wanted.items() if pairs}
    return {"p50": float(p50), "p95": float(p95), "max": max(counts), "recall": recall}


def _together(labels: metrics.Labels) -> list[Pair]:
    """The pairs of numbers that bear one label."""
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for number, label in enumerate(labels):
        if label is not None:
            groups[label].append(number)
    return [pair for group in groups.values() for pair in combinations(group, 2)]


def _proposed(pairs: Sequence[Pair], trial: Trial) -> float:
    """The share of the pairs of which the later one was compared with the earlier one."""
    none: frozenset[int] = frozenset()
    met = (
        b in trial.candidates.get(a, none) or a in trial.candidates.get(b, none) for a, b in pairs
    )
    return _share(sum(met), len(pairs))


# --- groups and faults --------------------------------------------------------------------------


def _largest(
    rows: Sequence[Row], gold: metrics.Labels, found: metrics.Labels
) -> list[dict[str, Any]]:
    sizes = Counter(found).most_common(_LARGEST)
    return [
        {"size": size, "gold": dict(Counter(g for g, f in zip(gold, found, strict=True) if f == group)),
         "first": next(row.id for row, f in zip(rows, found, strict=True) if f == group)}
        for group, size in sizes
    ]  # fmt: skip


def _faults(
    rows: Sequence[Row], right: metrics.Labels, wrong: metrics.Labels, trial: Trial, rule: Grouping
) -> Figures:
    """Pairs that one grouping joins and the right one does not, the likest first."""
    pairs = [(a, b) for a, b in _together(wrong) if right[a] != right[b]]
    pairs.sort(key=lambda pair: (-trial.scores.get(pair, 0.0), pair))
    shown = [_fault(rows, pair, trial, rule) for pair in pairs[:_SHOWN]]
    return {"pairs": len(pairs), "shown": shown}


def _fault(rows: Sequence[Row], pair: Pair, trial: Trial, rule: Grouping) -> Figures:
    known = [trial.members[number] for number in pair if number in trial.members]
    faults: Figures = {"a": rows[pair[0]].id, "b": rows[pair[1]].id}
    if len(known) < len(pair):
        return {**faults, "story_score": 0.0, "event_score": 0.0, "shared": ""}
    a, b = known
    text = a.signed_text
    longest = max(
        compare.passages(text, b.signed_text), key=lambda p: p.a_end - p.a_start, default=None
    )
    return {
        **faults,
        "story_score": trial.scores.get(pair, 0.0),
        "event_score": float(likeness([(a.member,)], [(b.member,)], rule)[0, 0]),
        "shared": " ".join(text[longest.a_start : longest.a_end].split())[:_QUOTED]
        if longest
        else "",
    }


# --- scores -------------------------------------------------------------------------------------


def _sweep(level: str, gold: metrics.Labels, trial: Trial, rule: Grouping) -> list[Figures]:
    """Precision, recall and precision within the band, at each score; of pairs, not of groups."""
    true, false = (
        _story_bands(gold, trial) if level == "stories" else _event_bands(gold, trial, rule)
    )
    wanted = metrics.pairs(gold)
    hits, strays = np.cumsum(true[::-1])[::-1], np.cumsum(false[::-1])[::-1]
    return [
        {"score": band / _BANDS, "precision": _share(int(hits[band]), int(hits[band] + strays[band])),
         "recall": _share(int(hits[band]), wanted), "pairs": int(true[band] + false[band]),
         "in_band": _share(int(true[band]), int(true[band] + false[band]))}
        for band in range(1, _BANDS)
    ]  # fmt: skip


Bands = NDArray[np.int64]


def _story_bands(gold: metrics.Labels, trial: Trial) -> tuple[Bands, Bands]:
    scored = [(gold[a] == gold[b], score) for (a, b), score in trial.scores.items() if score]
    sides = [np.array([s for same, s in scored if same is side]) for side in (True, False)]
    return _bands(sides[0]), _bands(sides[1])


def _event_bands(gold: metrics.Labels, trial: Trial, rule: Grouping) -> tuple[Bands, Bands]:
    """Counts over all pairs of articles, some rows of the matrix at a time."""
    numbers = sorted(trial.members)
    units = [(trial.members[number].member,) for number in numbers]
    labels = np.unique([str(gold[number]) for number in numbers], return_inverse=True)[1]
    true, false = np.zeros(_BANDS, np.int64), np.zeros(_BANDS, np.int64)
    for start in range(0, len(units), _ROWS_AT_ONCE):
        block = units[start : start + _ROWS_AT_ONCE]
        scores = likeness(block, units, rule)
        later = np.arange(start, start + len(block))[:, None] < np.arange(len(units))[None, :]
        same = labels[start : start + len(block), None] == labels[None, :]
        true += _bands(scores[later & same])
        false += _bands(scores[later & ~same])
    return true, false


def _bands(scores: NDArray[np.float64]) -> Bands:
    counts: Bands = np.histogram(scores, _BANDS, (0, 1))[0].astype(np.int64)
    return counts


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 1.0
