"""JSON Feed. Source: jsonfeed.org/version/1.1."""

import json
import re
from collections.abc import Iterator
from typing import Any

from ingester.feeds.listing import Listed, Listing

_VERSION = re.compile(r"https?://(www\.)?jsonfeed\.org/version/")


def read(body: bytes) -> Listing | None:
    """What the feed lists, or None where the bytes are no JSON Feed."""
    if not body.startswith(b"{"):
        return None
    try:
        feed = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not _VERSION.match(_string(feed, "version") or "") or not isinstance(
        feed.get("items"), list
    ):
        return None
    items = (item if isinstance(item, dict) else {} for item in feed["items"])  # all are counted
    return Listing(
        title=_string(feed, "title"),
        home=_string(feed, "home_page_url"),
        base=_string(feed, "home_page_url"),
        items=tuple(_listed(item) for item in items),
        more=tuple(_strings(feed, "next_url")),
    )


def _listed(item: dict[str, Any]) -> Listed:
    return Listed(
        links=tuple(_strings(item, "url", "external_url")),
        base=None,
        title=_string(item, "title"),
        dates=tuple(_strings(item, "date_published", "date_modified")),
        guid=_string(item, "id"),
    )


def _strings(item: dict[str, Any], *names: str) -> Iterator[str]:
    for name in names:
        if text := _string(item, name):
            yield text


def _string(item: dict[str, Any], name: str) -> str | None:
    value = item.get(name)
    return value.strip() if isinstance(value, str) else None
