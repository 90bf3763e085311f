"""Bytes of a feed -> its links: RSS, Atom, JSON Feed and sitemaps, well-formed or not."""

import re
import zlib
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from ingester import urls
from ingester.feeds import broken, hints, jsonfeed, trees
from ingester.feeds.dates import moment
from ingester.feeds.listing import Listed, Listing, identifier, plain
from ingester.feeds.mending import mended
from ingester.feeds.walk import Walk
from ingester.models import Failed, FeedItem, Moment, ParsedFeed, Reason, Response

__all__ = ["Walk", "parse"]

_BLANK = b" \t\r\n\x0b\x0c"
_BOM = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"
_GZIP_FRAME = 16 + zlib.MAX_WBITS
_LONGEST_UNPACKED = 50_000_000  # sitemaps.org allows as much
_HEAD = 200_000  # bytes of a page that is searched for the feed it offers
_PAGE = re.compile(
    rb"(?:<\?xml[^>]*>|<!--(?>.*?-->)|\s)*+<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_ROOT = re.compile(rb"<([a-zA-Z_][\w:.-]{0,50})")
_LINK = re.compile(rb"<link\b([^<>]{1,2000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"\b([a-z]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_FEED_TYPES = {"application/rss+xml", "application/atom+xml", "application/feed+json"}


def parse(response: Response, max_items: int) -> ParsedFeed | Failed:
    """The feed's items, newest first, at most `max_items`; Failed where it is no feed.

    A retry helps where a server sent its error page for the feed. Broken XML is given to a parser
    that hostile input can hold up for long: call this where it can be ended.
    """
    body = _trimmed(_unpacked(response.body))
    listing = None if _PAGE.match(body) else _listing(body, response)
    if listing is None:
        return Failed("parse", Reason.NOT_A_FEED, _looks_like(body, response.url), retry=True)
    return _parsed(listing, response, max_items)


def _unpacked(body: bytes) -> bytes:
    """A file that is compressed itself, as sitemaps often are: its content, as far as it may go."""
    if not body.startswith(_GZIP):
        return body
    try:
        return zlib.decompressobj(_GZIP_FRAME).decompress(body, _LONGEST_UNPACKED)
    except zlib.error:
        return body


def _trimmed(body: bytes) -> bytes:
    """The bytes from the first that counts."""
    return body.lstrip(_BLANK).removeprefix(_BOM).lstrip(_BLANK)


def _listing(body: bytes, response: Response) -> Listing | None:
    """By the first reader that finds something in it, the strict ones first."""
    strict = jsonfeed.read(body) or trees.read(body)
    if strict is not None and (strict.items or strict.more):
        return strict
    whole = mended(body)
    content_type = response.headers.get("content-type", "")
    lenient = None if strict else trees.read(whole)
    lenient = lenient or broken.read(whole, response.url, content_type)
    return lenient if lenient and (lenient.items or strict is None) else strict


def _parsed(listing: Listing, response: Response, max_items: int) -> ParsedFeed:
    base = urls.absolute(listing.base or "", response.url) or response.url
    items: dict[str, FeedItem] = {}
    dropped: Counter[str] = Counter()
    for published, listed in _newest_first(listing.items, response.fetched_at):
        if len(items) == max_items:
            dropped["over_limit"] += 1
        elif (url := _url(listed, base)) is None:
            dropped["bad_url" if listed.links else "no_link"] += 1
        elif url in items:
            dropped["repeated"] += 1
        else:
            raw = published.raw if published else next(iter(listed.dates), None)
            title, guid = plain(listed.title), identifier(listed.guid)
            items[url] = FeedItem(url, title, published, guid, raw)
    home = urls.canonical(listing.home, response.url) if listing.home else None
    more = (urls.absolute(link, response.url) for link in listing.more)
    ahead = tuple(dict.fromkeys(link for link in more if link))
    rest = max(listing.rest, hints.fresh(response.headers))
    return ParsedFeed(plain(listing.title), home, tuple(items.values()), dict(dropped), ahead, rest)


def _newest_first(
    items: tuple[Listed, ...], fetched_at: datetime
) -> Iterator[tuple[Moment | None, Listed]]:
    """Dated items by date, then the others; in the feed's own order where dates say nothing."""
    dated = [(_published(listed, fetched_at), listed) for listed in items]
    yield from sorted(dated, key=lambda pair: -pair[0].at.timestamp() if pair[0] else 0)


def _published(listed: Listed, fetched_at: datetime) -> Moment | None:
    claims = (moment(raw, fetched_at) for raw in listed.dates)
    return next((claim for claim in claims if claim is not None), None)


def _url(listed: Listed, base: str) -> str | None:
    """The first of the item's links that is one."""
    nearer = urls.absolute(listed.base, base) if listed.base else base
    candidates = (urls.canonical(link, nearer or base) for link in listed.links)
    return next((url for url in candidates if url is not None), None)


def _looks_like(body: bytes, url: str) -> str:
    """What came instead of a feed, and where the feed may be."""
    if not body:
        return "an empty body"
    if _PAGE.match(body):
        offered = next(_offered(body[:_HEAD], url), None)
        return f"an HTML page; it offers {offered}" if offered else "an HTML page"
    root = _ROOT.search(body[:_HEAD]) if body.startswith(b"<") else None
    if root:
        return f"XML of the kind <{root[1].decode('ascii', 'replace')}>"
    return "JSON" if body[:1] in {b"{", b"["} else "neither XML nor JSON"


def _offered(page: bytes, url: str) -> Iterator[str]:
    """The feeds that a page's head names."""
    for link in _LINK.finditer(page):
        pairs = _ATTRIBUTE.findall(link[1].decode("utf-8", "replace"))
        attributes = {name.lower(): "".join(values) for name, *values in pairs}
        feed = urls.absolute(attributes.get("href", ""), url)
        if attributes.get("type", "").lower() in _FEED_TYPES and feed:
            yield feed
