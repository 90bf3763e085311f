"""A text's words, in any script, and where they stand."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import TypeVar

import regex

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
_ASCII_WORD = re.compile(r"\w+", re.ASCII)
_SPACED_WORD = regex.compile(r"[\w\p{Cf}]+")
# Every block that holds such a script, and a few that do not: ranges are ten times as fast to
# search as scripts, and a text without any needs no more than its words.
_MAYBE_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u19ff\u2e80-\ua4cf\ua9e0-\uaa7f\uf900-\ufaff"
    "\uff66-\uff9f\U000116d0-\U000116ff\U00016fe0-\U0001b2ff\U0001f200-\U0001f2ff\U00020000-\U0003ffff]"
)
_INVISIBLE = regex.compile(r"\p{Cf}+")

V = TypeVar("V")


class Known(dict[str, V]):
    """What `work` gives for a word, remembered: most words of a text stand in many texts.

    Thread safe. All of it is forgotten where it grows large; long words are never kept.
    """

    MOST, LONGEST = 1 << 17, 64

    def __init__(self, work: Callable[[str], V]) -> None:
        super().__init__()
        self._work = work

    def __missing__(self, word: str) -> V:
        if len(self) >= self.MOST:
            self.clear()
        value = self._work(word)
        if len(word) <= self.LONGEST:
            self[word] = value
        return value


def tokens(text: str) -> list[str]:
    """The text's words in order, NFKC and case-folded.

    Overlapping character n-grams where a script leaves no space between words.
    """
    if text.isascii():
        return _ASCII_WORD.findall(text.lower())
    if _MAYBE_UNSPACED.search(text):
        return [_fold(text[start:end]) for start, end in spans(text)]
    return list(map(_FOLDED.__getitem__, _SPACED_WORD.findall(text)))


def spans(text: str) -> list[tuple[int, int]]:
    """Where each of `tokens(text)` stands in the text: character offsets, half-open."""
    if _MAYBE_UNSPACED.search(text):
        return [span for match in _WORD.finditer(text) for span in _grams(match)]
    return [match.span() for match in _SPACED_WORD.finditer(text)]


def names(text: str) -> frozenset[str]:
    """The tokens that the text writes with a capital and nowhere without one."""
    written = set(_SPACED_WORD.findall(text))
    small = {_FOLDED[word] for word in written if word[0].islower()}
    return frozenset(_FOLDED[word] for word in written if word[0].isupper()) - small


def _fold(word: str) -> str:
    if word.isascii():
        return word.lower()
    return unicodedata.normalize("NFKC", _INVISIBLE.sub("", word)).casefold()


def _grams(match: "regex.Match[str]") -> Iterator[tuple[int, int]]:
    start, end = match.span()
    size = _GRAMS[match.lastgroup][0] if match.lastgroup else end - start
    for first in range(start, max(start, end - size) + 1):
        yield first, min(first + size, end)


_FOLDED = Known(_fold)
