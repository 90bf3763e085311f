"""What a trial shows, as figures with names: the same for the table and for JSON."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import asdict
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingester.evaluation import drawn, metrics
from ingester.evaluation.drawn import Drawn, Pair
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

Figures = dict[str, Any]
Groups = Mapping[int, Hashable]
"""Whose group an article is in, by its row's number; all groups of one level have the same numbers."""


def report(rows: Sequence[Row], trials: Sequence[Trial], rule: Grouping) -> Figures:
    """All figures; the first trial's, and the spread over all."""
    trial = trials[0]
    together = {name: drawn.together(labels) for name, labels in _labels(rows).items() if labels}
    reuse = _reuse(rows, trial, together["group"])
    figures: Figures = {
        "articles": len(rows),
        "refused": [_refused(rows, number, trial) for number in sorted(trial.refused)],
        "pairs": _counted(together),
        "candidates": _candidates(trial, reuse, together),
        "reuse": [_reused(reuse, least, trial) for least in _REUSE],
    }
    for level, gold in _levels(rows).items():
        found = [_found(level, gold, each) for each in trials]
        figures[level] = {
            "labelled": len(gold),
            **_agreement(gold, found[0]),
            "largest": _largest(rows, gold, found[0]),
            "merged": _faults(rows, gold, found[0], trial, rule),
            "missed": _faults(rows, found[0], gold, trial, rule),
            "sweep": _sweep(level, gold, trial, rule),
            "orders": [_agreement(gold, groups) for groups in found],
            "between_orders": _between(found),
        }
    return figures


def _labels(rows: Sequence[Row]) -> dict[str, Groups]:
    """Each row's story, its event, and its group: the event, or the story where no event is known."""
    numbered = dict(enumerate(rows))
    stories = {n: row.story for n, row in numbered.items() if row.story is not None}
    events = {n: row.event for n, row in numbered.items() if row.event is not None}
    groups = {n: ("story", label) for n, label in stories.items()}
    groups |= {n: ("event", label) for n, label in events.items()}
    return {"group": groups, "story": stories, "event": events}


def _levels(rows: Sequence[Row]) -> dict[str, Groups]:
    """The gold groups of each level; stories are held against events where no more is known."""
    labels = _labels(rows)
    levels = {"stories": labels["story"] or labels["event"], "events": labels["event"]}
    return {level: gold for level, gold in levels.items() if gold}


def _found(level: str, gold: Groups, trial: Trial) -> Groups:
    """The groups that the labelled articles have come into."""
    groups = trial.story if level == "stories" else trial.event
    return {number: groups[number] for number in gold}


def _agreement(gold: Groups, found: Groups) -> Figures:
    return asdict(metrics.agreement(list(gold.values()), list(found.values())))


def _between(found: Sequence[Groups]) -> float | None:
    """The least adjusted Rand index of any two orders' groups; None where there is one order."""
    labels = [list(groups.values()) for groups in found]
    return min((metrics.ari(a, b) for a, b in combinations(labels, 2)), default=None)


def _refused(rows: Sequence[Row], number: int, trial: Trial) -> Figures:
    failed = trial.refused[number]
    return {"id": rows[number].id, "reason": failed.reason.value, "detail": failed.detail}


# --- candidates and reuse -----------------------------------------------------------------------


def _counted(together: Mapping[str, Drawn]) -> Figures:
    """How many pairs of one gold group there are, and how many of them were measured."""
    counts = {
        name: {"in_all": pairs.in_all, "measured": len(pairs.pairs)}
        for name, pairs in together.items()
    }
    return {"seed": drawn.SEED, "most": drawn.MOST, "same": counts}


def _reuse(rows: Sequence[Row], trial: Trial, together: Drawn) -> dict[Pair, float]:
    """C5 of the texts as given, of each measured pair of one gold group that has the least for reuse.

    Of pages the texts as extracted: what their markup shares is no reuse.
    """
    numbers = {number for pair in together.pairs for number in pair}
    texts = {number: rows[number].text or _extracted(trial, number) for number in numbers}
    shares = {(a, b): compare.measure(texts[a], texts[b]).contained for a, b in together.pairs}
    return {pair: share for pair, share in shares.items() if share >= min(_REUSE)}


