"""A draft's lines as the rules see them: what each is, where it stands, which are sentences."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from ingester.boilerplate import lines
from ingester.boilerplate.kinds import KINDS, LONGEST
from ingester.boilerplate.phrases import Phrases
from ingester.models import Draft, Place

NOWHERE = Place()
RAW = "lines"
"""The extractor of a draft in which all lines of a page stand."""


@dataclass(frozen=True)
class Text:
    """A draft's lines, and what several rules ask of them."""

    draft: Draft
    lines: tuple[str, ...]
    phrases: Phrases
    kinds: tuple[str | None, ...]

    @cached_property
    def prose(self) -> list[int]:
        """The lines that are sentences and not boilerplate by their phrase, ascending.

        Of raw lines without any the longest, which may break off within its first sentence.
        """
        short = [line for line in self.lines if lines.words(line) < lines.LONG_WORDS]
        repeated = Counter(map(lines.key, short))
        found = [
            i
            for i, line in enumerate(self.lines)
            if self.kinds[i] is None
            and lines.is_prose(line)
            and (lines.words(line) >= lines.LONG_WORDS or repeated[lines.key(line)] == 1)
        ]
        broken_off = lines.broken_off(self.lines) if self.raw and not found else None
        return found if broken_off is None else [broken_off]

    @cached_property
    def first(self) -> int:
        """The first sentence's line; the number of lines where there is none."""
        return self.prose[0] if self.prose else len(self.lines)

    @cached_property
    def last(self) -> int:
        """The last sentence's line; -1 where there is none."""
        return self.prose[-1] if self.prose else -1

    @cached_property
    def headline(self) -> list[int]:
        """The lines that are the headline, ascending; at the top also with a kicker before it."""
        title = lines.key(self.draft.title or "")
        if not title:
            return []
        longest = _LONGER * len(title) + _KICKER
        short = ((i, lines.key(line)) for i, line in enumerate(self.lines) if len(line) <= longest)
        return [
            i for i, key in short if _same(key, title) or (i < self.first and _is_most(key, title))
        ]

    @cached_property
    def raw(self) -> bool:
        """Whether no extractor has looked for the main text yet: page chrome is still around it."""
        return self.draft.extractor == RAW

    def leads_away(self, i: int) -> bool:
        """Whether line `i` is mostly a link."""
        return (self.draft.places[i].linked or 0.0) >= _MOSTLY

    def stays(self, i: int) -> bool:
        """Whether line `i` was found in the page and is no link there."""
        linked = self.draft.places[i].linked
        return linked is not None and linked < _MOSTLY

    def characters(self, indices: Iterable[int]) -> int:
        """The length of these lines."""
        return sum(len(self.lines[i]) for i in indices)


def kind_of(line: str, phrases: Phrases, place: Place = NOWHERE, least: int = 0) -> str | None:
    """The kind of which `line` is by its part of the page, its phrase, or having no letter or figure.

    `least`: the words that a phrase with gaps must have to tell.
    """
    if not any(map(str.isalnum, line)):
        return "ornament"
    count = lines.words(line)
    part = _PARTS.get(place.part or "")
    if part and count <= KINDS[part].words:
        return part
    if place.part == "related" and (place.linked or 0.0) >= _MOSTLY:
        return "see_also"
    found = phrases.kinds(line, least) if count <= LONGEST else frozenset()
    return next((name for name, k in KINDS.items() if name in found and count <= k.words), None)


_PARTS = {
    "caption": "caption",
    "byline": "author",
    "tweet": "tweet",
    "newsletter": "newsletter",
    "promo": "prompt",
    "disclosure": "disclosure",
    "ui": "ui",
    "card": "teaser",
}
_MOSTLY = 0.5


def _is_most(own: str, title: str) -> bool:
    """Whether one of two keys ends with the other: a kicker stands before the headline."""
    shorter, longer = sorted((own.replace(" ", ""), title.replace(" ", "")), key=len)
    enough = min(len(own.split()), len(title.split())) >= _HEADLINE_WORDS
    return enough and longer.endswith(shorter)


_LONGER = 2
_KICKER = 60


def _same(a: str, b: str) -> bool:
    """Whether two keys are one headline: equal, or all but a word or two of it."""
    if a == b:
        return True
    first, second = a.split(), b.split()
    if (
        abs(len(first) - len(second)) > _STRAY_WORDS
        or min(len(first), len(second)) < _HEADLINE_WORDS
    ):
        return False
    shared = sum((Counter(first) & Counter(second)).values())
    return 2 * shared >= _SAME * (len(first) + len(second))


_HEADLINE_WORDS = 4
_STRAY_WORDS = 2
_SAME = 0.9
