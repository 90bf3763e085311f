"""What a page costs when all are alike: `python -m benchmarks.alike [--pages 100000]`.

So many pages that each hold a text of their own and one boilerplate that no rule knows, half of them below
it and half above it, stream into an archive of usual articles by the product's own path; and one page that
fifty hosts serve. CPU time of reading, signing, deciding and of Postgres, in bins, beside usual articles. The
exit code is 1 where a page takes more than twice as much, in all or in the last tenth of them.
"""

import argparse
import logging
import statistics
import tempfile
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import text

from benchmarks.clock import Cost, timed
from benchmarks.made import articles
from benchmarks.path import archive
from benchmarks.promised import Promise, judge
from ingester import embedded, importing, pipeline, store
from ingester.importing import Item
from ingester.models import Page

USUAL, BIN, HOSTS = 500, 100, 50
MOST = 2  # times what a usual article takes
OWN, COMMON = 1000, 1200  # characters of a page that are its own, and that all share


class Inline:
    """An engine that runs the steps right here, where their time is told."""

    def map(self, function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        """As the built-in one."""
        return map(function, items)


def said(page: Item) -> str:
    """What a made article says."""
    assert isinstance(page[1], Page)
    return page[1].body.decode()


def alike(pages: int, where: str) -> Iterator[Item]:
    """So many pages of as many hosts as there are outlets, each with its own text and the common one."""
    common = " ".join(map(said, articles(77, 8)))[:COMMON]
    for number, made in enumerate(articles(78, pages)):
        own = said(made)[:OWN]
        parts = [own, common] if where == "below" else [common, own]
        yield importing.item({"url": f"https://alike{number % 400}.example/{where}/{number}",
                              "text": "\n\n".join(parts)}, str(number))  # fmt: skip


def served(by: int) -> Iterator[Item]:
    """One page, whatever is asked for, from so many hosts."""
    told = said(next(articles(79, 1)))
    for number in range(by):
        url = f"https://served{number}.example/article/{number}"
        yield importing.item({"url": url, "text": told}, str(number))


def cost(held: store.Archive, items: Iterable[Item]) -> float:
    """CPU milliseconds a page, from its text to its place."""
    given, costs = list(items), list[Cost]()
    with timed(held, costs):
        for _ in pipeline.import_pages(held, Inline(), given):
            pass
    return costs[0].cpu / len(given)


def show(held: store.Archive, name: str, costs: list[float], usual: float) -> list[Promise]:
    """Prints a row, and gives what it has to be."""
    with held.engine.connect() as connection:
        largest = connection.execute(text(
            "SELECT max(n) FROM (SELECT count(*) AS n FROM article GROUP BY story_id) stories"
        )).scalar_one()  # fmt: skip
    mean, last = statistics.mean(costs), statistics.mean(costs[-max(1, len(costs) // 10) :])
    print(f"{name:28}{mean:12.1f}{last:12.1f}{mean / usual:15.2f}{last / usual:12.2f}{largest:15,}",
          flush=True)  # fmt: skip
    return [
        Promise(f"{name}, to usual", mean / usual, MOST, most=True),
        Promise(f"{name}, last tenth to usual", last / usual, MOST, most=True),
    ]


def bins(items: Iterable[Item]) -> Iterator[list[Item]]:
    remaining = iter(items)
    while batch := list(islice(remaining, BIN)):
        yield batch


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=100_000)
    pages = parser.parse_args().pages
    with (
        tempfile.TemporaryDirectory() as folder,
        embedded.running(Path(folder)) as url,
        archive(url, 1) as held,
    ):
        judge(run(held, pages))


def run(held: store.Archive, pages: int, usual: int = USUAL) -> list[Promise]:
    """Prints the table, and gives what its rows have to be."""
    print(f"{'CPU ms a page':28}{'mean':>12}{'last tenth':>12}{'to usual: mean':>15}{'last tenth':>12}"
          f"{'largest story':>15}")  # fmt: skip
    cost(held, articles(70, BIN))  # once for caches and plans
    costs = [cost(held, batch) for batch in bins(articles(71, usual))]
    mean = statistics.mean(costs)
    show(held, f"{usual:,} usual articles", costs, mean)
    kept = []
    for where in ("below", "above"):
        costs = [cost(held, batch) for batch in bins(alike(pages // 2, where))]
        kept += show(held, f"{pages // 2:,}, boilerplate {where}", costs, mean)
    kept += show(held, f"one page of {HOSTS} hosts", [cost(held, served(HOSTS))], mean)
    costs = [cost(held, batch) for batch in bins(articles(72, usual))]
    show(held, f"{usual:,} usual articles again", costs, mean)
    return kept


if __name__ == "__main__":
    main()
