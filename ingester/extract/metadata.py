"""What a page says of itself, read once from the shared tree: JSON-LD, meta tags, headings."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urljoin, urlsplit

import lxml.html
from htmldate import find_date

from ingester.boilerplate import lines
from ingester.boilerplate.phrases import Phrases
from ingester.extract import dates, document, people
from ingester.extract.blocks import Block
from ingester.models import Moment, Page

_ARTICLE = re.compile(r"(?:Article|Posting|Report|Review|Recipe|Story)$")
_LOOSE = re.compile(r",\s*+([}\]])")
_ENVELOPE = re.compile(r"^\s*(?:<!--|<!\[CDATA\[|//<!\[CDATA\[)|(?:-->|(?://)?\]\]>)\s*;?\s*$")
_NODES = 500
_SEPARATOR = re.compile(r"\s+[|–—•·»:\-]+\s+|\s*[|｜_]\s*")
_LANGUAGE = re.compile(r"([a-zA-Z]{2,3})(?:[-_]|$)")
_HEADLINE_WORDS = 3
_WRITTEN = re.compile(
    r"written by|author|geschrieben|verfasst|écrit|escrito|scritto|автор|كتب|作者", re.IGNORECASE
)
_YEAR = re.compile(r"\d{4}")
_DAY = re.compile(r"\d{8}")
_LONG_TITLE = 300
_SHORT = 120

_TITLES = ("og:title", "twitter:title", "dc.title", "parsely-title", "sailthru.title")
_PUBLISHED = (
    "article:published_time", "og:article:published_time", "datepublished", "article.published",
    "publishdate", "publish-date", "publish_date", "pubdate", "published_time", "publication_date",
    "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.created", "dc.date.created",
    "dcterms.issued", "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "originalpublicationdate",
    "article_date_original", "rnews:datepublished", "og:published_time", "dc.date", "date", "date_published",
    "bt:pubdate", "displaydate", "ptime", "creationdatetime", "created", "datecreated",
    "weibo:article:create_at",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time", "og:article:modified_time", "datemodified", "og:updated_time",
    "article:updated_time", "last-modified", "lastmod", "dcterms.modified", "dc.date.modified",
    "article.updated", "cxenseparse:modifiedtime", "updated_time", "modified_time",
)  # fmt: skip
_AUTHORS = (
    "author", "article:author", "byl", "dc.creator", "dcterms.creator", "parsely-author",
    "sailthru.author", "cxenseparse:author", "article.author", "og:article:author", "creator",
    "article:author_name", "authors", "dcsext.author", "vr:author",
)  # fmt: skip
_DESCRIPTIONS = ("og:description", "description", "twitter:description", "dc.description")
_OUTLETS = ("og:site_name", "application-name", "al:android:app_name", "dc.publisher", "publisher")
_SECTIONS = (
    "article:section",
    "og:article:section",
    "section",
    "parsely-section",
    "cxenseparse:category",
)
_IMAGES = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src")
_SYNDICATED = (
    "syndication-source",
    "original-source",
    "dc.source",
    "news_source",
    "article:source",
)


@dataclass(frozen=True)
class Claims:
    """A page's own word on itself, as found; what it means is decided by the functions below."""

    root: lxml.html.HtmlElement
    url: str | None
    blocks: tuple[Block, ...] = ()

    @cached_property
    def meta(self) -> Mapping[str, list[str]]:
        """The contents of meta tags by their name, property or itemprop in lower case."""
        found: dict[str, list[str]] = {}
        for element in self.root.iter("meta"):
            name = element.get("property") or element.get("name") or element.get("itemprop") or ""
            content = lines.tidy(document.clean(element.get("content") or ""))
            if name and content:
                found.setdefault(name.strip().lower(), []).append(content)
        return found

    @cached_property
    def data(self) -> Mapping[str, Any]:
        """The JSON-LD node of the article; empty where there is none."""
        nodes = [node for node in _nodes(self.root) if _is_article(node)]
        headings = {lines.key(h) for h in self.headings}
        fit = (n for n in nodes if lines.key(_text(n.get("headline")) or "") in headings)
        return next(fit, nodes[0] if nodes else {})

    @cached_property
    def headings(self) -> list[str]:
        """The texts of h1, in document order."""
        return [text for h in self.root.iter("h1") if (text := _content(h))]

    def first(self, names: Iterable[str]) -> str | None:
        """The first content of the first of the meta tags `names` that is there."""
        return next((self.meta[name][0] for name in names if name in self.meta), None)


def title(claims: Claims, site: str | None, above: Sequence[str] = ()) -> str | None:
    """The headline: an h1, or a line `above` the text, that a tag backs; else the tag's own word.

    The site's name is cut from it.
    """
    head = claims.root.find(".//title")
    tags = [_text(claims.data.get("headline")), *(claims.first([name]) for name in _TITLES)]
    tags.append(_content(head) if head is not None else None)
    said = [without_site(lines.tidy(tag), site) for tag in tags if tag and len(tag) < _LONG_TITLE]
    for heading in (*claims.headings, *above):
        if any(_backs(tag, heading) for tag in said):
            return heading
    if said:
        return said[0]
    return claims.headings[0] if len(claims.headings) == 1 else None


