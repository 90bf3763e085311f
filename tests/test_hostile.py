"""Every kind of hostile page ends within its deadline, as an article or with a reason."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from ingester import pipeline, settings
from ingester.engine import Processes
from ingester.models import Failed, Page, Reason, Signed
from tests.hostile_pages import KINDS
from tests.newsroom import page

NOW = datetime(2026, 11, 23, tzinfo=UTC)
CHOSEN = settings.read(extract={"processes": 1})
GROWTH_KB = 50_000


@pytest.fixture(scope="module")
def cages() -> Iterator[Processes]:
    with Processes(CHOSEN.extract) as running:
        assert isinstance(read(running, page(1)), Signed)
        yield running


@pytest.fixture(scope="module", autouse=True)
def little_memory(cages: Processes) -> Iterator[None]:
    before = resident_kb()
    yield
    assert resident_kb() - before < GROWTH_KB
    assert isinstance(read(cages, page(1)), Signed), "an honest page is read after them all"


def read(cages: Processes, body: bytes) -> Signed | Failed:
    prepare = partial(pipeline.prepare, settings=CHOSEN, seed=1)
    return cages.run(prepare, Page("https://evil.example/a", body, "text/html", None, NOW))


def resident_kb() -> int:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmRSS:")[2].split()[0])


def test_the_kinds_are_many() -> None:
    assert len(KINDS) >= 58


@pytest.mark.parametrize("kind", KINDS)
def test_a_hostile_page_ends_in_time(kind: str, cages: Processes) -> None:
    body = KINDS[kind](7)
    began = time.monotonic()
    found = read(cages, body)
    assert time.monotonic() - began < CHOSEN.extract.deadline_s + 5
    if isinstance(found, Failed):
        assert found.reason is not Reason.CRASHED, f"it was not foreseen: {found.detail}"
    else:
        assert "\0" not in found.article.text
