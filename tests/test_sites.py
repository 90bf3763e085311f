"""What is kept of sites' own files: as much as fits, whoever they are, and what was asked for last."""

import asyncio
import gc
import tracemalloc
from collections.abc import Iterable
from ipaddress import ip_network

import pytest

from ingester.fetch import Fetcher
from ingester.fetch.sites import Said, Sites
from ingester.models import Failed, Reason, Request, Response
from ingester.settings import Fetch
from tests.loopback import Answer, Here, Loopback
from tests.turns import Memory

MB = 1_000_000
RULES = "User-agent: *\n" + "".join(f"Disallow: /{n}{'x' * 1900}\n" for n in range(270))
PLACES = [f'{{"location": "/{n}{"x" * 1900}", "tdm-reservation": 1}}' for n in range(52)]


def grown(routes: dict[str, Answer], sites: int) -> float:
    """Megabytes that are kept after a page of each of so many sites."""
    guards = Fetch(allow_networks=(ip_network("127.0.0.0/8"),), host_delay_s=0)
    with Loopback(routes) as server, Fetcher(guards, Memory(), resolver=Here()) as fetcher:
        tracemalloc.start()
        for number in range(sites):
            page = Request(server.url("/a", f"h{number}.example"), "text/html")
            assert isinstance(fetcher.get(page), Response)
        gc.collect()
        kept, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return kept / MB


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/robots.txt", RULES.encode()),
        ("/.well-known/tdmrep.json", f"[{', '.join(PLACES)}]".encode()),
    ],
)
def test_sites_that_say_much_fill_no_memory(path: str, body: bytes) -> None:
    sites = 30 * MB // len(body)
    assert grown({path: Answer(body=body), "/a": Answer()}, sites) < 18


async def asked_in_turn(sites: Sites[str], names: Iterable[str]) -> None:
    for name in names:
        assert await sites.word(f"https://{name}.example/") == "word"


def saying(size: int, asked: list[str]) -> Sites[str]:
    """Sites that all say one word of this size; notes who was asked."""

    async def read(site: str, _last: Said[str] | None) -> Said[str]:
        asked.append(site.removeprefix("https://").removesuffix(".example"))
        return Said("word", 60, size)

    return Sites(read)


def test_many_sites_that_say_little_take_what_is_counted() -> None:
    names = [f"{number:05}.{'long-name' * 5}" for number in range(10_000)]
    tracemalloc.start()
    sites = saying(0, [])
    asyncio.run(asked_in_turn(sites, names))
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < sites._taken


def test_what_was_asked_for_last_is_kept() -> None:
    asked: list[str] = []
    sites = saying(5 * MB, asked)
    asyncio.run(asked_in_turn(sites, "abacabadab"))
    assert asked == ["a", "b", "c", "d"]
    asyncio.run(asked_in_turn(sites, "c"))
    assert asked[4:] == ["c"], "it made room for d"


def test_a_word_that_takes_all_room_is_told_and_not_kept() -> None:
    sites = saying(100 * MB, [])
    asyncio.run(asked_in_turn(sites, "a"))
    assert (sites.known("https://a.example/"), sites._taken) == (None, 0)


def test_rules_are_read_as_far_as_they_must_be_however_long_the_file_is() -> None:
    rules = b"User-agent: *\nDisallow: /a\n" + b"# nothing to see here\n" * 450_000
    assert len(rules) > Fetch().max_bytes
    routes = {"/robots.txt": Answer(body=rules), "/a": Answer(), "/b": Answer()}
    guards = Fetch(allow_networks=(ip_network("127.0.0.0/8"),), host_delay_s=0)
    with Loopback(routes) as server, Fetcher(guards, Memory(), resolver=Here()) as fetcher:
        refused = fetcher.get(Request(server.url("/a"), "text/html"))
        assert isinstance(fetcher.get(Request(server.url("/b"), "text/html")), Response)
    assert isinstance(refused, Failed)
    assert refused.reason is Reason.ROBOTS


def test_rules_that_are_gone_take_their_delay_along() -> None:
    turns = Memory()
    routes = {"/robots.txt": Answer(body=b"User-agent: *\nCrawl-delay: 0.5"), "/a": Answer()}
    guards = Fetch(allow_networks=(ip_network("127.0.0.0/8"),), host_delay_s=0)
    with Loopback(routes) as server:
        for delay_s in (0.5, 0):
            with Fetcher(guards, turns, resolver=Here()) as fetcher:
                fetcher.get(Request(server.url("/a"), "text/html"))
            assert [*turns._delays.values()] == [delay_s]
            server.routes["/robots.txt"] = Answer(404)