def _extracted(trial: Trial, number: int) -> str:
    held = trial.members.get(number)
    return held.signed_text if held else ""


def _reused(reuse: Mapping[Pair, float], least: float, trial: Trial) -> Figures:
    held = [pair for pair, share in reuse.items() if share >= least]
    found = sum(trial.story[a] == trial.story[b] for a, b in held)
    return {"containment": least, "pairs": len(held), "in_one_story": _share(found, len(held))}


def _candidates(
    trial: Trial, reuse: Mapping[Pair, float], together: Mapping[str, Drawn]
) -> Figures:
    counts = [len(found) for found in trial.candidates.values()] or [0]
    p50, p95 = np.percentile(counts, [50, 95])
    wanted = {"reuse": tuple(reuse)}
    wanted |= {name: together[name].pairs for name in ("story", "event") if name in together}
    recall = {name: _proposed(pairs, trial) for name, pairs in wanted.items() if pairs}
    return {"p50": float(p50), "p95": float(p95), "max": max(counts), "recall": recall}


def _proposed(pairs: Sequence[Pair], trial: Trial) -> float:
    """The share of the pairs of which the later one was compared with the earlier one."""
    none: frozenset[int] = frozenset()
    met = (
        b in trial.candidates.get(a, none) or a in trial.candidates.get(b, none) for a, b in pairs
    )
    return _share(sum(met), len(pairs))


# --- groups and faults --------------------------------------------------------------------------


def _largest(rows: Sequence[Row], gold: Groups, found: Groups) -> list[Figures]:
    sizes = Counter(found.values()).most_common(_LARGEST)
    return [
        {"size": size, "gold": dict(Counter(str(gold[n]) for n, other in found.items() if other == group)),
         "first": next(rows[n].id for n, other in found.items() if other == group)}
        for group, size in sizes
    ]  # fmt: skip


def _faults(
    rows: Sequence[Row], right: Groups, wrong: Groups, trial: Trial, rule: Grouping
) -> Figures:
    """Pairs that one grouping joins and the right one does not: how many, and the likest of them.

    These are sought among the pairs that have a relation, and what is drawn of the others.
    """
    near = {(a, b) for a, b in trial.scores if a in wrong and b in wrong and wrong[a] == wrong[b]}
    pairs = [(a, b) for a, b in near.union(drawn.together(wrong).pairs) if right[a] != right[b]]
    pairs.sort(key=lambda pair: (-trial.scores.get(pair, 0.0), pair))
    both = list(zip(right.values(), wrong.values(), strict=True))
    count = metrics.pairs(list(wrong.values())) - metrics.pairs(both)
    return {"pairs": count, "shown": [_fault(rows, pair, trial, rule) for pair in pairs[:_SHOWN]]}


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


def _sweep(level: str, gold: Groups, trial: Trial, rule: Grouping) -> list[Figures]:
    """Precision, recall and precision within the band, at each score; of pairs, not of groups."""
    true, false = (
        _story_bands(gold, trial) if level == "stories" else _event_bands(gold, trial, rule)
    )
    wanted = metrics.pairs(list(gold.values()))
    hits, strays = np.cumsum(true[::-1])[::-1], np.cumsum(false[::-1])[::-1]
    return [
        {"score": band / _BANDS, "precision": _share(int(hits[band]), int(hits[band] + strays[band])),
         "recall": _share(int(hits[band]), wanted), "pairs": int(true[band] + false[band]),
         "in_band": _share(int(true[band]), int(true[band] + false[band]))}
        for band in range(1, _BANDS)
    ]  # fmt: skip


Bands = NDArray[np.int64]


def _story_bands(gold: Groups, trial: Trial) -> tuple[Bands, Bands]:
    scored = [
        (gold[a] == gold[b], score)
        for (a, b), score in trial.scores.items()
        if score and a in gold and b in gold
    ]
    sides = [np.array([s for same, s in scored if same is side]) for side in (True, False)]
    return _bands(sides[0]), _bands(sides[1])


def _event_bands(gold: Groups, trial: Trial, rule: Grouping) -> tuple[Bands, Bands]:
    """Counts over all pairs of labelled articles, some rows of the matrix at a time."""
    numbers = sorted(trial.members.keys() & gold.keys())
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
