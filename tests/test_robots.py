"""What sites say against being read or kept: RFC 9309, the expectations that Google published, opt-outs.

The rules are put in our own words; `Foo` is this crawler.
"""

import gzip
import json
import time
from collections.abc import Mapping
from ipaddress import ip_network

import pytest

from ingester.fetch import Fetcher
from ingester.fetch.optouts import OptOuts, _fits
from ingester.fetch.robots import Rules
from ingester.models import Failed, Reason, Request, Response
from ingester.settings import Fetch
from tests.loopback import Answer, Here, Loopback
from tests.turns import Memory


def allowed(text: str | bytes, path: str, agent: str = "Foo") -> bool:
    body = text.encode() if isinstance(text, str) else text
    return Rules.read(body, agent).allow(f"http://site.example{path}")


def group(agent: str, *rules: str) -> str:
    return "\n".join((f"User-agent: {agent}", *rules, ""))


NOT_A = "Disallow: /a"
NOTHING = "Disallow: /"


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        # nobody is forbidden anything unless somebody says so
        ("", "/a", True),
        ("<html><body>No such page</body></html>", "/a", True),
        ("\x00\x01" * 100, "/a", True),
        (group("*"), "/a", True),
        (group("*", "Disallow:"), "/a", True),
        (group("*", "Allow:", NOTHING), "/a", False),
        (f"{NOT_A}\n" + group("*", "Disallow: /b"), "/a", True),  # a rule outside any group
        # who is meant
        (group("foo", NOT_A), "/a", False),
        (group("FOO", NOT_A), "/a", False),
        (group("Foo/1.2", NOT_A), "/a", False),
        (group("Foo Bar", NOT_A), "/a", False),
        (group("Foo", NOT_A) + group("*", "Allow: /"), "/a", False),
        (group("*", NOTHING) + group("Foo", "Allow: /"), "/a", True),
        (group("*", NOTHING) + group("Foo"), "/a", True),  # a group of its own, though empty
        (group("*", NOTHING) + group("Foo", "Disallow:"), "/a", True),
        (group("Bar", NOTHING), "/a", True),
        (group("Fo", NOTHING), "/a", True),
        (group("Fooo", NOTHING), "/a", True),
        (group("Foo-News", NOTHING), "/a", True),
        (group("Foo*", NOT_A), "/a", False),
        (group("*Foo", NOTHING), "/a", True),
        (group("* all of you", NOTHING), "/a", False),
        # groups
        (group("Foo", NOT_A) + group("Foo", "Disallow: /b"), "/a", False),
        (group("Foo", NOT_A) + group("Foo", "Disallow: /b"), "/b", False),
        (group("*", NOT_A) + group("*", "Disallow: /b"), "/a", False),
        ("User-agent: Foo\nUser-agent: Bar\nDisallow: /a", "/a", False),
        ("User-agent: Bar\nUser-agent: Foo\nDisallow: /a", "/a", False),
        ("User-agent: Foo\n\n\nDisallow: /a", "/a", False),  # blank lines end no group
        (f"User-agent: Foo\nSitemap: /s\n{NOT_A}", "/a", False),
        ("User-agent: Foo\nSitemap: /s\nUser-agent: *\nDisallow: /a", "/a", False),
        ("User-agent: Foo\nUnicorn: 1\nUser-agent: *\nDisallow: /a", "/a", False),
        ("User-agent: Foo\nCrawl-delay: 1\nUser-agent: *\nDisallow: /a", "/a", False),
        (group("Foo", NOT_A, "Crawl-delay: 2", "Disallow: /b"), "/b", False),
        # lines
        ("\ufeff" + group("*", NOT_A), "/a", False),
        (group("*", NOT_A).replace("\n", "\r\n"), "/a", False),
        (group("*", NOT_A).replace("\n", "\r"), "/a", False),
        ("USER-AGENT: *\nDISALLOW: /a", "/a", False),
        ("user-agent:*\ndisallow:/a", "/a", False),
        ("  user-agent :  *  \n\t disallow :   /a  ", "/a", False),
        ("user-agent *\ndisallow /a", "/a", False),
        ("useragent: *\ndissallow: /a", "/a", False),
        ("user-agent: *\ndisalow: /a", "/a", False),
        ("User-agent: * # everybody\nDisallow: /a # this", "/a", False),
        ("# User-agent: *\n# Disallow: /a", "/a", True),
        (b"\xff\xfe junk \x80\n" + group("*", NOT_A).encode(), "/a", False),
        # the longest match counts; Allow where two are as long
        (group("*", "Disallow: /x/page.html", "Allow: /x/"), "/x/page.html", False),
        (group("*", "Allow: /x/page.html", "Disallow: /x/"), "/x/page.html", True),
        (group("*", "Allow: /x/page.html", "Disallow: /x/"), "/x/page", False),
        (group("*", "Disallow: ", "Allow: "), "/x", True),
        (group("*", "Disallow: /", "Allow: /"), "/x", True),
        (group("*", "Disallow: /x", "Allow: /x/"), "/x", False),
        (group("*", "Disallow: /x", "Allow: /x/"), "/x/", True),
        (group("*", "Disallow: /x.html", "Allow: /*.html"), "/x.html", True),
        (group("*", "Disallow: /xy.html", "Allow: /*.html"), "/xy.html", False),
        (group("*", "Allow: /p", NOTHING), "/page", True),
        (group("*", "Allow: /folder", "Disallow: /folder"), "/folder/page", True),
        (group("*", "Allow: /page", "Disallow: /*.htm"), "/page.htm", False),
        (group("*", "Allow: /$", NOTHING), "/", True),
        (group("*", "Allow: /$", NOTHING), "/page.htm", False),
        # paths: case counts, a prefix is enough
        (group("*", "Disallow: /X"), "/x", True),
        (group("*", "Disallow: /fish"), "/fish.html", False),
        (group("*", "Disallow: /fish"), "/fish/salmon.html", False),
        (group("*", "Disallow: /fish"), "/fishheads", False),
        (group("*", "Disallow: /fish"), "/catfish", True),
        (group("*", "Disallow: /fish/"), "/fish", True),
        (group("*", "Disallow: /fish/"), "/fish/?id=1", False),
        (group("*", "Disallow: /fish?id=1"), "/fish?id=12", False),
        # wildcards
        (group("*", "Disallow: /fish*"), "/fish.html", False),
        (group("*", "Disallow: /*.php"), "/folder/file.php?x", False),
        (group("*", "Disallow: /*.php"), "/windows.PHP", True),
        (group("*", "Disallow: /*.php$"), "/file.php", False),
        (group("*", "Disallow: /*.php$"), "/file.php?x", True),
        (group("*", "Disallow: /*.php$"), "/file.php5", True),
        (group("*", "Disallow: /fish*.php"), "/fishheads/catfish.php?x", False),
        (group("*", "Disallow: /a*b*c$"), "/a1b2c", False),
        (group("*", "Disallow: *"), "/a", False),
        (group("*", "Disallow: /foo/*/qux"), "/foo/bar/qux", False),
        (group("*", "Disallow: /foo/*/qux"), "/foo/qux", True),
        # escapes (RFC 9309, section 2.2.2)
        (group("*", "Disallow: /foo/bar?baz=quz"), "/foo/bar?baz=quz", False),
        (group("*", "Disallow: /foo/bar?baz=https://foo.bar"), "/foo/bar?baz=https%3A%2F%2Ffoo.bar", False),
        (group("*", "Disallow: /foo/bar?baz=https%3a%2f%2ffoo.bar"), "/foo/bar?baz=https://foo.bar", False),
        (group("*", "Disallow: /foo%2Fbar"), "/foo/bar", True),  # in a path a slash is more than a letter
        (group("*", "Disallow: /foo/bar/\u30c4"), "/foo/bar/%E3%83%84", False),
        (group("*", "Disallow: /foo/bar/%E3%83%84"), "/foo/bar/%E3%83%84", False),
        (group("*", "Disallow: /foo/bar/%62%61%7A"), "/foo/bar/baz", False),
        (group("*", "Disallow: /path/file-with-a-%2A.html"), "/path/file-with-a-*.html", False),
        (group("*", "Disallow: /path/foo-%24"), "/path/foo-$", False),
        # the rules themselves may always be read
        (group("*", NOTHING), "/robots.txt", True),
    ],
)  # fmt: skip
def test_rules(text: str | bytes, path: str, expected: bool) -> None:
    assert allowed(text, path) is expected


