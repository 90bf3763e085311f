"""The same articles in other orders, by other numbers of workers: `make orders`, in small."""

import pytest

from benchmarks import orders
from benchmarks.made import DATA


@pytest.mark.skipif(not DATA.exists(), reason=f"no texts to make articles of in {DATA}")
def test_stories_depend_neither_on_the_order_nor_on_the_workers(server: str) -> None:
    items = orders.items(articles=15, bridges=3)
    runs = [orders.groups(server, orders.shuffled(items, n), workers=n) for n in (1, 2, 4)]
    for run in runs:
        assert run.joined() == []
        assert orders.compare(runs[0], run) == (True, 1.0)
    assert len(runs[0].stories()) < len(items)
