"""Articles made of real ones by seeded dice: as many as are wanted, the same ones for the same seed."""

import json
import random
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import xxhash
from wordfreq import top_n_list

from ingester import importing
from ingester.models import Imported, Page

DATA = Path(__file__).parents[2] / "shared" / "data" / "ecbplus.jsonl"
KEPT, CHANGED = 0.85, 0.03  # sentences and words of a copy
LEAST = 60  # words of a text
WORDS = [word for word in top_n_list("en", 60_000)[2_000:] if word.isalpha()]


def retold(base: str, happening: int) -> str:
    """A real text about something else: half of its longer words are other ones, the same each time."""
    return re.sub(r"\w{4,}", partial(_renamed, happening=happening), base)


def _renamed(word: re.Match[str], happening: int) -> str:
    chosen = xxhash.xxh3_64_intdigest(word[0].lower().encode(), happening)
    if chosen & 1:
        return word[0]
    other = WORDS[(chosen >> 1) % len(WORDS)]
    return other.capitalize() if word[0][0].isupper() else other


def edited(body: str, dice: random.Random) -> str:
    """A copy by another outlet: some sentences left out, some words changed."""
    sentences = [s for s in re.split(r"(?<=[.!?])\s+", body) if dice.random() < KEPT]
    words = " ".join(sentences).split(" ")
    return " ".join(word if dice.random() > CHANGED else dice.choice(WORDS) for word in words)


def articles(seed: int, count: int) -> Iterator[tuple[Imported, Page]]:
    """Stories of one to four copies each, on real texts of some 60 to 400 words."""
    dice = random.Random(seed)  # noqa: S311 - a benchmark's texts
    with DATA.open() as lines:
        bases = [row["text"] for row in map(json.loads, lines) if len(row["text"].split()) > LEAST]
    made = happening = 0
    while made < count:
        happening += 1
        told = retold(dice.choice(bases)[:2400], seed * 1_000_000 + happening)
        for copy in range(min(dice.choice([1, 1, 1, 2, 3, 4]), count - made)):
            made += 1
            body = edited(told, dice) if copy else told
            url = f"https://outlet{dice.randrange(400)}.example/{seed}/{made}"
            yield _item(url, body)


def _item(url: str, body: str) -> tuple[Imported, Page]:
    entry, page = importing.item({"url": url, "text": body}, url)
    assert isinstance(page, Page)
    return entry, page
