"""The door to the internet, on real HTTP over loopback, against servers that behave badly."""

import asyncio
import gzip
import io
import shutil
import ssl
import subprocess
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_network
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from aiohttp.abc import ResolveResult
from hypothesis import given, settings
from hypothesis import strategies as st

from ingester.fetch import Fetcher, answers
from ingester.fetch.hosts import Hosts
from ingester.fetch.robots import Robots
from ingester.models import ClaimedEntry, EntryId, Failed, Reason, Request, Response, Token
from ingester.pipeline import page_of
from ingester.settings import Fetch
from tests.loopback import Answer, Here, Loopback, Raw, closed_port, drip, head, wire
from tests.turns import Memory

PAGE = b"<html><p>Rain is expected in the north.</p></html>"
LIMIT = 100_000


@contextmanager
def fetching(**changes: Any) -> Iterator[Fetcher]:
    quick = {
        "allow_networks": (ip_network("127.0.0.0/8"),),
        "host_delay_s": 0,
        "deadline_s": 5,
        "max_bytes": LIMIT,
        "robots": False,
        "opt_outs": frozenset(),
    }
    with Fetcher(Fetch(**{**quick, **changes}), Memory(), resolver=Here()) as fetcher:
        yield fetcher


def fetch(url: str, **changes: Any) -> Response | Failed:
    with fetching(**changes) as fetcher:
        return fetcher.get(Request(url, "text/html"))


def answered(answer: Answer | Raw, **changes: Any) -> Response | Failed:
    with Loopback({"/": answer}) as server:
        return fetch(server.url(), **changes)


def refused(answer: Answer | Raw, **changes: Any) -> Failed:
    outcome = answered(answer, **changes)
    assert isinstance(outcome, Failed)
    assert outcome.step == "fetch"
    return outcome


# --- what comes well ----------------------------------------------------------------------------


def test_a_page_comes_with_its_headers_and_place() -> None:
    with Loopback({"/a": Answer(headers={"ETag": '"1"', "X-Robots-Tag": "none"}, body=PAGE)}) as s:
        before = datetime.now(UTC)
        answer = fetch(s.url("/a#part"), user_agent="archive/1", contact="mailto:a@example.com")
        assert isinstance(answer, Response)
        assert (answer.url, answer.status, answer.body) == (s.url("/a"), 200, PAGE)
        assert answer.headers["etag"] == '"1"'
        assert answer.headers["x-robots-tag"] == "none"
        assert before <= answer.fetched_at <= datetime.now(UTC)
        asked = s.asked[0].headers
    assert asked["user-agent"] == "archive/1 (+mailto:a@example.com)"
    assert asked["accept"] == "text/html"
    assert asked["accept-encoding"] == "gzip"
    assert "cookie" not in asked


def test_headers_that_repeat_are_one_list() -> None:
    answer = answered(wire(head("Content-Length: 0", "X-A: 1", "x-a: 2")))
    assert isinstance(answer, Response)
    assert answer.headers["x-a"] == "1, 2"


def test_a_page_comes_whatever_long_policy_its_server_sends() -> None:
    policy = "script-src " + "https://cdn.example " * 1500
    answer = answered(Answer(headers={"Content-Security-Policy": policy}, body=PAGE))
    assert isinstance(answer, Response)
    assert answer.body == PAGE


def test_headers_made_to_take_long_hold_up_nobody() -> None:
    lines = ['Content-Type: text/html; a="' + ";" * 8000, *(f"Content-Type: {';' * 8000}",) * 20]
    lines += ["X-Robots-Tag: " + "a," * 4000] * 50 + [f"ETag: {'x' * 8000}"] * 20
    answer = answered(wire(head("Content-Length: 0", *lines)), opt_outs=frozenset({"noai"}))
    assert isinstance(answer, Response)
    assert {len(answer.headers[name]) for name in ("content-type", "etag")} == {4000}
    entry = ClaimedEntry(EntryId(1), answer.url, Token(1), 1, 0, None, None, None)
    began = time.process_time()
    page = page_of(entry, answer)
    assert time.process_time() - began < 0.5
    assert (page.media_type, page.etag) == ("text/html", "x" * 4000)


def test_opt_outs_are_read_of_all_tags_together_to_a_bound() -> None:
    tags = ["X-Robots-Tag: " + "a," * 1000, "X-Robots-Tag: noai"]
    settings = {"opt_outs": frozenset({"noai"})}
    for padding, kept in (([], False), (tags[:1] * 2, True)):
        outcome = answered(wire(head("Content-Length: 0", *padding, *tags)), **settings)
        assert isinstance(outcome, Response) is kept


