"""Archives as pages: every file and every row becomes one item, in a stable order."""

import gzip
import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingester import importing
from ingester.errors import ConfigurationError
from ingester.models import Failed, Page, Reason


def _bodies(*paths: Path) -> list[tuple[str, bytes | str]]:
    """Each item's URL with its body, or the detail of its failure."""
    return [
        (entry.url, page.body if isinstance(page, Page) else page.detail)
        for entry, page in importing.read(paths)
    ]


def test_a_folder_gives_its_files_in_the_order_of_their_names(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    (folder / "b").mkdir(parents=True)
    (folder / "c.html").write_bytes(b"<p>c")
    (folder / "b" / "2.txt").write_bytes(b"two")
    (folder / "b" / "1.HTM.gz").write_bytes(gzip.compress(b"<p>one"))
    (folder / "a.jsonl").write_text('{"text": "row", "url": "https://a.example/x?utm_source=y"}\n')
    (folder / "notes.md").write_text("no page")
    assert _bodies(folder) == [
        ("https://a.example/x", b"row"),
        ("import:pages/b/1.HTM.gz", b"<p>one"),
        ("import:pages/b/2.txt", b"two"),
        ("import:pages/c.html", b"<p>c"),
    ]


def test_kinds_are_told_by_name(tmp_path: Path) -> None:
    for name in ("a.html", "b.txt", "c.htm.gz"):
        (tmp_path / name).write_bytes(gzip.compress(b"x") if name.endswith(".gz") else b"x")
    kinds = [page.media_type for _, page in importing.read([tmp_path]) if isinstance(page, Page)]
    assert kinds == ["text/html", "text/plain", "text/html"]


def test_a_row_brings_what_its_archive_says_of_it() -> None:
    line = {"html": "<p>ä", "title": "T", "published": "2022-12-13", "outlet": "O"}
    entry, page = importing.row(json.dumps(line).encode(), "news.jsonl#7")
    assert isinstance(page, Page)
    assert entry.url == page.url == "import:news.jsonl#7"
    assert (page.body, page.media_type, page.charset) == ("<p>ä".encode(), "text/html", "utf-8")
    assert (page.title, page.outlet) == ("T", "O")
    assert page.published is not None
    assert page.published.isoformat() == "2022-12-13"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"\xff\xfe{", "not JSON"),
        (b"[1]", "not a JSON object"),
        (b"{}", 'neither "html" nor "text"'),
        (b'{"text": 3}', '"text" is no text'),
        (b'{"text": "x", "url": ["http://a.example"]}', '"url" is no text'),
    ],
)
def test_a_row_that_cannot_be_read_is_named(line: bytes, said: str) -> None:
    entry, page = importing.row(line, "news.jsonl#7")
    assert isinstance(page, Failed)
    assert page.reason is Reason.BAD_INPUT
    assert page.detail.startswith("news.jsonl#7: ")
    assert said in page.detail
    assert entry.url == "import:news.jsonl#7"


def test_blank_lines_are_no_rows_but_count_as_lines(tmp_path: Path) -> None:
    file = tmp_path / "news.jsonl"
    file.write_bytes(b'{"text": "a"}\n\n  \n{"text": "b"}')
    assert [url for url, _ in _bodies(file)] == ["import:news.jsonl#1", "import:news.jsonl#4"]


def test_a_file_that_breaks_off_gives_what_is_before_and_a_failure(tmp_path: Path) -> None:
    file = tmp_path / "news.jsonl.gz"
    whole = gzip.compress(b'{"text": "a"}\n' + bytes(range(256)) * 400, compresslevel=0)
    file.write_bytes(whole[:50_000])
    *read, (url, said) = _bodies(file)
    assert read[0] == ("import:news.jsonl.gz#1", b"a")
    assert url.startswith("import:news.jsonl.gz#")
    assert str(file) in str(said)


@pytest.mark.parametrize("name", ["page.html.gz", "rows.jsonl.gz"])
def test_a_file_that_is_no_gzip_is_named(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(b"plain")
    assert "gzip" in str(_bodies(file)[0][1])


def test_a_path_that_is_not_there_or_of_no_known_kind_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no such file or folder"):
        _bodies(tmp_path / "none")
    (tmp_path / "a.pdf").touch()
    with pytest.raises(ConfigurationError, match="not a kind that is read"):
        _bodies(tmp_path / "a.pdf")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("2022-12-13", "2022-12-13"),
        ("2022-12-13T01:10", "2022-12-13T01:10"),
        ("2022-12-13 01:10", "2022-12-13T01:10"),
        ("2022-12-13T01:10:05", "2022-12-13T01:10:05"),
        ("2022-12-13T01:10Z", "2022-12-13T01:10Z"),
        ("2022-12-13T01:10+02:00", "2022-12-12T23:10Z"),
        ("2022-12-13T01:10-05:00", "2022-12-13T06:10Z"),
        ("2022-12-13T01:10:05.25-05:00", "2022-12-13T06:10:05Z"),
        ("20221213T011005Z", "2022-12-13T01:10:05Z"),
    ],
)
def test_a_time_is_as_precise_as_its_claim(value: str, said: str) -> None:
    moment = importing.claimed(value)
    assert moment is not None
    assert moment.isoformat() == said
    assert moment.raw == value


@pytest.mark.parametrize("value", [None, "", "yesterday", "2022-13-01", "0001-01-10T00:00:00Z"])
def test_what_is_no_time_is_not_known(value: str | None) -> None:
    assert importing.claimed(value) is None


@given(
    st.datetimes(datetime(1606, 1, 1), datetime(9998, 1, 1)),  # noqa: DTZ001 - zoned below
    st.integers(-23 * 60, 23 * 60),
)
def test_a_zoned_time_keeps_its_instant(at: datetime, minutes: int) -> None:
    zoned = at.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    moment = importing.claimed(zoned.isoformat())
    assert moment is not None
    assert (moment.at, moment.zoned, moment.precision) == (zoned, True, "second")
