"""The rules by which a line is residual boilerplate. Each looks at a draft and names lines.

A rule gives (line index, kind) pairs; the first rule that names a line decides its kind. What
each kind may take at most stands in KINDS.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from ingester.boilerplate import lines
from ingester.boilerplate.kinds import KINDS
from ingester.boilerplate.phrases import Phrases
from ingester.models import Draft, Place

Verdicts = Iterable[tuple[int, str]]


LONGEST = max(kind.words for kind in KINDS.values())
"""No line of more words is boilerplate."""

NOWHERE = Place()
_EDGE = 3
"""How many lines below the first sentence a byline may stand: captions and standfirsts come first."""

_BYLINE_WORDS = 14
_NAME_WORDS = 6
_CLOCK_OR_DATE = re.compile(r"\d{1,2}:\d{2}|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")
_NUMBER = re.compile(r"\d+")
_FIGURES = re.compile(r"[\d\W_]+")
_CONNECTORS = frozenset((
    "and", "und", "et", "y", "e", "и", "و", "de", "von", "van", "der", "den", "la", "le", "du", "da",
    "dos", "di", "del", "al", "el", "bin", "ibn", "for", "in", "at", "of", "the", "with",
))  # fmt: skip


@dataclass(frozen=True)
class Text:
    """A draft's lines, and what several rules ask of them."""

    draft: Draft
    lines: tuple[str, ...]
    phrases: Phrases
    kinds: tuple[str | None, ...]

    @cached_property
    def prose(self) -> list[int]:
        """The lines that are sentences and not boilerplate by their phrase, ascending."""
        repeated = Counter(map(lines.key, self.lines))
        return [
            i
            for i, line in enumerate(self.lines)
            if self.kinds[i] is None
            and lines.is_prose(line)
            and (repeated[lines.key(line)] == 1 or lines.words(line) >= lines.LONG_WORDS)
        ]

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
        return [i for i, line in enumerate(self.lines) if _is_headline(line, title, i, self.first)]

    @cached_property
    def raw(self) -> bool:
        """Whether no extractor has looked for the main text yet: page chrome is still around it."""
        return self.draft.extractor == "lines"

    def characters(self, indices: Iterable[int]) -> int:
        """The length of these lines."""
        return sum(len(self.lines[i]) for i in indices)


def kind(line: str, phrases: Phrases, place: Place = NOWHERE) -> str | None:
    """The kind of which `line` is by its part of the page, its phrase, or having no letter or figure."""
    if not lines.key(line):
        return "ornament"
    count = lines.words(line)
    part = _PARTS.get(place.part or "")
    if part and count <= KINDS[part].words:
        return part
    if place.part == "related" and place.linked >= _MOSTLY:
        return "see_also"
    found = phrases.kinds(line) if count <= LONGEST else frozenset()
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


def headline_repeat(text: Text) -> Verdicts:
    """The headline once more, wherever it stands: the title is kept apart from the text."""
    return ((i, "headline_repeat") for i in text.headline)


def chrome(text: Text) -> Verdicts:
    """What stands above the headline of raw lines."""
    top = next((i for i in text.headline if i < text.first), 0)
    return ((i, "head") for i in range(top if text.raw else 0))


def placed(text: Text) -> Verdicts:
    """Lines whose place in the page makes them boilerplate above the first sentence or below the last."""
    for i, place in enumerate(text.draft.places):
        if i <= text.first and place.part == "headline":
            yield i, "headline_repeat"
        elif i < text.first and place.part == "kicker":
            yield i, "kicker"
        elif i > text.last and place.part == "agency":
            yield i, "credit"
        elif i > text.last and place.linked >= _MOSTLY:
            yield i, "see_also"


def phrase(text: Text) -> Verdicts:
    """Lines that are boilerplate by their words, or by the part of the page around them."""
    return ((i, name) for i, name in enumerate(text.kinds) if name is not None)


def byline(text: Text) -> Verdicts:
    """Who wrote it, before the first sentence or after the last."""
    for i in _edges(text):
        line = text.lines[i]
        if not lines.ends(line) and names_author(line, text.draft.authors, text.phrases):
            yield i, "byline"


def credit(text: Text) -> Verdicts:
    """Whose text it is, on a line of its own: an agency, or the outlet below the last sentence."""
    agency = lines.key(text.draft.agency.evidence) if text.draft.agency else ""
    outlet = lines.key(_SUFFIX.sub("", text.draft.outlet or ""))
    for i in _edges(text):
        own = lines.key(text.lines[i])
        if lines.ends(text.lines[i]) or lines.words(text.lines[i]) > _BYLINE_WORDS:
            continue
        if own == agency or (i > text.last and outlet and f"{own} ".startswith(f"{outlet} ")):
            yield i, "credit"


_SUFFIX = re.compile(r"\.[a-z]{2,4}$", re.IGNORECASE)


