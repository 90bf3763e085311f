"""What an outlet repeats under story after story: its own boilerplate, learned line by line.

Nothing here knows the archive: it says which of an article's lines are worth remembering, and which
were learned before.
"""

import re
from collections.abc import Iterator, Sequence

import xxhash

from ingester.boilerplate import lines
from ingester.boilerplate.kinds import LEARNED, PASSAGE

Learned = frozenset[int]
"""The hashes of an outlet's learned lines."""

HEAD, TAIL, SHORT = 3, 8, 12
"""Lines at a text's beginning and end that are watched, and words of a line watched wherever it stands.
Source: docs/choices.md, "What an outlet repeats"."""

_DIGITS = re.compile(r"\d+")


def line_hash(line: str) -> int:
    """A line's signed 64-bit hash: the same for what differs in case, marks and numbers only."""
    plain = _DIGITS.sub("0", lines.normal(line))
    hashed = xxhash.xxh3_64_intdigest(plain.encode("utf-8", "surrogatepass"))
    return hashed - (1 << 64) if hashed >= 1 << 63 else hashed


def watched(text: str) -> Iterator[tuple[int, str]]:
    """The hash and the words of each line that may be its outlet's own."""
    paragraphs = text.split("\n\n")
    for number, line in enumerate(paragraphs):
        edge = number < HEAD or number >= len(paragraphs) - TAIL
        if edge or lines.words(line) <= SHORT:
            yield line_hash(line), line


def verdicts(text: Sequence[str], own: Learned) -> Iterator[tuple[int, str]]:
    """The lines that were learned of the outlet, and how each is cut."""
    if own:
        for number, line in enumerate(text):
            if line and line_hash(line) in own:
                yield number, PASSAGE if lines.words(line) > lines.LONG_WORDS else LEARNED
