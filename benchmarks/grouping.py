"""How well stories and events are found: `python -m benchmarks.grouping [ecbplus.jsonl]`.

Articles stream into an archive in memory in several random orders, with the shipped settings.
Stories are tried on copies made by nine kinds of edit and on ECB+'s own reuse, events on ECB+'s
labels (Cybulska and Vossen 2014), and the event threshold on halves of its topics.
"""

import json
import random
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from ingester import events, minhash
from ingester.models import Signed
from ingester.settings import Grouping
from ingester.stories.clustering import average_link
from ingester.stories.compare import measure
from ingester.stories.likeness import likeness
from tests.memory_archive import MemoryArchive, sign

ECBPLUS = Path(__file__).parents[2] / "shared" / "data" / "ecbplus.jsonl"
ORDERS = 3
LONG = 120  # words, so that an edit leaves something to find
Labels = Sequence[Hashable]


# --- measures -----------------------------------------------------------------------------------


def ari(gold: Labels, found: Labels) -> float:
    """Adjusted Rand index (Hubert and Arabie 1985)."""
    both, a, b = (_pairs(labels) for labels in (list(zip(gold, found, strict=True)), gold, found))
    expected = a * b / (len(gold) * (len(gold) - 1) / 2)
    return (both - expected) / ((a + b) / 2 - expected)


def b_cubed(gold: Labels, found: Labels) -> float:
    """B³ F1 (Bagga and Baldwin 1998)."""
    both, a, b = Counter(zip(gold, found, strict=True)), Counter(gold), Counter(found)
    precision = sum(n * n / b[f] for (_, f), n in both.items()) / len(gold)
    recall = sum(n * n / a[g] for (g, _), n in both.items()) / len(gold)
    return 2 * precision * recall / (precision + recall)


def auc(same: np.ndarray, other: np.ndarray) -> float:
    """How often a pair of one event is more alike than a pair of two."""
    ranks = np.concatenate([same, other]).argsort().argsort() + 1
    mine = ranks[: len(same)].sum() - len(same) * (len(same) + 1) / 2
    return float(mine / (len(same) * len(other)))


def _pairs(labels: Labels) -> float:
    return sum(n * (n - 1) / 2 for n in Counter(labels).values())


# --- copies made by editing ---------------------------------------------------------------------


def _words_changed(text: str, share: float, pool: Sequence[str], dice: random.Random) -> str:
    """Words replaced by foreign ones or left out, half and half."""
    changed = (
        word if dice.random() >= share else dice.choice([dice.choice(pool), ""])
        for word in text.split(" ")
    )
    return " ".join(word for word in changed if word)


def _sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.!?])\s+", text)


def _sample(text: str, share: float, dice: random.Random) -> str:
    sentences = _sentences(text)
    kept = sorted(dice.sample(range(len(sentences)), max(1, round(len(sentences) * share))))
    return " ".join(sentences[i] for i in kept)


def _shuffled(text: str, dice: random.Random) -> str:
    sentences = _sentences(text)
    return " ".join(dice.sample(sentences, len(sentences)))


