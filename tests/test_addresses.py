"""No address but a public one is ever dialled. Every socket here is a recorder's: none is opened."""

import socket
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from random import Random
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given
from hypothesis import strategies as st

from ingester.fetch import Fetcher
from ingester.fetch.addresses import AddressInfo, ForbiddenAddress, Guard
from ingester.models import Failed, Reason, Request
from ingester.settings import Fetch
from tests.turns import Memory

PUBLIC = ["1.1.1.1", "8.8.8.8", "172.32.0.1", "192.0.1.1", "223.255.255.255", "2606:4700::1111",
          "2001:4860:4860::8888", "2a00:1450::1"]  # fmt: skip
DENIED = [
    "0.0.0.0", "0.1.2.3",  # noqa: S104 - never bound, never dialled
    "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200",
    "100.127.255.255", "127.0.0.1", "127.255.255.255", "168.63.129.16", "169.254.169.254",
    "169.254.170.2", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1",
    "192.31.196.1", "192.52.193.1", "192.88.99.1", "192.168.0.1", "192.168.255.255", "192.175.48.1",
    "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255",
    "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "100::1",
    "100:0:0:1::1", "2001::1", "2001:0:7f00:1::", "2001:2::1", "2001:10::1", "2001:20::1",
    "2001:db8::1", "2002:7f00:1::", "2002:a00:1::1", "2620:4f:8000::1", "3fff::1", "4000::1",
    "5f00::1", "fc00::1", "fd00:ec2::254", "fdff::1", "fe80::1", "fe80::1%1", "fec0::1", "ff02::1",
    "ff0e::1",
]  # fmt: skip


class Recorder:
    """Keeps what would have been dialled, and dials nothing."""

    def __init__(self) -> None:
        self.dialled: list[str] = []

    def __call__(self, info: AddressInfo) -> socket.socket:
        self.dialled.append(info[4][0])
        raise ConnectionRefusedError("recorded, not dialled")


class Names(AbstractResolver):
    """A name server that gives each name's answers one after the other, then the last one again."""

    def __init__(self, **answers: list[list[str]]) -> None:
        self._answers = answers

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002 - aiohttp's interface
    ) -> list[ResolveResult]:
        answers = self._answers[host.partition(".")[0]]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [_resolved(host, port, address) for address in addresses]

    async def close(self) -> None: ...


def _resolved(host: str, port: int, address: str) -> ResolveResult:
    version = ip_address(address).version
    return ResolveResult(
        hostname=host,
        host=address,
        port=port,
        family=socket.AF_INET if version == 4 else socket.AF_INET6,
        proto=0,
        flags=socket.AI_NUMERICHOST,
    )


def _info(address: str, port: int = 80) -> AddressInfo:
    return (socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, port))


def _guard(recorder: Recorder, *allowed: str) -> Guard:
    networks = [ip_network(network) for network in allowed]
    return Guard(networks, frozenset({80, 443}), recorder)


@pytest.mark.parametrize("address", DENIED)
def test_special_addresses_are_not_dialled(address: str) -> None:
    recorder = Recorder()
    with pytest.raises(ForbiddenAddress):
        _guard(recorder)(_info(address))
    assert recorder.dialled == []


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_dialled(address: str) -> None:
    recorder = Recorder()
    with pytest.raises(ConnectionRefusedError):
        _guard(recorder)(_info(address))
    assert recorder.dialled == [address]


@given(st.ip_addresses(v=4), st.sampled_from(["::", "::ffff:0:0", "64:ff9b::", "2002::", "2001::"]))
def test_no_address_hides_inside_another(inner: Any, outer: str) -> None:
    shift = 80 if outer == "2002::" else 0
    address = IPv6Address(int(IPv6Address(outer)) | int(inner) << shift)
    with pytest.raises(ForbiddenAddress):
        _guard(Recorder())(_info(str(address)))


@given(st.ip_addresses())
def test_whatever_python_calls_special_is_denied(address: Any) -> None:
    if not address.is_global or address.is_multicast or address.is_reserved:
        with pytest.raises(ForbiddenAddress):
            _guard(Recorder())(_info(str(address)))


def test_ports_are_limited_to_those_configured() -> None:
    with pytest.raises(ForbiddenAddress, match="port 22"):
        _guard(Recorder())(_info("1.1.1.1", 22))


def test_an_allowed_network_is_exempt_with_all_its_ports_and_nothing_else_is() -> None:
    recorder = Recorder()
    guard = _guard(recorder, "127.0.0.0/8")
    with pytest.raises(ConnectionRefusedError):
        guard(_info("127.0.0.1", 12345))
    with pytest.raises(ForbiddenAddress):
        guard(_info("10.0.0.1"))
    with pytest.raises(ForbiddenAddress):
        guard(_info("::ffff:127.0.0.1"))
    assert recorder.dialled == ["127.0.0.1"]