def test_header_bytes_that_are_no_text_do_no_harm() -> None:
    answer = answered(wire(head("Content-Length: 0", 'ETag: "\xe9\xff"')))
    assert isinstance(answer, Response)
    answer.headers["etag"].encode("utf-8")


def _raw_deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(data) + stream.flush()


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(PAGE)),
        ("x-gzip", gzip.compress(PAGE)),
        ("GZIP", gzip.compress(PAGE[:9]) + gzip.compress(PAGE[9:])),
        ("gzip", gzip.compress(PAGE) + b"\0" * 512),
        ("deflate", zlib.compress(PAGE)),
        ("deflate", _raw_deflate(PAGE)),
        ("identity", PAGE),
    ],
)
def test_compressed_bodies_are_decoded(coding: str, body: bytes) -> None:
    answer = answered(Answer(headers={"Content-Encoding": coding}, body=body))
    assert isinstance(answer, Response)
    assert answer.body == PAGE


@pytest.mark.parametrize(
    "body",
    [gzip.compress(PAGE[:9]) + gzip.compress(PAGE[9:]), zlib.compress(PAGE)],
    ids=["gzip", "zlib"],
)
def test_compressed_bodies_may_come_byte_by_byte(body: bytes) -> None:
    def bytewise(write: Any) -> None:
        write(head("Content-Encoding: gzip", "Connection: close"))
        for value in body:
            write(bytes([value]))
            time.sleep(0.001)

    answer = answered(bytewise)
    assert isinstance(answer, Response)
    assert answer.body == PAGE


def test_an_empty_compressed_body_is_empty() -> None:
    answer = answered(Answer(headers={"Content-Encoding": "gzip"}))
    assert isinstance(answer, Response)
    assert answer.body == b""


def test_what_is_held_already_is_asked_for_conditionally() -> None:
    with Loopback({"/": Answer(304)}) as server, fetching() as fetcher:
        modified = "Mon, 23 Nov 2026 00:00:00 GMT"
        answer = fetcher.get(Request(server.url(), "text/html", '"v1"', modified))
        asked = server.asked[0].headers
    assert isinstance(answer, Response)
    assert (answer.status, answer.body) == (304, b"")
    assert (asked["if-none-match"], asked["if-modified-since"]) == ('"v1"', modified)


def test_a_304_that_was_not_asked_for_is_no_answer() -> None:
    assert refused(Answer(304)).reason is Reason.SERVER_ERROR


def test_a_stored_etag_can_not_inject_a_header() -> None:
    with Loopback({"/": Answer(body=PAGE)}) as server, fetching() as fetcher:
        fetcher.get(Request(server.url(), "text/html", etag='"a"\r\nX-Evil: 1'))
        assert "x-evil" not in server.asked[0].headers


# --- statuses -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "reason", "retry"),
    [
        (404, Reason.NOT_FOUND, False),
        (410, Reason.GONE, False),
        (401, Reason.BLOCKED, False),
        (403, Reason.BLOCKED, False),
        (451, Reason.BLOCKED, False),
        (400, Reason.BLOCKED, False),
        (408, Reason.TIMEOUT, True),
        (429, Reason.RATE_LIMITED, True),
        (500, Reason.SERVER_ERROR, True),
        (502, Reason.SERVER_ERROR, True),
        (503, Reason.UNAVAILABLE, True),
        (202, Reason.SERVER_ERROR, True),
        (302, Reason.SERVER_ERROR, True),  # no Location
        (799, Reason.SERVER_ERROR, True),
    ],
)
def test_a_status_has_its_reason(status: int, reason: Reason, retry: bool) -> None:
    outcome = refused(Answer(status, body=b"no"))
    assert (outcome.reason, outcome.retry, outcome.retry_after) == (reason, retry, None)
    assert str(status) in outcome.detail


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("1", 1),
        ("99999999999999999999", 86_400),
    ],
)
def test_a_named_wait_is_kept_to_a_day(status: int, value: str, seconds: int) -> None:
    assert refused(Answer(status, {"Retry-After": value})).retry_after == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("ahead", "kept"),
    [(timedelta(hours=1), timedelta(hours=1)), (timedelta(days=400), timedelta(days=1))],
)
def test_a_wait_may_be_named_as_a_date(ahead: timedelta, kept: timedelta) -> None:
    date = format_datetime(datetime.now(UTC) + ahead)
    wait = refused(Answer(429, {"Retry-After": date})).retry_after
    assert wait is not None
    assert kept - timedelta(minutes=1) < wait <= kept


