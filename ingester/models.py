"""The frozen values that walk down the path, in walking order: feed, entry, page, article, story.

All times are aware and in UTC. No value is ever half-filled: where something is not known its
type says so with `None`, which means "not known", never "not yet".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, NewType

FeedId = NewType("FeedId", int)
EntryId = NewType("EntryId", int)
ArticleId = NewType("ArticleId", int)
StoryId = NewType("StoryId", int)
EventId = NewType("EventId", int)
Token = NewType("Token", int)
"""A fencing token: a claim's writes count only while the row still bears it."""


# --- failures are values, so that reasons can be counted ---------------------------------------


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


# --- time as claimed ----------------------------------------------------------------------------


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
    ever parsed.
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


@dataclass(frozen=True, slots=True)
class Request:
    """What to fetch: a URL, and what is held of it already (for a conditional GET).

    `configured`: the operator named this very URL, so its robots.txt is not asked.
    """

    url: str
    accept: str
    etag: str | None = None
    last_modified: str | None = None
    configured: bool = False


@dataclass(frozen=True, slots=True)
class Response:
    """What a server answered: 200 with a decoded body, or 304 with an empty one.

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
    """

    title: str | None
    home: str | None
    items: tuple[FeedItem, ...]
    dropped: Mapping[str, int]
    more: tuple[str, ...] = ()
    rest: timedelta = timedelta()


# --- ingest: entry -> page -> article -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ClaimedEntry:
    """A link that is due to be fetched, under a lease, with what its feed said of it.

    `attempts` counts its tries, this one included; `crashes` those that crashed, this one too as long
    as it has not ended otherwise.
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

    `etag` and `last_modified` are those of the page that was read last. `number` counts the visits,
    this one included.
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


class Form(StrEnum):
    """In which form a page tells its article. The word stands in SQL."""

    ARTICLE = "article"
    TEASER = "teaser"
    LIVE = "live"
    GALLERY = "gallery"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class Agency:
    """A news agency that the article credits, and the words that say so."""

    name: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where in its page a line stands, as far as the page tells.

    `part`: what the page calls the part around it ("caption", "byline" ...; extract/parts.py).
    `linked`: the share of its words that are links; None where the line was not found in the page.
    """

    part: str | None = None
    linked: float | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A page read, its residual boilerplate still in: lines in reading order, and metadata.

    `lines` are paragraphs, headings and list items of the main text, no line break inside;
    `places` says of each where it stands. `sources`: by the name of each other field that has a value
    where it was found: "json-ld", "h1", a meta tag's name, "site rule", "text", or "given" with the page.
    """

    lines: tuple[str, ...]
    places: tuple[Place, ...]
    title: str | None
    description: str | None
    authors: tuple[str, ...]
    published: Moment | None
    modified: Moment | None
    agency: Agency | None
    outlet: str | None
    section: str | None
    language: str | None
    canonical_url: str | None
    image: str | None
    form: Form
    extractor: str
    confidence: float
    sources: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Cut:
    """A line that is residual boilerplate.

    `kind` is the rule's ("see_also", "byline" ...), `line` its index in the draft's lines.
    A soft cut stays in the text and is left out of the text that is signed.
    """

    kind: str
    line: int
    text: str
    soft: bool


@dataclass(frozen=True, slots=True)
class Article:
    """Clean text and metadata of one URL.

    `text`: paragraphs separated by a blank line. `signed_text`: the same without soft
    boilerplate; it is what copies are found by. `watched`: the lines that may be the outlet's own,
    each with its hash. `sources` as in `Draft`.
    """

    title: str | None
    text: str
    signed_text: str
    description: str | None
    authors: tuple[str, ...]
    published: Moment | None
    modified: Moment | None
    agency: Agency | None
    outlet: str | None
    section: str | None
    language: str | None
    canonical_url: str | None
    image: str | None
    form: Form
    removed: tuple[Cut, ...]
    watched: tuple[tuple[int, str], ...]
    extractor: str
    confidence: float
    sources: Mapping[str, str]


# --- group: article -> story -> event -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Vector:
    """A text's weighted terms: signed 64-bit term hashes, ascending, and weights of unit length.

    Packed as little-endian int64 and float32, because a placement reads hundreds of vectors;
    `events.terms` and `events.weights` give the numbers.
    """

    terms: bytes
    weights: bytes


@dataclass(frozen=True, slots=True)
class Signed:
    """An article and all that it can be found by.

    `body_sha256` is of the normalised tokens. `values` is the datasketch signature and `keys` one
    signed 64-bit key for each of its values; both are empty where the text is too short to sign.
    `vector` describes what the article is about, `term_keys` are its most telling terms.
    """

    article: Article
    body_sha256: bytes
    tokens: int
    values: tuple[int, ...]
    keys: tuple[int, ...]
    vector: Vector
    term_keys: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """An article as grouping sees it.

    `rank` is a hash of its URL: it breaks ties, so that no result depends on the order of
    arrival. `story_id` and `event_id` are None before the first placement.
    """

    id: ArticleId
    rank: bytes
    url: str
    outlet: str
    language: str | None
    published: Moment | None
    first_seen: datetime
    canonical_url: str | None
    agency: str | None
    tokens: int
    vector: Vector
    story_id: StoryId | None
    event_id: EventId | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A member that may be related to another one, with the text to verify it on."""

    member: Member
    body_sha256: bytes
    signed_text: str


