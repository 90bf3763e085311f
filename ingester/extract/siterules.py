"""Rules for one site, in the format of ftr-site-config: where its text, title, authors and day stand.

Users point to a folder of them (`extract.site_rules`); docs/extraction.md says which directives count.
Source: Full-Text RSS, "Site patterns" (help.fivefilters.org), and the files that people share.
"""

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import lxml.html
from lxml import etree

from ingester.boilerplate import lines
from ingester.extract import blocks, document

_HOSTS = 4096
_XPATHS = ("title", "author", "date", "body", "strip")
_IGNORED = frozenset((
    "autodetect_next_page", "autodetect_on_failure", "convert_double_br_tags", "dissolve", "footnotes",
    "http_header", "if_page_contains", "insert_detected_image", "login_extra_fields",
    "login_password_field", "login_uri", "login_username_field", "move_into", "native_ad_clue",
    "next_page_link", "not_logged_in_xpath", "parser", "post_strip_attr", "prune", "requires_login",
    "single_page_link", "single_page_link_in_feed", "skip_id_or_class", "skip_json_ld",
    "src_lazy_load_attr", "strip_attr", "strip_comments", "strip_image_src", "test_contains", "test_url",
    "test_urls", "tidy", "wrap_in",
))  # fmt: skip
"""They fetch, log in, or shape HTML that is not kept: nothing of them reaches a text."""

_KNOWN = (*_XPATHS, "strip_id_or_class", "find_string", "replace_string", *sorted(_IGNORED))
_LINE = re.compile(r"(?P<name>[a-zA-Z_]+)\s*(?:\((?P<inner>.*?)\)\s*)?:\s*(?P<value>.*)")
_KEPT = frozenset(["html", "body"])


@dataclass(frozen=True, slots=True)
class Found:
    """What a site's rules found in a page; `lines` are those of its text."""

    title: str | None = None
    authors: tuple[str, ...] = ()
    date: str | None = None
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """What a site's file asks for. `faults`: its lines that can't be honoured, in words."""

    title: tuple[etree.XPath, ...] = ()
    author: tuple[etree.XPath, ...] = ()
    date: tuple[etree.XPath, ...] = ()
    body: tuple[etree.XPath, ...] = ()
    strip: tuple[etree.XPath, ...] = ()
    replaced: tuple[tuple[str, str], ...] = ()
    faults: tuple[str, ...] = ()

    def mended(self, html: str) -> str:
        """`html` with the file's strings replaced, in the order of the file."""
        for find, replacement in self.replaced:
            html = html.replace(find, replacement)
        return html

    def found(self, root: lxml.html.HtmlElement) -> Found:
        """What the rules find in the page; its tree then loses what they strip."""
        title, authors, date = (_first(each, root) for each in (self.title, self.author, self.date))
        for xpath in self.strip:
            for element in _elements(xpath, root):
                if element.getparent() is not None and element.tag not in _KEPT:
                    element.drop_tree()
        bodies = (_lines(_elements(xpath, root)) for xpath in self.body)
        return Found(
            title=next(iter(title), None),
            authors=authors,
            date=next(iter(date), None),
            lines=next(filter(None, bodies), ()),
        )


_NONE = Rules()


def of(url: str | None, folder: Path | None) -> Rules:
    """The rules for the page at `url`: of its host's file, else of the nearest domain's.

    For news.example.org: news.example.org.txt, else .news.example.org.txt, .example.org.txt, .org.txt;
    a leading "www." doesn't count. Rules that ask for nothing where there is none. Files are read once.
    """
    host = (urlsplit(url).hostname or "") if folder and url else ""
    return _of_host(host.removeprefix("www."), folder) if folder and host else _NONE


def faults(folder: Path) -> tuple[str, ...]:
    """The lines of a folder's files that can't be honoured, each with its file, number and mend."""
    files = (path for name, path in sorted(_files(folder).items()) if "." in name)
    return tuple(fault for path in files for fault in read(path).faults)


def read(path: Path) -> Rules:
    """The rules of one file. A line that can't be honoured is a fault, and the others hold."""
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        return Rules(faults=(f"{path}: {error.strerror}; make it readable",))
    said: dict[str, list[Any]] = defaultdict(list)
    for number, line in _written(text):
        try:
            for name, value in _directives(line):
                said[name].append(value)
        except ValueError as fault:
            said["faults"].append(f"{path}:{number}: {fault}")
    if len(said["find"]) != len(said["replacement"]):
        said["faults"].append(f"{path}: give each find_string a replace_string; none is replaced")
        said["find"].clear()
    pairs = tuple(zip(said["find"], said["replacement"], strict=False))
    return Rules(**{name: tuple(said[name]) for name in (*_XPATHS, "faults")}, replaced=pairs)


