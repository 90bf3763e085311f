"""What a page's claims mean: which of them is the title, the day, the outlet."""

import re
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from ingester import urls
from ingester.boilerplate import lines
from ingester.boilerplate.phrases import Phrases
from ingester.extract import dates, document, jsonld, people
from ingester.extract.claims import Claims, Said, found
from ingester.models import Moment

_NOBODY: Said[tuple[str, ...]] = Said((), "")
_SEPARATOR = re.compile(r"(?<!\s)\s+[|–—•·»:\-]+\s+|(?:(?<!\s)\s+)?[|｜_]\s*")
_LANGUAGE = re.compile(r"([a-zA-Z]{2,3})(?:[-_]|$)")
_HEADLINE_WORDS = 3
_LONG_TITLE = 300
_LONG_DATE = 100

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
_CREDITING = ("author", "creator", "sourceOrganization", "provider")
_SYNDICATED = (
    "syndication-source",
    "original-source",
    "dc.source",
    "news_source",
    "article:source",
)


def title(claims: Claims, site: str | None, above: Sequence[str] = ()) -> Said[str] | None:
    """The headline, without the site's name: what JSON-LD and og:title both say.

    Else an h1, or a line `above` the text, that a tag backs; else the first tag's own word.
    """
    tags = [
        claims.from_data(claims.data.get("headline")),
        *(claims.first([name]) for name in _TITLES),
    ]
    tags.append(found(claims.title, "title"))
    shown = {lines.key(heading) for heading in claims.headings}
    said = [
        Said(_without_site(lines.tidy(tag.value), site, shown), tag.source)
        for tag in tags
        if tag and len(tag.value) < _LONG_TITLE
    ]
    if all(tags[:2]) and len({lines.key(tag.value) for tag in said[:2]}) == 1:
        return said[0]
    headings = [Said(heading, "h1") for heading in claims.headings]
    for heading in (*headings, *(Said(line, "text") for line in above)):
        if any(_backs(tag.value, heading.value) for tag in said):
            return heading
    if said:
        return said[0]
    return headings[0] if len(headings) == 1 else None


def _without_site(text: str, site: str | None, shown: AbstractSet[str]) -> str:
    """`text` without the outlet's name at its end or start, and the rubric that came with it.

    `shown`: the keys of the page's headings; what one of them has in full is no outlet's name.
    """
    parts = [(m.start(), m.end()) for m in _SEPARATOR.finditer(text)]
    name = lines.key(site or "").replace(" ", "")
    if not parts or not name or lines.key(text) in shown:
        return text
    for start, end in parts:
        if _is_site(text[end:], name) and lines.words(text[:start]) >= _HEADLINE_WORDS:
            return text[:start].strip()
    first, rest = text[: parts[0][0]], text[parts[0][1] :]
    whole = {name, lines.key(lines.without_domain(site or "")).replace(" ", "")}
    return rest.strip() if lines.key(first).replace(" ", "") in whole else text


def published(claims: Claims, known: Phrases, now: datetime) -> Iterator[Moment | None]:
    """When the page says it was published: JSON-LD, meta tags, marked times, best first.

    `known`: the months' names, for tags that are written for readers.
    """
    for name in ("datePublished", "dateCreated"):
        yield dates.said(
            (jsonld.text(claims.data.get(name)) or "")[:_LONG_DATE], known, "json-ld", now
        )
    for name in _PUBLISHED:
        for raw in claims.meta.get(name, ()):
            yield dates.said(raw[:_LONG_DATE], known, "meta", now)
    for raw, marked in claims.times:
        if marked:
            yield dates.claimed(raw, "time", now)


def modified(claims: Claims, known: Phrases, now: datetime) -> Moment | None:
    """When the page says it was last changed."""
    tags = (claims.first([name]) for name in _MODIFIED)
    said = (claims.from_data(claims.data.get("dateModified")), *tags)
    moments = (
        dates.said(each.value[:_LONG_DATE], known, each.source, now) for each in said if each
    )
    return next(filter(None, moments), None)


def outlet(claims: Claims) -> Said[str] | None:
    """The outlet's name, as the page gives it."""
    publisher = next(jsonld.names(claims.data.get("publisher")), None)
    tag = claims.first(["og:site_name"])
    return tag or found(publisher, "json-ld") or claims.first(_OUTLETS)


def authors(
    places: Iterable[Said[tuple[str, ...]]], site: str | None, known: Phrases
) -> Said[tuple[str, ...]]:
    """The people whom the first place names that names any."""
    named = (Said(people.named(each.value, site, known), each.source) for each in places)
    return next((each for each in named if each.value), _NOBODY)


def description(claims: Claims) -> Said[str] | None:
    """The standfirst or summary of the tags."""
    return claims.first(_DESCRIPTIONS) or claims.from_data(claims.data.get("description"))


def section(claims: Claims) -> Said[str] | None:
    """The section of the outlet."""
    said = claims.data.get("articleSection")
    first = said[0] if isinstance(said, list) and said else said
    return claims.from_data(first) or claims.first(_SECTIONS)


def image(claims: Claims) -> Said[str] | None:
    """The URL of the lead picture."""
    said = next(jsonld.urls(claims.data.get("image")), None)
    return _absolute(claims.first(_IMAGES) or found(said, "json-ld"), claims.url)


def canonical_url(claims: Claims) -> Said[str] | None:
    """The URL that the page names as its own or its original's, in the spelling that pages are known by."""
    link = found(claims.canonical, "canonical")
    said = _absolute(link or claims.first(["og:url"]), claims.url)
    return Said(urls.canonical(said.value) or said.value, said.source) if said else None


def language(claims: Claims) -> Said[str] | None:
    """The language that the page claims to be in, two or three letters."""
    said = (
        found(claims.language, "lang"),
        claims.from_data(claims.data.get("inLanguage")),
        claims.first(["og:locale"]),
    )
    matches = ((_LANGUAGE.match(each.value), each.source) for each in said if each)
    return next((Said(match[1].lower(), source) for match, source in matches if match), None)


def syndicated(claims: Claims) -> tuple[str, ...]:
    """The names and URLs that tags give as the text's source."""
    tags = tuple(value for name in _SYNDICATED for value in claims.meta.get(name, ()))
    return (
        *tags,
        *(name for key in _CREDITING for name in jsonld.names(claims.data.get(key))),
    )


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


def _absolute(href: Said[str] | None, base: str | None) -> Said[str] | None:
    """`href` as an absolute http(s) URL, or None."""
    try:
        url = urljoin(base or "", document.clean(href.value if href else "").strip())
        parts = urlsplit(url)
    except ValueError:
        return None
    fit = parts.scheme in {"http", "https"} and parts.hostname
    return Said(url, href.source) if href and fit else None
