"""Dates as pages write them, read strictly: what is not certain is None."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Literal

from ingester.boilerplate.phrases import Phrases
from ingester.models import Moment

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(hours=24)
_FURTHEST_ZONE = timedelta(hours=14)

_ISO = re.compile(
    r"(?P<year>\d{4})[-/.]?(?P<month>\d{2})[-/.]?(?P<day>\d{2})"
    r"(?:[T ]\s?(?P<hour>\d{2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:[.,]\d{1,9})?)?"
    r"\s?(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?(?:\[[\w/]{1,40}\])?",
    re.IGNORECASE,
)
_MAIL = re.compile(r"[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} ")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?!\d)")
_HAN = re.compile(r"(\d{4})\s?年\s?(\d{1,2})\s?月\s?(\d{1,2})\s?日")
_NOON = 12
_BEFORE = {
    **dict.fromkeys(("오전", "上午", "午前", "凌晨", "早上"), 0),
    **dict.fromkeys(("오후", "下午", "午後", "晚上"), _NOON),
}
_AFTER = {"am": 0, "πμ": 0, "ص": 0, "pm": _NOON, "μμ": _NOON, "م": _NOON}
_HALVES = {**_BEFORE, **_AFTER}
"""The half of the day that stands before or after the time, and the hours that it adds."""

_CLOCK = re.compile(
    rf"({'|'.join(_BEFORE)})?\s?(?<![\d:])(\d{{1,2}})[:.h](\d{{2}})(?::(\d{{2}}))?(?![\d:])"
    r"\s?([apπμ]\.?\s?[mμ]\b\.?|[صم](?!\w))?"
    r"\s?((?:UTC|GMT)\s?[+-]\d{1,2}(?::?\d{2})?(?!\d)|Z\b|UTC|GMT|[+-]\d{2}:\d{2})?",
    re.IGNORECASE,
)
_HALF_SIGNS = re.compile(r"[.\s]")
_NAMED_ZONE = re.compile(r"Z|(?:UTC|GMT)\s?", re.IGNORECASE)
Precision = Literal["day", "minute", "second"]
_RANK: dict[str, int] = {"day": 0, "minute": 1, "second": 2}


def claimed(raw: str, source: str, now: datetime) -> Moment | None:
    """The moment that a machine-readable date names: ISO 8601 or RFC 2822, 1990 to tomorrow."""
    raw = raw.strip()
    found = _ISO.fullmatch(raw)
    try:
        if found:
            return _sane(_of_iso(found, source, raw), now)
        if _MAIL.match(raw):
            return _sane(_of_mail(raw, source), now)
    except ValueError:
        pass
    return None


def written(line: str, phrases: Phrases, source: str, now: datetime) -> Moment | None:
    """The one date, and its time of day, that a short line of text names; None where unclear."""
    found = _day(line, phrases)
    if found is None:
        return None
    (year, month, day), rest = found
    try:
        at = datetime(year, month, day, tzinfo=UTC)
        return _sane(_with_clock(at, rest, source, line), now)
    except ValueError:
        return None


def said(raw: str, phrases: Phrases, source: str, now: datetime) -> Moment | None:
    """The moment that a date names, written for machines or for readers."""
    return claimed(raw, source, now) or written(raw, phrases, source, now)


def best(claims: Iterable[Moment | None]) -> Moment | None:
    """The first claim, or the most precise of those that agree with it on the day."""
    known = [claim for claim in claims if claim is not None]
    agreeing = [claim for claim in known if _agree(known[0], claim)]
    return max(agreeing, key=lambda claim: (_RANK[claim.precision], claim.zoned), default=None)


def _agree(a: Moment, b: Moment) -> bool:
    """Whether both may mean one time: days are as wide as the world's zones make them."""
    if a.precision == b.precision == "day":
        return a.at == b.at
    if "day" not in (a.precision, b.precision):
        return a is b or (a.at.replace(second=0) == b.at.replace(second=0))
    day, time = (a, b) if a.precision == "day" else (b, a)
    slack = _FURTHEST_ZONE if time.zoned else timedelta()
    return day.at - slack <= time.at < day.at + timedelta(days=1) + slack