@dataclass(frozen=True, slots=True)
class Edge:
    """A verified story score between two articles, as stored; `a` < `b`."""

    a: ArticleId
    b: ArticleId
    score: float


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's word on two articles: one story ("join") or never one ("split"); `a` < `b`."""

    a: ArticleId
    b: ArticleId
    kind: Literal["join", "split"]


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """All that a placement may depend on, read in one transaction.

    `candidates`: articles that share keys with the new one. `members`: everybody whose story or
    event may change (the candidates, those joined to them by story edges or decisions, and the whole
    of their stories and events). `edges`: stored story edges among the members. `decisions`: those in
    force among the members and the new one, in the order in which they were made. `canonical`: each
    touched story's present canonical article. `former`: whom story edges joined to the former text of
    an article that is revised.
    """

    candidates: tuple[Candidate, ...]
    members: tuple[Member, ...]
    edges: tuple[Edge, ...]
    decisions: tuple[Decision, ...]
    canonical: Mapping[StoryId, ArticleId]
    former: tuple[ArticleId, ...]


RelationKind = Literal["identical", "copy", "partial", "same_event"]


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of words that stands in both texts: character offsets, half-open, into signed_text."""

    a_start: int
    a_end: int
    b_start: int
    b_end: int


@dataclass(frozen=True, slots=True)
class Relation:
    """Why two articles belong together, with the evidence.

    `a` < `b`. Scores lie in [0, 1]. `containment_a`: the share of a's word-5-shingles that stand
    in b; `containment_b` the other way round; `jaccard` over the same shingles, `shared` their
    number; `containment3` of the smaller word-3-shingle set; `lead3` as in docs/grouping.md. `passages`
    are told of copies, whole or partial.
    """

    a: ArticleId
    b: ArticleId
    kind: RelationKind
    story_score: float
    event_score: float
    containment_a: float
    containment_b: float
    jaccard: float
    shared: int
    containment3: float
    lead3: float
    passages: tuple[Passage, ...]
    rule: str


@dataclass(frozen=True, slots=True)
class StoryPlacement:
    """The articles of one story, its canonical one, and the reason for that choice.

    `story_id` is the story that they go on being, or None for a new one.
    """

    story_id: StoryId | None
    articles: tuple[ArticleId, ...]
    canonical: ArticleId
    reason: str


@dataclass(frozen=True, slots=True)
class EventPlacement:
    """The articles of one event; whole stories only. `event_id` None: a new event."""

    event_id: EventId | None
    articles: tuple[ArticleId, ...]


@dataclass(frozen=True, slots=True)
class Placement:
    """What one article's arrival changes: its relations, and all touched stories and events.

    Every member of the neighbourhood whose story or event is touched stands in exactly one
    story placement and exactly one event placement. `oversized`: how many units stood together
    where they were too many to be grouped anew, so that only the new article was placed; else 0.
    """

    relations: tuple[Relation, ...]
    stories: tuple[StoryPlacement, ...]
    events: tuple[EventPlacement, ...]
    oversized: int = 0


# --- what became of it --------------------------------------------------------------------------

Outcome = Literal[
    "stored", "revised", "unchanged", "duplicate", "skipped", "quarantined", "retry", "lost"
]
"""What `store` did with one entry. "lost": the lease had run out and another worker holds it."""
