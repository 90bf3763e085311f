"""What a page says of itself, as found, read once from the shared tree: JSON-LD, meta tags, headings."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Generic, NamedTuple, TypeVar

import lxml.html
from lxml import etree

from ingester.boilerplate import lines, phrases
from ingester.extract import document, jsonld, people

_WRITTEN = re.compile(
    r"written by|author|geschrieben|verfasst|écrit|escrito|scritto|автор|كتب|作者", re.IGNORECASE
)
_AUTHORS = (
    "author", "article:author", "byl", "dc.creator", "dcterms.creator", "parsely-author",
    "sailthru.author", "cxenseparse:author", "article.author", "og:article:author", "creator",
    "article:author_name", "authors", "dcsext.author", "vr:author",
)  # fmt: skip

_ADDRESS = re.compile(r"[\w.+@-]+\.[a-z]{2,12}")
_MISC = "twitter:misc:"
_MARKED = etree.XPath(
    ".//@class[contains(., 'utor') or contains(., 'uthor') or contains(., 'uteur')"
    " or contains(., 'yline')]/..|.//@itemprop/..|.//@rel[. = 'author']/.."
)
_MARKS = ("rel", "name", "itemprop", "author-name", "byline", "author")
"""As surest first: schema.org's name stands in its author."""

_MOST_MARKED = 4
_NEAR = 2  # ancestors
_AUTHOR = re.compile(
    r"(?:(?:article|story|post|entry|news|page|meta)(?:-|_|__)?)?"
    r"(?:author|autor|auteur|autore|authors|autoren|autores|auteurs|autori)(?:-|_|__)?(?:link|names?)?"
)

T = TypeVar("T")


class Said(NamedTuple, Generic[T]):
    """What was found, and the place that says so: "json-ld", "h1", a meta tag's name ..."""

    value: T
    source: str


def found(value: str | None, source: str) -> Said[str] | None:
    """What was found, if it is anything."""
    return Said(value, source) if value else None


@dataclass(frozen=True, slots=True)
class Claims:
    """A page's own word on itself, as found; what it means is decided in metadata.py.

    `meta`: the contents of meta tags by their name, property or itemprop in lower case. `data`: the
    article's node in the JSON-LD. `times`: each <time>'s datetime, and whether it is marked as the
    day of publication. `authors`: people and others, as written, by the places that name any, the
    surest first; what only looks like a byline is among them where the others name no person.
    """

    url: str | None
    language: str | None
    meta: Mapping[str, list[str]]
    data: jsonld.Node
    headings: tuple[str, ...]
    title: str | None
    canonical: str | None
    times: tuple[tuple[str, bool], ...]
    authors: tuple[Said[tuple[str, ...]], ...]

    def first(self, names: Iterable[str]) -> Said[str] | None:
        """The first content of the first of the meta tags `names` that is there."""
        return next((Said(self.meta[name][0], name) for name in names if name in self.meta), None)

    @property
    def og_type(self) -> str:
        """What the page says that it is: "article", "website" ...; "" where it says nothing."""
        return self.meta.get("og:type", [""])[0]

    def from_data(self, value: object) -> Said[str] | None:
        """A value of the JSON-LD as text."""
        return found(jsonld.text(value), "json-ld")


def claimed(root: lxml.html.HtmlElement, url: str | None) -> Claims:
    """The claims of the page at `url`, from its tree with nothing taken out."""
    headings = tuple(text for h in root.iter("h1") if (text := _content(h)))
    scripts = (s for s in root.iter("script") if "ld+json" in (s.get("type") or "").lower())
    title = next(root.iter("title"), None)
    meta, data = _meta(root), jsonld.article((s.text or "" for s in scripts), headings)
    return Claims(
        url=url,
        language=root.get("lang"),
        meta=meta,
        data=data,
        headings=headings,
        title=None if title is None else _content(title),
        canonical=next(_canonical(root), None),
        times=tuple((time.get("datetime") or "", _is_marked(time)) for time in root.iter("time")),
        authors=_authors(root, meta, data),
    )


def _content(element: lxml.html.HtmlElement) -> str:
    return lines.tidy(document.clean("".join(map(str, element.itertext()))))


