"""One line of text: its plain form, its length in words, and whether it is prose."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import TypeVar

import regex

from ingester.words import Known

_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\ufeff]"
)
_SPELLINGS = {
    **dict.fromkeys("’‘ʼ´`", "'"),
    **dict.fromkeys("“”„«»", '"'),
    **dict.fromkeys("\u200c\u200d\u0307", ""),
}
"""Persian and Hindi are written with the joiners; the dot is what is left of a Turkish İ in lower case."""

_SPELLED = re.compile(f"[{''.join(_SPELLINGS)}]")
_NUMBER = re.compile(r"\d\d*(?:[.,:/]\d+)*")
"""A search that begins with one figure is twice as fast as one that begins with any number of them."""

_DOMAIN = re.compile(r"\.[a-z]{2,4}$", re.IGNORECASE)
_ORNAMENTS = " \t*•·●▪■◆▶►→⇒›»>«‹<|/\\[](){}【】〈〉…-–—_~+.,;:!\"'"
_COLON = re.compile(r" ?[:|] ?")
_DENSE = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
)
_TOKEN = re.compile(r"[^\W_]++(?:['’][^\W_]++)*+")
_MARKED_TOKEN = regex.compile(r"(?:(?!_)[\w\p{M}])++(?:['’](?:(?!_)[\w\p{M}])++)*+")
_MAYBE_MARKED = re.compile("[\u0300-\u036f\u0483-\u0489\u0591-\u1cff]")
"""Every block whose letters may bear marks, as the vowels of India's scripts do: re's \\w has none."""

_END = re.compile("[.!?。！？…।۔؟｡][\"'”’»«)\\]』」）]*$")
_ASKING = re.compile("[!?！？؟][\"'”’»«)\\]』」）]*$")

_LETTERS_A_WORD = 2
"""How many letters of a script without spaces make a word, about."""

_MOST, _SHORT = 4096, 2000
"""Lines remembered, and their length: longer ones are few, and hostile pages would fill memory with them."""

T = TypeVar("T")

PROSE_WORDS = 8
LONG_WORDS = 25
ASKING_WORDS = 14


def _remembered(function: Callable[[str], T]) -> Callable[[str], T]:
    """The function, its answers for short lines kept: rules ask the same of a line many times."""
    return Known(function, _MOST, _SHORT).__getitem__


def tidy(line: str) -> str:
    """`line` with single spaces, and without characters that nobody sees."""
    if line.isprintable() and "  " not in line:  # of white space, a single one is printable
        return line.strip(" ")
    spaced = " ".join(line.split())
    if spaced.isprintable():
        return spaced
    return " ".join(_UNSEEN.sub("", spaced).split())


@_remembered
def normal(line: str) -> str:
    """The form that phrases are matched in: config/boilerplate/en.toml says which."""
    return folded(line).strip(_ORNAMENTS)


def folded(line: str) -> str:
    """`line` in lower case, numbers as "#", quotes, colons and © in one spelling."""
    numbered = _NUMBER.sub("#", _plain(_signed(tidy(line))).replace("(c)", "©"))
    return _COLON.sub(": ", numbered) if ":" in numbered or "|" in numbered else numbered


def _signed(text: str) -> str:
    """`text` with one sign of copyright: Korean pages have a letter in a ring, which is no more than "c"."""
    return text if text.isascii() else text.replace("ⓒ", "©").replace("Ⓒ", "©")


def _plain(text: str) -> str:
    """`text` in lower case, each letter, apostrophe and quote in one spelling."""
    if text.isascii():
        return text.lower().replace("`", "'")
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _SPELLED.sub(lambda found: _SPELLINGS[found[0]], folded)


def without_domain(outlet: str) -> str:
    """An outlet's name without the end that a domain has: "outlet.com" is "outlet"."""
    return _DOMAIN.sub("", outlet)


def bare(text: str, *, left: bool) -> str:
    """`text` without the ornaments at its left or right edge."""
    return text.lstrip(_ORNAMENTS) if left else text.rstrip(_ORNAMENTS)


@_remembered
def key(line: str) -> str:
    """The letters and figures of `line` alone, in lower case: what makes two lines the same."""
    return " ".join(tokens(line))


def tokens(line: str) -> list[str]:
    """The words of `line` in lower case."""
    return _tokens(_plain(line))


def _tokens(text: str) -> list[str]:
    marked = not text.isascii() and _MAYBE_MARKED.search(text)
    return _MARKED_TOKEN.findall(text) if marked else _TOKEN.findall(text)


@_remembered
def words(line: str) -> int:
    """The number of words, letters of scripts without spaces counted by the pair."""
    dense = 0 if line.isascii() else len(_DENSE.findall(line))
    return dense // _LETTERS_A_WORD + len(_tokens(_DENSE.sub(" ", line) if dense else line))


@_remembered
def is_prose(line: str) -> bool:
    """Whether `line` reads as a sentence or more: long, or ended as sentences end.

    Headlines that ask or exclaim are common, so a question has to be longer.
    """
    count = words(line)
    if count < PROSE_WORDS:
        return False
    if count >= LONG_WORDS:
        return True
    return bool(_END.search(line)) and (count >= ASKING_WORDS or not _ASKING.search(line))


def ends(line: str) -> bool:
    """Whether `line` ends as a sentence does."""
    return bool(_END.search(line))


def broken_off(text: Sequence[str]) -> int | None:
    """Of lines of which none is a sentence the longest, which may break off within one; None: too short."""
    longest = max(range(len(text)), key=lambda i: words(text[i]), default=None)
    return longest if longest is not None and words(text[longest]) >= PROSE_WORDS else None
