"""Feeds of all kinds give their links; nothing that is none gives any."""

import gzip
import pickle
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingester import feeds, urls
from ingester.feeds.dates import moment
from ingester.models import (
    ClaimedFeed,
    Failed,
    FeedId,
    FeedItem,
    ParsedFeed,
    Reason,
    Response,
    Token,
)
from ingester.settings import Poll

FETCHED = datetime(2026, 11, 23, tzinfo=UTC)
URL = "https://feeds.example/x/feed.xml"
CLAIMED = ClaimedFeed(
    FeedId(1), URL, Token(1), new=True, errors=0, failing_since=None,
    interval=timedelta(hours=1), etag=None, last_modified=None, body_sha256=None,
)  # fmt: skip
_Polled = tuple[list[str], ClaimedFeed]
GOLDEN = sorted(
    path for path in (Path(__file__).parent / "feeds").iterdir() if path.suffix != ".toml"
)


def _parse(body: bytes, most: int = 2000, content_type: str = "text/xml") -> ParsedFeed | Failed:
    return feeds.parse(Response(URL, 200, {"content-type": content_type}, body, FETCHED), most)


def _feed(body: bytes, most: int = 2000, content_type: str = "text/xml") -> ParsedFeed:
    parsed = _parse(body, most, content_type)
    assert isinstance(parsed, ParsedFeed)
    return parsed


def _rss(*items: str) -> bytes:
    inside = "".join(f"<item>{item}</item>" for item in items)
    return f"<rss><channel><title>T</title>{inside}</channel></rss>".encode()


def _told(parsed: ParsedFeed) -> dict[str, Any]:
    """The feed as its golden file tells it."""
    items = [
        {
            "url": item.url,
            "title": item.title,
            "published": item.published.isoformat() if item.published else None,
            "guid": item.guid,
        }
        for item in parsed.items
    ]
    known = [{name: value for name, value in item.items() if value is not None} for item in items]
    told = {"title": parsed.title, "home": parsed.home, "items": known, "dropped": parsed.dropped}
    return {name: value for name, value in told.items() if value}


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.name)
def test_golden(path: Path) -> None:
    expected = tomllib.loads(path.with_suffix(".toml").read_text(encoding="utf-8"))
    assert _told(_feed(path.read_bytes())) == expected


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.name)
def test_a_feed_reads_the_same_with_a_mark_and_blanks_before_it(path: Path) -> None:
    body = path.read_bytes()
    plain = _parse(body)
    for start in (b"\xef\xbb\xbf", b"\n\n  \t", b"\r\n\xef\xbb\xbf\n"):
        assert _parse(start + body) == plain


# --- text and its encodings ---------------------------------------------------------------------

_TITLE = "Größe — café"
_DOCUMENT = f"<rss><channel><item><title>{_TITLE}</title><link>https://a.example/</link></item></channel></rss>"


@pytest.mark.parametrize(
    ("declared", "actual"),
    [
        (None, "utf-8"),
        ("utf-8", "utf-8"),
        ("windows-1252", "windows-1252"),
        ("iso-8859-1", "utf-8"),
        ("windows-1251", "utf-8"),
        ("nonsense", "utf-8"),
        ("utf-16", "utf-16"),
        ("utf-16", "utf-8"),
    ],
)
def test_text_is_read_in_the_encoding_it_is_in(declared: str | None, actual: str) -> None:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    body = (declaration + _DOCUMENT).encode(actual)
    assert _feed(body).items[0].title == _TITLE


def test_the_server_s_charset_counts_where_the_feed_declares_none() -> None:
    body = _DOCUMENT.encode("windows-1252")
    assert _feed(body, content_type="text/xml; charset=windows-1252").items[0].title == _TITLE


def test_one_stray_byte_does_not_spoil_the_rest() -> None:
    body = _DOCUMENT.replace("</title>", "é" * 30 + "</title>").encode()
    title = _feed(body.replace(b"caf", b"\xff caf")).items[0].title
    assert title is not None
    assert title.startswith("Größe")
    assert title.endswith("é" * 30)