@pytest.mark.parametrize(
    "value",
    ["soon", "", "-5", "1e9", "٣", "Mon, 99 Foo 2026", "0", "Mon, 01 Jan 1990 00:00:00 GMT"],
)
def test_a_wait_that_is_none_is_not_guessed(value: str) -> None:
    raw = f"HTTP/1.1 429 X\r\nContent-Length: 0\r\nRetry-After: {value}\r\n\r\n".encode()
    assert refused(wire(raw)).retry_after is None


# --- bodies that lie ----------------------------------------------------------------------------


def _bomb(size: int) -> bytes:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb") as stream:
        for _ in range(size // 1_000_000):
            stream.write(bytes(1_000_000))
    return packed.getvalue()


@pytest.mark.parametrize(
    "answer",
    [
        Answer(body=bytes(10_000_000)),
        Answer(headers={"Content-Encoding": "gzip"}, body=_bomb(50_000_000)),
        Answer(headers={"Content-Encoding": "deflate"}, body=zlib.compress(bytes(LIMIT + 1))),
        Answer(headers={"Content-Encoding": "gzip"}, body=gzip.compress(b"") * 20_000),
        wire(head("Connection: close") + bytes(LIMIT + 1)),
    ],
    ids=["long", "gzip bomb", "deflate bomb", "empty members", "no length"],
)
def test_a_body_beyond_the_limit_is_left(answer: Answer | Raw) -> None:
    outcome = refused(answer)
    assert (outcome.reason, outcome.retry) == (Reason.TOO_LARGE, False)


def test_a_body_at_the_limit_is_taken() -> None:
    packed = Answer(headers={"Content-Encoding": "gzip"}, body=gzip.compress(bytes(LIMIT)))
    for answer in (Answer(body=bytes(LIMIT)), packed):
        outcome = answered(answer)
        assert isinstance(outcome, Response)
        assert len(outcome.body) == LIMIT


def test_a_length_beyond_the_limit_is_enough_to_leave() -> None:
    endless = drip(head("Content-Length: 999999999"), b"x", seconds=3)
    begun = time.monotonic()
    assert refused(endless).reason is Reason.TOO_LARGE
    assert time.monotonic() - begun < 2.5


@pytest.mark.parametrize(
    "answer",
    [
        Answer(headers={"Content-Encoding": "gzip"}, body=gzip.compress(PAGE)[:-9]),
        Answer(headers={"Content-Encoding": "gzip"}, body=gzip.compress(PAGE)[:5]),
        Answer(headers={"Content-Encoding": "deflate"}, body=zlib.compress(PAGE)[:-5]),
        Answer(headers={"Content-Encoding": "gzip"}, body=PAGE),
        Answer(headers={"Content-Encoding": "gzip"}, body=gzip.compress(PAGE)[:-8] + b"12345678"),
        wire(head("Content-Length: 500") + PAGE),
        wire(head("Transfer-Encoding: chunked") + b"5\r\nhello\r\n"),
    ],
    ids=["gzip", "gzip head", "deflate", "not gzip", "checksum", "length", "chunks"],
)
def test_a_body_cut_short_is_never_taken_for_the_whole(answer: Answer | Raw) -> None:
    outcome = refused(answer)
    assert (outcome.reason, outcome.retry) == (Reason.TRUNCATED, True)


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "nonsense"])
def test_a_coding_that_was_not_asked_for_is_left(coding: str) -> None:
    outcome = refused(Answer(headers={"Content-Encoding": coding}, body=PAGE))
    assert (outcome.reason, outcome.retry) == (Reason.UNSUPPORTED_TYPE, False)


# --- servers that stall or break ----------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        drip(b"", b"", seconds=3),
        drip(b"HTTP/1.1 200 OK\r\nX-A: ", b"a", seconds=3),
        drip(b"HTTP/1.1 200 OK\r\n", b"X-A: a\r\n", seconds=3),
        drip(head("Connection: close"), b"a", seconds=3),
        drip(head("Transfer-Encoding: chunked"), b"1\r\na\r\n", seconds=3),
        drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n", seconds=3),
    ],
    ids=["silence", "header value", "headers", "body", "chunks", "continue"],
)
def test_no_drip_outlasts_the_deadline(answer: Raw) -> None:
    begun = time.monotonic()
    outcome = refused(answer, deadline_s=0.4)
    assert time.monotonic() - begun < 2.5
    assert (outcome.reason, outcome.retry) == (Reason.TIMEOUT, True)


