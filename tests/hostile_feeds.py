"""Feeds that were made to hold a reader up, to break it, or to be misread: each kind by its name."""

import gzip
import json
import random
from collections.abc import Iterator

_HEAD = b"<?xml version='1.0' encoding='utf-8'?>"
_LONG = 300_000


def _rss(inside: bytes, head: bytes = _HEAD, attributes: bytes = b"") -> bytes:
    return head + b"<rss version='2.0'" + attributes + b"><channel>" + inside + b"</channel></rss>"


def _item(inside: bytes) -> bytes:
    return _rss(b"<item><link>https://a.example/1</link>" + inside + b"</item>")


def _atom(inside: bytes) -> bytes:
    return _HEAD + b"<feed xmlns='http://www.w3.org/2005/Atom'>" + inside + b"</feed>"


def feeds() -> Iterator[tuple[str, bytes]]:
    """Every kind, with its bytes."""
    yield from _sizes()
    yield from _depths()
    yield from _entities()
    yield from _broken()
    yield from _encodings()
    yield from _fields()
    yield from _jsons()
    yield from _shapes()


def _sizes() -> Iterator[tuple[str, bytes]]:
    yield "100,000 items", _rss(b"<item><link>https://a.example/</link></item>" * 100_000)
    yield "100,000 empty items", _rss(b"<item/>" * 100_000)
    yield "100,000 links in one item", _item(b"<link>https://a.example/2</link>" * 100_000)
    yield "100,000 titles in one item", _item(b"<title>x</title>" * 100_000)
    yield "a title of 300 KB", _item(b"<title>" + b"x" * _LONG + b"</title>")
    yield "a title of 300 KB of markup", _item(b"<title>" + b"&lt;b&gt;" * 60_000 + b"</title>")
    yield "a title of open tags", _item(b"<title>" + b"&lt;p " * 60_000 + b"</title>")
    yield (
        "a link of 300 KB",
        _rss(b"<item><link>https://a.example/" + b"x" * _LONG + b"</link></item>"),
    )
    yield "a date of 300 KB", _item(b"<pubDate>" + b"1 " * 150_000 + b"</pubDate>")
    yield "an author of 16 KB", _item(b"<author>" + b"(a@" * 5500 + b"</author>")
    yield "an attribute of 300 KB", _rss(b"", attributes=b" x='" + b"y" * _LONG + b"'")
    yield (
        "20,000 attributes",
        _rss(b"", attributes=b"".join(b" a%d='1'" % n for n in range(20_000))),
    )
    yield (
        "20,000 namespaces",
        _rss(b"", attributes=b"".join(b" xmlns:a%d='u:%d'" % (n, n) for n in range(20_000))),
    )
    yield "a comment of 1 MB", _rss(b"<!--" + b"x" * 1_000_000 + b"-->")
    yield "100,000 comments", _rss(b"<!-- x -->" * 100_000)
    yield "100,000 instructions", _rss(b"<?x y?>" * 100_000)
    yield "1 MB of blanks before it", b" " * 1_000_000 + _rss(b"")
    yield "100,000 CDATA sections", _item(b"<title>" + b"<![CDATA[x]]>" * 100_000 + b"</title>")
    yield "100,000 references", _item(b"<title>" + b"&#65;" * 100_000 + b"</title>")
    yield "100,000 categories", _item(b"<category>x</category>" * 100_000)
    yield "a bomb of 50 MB in 50 KB", gzip.compress(_rss(b"<item/>" * 7_000_000))


def _depths() -> Iterator[tuple[str, bytes]]:
    for depth in (300, 100_000):
        yield f"{depth} levels of items", _rss(b"<item>" * depth + b"</item>" * depth)
        yield f"{depth} levels left open", _rss(b"<item><div>" * depth)
        yield (
            f"{depth} levels in a title",
            _item(b"<title>" + b"<b>" * depth + b"</b>" * depth + b"</title>"),
        )
        yield (
            f"{depth} levels of escaped markup",
            _item(b"<title>" + b"&lt;b>" * depth + b"</title>"),
        )
        yield f"{depth} levels of xml:base", _atom(b"<x xml:base='a/'>" * depth + b"</x>" * depth)
    yield "channels in channels", b"<rss>" + b"<channel>" * 5000 + b"</channel>" * 5000 + b"</rss>"


def _entities() -> Iterator[tuple[str, bytes]]:
    laughs = b"".join(b"<!ENTITY a%d '%s'>" % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))
    bomb = b"<!DOCTYPE rss [<!ENTITY a0 'ha'>" + laughs + b"]>"
    yield "a billion laughs", _rss(b"<title>&a9;</title>", bomb)
    wide = b"<!DOCTYPE rss [<!ENTITY a '" + b"x" * 100_000 + b"'>]>"
    yield "one long entity a thousand times", _rss(b"<title>" + b"&a;" * 1000 + b"</title>", wide)
    yield "an entity of itself", _rss(b"<title>&a;</title>", b"<!DOCTYPE rss [<!ENTITY a '&a;'>]>")
    for name, where in (("file", b"file:///etc/passwd"), ("network", b"http://127.0.0.1:1/x")):
        external = b"<!DOCTYPE rss [<!ENTITY a SYSTEM '" + where + b"'>]>"
        yield f"an entity from a {name}", _rss(b"<title>&a;</title>", external)
        yield f"a DTD from a {name}", _rss(b"", b"<!DOCTYPE rss SYSTEM '" + where + b"'>")
        parameter = b"<!DOCTYPE rss [<!ENTITY % a SYSTEM '" + where + b"'> %a;]>"
        yield f"a parameter entity from a {name}", _rss(b"", parameter)
    yield (
        "an inclusion",
        _rss(
            b"<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='/etc/passwd' parse='text'/>"
        ),
    )
    yield "a stylesheet", b"<?xml-stylesheet href='http://127.0.0.1:1/'?>" + _rss(b"")
    yield "unknown entities", _item(b"<title>" + b"&nosuch;" * 10_000 + b"</title>")
    yield "a doctype left open", b"<!DOCTYPE rss [" + b"<!ENTITY x 'y'>" * 10_000


