"""Which news agency an article credits, by data in config/agencies.toml.

A credit stands where credits stand: in the byline, the author's tag, the dateline, a line at the
end. An agency that the text quotes or cites is none.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from ingester import settings
from ingester.boilerplate import lines
from ingester.boilerplate.bylines import after_by, is_name, without_dates
from ingester.boilerplate.phrases import Phrases
from ingester.models import Agency

_CASED_LETTERS = 5
_PARTS = re.compile(
    r"(?:(?<!\s)\s+)?(?:[/,;&|+·=]|\s[-–—]+\s?|[-–—]\s|\b(?:and|und|et|y|e|und|with|via|mit|avec|con|com)\b)\s*"
)
_DATELINE = re.compile(r"^([^()\[\]【】〔〕]{0,60}?)\s?[(\[【〔]([^()\[\]【】〔〕]{2,60})[)\]】〕]")
_NOTE = re.compile(r"^\(([^()]{2,60})\)\s+(?=[^\W\d_])")
"""What was changed, before the dateline: "(Adds details) LONDON, March 6 (Reuters) - "."""

_INSIDE = re.compile(r"\s+|\d{1,2}日")
"""Between place, day and agency in an East Asian dateline's bracket: "[東京 6日 ロイター]"."""

_SLASHED = re.compile(r"^[^/]{2,60}/([^/]{2,30})/")
_DASHED = re.compile(r"^([^.!?—–-]{2,60})[—–-]{1,2}\s?([^.,!?—–-]{2,30})[.,]\s")
_WIRED = re.compile(
    r"^([^\W\d_]{2,8}?)([^\W\d_]{1,8}\d{1,2}月\d{1,2}日)?(?:[^\W\d_]{1,8})?(?:\d{1,2}日)?[电電]"
)
_BARRED = re.compile(r"^([^|]{2,60}) \| ?([^|]{2,30}?) ?\|")
_COUNTRY = re.compile(r" ?\[[^\[\]()]{2,30}\](?=,)")
"""As in "New Delhi [India], November 20 (ANI): "."""

_FROM = re.compile(r"^([\u30a0-\u30ff]{2,12}|北京|上海|台北|香港|平壌)=?(?=[\u3400-\u9fff])")
"""Where an agency's report is from, right before its name: "【ワシントン共同】"."""

_HELPED = re.compile(
    r"^([^.!?]{2,60}?) (?:staff )?(?:writers?|journalists?|reporters?|correspondents?|video journalists?)\b"
    r"[^!?]{0,300}\bcontributed\b"
)
_FINAL = re.compile(r"(?:^|[.!?。！？…\"”’»」]\s?)[(\[【（]([^()\[\]【】（）]{2,60})[)\]】）]$")
_DASH_FINAL = re.compile(r"[.!?\"”]\s?[—–-]{1,2}\s?([^—–.!?\"”]{2,40})$")
_SOURCE = re.compile(
    r"^\W{0,3}(?:source|sources|quelle|quellen|fuente|fuentes|fonte|fonti|источник|المصدر|来源|來源"
    r"|sumber|kaynak|джерело|źródło|bron|منبع|स्रोत|출처|出典|稿源|消息来源"
    r"|via|with inputs? from|with files from|avec|mit material (?:von|der)|con información de"
    r"|com informações d[aeo]|copyright|©)\s?[:：]?\s*(?:\d{4}\s*)?([^:：.]{2,60})",
    re.IGNORECASE,
)
_COMMA = re.compile(r"^([^.!?,—–-]{2,40}),\s([^.,!?—–-]{2,20})\s[—–-]{1,2}\s")
_DESK = re.compile(
    r"\s(?:news\s)?(?:staff|agency|desk|wire|newsroom|correspondents?|writers?)$", re.IGNORECASE
)
_EDGES = " .:,;()[]【】（）"
_PLACE_WORDS = 8
_HEAD = 4
_TAIL = 4


def credited(
    authors: Iterable[str], sources: Iterable[str], text: Sequence[str], phrases: Phrases
) -> Agency | None:
    """The agency credited first: by authors, by `sources` (tags), by dateline, by byline, at the end."""
    end = next((i for i in reversed(range(len(text))) if lines.is_prose(text[i])), len(text) - 1)
    tail = text[max(0, end - 1) : end + _TAIL]
    claims = (
        *((after_by(name, phrases) or name, name) for name in (*authors, *sources)),
        *_bylines(text[:_HEAD], phrases),
        *_datelines(text[:_HEAD], phrases),
        *_bylines(tail, phrases),
        *_closings(tail),
    )
    return next((found for said, all_ in claims if (found := _agency(said, all_))), None)