def _authors(
    root: lxml.html.HtmlElement, meta: Mapping[str, list[str]], data: jsonld.Node
) -> tuple[Said[tuple[str, ...]], ...]:
    known, site = phrases.load(None, None), meta.get("og:site_name", [""])[0]
    declared = tuple(_declared(meta, data))
    if any(people.named(each.value, site, known) for each in declared):
        return declared
    return (*declared, *_bylines(root))


def _declared(meta: Mapping[str, list[str]], data: jsonld.Node) -> Iterator[Said[tuple[str, ...]]]:
    """Whom the JSON-LD, each meta tag and the page's card name."""
    places = (
        *(
            (jsonld.names(jsonld.people(data.get(name))), "json-ld")
            for name in ("author", "creator")
        ),
        *((meta.get(name, ()), name) for name in _AUTHORS),
        (_card_author(meta), "twitter:data"),
    )
    for names, source in places:
        if said := tuple(filter(_is_byline, names)):
            yield Said(said, source)


def _is_byline(text: str) -> bool:
    """Whether it may name somebody: letters, and no URL, host or address."""
    return any(map(str.isalpha, text)) and not jsonld.is_url(text) and not _ADDRESS.fullmatch(text)


def _card_author(meta: Mapping[str, list[str]]) -> list[str]:
    """The author on the page's card, in a slot whose label says so."""
    for slot in ("1", "2"):
        if any(map(_WRITTEN.search, meta.get(f"twitter:label{slot}", ())[:1])):
            return meta.get(f"twitter:data{slot}", [])
    slots = (meta[name] for name in meta if name.startswith(_MISC) and _WRITTEN.search(name))
    return next(slots, [])


def _meta(root: lxml.html.HtmlElement) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for element in root.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        content = lines.tidy(document.clean(element.get("content") or ""))
        if name and content:
            found.setdefault(name.strip().lower(), []).append(content)
    return found


def _canonical(root: lxml.html.HtmlElement) -> Iterator[str]:
    for link in root.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split():
            yield link.get("href") or ""


def _is_marked(time: lxml.html.HtmlElement) -> bool:
    return time.get("pubdate") is not None or time.get("itemprop") == "datePublished"


def _bylines(root: lxml.html.HtmlElement) -> Iterator[Said[tuple[str, ...]]]:
    """The texts of elements marked as the author's, the surest mark first."""
    marked: dict[str, list[lxml.html.HtmlElement]] = defaultdict(list)
    for element in _MARKED(root):
        for mark in _marks(element):
            marked[mark].append(element)
    for mark in sorted(marked, key=_MARKS.index):
        texts = dict.fromkeys(map(_apart, _together(marked[mark][:_MOST_MARKED])))
        if said := [text for text in texts if 0 < lines.words(text) <= people.LONGEST]:
            yield Said(tuple(said), f"byline ({mark})")


def _together(elements: Sequence[lxml.html.HtmlElement]) -> Iterator[lxml.html.HtmlElement]:
    """The first, and those in it, beside it or in what is beside it: others are of other stories."""
    first = elements[0]
    around = tuple(islice(first.iterancestors(), _NEAR))
    for element in elements:
        near = any(a is b for a, b in zip(around, element.iterancestors(), strict=False))
        if near or first in element.iterancestors():
            yield element


def _apart(element: lxml.html.HtmlElement) -> str:
    """The text of a byline, with a stroke where two elements meet without a space: the page shows one."""
    said = ""
    for text in map(str, element.itertext()):
        meet = said[-1:].isalnum() and text[:1].isalnum()
        said += f" | {text}" if meet else text
    return lines.tidy(document.clean(said))


def _marks(element: lxml.html.HtmlElement) -> Iterator[str]:
    names, prop = (element.get("class") or "").lower(), element.get("itemprop")
    if element.get("rel") == "author":
        yield "rel"
    if prop == "author":
        yield "itemprop"
    elif prop == "name" and any(up.get("itemprop") == "author" for up in element.iterancestors()):
        yield "name"
    if "author-name" in names or "author__name" in names:
        yield "author-name"
    if "byline" in names:
        yield "byline"
    if any(map(_AUTHOR.fullmatch, names.split())):
        yield "author"
