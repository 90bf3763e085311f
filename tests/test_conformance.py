"""The feed path beside feedparser on well-formed feeds, and against feeds that were made to do harm."""

import io
from datetime import UTC, datetime
from functools import partial

import feedparser
import pytest

from ingester import feeds, urls
from ingester.engine import Processes
from ingester.feeds.listing import plain
from ingester.models import Failed, ParsedFeed, Response
from ingester.settings import Extract
from tests import hostile_feeds

URL = "https://feeds.example/d/feed.xml"
ATOM = 'xmlns="http://www.w3.org/2005/Atom"'
RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
MODULES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:a="http://www.w3.org/2005/Atom"'
)

Read = list[tuple[str | None, str | None]]


def ours(body: bytes) -> Read:
    parsed = feeds.parse(Response(URL, 200, {}, body, datetime.now(UTC)), 2000)
    assert isinstance(parsed, ParsedFeed), parsed
    return [(item.title, item.url) for item in parsed.items]


def theirs(body: bytes) -> Read:
    """What feedparser reads, its titles as plain text and its links in their one spelling."""
    read = feedparser.parse(io.BytesIO(body), response_headers={"content-location": URL})
    found = [(plain(dict.get(entry, "title")), entry.get("link")) for entry in read.entries]
    return [(title, urls.canonical(link, URL)) for title, link in found if link]


def atom(entry: str, root: str = "") -> str:
    return f"<feed {ATOM} {root}><entry>{entry}</entry></feed>"


def rss(item: str, root: str = "") -> str:
    return f'<rss version="2.0" {MODULES} {root}><channel><title>C</title><item>{item}</item></channel></rss>'


def rdf(items: str, namespace: str = "http://purl.org/rss/1.0/") -> str:
    return (
        f'<rdf:RDF {RDF} xmlns="{namespace}"><channel><title>C</title></channel>{items}</rdf:RDF>'
    )