def named(text: str) -> str | None:
    """The agency that `text` is the name of, spelled in any known way, or None."""
    bare = lines.tidy(text).strip(_EDGES)
    cased, folded = _spellings()
    for name in (bare, _DESK.sub("", bare)):
        if found := cased.get(name) or folded.get(name.casefold()):
            return found
    return None


def named_in(head: Iterable[str], phrases: Phrases) -> Iterator[str]:
    """Of the lines above a text what follows a word such as "By", and what may be nothing but an agency.

    That has to be longer than a common word or somebody's initials ("mehr", "PA").
    """
    for line in head:
        said = after_by(line, phrases)
        if said or (len(line) > _CASED_LETTERS and named(line)):
            yield said or line


def _agency(said: str, evidence: str) -> Agency | None:
    for part in (said, *_PARTS.split(said)):
        name = named(part)
        if name:
            return Agency(name, evidence.strip()[:200])
    return None


def _datelines(head: Sequence[str], phrases: Phrases) -> Iterator[tuple[str, str]]:
    for said in head:
        line = _COUNTRY.sub("", unicodedata.normalize("NFKC", said), count=1)
        for start in (line, _NOTE.sub("", line)):
            found = _DATELINE.match(start)
            if found and _is_place(found[1]) and _opens(start, found, phrases):
                yield from ((each, found[0]) for each in _bracketed(found[2]))
        found = _SLASHED.match(line)
        if found:
            yield found[1], found[0]
        for pattern in (_DASHED, _COMMA, _BARRED):
            found = pattern.match(line)
            if found and _is_place(found[1]):
                yield found[2], found[0]
        found = _WIRED.match(line)
        if found:
            yield from ((each, found[0]) for each in _begins(line))


def _bracketed(inside: str) -> Iterator[str]:
    """What may be the agency in a dateline's bracket: all of it, or what place and day leave."""
    yield _FROM.sub("", inside)
    if not inside.isascii():
        yield from filter(None, _INSIDE.split(inside))
        if _WIRED.match(inside):
            yield from _begins(inside)


def _begins(line: str) -> Iterator[str]:
    """The first characters of a wire's line, as many as agencies' names have."""
    return (line[:length] for length in (3, 2, 4))


def _opens(line: str, found: re.Match[str], phrases: Phrases) -> bool:
    """Whether the bracket ends a dateline: by what follows, or by the capitals or the day before it.

    "The Palestinian Authority (PA) said" is a sentence, "RAMALLAH (PA) -" a dateline.
    """
    place = found[1]
    shouted = place == place.upper() != place.lower()
    dated = any(map(str.isdigit, place)) or any(
        word in phrases.months for word in lines.tokens(place)
    )
    return not place or shouted or dated or line[found.end() :].lstrip()[:1] in set("-–—:.")


def _is_place(text: str) -> bool:
    """Whether `text` may be the place and day before an agency's name: short, capitalised."""
    words = [w for w in re.split(r"[\s,./|–-]+", text) if w]
    return len(words) <= _PLACE_WORDS and (not words or not words[0][0].islower())


def _bylines(text: Sequence[str], phrases: Phrases) -> Iterator[tuple[str, str]]:
    for line in text:
        if lines.words(line) <= _BYLINE_WORDS:
            said = after_by(line, phrases)
            if said or _is_signature(line, phrases):
                yield (said or line), line


def _is_signature(line: str, phrases: Phrases) -> bool:
    """Whether a line without a word such as "By" is nothing but names, and perhaps a day."""
    pieces = filter(None, _PARTS.split(without_dates(line, phrases)))
    return all(
        len(piece) <= _SIGN or (is_name(piece) and lines.words(piece) <= _NAME_WORDS)
        for piece in pieces
    )


_NAME_WORDS = 4
_SIGN = 4
"""Letters of a desk's or an editor's sign, as in "dpa/nv"."""

_BYLINE_WORDS = 10


def _closings(tail: Sequence[str]) -> Iterator[tuple[str, str]]:
    for line in reversed(tail):
        for pattern in (_FINAL, _DASH_FINAL):
            found = pattern.search(line[-80:])
            if found:
                yield found[1], found[0]
        found = _HELPED.match(line)
        if found:
            yield found[1], line
        found = _SOURCE.match(line)
        if found and lines.words(line) <= _SOURCE_WORDS:
            yield found[1], line


_SOURCE_WORDS = 25


@cache
def _spellings() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Agencies by spelling: those that count in their own case only, and the others folded."""
    path = settings.shipped("config/agencies.toml")
    table = tomllib.loads(path.read_text(encoding="utf-8"))["spellings"]
    every = {spelling: name for name, all_ in table.items() for spelling in (name, *all_)}
    cased = {s: name for s, name in every.items() if len(s) <= _CASED_LETTERS}
    return cased, {s.casefold(): name for s, name in every.items() if s not in cased}