@pytest.mark.parametrize(
    "junk", [b"\0", b"\x0b", b"\x1f", b"\x7f", b"\xed\xa0\x80", b"\xef\xbf\xbf", b"\xff"]
)
def test_bytes_that_are_no_text_leave_the_rest(junk: bytes) -> None:
    (item,) = _feed(
        _rss("<title>Hello there</title><link>https://a.example/b</link>").replace(
            b"there", junk + b"there"
        )
    ).items
    assert item.url == "https://a.example/b"
    assert item.title is not None
    assert item.title.startswith("Hello")
    assert "\0" not in item.title
    item.title.encode("utf-8")


@pytest.mark.parametrize(
    ("markup", "title"),
    [
        ("AT&amp;T", "AT&T"),
        ("AT&amp;amp;T", "AT&T"),
        ("&lt;b&gt;Bold&lt;/b&gt; move", "Bold move"),
        ("a &lt; b &gt; c", "a < b > c"),
        ("one&lt;br/&gt;two\n  three", "one two three"),
        ("&amp;#8216;quoted&amp;#8217;", "‘quoted’"),
        ("&lt;script&gt;", "<script>"),
        (" ", None),
        ("", None),
    ],
)
def test_titles_are_plain_text(markup: str, title: str | None) -> None:
    body = _rss(f"<title>{markup}</title><link>https://a.example/</link>")
    assert _feed(body).items[0].title == title


# --- links, limits, order -----------------------------------------------------------------------


def test_only_the_newest_are_kept_and_the_rest_are_counted() -> None:
    items = [
        f"<link>https://a.example/{i}</link><pubDate>2026-11-{i:02} 00:00</pubDate>"
        for i in range(1, 21)
    ]
    parsed = _feed(_rss(*items), most=3)
    assert [item.url[-2:] for item in parsed.items] == ["20", "19", "18"]
    assert parsed.dropped == {"over_limit": 17}


def test_each_item_is_kept_or_counted() -> None:
    links = [
        "https://a.example/1",
        "https://a.example/1#x",
        "mailto:a@b",
        "",
        "https://a.example/2",
    ]
    parsed = _feed(_rss(*(f"<link>{link}</link>" for link in links)))
    assert len(parsed.items) + sum(parsed.dropped.values()) == len(links)


def test_undated_items_keep_their_order() -> None:
    parsed = _feed(_rss(*(f"<link>https://a.example/{i}</link>" for i in (3, 1, 2))))
    assert [item.url[-1] for item in parsed.items] == ["3", "1", "2"]


def test_links_are_resolved_against_where_the_feed_was_found() -> None:
    assert _feed(_rss("<link>../a</link>")).items[0].url == "https://feeds.example/a"


_ATOM = "http://www.w3.org/2005/Atom"
_PAGED = (
    f"<feed xmlns='{_ATOM}'><link rel='self' href='/a'/><link rel='next' href='/a?p=2'/>"
    "<link rel='prev-archive' href='https://feeds.example/2025'/><entry/></feed>"
)
_INDEX = (
    "<sitemapindex><sitemap><loc>https://a.example/undated</loc></sitemap>"
    "<sitemap><loc>https://a.example/old</loc><lastmod>2026-01-01</lastmod></sitemap>"
    "<sitemap><loc>https://a.example/new</loc><lastmod>2026-11-01</lastmod></sitemap></sitemapindex>"
)
_JSON = '{"version": "https://jsonfeed.org/version/1.1", "items": [], "next_url": "?page=2"}'


@pytest.mark.parametrize(
    ("body", "more"),
    [
        (_PAGED, ["https://feeds.example/2025", "https://feeds.example/a?p=2"]),
        (_JSON, ["https://feeds.example/rss?page=2"]),
        (_INDEX, [f"https://a.example/{name}" for name in ("new", "old", "undated")]),
    ],
)
def test_where_a_feed_goes_on(body: str, more: list[str]) -> None:
    parsed = feeds.parse(
        Response("https://feeds.example/rss", 200, {}, body.encode(), FETCHED), max_items=10
    )
    assert isinstance(parsed, ParsedFeed)
    assert list(parsed.more) == more