def author(text: Text) -> Verdicts:
    """A note on one of the page's authors at the very end."""
    names = [key for name in text.draft.authors if len((key := lines.key(name)).split()) > 1]
    if not names or len(text.prose) < _LEAST_PROSE:
        return
    for i in text.prose[-_NOTES:]:
        first = " ".join(lines.key(text.lines[i]).split()[:_NAMED_WITHIN])
        if any(name in first for name in names) and lines.words(text.lines[i]) <= LONGEST:
            yield i, "author"


_NOTES = 2
_NAMED_WITHIN = 8
_LEAST_PROSE = 5


def dateline_alone(text: Text) -> Verdicts:
    """Lines that are nothing but dates, times and the words around them, at the text's edges."""
    for i in _edges(text):
        if lines.words(text.lines[i]) <= _BYLINE_WORDS and is_date(text.lines[i], text.phrases):
            yield i, "date"


def standfirst_repeat(text: Text) -> Verdicts:
    """A standfirst that the text says again, word for word: one of the two stays."""
    keys = [lines.key(line) for line in text.lines]
    sentences = (i for i, line in enumerate(text.lines) if lines.is_prose(line))
    for i in islice(sentences, 2):
        if keys[i] in keys[i + 1 :]:
            yield i, "standfirst_repeat"


def section_name(text: Text) -> Verdicts:
    """The section's name above the first sentence."""
    section = lines.key(text.draft.section or "")
    for i in range(min(text.first, len(text.lines))):
        if section and lines.key(text.lines[i]) == section:
            yield i, "kicker"


def tail(text: Text) -> Verdicts:
    """The block that a line such as "Related news" opens: to the end, or to the next sentences."""
    openers = [i for i, name in enumerate(text.kinds) if name == "tail" and i > text.first]
    end = 0
    for i in openers[:_MOST_BLOCKS]:
        if i >= end and text.prose:
            end = _block_end(text, i)
            yield from ((j, "tail") for j in range(i, end))
            if end == len(text.lines):
                yield from _tags_before(text, i)


def _block_end(text: Text, opener: int) -> int:
    """Where the block ends: at the first of two or more sentences that make up most of the rest."""
    rest = [i for i in text.prose if i > opener]
    for at, i in enumerate(rest):
        follows = range(i, len(text.lines))
        if len(rest) - at < _RESUMING:
            break
        if text.characters(rest[at:]) >= _RESUMED_SHARE * text.characters(follows):
            return i
    whole = text.characters(range(len(text.lines)))
    if text.characters(rest) <= _TAIL_SHARE * whole:
        return len(text.lines)
    return rest[0] if rest else opener + 1


_MOST_BLOCKS = 50
_RESUMING = 2
_RESUMED_SHARE = 0.6
_TAIL_SHARE = 0.35


def _tags_before(text: Text, opener: int) -> Verdicts:
    """A line of keywords right above a tail: no sentence, most of its words in the text."""
    i = opener - 1
    if not text.raw or i <= text.last or lines.ends(text.lines[i]):
        return
    known = set(lines.tokens(" ".join(text.lines[:i])))
    own = lines.tokens(text.lines[i])
    if own and sum(word in known for word in own) >= _KNOWN_SHARE * len(own):
        yield i, "tags"


_KNOWN_SHARE = 0.6


RULES: tuple[Callable[[Text], Verdicts], ...] = (
    headline_repeat,
    tail,
    phrase,
    placed,
    chrome,
    byline,
    credit,
    author,
    dateline_alone,
    standfirst_repeat,
    section_name,
)


def _edges(text: Text) -> Iterator[int]:
    """The lines about the first sentence and those about the last, where bylines stand."""
    count = len(text.lines)
    head = range(min(text.first + _EDGE, count))
    end = range(max(text.last + 1, len(head)), count)
    yield from head
    yield from end


def _is_headline(line: str, title: str, at: int, first: int) -> bool:
    if len(line) > _LONGER * len(title) + _KICKER:
        return False
    own = lines.key(line)
    return _same(own, title) or (at < first and _is_most(own, title))


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


def names_author(line: str, authors: tuple[str, ...], phrases: Phrases) -> bool:
    """Whether `line` only says who wrote the text, and perhaps when."""
    if lines.words(line) > _BYLINE_WORDS:
        return False
    if any(_names(line, author) for author in authors):
        return True
    said = after_by(line, phrases)
    if said is not None:
        return is_name(said)
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
    folded = line.casefold()
    for word in phrases.by:
        if folded.startswith(word) and (
            not word[-1].isalnum() or folded[len(word) : len(word) + 1] in " :"
        ):
            return line[len(word) :].strip(" :|-–—")
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
    if not own or len(found) > _BYLINE_WORDS:
        return False
    return all(not w[0].islower() and not w[0].isdigit() for w in own)


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
