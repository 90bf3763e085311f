"""How results look: JSON lines for scripts, aligned tables for people, progress on stderr."""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import click
from rich.cells import cell_len
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

_EVERY_S = 10
"""Between two lines of progress where there is no terminal."""

Advance = Callable[[str], None]
"""Tells of one item, by what became of it."""


def write_json(value: Mapping[str, Any]) -> None:
    """One line of JSON on stdout, readable where UTF-8 can say it."""
    try:
        line = json.dumps(value, ensure_ascii=False, default=_plain).encode()
    except UnicodeEncodeError:  # a lone surrogate, which came in as an escape
        line = json.dumps(value, default=_plain).encode()
    click.echo(line)


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """An aligned table; numbers to the right, nothing cut off."""
    held = [[cell(value) for value in row] for row in rows]
    right = [
        bool(held) and all(_numeric(row[column]) for row in held) for column in range(len(header))
    ]
    lines = [list(header), *held]
    widths = [max(cell_len(line[column]) for line in lines) for column in range(len(header))]
    rule = ["-" * width for width in widths]
    return "\n".join(_aligned(line, widths, right) for line in (lines[0], rule, *held))


def cell(value: object) -> str:
    """A value as people read it, on one line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return span(value) if isinstance(value, timedelta) else " ".join(str(value).split())


def span(value: timedelta) -> str:
    """A length of time in its two largest units."""
    seconds = abs(int(value.total_seconds()))
    days, hours, minutes = seconds // 86_400, seconds // 3600 % 24, seconds // 60 % 60
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min" if minutes else f"{seconds} s"


def counted(counts: Mapping[str, int]) -> str:
    """Outcomes in words: "12 stored, 3 unchanged"."""
    return ", ".join(f"{number:,} {name}" for name, number in counts.items()) or "nothing"


@contextmanager
def progress(what: str) -> Iterator[Advance]:
    """Shows how far a command has come: a line that moves on a terminal, one now and then elsewhere."""
    counts: Counter[str] = Counter()
    if not sys.stderr.isatty():
        yield _plain_progress(what, counts)
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(what)

        def advance(outcome: str) -> None:
            counts[outcome] += 1
            shown.update(task, description=f"{what}: {counted(counts)}")

        yield advance


def _plain_progress(what: str, counts: Counter[str]) -> Advance:
    last = time.monotonic()

    def advance(outcome: str) -> None:
        nonlocal last
        counts[outcome] += 1
        if time.monotonic() - last > _EVERY_S:
            last = time.monotonic()
            click.echo(f"{what}: {counted(counts)} so far", err=True)

    return advance


def _aligned(line: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    cells = []
    for text, width, to_right in zip(line, widths, right, strict=True):
        blank = " " * (width - cell_len(text))
        cells.append(blank + text if to_right else text + blank)
    return "  ".join(cells).rstrip()


def _numeric(text: str) -> bool:
    return not text or text.replace(",", "").replace(".", "").replace("%", "").strip().isdigit()


def _plain(value: object) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal):
        return float(value)
    return str(value)
