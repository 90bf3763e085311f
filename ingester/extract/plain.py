"""What lines of text without marks say of themselves: headline, day, byline, outlet."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from ingester.boilerplate import bylines, lines
from ingester.boilerplate.phrases import Phrases
from ingester.boilerplate.text import kind_of
from ingester.extract import dates, people
from ingester.models import Moment

_FEWEST, _MOST = 3, 40
_LEAD = 6
"""A headline's words stand in the text's first lines."""

_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]{0,20}(?:\s[^<>]{0,300})?/?>")
_DOMAIN = re.compile(
    r"(?<![\w@.-])((?:[\w-]+\.)+(?:com|org|net|info|news|press|media|tv|[a-z]{2}))(?![\w@])",
    re.IGNORECASE,
)
_COPYRIGHT = re.compile(
    r"^(?:all content\s)?(?:copyright|©|\(c\))\s*+(?:(?:©|\(c\))\s*+)?(?:[\d\s,–-]{4,12}+\s*+)?"
    r"(?:by\s)?(.{2,80})",
    re.IGNORECASE,
)
_OWNED = re.compile(r"^(.{2,50}?)\s+(?:copyright|©)", re.IGNORECASE)
_OWNER_END = re.compile(
    r"(?:(?<!\s)\s+)?(?:[.,;|@©]|\s-\s|\ball\b|\balle\b|\btodos\b|\btous\b|\d{4}).*$", re.IGNORECASE
)
_OWNER_WORDS = 6


def split(text: str) -> tuple[str, ...]:
    """The lines of `text` that hold any, without stray tags."""
    found = (lines.tidy(_TAG.sub(" ", line)) for line in text.split("\n"))
    return tuple(line for line in found if line)


def body_start(text: Sequence[str], phrases: Phrases) -> int:
    """The first line that is a sentence of the text, or may begin one; the number of lines where none is."""
    plausible = (
        i for i, line in enumerate(text) if lines.is_prose(line) and kind_of(line, phrases) is None
    )
    broken_off = lines.broken_off(text)
    return next(plausible, len(text) if broken_off is None else broken_off)


def title(text: Sequence[str], start: int, phrases: Phrases) -> str | None:
    """The headline: of the lines above the text the one that is repeated, or shares most with it."""
    lead = set(lines.tokens(" ".join(text[start : start + _LEAD])))
    counts = Counter(map(lines.key, text))
    asking = [line for line in text[start : start + 1] if not line.rstrip(_QUOTES).endswith(_STOPS)]
    for above in (text[:start], asking):
        candidates = [line for line in above if _may_be_title(line, phrases)]
        if candidates:
            return _most_telling(candidates, counts, lead)
    return None


_QUOTES = "\"'”’»"
_STOPS = (".", "。", "।", "۔")


def _most_telling(candidates: Sequence[str], counts: Counter[str], lead: set[str]) -> str | None:
    """The one that is repeated, or shares most with the text, or at least says something."""
    best = max(candidates, key=lambda line: (counts[lines.key(line)] > 1, _share(line, lead)))
    if counts[lines.key(best)] > 1 or _share(best, lead) >= _SHARED:
        return best
    longest = max(candidates, key=lines.words)
    return longest if lines.words(longest) >= _SPEAKING else None


_SHARED = 0.3
_SPEAKING = 6
_LONGER = 4


def _share(line: str, lead: set[str]) -> float:
    """The share of the line's longer words that the text's first lines say too."""
    own = [word for word in lines.tokens(line) if len(word) >= _LONGER] or lines.tokens(line)
    if any(ord(c) >= _DENSE for c in line):
        return _letters(line, lead)
    return sum(word in lead for word in own) / max(1, len(own))


_DENSE = 0x3040


def _letters(line: str, lead: set[str]) -> float:
    """The same by pairs of letters, for scripts that put no space between words."""
    known = " ".join(lead)
    pairs = [line[i : i + 2] for i in range(len(line) - 1)]
    return sum(pair.casefold() in known for pair in pairs) / max(1, len(pairs))


def _may_be_title(line: str, phrases: Phrases) -> bool:
    if not _FEWEST <= lines.words(line) <= _MOST or kind_of(line, phrases) is not None:
        return False
    if phrases.age.match(line) or lines.normal(line) in phrases.age_split:
        return False
    if lines.words(bylines.without_dates(line, phrases)) < _FEWEST:
        return False
    return not bylines.is_date(line, phrases) and bylines.after_by(line, phrases) is None


def published(text: Sequence[str], start: int, phrases: Phrases, now: datetime) -> Moment | None:
    """The day that the lines above the text name, with its time where one of them has it."""
    claims = [
        moment
        for line in text[:start]
        if not _says(line, phrases.modified_words)
        and (moment := dates.written(line, phrases, "text", now))
    ]
    labelled = [m for m in claims if _says(m.raw, phrases.published_words)]
    return dates.best([*labelled, *claims])


def modified(text: Sequence[str], phrases: Phrases, now: datetime) -> Moment | None:
    """The day of the last change, where a short line names one."""
    for line in text:
        if _says(line, phrases.modified_words) and lines.words(line) <= _DATE_WORDS:
            return dates.written(line, phrases, "text", now)
    return None


_DATE_WORDS = 16


def _says(line: str, words: frozenset[str]) -> bool:
    folded = f" {line.casefold()} "
    return any(f" {word} " in folded or f" {word}:" in folded for word in words)


def authors(
    text: Sequence[str], start: int, outlet: str | None, phrases: Phrases
) -> tuple[str, ...]:
    """The people named in bylines above the text."""
    return people.named(bylines_of(text[:start], phrases), outlet, phrases)


def bylines_of(text: Iterable[str], phrases: Phrases) -> Iterator[str]:
    """The lines of `text` that say by whom it is, without their dates."""
    for line in text:
        if _is_byline(line, phrases):
            yield bylines.without_dates(line, phrases)


def _is_byline(line: str, phrases: Phrases) -> bool:
    """Whether a line says by whom: after a word such as "By", or right before the day."""
    if not bylines.names_author(line, (), phrases) or lines.ends(line):
        return False
    if bylines.after_by(line, phrases) is not None:
        return True
    named = bylines.without_dates(line, phrases)
    return (
        bool(named) and line.startswith(named.split()[0]) and _says(line, phrases.published_words)
    )


def outlet(text: Sequence[str], start: int) -> str | None:
    """The outlet: a host's name above the text, or the owner of the copyright below it."""
    for line in text[:start]:
        found = _DOMAIN.search(line) if lines.words(line) <= _DATE_WORDS else None
        if found and not lines.ends(line):
            return found[1]
    return next(_owners(text[start:]), None)


def _owners(tail: Sequence[str]) -> Iterator[str]:
    for line in tail:
        for pattern in (_COPYRIGHT, _OWNED):
            found = pattern.match(line)
            owner = _OWNER_END.sub("", found[1]).strip(" .,-–—©") if found else ""
            if owner and lines.words(owner) <= _OWNER_WORDS and owner[0].isupper():
                yield owner