@pytest.mark.parametrize(
    "spelling",
    [
        "2130706433",
        "0x7f000001",
        "017700000001",
        "0177.0.0.1",
        "0x7f.0.0.1",
        "127.1",
        "127.0.1",
        "0",
    ],
)
def test_odd_spellings_that_resolve_to_this_machine_are_not_dialled(spelling: str) -> None:
    ((*_, place), *_) = socket.getaddrinfo(spelling, 80, flags=socket.AI_NUMERICHOST)
    with pytest.raises(ForbiddenAddress):
        _guard(Recorder())(_info(str(place[0])))
    assert _refused(f"http://{spelling}/", Names()) == (Reason.BAD_URL, [])


NETWORKS = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4",
    "240.0.0.0/4", "::/8", "64:ff9b::/96", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16",
    "3fff::/20", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
]  # fmt: skip


def test_no_address_of_special_networks_is_dialled() -> None:
    """5,000 addresses, drawn from everywhere in these networks, their ends included."""
    recorder, chance = Recorder(), Random(1)
    guard = _guard(recorder)
    for turn in range(5000):
        network = ip_network(NETWORKS[turn % len(NETWORKS)])
        place = chance.choice(
            [0, network.num_addresses - 1, chance.randrange(network.num_addresses)]
        )
        with pytest.raises(ForbiddenAddress):
            guard(_info(str(network[place])))
    assert recorder.dialled == []


class Numbers(AbstractResolver):
    """The machine's own reading of a host that may be a number, and of any other name this machine."""

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002 - aiohttp's interface
    ) -> list[ResolveResult]:
        try:
            found = socket.getaddrinfo(host, port, flags=socket.AI_NUMERICHOST)
        except (OSError, UnicodeError):
            return [_resolved(host, port, "127.0.0.1")]
        return [_resolved(host, port, str(address[0]).partition("%")[0]) for *_, address in found]

    async def close(self) -> None: ...


def _spellings(address: IPv4Address) -> Iterator[str]:
    """How an address may be written in a URL so that somebody takes it for another, or for a name."""
    a, b, c, d = address.packed
    number = int(address)
    yield from (
        f"{a}.{b}.{c}.{d}",
        f"{a}.{b}.{c}.{d}.",
        f"{a}.{b}.{c << 8 | d}",
        f"{a}.{number & 0xFFFFFF}",
    )
    yield from (str(number), f"0x{number:x}", f"0X{number:X}", f"0{number:o}", f"00000{number:o}")
    yield from (
        ".".join(f"0x{part:x}" for part in (a, b, c, d)),
        ".".join(f"0{part:o}" for part in (a, b, c, d)),
    )
    yield from (
        f"0x{a:x}.{b}.0{c:o}.{d}",
        f"{a}.{b}.{c}.0x{d:x}",
        f"{a:03}.{b:03}.{c:03}.{d:03}",
        f"{number + 2**32}",
    )
    yield from (
        f"{a}%2E{b}%2e{c}.{d}",
        f"%{ord(str(a)[0]):x}{str(a)[1:]}.{b}.{c}.{d}",
        f"{a}。{b}。{c}。{d}",
    )
    yield "".join(chr(ord(x) + 0xFEE0) if x.isdigit() else x for x in f"{a}.{b}.{c}.{d}")
    yield from (
        f"user@{a}.{b}.{c}.{d}",
        f"1.1.1.1@{a}.{b}.{c}.{d}",
        f"{a}.{b}.{c}.{d}#@1.1.1.1",
        f"{a}.{b}.{c}.{d}?.1.1.1.1",
    )
    yield from (
        f"{a}.{b}.{c}.{d}:80",
        f"{a}.{b}.{c}.{d}:443",
        f"{a}.{b}.{c}.{d}\\@1.1.1.1",
        f" {a}.{b}.{c}.{d}",
    )
    hexes = f"{number >> 16:x}:{number & 0xFFFF:x}"
    for prefix in ("::", "::ffff:", "::ffff:0:", "64:ff9b::", "64:ff9b:1::"):
        yield from (
            f"[{prefix}{a}.{b}.{c}.{d}]",
            f"[{prefix}{hexes}]",
            f"[{prefix.upper()}{hexes.upper()}]",
        )
    yield from (
        f"[2002:{hexes}::]",
        f"[2002:{hexes}::1]",
        f"[2001:0:{hexes}::]",
        f"[::ffff:{hexes}%251]",
    )
    yield from (
        f"{a}.{b}.{c}.{d}.nip.example",
        f"localhost{d}",
        "localhost",
        "localhost.",
        "LOCALHOST",
    )


