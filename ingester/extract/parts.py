"""The parts that a page names: by the words in its elements' classes and ids, and by their tags.

A caption, a byline, an embedded post, a box of related stories: whoever built the page said so, in
English in most countries. On 237 pages the lines of these kinds, with those that their phrases tell, are
140 foreign ones and 9 of the article's (2026-11).
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import lxml.html

_KINDS = {
    "caption": "caption captions image-description image-text bildunterschrift bild-text "
    "image-credit img-credit photo-credit picture-credit media-credit",
    "byline": "byline bylines author authors autor autorin auteur autore",
    "tweet": "tweet instagram tiktok",
    "related": "related recommended recommendation recommendations recirc outbrain taboola topic more",
    "promo": "cta promo promos promotion banner carousel swiper",
    "newsletter": "newsletter newsletters signup subscribe paywall pay-wall access-wall registration-wall",
    "disclosure": "disclaimer disclosure affiliate",
    "ui": "btn button buttons modal popup toast tooltip breadcrumb breadcrumbs navbar pagination",
    "agency": "agency agencies agentur source sources quelle",
    "kicker": "kicker topline overline eyebrow dachzeile spitzmarke aboveheading rubric",
    "standfirst": "subtitle subheader subheading standfirst dek deck lead lede intro summary excerpt",
    "headline": "headline",
}
_KIND_OF = {word: kind for kind, words in _KINDS.items() for word in words.split()}
_TAGS = {"figcaption": "caption", "button": "ui", "h1": "headline", "header": "header", "a": "card"}
_HEADINGS = frozenset(["h2", "h3", "h4"])
_NEVER = frozenset(["html", "body", "main", "article"])
"""They hold the text; their classes tell of the page."""

_WORD = re.compile(r"[A-Z]?[a-z]+")
_MOST_NAMES = 300
"""Characters of classes and ids that are read: hostile ones have megabytes."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One part of a page: equal to itself alone."""

    kind: str


class Parts:
    """The parts of one page, found upwards from where its text stands."""

    def __init__(self) -> None:
        self._known: dict[lxml.html.HtmlElement | None, Part | None] = {None: None}

    def around(self, element: lxml.html.HtmlElement) -> Part | None:
        """The innermost part that holds `element`; None outside of all that are named."""
        up: lxml.html.HtmlElement | None = element
        above = []
        while up is not None and up not in self._known:
            above.append(up)
            up = up.getparent()
        part = self._known[up]
        for each in reversed(above):
            kind = _kind(str(each.tag), each.get("class"), each.get("id"), part and part.kind)
            part = self._known[each] = Part(kind) if kind else part
        return part

    def is_of_picture(self, element: lxml.html.HtmlElement) -> bool:
        """Whether it stands with a picture: its caption, its credit, whatever its figure says."""
        if element.tag == "figure" or next(element.iterancestors("figure"), None) is not None:
            return True
        part = self.around(element)
        return part is not None and part.kind == "caption"


@lru_cache(maxsize=4096)
def _kind(tag: str, names: str | None, name: str | None, outer: str | None) -> str | None:
    if tag in _NEVER:
        return None
    words = [word.lower() for word in _WORD.findall(f"{names or ''} {name or ''}"[:_MOST_NAMES])]
    pairs = (f"{a}-{b}" for a, b in pairwise(words))
    named = next((kind for word in (*pairs, *words) if (kind := _KIND_OF.get(word))), None)
    if named is None and outer == "header" and tag in _HEADINGS:
        return "headline"
    if named is None and outer == "headline" and tag == "p":
        return "standfirst"
    return named or _TAGS.get(tag)
