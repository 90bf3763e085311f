"""The rules by which a line is residual boilerplate. Each looks at a draft and names lines.

A rule gives (line index, kind) pairs; the first rule that names a line decides its kind. What
each kind may take at most stands in KINDS.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from ingester.boilerplate import bylines, lines
from ingester.boilerplate.kinds import LONGEST
from ingester.boilerplate.text import Text

Verdicts = Iterable[tuple[int, str]]


_EDGE = 3
"""How many lines below the first sentence a byline may stand: captions and standfirsts come first."""


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
        elif i > text.last and text.leads_away(i):
            yield i, "see_also"


def phrase(text: Text) -> Verdicts:
    """Lines that are boilerplate by their words, or by the part of the page around them."""
    for i, name in enumerate(text.kinds):
        if name is not None and (name != "kicker" or i < text.first):
            yield i, name


def byline(text: Text) -> Verdicts:
    """Who wrote it, before the first sentence or after the last."""
    for i in _edges(text):
        line = text.lines[i]
        if not lines.ends(line) and bylines.names_author(line, text.draft.authors, text.phrases):
            yield i, "byline"


def credit(text: Text) -> Verdicts:
    """Whose text it is, on a line of its own: an agency, or the outlet below the last sentence."""
    agency = lines.key(text.draft.agency.evidence) if text.draft.agency else ""
    outlet = lines.key(lines.without_domain(text.draft.outlet or ""))
    for i in _edges(text):
        own = lines.key(text.lines[i])
        if lines.ends(text.lines[i]) or lines.words(text.lines[i]) > bylines.WORDS:
            continue
        if own == agency or (i > text.last and outlet and f"{own} ".startswith(f"{outlet} ")):
            yield i, "credit"


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
        if lines.words(text.lines[i]) <= bylines.WORDS and bylines.is_date(
            text.lines[i], text.phrases
        ):
            yield i, "date"


def standfirst_repeat(text: Text) -> Verdicts:
    """A standfirst that the text says again, word for word: one of the two stays."""
    sentences = (i for i, line in enumerate(text.lines) if lines.is_prose(line))
    for i in islice(sentences, 2):
        if _stands_in(text.lines[i + 1 :], text.lines[i]):
            yield i, "standfirst_repeat"


def _stands_in(text: Sequence[str], line: str) -> bool:
    """Whether a line of `text` says what `line` does."""
    alike = (other for other in text if lines.words(other) == lines.words(line))
    return any(lines.key(other) == lines.key(line) for other in alike)


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
            last = end == len(text.lines)
            block = range(i + 1, end)
            yield i, "tail"
            yield from ((j, "tail") for j in block if not _goes_on(text, j, last=last))
            if last:
                yield from _tags_before(text, i)


def _goes_on(text: Text, i: int, *, last: bool) -> bool:
    """Whether a line of a block is the text's; in the last one only a sentence in no part of its own.

    Of lines without marks nobody has told yet which are the text's.
    """
    if last and (text.raw or text.draft.places[i].part or not lines.is_prose(text.lines[i])):
        return False
    return text.stays(i)


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
