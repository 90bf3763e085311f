"""How long a feed and its server say that it stays as it is.

Source: RSS 2.0 (`ttl`, in minutes); RDF Site Summary 1.0, module Syndication; RFC 9111, section 5.2.2.1.
"""

import re
from collections.abc import Mapping
from datetime import timedelta

_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_NUMBER = re.compile(r"\s*(\d{1,6})\s*", re.ASCII)
_MAX_AGE = re.compile(r"\bmax-age\s*=\s*\"?(\d{1,8})\b", re.ASCII | re.IGNORECASE)


def rest(ttl: str | None, period: str | None, frequency: str | None) -> timedelta:
    """What the feed's own elements say, the longest; nothing where they say nothing."""
    span = _PERIODS.get((period or "").strip().lower(), timedelta())
    return max(timedelta(minutes=_number(ttl)), span / max(_number(frequency), 1))


def fresh(headers: Mapping[str, str]) -> timedelta:
    """For how long the server's answer holds good; nothing where it does not say."""
    found = _MAX_AGE.search(headers.get("cache-control", ""))
    return timedelta(seconds=int(found[1])) if found else timedelta()


def _number(text: str | None) -> int:
    found = _NUMBER.fullmatch(text or "")
    return int(found[1]) if found else 0
