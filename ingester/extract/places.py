"""Where in their page the lines of a main text stand."""

from collections import Counter
from collections.abc import Iterable, Sequence

import lxml.html

from ingester.boilerplate import lines
from ingester.extract.blocks import Block
from ingester.extract.parts import Part, Parts
from ingester.models import Place

_JOINERS = ("\u200c", "\u200d")

_MOST_TEXT = 0.3
"""A part with more of the main text than this is misnamed, or is the article."""

_HEADLINE = Part("headline")
_CARD = Part("card")
_PARAGRAPHS = frozenset(["p", "div"])
_LISTS = frozenset(["li", "td", "th", "dd", "dt"])
"""Where one is nothing but a link it leads to another story; lists and headings may be the text's."""


def of(text: Sequence[str], blocks: Iterable[Block], headings: Iterable[str]) -> tuple[Place, ...]:
    """The place of each line of `text`; nowhere known for one that no block equals.

    A line that stands in several places is in a part only if it is in one everywhere. `headings`:
    the texts of the page's h1, which may be more than one block.
    """
    top = {key(heading) for heading in headings}
    parts = Parts()
    # once for each key: a page may say one line thousands of times
    places = {key: _plainest(same, parts) for key, same in _equal(text, blocks).items()}
    found = [(_HEADLINE, None) if key(line) in top else places[key(line)] for line in text]
    size = Counter[Part | None]()
    for line, (part, _) in zip(text, found, strict=True):
        size[part] += len(line)
    most = _MOST_TEXT * sum(map(len, text))
    return tuple(
        Place(part.kind if part and size[part] <= most else None, linked) for part, linked in found
    )


def spelled(text: Sequence[str], blocks: Iterable[Block]) -> tuple[str, ...]:
    """The lines as the page spells them: trafilatura drops the joiners of Persian and Hindi words."""
    own = {key(block.text): block.text for block in blocks if _joined(block.text)}
    return tuple(own.get(key(line), line) for line in text) if own else tuple(text)


def _joined(text: str) -> bool:
    """Whether `text` has joiners."""
    return not text.isascii() and any(joiner in text for joiner in _JOINERS)


def _equal(text: Iterable[str], blocks: Iterable[Block]) -> dict[str, list[Block]]:
    """The blocks that each line equals, by its key."""
    found: dict[str, list[Block]] = {key(line): [] for line in text}
    for block in blocks:
        if (same := found.get(key(block.text))) is not None:
            same.append(block)
    return found


def _plainest(blocks: Iterable[Block], parts: Parts) -> tuple[Part | None, float | None]:
    """The part and the share of linked words where both are least."""
    found = (_placed(block, parts) for block in blocks)
    return min(found, key=lambda place: (place[0] is not None, place[1]), default=(None, None))


def _placed(block: Block, parts: Parts) -> tuple[Part | None, float | None]:
    linked = min(1.0, block.linked / max(1, lines.words(block.text)))
    part = parts.around(block.element)
    if part is None and linked == 1.0 and _is_paragraph(block.element):
        part = _CARD
    return part, linked


def _is_paragraph(element: lxml.html.HtmlElement) -> bool:
    above = element.getparent()
    return element.tag in _PARAGRAPHS and (above is None or above.tag not in _LISTS)


def key(line: str) -> str:
    """What a line is known by: extractors differ in the space between inline elements, and in joiners."""
    spaceless = line.replace(" ", "")
    if spaceless.isascii():
        return spaceless
    for joiner in _JOINERS:
        spaceless = spaceless.replace(joiner, "")
    return spaceless