def test_no_row_of_waits_outlasts_the_patience() -> None:
    routes = {f"/{hop}": Answer(302, {"Location": f"/{hop + 1}"}) for hop in range(5)}
    with Loopback(routes) as server:
        failed = fetch(server.url("/0"), host_delay_s=0.4, patience_s=0.6)
    assert isinstance(failed, Failed)
    assert (failed.reason, failed.retry) == (Reason.TIMEOUT, True)
    assert "all waits included" in failed.detail


def test_one_deadline_holds_for_all_redirects_of_a_fetch() -> None:
    def slow(write: Any) -> None:
        time.sleep(0.3)
        write(b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")

    assert refused(slow, deadline_s=0.7, max_redirects=20).reason is Reason.TIMEOUT


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Reason.UNREACHABLE),
        (b"SSH-2.0-OpenSSH\r\n", Reason.SERVER_ERROR),
        (b"\x16\x03\x01\x02\x00\x01\x00", Reason.SERVER_ERROR),
        (b"HTTP/1.1 banana\r\n\r\n", Reason.SERVER_ERROR),
        (head("X-A: a\x00b", "Content-Length: 0"), Reason.SERVER_ERROR),
        (head("X-A: " + "a" * 100_000), Reason.SERVER_ERROR),
        (head("Transfer-Encoding: chunked") + b"zz\r\nhello\r\n", Reason.SERVER_ERROR),
        (head("Content-Length: -1"), Reason.SERVER_ERROR),
        (head("Content-Length: 5", "Content-Length: 6") + b"hello", Reason.SERVER_ERROR),
        (head("Content-Length: 5", "Transfer-Encoding: chunked") + b"hello", Reason.SERVER_ERROR),
    ],
)
def test_broken_http_is_worth_another_try(data: bytes, reason: Reason) -> None:
    outcome = refused(wire(data))
    assert (outcome.reason, outcome.retry) == (reason, True)
    assert outcome.detail.isprintable()


def test_a_server_that_hangs_up_is_not_asked_again_at_once() -> None:
    with Loopback({"/": wire(b"")}) as server:
        assert isinstance(fetch(server.url()), Failed)
        assert len(server.asked) == 1


def test_nobody_there() -> None:
    outcome = fetch(f"http://127.0.0.1:{closed_port()}/")
    assert isinstance(outcome, Failed)
    assert (outcome.reason, outcome.retry) == (Reason.UNREACHABLE, True)


