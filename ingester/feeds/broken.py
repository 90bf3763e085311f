"""Feeds whose XML is not well-formed, by feedparser: slow on hostile input, so run it in a cage."""

import io
import re
from collections.abc import Iterator
from typing import Any

import feedparser

from ingester.feeds import hints
from ingester.feeds.listing import Listed, Listing

_FEED_TAG = re.compile(rb"<(?:\w+:)?(?:rss|rdf|feed|channel|entry)\b", re.IGNORECASE)
_RHYTHM = ("ttl", "sy_updateperiod", "sy_updatefrequency")
_EBCDIC = "<?xm".encode("cp037")


def read(body: bytes, url: str, content_type: str) -> Listing | None:
    """What the feed lists, or None where nothing in the bytes looks like a feed."""
    if not (_FEED_TAG.search(body.replace(b"\0", b"")) or body.startswith(_EBCDIC)):
        return None
    headers = {"content-location": url, "content-type": content_type or "application/xml"}
    try:
        # As a stream: given bytes, feedparser would take them for a file's name.
        parsed = feedparser.parse(
            io.BytesIO(body),
            response_headers=headers,
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except (ValueError, LookupError):  # an encoding whose name is no text, a lone surrogate
        return None
    if not parsed.get("version") and not parsed.entries:
        return None
    return Listing(
        title=_string(parsed.feed, "title"),
        home=_string(parsed.feed, "link"),
        items=tuple(_listed(entry) for entry in parsed.entries),
        rest=hints.rest(*(_string(parsed.feed, name) for name in _RHYTHM)),
    )


def _listed(entry: Any) -> Listed:
    return Listed(
        links=tuple(_strings(entry, "feedburner_origlink", "link")),
        base=None,  # feedparser has resolved them
        title=_string(entry, "title"),
        dates=tuple(_strings(entry, "published", "created", "updated")),
        guid=_string(entry, "id"),
    )


def _strings(entry: Any, *names: str) -> Iterator[str]:
    for name in names:
        if text := _string(entry, name):
            yield text


def _string(entry: Any, name: str) -> str | None:
    """The entry's own word: feedparser's look-up would give one date for another."""
    value = dict.get(entry, name)
    return value.strip() if isinstance(value, str) else None
