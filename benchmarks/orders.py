"""The same articles in many orders, by several workers at once: `python -m benchmarks.orders`.

    python -m benchmarks.orders [--orders 50] [--workers 1,2,4] [--articles 100]

ECB+ articles of whole topics, and twenty bridges: two unrelated stories of two copies each, one up to
three times as long as the other, and an article that is made of half of each. Each run places them by the
product's own path in an empty archive on Postgres. Stories must be the same in all runs, events nearly so,
and no bridge may join its stories: else the exit code is 1.
"""

import argparse
import json
import logging
import random
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import structlog

from benchmarks.made import DATA, edited, retold
from benchmarks.path import archive
from benchmarks.promised import Promise, judge
from ingester import embedded, importing, pipeline, settings, store
from ingester.evaluation import metrics
from ingester.models import Imported, Page, Signed

BRIDGES = 20
SIDE = 1500  # characters of a bridge's shorter side
TIMES = (1, 2, 3)  # as many has the longer one
LEAST_ARI = 0.98
_SEED = 11
"""One secret for all runs: a text is signed once."""


class Item(NamedTuple):
    """An article, read and signed."""

    entry: Imported
    page: Page
    signed: Signed


class Groups(NamedTuple):
    """What a run has made: each URL's story and event."""

    story: dict[str, int]
    event: dict[str, int]

    def stories(self) -> set[frozenset[str]]:
        """The stories, as sets of URLs."""
        members = defaultdict(set)
        for url, story in self.story.items():
            members[story].add(url)
        return {frozenset(story) for story in members.values()}

    def joined(self) -> list[str]:
        """The bridges whose two stories have become one."""
        bridges = [url.removesuffix("/a0") for url in self.story if url.endswith("/a0")]
        return [name for name in bridges if self.story[f"{name}/a0"] == self.story[f"{name}/b0"]]


def items(articles: int, bridges: int) -> list[Item]:
    """So many articles of ECB+, topic by topic, and five for each bridge, made of other topics."""
    rows = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
    rows.sort(key=lambda row: row["topic"])
    texts = {f"ecbplus/{row['id']}": row["text"] for row in rows[:articles]}
    least = SIDE * max(TIMES)
    topics = {row["topic"]: row["text"] for row in rows[articles:] if len(row["text"]) >= least}
    return list(_signed({**texts, **_bridges(list(topics.values()), bridges)}))


def _bridges(texts: Sequence[str], bridges: int) -> dict[str, str]:
    dice = random.Random(2)  # noqa: S311 - a repeatable trial
    made = {}
    for number in range(bridges):
        lengths = dice.sample((SIDE, SIDE * dice.choice(TIMES)), 2)
        chosen = zip(dice.sample(texts, 2), lengths, strict=True)
        sides = [retold(text[:n], 2 * number + at) for at, (text, n) in enumerate(chosen)]
        for side, told in zip("ab", sides, strict=True):
            made[f"bridge/{number}/{side}0"] = told
            made[f"bridge/{number}/{side}1"] = edited(told, dice)
        made[f"bridge/{number}/both"] = "\n\n".join(told[: len(told) // 2] for told in sides)
    return made


def _signed(texts: Mapping[str, str]) -> Iterator[Item]:
    limits = settings.read()
    for name, text in texts.items():
        entry, page = importing.item({"text": text}, name)
        assert isinstance(page, Page)
        signed = pipeline.prepare(page, limits, _SEED)
        if isinstance(signed, Signed):
            yield Item(entry, page, signed)


def groups(url: str, items: Sequence[Item], workers: int) -> Groups:
    """What becomes of the articles in this order, placed by so many workers in an empty archive."""
    with archive(url, 1) as held, ThreadPoolExecutor(workers) as pool:
        waiting = iter(items)
        taking = threading.Lock()

        def work(worker: store.Archive) -> None:
            while True:
                with taking:
                    item = next(waiting, None)
                if item is None:
                    return
                assert pipeline.settle(worker, *item)[0] == "stored"

        # each with a lock of its own: they meet in Postgres, as processes do
        list(pool.map(work, [replace(held, placing=threading.Lock()) for _ in range(workers)]))
        places = list(store.places(held))
    return Groups({p.url: p.story_id for p in places}, {p.url: p.event_id for p in places})


def compare(first: Groups, found: Groups) -> tuple[bool, float]:
    """Whether the stories are the same, and the adjusted Rand index of the events."""
    urls = sorted(first.event)
    ari = metrics.ari([first.event[url] for url in urls], [found.event[url] for url in urls])
    return first.stories() == found.stories(), ari


def shuffled(items: Sequence[Item], order: int) -> list[Item]:
    """The items in the order of this number, the same in each run."""
    return random.Random(order).sample(items, len(items))  # noqa: S311 - repeatable


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=50)
    parser.add_argument("--workers", default="1,2,4")
    parser.add_argument("--articles", type=int, default=100)
    chosen = parser.parse_args()
    given = items(chosen.articles, BRIDGES)
    print(f"{len(given)} articles, {BRIDGES} bridges among them", flush=True)
    print("workers  orders  same stories  events' ARI, least  bridges that joined  s a run")
    runs, kept = list[Groups](), list[Promise]()
    with tempfile.TemporaryDirectory() as folder, embedded.running(Path(folder)) as url:
        for workers in map(int, chosen.workers.split(",")):
            began = time.perf_counter()
            made = [groups(url, shuffled(given, n), workers) for n in range(chosen.orders)]
            runs += made
            alike = [compare(runs[0], run) for run in made]
            same, joined = sum(same for same, _ in alike), sum(len(run.joined()) for run in made)
            kept += [
                Promise(f"{workers} workers, orders with the same stories", same, chosen.orders),
                Promise(f"{workers} workers, bridges that joined", joined, 0, most=True),
            ]
            print(f"{workers:7}{chosen.orders:8}{same:14}{min(ari for _, ari in alike):19.3f}{joined:21}"
                  f"{(time.perf_counter() - began) / chosen.orders:9.1f}", flush=True)  # fmt: skip
    least = min(compare(a, b)[1] for a, b in combinations(runs, 2))
    print(f"events of any two runs: ARI ≥ {least:.3f}")
    judge([*kept, Promise("events of any two runs, ARI", least, LEAST_ARI)])


if __name__ == "__main__":
    main()
