"""Made-up texts, and edits of them; the same for the same dice."""

import random
from collections.abc import Sequence

SYLLABLES = [c + v + e for c in "bdfgklmnprstvz" for v in "aeiou" for e in ("", "n", "r", "l")]


def dice(seed: int) -> random.Random:
    """Repeatable chance."""
    return random.Random(seed)


def vocabulary(chance: random.Random, size: int = 300) -> list[str]:
    """Words that no other vocabulary is likely to have."""
    return ["".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))) for _ in range(size)]


def sentences(chance: random.Random, count: int = 12, pool: Sequence[str] = ()) -> list[str]:
    """Sentences of 10 to 20 words."""
    words = pool or vocabulary(chance)
    return [" ".join(chance.choices(words, k=chance.randint(10, 20))) + "." for _ in range(count)]


def edited(text: str, share: float, chance: random.Random) -> str:
    """The text with a share of its words replaced."""
    foreign = vocabulary(chance)
    return " ".join(
        chance.choice(foreign) if chance.random() < share else word for word in text.split()
    )