_SY = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'


@pytest.mark.parametrize(
    ("says", "caching", "rest_s"),
    [
        ("", "", 0),
        ("<ttl>30</ttl>", "", 1800),
        ("<ttl> soon </ttl>", "", 0),
        ("<ttl>-5</ttl>", "no-cache", 0),
        ("<sy:updatePeriod> hourly </sy:updatePeriod>", "", 3600),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", "", 21_600),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", "", 3600),
        ("<ttl>5</ttl>", "public, max-age=600", 600),
        ("<ttl>5</ttl>", "max-age=60, s-maxage=900", 300),
        ("<ttl>5</ttl><description><b></description>", "", 300),
    ],
)  # fmt: skip
def test_for_how_long_a_feed_asks_to_be_left_alone(says: str, caching: str, rest_s: int) -> None:
    body = (
        f"<rss {_SY}><channel>{says}<item><link>https://a.example/1</link></item></channel></rss>"
    )
    response = Response(URL, 200, {"cache-control": caching}, body.encode(), FETCHED)
    parsed = feeds.parse(response, max_items=10)
    assert isinstance(parsed, ParsedFeed)
    assert parsed.rest.total_seconds() == rest_s


def test_a_feed_of_many_pages_is_one() -> None:
    listed = _feed(_rss("<link>https://a.example/1</link>", "<link>https://a.example/2</link>"))
    first = replace(listed, more=("https://feeds.example/x/2.xml",))
    second = _feed(_rss("<link>https://a.example/2</link>", "<link>https://a.example/3</link>"))
    walk = feeds.Walk(CLAIMED, first, URL, listed=lambda _: 0)
    while walk.step(lambda _: second, Poll()):
        pass
    joined = walk.feed(Poll())
    assert [item.url[-1] for item in joined.items] == ["1", "2", "3"]
    assert joined.dropped == {"repeated": 1}


def _parts(*numbers: int) -> tuple[str, ...]:
    return tuple(f"https://feeds.example/{number}" for number in numbers)


def _polled(
    feed: ClaimedFeed, parts: tuple[str, ...], most: Poll, failing: Sequence[str] = ()
) -> _Polled:
    """What a poll of an index read, and the feed with what it left."""
    asked: list[str] = []

    def read(url: str) -> ParsedFeed | Failed:
        asked.append(url)
        if url in failing:
            return Failed("fetch", Reason.SERVER_ERROR, "HTTP 500", retry=True)
        return ParsedFeed(None, None, (FeedItem(url, None, None, None),), {})

    walk = feeds.Walk(feed, ParsedFeed(None, None, (), {}, more=parts), URL, listed=lambda _: 1)
    while walk.step(read, most):
        pass
    return asked, replace(feed, unread=walk.feed(most).unread)


@pytest.mark.parametrize("most", [Poll(), Poll(max_pages=1), Poll(max_items=1)])
@pytest.mark.parametrize("failing", [(), _parts(0), _parts(129), _parts(*range(7, 129, 20))])
def test_every_part_of_an_index_is_read_again_and_again(
    most: Poll, failing: tuple[str, ...]
) -> None:
    parts, feed, times = _parts(*range(130)), CLAIMED, Counter[str]()
    for _ in range(500):
        asked, feed = _polled(feed, parts, most, failing)
        assert len(asked) <= most.max_pages
        assert len(feed.unread) <= 101
        times.update(asked)
    assert min(times[part] for part in parts) >= 2


def test_nothing_is_left_where_no_further_page_is_to_be_read() -> None:
    assert _polled(CLAIMED, _parts(1, 2), Poll(max_pages=0)) == ([], CLAIMED)