class _Nowhere(Here):
    """A name server that knows no name, after a while."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def resolve(self, *_: object, **__: object) -> list[ResolveResult]:
        await asyncio.sleep(self._seconds)
        raise OSError("no such name")


@pytest.mark.parametrize("seconds", [0, 60])
def test_a_name_that_does_not_resolve(seconds: float) -> None:
    settings = Fetch(connect_timeout_s=0.3, host_delay_s=0)
    with Fetcher(settings, Memory(), resolver=_Nowhere(seconds)) as fetcher:
        outcome = fetcher.get(Request("http://nowhere.example/", "text/html"))
    assert isinstance(outcome, Failed)
    assert (outcome.reason, outcome.retry) == (Reason.UNREACHABLE, True)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "ftp://a.example/", "http://u:p@a.example/"]
)
def test_a_url_that_is_none(url: str) -> None:
    outcome = fetch(url)
    assert isinstance(outcome, Failed)
    assert (outcome.reason, outcome.retry) == (Reason.BAD_URL, False)


# --- redirects ----------------------------------------------------------------------------------


def _redirect(location: str, status: int = 302, body: bytes = b"") -> Answer:
    return Answer(status, {"Location": location}, body)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(status: int) -> None:
    routes = {"/": _redirect("b?x=1#y", status, bytes(5_000_000)), "/b?x=1": Answer(body=PAGE)}
    with Loopback(routes) as server:
        answer = fetch(server.url())
        assert isinstance(answer, Response)
        assert (answer.url, answer.body) == (server.url("/b?x=1"), PAGE)


def test_a_redirect_s_query_is_kept_whole() -> None:
    routes = {"/": _redirect("/b?utm_source=x"), "/b?utm_source=x": Answer(body=PAGE)}
    with Loopback(routes) as server:
        assert isinstance(fetch(server.url()), Response)


@pytest.mark.parametrize(("limit", "requests"), [(0, 1), (5, 6)])
def test_redirects_come_to_an_end(limit: int, requests: int) -> None:
    with Loopback({"/": _redirect("/")}) as server:
        outcome = fetch(server.url(), max_redirects=limit)
        assert isinstance(outcome, Failed)
        assert outcome.reason is Reason.TOO_MANY_REDIRECTS
        assert len(server.asked) == requests


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://10.0.0.1/", Reason.FORBIDDEN_ADDRESS),
        ("http://169.254.169.254/latest/meta-data/", Reason.FORBIDDEN_ADDRESS),
        ("http://[::1]:1/", Reason.FORBIDDEN_ADDRESS),
        ("//[::ffff:127.0.0.1]/", Reason.FORBIDDEN_ADDRESS),
        ("http://2130706433/", Reason.BAD_URL),
        ("file:///etc/passwd", Reason.BAD_URL),
        ("http://user@127.0.0.1/", Reason.BAD_URL),
        ("gopher://127.0.0.1/", Reason.BAD_URL),
    ],
)
def test_each_hop_is_checked(location: str, reason: Reason) -> None:
    outcome = refused(_redirect(location))
    assert (outcome.reason, outcome.retry) == (reason, False)


def test_no_proxy_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    monkeypatch.delenv("no_proxy", raising=False)
    assert isinstance(answered(Answer(body=PAGE)), Response)


# --- TLS ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate of 127.0.0.1, with its key, in one file."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate, and is not here")
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=archive", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", str(key), "-out", str(cert)],
        check=True, capture_output=True,
    )  # fmt: skip
    both = folder / "both.pem"
    both.write_bytes(key.read_bytes() + cert.read_bytes())
    return both


@contextmanager
def _https(certificate: Path) -> Iterator[Loopback]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Loopback({"/": Answer(body=PAGE)}, tls=context) as server:
        yield server


def test_a_certificate_nobody_vouches_for_is_refused(certificate: Path) -> None:
    with _https(certificate) as server:
        outcome = fetch(server.url())
        assert isinstance(outcome, Failed)
        assert outcome.reason is Reason.TLS
        assert server.asked == []


def test_a_trusted_certificate_is_taken_for_its_own_host_only(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with _https(certificate) as server:
        assert isinstance(fetch(server.url()), Response)
        elsewhere = fetch(server.url(host="other.example"))
        assert isinstance(elsewhere, Failed)
        assert elsewhere.reason is Reason.TLS


def test_a_server_that_speaks_no_tls() -> None:
    with Loopback({}) as server:
        outcome = fetch(server.url().replace("http:", "https:"))
    assert isinstance(outcome, Failed)
    assert outcome.reason is Reason.TLS


# --- robots.txt ---------------------------------------------------------------------------------


def _robots(rules: Answer | Raw, path: str = "/a", **changes: Any) -> Response | Failed:
    with Loopback({"/robots.txt": rules, path: Answer(body=PAGE)}) as server:
        return fetch(server.url(path), robots=True, **changes)


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("User-agent: *\nDisallow: /a", "/a", False),
        ("User-agent: *\nDisallow: /b", "/a", True),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /\nAllow: /a", "/a", True),
        ("User-agent: *\nDisallow: /*.html$", "/x.html", False),
        ("User-agent: *\nDisallow: /*.html$", "/x.html?y", True),
        ("User-agent: archive\nDisallow: /\n\nUser-agent: *\nAllow: /", "/a", False),
    ],
)
def test_a_site_s_rules_are_kept(rules: str, path: str, allowed: bool) -> None:
    outcome = _robots(Answer(body=rules.encode()), path, user_agent="archive/1.0")
    if allowed:
        assert isinstance(outcome, Response)
    else:
        assert isinstance(outcome, Failed)
        assert (outcome.reason, outcome.retry) == (Reason.ROBOTS, False)


@pytest.mark.parametrize("status", [200, 201, 202, 203, 206])
def test_rules_come_with_any_success(status: int) -> None:
    outcome = _robots(Answer(status, body=b"User-agent: *\nDisallow: /a"))
    assert isinstance(outcome, Failed)
    assert outcome.reason is Reason.ROBOTS


@pytest.mark.parametrize("status", [204, 300, 301, 304, 399, 400, 401, 403, 404, 410])
def test_without_rules_all_is_allowed(status: int) -> None:
    assert isinstance(_robots(Answer(status)), Response)


@pytest.mark.parametrize(
    "answer",
    [
        *(Answer(status) for status in (429, 500, 503)),
        Answer(200, {"Content-Encoding": "br"}, b"User-agent: *"),
        _redirect("http://10.0.0.1/robots.txt"),
        _redirect("mailto:editor@outlet.example"),
    ],
)
def test_rules_that_can_not_be_read_now_disallow_for_now(answer: Answer) -> None:
    outcome = _robots(answer)
    assert isinstance(outcome, Failed)
    assert (outcome.reason, outcome.retry) == (Reason.RESTING, True)
    assert outcome.retry_after == timedelta(seconds=60)
    assert "robots.txt" in outcome.detail


def test_rules_that_could_not_be_read_are_asked_for_again_after_a_rest() -> None:
    routes = {"/robots.txt": Answer(500), "/a": Answer(body=PAGE)}
    with Loopback(routes) as server, fetching(robots=True, rest_s=0.3) as fetcher:
        for _ in range(3):
            assert isinstance(fetcher.get(Request(server.url("/a"), "text/html")), Failed)
        assert [asked.path for asked in server.asked] == ["/robots.txt"]
        server.routes["/robots.txt"] = Answer(404)
        time.sleep(0.4)
        assert isinstance(fetcher.get(Request(server.url("/a"), "text/html")), Response)


def test_the_rest_of_rules_that_keep_failing_doubles_up_to_a_day() -> None:
    waits, holds = [], []

    async def fail(_: Request) -> Response | Failed:
        return answers.of_status(500, {}, 60)

    async def read_again_and_again() -> None:
        robots, said = Robots("archive", 60, 86_400, fail), None
        for _ in range(13):
            said = await robots._read("https://a.example", said)
            assert isinstance(said.word, Failed)
            waits.append(said.word.retry_after)
            holds.append(said.holds_s)

    asyncio.run(read_again_and_again())
    assert holds == [*(60 * 2**n for n in range(11)), 86_400, 86_400]
    assert waits == [timedelta(seconds=seconds) for seconds in holds]


def test_rules_that_keep_failing_are_asked_for_less_and_less() -> None:
    routes = {"/robots.txt": Answer(500), "/a": Answer(body=PAGE)}
    with Loopback(routes) as server, fetching(robots=True, rest_s=0.3) as fetcher:
        for pause in (0.4, 0.4, 0.4):
            fetcher.get(Request(server.url("/a"), "text/html"))
            time.sleep(pause)
        assert len(server.asked) == 2


def test_a_site_that_is_down_is_named_so() -> None:
    outcome = _robots(wire(b""))
    assert isinstance(outcome, Failed)
    assert (outcome.reason, outcome.retry) == (Reason.UNREACHABLE, True)


def test_a_site_at_a_forbidden_address_is_not_waited_for() -> None:
    outcome = fetch("http://10.0.0.1/a", robots=True)
    assert isinstance(outcome, Failed)
    assert (outcome.reason, outcome.retry) == (Reason.FORBIDDEN_ADDRESS, False)


def test_rules_may_be_redirected_and_endless_redirects_are_none() -> None:
    with Loopback(
        {
            "/robots.txt": _redirect("/rules"),
            "/rules": Answer(body=b"User-agent: *\nDisallow: /a"),
            "/a": Answer(body=PAGE),
        }
    ) as server:
        outcome = fetch(server.url("/a"), robots=True)
    assert isinstance(outcome, Failed)
    assert outcome.reason is Reason.ROBOTS
    assert isinstance(_robots(_redirect("/robots.txt")), Response)


def test_each_hop_is_asked_of_its_own_site() -> None:
    closed = {"/robots.txt": Answer(body=b"User-agent: *\nDisallow: /"), "/b": Answer(body=PAGE)}
    with Loopback(closed) as target, Loopback({"/": _redirect(target.url("/b"))}) as server:
        outcome = fetch(server.url(), robots=True)
        assert isinstance(outcome, Failed)
        assert outcome.reason is Reason.ROBOTS
        assert target.paths() == []


def test_a_configured_url_is_fetched_whatever_the_rules() -> None:
    routes = {"/robots.txt": Answer(body=b"User-agent: *\nDisallow: /"), "/feed": Answer(body=PAGE)}
    with Loopback(routes) as server, fetching(robots=True) as fetcher:
        answer = fetcher.get(Request(server.url("/feed"), "text/xml", configured=True))
        assert isinstance(answer, Response)
        assert [asked.path for asked in server.asked] == ["/feed"]


def test_a_site_s_rules_are_asked_for_once() -> None:
    routes = {f"/{i}": Answer(body=PAGE) for i in range(8)}
    with Loopback(routes) as server, fetching(robots=True) as fetcher:
        pages = [server.url(f"/{i}") for i in range(8)]
        assert len(_together(fetcher, pages)) == 8
        assert [asked.path for asked in server.asked].count("/robots.txt") == 1


# --- politeness ---------------------------------------------------------------------------------


def _page(url: str) -> Request:
    return Request(url, "text/html")


def _together(fetcher: Fetcher, urls: Sequence[str]) -> list[tuple[str, Response | Failed]]:
    """All of them asked for at once from threads, in the order in which answers come."""
    with ThreadPoolExecutor(len(urls)) as threads:
        asked = {threads.submit(fetcher.get, _page(url)): url for url in urls}
        return [(asked[answer], answer.result()) for answer in as_completed(asked)]


def _gaps(server: Loopback) -> list[float]:
    times = [asked.at for asked in server.asked if asked.path in {*server.paths()}]
    return [later - earlier for earlier, later in pairwise(times)]


def test_a_host_is_asked_one_thing_at_a_time_with_a_pause_between() -> None:
    def slow(write: Any) -> None:
        time.sleep(0.05)
        write(head("Content-Length: 0"))

    routes: dict[str, Answer | Raw] = {f"/{i}": slow for i in range(5)}
    with Loopback(routes) as server, fetching(host_delay_s=0.1) as fetcher:
        pages = [server.url(f"/{i}") for i in range(5)]
        answers = _together(fetcher, pages)
        assert all(isinstance(answer, Response) for _, answer in answers)
        assert server.busiest == 1
        assert min(_gaps(server)) >= 0.14


def test_a_crawl_delay_is_honoured() -> None:
    rules = Answer(body=b"User-agent: *\nCrawl-delay: 0.3")
    routes = {"/robots.txt": rules, "/a": Answer(body=PAGE), "/b": Answer(body=PAGE)}
    with Loopback(routes) as server, fetching(robots=True) as fetcher:
        _together(fetcher, [server.url("/a"), server.url("/b")])
        assert min(_gaps(server)) >= 0.28


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_asks_for_rest_gets_it_from_every_request(status: int) -> None:
    routes = {"/a": Answer(status, {"Retry-After": "90"}), "/b": Answer(body=PAGE)}
    with Loopback(routes) as server, fetching() as fetcher:
        fetcher.get(_page(server.url("/a")))
        outcome = fetcher.get(_page(server.url("/b")))
        assert server.paths() == ["/a"]
    assert isinstance(outcome, Failed)
    assert (outcome.reason, outcome.retry) == (Reason.RESTING, True)
    assert outcome.retry_after is not None
    assert 80 < outcome.retry_after.total_seconds() <= 90


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("wait", ["0", "Mon, 01 Jan 1990 00:00:00 GMT"])
def test_a_host_that_is_asked_too_much_rests_though_it_names_no_time(
    status: int, wait: str
) -> None:
    routes = {"/a": Answer(status, {"Retry-After": wait}), "/b": Answer(body=PAGE)}
    with Loopback(routes) as server, fetching(rest_s=90) as fetcher:
        fetcher.get(_page(server.url("/a")))
        outcome = fetcher.get(_page(server.url("/b")))
        assert isinstance(outcome, Failed)
        assert outcome.reason is Reason.RESTING


@pytest.mark.parametrize("status", [408, 500, 502])
def test_a_page_that_asks_for_time_gets_it_alone(status: int) -> None:
    routes = {"/a": Answer(status, {"Retry-After": "90"}), "/b": Answer(body=PAGE)}
    with Loopback(routes) as server, fetching() as fetcher:
        outcome = fetcher.get(_page(server.url("/a")))
        assert isinstance(outcome, Failed)
        assert outcome.retry_after == timedelta(seconds=90)
        assert isinstance(fetcher.get(_page(server.url("/b"))), Response)


def test_a_rest_ends() -> None:
    routes = {"/a": Answer(503, {"Retry-After": "1"}), "/b": Answer(body=PAGE)}
    with Loopback(routes) as server, fetching() as fetcher:
        fetcher.get(_page(server.url("/a")))
        time.sleep(1.05)
        assert isinstance(fetcher.get(_page(server.url("/b"))), Response)


def test_nothing_is_kept_of_hosts_that_nobody_waits_for() -> None:
    with Loopback({"/": Answer(body=PAGE)}) as server, fetching() as fetcher:
        for i in range(1, 6):
            assert isinstance(fetcher.get(_page(server.url(host=f"h{i}.example"))), Response)
        time.sleep(0.05)
        assert len(fetcher._client._hosts._lines) == 0


# --- many at once -------------------------------------------------------------------------------


def test_a_slow_host_does_not_hold_up_the_others() -> None:
    stalled = drip(b"", b"", seconds=1)
    quick = {f"/{i}": Answer(body=PAGE) for i in range(20)}
    with Loopback({"/": stalled}) as slow, Loopback(quick) as server, fetching() as fetcher:
        pages = [slow.url(), *(server.url(f"/{i}") for i in range(20))]
        order = [url for url, _ in _together(fetcher, pages)]
    assert order[-1] == pages[0]
    assert sorted(order) == sorted(pages)


def test_no_more_requests_than_agreed_are_on_the_wire() -> None:
    lock, unanswered, counts = threading.Lock(), set[Any](), list[int]()

    def slow(write: Any) -> None:
        with lock:
            unanswered.add(write)
            counts.append(len(unanswered))
        time.sleep(0.03)
        with lock:
            unanswered.remove(write)  # before the answer: what comes after it is the next request
        write(head("Content-Length: 0"))

    with Loopback({"/": slow}) as server, fetching(concurrency=3) as fetcher:
        pages = [server.url(host=f"h{i}.example") for i in range(1, 25)]
        assert len(_together(fetcher, pages)) == 24
    assert max(counts) == 3


def test_a_fetcher_serves_many_threads() -> None:
    routes = {f"/{i}": Answer(body=str(i).encode()) for i in range(40)}
    with Loopback(routes) as server, fetching() as fetcher, ThreadPoolExecutor(8) as threads:
        answers = threads.map(lambda i: fetcher.get(_page(server.url(f"/{i}"))), range(40))
        assert [a.body for a in answers if isinstance(a, Response)] == [
            str(i).encode() for i in range(40)
        ]


def test_stop_ends_what_runs_and_what_comes_later() -> None:
    stalled = drip(b"", b"", seconds=2)
    with Loopback({"/": stalled}) as server, fetching() as fetcher:
        threading.Timer(0.2, fetcher.stop).start()
        begun = time.monotonic()
        pages = [server.url(host=f"h{i}.example") for i in range(1, 5)] + [server.url()] * 200
        answers = [answer for _, answer in _together(fetcher, pages)]
        later = fetcher.get(_page(server.url()))
        assert time.monotonic() - begun < 1.5
    for answer in (*answers, later):
        assert isinstance(answer, Failed)
        assert (answer.reason, answer.retry) == (Reason.SHUTDOWN, True)
    assert len(answers) == 204


# --- whatever comes -----------------------------------------------------------------------------

_LINES = st.lists(
    st.sampled_from(
        [b"HTTP/1.1 200 OK", b"HTTP/1.1 302 Found", b"Location: /x", b"Location: \xff//\x00", b"",
         b"Content-Length: 3", b"Content-Length: x", b"Content-Encoding: gzip", b"abc", b"3", b"0",
         b"Transfer-Encoding: chunked", b"Retry-After: 9", b"Set-Cookie: a=b", b": ", b" folded",
         b"HTTP/1.1 103 Early Hints", b"Content-Type: ;charset=\x80"]
    )
    | st.binary(max_size=20),
    max_size=10,
)  # fmt: skip


def test_no_bytes_on_the_wire_are_more_than_a_failure() -> None:
    with Loopback() as server, fetching(deadline_s=1, robots=True) as fetcher:

        @settings(max_examples=150, deadline=None)
        @given(_LINES, _LINES)
        def check(page: list[bytes], rules: list[bytes]) -> None:
            server.routes["/"] = wire(b"HTTP/1.1 200 OK\r\n" + b"\r\n".join(page))
            server.routes["/robots.txt"] = wire(b"\r\n".join(rules))
            fetcher._client._robots._sites._kept.clear()
            fetcher._client._hosts._turns = Memory()
            assert isinstance(fetcher.get(_page(server.url())), Response | Failed)

        check()


class _Slow(Memory):
    """Turns that take a while to be taken, as where the database is busy."""

    def take(self, host: str, lease_s: float) -> int | timedelta:
        time.sleep(0.2)
        return super().take(host, lease_s)


def test_a_turn_that_is_taken_while_its_asker_is_cancelled_is_given_back() -> None:
    turns = _Slow()

    async def cancelled() -> None:
        hosts = Hosts(turns, asyncio.Semaphore(1), 30, 0)
        asking = asyncio.ensure_future(hosts.in_turn("a.example", lambda _: asyncio.sleep(9)))
        await asyncio.sleep(0.05)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        hosts.close()

    asyncio.run(cancelled())
    assert not isinstance(turns.take("a.example", 30), timedelta)
