"""One page, one spelling; what can't be fetched has none."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingester import urls


@pytest.mark.parametrize(
    ("given_url", "expected"),
    [
        ("HTTP://Example.COM:80/a#top", "http://example.com/a"),
        ("https://example.com:443", "https://example.com/"),
        ("https://example.com:8443/", "https://example.com:8443/"),
        ("  https://example.com/a\n/b ", "https://example.com/a/b"),
        ("https://example.com./a", "https://example.com/a"),
        ("https://bücher.example/ä b", "https://xn--bcher-kva.example/%C3%A4%20b"),
        ("https://faß.de/", "https://xn--fa-hia.de/"),
        ("https://example.com/%7euser/%c3%a4/%2F", "https://example.com/~user/%C3%A4/%2F"),
        ("https://example.com/100%/a%zz", "https://example.com/100%25/a%25zz"),
        ("https://example.com/a/./b/../c", "https://example.com/a/c"),
        ("https://example.com/../../a/%2e%2e/b", "https://example.com/b"),
        ("https://example.com/a/..", "https://example.com/"),
        ("https://example.com/a//b", "https://example.com/a//b"),
        ("https://example.com?id=1", "https://example.com/?id=1"),
        ("https://example.com/a?", "https://example.com/a"),
        ("https://[2001:DB8:0::1]:8080/", "https://[2001:db8::1]:8080/"),
        ("https://a_b.example/", "https://a_b.example/"),
    ],
)
def test_one_spelling(given_url: str, expected: str) -> None:
    assert urls.canonical(given_url) == expected


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("utm_source=rss&utm_medium=feed", ""),
        ("id=7&utm_source=rss", "?id=7"),
        ("fbclid=x&p=12&gclid=y", "?p=12"),
        ("UTM_Source=rss&Id=7", "?Id=7"),
        ("at_medium=RSS&at_campaign=KARANGA", ""),
        ("gallery=5&cid=9&uid=3&source=wire", "?gallery=5&cid=9&uid=3&source=wire"),
        ("b=2&a=1&copy=3", "?b=2&a=1&copy=3"),
        ("a=&b", "?a=&b"),
    ],
)
def test_tracking_goes_and_ids_stay(query: str, kept: str) -> None:
    assert urls.canonical(f"https://example.com/a?{query}") == f"https://example.com/a{kept}"


def test_absolute_keeps_the_whole_query() -> None:
    assert urls.absolute("HTTPS://a.example/?utm_source=x") == "https://a.example/?utm_source=x"


@pytest.mark.parametrize(
    "given_url",
    [
        "",
        "/only/a/path",
        "javascript:alert(1)",
        "mailto:a@example.com",
        "ftp://example.com/",
        "file:///etc/passwd",
        "data:text/html,hi",
        "http://",
        "http:///path",
        "http://user@example.com/",
        "http://user:secret@example.com/",
        "http://@example.com/",
        "http://exa mple.com/",
        "http://exa%6dple.com/",
        "http://example.com\\@evil.example/",
        "http://example.com:99999/",
        "http://example.com:port/",
        "http://[::1/",
        "http://[fe80::1%25eth0]/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://0x7f.1/",
        "http://127.1/",
        "http://1.2.3.4.5/",
        "http://example.com/a\x00b",
        "http://example.com/\udc80",
        "http://" + "a" * 64 + ".com/",
        "http://example.com/" + "a" * 2000,
    ],
)
def test_what_can_not_be_fetched_has_no_url(given_url: str) -> None:
    assert urls.canonical(given_url) is None


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("story.html", "https://example.com/news/story.html"),
        ("/story", "https://example.com/story"),
        ("//cdn.example.org/a", "https://cdn.example.org/a"),
        ("?p=3", "https://example.com/news/?p=3"),
        ("http://other.example/a", "http://other.example/a"),
        ("../../../a", "https://example.com/a"),
    ],
)
def test_relative_links_are_resolved(link: str, expected: str) -> None:
    assert urls.canonical(link, "https://example.com/news/") == expected


def test_hosts() -> None:
    assert urls.host("https://www.example.com:8443/a") == "www.example.com:8443"
    assert urls.outlet_host("https://www.example.com/a") == "example.com"
    assert urls.outlet_host("http://127.0.0.1:8000/a") == "127.0.0.1:8000"


_PIECES = st.text(alphabet=st.sampled_from("aZ09%2fe./?&=#:@[]\\ é\x00+~;,'\"<ß。"), max_size=40)


@given(_PIECES | st.text(max_size=60))
def test_canonical_is_idempotent_and_always_fetchable(piece: str) -> None:
    for given_url in (f"http://{piece}", f"https://example.com/{piece}", piece):
        once = urls.canonical(given_url)
        if once is not None:
            assert urls.canonical(once) == once
            assert once.isascii()
            assert urlsplit(once).scheme in {"http", "https"}
            assert urlsplit(once).username is None
