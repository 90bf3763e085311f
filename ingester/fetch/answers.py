"""What a server's answer, or the lack of one, means: a reason, and whether to come back and when."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import aiohttp

from ingester.fetch.decode import TooLarge, Truncated, UnknownCoding
from ingester.models import Failed, Reason

_DETAIL_CHARACTERS = 200
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\xa0-\ud7ff\ue000-\uffff]+")

_STATUSES: dict[int, Reason] = {
    HTTPStatus.NOT_FOUND: Reason.NOT_FOUND,
    HTTPStatus.GONE: Reason.GONE,
    HTTPStatus.REQUEST_TIMEOUT: Reason.TIMEOUT,
    HTTPStatus.TOO_EARLY: Reason.SERVER_ERROR,
    HTTPStatus.TOO_MANY_REQUESTS: Reason.RATE_LIMITED,
    HTTPStatus.SERVICE_UNAVAILABLE: Reason.UNAVAILABLE,
}
_PASSING = {Reason.TIMEOUT, Reason.SERVER_ERROR, Reason.RATE_LIMITED, Reason.UNAVAILABLE}


class HungUp(aiohttp.ClientError):
    """The server closed the connection before it answered."""


# The first that fits: aiohttp's errors have several bases.
_ERRORS: tuple[tuple[type[Exception], Reason, bool], ...] = (
    (TooLarge, Reason.TOO_LARGE, False),
    (Truncated, Reason.TRUNCATED, True),
    (UnknownCoding, Reason.UNSUPPORTED_TYPE, False),
    (aiohttp.ClientSSLError, Reason.TLS, True),
    (aiohttp.ConnectionTimeoutError, Reason.UNREACHABLE, True),
    (aiohttp.ClientPayloadError, Reason.TRUNCATED, True),
    (HungUp, Reason.UNREACHABLE, True),
    (aiohttp.ClientOSError, Reason.UNREACHABLE, True),
    (aiohttp.InvalidURL, Reason.BAD_URL, False),
    (aiohttp.ClientError, Reason.SERVER_ERROR, True),
    (TimeoutError, Reason.TIMEOUT, True),
    (OSError, Reason.UNREACHABLE, True),
)
EXPECTED = tuple(kind for kind, _, _ in _ERRORS)
"""What a request may raise."""


def of_status(status: int, headers: Mapping[str, str], longest_s: float) -> Failed:
    """What a status that brings no page means; a wait that it names is cut to `longest_s`."""
    reason = _STATUSES.get(status)
    if reason is None:
        refused = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
        reason = Reason.BLOCKED if refused else Reason.SERVER_ERROR
    retry = reason in _PASSING
    wait = _wait(headers.get("retry-after", ""), timedelta(seconds=longest_s)) if retry else None
    return Failed("fetch", reason, f"HTTP {status}", retry, wait)


def of_error(error: Exception) -> Failed:
    """What one of the EXPECTED errors means."""
    cause = getattr(error, "os_error", error)
    if isinstance(cause, PermissionError):  # the guard's; see addresses.ForbiddenAddress
        return failed(Reason.FORBIDDEN_ADDRESS, cause.strerror or str(cause))
    reason, retry = next((r, again) for kind, r, again in _ERRORS if isinstance(error, kind))
    return failed(reason, str(error) or type(error).__name__, retry=retry)


def failed(reason: Reason, detail: str, *, retry: bool = False) -> Failed:
    """A fetch that gave nothing; the detail as one short printable line."""
    return Failed("fetch", reason, printable(detail)[:_DETAIL_CHARACTERS], retry)


def printable(text: str) -> str:
    """The text without what no log, header or database column takes."""
    return _UNPRINTABLE.sub(" ", text)


def _wait(retry_after: str, longest: timedelta) -> timedelta | None:
    """The time that a Retry-After names, at most `longest`; None where it names none that is to come."""
    named = _named(retry_after.strip())
    return min(named, longest) if named and named > timedelta() else None


def _named(value: str) -> timedelta | None:
    """A Retry-After in seconds or as a date; None where it is neither."""
    if value.isascii() and value.isdigit():
        return timedelta(seconds=int(value[:9]))
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware - datetime.now(UTC)
