"""Lists of feeds are read in any form, and a wrong line never costs the others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingester import feedlists, urls
from ingester.errors import ConfigurationError
from ingester.feedlists import FeedLine
from ingester.settings import shipped

OPML = b"""<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0">
  <head><title>News</title></head>
  <body>
    <outline text="Europe">
      <outline text="North">
        <outline type="rss" text="Harbour &amp; Post" xmlUrl="HTTPS://harbour.example/feed?format=rss"/>
      </outline>
      <outline type="rss" text="t" title="Title" XMLURL="https://b.example/" outlet="B"/>
    </outline>
    <outline type="rss" text="wrong" xmlUrl="ftp://c.example/feed"/>
    <outline type="link" text="no feed" url="https://d.example/"/>
    <outline type="rss" xmlUrl="https://e.example/"/>
  </body>
</opml>
"""


def test_opml_gives_its_feeds_at_any_depth_and_names_the_wrong_line() -> None:
    found = feedlists.read(OPML, "my.opml")
    assert found.feeds == (
        FeedLine("https://harbour.example/feed?format=rss", "Harbour & Post"),
        FeedLine("https://b.example/", "Title", "B"),
        FeedLine("https://e.example/"),
    )
    (fault,) = found.faults
    assert fault.startswith("my.opml:11: ")
    assert "ftp://c.example/feed" in fault


@pytest.mark.parametrize("start", [b"\xef\xbb\xbf", b"\n  "])
def test_opml_may_start_with_a_mark_or_blanks(start: bytes) -> None:
    assert len(feedlists.read(start + OPML, "my.opml").feeds) == 3


def test_opml_in_utf_16() -> None:
    data = OPML.decode().replace("UTF-8", "UTF-16").encode("utf-16")
    assert len(feedlists.read(data, "my.opml").feeds) == 3


@pytest.mark.parametrize(
    ("text", "feeds"),
    [
        ("url\nhttps://a.example/", [FeedLine("https://a.example/")]),
        (
            'title;URL;Outlet\n"A; and B";https://a.example/;Aye\n;https://b.example/;',
            [FeedLine("https://a.example/", "A; and B", "Aye"), FeedLine("https://b.example/")],
        ),
        ("url\ttitle\nhttps://a.example/\tA, too", [FeedLine("https://a.example/", "A, too")]),
        (
            '"url","title"\r\nhttps://a.example/\r\n\r\nhttps://b.example/,B,extra\r\n',
            [FeedLine("https://a.example/"), FeedLine("https://b.example/", "B")],
        ),
        (
            "# mine\n\nhttps://a.example/#part\n  https://b.example/?utm_source=x \n",
            [FeedLine("https://a.example/"), FeedLine("https://b.example/?utm_source=x")],
        ),
        ("\ufeffhttps://a.example/", [FeedLine("https://a.example/")]),
    ],
)
def test_csv_and_plain_lists(text: str, feeds: list[FeedLine]) -> None:
    found = feedlists.read(text.encode(), "list")
    assert (list(found.feeds), found.faults) == (feeds, ())


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("https://a.example/\nnonsense\nhttps://b.example/", 2),
        ("# x\n\nhttps://a.example/\nhttps://b.example/\nhttps://c.example/ with a title", 5),
        ("url,title\nhttps://a.example/,A\nhttps://b.example/,B\njavascript:x,C", 4),
        ("url,title\n,A\nhttps://a.example/,A\nhttps://b.example/,B", 2),
        ("url,title\n" + "x" * 200_000 + "\nhttps://a.example/,A\nhttps://b.example/,B", 2),
        ('url,title\nhttps://a.example/,"A\nftp://x/,C\nhttps://b.example/,B', 3),
    ],
)
def test_a_wrong_line_is_named_and_the_others_stay(text: str, line: int) -> None:
    found = feedlists.read(text.encode(), "list.csv")
    assert len(found.feeds) == 2
    (fault,) = found.faults
    assert fault.startswith(f"list.csv:{line}: ")


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b"", "my.list: "),
        (b"\n# nothing\n", "my.list: "),
        (b"url,title\n", "my.list: "),
        (b"<opml><body>\n<outline>\n</body></opml>", "my.list:3: "),
        (b"<!doctype html>\n<html><head><meta></head></html>", "my.list:"),
        (b"<html xmlns='http://www.w3.org/1999/xhtml'/>", "html"),
        (b"<opml><body><outline text='x'/></body></opml>", "my.list: no feed"),
        (b"https://a.example/\nhttps://\xff.example/", "my.list:2: "),
    ],
)
def test_what_is_no_list_is_told_with_what_is_expected(data: bytes, where: str) -> None:
    with pytest.raises(ConfigurationError) as told:
        feedlists.read(data, "my.list")
    assert where in str(told.value)
    assert "expected OPML" in str(told.value)


def test_entities_are_never_resolved() -> None:
    data = b"""<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]>
    <opml><body><outline xmlUrl="https://a.example/" text="a"/>&x;</body></opml>"""
    assert feedlists.read(data, "x.opml").feeds == (FeedLine("https://a.example/", "a"),)


_LINES = st.builds(
    FeedLine,
    st.sampled_from(["https://a.example/?x=1&y=%3C", "http://b.example:8000/feed"]),
    st.none() | st.text(max_size=20),
    st.none() | st.text(max_size=20),
)


@given(st.lists(_LINES, min_size=1, max_size=5))
def test_a_written_list_reads_the_same(lines: list[FeedLine]) -> None:
    once = feedlists.read(feedlists.write_opml(lines), "written")
    assert once.faults == ()
    assert [feed.url for feed in once.feeds] == [line.url for line in lines]
    assert feedlists.read(feedlists.write_opml(once.feeds), "written") == once


@given(st.binary(max_size=100), st.sampled_from([b"", b"url\n", b"<opml>", b"\xff\xfe"]))
def test_whatever_comes_is_a_list_or_told(data: bytes, start: bytes) -> None:
    try:
        found = feedlists.read(start + data, "any")
    except ConfigurationError:
        return
    assert all(urls.absolute(feed.url) == feed.url for feed in found.feeds)


def test_the_shipped_list_is_right() -> None:
    found = feedlists.read(shipped("config/feeds.opml").read_bytes(), "feeds.opml")
    assert found.faults == ()
    assert len(found.feeds) >= 30
    assert len({feed.url for feed in found.feeds}) == len(found.feeds)
    assert all(feed.title and feed.outlet for feed in found.feeds)
