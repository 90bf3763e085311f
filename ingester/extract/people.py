"""Authors as people: names without roles, agencies, outlets and addresses."""

import re
from collections.abc import Iterable, Iterator

from ingester.boilerplate import lines
from ingester.boilerplate.bylines import after_by, is_name, without_dates
from ingester.boilerplate.phrases import Phrases
from ingester.extract import agencies

LONGEST = 14
"""No byline has more words."""

_BETWEEN = re.compile(
    r"(?:(?<!\s)\s+)?(?:[,;&|·•/\n、，；]|\b(?:and|und|et|y|e|og|och|en|и|و)\b(?=\s))\s*",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\S{0,64}@\S*|https?://\S+|\([^()]{0,80}\)")
_NAME_WORDS = 6
_INITIALS = re.compile(r"[A-Z0-9]{2,5}")
_ROLE = re.compile(
    r"\b(?:staff|editors?|reporters?|correspondents?|writers?|journalists?|desk|team|newsroom|bureau"
    r"|redaktion|redakteur(?:in)?|redacción|redação|redazione|rédaction|редакция|agenc(?:y|ies)|agenturen"
    r"|news|online|press|media|times|contributors?|columnist|associated|magazine|tv|com|admin)\b",
    re.IGNORECASE,
)


def named(said: Iterable[str], outlet: str | None, phrases: Phrases) -> tuple[str, ...]:
    """The people in bylines and tags as `said`, each once, in order."""
    found: dict[str, str] = {}
    for name in _parts(said, phrases):
        key = lines.key(name)
        if key and key not in found and not _is_site(name, outlet) and _is_person(name, phrases):
            found[key] = name
    return tuple(found.values())


def _is_site(name: str, outlet: str | None) -> bool:
    """Whether a name is the outlet's: the same, without its domain's end, or with its initials first."""
    own, site = lines.key(name).split(), lines.key(outlet or "").split()
    initials = name.split(maxsplit=1)[0]
    begins = initials.isupper() and len(own) > 1 and own[:1] == site[:1]
    return own in (site, site[:-1]) or (begins and len(initials) > 1)


def _parts(said: Iterable[str], phrases: Phrases) -> Iterator[str]:
    for each in said:
        bare = _ADDRESS.sub(" ", lines.tidy(each))
        line = after_by(bare, phrases) or bare
        for part in _BETWEEN.split(
            without_dates(line, phrases) if any(map(str.isdigit, line)) else line
        ):
            yield lines.tidy(after_by(part, phrases) or part).strip(" .:-–—")


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