Edit = Callable[[str, Sequence[str], str, random.Random], str]
EDITS: dict[str, Edit] = {
    "verbatim": lambda text, *_: text,
    "truncated": lambda text, *_: text[: len(text) * 2 // 5],
    "brief": lambda text, *_: " ".join(text.split()[:60]),
    "reordered": lambda text, _pool, _foreign, dice: _shuffled(text, dice),
    "half the sentences": lambda text, _pool, _foreign, dice: _sample(text, 0.5, dice),
    "light edit": lambda text, pool, _foreign, dice: _words_changed(text, 0.04, pool, dice),
    "heavy edit": lambda text, pool, _foreign, dice: _words_changed(
        _sample(text, 0.8, dice), 0.12, pool, dice
    ),
    "extended": lambda text, _pool, foreign, _dice: f"{text} {foreign}",
    "rewritten": lambda text, pool, _foreign, dice: _words_changed(
        _shuffled(_sample(text, 0.8, dice), dice), 0.3, pool, dice
    ),
}


def edited(rows: Sequence[dict[str, Any]], dice: random.Random) -> Iterator[tuple[str, str, str]]:
    """(kind, original's id, text): the longest text of each event, and a copy by each edit."""
    longest: dict[str, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: len(row["text"])):
        longest[row["gold"]] = row
    bases = [row for row in longest.values() if len(row["text"].split()) > LONG]
    used = {row["id"] for row in bases}
    for base in bases:
        others = [r for r in rows if r["id"] not in used and r["topic"] != base["topic"]]
        foreign = dice.choice(others)["text"][: len(base["text"])]
        pool = dice.choice(others)["text"].split()
        yield "original", base["id"], base["text"]
        for kind, edit in EDITS.items():
            yield kind, base["id"], edit(base["text"], pool, foreign, dice)


# --- trials -------------------------------------------------------------------------------------


def streamed(signed: dict[str, Signed], order: Sequence[str], rule: Grouping) -> MemoryArchive:
    archive = MemoryArchive(rule)
    for name in order:
        archive.place(name, signed[name])
    return archive


def labels(groups: set[frozenset[str]]) -> dict[str, int]:
    return {name: number for number, group in enumerate(groups) for name in group}


def try_edits(rows: Sequence[dict[str, Any]], rule: Grouping) -> None:
    dice = random.Random(1)  # noqa: S311 - a repeatable trial
    copies = list(edited(rows, dice))
    signed = {f"{base}/{kind}": sign(text) for kind, base, text in copies}
    gold = {f"{base}/{kind}": base for kind, base, _ in copies}
    print(f"\nEdited copies: {len(copies)} articles")
    found: dict[str, int] = {}
    for _ in range(ORDERS):
        order = dice.sample(list(signed), len(signed))
        archive = streamed(signed, order, rule)
        again, found = found, labels(archive.stories())
        groups = [found[name] for name in gold]
        print(f"  ARI {ari(list(gold.values()), groups):.3f}", end="")
        print(f"  B³ {b_cubed(list(gold.values()), groups):.3f}", end="")
        assert not again or _same_groups(again, found), "stories depend on the order of arrival"
    print("\n  found with the original:")
    for kind in EDITS:
        hits = [found[f"{b}/{kind}"] == found[f"{b}/original"] for k, b, _ in copies if k == kind]
        print(f"    {kind:20}{np.mean(hits):6.3f}")


def _same_groups(one: dict[str, int], other: dict[str, int]) -> bool:
    sides: list[set[frozenset[str]]] = []
    for found in (one, other):
        groups: dict[int, set[str]] = defaultdict(set)
        for name, number in found.items():
            groups[number].add(name)
        sides.append({frozenset(group) for group in groups.values()})
    return sides[0] == sides[1]


def try_ecbplus(rows: Sequence[dict[str, Any]], rule: Grouping) -> None:
    signed = {row["id"]: sign(row["text"]) for row in rows}
    gold = {row["id"]: row["gold"] for row in rows}
    dice = random.Random(2)  # noqa: S311 - a repeatable trial
    print(f"\nECB+: {len(rows)} articles, {len(set(gold.values()))} events")
    for _ in range(ORDERS):
        order = dice.sample(list(signed), len(signed))
        start = time.process_time()
        archive = streamed(signed, order, rule)
        cost = (time.process_time() - start) / len(order) * 1e3
        of_event, of_story = labels(archive.events()), labels(archive.stories())
        right, groups = list(gold.values()), [of_event[name] for name in gold]
        print(f"  events: ARI {ari(right, groups):.3f}  B³ {b_cubed(right, groups):.3f}", end="")
        print(f"  ({cost:.1f} ms an article, look-up in memory included)")
    _reuse(rows, gold, of_story)
    related = [r for r in archive.kinds().items() if r[1] == "same_event"]
    agree = np.mean([len({gold[name] for name in pair}) == 1 for pair, _ in related])
    print(f"  same_event relations: {len(related)}, {agree:.3f} of them within one gold event")
    _found_by_keys(signed, gold)


def _reuse(rows: Sequence[dict[str, Any]], gold: dict[str, str], story: dict[str, int]) -> None:
    joined = [gold[a] == gold[b] for a, b in combinations(gold, 2) if story[a] == story[b]]
    print(f"  stories: precision {np.mean(joined):.4f} of {len(joined)} pairs")
    text = {row["id"]: row["text"] for row in rows}
    same_topic: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        same_topic[row["topic"]].append(row["id"])
    shares = {}
    for names in same_topic.values():
        for a, b in combinations(names, 2):
            overlap = measure(text[a], text[b])
            shares[a, b] = max(overlap.containment_a, overlap.containment_b)
    for least in (0.2, 0.4):
        pairs = [pair for pair, share in shares.items() if share >= least]
        hit = np.mean([story[a] == story[b] for a, b in pairs])
        print(f"    recall where C5 ≥ {least}: {hit:.3f} of {len(pairs)} pairs")


def _found_by_keys(signed: dict[str, Signed], gold: dict[str, str]) -> None:
    keys = {name: set(s.term_keys) for name, s in signed.items()}
    hits = [len(keys[a] & keys[b]) > 1 for a, b in combinations(gold, 2) if gold[a] == gold[b]]
    strays = [len(keys[a] & keys[b]) > 1 for a, b in combinations(gold, 2) if gold[a] != gold[b]]
    each = 2 * sum(strays) / len(gold)
    print(f"  term keys propose {np.mean(hits):.3f} of same-event pairs, {each:.1f} strays each")


def try_thresholds(rows: Sequence[dict[str, Any]], rule: Grouping) -> None:
    """Held out: the threshold that is best on one half of the topics, tried on the other."""
    members = MemoryArchive(rule)
    for row in rows:
        members.place(row["id"], sign(row["text"]))
    units = [(members.articles[a].member,) for a in sorted(members.articles)]
    alike = likeness(units, units, rule)
    gold = np.array([row["gold"] for row in rows])
    topic = np.array([row["topic"] for row in rows])
    odd = np.array([int(row["topic"]) % 2 == 1 for row in rows])
    upper = np.triu(np.ones_like(alike, bool), 1)
    same = (gold[:, None] == gold) & upper
    near = (topic[:, None] == topic) & upper & ~same
    print(f"\nEvents from scratch: AUC within topics {auc(alike[same], alike[near]):.4f}", end="")
    print(f", of all pairs {auc(alike[same], alike[upper & ~same]):.4f}")
    table = {}
    for join in np.arange(0.16, 0.42, 0.01):
        of = np.empty(len(rows), int)
        for number, group in enumerate(average_link(alike, join)):
            of[group] = number
        table[join] = [
            score(gold[h], of[h]) for h in (odd, ~odd, odd | True) for score in (ari, b_cubed)
        ]
    best = [max(table, key=lambda join, i=i: table[join][i]) for i in (0, 2)]  # type: ignore[misc]
    held = (table[best[1]][0] + table[best[0]][2]) / 2, (table[best[1]][1] + table[best[0]][3]) / 2
    print(f"  held out: ARI {held[0]:.3f}  B³ {held[1]:.3f}  (joins {best[0]:.2f}, {best[1]:.2f})")
    for join in list(table)[5:20:1]:
        print(f"    join {join:.2f}: ARI {table[join][4]:.3f}  B³ {table[join][5]:.3f}")


def try_cost(rows: Sequence[dict[str, Any]]) -> None:
    sign(rows[0]["text"])
    start = time.process_time()
    total = sum(sign(row["text"]).tokens for row in rows)
    spent = time.process_time() - start
    print(
        f"\nsign: {spent / total * 500 * 1e3:.2f} ms for 500 words ({minhash.SCHEME}, {events.VOCABULARY})"
    )


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else ECBPLUS
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rule = Grouping()
    for trial in (try_edits, try_ecbplus, try_thresholds):
        trial(rows, rule)
    try_cost(rows)


if __name__ == "__main__":
    main()
