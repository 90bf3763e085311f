"""Authors as people: names without roles, agencies, outlets and addresses."""

import re
from collections.abc import Iterable, Iterator

from ingester.boilerplate import lines
from ingester.boilerplate.bylines import after_by, is_name, without_dates
from ingester.boilerplate.phrases import Phrases
from ingester.extract import agencies

LONGEST = 14
"""No byline has more words."""

_DASH = re.compile(r"\s[-–—]+\s")
_MARK = re.compile(r"[,;|·•/\n、，；]")
_AND = re.compile(r"&|\b(?:and|und|et|y|e|og|och|en|и|و)\b(?=\s)", re.IGNORECASE)
_FOR = re.compile(r"\s(?:in|for|at|from|with|via|avec|con|com|mit|bei|à)\s.*")
_ADDRESS = re.compile(r"\S{0,64}@\S*|https?://\S+|\([^()]{0,80}\)")
_NAME_WORDS = 6
_INITIALS = re.compile(r"[A-Z0-9]{2,5}")
_ROLE = re.compile(
    r"\b(?:staff|editors?|reporters?|correspondents?|writers?|journalists?|desk|team|newsroom|bureau"
    r"|redaktion|redakteur(?:in)?|redacción|redação|redazione|rédaction|редакция|agenc(?:y|ies)|agenturen"
    r"|news|online|press|media|times|contributors?|columnist|associated|magazine|tv|com|admin)\b",
    re.IGNORECASE,
)

_LONGEST = 1000
"""Characters of a byline that are read: a longer one is no byline."""


def named(said: Iterable[str], outlet: str | None, phrases: Phrases) -> tuple[str, ...]:
    """The people in bylines and tags as `said`, each once, in order."""
    found: dict[str, str] = {}
    for each in said:
        for name in _people(lines.tidy(_ADDRESS.sub(" ", each[:_LONGEST])), outlet, phrases):
            found.setdefault(lines.key(name), name)
    return tuple(found.values())


def _people(byline: str, outlet: str | None, phrases: Phrases) -> list[str]:
    """The people of the first part that names any: behind a dash stand a place or the outlet."""
    for part in _DASH.split(after_by(byline, phrases) or byline):
        names = (name for name in _names(part, phrases) if _is_person(name, phrases))
        if found := [name for name in names if not _is_site(name, outlet)]:
            return found
    return []


def _names(part: str, phrases: Phrases) -> Iterator[str]:
    """What may be names in a part of a byline; one word behind a whole name and a comma is a place."""
    for group in _AND.split(part):
        whole = False
        for piece in _MARK.split(group):
            name = _bare(piece, phrases)
            if " " in name or not whole:
                yield name
            whole = whole or " " in name


def _bare(piece: str, phrases: Phrases) -> str:
    """A piece without its date, a word such as "by", and for whom or where somebody writes."""
    undated = without_dates(piece, phrases) if any(map(str.isdigit, piece)) else piece
    return _FOR.sub("", lines.tidy(after_by(undated, phrases) or undated)).strip(" .:-–—")


def _is_site(name: str, outlet: str | None) -> bool:
    """Whether a name is the outlet's: the same, without its domain's end, or with its initials first."""
    own, site = lines.key(name).split(), lines.key(outlet or "").split()
    initials = name.split(maxsplit=1)[0]
    begins = initials.isupper() and len(own) > 1 and own[:1] == site[:1]
    return own in (site, site[:-1]) or (begins and len(initials) > 1)


def _is_person(name: str, phrases: Phrases) -> bool:
    if not 0 < lines.words(name) <= _NAME_WORDS or name.casefold() in phrases.nobody:
        return False
    return (
        is_name(name)
        and not _INITIALS.fullmatch(name)
        and not _ROLE.search(name)
        and agencies.named(name) is None
        and "." not in name[3:-1].replace(". ", "")
    )
