"""What an outlet repeats under story after story: its own boilerplate, learned line by line.

Nothing here knows the archive: it says which of an article's lines are worth remembering, and which
were learned before.
"""

from collections.abc import Iterator, Sequence

import xxhash

from ingester.boilerplate import lines
from ingester.boilerplate.kinds import LEARNED, PASSAGE

Learned = frozenset[int]
"""The hashes of an outlet's learned lines."""

HEAD, TAIL = 3, 8
"""Lines at a text's beginning and end that are watched."""

SHORT, LONGEST = 12, 60
"""Words of a line that is watched wherever it stands, and of the longest one that is watched at all.
Source: docs/choices.md, "What an outlet repeats"."""


def line_hash(line: str) -> int:
    """A line's signed 64-bit hash: the same for what differs in case, marks and numbers only."""
    hashed = xxhash.xxh3_64_intdigest(lines.normal(line).encode("utf-8", "surrogatepass"))
    return hashed - (1 << 64) if hashed >= 1 << 63 else hashed


def watched(body: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The hash and the words of each line that may be its outlet's own."""
    for number, line in enumerate(body):
        edge = number < HEAD or number >= len(body) - TAIL
        if lines.words(line) <= (LONGEST if edge else SHORT):
            yield line_hash(line), line


def verdicts(text: Sequence[str], own: Learned) -> Iterator[tuple[int, str]]:
    """The lines that were learned of the outlet, and how each is cut."""
    if own:
        for number, line in enumerate(text):
            if line and line_hash(line) in own:
                yield number, PASSAGE if lines.words(line) > lines.LONG_WORDS else LEARNED
