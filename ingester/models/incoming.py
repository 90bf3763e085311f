"""What comes in: feeds and what they list, requests and their answers, pages and who sent them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NewType

from ingester.models.outcomes import Failed

FeedId = NewType("FeedId", int)
EntryId = NewType("EntryId", int)
Token = NewType("Token", int)
"""A fencing token: a claim's writes count only while the row still bears it."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time as somebody claimed it: no more precise than the claim.

    `at` is UTC; where `zoned` is false the claim named no zone and is read as UTC; where
    `precision` is "day", `at` is that day's midnight. `source` names the place it was read from
    ("json-ld", "feed", "text" ...), `raw` is the claim's own spelling.
    """

    at: datetime
    precision: Literal["day", "minute", "second"]
    zoned: bool
    source: str
    raw: str

    def isoformat(self) -> str:
        """ISO 8601, exactly as precise as the claim."""
        if self.precision == "day":
            return self.at.date().isoformat()
        zone = "Z" if self.zoned else ""
        timespec = "minutes" if self.precision == "minute" else "seconds"
        return self.at.replace(tzinfo=None).isoformat(timespec=timespec) + zone


# --- poll: feed -> entries ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ClaimedFeed:
    """A feed that is due, under a lease.

    `etag` and `last_modified` are those of the last body that parsed, as far as they are to be sent;
    `body_sha256` is its hash. `errors` counts failures since then, some as fractions. `new`: no poll
    ever parsed. `unread` are pages that earlier polls left.
    """

    id: FeedId
    url: str
    token: Token
    new: bool
    errors: float
    failing_since: datetime | None
    interval: timedelta
    etag: str | None
    last_modified: str | None
    body_sha256: bytes | None
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """What to fetch: a URL, and what is held of it already (for a conditional GET).

    `configured`: the operator named this very URL, so its robots.txt is not asked. `up_to`: so many
    bytes of the body's beginning are enough, the rest is left unread. `lenient`: any status from 200
    to 399 is an answer where it leads nowhere else, as RFC 9309 has it of robots.txt, and a redirect
    to what is not to be fetched may pass.
    """

    url: str
    accept: str
    etag: str | None = None
    last_modified: str | None = None
    configured: bool = False
    up_to: int | None = None
    lenient: bool = False


@dataclass(frozen=True, slots=True)
class Response:
    """What a server answered: 200 with a decoded body, or 304 with an empty one; more to a lenient request.

    `url` is where the body was found, after redirects; header names are lower-case. `moved_to` is
    how far permanent redirects alone led, None where the first was none.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    fetched_at: datetime
    moved_to: str | None = None


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One link listed in a feed, its URL canonical and absolute.

    `raw_date` is the date as spelled, also where nothing could be made of it.
    """

    url: str
    title: str | None
    published: Moment | None
    guid: str | None
    raw_date: str | None = None


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """What a feed's bytes say: newest items first; `dropped` counts items by why they were left.

    `more` are the URLs of pages that go on with it, the nearest first: an archive of older items
    (RFC 5005), or what a sitemap index lists. `rest` is how long it says that it stays as it is.
    Once such pages were read, `unread` are those that are left for the next poll, and `failed` is why
    one was not read.
    """

    title: str | None
    home: str | None
    items: tuple[FeedItem, ...]
    dropped: Mapping[str, int]
    more: tuple[str, ...] = ()
    rest: timedelta = timedelta()
    unread: tuple[str, ...] = ()
    failed: Failed | None = None


# --- ingest: entry -> page ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ClaimedEntry:
    """A link that is due to be fetched, under a lease, with what its feed said of it.

    `attempts` counts its tries, this one included; `crashes` those whose reader crashed.
    """

    id: EntryId
    url: str
    token: Token
    attempts: int
    crashes: int
    title: str | None
    published: Moment | None
    outlet: str | None


@dataclass(frozen=True, slots=True)
class Visit:
    """A link whose article is held, due to be looked at again, under a lease.

    `etag` and `last_modified` are those of the page that the article is made of. `number` counts the
    visits, this one and those that were missed included.
    """

    entry: ClaimedEntry
    number: int
    etag: str | None
    last_modified: str | None


@dataclass(frozen=True, slots=True)
class Imported:
    """A page of an archive that a person imports, with what the archive says of it.

    `url` is the page's own, or "import:<archive>/<name>" where it has none.
    """

    url: str
    title: str | None
    published: Moment | None
    outlet: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """The bytes to extract from, and what their source said of them.

    `etag` and `last_modified` are the server's marks, for a later visit.

    `media_type` is "text/html" or "text/plain" (or what the server claimed). `url` is None where
    the bytes came without one. `title`, `published` and `outlet` are the word of a feed or an
    archive: the page's own metadata is asked first. `own` are the hashes of lines that the outlet is
    known to repeat.
    """

    url: str | None
    body: bytes
    media_type: str
    charset: str | None
    fetched_at: datetime
    title: str | None = None
    published: Moment | None = None
    outlet: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    own: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Reread:
    """An article whose stored page is to be read again, under a lease that ends at `until`.

    `page_id` is the page that the article is made of, `page` its bytes and what its entry said of them.
    """

    article_id: int
    page_id: int
    until: datetime
    url: str
    page: Page


Incoming = ClaimedEntry | Imported | Reread
"""What a page comes by, and is settled for: a link, on its first fetch or a visit; an import; a reread."""