def test_the_example_of_the_rfc() -> None:
    text = (
        group("*", "Disallow: *.gif$", "Disallow: /example/", "Allow: /publications/")
        + group("foobot", "Disallow:/", "Allow:/example/page.html", "Allow:/example/allowed.gif")
        + group("barbot\nUser-agent: bazbot", "Disallow: /example/page.html")
        + "User-agent: quxbot\n\nEOF\n"
    )
    pages = ["/example/page.html", "/example/allowed.gif", "/publications/x", "/y.gif", "/z"]
    verdicts = {
        agent: [allowed(text, page, agent) for page in pages]
        for agent in ("ExampleBot", "FooBot", "BarBot", "BazBot", "QuxBot")
    }
    assert verdicts == {
        "ExampleBot": [False, False, True, False, True],
        "FooBot": [True, True, False, False, False],
        "BarBot": [False, True, True, True, True],
        "BazBot": [False, True, True, True, True],
        "QuxBot": [True, True, True, True, True],
    }


def test_long_rules_are_read_up_to_a_whole_line() -> None:
    many = "".join(f"Disallow: /private/{number:06}\n" for number in range(20_000))
    assert len(many) > 512_000
    text = group("*") + many
    assert not allowed(text, "/private/000001")
    assert allowed(text, "/private/019999"), "beyond what is read"
    assert allowed(text, "/b"), "no line cut short says more than it did"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (group("*", "Crawl-delay: 2.5"), 2.5),
        (group("Foo", "Crawl-delay: 3", NOT_A) + group("*", "Crawl-delay: 9"), 3),
        (group("Bar", "Crawl-delay: 3"), 0),
        (group("*", "Crawl-delay: 86400"), 30),
        (group("*", "Crawl-delay: soon"), 0),
        (group("*", "Crawl-delay: -1"), 0),
        (group("*", "Crawl-delay: nan"), 0),
    ],
)
def test_crawl_delays(text: str, seconds: float) -> None:
    assert Rules.read(text.encode(), "Foo").delay_s == seconds


