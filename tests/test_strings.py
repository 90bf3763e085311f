"""Strings that break programs, through every field that a feed or a page may fill, into the tables."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from html import escape

import pytest
from sqlalchemy import Engine, text

from ingester import feeds, pipeline, store
from ingester.models import Failed, Imported, Page, Reason, Response
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


def unclean_texts(engine: Engine) -> int:
    query = r"SELECT count(*) FROM revision WHERE text ~ '[\x01-\x08\x0e-\x1f]'"
    with engine.connect() as connection:
        return int(connection.execute(text(query)).scalar_one())


@pytest.mark.parametrize("name", NAUGHTY)
def test_a_page_with_odd_strings_is_stored_or_says_why(
    name: str, archive: store.Archive, engine: Engine
) -> None:
    odd = NAUGHTY[name]
    decide = partial(pipeline._decide, archive.settings)
    page = page_with(odd, 1)
    result = pipeline.preparation(archive)(page)
    if isinstance(result, Failed):
        assert store.fail(archive, Imported(odd or "x", odd, None, odd), page, result) == "skipped"
        return
    everywhere = replace(
        result,
        article=replace(result.article, title=odd, authors=(odd, odd), section=odd, image=odd,
                        outlet=odd, canonical_url=odd, description=odd),
    )  # fmt: skip
    assert store.place(archive, Imported(odd, odd, None, odd), page, everywhere, decide) == "stored"
    text_page = replace(page, url=None, body=report(2)[1].encode(), media_type="text/plain")
    plain = pipeline.preparation(archive)(text_page)
    assert not isinstance(plain, Failed)
    entry = Imported(f"import:odd/{odd}", odd, None, odd)
    assert store.place(archive, entry, text_page, plain, decide) == "stored"
    assert unclean_texts(engine) == 0
    assert [fate.status for fate in store.fates(archive)] == ["stored"]


@pytest.mark.parametrize("name", NAUGHTY)
def test_a_feed_with_odd_strings_gives_its_other_items(name: str, archive: store.Archive) -> None:
    for number, body in enumerate(feed_with(NAUGHTY[name])):
        url = f"https://odd.example/feed-{number}"
        response = Response(url, 200, {"etag": NAUGHTY[name][:2000]}, body, NOW)
        parsed = feeds.parse(response, max_items=100)
        store.add_feed(archive, url, NAUGHTY[name], NAUGHTY[name])
        feed = store.claim_feed(archive)
        assert feed is not None
        if isinstance(parsed, Failed):
            store.record_failed_poll(archive, feed, parsed)
        else:
            store.record_poll(archive, feed, response, parsed)
    assert all(row.outcome for row in store.feeds(archive)), "every poll is on record"


@pytest.mark.parametrize("name", NAUGHTY)
def test_a_link_with_odd_strings_is_recorded_as_a_url_or_left(
    name: str, archive: store.Archive
) -> None:
    odd = NAUGHTY[name]
    assert store.find(archive, odd) is None
    failed = Failed("fetch", Reason.NOT_FOUND, odd, retry=False)
    assert store.fail(archive, Imported(f"https://x.example/{odd}", None, None, None), None, failed)