def _broken() -> Iterator[tuple[str, bytes]]:
    whole = _item(b"<title>Rain &amp; wind</title><pubDate>Sun, 01 Nov 2026 12:00:00 GMT</pubDate>")
    yield "cut in a tag", whole[: len(whole) // 2]
    yield "cut in a reference", whole[: whole.index(b"&amp;") + 3]
    yield "no end tags", _rss(b"<item><title>x<link>https://a.example/1" * 500)
    yield "end tags crossed", _item(b"<b><i>x</b></i>")
    yield "10,000 stray end tags", _rss(b"</x>" * 10_000)
    yield "10,000 open angle brackets", _rss(b"<" * 10_000)
    yield "10,000 bare ampersands", _item(b"<title>" + b"& " * 10_000 + b"</title>")
    yield "a CDATA section left open", _item(b"<title><![CDATA[" + b"x]" * 10_000)
    yield "a comment left open", _rss(b"<!-- " + b"-" * 10_000)
    yield (
        "attributes without quotes",
        _atom(b"<entry><link href=https://a.example/1 rel=alternate></entry>"),
    )
    yield "attributes left open", _atom(b"<entry><link href='https://a.example/1" + b" x" * 10_000)
    yield "a prefix that nobody declared", _item(b"<x:y>z</x:y>")
    yield "two roots", _rss(b"") + _rss(b"")
    yield "junk after it", _item(b"") + b"\x00\xff" * 10_000
    chance = random.Random(1)
    noise = bytes(chance.randrange(256) for _ in range(20_000))
    yield "noise", noise
    yield "noise in a feed", _item(b"<title>" + noise + b"</title>")


def _encodings() -> Iterator[tuple[str, bytes]]:
    text = _item("<title>Zürich \U0001f327</title>".encode())
    for name in ("utf-16", "utf-32", "no-such-code", "utf-7", "\x00", "base64", "zlib", "idna"):
        yield f"declared as {name!r}", text.replace(b"utf-8", name.encode())
    yield "in UTF-16, cut", text.decode().encode("utf-16")[:-1]
    yield "in UTF-32 without a mark", text.decode().encode("utf-32-be")
    yield "NULs between its bytes", b"\x00".join(text[i : i + 1] for i in range(len(text)))
    yield "lone surrogates", _item(b"<title>\xed\xa0\x80&#xD800;</title>")
    yield "overlong UTF-8", _item(b"<title>\xc0\xbc\xe0\x80\xbc</title>")
    yield (
        "characters that XML forbids",
        _item(b"<title>" + bytes(range(32)) + b"&#0;&#1;&#x1F;</title>"),
    )
    yield "numbers of no character", _item(b"<title>&#99999999999;&#x110000;&#-1;&#;</title>")


def _fields() -> Iterator[tuple[str, bytes]]:
    for date in (
        b"9999999999",
        b"Mon, 99 Foo 99999 99:99:99 +9999",
        b"0000-00-00T00:00:00Z",
        b"-1",
        b"\xf0\x9f\x95\x90",
    ):
        yield f"dated {date!r}", _item(b"<pubDate>" + date + b"</pubDate>")
    for link in (
        b"https://[::1",
        b"https://a.example:99999/",
        b"http://\xe2\x80\xae/",
        b"//",
        b"http://a.example/%00",
        b"data:text/html,x",
        b"http://" + b"a." * 5000,
    ):
        yield f"linked to {link[:40]!r}", _rss(b"<item><link>" + link + b"</link></item>")
    yield "a base that is none", _atom(b"<entry xml:base='http://['><link href='x'/></entry>")
    yield "right-to-left marks in a title", _item("<title>\u202e\u2066 abc</title>".encode())


def _jsons() -> Iterator[tuple[str, bytes]]:
    version = "https://jsonfeed.org/version/1.1"
    yield "JSON 100,000 levels deep", b'{"items":' * 100_000
    values: tuple[object, ...] = (
        None,
        1,
        "x",
        {},
        [None],
        [[]],
        [{"url": {}}],
        [{"url": "\ud800"}],
    )
    for value in values:
        feed = {"version": version, "items": value}
        yield f"JSON with items {value!r}", json.dumps(feed).encode()
    start = b'{"version":"%s","items":' % version.encode()
    yield "JSON with a huge number", start + b'[{"id":%s}]}' % (b"9" * 10_000)
    yield "JSON with keys twice", start + b'[1],"items":[]}'


def _shapes() -> Iterator[tuple[str, bytes]]:
    yield "a page", b"<!doctype html><html><body>" + b"<p>x" * 10_000
    yield "a page with a feed in it", b"<html><body>" + _item(b"") + b"</body></html>"
    yield "comments before a page", b"<!-- x -->" * 20_000 + b"<html>"
    yield "comments before a page, left open", b"<!-- x " * 20_000 + b"<html>"
    index = b"<sitemap><loc>https://a.example/x</loc></sitemap>"
    yield "an index of 50,000 sitemaps", b"<sitemapindex>" + index * 50_000 + b"</sitemapindex>"
    yield "an index of indexes", b"<sitemapindex>" * 200 + b"</sitemapindex>" * 200
    yield "100,000 further pages", _atom(b"<link rel='next' href='/x'/>" * 100_000)
    yield "a gzip file cut short", gzip.compress(_item(b""))[:-20]
    yield "a gzip file in a gzip file", gzip.compress(gzip.compress(_item(b"")))
