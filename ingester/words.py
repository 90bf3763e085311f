"""A text's words, in any script, and where they stand."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from typing import TypeVar

import numpy as np
import regex
from numpy.typing import NDArray

# Scripts that leave no space between words, and how many characters a token has there: about
# those that carry one word's meaning.
_GRAMS = {
    "han": (2, r"\p{Han}"),
    "kana": (3, r"\p{Hiragana}\p{Katakana}ー"),
    "mainland": (4, r"\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"),
}
_UNSPACED = "".join(characters for _, characters in _GRAMS.values())
# regex's \w holds combining marks; format characters (soft hyphen, joiners) split no word.
_WORD = regex.compile(
    "|".join(f"(?P<{name}>[{characters}]+)" for name, (_, characters) in _GRAMS.items())
    + rf"|(?:(?![{_UNSPACED}])[\w\p{{Cf}}])+"
)
_ASCII_SPACED = {code: " " for code in range(128) if not re.match(r"\w", chr(code))}
_SPACED_WORD = regex.compile(r"[\w\p{Cf}]+")
# Every block that holds such a script, and a few that do not: ranges are ten times as fast to
# search as scripts, and a text without any needs no more than its words.
_MAYBE_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u19ff\u2e80-\ua4cf\ua9e0-\uaa7f\uf900-\ufaff"
    "\uff66-\uff9f\U000116d0-\U000116ff\U00016fe0-\U0001b2ff\U0001f200-\U0001f2ff\U00020000-\U0003ffff]"
)
_INVISIBLE = regex.compile(r"\p{Cf}+")
_TABLED = 0x20000  # characters: what stands beyond is rare, and none of it is looked up

V = TypeVar("V")


class Known(dict[str, V]):
    """What `work` gives for a word or a line, remembered: most of a text's stand in many texts.

    Thread safe. All of it is forgotten where it holds `most`; what is longer than `longest` is never
    kept: functools' cache is bounded by number alone.
    """

    def __init__(self, work: Callable[[str], V], most: int = 1 << 17, longest: int = 64) -> None:
        super().__init__()
        self._work, self._most, self._longest = work, most, longest

    def __missing__(self, word: str) -> V:
        if len(self) >= self._most:
            self.clear()
        value = self._work(word)
        if len(word) <= self._longest:
            self[word] = value
        return value


def tokens(text: str) -> list[str]:
    """The text's words in order, NFKC and case-folded.

    Overlapping character n-grams where a script leaves no space between words.
    """
    spaced = _spaced(text)
    if spaced is None:
        return [_FOLDED[text[start:end]] for start, end in _gram_spans(text)]
    if spaced.isascii():
        return spaced.lower().split()
    return [_FOLDED[word] for word in spaced.split()]


def spans(text: str) -> NDArray[np.intp]:
    """Where each of `tokens(text)` stands in the text: a row of character offsets, half-open."""
    spaced = _spaced(text)
    if spaced is None:
        return np.array(_gram_spans(text), np.intp).reshape(-1, 2)
    in_word = np.frombuffer(spaced.encode("utf-32-le", "surrogatepass"), "<u4") != ord(" ")
    return np.flatnonzero(np.diff(in_word, prepend=False, append=False)).reshape(-1, 2)


def names(text: str) -> frozenset[str]:
    """The tokens that the text writes with a capital and nowhere without one."""
    spaced = _spaced(text)
    written = set(_SPACED_WORD.findall(text) if spaced is None else spaced.split())
    small = {_FOLDED[word] for word in written if word[0].islower()}
    return frozenset(_FOLDED[word] for word in written if word[0].isupper()) - small


def _spaced(text: str) -> str | None:
    """The text with a space for each character between words; None where some may leave no space."""
    if text.isascii():
        return text.translate(_ASCII_SPACED)
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    kinds = _kinds().take(points, mode="clip")
    if kinds.max() > 1:
        return None
    spaced = np.where(kinds, points, np.uint32(ord(" ")))
    return spaced.astype("<u4", copy=False).tobytes().decode("utf-32-le", "surrogatepass")


@cache
def _kinds() -> NDArray[np.int8]:
    """Of each character: 0 where it stands between words, 1 in a word, 2 where no space may follow.

    The last stands for all beyond: some of them leave no space either.
    """
    characters = "".join(map(chr, range(_TABLED)))
    kinds = np.zeros(_TABLED, np.int8)
    for kind, pattern in ((1, _SPACED_WORD), (2, _MAYBE_UNSPACED)):
        for match in pattern.finditer(characters):
            kinds[match.start() : match.end()] = kind
    kinds[-1] = 2
    return kinds


def _fold(word: str) -> str:
    if word.isascii():
        return word.lower()
    return unicodedata.normalize("NFKC", _INVISIBLE.sub("", word)).casefold()


def _gram_spans(text: str) -> list[tuple[int, int]]:
    return [span for match in _WORD.finditer(text) for span in _grams(match)]


def _grams(match: "regex.Match[str]") -> Iterator[tuple[int, int]]:
    start, end = match.span()
    size = _GRAMS[match.lastgroup][0] if match.lastgroup else end - start
    for first in range(start, max(start, end - size) + 1):
        yield first, min(first + size, end)


_FOLDED = Known(_fold)
