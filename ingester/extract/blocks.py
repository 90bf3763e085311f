"""A tree's blocks of text, and boilerpy3's opinion of them.

boilerpy3's own parser loses the rest of a page at an unclosed <option> or <object> and copies its
buffers on every tag; here its blocks are built from the shared tree, in time linear to its size.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import lxml.html
from boilerpy3.document import TextBlock, TextDocument
from boilerpy3.extractors import ArticleExtractor
from lxml import etree

from ingester.boilerplate import lines

_UNSEEN = frozenset((
    "script", "style", "noscript", "template", "option", "embed", "applet", "head", "svg", "iframe",
    "textarea", "math", "canvas",
))  # fmt: skip
_INLINE = frozenset((
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font",
    "i", "ins", "kbd", "label", "mark", "q", "s", "small", "span", "strike", "strong", "sub", "sup",
    "time", "tt", "u", "var", "wbr",
))  # fmt: skip
_WRAP = 80
"""boilerpipe measures density in lines of so many characters. Source: Kohlschütter et al. 2010."""


class Block(NamedTuple):
    """A block of text: how many of its words are links, how deep it lies, in which element."""

    text: str
    linked: int
    depth: int
    element: lxml.html.HtmlElement


@dataclass(slots=True)
class _Building:
    """The block that is being read: its pieces, and how many words of it are links."""

    pieces: list[str] = field(default_factory=list)
    linked: int = 0

    def add(self, text: str | None, *, link: bool) -> None:
        if text and (self.pieces or not text.isspace()):
            self.pieces.append(text)
            if link:
                self.linked += _words(text)

    def flush(self) -> tuple[str, int] | None:
        if not self.pieces:
            return None
        text, linked = lines.tidy("".join(self.pieces)), self.linked
        self.pieces, self.linked = [], 0
        return (text, linked) if text else None


def of(root: lxml.html.HtmlElement) -> Iterator[Block]:
    """The blocks of text that a reader sees."""
    body = root.find("body")
    building, links = _Building(), 0
    around = [root]
    walk = etree.iterwalk(root if body is None else body, events=("start", "end"))
    for event, element in walk:
        tag, starts = element.tag, event == "start"
        if tag == "a":
            links += 1 if starts else -1
        elif tag not in _INLINE:
            if text := building.flush():
                yield Block(*text, len(around) - 1, around[-1])
            around.append(element) if starts else around.pop()
        if starts and tag in _UNSEEN:
            walk.skip_subtree()
        elif not (tag == "br" and starts):
            building.add(element.text if starts else element.tail, link=links > 0)
    if text := building.flush():
        yield Block(*text, 0, root)


def article(blocks: list[Block], title: str | None) -> tuple[str, ...]:
    """The lines that boilerpy3 holds to be the article's."""
    built = [_block(i, block) for i, block in enumerate(blocks)]
    document = TextDocument(built, title)
    ArticleExtractor().filter.process(document)
    chosen = (block.text for block in document.text_blocks if block.is_content)
    return tuple(line for text in chosen for line in text.split("\n") if line)


def _words(text: str) -> int:
    """The number of words, roughly where that is quick: densities need no better."""
    return len(text.split()) if text.isascii() else lines.words(text)


def _block(at: int, block: Block) -> TextBlock:
    text, linked, depth, *_ = block
    words = _words(text)
    wrapped = max(1, len(text) // _WRAP)
    last = words * (len(text) % _WRAP) // max(1, len(text)) if len(text) > _WRAP else 0
    built = TextBlock(text, {at}, words, min(linked, words), words - last, wrapped, at)
    built.tag_level = depth
    return built
