"""What tells a copied text from one that only shares speech or a form with another."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import lru_cache
from typing import NamedTuple

import regex

from ingester import words

# Shorter ones are turns of phrase, which are told with the rest.
_QUOTE = regex.compile(
    r"""(?<!\w)"(?=\S)[^"\n]{60,}(?<=\S)"(?!\w)|“[^“”\n]{60,}”|„[^“”\n]{60,}[“”]"""
    r"""|«[^«»\n]{60,}»|»[^»«\n]{60,}«|「[^「」\n]{20,}」|『[^『』\n]{20,}』"""
    r"""|”[^“”„\n]{60,}”|(?<!\w)‘(?=\S)[^‘\n]{60,1000}?[.,!?…]’(?!\w)"""
    r"""|“[^“”\n]{60,}(?=\n+“)|(?<!\w)"(?=\S)[^"\n]{60,}(?=\n+")"""
)
"""The last two: in a speech of several paragraphs each opens with a mark, the last alone ends with one."""

_NUMBER = regex.compile(r"\d{1,3}(?:[.,٬'’\s]\d{3})++(?!\d)|\d+(?:[.,:٫٬]\d+)*")
_GROUPED = regex.compile(r"[.,٬'’\s](?=\d{3}(?!\d))")
"""Outlets write 412,400 as 412 400, 412.400 and 412’400, too."""

_FACTS = 5
"""As many numbers or names must stand in both texts before they can tell two reports apart."""

_FORM = 0.75  # of the words are the same where one form was filled in twice
_FILLED = 0.5
"""The shared part of the numbers or names, to that of the words, under which a form was filled in
anew. Source: docs/grouping.md, "Forms, speech, corrections"."""


_WORD = regex.compile(rf"{_NUMBER.pattern}|\w+")
_NAME, _FIGURE = "<name>", "<figure>"
_NEARLY_ALL = 0.9
"""A number that differs takes five runs: of a hundred words with five other ones three quarters are left."""

_BLANKS = (_NAME, _FIGURE)
_AROUND = 2
"""Words on either side that tell a place in a form from the others; as many must be no blanks."""


class Slot(NamedTuple):
    """A place in a form: what is filled in, and the words around it, other blanks as blanks."""

    kind: str
    around: tuple[str, ...]


class Facts(NamedTuple):
    """What a text tells: the numbers and names in it, and the words it tells them in.

    `plain` are the words that are no names.
    """

    numbers: Set[str]
    names: Set[str]
    words: Set[str]
    plain: Set[str]


def without_speech(text: str) -> str:
    """The text without what it quotes at length: speech is anyone's to report."""
    own: str = _QUOTE.sub(" ", text)
    return own


def same_form(a: str, b: str, contained: float) -> bool:
    """Whether two alike texts are one form with other numbers or names filled in.

    A copy keeps the numbers and names about as well as the words, a correction changes few; the
    weather, a market or a match is reported in last week's words with other ones. `contained`: the share of
    the smaller one's 5-word runs in the other; where nearly all are, no place in it is looked at.
    """
    one, other = _facts(a), _facts(b)
    plain = _kept(one.plain, other.plain)
    if plain < _FORM:
        return False
    least = _FILLED * plain
    names = max(_kept(one.names, other.words), _kept(other.names, one.words))
    return (
        (_enough(one.names, other.names) and names < least)
        or (_enough(one.numbers, other.numbers) and _kept(one.numbers, other.numbers) < least)
        or (contained < _NEARLY_ALL and any(_differ(told, least) for told in _refilled(a, b)))
    )


def _differ(told: Sequence[bool], least: float) -> bool:
    return len(told) >= _FACTS and sum(told) < least * len(told)


def _refilled(a: str, b: str) -> Iterator[list[bool]]:
    """Of the names, then of the numbers, in the same places of two texts, whether each is the same."""
    one, other = _slots(a), _slots(b)
    for kind in _BLANKS:
        both = (slot for slot in one if slot.kind == kind and slot in other)
        yield [x == y for slot in both for x, y in zip(one[slot], other[slot], strict=False)]


@lru_cache(maxsize=1024)
def _slots(text: str) -> Mapping[Slot, Sequence[str]]:
    """The names and numbers of a text by where they stand, in reading order."""
    names = _facts(text).names
    told = [_GROUPED.sub("", word) for word in _WORD.findall(text)]
    masked = [_masked(word, names) for word in told]
    found: defaultdict[Slot, list[str]] = defaultdict(list)
    for i, kind in enumerate(masked):
        around = (*masked[max(0, i - _AROUND) : i], *masked[i + 1 : i + 1 + _AROUND])
        if kind in _BLANKS and sum(word not in _BLANKS for word in around) >= _AROUND:
            found[Slot(kind, around)].append(told[i].casefold())
    return found


def _masked(word: str, names: Set[str]) -> str:
    """What a word is in a form: itself, or a blank to be filled in."""
    if word[0].isdigit():
        return _FIGURE
    folded = word.casefold()
    return _NAME if folded in names else folded


def _enough(one: Set[str], other: Set[str]) -> bool:
    return min(len(one), len(other)) >= _FACTS


@lru_cache(maxsize=1024)
def _facts(text: str) -> Facts:
    told = frozenset(token for token in set(words.tokens(text)) if not token[0].isdigit())
    names = words.names(text)
    numbers = frozenset(_GROUPED.sub("", number) for number in _NUMBER.findall(text))
    return Facts(numbers, names, told, told - names)


def _kept(one: Set[str], other: Set[str]) -> float:
    """The share of the smaller set that stands in the other."""
    return len(one & other) / max(1, min(len(one), len(other)))
