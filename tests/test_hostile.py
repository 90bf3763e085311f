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
from tests.hostile_pages import KINDS, html, noise
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


def read(cages: Processes, body: bytes, media_type: str = "text/html") -> Signed | Failed:
    prepare = partial(pipeline.prepare, settings=CHOSEN, seed=1)
    return cages.run(prepare, Page("https://evil.example/a", body, media_type, None, NOW))


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


def long(lines: int, media_type: str) -> bytes:
    """A page of so many lines, no two of them alike."""
    said = (f"Line {n} of this report says what stands in no other one." for n in range(lines))
    if media_type == "text/plain":
        return "\n".join(said).encode()
    return html(1, "".join(f"<p>{line}</p>" for line in said))


@pytest.mark.parametrize("media_type", ["text/html", "text/plain"])
def test_what_just_keeps_the_limits_is_read_in_time(media_type: str, cages: Processes) -> None:
    body = long(CHOSEN.extract.max_lines - 50, media_type)
    assert isinstance(read(cages, body, media_type), Signed)


@pytest.mark.parametrize("media_type", ["text/html", "text/plain"])
def test_more_lines_than_pages_have_are_refused(media_type: str, cages: Processes) -> None:
    found = read(cages, long(CHOSEN.extract.max_lines + 1, media_type), media_type)
    assert isinstance(found, Failed)
    assert found.reason is Reason.TOO_COMPLEX


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("head", [b"", b"<html><body>", b"<meta charset=windows-1252>"])
def test_noise_is_no_text(head: bytes, number: int, cages: Processes) -> None:
    found = read(cages, head + noise(20_000, number))
    assert isinstance(found, Failed)
    assert found.reason is Reason.UNSUPPORTED_TYPE