# --- opt-outs -------------------------------------------------------------------------------------

ALL = frozenset({"tdm", "noarchive", "noindex", "noai"})


def fetched(
    routes: Mapping[str, Answer], opt_outs: frozenset[str] = ALL, path: str = "/a"
) -> Response | Failed:
    guards = Fetch.model_validate({
        "allow_networks": (ip_network("127.0.0.0/8"),), "host_delay_s": 0, "opt_outs": opt_outs,
        "user_agent": "Foo/1.0",
    })  # fmt: skip
    with Loopback(routes) as server, Fetcher(guards, Memory(), resolver=Here()) as fetcher:
        return fetcher.get(Request(server.url(path), "text/html"))


def of_page(
    tags: tuple[str, ...] = (), head: str = "", charset: str = "utf-8", **headers: str
) -> str | None:
    async def nobody(request: Request) -> Response | Failed:
        raise AssertionError(request)

    named = {name.replace("_", "-"): value for name, value in headers.items()}
    failed = OptOuts(ALL, "Foo/1.0", nobody).of_page(tags, named, head.encode(charset))
    return failed.detail if failed else None


@pytest.mark.parametrize(
    ("tags", "refused"),
    [
        (("noarchive",), "noarchive"),
        (("NoArchive",), "noarchive"),
        (("nofollow, noarchive",), "noarchive"),
        (("none",), "none"),
        (("foo: noindex, nofollow",), "noindex"),
        (("otherbot: noindex, noarchive",), None),
        (("otherbot: noindex", "noai"), "noai"),
        (("otherbot: noindex, foo: noarchive",), "noarchive"),
        (("max-snippet: 20, noarchive",), "noarchive"),
        (("unavailable_after: 25 Jun 2030 15:00:00 GMT, noarchive",), "noarchive"),
        (("all",), None),
        (("nosnippet, max-image-preview:large",), None),
        (("",), None),
    ],
)
def test_x_robots_tags(tags: tuple[str, ...], refused: str | None) -> None:
    assert of_page(tags) == (f"X-Robots-Tag: {refused}" if refused else None)


@pytest.mark.parametrize(
    ("head", "refused"),
    [
        ('<meta name="robots" content="noarchive">', "noarchive"),
        ("<META CONTENT='index,NOARCHIVE' NAME=ROBOTS>", "noarchive"),
        ("<meta name=robots content=noindex />", "noindex"),
        ('<meta name="foo" content="noarchive">', "noarchive"),
        ('<meta name="googlebot" content="noarchive">', None),
        ('<meta name="robots" content="index, follow, max-image-preview:large">', None),
        ('<!-- <meta name="robots" content="noarchive"> -->', None),
        ('<meta name="description" content="noarchive">', None),
        ("<p>noarchive</p>", None),
    ],
)
def test_meta_robots(head: str, refused: str | None) -> None:
    assert of_page(head=head) == (f"meta robots: {refused}" if refused else None)


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "utf-16-be"])
def test_meta_robots_in_any_charset(charset: str) -> None:
    head = '<meta name="robots" content="noarchive">'
    assert of_page(head=head, charset=charset) == "meta robots: noarchive"