def test_news_that_moved_an_archive_do_not_end_it() -> None:
    def page(*numbers: int, more: str) -> ParsedFeed:
        items = tuple(FeedItem(url, None, None, None) for url in _parts(*numbers))
        return ParsedFeed(None, None, items, {}, more=(more,))

    known = {*_parts(5, 6, 7, 8)}
    walk = feeds.Walk(
        replace(CLAIMED, unread=("https://feeds.example/x?3",)),
        page(1, 2, more="https://feeds.example/x?2"),
        URL,
        listed=lambda items: len(known & {item.url for item in items}),
    )
    pages = {
        "https://feeds.example/x?2": page(5, 6, more="https://feeds.example/x?3"),
        "https://feeds.example/x?3": page(7, 8, more="https://feeds.example/x?4"),
        "https://feeds.example/x?4": page(9, 10, more="https://feeds.example/x?4"),
    }
    while walk.step(pages.__getitem__, Poll()):
        pass
    assert len(walk.feed(Poll()).items) == 8


def test_a_compressed_file_is_unpacked() -> None:
    body = _rss("<link>https://a.example/1</link>")
    assert _feed(gzip.compress(body)) == _feed(body)
    assert isinstance(_parse(gzip.compress(body)[:10] + b"junk"), Failed)


def test_a_date_that_is_not_understood_is_kept_as_spelled() -> None:
    item = _feed(_rss("<link>https://a.example/1</link><pubDate>soon</pubDate>")).items[0]
    assert (item.published, item.raw_date) == (None, "soon")


def test_a_guid_that_is_no_hint_is_left() -> None:
    parsed = _feed(_rss(f"<link>https://a.example/</link><guid>{'x' * 5000}</guid>"))
    assert parsed.items[0].guid is None


def test_a_feed_without_items_is_a_feed() -> None:
    assert _feed(_rss()).items == ()


# --- what is no feed ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"<!doctype HTML><html><body>Under maintenance</body></html>", "HTML page"),
        (b"<?xml version='1.0'?>\n<!-- x --><html xmlns='http://www.w3.org/1999/xhtml'/>", "HTML"),
        (b"<html><link href='/rss' rel=alternate TYPE='application/rss+xml'>", "https://feeds.example/rss"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "<svg>"),
        (b"<opml version='2.0'><body/></opml>", "<opml>"),
        (b'{"items": []}', "JSON"),
        (b"[1, 2]", "JSON"),
        (b"Hello", "neither"),
        (b"/etc/passwd", "neither"),
        (b"http://127.0.0.1:1/feed.xml", "neither"),
        (b"%PDF-1.7", "neither"),
    ],
)  # fmt: skip
def test_what_is_no_feed_is_named(body: bytes, detail: str) -> None:
    outcome = _parse(body)
    assert isinstance(outcome, Failed)
    assert (outcome.step, outcome.reason) == ("parse", Reason.NOT_A_FEED)
    assert detail in outcome.detail


@pytest.mark.parametrize(
    "body",
    [
        b"<rss>" * 20_000,
        b"<rss><channel>" + b"<item>" * 20_000,
        b"<!---->" * 20_000 + b"<rss>",
        b"<![CDATA[" * 20_000 + b"<rss>",
        b"<rss><item " + b"".join(b"a%d='' " % i for i in range(20_000)) + b"/></rss>",
        b"{" * 100_000,
        b'{"version": "https://jsonfeed.org/version/1", "items": ' + b"[" * 100_000,
        b'{"version": "https://jsonfeed.org/version/1", "items": [' + b"9" * 10_000 + b"]}",
        b"<html>" + b"<link " * 20_000,
        b"<html><link " + b"a" * 100_000,
        b"<rss>" + b"&" * 100_000,
        b"<rss><channel><item><title>" + b"&lt;a " * 20_000,
    ],
    ids=range(12),
)
def test_hostile_feeds_end(body: bytes) -> None:
    assert isinstance(_parse(body), ParsedFeed | Failed)


