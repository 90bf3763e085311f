"""Authors as people: names without roles, agencies, outlets and addresses.

Words that tell which is which, by language, stand in config/people.toml.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from ingester import settings
from ingester.boilerplate import lines
from ingester.boilerplate.bylines import after_by, is_name, without_dates
from ingester.boilerplate.phrases import Phrases
from ingester.extract import agencies

LONGEST = 14
"""No byline has more words."""

_DASH = re.compile(r"\s[-–—]+\s")
_MARK = re.compile(r"[,;|·•/\n、，；／｜丨]")
_FOR = re.compile(
    r"\s(?:in|for|at|of|from|via|avec|con|com|mit|bei|aus|en|em|pour|para|für|à|из|в)\s.*"
)
_ADDRESS = re.compile(r"<[^<>]{0,300}>|\S{0,64}@\S*|https?://\S+|\([^()]{0,80}\)")
_YOUNGER = re.compile(r",\s+(?=(?:Jr|Sr|II|III|IV)\b)")
_LAST_FIRST = re.compile(
    r"(?:^|(?<=;))\s*([^\W\d_][\w'’-]*), ([^\W\d_][\w'’-]*(?: [^\W\d_]\.?)*)\s*(?=;|$)"
)
_NAME_WORDS = 6
_INITIALS = re.compile(r"[A-Z0-9]{2,5}|[B-DF-HJ-NP-TV-XZ]{3,5}\b.*")
"""An outlet's: alone, or of consonants only before other words ("BBC Verify")."""

_INITIAL = re.compile(r"\b[^\W\d_]\.")
_NO_NAME = re.compile(r"^(?:The|THE)\s|[\d_:：]")
_EDGES = ' .:-–—"“”„«»[]【】*'
_EAST_ASIAN = "\u3040"
"""From here on scripts put no space into a name."""

_LONGEST = 1000
"""Characters of a byline that are read: a longer one is no byline."""

_COMPARED = 20
"""Of more people no two are held to be one: no byline names so many."""


def named(said: Iterable[str], outlet: str | None, phrases: Phrases) -> tuple[str, ...]:
    """The people in bylines and tags as `said`, each once by the fullest name, in order."""
    found: dict[str, str] = {}
    for each in said:
        for name in _people(lines.tidy(_ADDRESS.sub(" ", each[:_LONGEST])), outlet, phrases):
            found.setdefault(lines.key(name), name)
    names = tuple(found.values())
    return names if len(names) > _COMPARED else tuple(_fullest(names))


def _fullest(names: Sequence[str]) -> Iterator[str]:
    """The names of which no other is a longer form."""
    for name in names:
        if not any(_is_short_for(name, other) for other in names if other != name):
            yield name


def _is_short_for(name: str, other: str) -> bool:
    """Whether the words of `name`, or what they are initials of, stand in `other` in this order."""
    rest = iter(lines.tokens(other))
    return all(any(word in (each, each[:1]) for each in rest) for word in lines.tokens(name))


def _people(byline: str, outlet: str | None, phrases: Phrases) -> list[str]:
    """The people of the part that names any: on the other sides of dashes stand a place or the outlet.

    A part with a whole name goes before one with a single word.
    """
    parts = _DASH.split(after_by(byline, phrases) or byline)
    found = [list(_of_part(part, outlet, phrases)) for part in parts]
    whole = (names for names in found if any(map(_is_whole, names)))
    return next(whole, None) or next(filter(None, found), [])


def _of_part(part: str, outlet: str | None, phrases: Phrases) -> Iterator[str]:
    for name in _names(part, phrases):
        if _is_person(name, phrases) and not _is_site(name, outlet):
            yield name


def _is_whole(name: str) -> bool:
    return " " in name or name >= _EAST_ASIAN


def _names(part: str, phrases: Phrases) -> Iterator[str]:
    """What may be names in a part of a byline; behind a whole name and a comma one word is a place."""
    for group in _words().joiner.split(part):
        whole = False
        turned = _LAST_FIRST.sub(lambda found: _turned(found, phrases), group)
        for piece in _MARK.split(_YOUNGER.sub(" ", turned)):
            name = _bare(piece, phrases)
            if " " in name or not whole:
                yield name
            whole = whole or " " in name


def _turned(found: re.Match[str], phrases: Phrases) -> str:
    """Turn "Vell, Nora" round, in scripts that have capitals: in others each may be a whole name."""
    last, first = found.groups()
    both = last[0].isupper() and first[0].isupper()
    fit = both and _is_person(last, phrases) and _is_person(first, phrases)
    return f"{first} {last}" if fit else found[0]


def _bare(piece: str, phrases: Phrases) -> str:
    """A piece without its date, a word such as "by", titles, and for whom or where somebody writes.

    One word that something was cut from is the head of an outlet's name: "Department for Transport".
    """
    undated = without_dates(piece, phrases) if any(map(str.isdigit, piece)) else piece
    said = lines.tidy(after_by(undated, phrases) or undated)
    name = _FOR.sub("", said)
    if name != said and not _is_whole(name):
        return ""
    return _words().title.sub("", name.strip(_EDGES)).strip()


def _is_site(name: str, outlet: str | None) -> bool:
    """Whether a name is the outlet's: the same, without its domain's end, or with its initials first."""
    own, site = lines.key(name).split(), lines.key(outlet or "").split()
    initials = name.split(maxsplit=1)[0]
    begins = initials.isupper() and len(own) > 1 and own[:1] == site[:1]
    return own in (site, site[:-1]) or (begins and len(initials) > 1)


def _is_person(name: str, phrases: Phrases) -> bool:
    folded, words = name.casefold(), _words()
    if not 0 < lines.words(name) <= _NAME_WORDS or folded in phrases.nobody:
        return False
    if folded in words.places or words.role.search(folded):
        return False
    if " " not in name and phrases.kinds(name):
        return False
    return (
        is_name(name)
        and not _NO_NAME.search(name)
        and not _INITIALS.fullmatch(name)
        and agencies.named(name) is None
        and "." not in _INITIAL.sub("", name)[3:-1].replace(". ", "")
    )


@dataclass(frozen=True, slots=True)
class _Words:
    """config/people.toml, ready to match."""

    role: re.Pattern[str]
    title: re.Pattern[str]
    joiner: re.Pattern[str]
    places: frozenset[str]


@cache
def _words() -> _Words:
    path = settings.shipped("config/people.toml")
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    roles, titles = (
        [word for words in table[name].values() for word in words] for name in ("roles", "titles")
    )
    cased = [word for word in roles if word.upper() != word]
    plain = [word for word in roles if word.upper() == word]
    title, joiners = _any_of(titles), table["joiners"]
    return _Words(
        role=re.compile(rf"\b{_any_of(cased)}\b|{_any_of(plain)}"),
        title=re.compile(rf"^{title}[\s:：]?|\s?{title}$"),
        joiner=re.compile(
            rf"[&+]|(?<=\s){_any_of(joiners['any'])}(?=\s)"
            rf"|(?<=\s){_any_of(joiners['lone'])}(?=\s+\S+\s)"
        ),
        places=frozenset(table["places"]["any"]),
    )


def _any_of(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first."""
    return f"(?:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})"
