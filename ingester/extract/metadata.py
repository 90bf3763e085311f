"""What a page says of itself, read once from the shared tree: JSON-LD, meta tags, headings."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urljoin, urlsplit

import lxml.html
from htmldate import find_date

from ingester.boilerplate import lines
from ingester.boilerplate.phrases import Phrases
from ingester.extract import dates, document, jsonld, people
from ingester.extract.blocks import Block
from ingester.models import Moment, Page

_SEPARATOR = re.compile(r"(?<!\s)\s+[|–—•·»:\-]+\s+|(?:(?<!\s)\s+)?[|｜_]\s*")
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


@dataclass(frozen=True, slots=True)
class Claims:
    """A page's own word on itself, as found; what it means is decided by the functions below.

    `meta`: the contents of meta tags by their name, property or itemprop in lower case. `data`: the
    article's node in the JSON-LD. `times`: each <time>'s datetime, and whether it is marked as the
    day of publication. `authors`: people and others, as written.
    """

    url: str | None
    language: str | None
    meta: Mapping[str, list[str]]
    data: jsonld.Node
    headings: tuple[str, ...]
    title: str | None
    canonical: str | None
    times: tuple[tuple[str, bool], ...]
    authors: tuple[str, ...]

    def first(self, names: Iterable[str]) -> str | None:
        """The first content of the first of the meta tags `names` that is there."""
        return next((self.meta[name][0] for name in names if name in self.meta), None)


def read(root: lxml.html.HtmlElement, url: str | None) -> Claims:
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
        authors=_authors(meta, data) or _bylines(root),
    )


def title(claims: Claims, site: str | None, above: Sequence[str] = ()) -> str | None:
    """The headline, without the site's name: what JSON-LD and og:title both say.

    Else an h1, or a line `above` the text, that a tag backs; else the first tag's own word.
    """
    tags = [jsonld.text(claims.data.get("headline")), *(claims.first([name]) for name in _TITLES)]
    tags.append(claims.title)
    said = [without_site(lines.tidy(tag), site) for tag in tags if tag and len(tag) < _LONG_TITLE]
    if all(tags[:2]) and len({*map(lines.key, said[:2])}) == 1:
        return said[0]
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
        yield dates.claimed(jsonld.text(claims.data.get(name)) or "", "json-ld", now)
    for name in _PUBLISHED:
        for raw in claims.meta.get(name, ()):
            yield dates.claimed(raw, "meta", now)
    for raw, marked in claims.times:
        if marked:
            yield dates.claimed(raw, "time", now)


def guessed(
    claims: Claims,
    root: lxml.html.HtmlElement,
    blocks: Iterable[Block],
    page: Page,
    known: Phrases,
) -> Moment | None:
    """A day from the page's times or, by htmldate, its text; None where nothing confirms it.

    A day in running text is what the text speaks of: the URL or a short block has to
    say the same day. `known`: the months' names.
    """
    times = (dates.claimed(raw, "time", page.fetched_at) for raw, _ in claims.times)
    days = {m.at.date(): m for m in times if m}
    if len(days) == 1:
        return next(iter(days.values()))
    short = (text for text, *_ in blocks if len(text) <= _SHORT and _YEAR.search(text))
    said = [dates.written(block, known, "text", page.fetched_at) for block in short]
    days |= {m.at.date(): m for m in said if m}
    if not days and not _DAY.search(_figures(page.url)):
        return None
    latest = (page.fetched_at + timedelta(days=1)).strftime("%Y-%m-%d")
    raw = find_date(root, original_date=True, extensive_search=True, url=page.url, max_date=latest)
    moment = dates.claimed(raw, "htmldate", page.fetched_at) if raw else None
    if moment is None or moment.at.date() in days:
        return moment
    return moment if moment.at.strftime("%Y%m%d") in _figures(page.url) else None


def _figures(url: str | None) -> str:
    """The URL with the figures of its days side by side."""
    return re.sub(r"[/._-]", "", url or "")


def modified(claims: Claims, now: datetime) -> Moment | None:
    """When the page says it was last changed."""
    said = [jsonld.text(claims.data.get("dateModified")), *(claims.first([n]) for n in _MODIFIED)]
    moments = [dates.claimed(raw, "modified", now) for raw in said if raw]
    return next(filter(None, moments), None)


def outlet(claims: Claims) -> str | None:
    """The outlet's name, as the page gives it."""
    publisher = next(jsonld.names(claims.data.get("publisher")), None)
    return claims.first(["og:site_name"]) or publisher or claims.first(_OUTLETS)