def without_site(text: str, site: str | None) -> str:
    """`text` without the outlet's name at its end or start, and the rubric that came with it."""
    parts = [(m.start(), m.end()) for m in _SEPARATOR.finditer(text)]
    name = lines.key(site or "").replace(" ", "")
    for start, end in parts:
        if name and _is_site(text[end:], name) and lines.words(text[:start]) >= _HEADLINE_WORDS:
            return text[:start].strip()
    if parts and name and _is_site(text[: parts[0][0]], name):
        return text[parts[0][1] :].strip()
    return text


def published(claims: Claims, now: datetime) -> Iterator[Moment | None]:
    """When the page says it was published: JSON-LD, meta tags, marked times, best first."""
    for name in ("datePublished", "dateCreated"):
        yield dates.claimed(_text(claims.data.get(name)) or "", "json-ld", now)
    for name in _PUBLISHED:
        for raw in claims.meta.get(name, ()):
            yield dates.claimed(raw, "meta", now)
    for time in claims.root.iter("time"):
        if time.get("pubdate") is not None or time.get("itemprop") == "datePublished":
            yield dates.claimed(time.get("datetime") or "", "time", now)


def guessed(claims: Claims, page: Page, known: Phrases) -> Moment | None:
    """A day from the page's times or, by htmldate, its text; None where nothing confirms it.

    A day in running text is what the text speaks of: the URL or a short block has to
    say the same day. `known`: the months' names.
    """
    days = {m.at.date(): m for m in _times(claims, page.fetched_at)}
    if len(days) == 1:
        return next(iter(days.values()))
    short = (text for text, *_ in claims.blocks if len(text) <= _SHORT and _YEAR.search(text))
    said = [dates.written(block, known, "text", page.fetched_at) for block in short]
    days |= {m.at.date(): m for m in said if m}
    if not days and not _DAY.search(_figures(page.url)):
        return None
    latest = (page.fetched_at + timedelta(days=1)).strftime("%Y-%m-%d")
    raw = find_date(
        claims.root, original_date=True, extensive_search=True, url=page.url, max_date=latest
    )
    moment = dates.claimed(raw, "htmldate", page.fetched_at) if raw else None
    if moment is None or moment.at.date() in days:
        return moment
    return moment if moment.at.strftime("%Y%m%d") in _figures(page.url) else None


def _figures(url: str | None) -> str:
    """The URL with the figures of its days side by side."""
    return re.sub(r"[/._-]", "", url or "")


def modified(claims: Claims, now: datetime) -> Moment | None:
    """When the page says it was last changed."""
    said = [_text(claims.data.get("dateModified")), *(claims.first([n]) for n in _MODIFIED)]
    moments = [dates.claimed(raw, "modified", now) for raw in said if raw]
    return next(filter(None, moments), None)


def authors(claims: Claims) -> tuple[str, ...]:
    """Who the page names as its authors, people and others, as written."""
    said = [*_names(claims.data.get("author"))] or [*_names(claims.data.get("creator"))]
    tags = ([*filter(_is_byline, claims.meta.get(name, ()))] for name in _AUTHORS)
    said = said or next(filter(None, tags), []) or _card_author(claims)
    return tuple(said or _marked_authors(claims.root))


def _is_byline(text: str) -> bool:
    return not _is_url(text) and ("@" not in text or " " in text)


def _card_author(claims: Claims) -> list[str]:
    """The author on the page's card, in a slot whose label says so."""
    for slot in ("1", "2"):
        if _WRITTEN.search(claims.first([f"twitter:label{slot}"]) or ""):
            return claims.meta.get(f"twitter:data{slot}", [])
    return []


def outlet(claims: Claims) -> str | None:
    """The outlet's name, as the page gives it."""
    publisher = next(_names(claims.data.get("publisher")), None)
    return claims.first(["og:site_name"]) or publisher or claims.first(_OUTLETS)


def description(claims: Claims) -> str | None:
    """The standfirst or summary of the tags."""
    return claims.first(_DESCRIPTIONS) or _text(claims.data.get("description"))


def section(claims: Claims) -> str | None:
    """The section of the outlet."""
    said = claims.data.get("articleSection")
    return _text(said[0] if isinstance(said, list) and said else said) or claims.first(_SECTIONS)


def image(claims: Claims) -> str | None:
    """The URL of the lead picture."""
    said = claims.first(_IMAGES) or next(_urls(claims.data.get("image")), None)
    return _absolute(said, claims.url)


def canonical_url(claims: Claims) -> str | None:
    """The URL that the page names as its own or its original's."""
    for link in claims.root.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split():
            return _absolute(link.get("href"), claims.url)
    return _absolute(claims.first(["og:url"]), claims.url)


