"""What becomes of an item. Failures are values, so that reasons can be counted."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Literal


class Reason(StrEnum):
    """Why something was not stored. The word stands in SQL, logs and metrics."""

    # the fetch
    BAD_URL = "bad_url"
    FORBIDDEN_ADDRESS = "forbidden_address"
    ROBOTS = "robots"
    OPTED_OUT = "opted_out"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    TIMEOUT = "timeout"
    TOO_LARGE = "too_large"
    TRUNCATED = "truncated"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    RATE_LIMITED = "rate_limited"
    RESTING = "resting"
    SERVER_ERROR = "server_error"
    UNAVAILABLE = "unavailable"
    BLOCKED = "blocked"
    NOT_FOUND = "not_found"
    GONE = "gone"
    SHUTDOWN = "shutdown"
    # the feed
    NOT_A_FEED = "not_a_feed"
    # the page
    UNSUPPORTED_TYPE = "unsupported_type"
    EMPTY = "empty"
    NO_ARTICLE = "no_article"
    INTERSTITIAL = "interstitial"
    CONSENT = "consent"
    WALL = "wall"
    FRONT = "front"
    GALLERY = "gallery"
    VIDEO = "video"
    TOO_COMPLEX = "too_complex"
    CRASHED = "crashed"
    # the store
    BAD_INPUT = "bad_input"
    REJECTED = "rejected"
    REPEATED = "repeated"


Step = Literal["poll", "fetch", "parse", "extract", "store"]


@dataclass(frozen=True, slots=True)
class Failed:
    """A step that gave nothing, and why.

    `retry`: whether the same input may succeed later. `retry_after`: when the other side named
    a wait.
    """

    step: Step
    reason: Reason
    detail: str
    retry: bool
    retry_after: timedelta | None = None


Outcome = Literal[
    "stored", "revised", "unchanged", "duplicate", "skipped", "quarantined", "retry", "lost"
]
"""What `store` did with one entry. "lost": the lease had run out and another worker holds it."""
