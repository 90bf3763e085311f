"""Copies of real articles by eleven kinds of edit, the same ones for the same dice."""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

LONG = 120
"""Words of a text that leave something to find after each edit."""

_LIGHT, _HEAVY, _REWRITTEN = 0.04, 0.12, 0.33


class Original(NamedTuple):
    """A real text, words of other texts to edit it with, and a foreign text to extend it by."""

    name: str
    text: str
    pool: Sequence[str]
    foreign: str


class Copy(NamedTuple):
    """What an edit made of an original."""

    original: str
    kind: str
    text: str


Edit = Callable[[Original, random.Random], str]


def copies(originals: Sequence[Original], dice: random.Random) -> Iterator[Copy]:
    """Each original, and a copy of it by each kind of edit."""
    for original in originals:
        yield Copy(original.name, "original", original.text)
        for kind, edit in EDITS.items():
            yield Copy(original.name, kind, edit(original, dice))


def originals(
    texts: Sequence[tuple[str, str]], others: Sequence[str], dice: random.Random
) -> list[Original]:
    """Originals of (name, text), edited with the words of `others`, which stand in no original."""
    return [
        Original(name, text, dice.choice(others).split(), dice.choice(others)[: len(text)])
        for name, text in texts
        if len(text.split()) > LONG
    ]


def _sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.!?])\s+|\n+", text)


def _picked(text: str, share: float, dice: random.Random) -> str:
    """Some of the sentences, in their order."""
    sentences = _sentences(text)
    kept = sorted(dice.sample(range(len(sentences)), max(1, round(len(sentences) * share))))
    return " ".join(sentences[i] for i in kept)


def _reordered(text: str, dice: random.Random) -> str:
    sentences = _sentences(text)
    return " ".join(dice.sample(sentences, len(sentences)))


def _changed(text: str, share: float, pool: Sequence[str], dice: random.Random) -> str:
    """Words replaced by foreign ones or left out, half and half."""
    words = (
        word if dice.random() >= share else dice.choice([dice.choice(pool), ""])
        for word in text.split()
    )
    return " ".join(word for word in words if word)


def _truncated(original: Original, _: random.Random) -> str:
    return original.text[: len(original.text) * 2 // 5]


def _brief(original: Original, _: random.Random) -> str:
    return " ".join(original.text.split()[:60])


def _light(original: Original, dice: random.Random) -> str:
    return _changed(original.text, _LIGHT, original.pool, dice)


def _heavy(original: Original, dice: random.Random) -> str:
    return _changed(_picked(original.text, 0.8, dice), _HEAVY, original.pool, dice)


def _rewritten(original: Original, dice: random.Random) -> str:
    fewer = _reordered(_picked(original.text, 0.8, dice), dice)
    return _changed(fewer, _REWRITTEN, original.pool, dice)


def _headed(original: Original, dice: random.Random) -> str:
    """A beginning of the outlet's own, and then the source from its second sentence."""
    rest = " ".join(_sentences(original.text)[1:])
    return f"{_changed(original.foreign, 0.3, original.pool, dice)[:250]} {rest}"


def _wrapped(original: Original, _: random.Random) -> str:
    """The outlet's furniture above and below."""
    above = "Home\nWorld\nBusiness\nSport\nShare this article\n"
    return f"{above}{original.text}\nRead more on this topic\nSign up for our newsletter"


EDITS: dict[str, Edit] = {
    "verbatim": lambda original, _: original.text,
    "wrapped": _wrapped,
    "truncated": _truncated,
    "brief": _brief,
    "reordered": lambda original, dice: _reordered(original.text, dice),
    "picked": lambda original, dice: _picked(original.text, 0.5, dice),
    "lightly edited": _light,
    "heavily edited": _heavy,
    "headed": _headed,
    "extended": lambda original, _: f"{original.text} {original.foreign}",
    "rewritten": _rewritten,
}
"""By the share of words that each changes: light 4 %, heavy 12 % (and a fifth of the sentences
out), rewritten 33 % (a fifth of the sentences out, the others shuffled)."""
