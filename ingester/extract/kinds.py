"""What kind of page it is: an article and in which form, or none, and why not.

Where in doubt a page is an article: one that is refused is lost, one that is none can be told by its
form, its length and its cuts.
"""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from ingester.boilerplate import lines
from ingester.boilerplate.kinds import REFUSED
from ingester.boilerplate.phrases import Phrases
from ingester.extract.blocks import Block
from ingester.extract.claims import Claims
from ingester.models import Form, Reason

_REASONS: Mapping[str, Reason] = {
    "interstitial": Reason.INTERSTITIAL,
    "consent": Reason.CONSENT,
    "gone": Reason.NOT_FOUND,
    "wall": Reason.WALL,
}
TELLING = frozenset(_REASONS)
"""The kinds of phrases by which a page is no article."""

_MOST_CHARACTERS = 4000
_STUB = 600
_SHARE = 0.4
"""What is longer than these, or says more besides, is no mere notice."""

_BRIEF = 300
"""A bot check or an error is told in few words; a longer line only happens to use them."""

_GALLERY = re.compile(
    r"(?:^|/)(?:(?:photo|picture|image)s?-?)?(?:galler(?:y|ies)|galer(?:ie|ia|ía)s?)(?:/|$)"
    r"|(?:bilder|foto)-?galer(?:ie|ia|ía)|(?:foto|bilder)strecke|slideshow|diaporama"
)
"""The word alone: "the-national-gallery-reopens" is an article."""

_VIDEO = re.compile(r"^videos?$|^watch$|^mediathek$")
_LIVE = re.compile(
    r"live-?(?:blog|ticker|updates)|newsblog|minute-by-minute|as-it-happened|/live(?:-news)?/."
    r"|[-/]en-direct[eo]?(?:[-/.]|$)|minuto-a-minuto"
)
_LIVE_TITLE = re.compile(
    r"^(?:live(?: updates?|blog|ticker)?|en direct|en vivo|ao vivo|in diretta|прямая трансляция)\s?[:|–-]"
    r"|\b(?:live ?blog|live ?ticker|live updates|minuto a minuto)\b|\ben direct[eo]?\s?[:–]",
    re.IGNORECASE,
)
_DESCRIPTION = 400
"""A gallery or video page with less prose has a description, no article."""

_TEASER = 1500
_BELOW = 6
"""How many blocks below the main text a wall's own words stand."""

_LEADS = 8
_LED = 0.5
_PARAGRAPH = 35
_PARAGRAPHS = 2
"""A front has links to articles and short teasers, an article at least some longer paragraphs."""

_DEPTH = 3
_LISTING = re.compile(
    r"^/(?:category|categories|tags?|topics?|sections?|authors?|archives?|rubrik|kategorie|themen?|rubrique"
    r"|categoria|categoría|seccion|sección|tema|etiqueta|sezione|argomento)/|/page/\d{1,6}/?$",
    re.IGNORECASE,
)
"""Addresses of lists, whatever else they say."""

_SLUG = re.compile(r"\d|(?<=[^-_])[-_][^-_]+[-_]")


def refused(
    text: Sequence[str],
    claims: Claims,
    title: str | None,
    blocks: Sequence[Block],
    phrases: Phrases,
) -> tuple[Reason, str] | None:
    """Why the page is no article, and the words that say so; None for what may be one.

    `text` is its main text, `phrases` those of all languages of the kinds that are TELLING.
    """
    told = any(map(lines.is_prose, text))
    shown = text if told else [block.text for block in blocks] or text
    return (
        _notice(shown, claims, title, phrases)
        or _medium(text, claims)
        or _front(claims, blocks)
        or (None if text else (Reason.NO_ARTICLE, "no main text"))
    )


def form(text: Sequence[str], claims: Claims, blocks: Sequence[Block], phrases: Phrases) -> Form:
    """The form of a page that holds an article."""
    titles = (*claims.headings, claims.title or "")
    live = _LIVE.search(_path(claims)) or any(map(_LIVE_TITLE.search, titles))
    if live or "LiveBlogPosting" in _types(claims):
        return Form.LIVE
    if _is_teaser(text, claims, blocks, phrases):
        return Form.TEASER
    medium = None if _types(claims) else _shown_in(claims)
    return medium or Form.ARTICLE


