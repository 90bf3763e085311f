"""The extractors that the benchmark compares: the product, and its peers as their guides use them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from typing import Any

import boilerpy3.extractors
import lxml.html
import trafilatura
from trafilatura.settings import Document

from ingester import boilerplate, extract, settings
from ingester.extract import blocks
from ingester.models import Article, Failed, Page

NOW = datetime(2026, 11, 23, tzinfo=UTC)
ALL = ("title", "day", "authors")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """What one extractor gives for a page."""

    text: str
    title: str | None = None
    authors: tuple[str, ...] = ()
    day: str | None = None


@dataclass(frozen=True, slots=True)
class Extractor:
    """One contestant: its name with its version, how it reads a page, which metadata it gives."""

    name: str
    read: Callable[[Row], Found]
    gives: tuple[str, ...] = ()


def known() -> tuple[list[Extractor], list[str]]:
    """The extractors that are installed, the product first, and the names of those that are not."""
    found, missing = [Extractor("ours", ours, ALL)], []
    for package, made in _MADE.items():
        try:
            found += made()
        except ImportError as error:
            missing.append(f"{package} ({error})")
    return found, missing


def ours(row: Row) -> Found:
    page = Page(row["url"], row["html"].encode(), "text/html", "utf-8", NOW)
    draft = extract.read(page, settings.Extract())
    article = boilerplate.strip(draft) if not isinstance(draft, Failed) else draft
    if not isinstance(article, Article):
        return Found("")
    day = article.published.isoformat()[:10] if article.published else None
    return Found(article.text, article.title, article.authors, day)


def _trafilatura() -> list[Extractor]:
    name = f"trafilatura {version('trafilatura')}"
    return [
        Extractor(f"{name} default", _trafilatura_with(), ALL),
        Extractor(f"{name} fast", _trafilatura_with(fast=True), ALL),
        Extractor(f"{name} precision", _trafilatura_with(favor_precision=True), ALL),
    ]


def _trafilatura_with(**options: Any) -> Callable[[Row], Found]:
    def read(row: Row) -> Found:
        found = trafilatura.bare_extraction(
            row["html"], url=row["url"], include_comments=False, with_metadata=True, **options
        )
        if not isinstance(found, Document):
            return Found("")
        authors = tuple(filter(None, (found.author or "").split("; ")))
        return Found(found.text or "", found.title, authors, found.date)

    return read


def _newspaper() -> list[Extractor]:
    newspaper = import_module("newspaper")

    def read(row: Row) -> Found:
        article = newspaper.Article(row["url"] or "http://localhost/", fetch_images=False)
        article.download(input_html=row["html"])
        article.parse()
        day = article.publish_date.date().isoformat() if article.publish_date else None
        return Found(article.text, article.title, tuple(map(str, article.authors)), day)

    return [Extractor(f"newspaper4k {version('newspaper4k')}", read, ALL)]


def _readability() -> list[Extractor]:
    document = import_module("readability").Document

    def read(row: Row) -> Found:
        page = document(row["html"])
        main = lxml.html.document_fromstring(page.summary())
        return Found("\n".join(block.text for block in blocks.of(main).blocks), page.short_title())

    return [Extractor(f"readability-lxml {version('readability-lxml')}", read, ("title",))]


def _resiliparse() -> list[Extractor]:
    parsed = import_module("resiliparse.parse.html").HTMLTree
    text = import_module("resiliparse.extract.html2text").extract_plain_text

    def read(row: Row) -> Found:
        tree = parsed.parse(row["html"])
        return Found(text(tree, main_content=True, alt_texts=False), tree.title)

    return [Extractor(f"resiliparse {version('resiliparse')}", read, ("title",))]


def _goose() -> list[Extractor]:
    goose = import_module("goose3").Goose({"enable_image_fetching": False, "strict": False})

    def read(row: Row) -> Found:
        page = goose.extract(raw_html=row["html"])
        day = str(page.publish_date)[:10] if page.publish_date else None
        return Found(page.cleaned_text, page.title, tuple(map(str, page.authors)), day)

    return [Extractor(f"goose3 {version('goose3')}", read, ALL)]


def _boilerpy() -> list[Extractor]:
    article = boilerpy3.extractors.ArticleExtractor(raise_on_failure=False)

    def read(row: Row) -> Found:
        page = article.get_doc(row["html"])
        return Found(page.content, page.title)

    return [Extractor(f"boilerpy3 {version('boilerpy3')}", read, ("title",))]


_MADE: dict[str, Callable[[], list[Extractor]]] = {
    "trafilatura": _trafilatura,
    "newspaper4k": _newspaper,
    "readability-lxml": _readability,
    "resiliparse": _resiliparse,
    "goose3": _goose,
    "boilerpy3": _boilerpy,
}
