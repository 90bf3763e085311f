"""The day of a page that doesn't claim one: what stands around its text, confirmed by a second word."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import chain

import lxml.html
from htmldate import find_date

from ingester.boilerplate import lines
from ingester.boilerplate.bylines import is_date
from ingester.boilerplate.phrases import Phrases
from ingester.extract import dates, places
from ingester.extract.blocks import Block, Seen
from ingester.extract.parts import Parts
from ingester.models import Moment, Page

_YEAR = re.compile(r"\d{4}")
_DAY = re.compile(r"\d{8}")
_SHORT = 120
_ABOVE, _BELOW = 8, 4
"""Blocks before the first sentence, where no headline marks how far, and from the first and last one on:
a byline may stand below a summary."""

_LABEL = 20
"""Characters at the beginning of a line in which it says what its date is."""

_OVER = 2
"""Blocks over the headline whose <time> counts: a kicker and a day."""

_ELSEWHERE = frozenset(["aside", "nav", "footer", "figcaption"])
_OTHERS = frozenset(["related", "promo", "caption", "newsletter", "tweet"])


def published(
    root: lxml.html.HtmlElement,
    seen: Seen,
    text: Sequence[str],
    headings: Sequence[str],
    page: Page,
    known: Phrases,
) -> Moment | None:
    """The one day beside the text, or one that htmldate finds and a line says too; else None.

    A day in running text is what the text speaks of, one in a list is another story's: only what stands
    between the headline and the first sentence, or right after the last one, counts, or the URL.
    `known`: the months' names.
    """
    top, first, last = _around(seen, text, headings)
    near = (*seen.blocks[top : first + _BELOW], *seen.blocks[last : last + _BELOW])
    certain = (
        set(_times(seen, [*range(top - _OVER, first + _BELOW), *range(last, last + _BELOW)], page)),
        set(_labelled(near, page, known)),
        set(_written((each for each in near if is_date(each.text, known)), page, known)),
    )
    for said in certain:
        if len({moment.at.date() for moment in said}) == 1:
            return min(said, key=lambda moment: moment.at)
    outside = (*seen.blocks[: first + _BELOW], *seen.blocks[last:])
    likely = (*certain[0], *_labelled(seen.blocks, page, known), *_written(outside, page, known))
    return _confirmed(root, {moment.at.date() for moment in likely}, page)


def _confirmed(root: lxml.html.HtmlElement, days: set[date], page: Page) -> Moment | None:
    """What htmldate finds, where it is one of these days or stands in the URL."""
    figures = re.sub(r"[/._-]", "", page.url or "")
    if not days and not _DAY.search(figures):
        return None
    latest = (page.fetched_at + timedelta(days=1)).strftime("%Y-%m-%d")
    raw = find_date(root, original_date=True, extensive_search=True, url=page.url, max_date=latest)
    moment = dates.claimed(raw, "htmldate", page.fetched_at) if raw else None
    if moment is None or moment.at.date() in days:
        return moment
    return moment if moment.at.strftime("%Y%m%d") in figures else None


def _around(seen: Seen, text: Sequence[str], headings: Sequence[str]) -> tuple[int, int, int]:
    """The numbers of the headline's block, of the first sentence's, and of the text's last one."""
    own, top = {places.key(line) for line in text}, {places.key(line) for line in headings}
    keys = [places.key(block.text) for block in seen.blocks]
    held = [i for i, key in enumerate(keys) if key in own and key not in top]
    prose = (i for i in held if lines.is_prose(seen.blocks[i].text))
    first = next(prose, held[0] if held else len(keys))
    over = (i for i in reversed(range(first)) if keys[i] in top)
    return next(over, max(0, first - _ABOVE)), first, held[-1] if held else len(keys)


def _times(seen: Seen, near: Iterable[int], page: Page) -> Iterator[Moment]:
    for at, element in seen.times:
        if at in near and not _is_elsewhere(element):
            moment = dates.claimed(element.get("datetime") or "", "time", page.fetched_at)
            if moment:
                yield moment


def _labelled(blocks: Iterable[Block], page: Page, known: Phrases) -> Iterator[Moment]:
    """The days of lines that say they are the day of publication."""
    for block in blocks:
        if _says(block.text[:_LABEL], known.published_words):
            yield from _day(block, page, known)


def _written(blocks: Iterable[Block], page: Page, known: Phrases) -> Iterator[Moment]:
    """The days of lines, but in parts of the page that tell of something else."""
    for block in blocks:
        for moment in _day(block, page, known):
            if not _is_elsewhere(block.element):
                yield moment


def _day(block: Block, page: Page, known: Phrases) -> Iterator[Moment]:
    """The day that a short line says, unless it is that of a change."""
    year = _YEAR.search(block.text)
    if year is None or len(block.text) > _SHORT:
        return
    changed = _says(block.text[: year.start()], known.modified_words)
    moment = None if changed else dates.written(block.text, known, "text", page.fetched_at)
    if moment:
        yield moment


def _is_elsewhere(element: lxml.html.HtmlElement) -> bool:
    """Whether it stands in a part of the page that tells of something else than its article."""
    part = Parts().around(element)
    above = chain([element], element.iterancestors())
    return (part is not None and part.kind in _OTHERS) or any(e.tag in _ELSEWHERE for e in above)


def _says(text: str, labels: Iterable[str]) -> bool:
    """Whether one of these labels stands in a text: "published", "last updated" ..."""
    said = f" {lines.key(text)} "
    return any(f" {label} " in said for label in labels)