def test_tdm_reservations_of_a_page_go_before_its_headers() -> None:
    reserved, free = ('<meta name="tdm-reservation" content="%d">' % n for n in (1, 0))  # noqa: UP031 - a pattern
    assert of_page(tdm_reservation="1") == "tdm-reservation: 1"
    assert of_page(tdm_reservation="0") is None
    assert of_page(head=reserved) == "tdm-reservation: 1"
    assert of_page(head=free, tdm_reservation="1") is None


NESTED = b"[" * 900 + b"]" * 900
RESERVED = (
    b'[{"location": "/open/*", "tdm-reservation": 0}, {"location": "/", "tdm-reservation": 1}]'
)


@pytest.mark.parametrize(
    ("file", "path", "kept"),
    [
        (Answer(body=RESERVED), "/a", False),
        (Answer(body=RESERVED), "/open/a", True),
        (Answer(404), "/a", True),
        (Answer(500), "/a", True),
        (Answer(body=b"<html>"), "/a", True),
        (Answer(body=b'{"location": "/"}'), "/a", True),
        (Answer(body=b'[{"tdm-reservation": 1}, 3, null]'), "/a", True),
        (Answer(body=b'[{"location": ["/"], "tdm-reservation": 1}]'), "/a", True),
        (Answer(body=b'[{"location": "/", "tdm-reservation": %b}]' % NESTED), "/a", True),
        (Answer(body=RESERVED + b" " * 9_000_000), "/a", False),
        (Answer(body=b'[{"location": "' + b"x" * 9_000_000 + b'"}]'), "/a", True),
    ],
)
def test_a_site_s_tdm_file(file: Answer, path: str, kept: bool) -> None:
    routes = {"/.well-known/tdmrep.json": file, path: Answer()}
    outcome = fetched(routes, path=path)
    assert isinstance(outcome, Response) is kept
    if isinstance(outcome, Failed):
        assert (outcome.reason, outcome.retry) == (Reason.OPTED_OUT, False)
    assert isinstance(fetched(routes, frozenset(), path), Response)


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("/", "/a", True), ("/b", "/a", False), ("/*/x", "/a/x/y", True), ("/*.pdf$", "/a.pdf", True),
        ("/*.pdf$", "/a.pdf?x", False), ("/a$", "/a", True), ("/a$", "/ab", False), ("*", "/a", True),
        ("/a*a$", "/a", False), ("/a*$", "/ab", True), ("/a*b*c$", "/a/c", False), ("/$", "/", True),
        ("/a.c", "/abc", False), ("/*a*a*a*a*a*a*a*a*a*a*a*b", "/" + "a" * 2000, False),
    ],
)  # fmt: skip
def test_a_tdm_file_s_patterns(pattern: str, path: str, fits: bool) -> None:
    assert _fits(pattern, path) is fits


def test_a_tdm_file_made_to_take_long_holds_up_nobody() -> None:
    rules = [{"location": f"/{'*' * 36_000}b{i}", "tdm-reservation": 1} for i in range(25)]
    file = Answer(200, {"Content-Encoding": "gzip"}, gzip.compress(json.dumps(rules).encode()))
    routes = {"/.well-known/tdmrep.json": file, "/a": Answer()}
    began = time.process_time()
    assert isinstance(fetched(routes), Response)
    assert time.process_time() - began < 1


def test_an_opt_out_holds_only_where_it_is_respected() -> None:
    tagged = {"/a": Answer(200, {"X-Robots-Tag": "noindex"}, b"<html>")}
    outcome = fetched(tagged)
    assert isinstance(outcome, Failed)
    assert (outcome.reason, outcome.detail) == (Reason.OPTED_OUT, "X-Robots-Tag: noindex")
    assert isinstance(fetched(tagged, frozenset({"noarchive"})), Response)


def test_a_feed_that_is_configured_is_read_whatever_its_tags() -> None:
    guards = Fetch(allow_networks=(ip_network("127.0.0.0/8"),), host_delay_s=0)
    routes = {"/feed": Answer(200, {"X-Robots-Tag": "noindex, noarchive"}, b"<rss/>")}
    with Loopback(routes) as server, Fetcher(guards, Memory(), resolver=Here()) as fetcher:
        feed = Request(server.url("/feed"), "text/xml", configured=True)
        assert isinstance(fetcher.get(feed), Response)
        assert len(server.asked) == 1
