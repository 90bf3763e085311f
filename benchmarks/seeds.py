"""How far the five sample articles are from each threshold: `python -m benchmarks.seeds`.

Each pair's figures are held against what `seeds/gold.json` says of it: of the texts as they came, which the
product strips (raw), and of those that were stripped by hand (stripped), with dates and without. A relation
depends on its two articles alone, so that its figures are the same in every order of arrival; the groups
are made in all 120. The exit code is 1 where a figure is on the wrong side, or an order gives other groups.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.promised import Promise, judge
from ingester import minhash, pipeline, settings
from ingester.models import Candidate, Page, Relation, Signed
from ingester.settings import Grouping
from ingester.stories.compare import relate
from ingester.stories.likeness import likeness
from tests.memory_archive import MemoryArchive, on, sign

SEEDS = Path(__file__).parents[1] / "seeds"
SECRET = 0x5EC2E7
Seeds = dict[str, Signed]


class Bound(NamedTuple):
    """What a pair's relation is held against: one of its figures, and the threshold."""

    figure: str
    threshold: float
    most: bool = False

    def of(self, relation: Relation) -> float:
        """The figure."""
        return float(getattr(relation, self.figure))


def variants(gold: Mapping[str, Any]) -> dict[str, Seeds]:
    """The seeds as they are to be told apart, by the name of the way."""
    made = {}
    for text, read in (("raw", _raw), ("stripped", _stripped)):
        dated = {known["file"][:3]: read(known) for known in gold["articles"]}
        made[f"{text}, dated"] = dated
        made[f"{text}, undated"] = {name: _undated(one) for name, one in dated.items()}
    return made


def _raw(known: Mapping[str, Any]) -> Signed:
    body = (SEEDS / "texts" / known["file"]).read_bytes()
    page = Page(None, body, "text/plain", "utf-8", datetime(2026, 11, 1, tzinfo=UTC))
    signed = pipeline.prepare(page, settings.Settings(), SECRET)
    assert isinstance(signed, Signed)
    return signed


def _stripped(known: Mapping[str, Any]) -> Signed:
    published = on(known["published"]) if known["published"] else None
    return sign(known["body"], SECRET, title=known["title"], published=published)


def _undated(signed: Signed) -> Signed:
    return minhash.sign(replace(signed.article, published=None), SECRET, Grouping())


def bounds(kind: str, rule: Grouping, *, one_event: bool) -> Iterator[Bound]:
    """What a pair's figures have to be, by what it is."""
    if kind == "copy":
        yield Bound("story_score", rule.join)
    else:
        yield Bound("story_score", rule.join, most=True)
        yield Bound("contained", rule.partial, most=kind != "partial")
    if one_event:
        yield Bound("event_score", rule.event_pair if kind == "same_event" else rule.event_join)
    else:
        yield Bound("event_score", rule.event_join, most=True)


def related(seeds: Seeds, pair: tuple[str, str], rule: Grouping) -> Relation:
    """How two seeds are related, told of any two."""
    one, other = _candidates(seeds, pair, rule)
    event = float(likeness([(one.member,)], [(other.member,)], rule)[0, 0])
    found = relate(one, other, event, rule.model_copy(update={"event_pair": 0}))
    assert found is not None
    return found


def _candidates(seeds: Seeds, pair: tuple[str, str], rule: Grouping) -> list[Candidate]:
    archive = MemoryArchive(rule)
    return [archive.articles[archive.place(name, seeds[name])] for name in pair]


def tried(gold: Mapping[str, Any], ways: Mapping[str, Seeds], rule: Grouping) -> Iterator[Promise]:
    """Prints each pair's figures with the margin, and gives what they have to be."""
    print(f"{'pair':9}{'gold':12}{'figure':13}{'threshold':>12}" + "".join(f"{w:>19}" for w in ways)
          + f"{'least margin':>15}")  # fmt: skip
    for known in gold["relations"]:
        one, other = known["pair"]
        one_event = any({one, other} <= set(event) for event in gold["events"])
        relations = {way: related(seeds, (one, other), rule) for way, seeds in ways.items()}
        for bound in bounds(known["relation"], rule, one_event=one_event):
            promises = [
                Promise(f"{one}-{other}, {bound.figure}, {way}", bound.of(found), *bound[1:])
                for way, found in relations.items()
            ]
            _show(f"{one}-{other}", known["relation"], bound, promises)
            yield from promises


def _show(pair: str, kind: str, bound: Bound, promises: list[Promise]) -> None:
    side = f"{'under' if bound.most else 'from'} {bound.threshold:g}"
    values = "".join(f"{promise.found:19.3f}" for promise in promises)
    least = min(promise.margin() for promise in promises)
    print(f"{pair:9}{kind:12}{bound.figure:13}{side:>12}{values}{least:15.3f}")


def ordered(
    gold: Mapping[str, Any], ways: Mapping[str, Seeds], rule: Grouping
) -> Iterator[Promise]:
    """How many of all orders of arrival give the gold stories and events."""
    wanted = [{frozenset(group) for group in gold[what]} for what in ("stories", "events")]
    print()
    for way, seeds in ways.items():
        orders = list(permutations(seeds))
        right = sum(_groups(seeds, order, rule) == wanted for order in orders)
        print(f"{way}: as gold.json in {right} of {len(orders)} orders")
        yield Promise(f"orders, {way}", right, len(orders))


def _groups(seeds: Seeds, order: tuple[str, ...], rule: Grouping) -> list[set[frozenset[str]]]:
    archive = MemoryArchive(rule)
    for name in order:
        archive.place(name, seeds[name])
    return [archive.stories(), archive.events()]


def main(rule: Grouping | None = None) -> None:
    """Print the table; `rule`: the shipped settings, unless others are given."""
    gold = json.loads((SEEDS / "gold.json").read_text(encoding="utf-8"))
    ways, chosen = variants(gold), rule or Grouping()
    judge([*tried(gold, ways, chosen), *ordered(gold, ways, chosen)])


if __name__ == "__main__":
    main()