def description(claims: Claims) -> str | None:
    """The standfirst or summary of the tags."""
    return claims.first(_DESCRIPTIONS) or jsonld.text(claims.data.get("description"))


def section(claims: Claims) -> str | None:
    """The section of the outlet."""
    said = claims.data.get("articleSection")
    return jsonld.text(said[0] if isinstance(said, list) and said else said) or claims.first(
        _SECTIONS
    )


def image(claims: Claims) -> str | None:
    """The URL of the lead picture."""
    said = claims.first(_IMAGES) or next(jsonld.urls(claims.data.get("image")), None)
    return _absolute(said, claims.url)


def canonical_url(claims: Claims) -> str | None:
    """The URL that the page names as its own or its original's."""
    return _absolute(claims.canonical or claims.first(["og:url"]), claims.url)


def language(claims: Claims) -> str | None:
    """The language that the page claims to be in, two or three letters."""
    said = (
        claims.language,
        jsonld.text(claims.data.get("inLanguage")),
        *claims.meta.get("og:locale", ()),
    )
    found = (_LANGUAGE.match(each) for each in said if each)
    return next((match[1].lower() for match in found if match), None)


def syndicated(claims: Claims) -> tuple[str, ...]:
    """The names and URLs that tags give as the text's source."""
    tags = tuple(value for name in _SYNDICATED for value in claims.meta.get(name, ()))
    return (
        *tags,
        *jsonld.names(claims.data.get("sourceOrganization")),
        *jsonld.names(claims.data.get("provider")),
    )


# --- elements ------------------------------------------------------------------------------------


def _content(element: lxml.html.HtmlElement) -> str:
    return lines.tidy(document.clean("".join(map(str, element.itertext()))))


def _authors(meta: Mapping[str, list[str]], data: jsonld.Node) -> tuple[str, ...]:
    """Who the JSON-LD, else the first meta tag that does, else the page's card names."""
    nodes = (jsonld.names(data.get(name)) for name in ("author", "creator"))
    tags = (meta.get(name, ()) for name in _AUTHORS)
    said = (tuple(filter(_is_byline, names)) for names in (*nodes, *tags, _card_author(meta)))
    return next(filter(None, said), ())


def _is_byline(text: str) -> bool:
    """Whether it may name somebody: letters, and no URL, host or address."""
    return any(map(str.isalpha, text)) and not jsonld.is_url(text) and not _ADDRESS.fullmatch(text)


_ADDRESS = re.compile(r"[\w.+@-]+\.[a-z]{2,12}")


def _card_author(meta: Mapping[str, list[str]]) -> list[str]:
    """The author on the page's card, in a slot whose label says so."""
    for slot in ("1", "2"):
        if any(map(_WRITTEN.search, meta.get(f"twitter:label{slot}", ())[:1])):
            return meta.get(f"twitter:data{slot}", [])
    return []


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


def _bylines(root: lxml.html.HtmlElement) -> tuple[str, ...]:
    """The texts of elements marked as the author's; of the surest mark that has any."""
    marked: dict[str, list[lxml.html.HtmlElement]] = {mark: [] for mark in _MARKS}
    for element in root.iter():
        for mark in _marks(element):
            marked[mark].append(element)
    for elements in marked.values():
        texts = dict.fromkeys(_content(element) for element in elements[:_MOST_MARKED])
        if found := [text for text in texts if 0 < lines.words(text) <= people.LONGEST]:
            return tuple(found)
    return ()


_MARKS = ("rel", "name", "itemprop", "author-name", "byline", "author")
"""As surest first: schema.org's name stands in its author."""

_MOST_MARKED = 4


def _marks(element: lxml.html.HtmlElement) -> Iterator[str]:
    names, prop = element.get("class") or "", element.get("itemprop")
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
    if not {"author", "authors"}.isdisjoint(names.split()):
        yield "author"


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


def _absolute(href: str | None, base: str | None) -> str | None:
    """`href` as an absolute http(s) URL, or None."""
    try:
        url = urljoin(base or "", document.clean(href or "").strip())
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if href and parts.scheme in {"http", "https"} and parts.hostname else None
