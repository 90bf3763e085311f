"""RSS 0.9 to 2.0, Atom and sitemaps, where the XML is well-formed."""

import base64
import html
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias
from urllib.parse import urljoin

from lxml import etree

from ingester.feeds import hints, sitemaps
from ingester.feeds.listing import Listed, Listing

_ROOTS = {"rss", "rdf", "feed", "channel"}
_ALTERNATE = {"", "alternate", "http://www.iana.org/assignments/relation/alternate"}
_XHTML = {"xhtml", "application/xhtml+xml"}
_STATEFUL = re.compile(
    rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"'](?:iso-2022|hz|utf-7)", re.IGNORECASE
)
_ATOM = "{http://www.w3.org/2005/Atom}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_DCTERMS = "{http://purl.org/dc/terms/}"
_MEDIA = "{http://search.yahoo.com/mrss/}"
_SYNDICATION = "{http://purl.org/rss/1.0/modules/syndication/}"
_RHYTHM = (f"{_SYNDICATION}updatePeriod", f"{_SYNDICATION}updateFrequency")
_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_ORIGINAL_LINK = "{http://rssnamespace.org/feedburner/ext/1.0}origLink"

Element: TypeAlias = etree._Element  # noqa: SLF001 - lxml's one name for its elements
Children: TypeAlias = Mapping[str, Sequence[Element]]


def read(body: bytes) -> Listing | None:
    """What the feed lists, or None where the bytes are no well-formed RSS, Atom or sitemap.

    Nothing outside the bytes is read.
    """
    root = _root(body)
    if root is None:
        return None
    if etree.QName(root).localname.lower() not in _ROOTS:
        return sitemaps.listing(root)
    channel = next(root.iterchildren("{*}channel"), root)
    own = _namespace(channel)
    parts = _children(channel)
    home = next(_links(parts, own), None)
    items = root.iter(f"{own}item", f"{own}entry")
    return Listing(
        title=_title(parts, own),
        home=home,
        base=None if own == _ATOM else home,  # in RSS a relative link is one of the site's
        items=tuple(_listed(item, own) for item in items),
        more=tuple(_older(parts)),
        rest=hints.rest(_text(parts, f"{own}ttl"), *(_text(parts, name) for name in _RHYTHM)),
    )


def _older(parts: Children) -> Iterator[str]:
    """Where the items before these stand. Source: RFC 5005, sections 3 and 4."""
    for relation in ("prev-archive", "next"):
        for node in parts.get(f"{_ATOM}link", ()):
            if node.get("rel") == relation and (href := node.get("href", "").strip()):
                yield href


def _root(body: bytes) -> Element | None:
    parser = etree.XMLParser(
        encoding=_encoding(body),
        resolve_entities="internal",
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError):
        return None


def _encoding(body: bytes) -> str | None:
    """UTF-8 where the bytes are such, whatever they declare: no other text looks like it.

    None, so that the declaration counts, for the rest, for UTF-16 with its NULs, and for those that
    are ASCII by their bytes alone.
    """
    if b"\0" in body[:4] or _STATEFUL.match(body):
        return None
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return "utf-8"


def _namespace(node: Element) -> str:
    name = etree.QName(node).namespace
    return f"{{{name}}}" if name else ""


def _children(node: Element) -> Children:
    found = defaultdict(list)
    for child in node:
        if isinstance(child.tag, str):  # an entity's reference has none
            found[child.tag].append(child)
    return found


def _listed(item: Element, own: str) -> Listed:
    parts = _children(item)
    return Listed(
        links=tuple(_item_links(parts, own)),
        base=item.base,
        title=_title(parts, own),
        dates=tuple(_dates(parts, own)),
        guid=_text(parts, f"{own}guid") or _text(parts, f"{own}id") or _about(item),
    )


def _item_links(parts: Children, own: str) -> Iterator[str]:
    """An item's links, the outlet's own spelling before a feed service's, then what may serve."""
    yield from _texts(parts, _ORIGINAL_LINK)
    yield from _links(parts, own)
    for guid in parts.get(f"{own}guid", ()):
        text = _whole(guid)
        if guid.get("isPermaLink", "true").lower() == "true" and _is_url(text):
            yield text
    yield from filter(_is_url, _texts(parts, f"{own}id"))


def _is_url(text: str) -> bool:
    return text[:4].lower() == "http"


def _links(parts: Children, own: str) -> Iterator[str]:
    """Links by text (RSS), then by attribute (Atom), pages before other types."""
    yield from _texts(parts, f"{own}link")
    nodes = [*parts.get(f"{own}link", ()), *(parts.get(f"{_ATOM}link", ()) if own != _ATOM else ())]
    alternates = [node for node in nodes if node.get("rel", "").strip().lower() in _ALTERNATE]
    for node in sorted(alternates, key=lambda node: "html" not in node.get("type", "html")):
        if href := node.get("href", "").strip():
            yield urljoin(node.base or "", href) if node.get(_BASE) else href


def _dates(parts: Children, own: str) -> Iterator[str]:
    """When it was published, then when it was changed."""
    for name in (f"{own}pubDate", f"{own}published", f"{own}issued", f"{_DC}date",
                 f"{_DCTERMS}issued", f"{_DCTERMS}created", f"{_ATOM}published", f"{own}created",
                 f"{own}updated", f"{own}modified", f"{_ATOM}updated",
                 f"{_DCTERMS}modified"):  # fmt: skip
        yield from _texts(parts, name)


def _about(item: Element) -> str | None:
    return item.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about")


def _title(parts: Children, own: str) -> str | None:
    """The title as markup, whatever its type says it is."""
    for name in (f"{own}title", f"{_DC}title", f"{_MEDIA}title"):
        for node in parts.get(name, ()):
            if text := _markup(node):
                return text
    return None


def _markup(node: Element) -> str:
    text = _whole(node)
    if node.get("type", "").lower() in _XHTML:
        return html.escape(text, quote=False)
    if node.get("mode") != "base64":
        return text
    try:
        return base64.b64decode(text).decode("utf-8", "replace")
    except ValueError:
        return text


def _text(parts: Children, name: str) -> str | None:
    return next(_texts(parts, name), None)


def _texts(parts: Children, name: str) -> Iterator[str]:
    for node in parts.get(name, ()):
        if text := _whole(node):
            yield text


def _whole(node: Element) -> str:
    return "".join(node.itertext()).strip()
