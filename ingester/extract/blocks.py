"""A tree's blocks of text, and boilerpy3's opinion of them.

boilerpy3's own parser loses the rest of a page at an unclosed <option> or <object> and copies its
buffers on every tag; here its blocks are built from the shared tree, in time linear to its size.
"""

from collections.abc import Sequence
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
_NOTED = {"a": 1, "time": 0}
"""Elements that are noted within a block, and how many links deep each one leads."""

_MENUS = frozenset(["div", "ul", "ol", "section", "header", "table", "dl"])
_MENU_LINKS = 3
_MENU_SHARE = 0.5
_SENTENCE = 10
"""A menu: so many links, that make up most of its words, and no block of so many other words.

Shares of .3 to .95 and sentences of 6 to 15 words differ by less than .001 of F1 on 237 pages
(2026-11-23); without menus trafilatura has about half of a page's elements to read.
"""

_MOST_BLOCKS = 10_000
"""boilerpy3 1.0.7 joins blocks in quadratic time: .1 s for so many, 1.1 s for 32,000 (2026-11-23)."""

_WRAP = 80
"""boilerpipe measures density in lines of so many characters. Source: Kohlschütter et al. 2010."""


class Block(NamedTuple):
    """A block of text: its words, how many of them are links, how deep it lies, in which element."""

    text: str
    words: int
    linked: int
    depth: int
    element: lxml.html.HtmlElement


_Open = tuple[lxml.html.HtmlElement, int, int, int, int, int]
"""An open element, and how many blocks, links, words, words in links, sentences stand before it."""


@dataclass(slots=True)
class Seen:
    """What a reader sees of a page: its blocks in order, and which of them stand in menus.

    `times`: each <time>, with the number of the block that it stands in or before.
    """

    blocks: list[Block] = field(default_factory=list)
    menus: list[range] = field(default_factory=list)
    times: list[tuple[int, lxml.html.HtmlElement]] = field(default_factory=list)
    _links: int = 0
    _words: int = 0
    _linked: int = 0
    _sentences: int = 0
    _around: list[_Open] = field(default_factory=list)

    @property
    def prose(self) -> list[Block]:
        """The blocks of sentences outside menus."""
        menus = {i for menu in self.menus for i in menu}
        return [
            block
            for i, block in enumerate(self.blocks)
            if i not in menus and block.words >= _SENTENCE and 2 * block.linked < block.words
        ]

    def open(self, element: lxml.html.HtmlElement) -> None:
        """Begin an element that begins a block."""
        self._around.append(
            (element, len(self.blocks), self._links, self._words, self._linked, self._sentences)
        )

    def close(self) -> None:
        """End the innermost element; of one without text no more is left than that it was there."""
        element, blocks, links, words, linked, sentences = self._around.pop()
        if blocks == len(self.blocks) and len(element) and len(self._around) > 1:
            element.clear(keep_tail=True)
            element.text = " "
        if self._links - links >= _MENU_LINKS and element.tag in _MENUS:
            mostly = self._linked - linked >= _MENU_SHARE * (self._words - words)
            if mostly and self._sentences == sentences:
                self.menus.append(range(blocks, len(self.blocks)))
                element.tag = "nav"

    def note(self, element: lxml.html.HtmlElement) -> None:
        """Begin a link or a time."""
        if element.tag == "time":
            self.times.append((len(self.blocks), element))
        else:
            self._links += 1

    def add(self, pieces: Sequence[str], in_links: int) -> None:
        """Add a block of these pieces, so many of its characters in links."""
        text = lines.tidy("".join(pieces))
        if not text:
            return
        words = _words(text)
        linked = round(min(1.0, in_links / len(text)) * words)
        depth = len(self._around) - 1
        self.blocks.append(Block(text, words, linked, depth, self._around[-1][0]))
        self._words += words
        self._linked += linked
        self._sentences += words - linked >= _SENTENCE


def of(root: lxml.html.HtmlElement) -> Seen:
    """The blocks of text that a reader sees.

    Elements that turn out to be menus become <nav>, and those without text lose what is in them.
    """
    body = root.find("body")
    seen, inside, in_links = Seen(), 0, 0
    pieces: list[str] = []
    seen.open(root)
    walk = etree.iterwalk(root if body is None else body, events=("start", "end"))
    for event, element in walk:
        tag, starts = element.tag, event == "start"
        if tag in _NOTED:
            inside += _NOTED[tag] if starts else -_NOTED[tag]
            if starts:
                seen.note(element)
        elif tag not in _INLINE:
            if pieces:
                seen.add(pieces, in_links)
                pieces, in_links = [], 0
            seen.open(element) if starts else seen.close()
        if starts and tag in _UNSEEN:
            walk.skip_subtree()
        elif (text := element.text if starts else element.tail) and (pieces or not text.isspace()):
            pieces.append(text)
            in_links += len(text) if inside else 0
    seen.add(pieces, in_links)
    seen.close()
    return seen


def article(seen: Seen, title: str | None) -> tuple[str, ...]:
    """The lines that boilerpy3 holds to be the article's; none where a page has too many blocks."""
    menus = {i for menu in seen.menus for i in menu}
    built = [_block(i, block) for i, block in enumerate(seen.blocks) if i not in menus]
    if len(built) > _MOST_BLOCKS:
        return ()
    document = TextDocument(built, title)
    ArticleExtractor().filter.process(document)
    chosen = (block.text for block in document.text_blocks if block.is_content)
    return tuple(line for text in chosen for line in text.split("\n") if line)


def _words(text: str) -> int:
    """The number of words, roughly where that is quick: densities need no better."""
    spaced = len(text.split())
    return spaced if text.isascii() else lines.words(text)


def _block(at: int, block: Block) -> TextBlock:
    text, words, linked, depth, _ = block
    wrapped = max(1, len(text) // _WRAP)
    last = words * (len(text) % _WRAP) // max(1, len(text)) if len(text) > _WRAP else 0
    built = TextBlock(text, {at}, words, linked, words - last, wrapped, at)
    built.tag_level = depth
    return built
