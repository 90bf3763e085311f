"""What an article says, read from its page, and what it can be found by."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ingester.models.incoming import Moment


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
class Metadata:
    """What a page says of its article, and how that was read.

    `sources`: by the name of each other field that has a value where it was found: "json-ld", "h1", a
    meta tag's name, "site rule", "text", or "given" with the page.
    """

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
class Draft(Metadata):
    """A page read, its residual boilerplate still in: lines in reading order, and metadata.

    `lines` are paragraphs, headings and list items of the main text, no line break inside;
    `places` says of each where it stands.
    """

    lines: tuple[str, ...]
    places: tuple[Place, ...]


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
class Article(Metadata):
    """Clean text and metadata of one URL.

    `text`: paragraphs separated by a blank line. `signed_text`: the same without soft
    boilerplate; it is what copies are found by. `watched`: the lines that may be the outlet's own,
    each with its hash.
    """

    text: str
    signed_text: str
    removed: tuple[Cut, ...]
    watched: tuple[tuple[int, str], ...]


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