def language(claims: Claims) -> str | None:
    """The language that the page claims to be in, two or three letters."""
    said = (
        claims.root.get("lang"),
        _text(claims.data.get("inLanguage")),
        *claims.meta.get("og:locale", ()),
    )
    found = (_LANGUAGE.match(each) for each in said if each)
    return next((match[1].lower() for match in found if match), None)


def syndicated(claims: Claims) -> tuple[str, ...]:
    """The names and URLs that tags give as the text's source."""
    tags = tuple(value for name in _SYNDICATED for value in claims.meta.get(name, ()))
    return (
        *tags,
        *_names(claims.data.get("sourceOrganization")),
        *_names(claims.data.get("provider")),
    )


# --- dates ---------------------------------------------------------------------------------------


def _times(claims: Claims, now: datetime) -> Iterator[Moment]:
    for time in claims.root.iter("time"):
        moment = dates.claimed(time.get("datetime") or "", "time", now)
        if moment:
            yield moment


# --- JSON-LD -------------------------------------------------------------------------------------


def _nodes(root: lxml.html.HtmlElement) -> Iterator[dict[str, Any]]:
    """All objects of all JSON-LD scripts, graphs opened, at most so many."""
    scripts = (s for s in root.iter("script") if "ld+json" in (s.get("type") or "").lower())
    waiting = [_json(script.text or "") for script in scripts]
    seen = 0
    while waiting and seen < _NODES:
        node = waiting.pop(0)
        seen += 1
        if isinstance(node, list):
            waiting[:0] = node[:_NODES]
        elif isinstance(node, dict):
            yield node
            waiting += [
                node[key]
                for key in ("@graph", "mainEntity", "mainEntityOfPage", "itemReviewed")
                if key in node
            ]


def _json(raw: str) -> Any:
    """The value of a script that may have line breaks in strings, envelopes and loose commas."""
    text = _ENVELOPE.sub("", raw).strip().rstrip(";")
    for attempt in (text, _LOOSE.sub(r"\1", text)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _is_article(node: Mapping[str, Any]) -> bool:
    types = node.get("@type")
    names = types if isinstance(types, list) else [types]
    return any(isinstance(name, str) and _ARTICLE.search(name) for name in names)


def _text(value: object) -> str | None:
    """A JSON-LD value as text: its own, its first item's, its @value or name."""
    for _ in range(3):
        if isinstance(value, list):
            value = value[0] if value else None
        if isinstance(value, dict):
            value = value.get("@value") or value.get("name")
    return lines.tidy(document.clean(value)) or None if isinstance(value, str) else None


def _names(value: object) -> Iterator[str]:
    for each in value if isinstance(value, list) else [value]:
        inner = each.get("name") if isinstance(each, dict) else None
        names = map(_text, inner if isinstance(inner, list) else [each])
        yield from (name for name in names if name and not _is_url(name))


def _urls(value: object) -> Iterator[str]:
    for each in value if isinstance(value, list) else [value]:
        said = each.get("url") or each.get("contentUrl") if isinstance(each, dict) else each
        if isinstance(said, str) and said:
            yield said


# --- elements ------------------------------------------------------------------------------------


def _content(element: lxml.html.HtmlElement) -> str:
    return lines.tidy(document.clean("".join(map(str, element.itertext()))))


def _marked_authors(root: lxml.html.HtmlElement) -> list[str]:
    """Names in elements that are marked as the author's or as a byline; the first kind that has any."""
    for path in (
        ".//*[@rel='author']",
        ".//*[@itemprop='author']//*[@itemprop='name']",
        ".//*[@itemprop='author']",
        ".//*[contains(@class, 'author-name') or contains(@class, 'author__name')]",
        ".//*[contains(@class, 'byline')]",
    ):
        texts = [_content(element) for element in root.xpath(path)[:4]]
        found = [text for text in texts if 0 < lines.words(text) <= people.LONGEST]
        if found:
            return list(dict.fromkeys(found))
    return []


def _backs(tag: str, heading: str) -> bool:
    """Whether a title tag says what the heading says: the same, its start, or nearly all its words."""
    a, b = lines.key(tag), lines.key(heading)
    if not a or not b:
        return False
    if a == b or (lines.words(heading) >= _HEADLINE_WORDS and (a.startswith(b) or b.startswith(a))):
        return True
    first, second = set(a.split()), set(b.split())
    return 2 * len(first & second) >= _ALIKE * (len(first) + len(second))


_ALIKE = 0.7
_SITE_LETTERS = 4


def _is_site(text: str, name: str) -> bool:
    key = lines.key(text).replace(" ", "")
    return bool(key) and (
        key == name or key.startswith(name) or (len(key) >= _SITE_LETTERS and name.startswith(key))
    )


def _is_url(text: str) -> bool:
    return text.startswith(("http://", "https://", "/", "www.", "@"))


def _absolute(href: str | None, base: str | None) -> str | None:
    """`href` as an absolute http(s) URL, or None."""
    try:
        url = urljoin(base or "", document.clean(href or "").strip())
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if href and parts.scheme in {"http", "https"} and parts.hostname else None
