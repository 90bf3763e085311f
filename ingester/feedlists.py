"""Lists of feeds, as people keep them: OPML, CSV, or one URL a line."""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lxml import etree

from ingester import urls
from ingester.errors import ConfigurationError

_EXPECTED = "expected OPML, CSV with a header that names `url`, or one URL a line"
_UTF16 = {b"\xff\xfe", b"\xfe\xff"}
_LINE_END = re.compile(r"\r\n?|\n")
_DELIMITERS = ",;\t"
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class FeedLine:
    """A feed as listed; `outlet` is the name of who publishes it, where the list says so."""

    url: str
    title: str | None = None
    outlet: str | None = None


@dataclass(frozen=True, slots=True)
class FeedList:
    """The feeds in the list's order, and one sentence for each line that is none."""

    feeds: tuple[FeedLine, ...]
    faults: tuple[str, ...]


def read(data: bytes, name: str) -> FeedList:
    """The feeds of a list; `name` is what its faults are told under, `name:line: ...`.

    Raises ConfigurationError where the whole is no list of feeds; a retry helps once it is mended.
    """
    lines = _opml(data, name) if _is_markup(data) else _text(data, name)
    feeds: list[FeedLine] = []
    faults: list[str] = []
    for number, line in lines:
        checked = _checked(line)
        if isinstance(checked, str):
            faults.append(f"{name}:{number}: {checked}")
        else:
            feeds.append(checked)
    if not feeds and not faults:
        raise ConfigurationError(f"{name}: no feed in it; {_EXPECTED}")
    return FeedList(tuple(feeds), tuple(faults))


def write_opml(feeds: Iterable[FeedLine]) -> bytes:
    """The feeds as OPML 2.0, in UTF-8; `read` gives the same feeds back."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = "Feeds"
    body = etree.SubElement(root, "body")
    for feed in feeds:
        etree.SubElement(body, "outline", dict(_attributes(feed)))
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)


def _is_markup(data: bytes) -> bool:
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<" or data[:2] in _UTF16


def _checked(line: FeedLine) -> FeedLine | str:
    """The line with its URL in its one spelling, or what is wrong with it."""
    url = None if len(line.url.split()) > 1 else urls.absolute(line.url)
    if url is None:
        return f"not a URL that can be fetched: {line.url[:200]!r}; expected http(s)://..."
    return FeedLine(url, _clean(line.title), _clean(line.outlet))


def _clean(text: str | None) -> str | None:
    return " ".join(_NOT_XML.sub("", text or "").split()) or None


def _opml(data: bytes, name: str) -> Iterator[tuple[int, FeedLine]]:
    """Each outline with a feed's URL, however deeply nested, with its line."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data.lstrip(), parser)
    except etree.XMLSyntaxError as error:
        raise ConfigurationError(
            f"{name}:{error.lineno}: not well-formed XML: {error.msg}; {_EXPECTED}"
        ) from None
    kind = etree.QName(root).localname
    if kind.lower() != "opml":
        raise ConfigurationError(f"{name}: its root is <{kind}>, not <opml>; {_EXPECTED}")
    for outline in root.iter("outline"):
        said = {str(key).lower(): str(value) for key, value in outline.attrib.items()}
        if "xmlurl" in said:
            text = said.get("text") if said.get("text") != said["xmlurl"] else None
            title = said.get("title") or text
            yield outline.sourceline or 0, FeedLine(said["xmlurl"], title, said.get("outlet"))


def _attributes(feed: FeedLine) -> Iterator[tuple[str, str]]:
    """An outline's attributes; `text` is what OPML asks for, `outlet` our own."""
    yield "type", "rss"
    yield "text", _clean(feed.title) or feed.url
    if title := _clean(feed.title):
        yield "title", title
    if outlet := _clean(feed.outlet):
        yield "outlet", outlet
    yield "xmlUrl", feed.url


def _text(data: bytes, name: str) -> Iterator[tuple[int, FeedLine]]:
    """Each line of a CSV or of a plain list, with its number."""
    try:
        lines = (
            data.decode("utf-8-sig").replace("\r", "\n" if b"\n" not in data else "").split("\n")
        )
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(f"{name}:{number}: not UTF-8; {_EXPECTED}") from None
    header = lines[0].lower()
    for delimiter in _DELIMITERS:
        if "url" in _cells(header, delimiter):
            return _csv(lines, _cells(header, delimiter), delimiter)
    return _plain(lines)


def _cells(header: str, delimiter: str) -> list[str]:
    return [cell.strip(' "') for cell in header.split(delimiter)]


def _csv(lines: list[str], header: list[str], delimiter: str) -> Iterator[tuple[int, FeedLine]]:
    """Each line is a row of its own, so that a stray quotation mark swallows no other."""
    for number, line in enumerate(lines[1:], 2):
        if line.strip():
            row = dict(zip(header, _row(line, delimiter), strict=False))
            yield number, FeedLine(row.get("url", ""), row.get("title"), row.get("outlet"))


def _row(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter))
    except csv.Error:
        return [line]


def _plain(lines: list[str]) -> Iterator[tuple[int, FeedLine]]:
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, FeedLine(line.strip())