_SNIPPETS = st.sampled_from(
    ["<rss>", "<channel>", "<item>", "</item>", "<feed xmlns='http://www.w3.org/2005/Atom'>", "<entry>",
     "<link>", "</link>", "<link href='", "'/>", "<title>", "</title>", "<pubDate>", "</pubDate>",
     "<![CDATA[", "]]>", "&amp;", "&", "<!--", "-->", "\x00", "<?xml version='1.0' encoding='", "'?>",
     "https://a.example/", "xml:base='", "Mon, 23 Nov 2026 00:00:00 GMT", "<guid>", "<!DOCTYPE rss [",
     '{"version": "https://jsonfeed.org/version/1.1", "items": [{"url": "', '"}]}']
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(_SNIPPETS | st.text(max_size=8), max_size=30), st.binary(max_size=6))
@example(["<rss><channel><item><link>x</link>"], b"\xff")
def test_whatever_comes_is_a_feed_or_a_failure(pieces: list[str], junk: bytes) -> None:
    body = "".join(pieces).encode("utf-8", "surrogatepass") + junk
    for whole in (body, junk + body, b"<rss><channel><item>" + body):
        parsed = _parse(whole, most=5)
        if isinstance(parsed, ParsedFeed):
            assert len(parsed.items) <= 5
            for item in parsed.items:
                assert urls.canonical(item.url) == item.url
                f"{item.title}{item.guid}".encode()


_DAMAGE = st.sampled_from(
    [b"&", b"<", b"]]>", b"<![CDATA[", b"\0", b"\xff", b"&nbsp;", b"<!--", b"'", b'"', b"&#xD800;", b"&#0;"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([path.read_bytes() for path in GOLDEN]),
    st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 40), _DAMAGE | st.binary(max_size=2))),
)
@example(b'<?xml version="1.0" encoding="utf-\xff8"?><rss><channel><item>', [])
@example(b'<?xml version="1.0" encoding="utf-\0\x80"?><rss><channel><item>', [])
@example(b"<rss><channel><item><link>http&#xD800;s://a.example/", [])
def test_a_damaged_feed_is_a_feed_or_a_failure(
    body: bytes, damages: list[tuple[int, int, bytes]]
) -> None:
    for start, length, damage in damages:
        body = body[:start] + damage + body[start + length :]
    assert isinstance(_parse(body), ParsedFeed | Failed)


def test_parsing_can_be_sent_to_another_process() -> None:
    job = pickle.loads(pickle.dumps(partial(feeds.parse, max_items=3)))  # noqa: S301 - our own
    parsed = job(Response(URL, 200, {}, _rss("<link>https://a.example/</link>"), FETCHED))
    assert pickle.loads(pickle.dumps(parsed)) == parsed  # noqa: S301 - our own