@lru_cache(_HOSTS)
def _of_host(host: str, folder: Path) -> Rules:
    files, labels = _files(folder), host.split(".")
    domains = ("." + ".".join(labels[i:]) for i in range(len(labels)))
    found = next((files[name] for name in (host, *domains) if name in files), None)
    return read(found) if found else _NONE


@cache
def _files(folder: Path) -> Mapping[str, Path]:
    return {path.stem.lower(): path for path in folder.glob("*.txt")}


def _written(text: str) -> Iterator[tuple[int, str]]:
    """The lines that say something, with their numbers."""
    numbered = ((number, line.strip()) for number, line in enumerate(text.split("\n"), start=1))
    return ((number, line) for number, line in numbered if line and line[0] != "#")


def _directives(line: str) -> Iterator[tuple[str, Any]]:
    """What a line asks for. Raises ValueError where it asks for nothing known."""
    found = _LINE.fullmatch(line)
    if found is None or "\ufffd" in line:
        raise ValueError(f'"{line}" is no "directive: value" in UTF-8')
    name, value = found["name"].lower(), found["value"]
    if name in _XPATHS:
        yield name, _xpath(value)
    elif name == "strip_id_or_class":
        yield "strip", _marked(value)
    elif name == "find_string":
        yield "find", _sought(value)
    elif name == "replace_string":
        if found["inner"] is not None:
            yield "find", _sought(found["inner"])
        yield "replacement", value
    elif name not in _IGNORED:
        near = difflib.get_close_matches(name, _KNOWN, n=1, cutoff=0)[0]
        raise ValueError(f"unknown directive {name}; did you mean {near}?")


def _xpath(path: str) -> etree.XPath:
    try:
        return etree.XPath(path, smart_strings=False)
    except etree.XPathSyntaxError as error:
        raise ValueError(f'"{path}" is no XPath 1.0 ({error}); mend it') from None


def _sought(value: str) -> str:
    if not value:
        raise ValueError("write what is to be found")
    return value


def _marked(part: str) -> etree.XPath:
    """Elements whose id or class holds `part`, quotes aside."""
    bare = part.replace("'", "").replace('"', "")
    if not bare:
        raise ValueError("strip_id_or_class would strip all; name a part of an id or class")
    return _xpath(f"//*[contains(@class, '{bare}') or contains(@id, '{bare}')]")


def _found(xpath: etree.XPath, root: lxml.html.HtmlElement) -> list[Any]:
    """What an XPath gives, elements or strings; nothing where it asks for what XPath 1.0 has not."""
    try:
        found = xpath(root)
    except etree.XPathError:
        return []
    return found if isinstance(found, list) else [found]


def _elements(xpath: etree.XPath, root: lxml.html.HtmlElement) -> list[lxml.html.HtmlElement]:
    return [each for each in _found(xpath, root) if isinstance(each, lxml.html.HtmlElement)]


def _first(xpaths: Iterable[etree.XPath], root: lxml.html.HtmlElement) -> tuple[str, ...]:
    """The texts of the first of the XPaths that gives any."""
    every = (tuple(filter(None, map(_said, _found(xpath, root)))) for xpath in xpaths)
    return next(filter(None, every), ())


def _said(each: object) -> str:
    if isinstance(each, lxml.html.HtmlElement):
        each = "".join(map(str, each.itertext()))
    return lines.tidy(document.clean(each)) if isinstance(each, str) else ""


def _lines(chosen: list[lxml.html.HtmlElement]) -> tuple[str, ...]:
    """The text of the outermost of the elements, a line a block, without menus."""
    bare = lxml.html.Element("html")
    body, within = etree.SubElement(bare, "body"), set(chosen)
    for element in chosen:
        if within.isdisjoint(element.iterancestors()):
            copy = deepcopy(element)
            copy.tail = None
            etree.SubElement(body, "div").append(copy)
    seen = blocks.of(bare)
    menus = {i for menu in seen.menus for i in menu}
    return tuple(block.text for i, block in enumerate(seen.blocks) if i not in menus)