def _sane(moment: Moment, now: datetime) -> Moment | None:
    return moment if _EARLIEST <= moment.at <= now + _AHEAD else None


def _of_iso(found: re.Match[str], source: str, raw: str) -> Moment:
    year, month, day = (int(found[name]) for name in ("year", "month", "day"))
    if found["hour"] is None:
        return Moment(datetime(year, month, day, tzinfo=UTC), "day", False, source, raw)
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    at = datetime(year, month, day, hour, minute, second, tzinfo=_zone(found["zone"]))
    precise: Precision = "second" if found["second"] else "minute"
    return Moment(at.astimezone(UTC), precise, found["zone"] is not None, source, raw)


def _zone(name: str | None) -> timezone:
    """The zone by its offset, as in "+05:30", "-0800" or "GMT+1"; UTC where there is none."""
    offset = _NAMED_ZONE.sub("", name or "", count=1)
    if not offset:
        return UTC
    digits = offset[1:].replace(":", "")
    cut = len(digits) - 2 if len(digits) > 2 else len(digits)  # noqa: PLR2004 - of an hour's figures
    away = timedelta(hours=int(digits[:cut]), minutes=int(digits[cut:] or 0))
    return timezone(-away if offset[0] == "-" else away)


def _of_mail(raw: str, source: str) -> Moment:
    at = parsedate_to_datetime(raw)
    zoned = at.tzinfo is not None
    return Moment(
        (at if zoned else at.replace(tzinfo=UTC)).astimezone(UTC), "second", zoned, source, raw
    )


def _day(line: str, phrases: Phrases) -> tuple[tuple[int, int, int], str] | None:
    """Year, month and day in `line`, and the rest of it."""
    if found := _YEAR_FIRST.search(line) or _HAN.search(line):
        numbers = [int(n) for n in found.groups() if n.isdigit()]
        return (numbers[0], numbers[1], numbers[2]), _around(line, found)
    if found := _DAY_FIRST.search(line):
        return _day_first(found, line)
    if found := _named(phrases).search(line):
        day = found["before"] or found["after"]
        month = phrases.months[found["month"].casefold()]
        return ((int(found["year"]), month, int(day)), _around(line, found)) if day else None
    return None


def _around(line: str, found: re.Match[str]) -> str:
    return line[: found.start()] + " " + line[found.end() :]


def _day_first(found: re.Match[str], line: str) -> tuple[tuple[int, int, int], str] | None:
    """Day, month, year: with slashes only where no American could read it the other way round."""
    day, month, year = int(found[1]), int(found[3]), int(found[4])
    if day <= _NOON < month:
        day, month = month, day
    elif found[2] == "/" and day <= _NOON and day != month:
        return None
    return (year, month, day), _around(line, found)


@cache
def _pattern(months: frozenset[str]) -> re.Pattern[str]:
    names = "|".join(map(re.escape, sorted(months - {"#"}, key=lambda m: (-len(m), m)))) or "(?!)"
    return re.compile(
        rf"(?:(?<!\d)(?P<before>\d{{1,2}})(?:st|nd|rd|th|er|º|\.)?\s(?:de\s)?)?(?<!\w)(?P<month>{names})(?!\w)\.?"
        r"(?:\s(?P<after>\d{1,2})(?:st|nd|rd|th)?(?!\d),?)?,?\s(?:de\s|del\s)?(?P<year>\d{4})(?!\d)",
        re.IGNORECASE,
    )


def _named(phrases: Phrases) -> re.Pattern[str]:
    return _pattern(frozenset(phrases.months))


def _with_clock(at: datetime, rest: str, source: str, raw: str) -> Moment:
    clocks = _CLOCK.findall(rest)
    if len(clocks) != 1:
        return Moment(at, "day", False, source, raw)
    before, hour, minute, second, after, zone = clocks[0]
    half = _HALF_SIGNS.sub("", before or after).casefold()
    hours = int(hour) % _NOON + _HALVES.get(half, 0) if half else int(hour)
    precise: Precision = "second" if second else "minute"
    moment = at.replace(
        hour=hours, minute=int(minute), second=int(second or 0), tzinfo=_zone(zone or None)
    )
    return Moment(moment.astimezone(UTC), precise, bool(zone), source, raw)
