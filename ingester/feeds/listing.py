"""What a feed lists, in its own words: what each of the readers gives."""

import html
import re
from dataclasses import dataclass
from datetime import timedelta

_LONGEST_GUID = 1000
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ud800-\udfff\ufffe\uffff]")
# Latin-1's second row of controls is meant as Windows-1252. Source: HTML, section 13.2.5.80.
_MEANT = {
    code: character
    for code in range(0x80, 0xA0)
    if (character := bytes([code]).decode("cp1252", "ignore"))
}
_BREAKS = re.compile(r"<(?:br|p)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_TAGS = re.compile(
    r"</?(?:abbr|a|big|b|br|cite|code|del|em|font|img|ins|i|mark|p|q|small|span|strike|strong"
    r"|sub|sup|s|tt|u|wbr)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Listed:
    """One item: what may be its link (best first) and its date (best first), unresolved."""

    links: tuple[str, ...]
    base: str | None
    title: str | None
    dates: tuple[str, ...]
    guid: str | None


@dataclass(frozen=True, slots=True)
class Listing:
    """A feed's title, its home page, its items in their own order, and where it goes on.

    `base` is what relative links are meant by, where that is not the feed's own URL; `rest` is how
    long it says that it stays as it is.
    """

    title: str | None
    home: str | None
    items: tuple[Listed, ...]
    base: str | None = None
    more: tuple[str, ...] = ()
    rest: timedelta = timedelta()


def plain(markup: str | None) -> str | None:
    """A title as readers see it: inline tags gone, references resolved, on one line."""
    text = html.unescape(_TAGS.sub("", _BREAKS.sub(" ", markup or "")))
    return " ".join(_CONTROLS.sub("", text.translate(_MEANT)).split()) or None


def identifier(guid: str | None) -> str | None:
    """A GUID to be kept as a hint; None where it is none, or too long to be one."""
    text = _CONTROLS.sub("", guid or "").strip()
    return text if text and len(text) <= _LONGEST_GUID else None
