"""Dates as feeds spell them, read strictly: a date that is not understood is none, never a guess."""

import re
from datetime import MAXYEAR, UTC, datetime, timedelta

from ingester.models import Moment

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(hours=24)
_LONGEST = 100  # characters; no spelling below needs more

_CLOCK = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?"
    r"(?:\s*(?P<half>[ap])\.?m\b\.?)?"
)
_ZONE = r"(?:\s*(?P<zone>[a-z]{1,5}|(?:GMT|UTC?)?\s?[+-]\d{1,2}:?(?:\d\d)?)(?:\s*\([^()]*\))?)?"
_WEEKDAY = r"(?:[^\W\d]{2,10}\.?,?\s+)?"
_NAME = r"(?P<name>[a-z]{3,9})\.?"

# ISO 8601 and RFC 3339; RFC 822 and 2822; American; ctime.
_SPELLINGS = tuple(
    re.compile(pattern, re.ASCII | re.IGNORECASE)
    for pattern in (
        rf"(?P<year>\d{{4}})([-/.])(?P<month>\d\d?)\2(?P<day>\d\d?)(?:(?:T|,?\s+){_CLOCK}{_ZONE})?",
        rf"{_WEEKDAY}(?P<day>\d\d?)[\s-]+{_NAME},?[\s-]+(?P<year>\d{{4}}|\d\d)(?:,?\s+{_CLOCK}{_ZONE})?",
        rf"{_WEEKDAY}{_NAME}\s+(?P<day>\d\d?),?\s+(?P<year>\d{{4}})(?:,?\s+(?:at\s+)?{_CLOCK}{_ZONE})?",
        rf"{_WEEKDAY}{_NAME}\s+(?P<day>\d\d?)\s+{_CLOCK}{_ZONE}\s+(?P<year>\d{{4}})",
    )
)
_OFFSET = re.compile(r"(?:GMT|UTC?)?\s?([+-])(\d\d?):?(\d\d)?", re.IGNORECASE)

_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip

# Hours from UTC, for names of one meaning. Source: RFC 822, section 5.1 (the American ones), the
# IANA time zone database. BST and IST have several and are left unknown.
_ZONES = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 1,
    "cet": 1, "met": 1, "cest": 2, "mest": 2, "eet": 2, "eest": 3, "msk": 3,
    "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
    "akst": -9, "akdt": -8, "hst": -10, "brt": -3, "art": -3, "sast": 2, "eat": 3, "pkt": 5,
    "wib": 7, "ict": 7, "hkt": 8, "sgt": 8, "awst": 8, "jst": 9, "kst": 9,
    "acst": 9.5, "acdt": 10.5, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13,
}  # fmt: skip


def moment(raw: str, fetched_at: datetime) -> Moment | None:
    """The moment that a feed claims, or None where it is not understood or can't be true.

    True ones lie between 1990 and a day after the fetch: clocks and zones are sometimes set wrong.
    """
    text = " ".join(raw[: _LONGEST + 1].split())
    found = _match(text) if len(text) <= _LONGEST else None
    claimed = _claimed(found.groupdict(), text) if found else None
    if claimed is None or not _EARLIEST <= claimed.at <= fetched_at + _AHEAD:
        return None
    return claimed


def _match(text: str) -> re.Match[str] | None:
    return next((found for spelling in _SPELLINGS if (found := spelling.fullmatch(text))), None)


def _claimed(parts: dict[str, str | None], raw: str) -> Moment | None:
    try:
        day = datetime(_year(parts), _month(parts), int(parts["day"] or 0), tzinfo=UTC)
        clock, offset = _clock(parts), _offset(parts.get("zone") or "")
    except ValueError:
        return None
    if clock is None:
        return Moment(day, "day", zoned=False, source="feed", raw=raw)
    at = day + clock - (offset or timedelta())
    return Moment(
        at,
        "second" if parts["second"] else "minute",
        zoned=offset is not None,
        source="feed",
        raw=raw,
    )


def _year(parts: dict[str, str | None]) -> int:
    """The year, of two digits by RFC 2822, section 4.3; years that can't be are ValueErrors."""
    year = int(parts["year"] or 0)
    if len(parts["year"] or "") == 2:  # noqa: PLR2004 - digits
        year += 2000 if year < 50 else 1900  # noqa: PLR2004 - as the RFC says
    if not _EARLIEST.year <= year < MAXYEAR:
        raise ValueError(year)
    return year


def _month(parts: dict[str, str | None]) -> int:
    """By number or by English name, whole or cut to three letters at least; else a ValueError."""
    name = parts.get("name")
    if name is None:
        return int(parts["month"] or 0)
    lower = name.lower().removesuffix("t") if name.lower() == "sept" else name.lower()
    return next((i for i, month in enumerate(_MONTHS, 1) if month.startswith(lower)), 0)


def _clock(parts: dict[str, str | None]) -> timedelta | None:
    """The time of day, or None where none is claimed; a time that can't be is a ValueError."""
    if parts.get("hour") is None:
        return None
    hour, minute = int(parts["hour"] or 0), int(parts["minute"] or 0)
    if parts["half"] and 1 <= hour <= 12:  # noqa: PLR2004 - hours of half a day
        hour = hour % 12 + (12 if parts["half"].lower() == "p" else 0)
    second = min(int(parts["second"] or 0), 59 if parts["second"] == "60" else 99)
    datetime(1990, 1, 1, hour, minute, second, tzinfo=UTC)  # checks the ranges
    return timedelta(hours=hour, minutes=minute, seconds=second)


def _offset(zone: str) -> timedelta | None:
    """The zone's distance from UTC, or None where it is unknown; one that can't be is a ValueError."""
    numeric = _OFFSET.fullmatch(zone)
    if numeric is None:
        hours = _ZONES.get(zone.lower())
        return None if hours is None else timedelta(hours=hours)
    sign, hours_text, minutes = numeric.groups()
    distance = timedelta(hours=int(hours_text), minutes=int(minutes or 0))
    if distance > timedelta(hours=14):  # Kiribati is farthest ahead
        raise ValueError(zone)
    return distance if sign == "+" else -distance