def _notice(
    shown: Sequence[str], claims: Claims, title: str | None, phrases: Phrases
) -> tuple[Reason, str] | None:
    """A consent form, a bot check, an error or a wall, by the share of the text that is its words."""
    length = sum(map(len, shown))
    if length > _MOST_CHARACTERS:
        return None
    known = phrases.within((*shown, title or ""))
    said = known.mostly(title) if title else frozenset()
    if title and said and (length <= _STUB or ("gone" in said and not _is_claimed(claims))):
        return _REASONS[min(said)], title[:200]
    telling = [(line, kinds) for line in shown if (kinds := _told_by(line, known))]
    if not telling or sum(len(line) for line, _ in telling) < _SHARE * length:
        return None
    line, kinds = max(telling, key=lambda each: len(each[0]))
    if kinds == {"wall"} and any(lines.is_prose(each) for each in shown if each != line):
        return None
    return _REASONS[min(kinds)], line[:200]


def _told_by(line: str, phrases: Phrases) -> frozenset[str]:
    """The kinds of notice that a line is."""
    kinds = phrases.kinds(line)
    return kinds - REFUSED if len(line) > _BRIEF else kinds


def _medium(text: Sequence[str], claims: Claims) -> tuple[Reason, str] | None:
    """GALLERY or VIDEO where the page is one by its own word and tells little besides."""
    medium = _shown_in(claims)
    prose = sum(len(line) for line in text if lines.is_prose(line))
    if medium is None or _types(claims) or prose >= _DESCRIPTION:
        return None
    return Reason(medium.value), _path(claims)[:200] or medium.value


def _front(claims: Claims, blocks: Sequence[Block]) -> tuple[Reason, str] | None:
    """FRONT for a page of links to articles at an address that names none."""
    if claims.url is None or _is_claimed(claims):
        return None
    path = urlsplit(claims.url).path
    deep = len(path.strip("/").split("/")) > _DEPTH
    named = _SLUG.search(path) or deep or "article" in claims.og_type
    if named and not _LISTING.search(path):
        return None
    long = [block for block in blocks if block.words >= lines.PROSE_WORDS]
    leads = [block for block in long if block.linked == block.words]
    paragraphs = sum(block.words >= _PARAGRAPH and not block.linked for block in long)
    if len(leads) < max(_LEADS, _LED * len(long)) or paragraphs > _PARAGRAPHS:
        return None
    return Reason.FRONT, f"{len(leads)} links to articles"


def _shown_in(claims: Claims) -> Form | None:
    """The medium that the page is about by its type or its address."""
    said, path = claims.og_type, _path(claims)
    if said.startswith("video") or any(map(_VIDEO.search, path.split("/"))):
        return Form.VIDEO
    return Form.GALLERY if _GALLERY.search(said) or _GALLERY.search(path) else None


def _is_teaser(
    text: Sequence[str], claims: Claims, blocks: Sequence[Block], phrases: Phrases
) -> bool:
    """Whether a wall stands behind a text as short as a teaser."""
    if sum(map(len, text)) > _TEASER:
        return False
    if str(claims.data.get("isAccessibleForFree")).lower() == "false":
        return True
    below = [*text, *_below(text, blocks)]
    return any("wall" in phrases.kinds(line) for line in below)


def _below(text: Sequence[str], blocks: Sequence[Block]) -> list[str]:
    """The blocks right after the last one of the main text."""
    own = set(text)
    last = max((i for i, block in enumerate(blocks) if block.text in own), default=len(blocks))
    return [block.text for block in blocks[last + 1 : last + 1 + _BELOW]]


def _types(claims: Claims) -> frozenset[str]:
    """The types of the article that the page declares; none where it declares no article."""
    said = claims.data.get("@type")
    return frozenset(
        each for each in (said if isinstance(said, list) else [said]) if isinstance(each, str)
    )


def _is_claimed(claims: Claims) -> bool:
    """Whether the page says that it is an article, or when it was published."""
    return bool(_types(claims)) or "article:published_time" in claims.meta


def _path(claims: Claims) -> str:
    return urlsplit(claims.url).path.lower() if claims.url else ""
