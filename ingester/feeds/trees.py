"""RSS 0.9 to 2.0, Atom and sitemaps, where the XML is well-formed."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from lxml import etree

from ingester.feeds import sitemaps
from ingester.feeds.listing import Listed, Listing

_ROOTS = {"rss", "rdf", "feed", "channel"}
_ATOM = "{http://www.w3.org/2005/Atom}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_DCTERMS = "{http://purl.org/dc/terms/}"
_ORIGINAL_LINK = "{http://rssnamespace.org/feedburner/ext/1.0}origLink"

Element: TypeAlias = etree._Element  # noqa: SLF001 - lxml's one name for its elements
Children: TypeAlias = Mapping[str, Sequence[Element]]


def read(body: bytes) -> Listing | None:
    """What the feed lists, or None where the bytes are no well-formed RSS, Atom or sitemap.

    Entities are never resolved, and nothing outside the bytes is read.
    """
    root = _root(body)
    if root is None:
        return None
    if etree.QName(root).localname.lower() not in _ROOTS:
        return sitemaps.listing(root)
    channel = next(root.iterchildren("{*}channel"), root)
    own = _namespace(channel)
    parts = _children(channel)
    items = root.iter(f"{own}item", f"{own}entry")
    return Listing(
        title=_text(parts, f"{own}title"),
        home=next(_links(parts, own), None),
        items=tuple(_listed(item, own) for item in items),
        more=tuple(_older(parts)),
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
        resolve_entities=False,
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

    None, so that the declaration counts, for the rest, and for UTF-16 with its NULs.
    """
    if b"\0" in body[:4]:
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
        title=_text(parts, f"{own}title"),
        dates=tuple(_dates(parts, own)),
        guid=_text(parts, f"{own}guid") or _text(parts, f"{own}id") or _about(item),
    )


def _item_links(parts: Children, own: str) -> Iterator[str]:
    """An item's links, the outlet's own spelling before a feed service's, then what may serve."""
    yield from _texts(parts, _ORIGINAL_LINK)
    yield from _links(parts, own)
    for guid in parts.get(f"{own}guid", ()):
        text = _whole(guid)
        if guid.get("isPermaLink", "true").lower() == "true" and text.startswith("http"):
            yield text


def _links(parts: Children, own: str) -> Iterator[str]:
    """Links by text (RSS), then by attribute (Atom), pages before other types."""
    yield from _texts(parts, f"{own}link")
    nodes = [*parts.get(f"{own}link", ()), *(parts.get(f"{_ATOM}link", ()) if own != _ATOM else ())]
    alternates = [node for node in nodes if node.get("rel", "alternate") == "alternate"]
    for node in sorted(alternates, key=lambda node: "html" not in node.get("type", "html")):
        if href := node.get("href", "").strip():
            yield href


def _dates(parts: Children, own: str) -> Iterator[str]:
    """When it was published, then when it was changed."""
    for name in (f"{own}pubDate", f"{own}published", f"{own}issued", f"{_DC}date",
                 f"{_DCTERMS}issued", f"{_DCTERMS}created", f"{_ATOM}published", f"{own}created",
                 f"{own}updated", f"{own}modified", f"{_ATOM}updated",
                 f"{_DCTERMS}modified"):  # fmt: skip
        yield from _texts(parts, name)


def _about(item: Element) -> str | None:
    return item.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about")


def _text(parts: Children, name: str) -> str | None:
    return next(_texts(parts, name), None)


def _texts(parts: Children, name: str) -> Iterator[str]:
    for node in parts.get(name, ()):
        if text := _whole(node):
            yield text


def _whole(node: Element) -> str:
    return "".join(node.itertext()).strip()