LINK = '<link href="https://a.example/1"/>'
TITLES = [
    "Rain", "Rain &amp; wind", "&lt;b>Rain&lt;/b>", "&lt;p>Rain &amp;amp; wind&lt;/p>", "1 &lt; 2",
    "<![CDATA[<b>Rain</b> &amp; wind]]>", "1 &amp;lt; 2", "a &#8217; b", "a &#146; b", "a &amp;hellip; b",
    "a &amp;nbsp; b", "two\n lines", "a &lt;img src='x'> b", "\u65e5\u672c", "\u0645\u0631\u062d\u0628\u0627",
]  # fmt: skip
TYPES = ["", ' type="text"', ' type="html"', ' type="text/plain"', ' type="text/html"']
LINKS = [
    '<link href="/a"/>', '<link rel="alternate" type="text/html" href="a?x=1&amp;y=2"/>',
    '<link rel="self" href="/s"/><link href="/a"/>', '<link href="/a"/><link rel="replies" href="/r"/>',
    '<link rel="alternate" type="text/html" href="/h"/><link rel="enclosure" href="/e.mp3"/>',
    '<link rel="ALTERNATE" href="/up"/>', '<link xml:base="http://b.example/x/" href="y"/>',
    '<link href=" /a "/>', '<link href="//b.example/c"/>', '<id>https://a.example/id</id>',
    '<id>HTTPS://a.example/id</id>',
    '<source><link href="/s"/><title>S</title></source><link href="/own"/>',
]  # fmt: skip
ITEMS = [
    "<title>T</title><link>https://a.example/1</link>", "<title>T</title><guid>https://a.example/g</guid>",
    '<title>T</title><guid isPermaLink="false">https://a.example/g</guid><link>https://a.example/1</link>',
    '<title>T</title><guid isPermaLink="true">https://a.example/g</guid><link>https://a.example/1</link>',
    "<dc:title>D</dc:title><link>/x</link>", "<media:title>M</media:title><link>/x</link>",
    "<media:title>M</media:title><title>T</title><link>/x</link>",
    "<title>T</title><media:title>M</media:title><link>/x</link>",
    "<title>T</title><a:link rel='self' href='/s'/><link>https://a.example/1</link>",
    "<title>T</title><link><![CDATA[https://a.example/?a=1&b=2]]></link>",
    "<title>T</title><link>\n https://a.example/1 \n</link>", "<title/><link>/1</link>",
    "<image><title>I</title><link>/i</link></image><title>T</title><link>/1</link>",
    "<title>T</title><link>https://A.example:443/%7Ea/../b#c</link>",
    "<title>T <b>b</b></title><link>/1</link>",
    "<title>T</title><enclosure url='/e.mp3' type='audio/mpeg' length='1'/><link>/1</link>",
]  # fmt: skip
RSS_NAMESPACES = [
    "http://backend.userland.com/rss2",
    "http://example.com/new#",
    "http://purl.org/rss/1.0/",
]
RDF_NAMESPACES = [
    "http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple/0.9/",
    "http://channel.netscape.com/rdf/simple/0.9/", "http://purl.org/net/rss1.1#",
]  # fmt: skip
TWO = "<item><title>T</title><link>/1</link></item><item><title>U</title><link>/2</link></item>"
OLD = 'version="0.3" xmlns="http://purl.org/atom/ns#"'
DIV = "<div xmlns='http://www.w3.org/1999/xhtml'>a <b>b</b> &amp;lt; c</div>"
ESCAPED = 'type="text/html" mode="escaped"'
BINARY = 'type="application/octet-stream" mode="base64"'
OTHERS = [
    f"<feed {OLD}><entry><title>T</title>{LINK}</entry></feed>",
    f"<feed {OLD}><entry><title {ESCAPED}>&lt;b>T&lt;/b></title>{LINK}</entry></feed>",
    f"<feed {OLD}><entry><title {BINARY}>UmFpbg==</title>{LINK}</entry></feed>",
    f"<feed><entry><title>T</title>{LINK}</entry></feed>",
    f"<entry {ATOM}><title>T</title>{LINK}</entry>",
    "<x:feed xmlns:x='http://www.w3.org/2005/Atom'><x:entry><x:link href='/1'/></x:entry></x:feed>",
    atom(f"<title type='xhtml'>{DIV}</title>{LINK}"),
    f'<rss version="0.91"><channel><title>C</title></channel>{TWO}</rss>',
    f'<rss version="2.0">{TWO}</rss>',
    f"<channel>{TWO}</channel>",
    f"<rss><channel>{TWO}</channel><channel><item><link>/3</link></item></channel></rss>",
    f"<RSS version='2.0'><CHANNEL>{TWO.upper()}</CHANNEL></RSS>",
    "<CHANNEL><ITEM HREF='https://a.example/1'><TITLE>T</TITLE></ITEM></CHANNEL>",
    f"<!DOCTYPE rss [<!ENTITY e 'Rain'>]><rss><channel>{TWO.replace('T<', '&e; T<')}</channel></rss>",
]
WELL_FORMED = [
    *(atom(f"<title{kind}>{title}</title>{LINK}") for kind in TYPES for title in TITLES),
    *(rss(f"<title>{title}</title><link>/1</link>") for title in TITLES),
    *(atom(f"<title>T</title>{link}") for link in LINKS),
    *(atom(f"<title>T</title>{link}", 'xml:base="https://b.example/x/"') for link in LINKS),
    *(rss(item) for item in ITEMS),
    *(rss(item, 'xml:base="https://b.example/x/"') for item in ITEMS),
    *(rdf(TWO, namespace) for namespace in RDF_NAMESPACES),
    *(f'<rss version="2.0" xmlns="{name}"><channel>{TWO}</channel></rss>' for name in RSS_NAMESPACES),
    *(f'<x:rss xmlns:x="{name}"><x:channel>' + TWO.replace("</", "</x:").replace("<i", "<x:i")
      .replace("<t", "<x:t").replace("<l", "<x:l") + "</x:channel></x:rss>" for name in RSS_NAMESPACES[::2]),
    *OTHERS,
]  # fmt: skip