_INSIDE = (
    "127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254",
    "100.100.100.200", "0.0.0.1",
)  # fmt: skip


def test_no_spelling_of_a_private_address_is_dialled() -> None:
    inside = [IPv4Address(text) for text in _INSIDE]
    hosts = [spelling for address in inside for spelling in _spellings(address)]
    urls = [f"{scheme}://{host}/x" for host in hosts for scheme in ("http", "https", "HTTP")]
    assert len(urls) >= 1000
    recorder = Recorder()
    settings = Fetch(robots=False, opt_outs=frozenset(), host_delay_s=0)
    with Fetcher(settings, Memory(), resolver=Numbers(), dial=recorder) as fetcher:
        for url in urls:
            assert isinstance(fetcher.get(Request(url, "text/html")), Failed)
    private = [a for a in recorder.dialled if not ip_address(a).is_global]
    assert private == [], "dialled"


def test_a_name_of_a_special_address_is_not_dialled() -> None:
    names = Names(**{f"inside{i}": [[address]] for i, address in enumerate(DENIED)})
    recorder = Recorder()
    settings = Fetch(robots=False, opt_outs=frozenset(), host_delay_s=0)
    with Fetcher(settings, Memory(), resolver=names, dial=recorder) as fetcher:
        for i in range(len(DENIED)):
            assert _reason(fetcher, f"http://inside{i}.example/") is Reason.FORBIDDEN_ADDRESS
    assert recorder.dialled == []


@pytest.mark.parametrize("literal", ["127.0.0.1", "[::1]", "[::ffff:7f00:1]", "169.254.169.254"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_address_in_the_url_is_not_dialled(scheme: str, literal: str) -> None:
    assert _refused(f"{scheme}://{literal}/", Names()) == (Reason.FORBIDDEN_ADDRESS, [])


def test_all_special_addresses_of_a_name_are_refused_together() -> None:
    names = Names(inside=[["10.0.0.1", "127.0.0.1", "::1", "fd00:ec2::254"]])
    assert _refused("http://inside.example/", names) == (Reason.FORBIDDEN_ADDRESS, [])


def test_of_a_name_s_addresses_only_public_ones_are_dialled() -> None:
    _, dialled = _refused("http://mixed.example/", Names(mixed=[["127.0.0.1", "1.1.1.1", "::1"]]))
    assert set(dialled) == {"1.1.1.1"}


def test_a_name_that_resolves_anew_is_checked_anew() -> None:
    names = Names(rebound=[["1.1.1.1"], ["127.0.0.1"]])
    recorder = Recorder()
    with Fetcher(
        Fetch(robots=False, opt_outs=frozenset(), host_delay_s=0),
        Memory(),
        resolver=names,
        dial=recorder,
    ) as fetcher:
        reasons = [_reason(fetcher, "http://rebound.example/") for _ in _rebindings(fetcher)]
    assert reasons == [Reason.UNREACHABLE, Reason.FORBIDDEN_ADDRESS, Reason.FORBIDDEN_ADDRESS]
    assert recorder.dialled == ["1.1.1.1"]


def test_robots_txt_is_no_way_in() -> None:
    recorder = Recorder()
    with Fetcher(
        Fetch(), Memory(), resolver=Names(inside=[["10.0.0.1"]]), dial=recorder
    ) as fetcher:
        answer = fetcher.get(Request("http://inside.example/", "text/html"))
    assert isinstance(answer, Failed)
    assert answer.reason is Reason.FORBIDDEN_ADDRESS
    assert recorder.dialled == []


def _rebindings(fetcher: Fetcher) -> Iterator[int]:
    """Three turns, with the connector's memory of names emptied before each."""
    for turn in range(3):
        connector = fetcher._client._session.connector
        assert connector is not None
        fetcher._loop.call_soon_threadsafe(connector.clear_dns_cache)  # type: ignore[attr-defined]
        yield turn


def _refused(url: str, names: Names) -> tuple[Reason, list[str]]:
    recorder = Recorder()
    settings = Fetch(robots=False, opt_outs=frozenset(), host_delay_s=0)
    with Fetcher(settings, Memory(), resolver=names, dial=recorder) as fetcher:
        return _reason(fetcher, url), recorder.dialled


def _reason(fetcher: Fetcher, url: str) -> Reason:
    answer = fetcher.get(Request(url, "text/html"))
    assert isinstance(answer, Failed)
    return answer.reason