# --- dates --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Sun, 22 Nov 2026 09:30:15 GMT", "2026-11-22T09:30:15Z"),
        ("Sun, 22 Nov 2026 09:30:15 +0530", "2026-11-22T04:00:15Z"),
        ("Sun, 22 Nov 2026 09:30:15 -05:00", "2026-11-22T14:30:15Z"),
        ("Sun, 22 Nov 2026 09:30 EST", "2026-11-22T14:30Z"),
        ("Sun, 22 Nov 2026 09:30:15 PDT", "2026-11-22T16:30:15Z"),
        ("Sun, 22 Nov 2026 09:30:15 +0200 (CEST)", "2026-11-22T07:30:15Z"),
        ("Sun, 22 Nov 2026 09:30:15 GMT+2", "2026-11-22T07:30:15Z"),
        ("Sun, 22 Nov 2026 09:30:15 UTC+03:00", "2026-11-22T06:30:15Z"),
        ("Wed, 22 Nov 2026 09:30:15 Z", "2026-11-22T09:30:15Z"),  # a Sunday, in truth
        ("22 Nov 26 09:30 UT", "2026-11-22T09:30Z"),
        ("2 Sept 1999 9:05:00 GMT", "1999-09-02T09:05:00Z"),
        ("22-Nov-2026 09:30:15 GMT", "2026-11-22T09:30:15Z"),
        ("Sun, 22 November 2026", "2026-11-22"),
        ("Sun, 22 Nov 2026 09:30:15", "2026-11-22T09:30:15"),
        ("Sun, 22 Nov 2026 09:30:15 IST", "2026-11-22T09:30:15"),
        ("Sun, 22 Nov 2026 09:30:60 GMT", "2026-11-22T09:30:59Z"),
        ("2026-11-22T09:30:15Z", "2026-11-22T09:30:15Z"),
        ("2026-11-22T09:30:15.123456+01:00", "2026-11-22T08:30:15Z"),
        ("2026-11-22T09:30-0800", "2026-11-22T17:30Z"),
        ("2026-11-22 09:30:15", "2026-11-22T09:30:15"),
        ("2026-11-22 09:30:15 UTC", "2026-11-22T09:30:15Z"),
        ("2026-11-22", "2026-11-22"),
        ("2026/11/2", "2026-11-02"),
        (" 2026-11-22\n", "2026-11-22"),
        ("November 22, 2026 3:04 PM", "2026-11-22T15:04"),
        ("Nov 22, 2026 at 12:04 a.m. EST", "2026-11-22T05:04Z"),
        ("Sun Nov 22 09:30:15 +0000 2026", "2026-11-22T09:30:15Z"),
        ("Sun Nov 22 09:30:15 2026", "2026-11-22T09:30:15"),
    ],
)
def test_dates_as_feeds_spell_them(raw: str, expected: str) -> None:
    claimed = moment(raw, FETCHED)
    assert claimed is not None
    assert claimed.isoformat() == expected
    assert (claimed.source, claimed.raw) == ("feed", raw.strip())


@pytest.mark.parametrize(
    "raw",
    [
        "", "now", "yesterday", "2026", "2026-11", "1795305600", "11/12/2026", "12.11.2026",
        "2026-13-01", "2026-02-30", "2026-11-22T25:00:00Z", "2026-11-22T09:61Z", "2026-1-2/3",
        "Sun, 32 Nov 2026 09:30:15 GMT", "Sun, 22 Foo 2026 09:30:15 GMT", "22 No 2026",
        "Sun, 22 Nov 2026 09:30:15 GMT and more", "1989-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00",
        "2026-11-22T09:30:15+24:00", "Sun, 22 Nov 2026 09:30:15 -1401",
        "9999-12-31T23:59:59-14:00", "1970-01-01T00:00:00Z", "2026-11-24T00:00:01Z", "x" * 10_000,
        "٢٠٢٦-١١-٢٢",
    ],
)  # fmt: skip
def test_a_date_that_is_not_understood_or_not_true_is_none(raw: str) -> None:
    assert moment(raw, FETCHED) is None


def test_a_date_may_lie_a_day_ahead() -> None:
    ahead = FETCHED + timedelta(hours=24)
    assert moment(ahead.isoformat(), FETCHED) is not None


def test_the_first_date_that_is_understood_counts() -> None:
    body = _rss(
        "<link>https://a.example/</link><pubDate>soon</pubDate><pubDate>2026-11-20</pubDate>"
    )
    published = _feed(body).items[0].published
    assert published is not None
    assert published.isoformat() == "2026-11-20"


@given(st.datetimes(datetime(1991, 1, 1), datetime(2026, 11, 22)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001 - the zone is added
def test_every_rfc_3339_date_is_understood(local: datetime, offset: int) -> None:
    sign, distance = "-" if offset < 0 else "+", abs(offset)
    raw = f"{local.isoformat(timespec='seconds')}{sign}{distance // 60:02}:{distance % 60:02}"
    claimed = moment(raw, FETCHED)
    assert claimed is not None
    assert claimed.at == datetime.fromisoformat(raw)