@pytest.mark.parametrize("text", WELL_FORMED)
def test_a_well_formed_feed_reads_as_by_feedparser(text: str) -> None:
    body = f"<?xml version='1.0' encoding='utf-8'?>{text}".encode()
    assert ours(body) == theirs(body)


@pytest.mark.parametrize(
    ("encoding", "word"),
    [
        ("iso-8859-1", "Zürich"), ("windows-1252", "“Zürich”"), ("koi8-r", "дождь"),
        ("windows-1251", "дождь"), ("shift_jis", "日本"), ("euc-jp", "日本"),
        ("iso-2022-jp", "日本"), ("gb2312", "中文"), ("gb18030", "中文"),
        ("hz", "中文"), ("big5", "中文"), ("euc-kr", "한국"), ("utf-16", "日本"), ("utf-32", "日本"),
        ("iso-8859-6", "مطر"), ("tis-620", "ฝน"), ("cp037", "Rain"),
    ],
)  # fmt: skip
def test_an_encoding_is_read_as_by_feedparser(encoding: str, word: str) -> None:
    text = (
        f"<?xml version='1.0' encoding='{encoding}'?>{rss(f'<title>{word}</title><link>/1</link>')}"
    )
    body = text.encode(encoding)
    assert ours(body) == theirs(body) == [(word, "https://feeds.example/1")]


DIFFERENT = {
    "of several links the first counts, not the last": rss(
        "<title>T</title><link>/1</link><link>/2</link>"
    ),
    "an Atom link in RSS does not go before RSS's own": rss(
        "<title>T</title><link>/1</link><a:link href='/a'/>"
    ),
    "a relative link in RSS is one of the site's, not of the feed's host": rss(
        "<title>T</title><link>1.html</link>"
    ).replace("<title>C", "<link>https://a.example/</link><title>C"),
    "an outlet's own link goes before a feed service's": rss(
        "<title>T</title><link>/1</link><f:origLink>https://a.example/1</f:origLink>",
        "xmlns:f='http://rssnamespace.org/feedburner/ext/1.0'",
    ),
    "a GUID that is no URL is no link": rss("<title>T</title><guid>abc</guid>"),
    "an Atom id that is no URL is no link": atom("<title>T</title><id>id</id>"),
    "a title goes before Dublin Core's": rss(
        "<dc:title>D</dc:title><title>T</title><link>/1</link>"
    ),
    "a link without a relation's name is one": atom("<title>T</title><link rel='' href='/1'/>"),
    "a link that names nothing is none": atom("<title>T</title><link href=''/>"),
    "an entity of HTML is its character": "<!DOCTYPE rss SYSTEM 'http://a.example/rss-0.91.dtd'>"
    + rss("<title>caf&eacute;</title><link>/1</link>"),
}


@pytest.mark.parametrize("what", DIFFERENT)
def test_where_the_two_differ(what: str) -> None:
    body = f"<?xml version='1.0' encoding='utf-8'?>{DIFFERENT[what]}".encode()
    assert ours(body) != theirs(body)


def test_hostile_feeds_end_as_a_feed_or_a_failure() -> None:
    kinds = dict(hostile_feeds.feeds())
    assert len(kinds) >= 71
    at = datetime.now(UTC)
    bodies = (Response(URL, 200, {}, body[:8_000_000], at) for body in kinds.values())
    with Processes(Extract(processes=2, deadline_s=2, memory_mb=1024)) as cages:
        outcomes = list(cages.map(partial(feeds.parse, max_items=2000), bodies))
    assert len(outcomes) == len(kinds)
    for kind, outcome in zip(kinds, outcomes, strict=True):
        assert isinstance(outcome, ParsedFeed | Failed), kind
        if isinstance(outcome, Failed):
            assert "Error" not in outcome.detail, (kind, outcome)
        else:
            assert len(outcome.items) <= 2000
            assert not any("root:" in (item.title or "") for item in outcome.items), kind
