"""Sitemaps as feeds: the pages that a site lists, those of its news with titles and dates.

Source: sitemaps.org/protocol, and Google's documentation of news sitemaps.
"""

from collections.abc import Iterator

from lxml import etree

from ingester.feeds.listing import Listed, Listing

Element = etree._Element  # noqa: SLF001 - lxml's one name for its elements

_NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"


def listing(root: Element) -> Listing | None:
    """What a sitemap or an index of sitemaps lists; None for XML of another kind."""
    kind = etree.QName(root).localname.lower()
    if kind == "urlset":
        return Listing(_outlet(root), None, tuple(_listed(url) for url in root.iter("{*}url")))
    if kind == "sitemapindex":
        return Listing(None, None, (), more=tuple(_newest_first(root)))
    return None


def _listed(url: Element) -> Listed:
    return Listed(
        links=tuple(_texts(url, "{*}loc")),
        base=None,
        title=next(_texts(url, f"{_NEWS}news/{_NEWS}title"), None),
        dates=(*_texts(url, f"{_NEWS}news/{_NEWS}publication_date"), *_texts(url, "{*}lastmod")),
        guid=None,
    )


def _outlet(root: Element) -> str | None:
    name = f"{{*}}url/{_NEWS}news/{_NEWS}publication/{_NEWS}name"
    return next(_texts(root, name), None)


def _newest_first(root: Element) -> Iterator[str]:
    """The index's sitemaps, by their dates as written; those without one last, in their order."""
    dated = [
        (_first(part, "{*}lastmod"), _first(part, "{*}loc")) for part in root.iter("{*}sitemap")
    ]
    yield from (url for _, url in sorted(dated, key=lambda pair: pair[0], reverse=True) if url)


def _first(node: Element, path: str) -> str:
    return next(_texts(node, path), "")


def _texts(node: Element, path: str) -> Iterator[str]:
    for found in node.iterfind(path):
        if text := (found.text or "").strip():
            yield text
