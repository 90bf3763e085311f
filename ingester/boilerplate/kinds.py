"""The kinds of lines that are residual boilerplate by their words."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """How long a line of a kind may be, in words, and whether sources disagree about it (soft)."""

    words: int
    soft: bool = False


KINDS = {
    "age_notice": Kind(14),
    "ad": Kind(10),
    "ui": Kind(10),
    "share": Kind(10),
    "date": Kind(10),
    "reading_time": Kind(8),
    "tail": Kind(8),
    "kicker": Kind(4),
    "tags": Kind(30),
    "source": Kind(14),
    "see_also": Kind(40),
    "newsletter": Kind(60),
    "wall": Kind(45),
    "prompt": Kind(45),
    "consent": Kind(90),
    "copyright": Kind(60),
    "photo_credit": Kind(25),
    "caption": Kind(90),
    "author": Kind(90),
    "teaser": Kind(90),
    "disclosure": Kind(90),
    "credit": Kind(40),
    "tweet": Kind(60, soft=True),
    "notice": Kind(80, soft=True),
    "bio": Kind(70, soft=True),
}
"""In the order in which they are tried where a line is of several."""

LONGEST = max(kind.words for kind in KINDS.values())
"""No line of more words is boilerplate."""

LEARNED, PASSAGE = "learned", "learned_passage"
"""Kinds of lines that an outlet repeats; one as long as a paragraph is soft."""

SOFT = frozenset(name for name, kind in KINDS.items() if kind.soft) | {PASSAGE}

REFUSED = frozenset(["interstitial", "gone"])
"""Kinds that are cut from no text: a page that is mostly these is no article."""
