"""Lines that say by whom a text is, or when it is from."""

import re

from ingester.boilerplate import lines
from ingester.boilerplate.phrases import Phrases

WORDS = 14
"""No byline has more words."""

_NAME_WORDS = 6
_CLOCK_OR_DATE = re.compile(r"\d{1,2}:\d{2}|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")
_NUMBER = re.compile(r"\d+")
_FIGURES = re.compile(r"[\d\W_]+")
_CONNECTORS = frozenset((
    "and", "und", "et", "y", "e", "i", "и", "و", "de", "von", "van", "der", "den", "la", "le", "du", "da",
    "do", "das", "dos", "di", "del", "dei", "degli", "della", "delle", "dalla", "dal", "des", "los", "las",
    "lo", "ten", "ter", "te", "zu", "zum", "zur", "vom", "af", "av", "al", "el", "bin", "ibn", "ben", "abu",
    "for", "in", "at", "of", "the", "with",
))  # fmt: skip
_PREFIX = re.compile(r"[^\W\d_]{1,4}['’-](?=[^\W\d_])")
"""What is written small before a name's capital: al-Masri, d'Ormesson."""


def names_author(line: str, authors: tuple[str, ...], phrases: Phrases) -> bool:
    """Whether `line` only says who wrote the text, and perhaps when."""
    if lines.words(line) > WORDS:
        return False
    if any(_names(line, author) for author in authors):
        return True
    said = after_by(line, phrases)
    if said is not None:
        return is_name(without_dates(said, phrases))
    named = without_dates(line, phrases)
    return _names_day(line, phrases) and named != line and _is_latin_name(named)


def _names_day(line: str, phrases: Phrases) -> bool:
    """Whether `line` has a day of a month or a time, not a year alone."""
    if _CLOCK_OR_DATE.search(line):
        return True
    months = any(word in phrases.months for word in lines.tokens(line))
    return months and len(_NUMBER.findall(line)) > 1


def _names(line: str, author: str) -> bool:
    """Whether `line` holds the full name of `author`."""
    own, name = lines.key(line), lines.key(author)
    return own == name or (" " in name and f" {name} " in f" {own} ")


def after_by(line: str, phrases: Phrases) -> str | None:
    """What follows a word such as "By" at the start of `line`, or None."""
    folded = line.casefold().replace("：", ":")
    for word in phrases.by:
        if folded.startswith(word) and (
            not word[-1].isalnum() or folded[len(word) : len(word) + 1] in " :"
        ):
            return line[len(word) :].strip(" :：|-–—")
    return None


def _is_latin_name(text: str) -> bool:
    """Whether `text` is a name by its capitals alone: two to six words, nothing but letters."""
    found = text.split()
    letters = all(c.isalpha() or c in " .'’-" for c in text)
    return 1 < len(found) <= _NAME_WORDS and letters and is_name(text) and text[0].isupper()


def is_name(text: str) -> bool:
    """Whether `text` may be people's names: few words, each with a capital or of a script without."""
    found = [w for w in re.split(r"[\s,;&/|]+", text) if w]
    own = [w for w in found if w.casefold() not in _CONNECTORS]
    if not own or len(found) > WORDS:
        return False
    firsts = [_PREFIX.sub("", w)[0] if w[0].islower() else w[0] for w in own]
    return not any(first.islower() or first.isdigit() for first in firsts)


def without_dates(line: str, phrases: Phrases) -> str:
    """`line` without its date and the words that go with one; as it is where there is no date."""
    found = re.split(r"[\s,;|()\[\]·•/]+", line)
    kept = [w for w in found if w and not _of_date(w, phrases)]
    dated = sum(1 for w in found if any(c.isdigit() for c in w))
    return " ".join(kept) if dated else line


def is_date(line: str, phrases: Phrases) -> bool:
    """Whether `line` says nothing but when."""
    if any(c.isdigit() for c in line):
        return not without_dates(line, phrases).strip("-–—: ")
    return lines.key(line) in phrases.published_words | phrases.modified_words


def _of_date(word: str, phrases: Phrases) -> bool:
    plain = word.casefold().strip(".:,-–—|")
    if not plain or plain in phrases.date_words or plain in phrases.months:
        return True
    pieces = [p for p in _FIGURES.split(plain) if p]
    return any(c.isdigit() for c in plain) and all(
        p in phrases.date_words or p in phrases.months or len(p) == 1 for p in pieces
    )
