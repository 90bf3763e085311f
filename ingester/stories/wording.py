"""What tells a copied text from one that only shares speech or a form with another."""

from collections.abc import Set
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


def same_form(a: str, b: str) -> bool:
    """Whether two alike texts are one form with other numbers or names filled in.

    A copy keeps the numbers and names about as well as the words, a correction changes few; the
    weather, a market or a match is reported in last week's words with other ones.
    """
    one, other = _facts(a), _facts(b)
    plain = _kept(one.plain, other.plain)
    if plain < _FORM:
        return False
    least = _FILLED * plain
    names = max(_kept(one.names, other.words), _kept(other.names, one.words))
    return (_enough(one.names, other.names) and names < least) or (
        _enough(one.numbers, other.numbers) and _kept(one.numbers, other.numbers) < least
    )


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
