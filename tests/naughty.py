"""Strings that break programs, in every field that a feed or a page may fill."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape

from ingester.models import Page
from tests.newsroom import report

NOW = datetime(2026, 11, 23, tzinfo=UTC)
NAUGHTY = {
    "nul": "be\0fore",
    "lone surrogate": "a\ud800b\udfffc",
    "escaped surrogate": "&#xD800; &#55357; \\ud83d",
    "right to left": "\u202etxt.exe\u202c \u2066\u2069 \u200f",
    "combining": "z" + "\u0301\u0489" * 3000,
    "zero width": "\u200b\u200d\ufeff\u2060" * 50,
    "infinity": "infinity",
    "minus infinity": "-Infinity NaN 1e999",
    "sql": "'; DROP TABLE article; -- \\'",
    "placeholder": "%s %(url)s :url $1 {0} {url} ${HOME}",
    "copy escape": "\\N \\. \\\\",
    "markup": "</script><script>alert(1)</script><![CDATA[ ]]> &amp;lt; <!--",
    "entities": "&#0; &#x110000; &#xFFFFFFFFFF; &nosuch; &",
    "controls": "".join(map(chr, range(1, 32))) + "\x7f\x80\x85\x9f",
    "noncharacters": "\ufffe\uffff\ufdd0\U0001ffff\U0010ffff",
    "private use": "\ue000\U000f0000",
    "line ends": "one\r\ntwo\rthree\u2028four\u2029five\x0bsix\x0cseven",
    "emoji": "👩‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "cases": "İIıiſßẞŉǰΐﬀﷺ",
    "three kilobytes": "a" * 3000,
    "a megabyte": "word " * 200_000,
    "percent": "%00 %ff %zz %25%00",
    "path": "../../../etc/passwd\\..\\..",
    "spaces": "\u00a0\u2003\u3000\u1680",
    "empty": "",
    "bytes": b"\xff\xfe\xc0\x80\xed\xa0\x80".decode("latin-1"),
    "json": '{"a":[{"b":"\\u0000"}]}',
    "date": "0000-00-00T99:99:99+99:99",
    "far date": "9999999-12-31T23:59:60Z",
    "number": "1" * 400,
    "formula": "=cmd|' /C calc'!A0",
    "ansi": "\x1b[31m\x1b]0;title\x07",
    "zalgo words": "H̷̢͚̙e̸͎ll̵͓o " * 100,
}  # fmt: skip


def page_with(odd: str, number: int) -> Page:
    """A page that has the string wherever a page names something."""
    title, body = report(number)
    known = {"@type": "NewsArticle", "headline": odd, "datePublished": odd, "author": {"name": odd},
             "publisher": {"name": odd}, "image": odd, "articleSection": odd, "url": odd}  # fmt: skip
    quoted = escape(odd)
    metas = ("og:title", "author", "article:published_time", "og:url", "description", "keywords",
             "og:image", "og:site_name", "article:section", "article:modified_time")  # fmt: skip
    head = "".join(f'<meta property="{name}" content="{quoted}">' for name in metas)
    html = (
        f'<html lang="{quoted}"><head><title>{title} {odd}</title>{head}<link rel=canonical href="{quoted}">'
        f'<script type="application/ld+json">{json.dumps(known)}</script></head>'
        f'<body><article class="a {quoted}">'
        f"<h1>{title} {quoted}</h1><p class=byline>By {odd}</p><p>{odd}</p><p>{quoted}</p>"
        + "".join(f"<p>{line} {odd[:500]}</p>" for line in body.split("\n\n"))
        + "</article></body></html>"
    )
    body_bytes = html.encode("utf-8", "surrogatepass")
    return Page(f"https://odd.example/{number}", body_bytes, "text/html", odd, NOW, odd, None, odd)


def feed_with(odd: str) -> Iterator[bytes]:
    """Feeds of three kinds that have the string in each field."""
    for shown in (odd, escape(odd)):
        yield (
            f'<rss version="2.0"><channel><title>{shown}</title><link>{shown}</link>'
            f"<item><title>{shown}</title>"
            f"<link>https://odd.example/{shown}</link><guid>{shown}</guid><pubDate>{shown}</pubDate></item>"
            f"<item><title>Plain</title><link>https://odd.example/plain</link></item></channel></rss>"
        ).encode("utf-8", "surrogatepass")
        yield (
            f'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="{shown}"><title>{shown}</title><entry>'
            f'<id>{shown}</id><title>{shown}</title><link href="https://odd.example/a?{shown}"/>'
            f"<published>{shown}</published></entry></feed>"
        ).encode("utf-8", "surrogatepass")
    item = {"id": odd, "url": f"https://odd.example/{odd}", "title": odd, "date_published": odd}
    told = {"version": "https://jsonfeed.org/version/1.1", "title": odd, "items": [item]}
    yield json.dumps(told).encode()
