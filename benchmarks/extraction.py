"""Extraction beside its peers on one set of pages, in one run: quality, metadata, CPU time.

    python -m benchmarks.extraction [pages.jsonl.gz] [--half dev|test|all] [--explain] [--write docs]

Each page is read by all extractors in turn, so that what else the machine does falls on all alike.
CPU time is this process's. Pages are split into halves by publisher, so that what is tuned on one can
be held against the other. No extractor reaches the network.
"""

import argparse
import contextlib
import gzip
import io
import json
import logging
import re
import socket
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import xxhash

from benchmarks import extraction_plot
from benchmarks.extractors import Extractor, Found, Row, known
from ingester.extract import agencies

PAGES = Path(__file__).resolve().parents[2] / "shared" / "data" / "pages.jsonl.gz"
SHORT = 6
TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w+")
SHARES = {
    "F1": "F1", "P": "P", "R": "R", "clean": "clean pages", "foreign": "foreign words",
    "title": "title", "day": "day", "authors": "authors F1",
}  # fmt: skip
BODY = re.compile(r"(?is)(<body\b.*)(?=</body>)")
DOUBLINGS = 5

Marks = dict[str, float | None]


@dataclass(slots=True)
class Standing:
    """One extractor's marks and milliseconds, page by page."""

    extractor: Extractor
    marks: list[Marks] = field(default_factory=list)
    spent: list[float] = field(default_factory=list)

    def share(self, name: str) -> float | None:
        """The mean of a mark in percent; None where the extractor doesn't give what it is of."""
        values = [mark for each in self.marks if (mark := each[name]) is not None]
        given = name in self.extractor.gives or name not in ("title", "day", "authors")
        return 100 * statistics.mean(values) if values and given else None

    @property
    def times(self) -> tuple[float, float, float]:
        """Median, 95th percentile and mean of the CPU milliseconds."""
        cut = statistics.quantiles(self.spent, n=20)
        return cut[9], cut[18], statistics.mean(self.spent)


# --- marks ---------------------------------------------------------------------------------------


def tokens(text: str) -> list[str]:
    return TOKEN.findall(text.casefold())


def shingles(words: list[str]) -> Counter[tuple[str, ...]]:
    return Counter(zip(*(words[i:] for i in range(4)), strict=False)) or Counter([tuple(words)])


def score(found: str, gold: str) -> tuple[float, float]:
    a, b = shingles(tokens(found)), shingles(tokens(gold))
    shared = sum((a & b).values())
    return shared / max(1, sum(a.values())), shared / max(1, sum(b.values()))


def foreign(found: str, gold: str) -> list[str]:
    """The lines of `found` most of whose shingles stand nowhere in `gold`."""
    known, joined = set(shingles(tokens(gold))), " " + " ".join(tokens(gold)) + " "
    return [
        line for line in found.splitlines() if line.strip() and not _stands(line, known, joined)
    ]


def _stands(line: str, known: set[tuple[str, ...]], joined: str) -> bool:
    words = tokens(line)
    if len(words) < SHORT:
        return f" {' '.join(words)} " in joined
    own = shingles(words)
    return sum(1 for gram in own if gram in known) >= len(own) / 2


def plain(title: str | None) -> str:
    return " ".join(tokens(title or ""))


def overlap(found: tuple[str, ...], gold: list[str]) -> float | None:
    if not gold:
        return None
    a, b = ({plain(n) for n in names if agencies.named(n) is None} for names in (found, gold))
    if not b:
        return None
    return 2 * len(a & b) / (len(a) + len(b))


def days_of(published: str) -> set[str]:
    """The day as the publisher wrote it, and as UTC has it."""
    at = datetime.fromisoformat(published)
    utc = at.astimezone(UTC) if at.tzinfo else at
    return {at.date().isoformat(), utc.date().isoformat()}


def marks(found: Found, row: Row) -> Marks:
    """Each measure of one page, None where it doesn't apply."""
    p, r = score(found.text, row["text"])
    news = row["set"] == "publishers"
    strange = foreign(found.text, row["text"])
    words = len(tokens(found.text))
    return {
        "F1": 2 * p * r / (p + r) if p + r else 0.0,
        "P": p,
        "R": r,
        "clean": float(not strange),
        "foreign": len(tokens(" ".join(strange))) / words if words else None,
        "title": float(plain(found.title) == plain(row["title"])) if news else None,
        "day": float(found.day in days_of(row["published"])) if news and row["published"] else None,
        "authors": overlap(found.authors, row["authors"] or []) if news else None,
        "empty": float(not found.text),
    }


def explain(found: Found, row: Row, scores: Marks) -> None:
    for name, got, gold in (
        ("title", found.title, row["title"]),
        ("day", found.day, row["published"]),
        ("authors", found.authors, row["authors"]),
    ):
        score = scores[name]
        if score is not None and score < 1:
            print(f"  {row['id'][:30]:30} {name}: {got!r}, not {gold!r}")
    for line in foreign(found.text, row["text"]):
        print(f"  {row['id'][:30]:30} foreign: {line[:150]}")


# --- runs ----------------------------------------------------------------------------------------


def timed(extractor: Extractor, row: Row, times: int) -> tuple[Found, float]:
    """What is found, and the least of the milliseconds; an extractor that raises finds nothing.

    The first reading may be the first of its language, and load what the next ones have at hand.
    """
    spent = []
    found = Found("")
    for _ in range(times):
        start = time.process_time()
        with contextlib.suppress(Exception), contextlib.redirect_stderr(io.StringIO()):
            found = extractor.read(row)
        spent.append(time.process_time() - start)
    return found, 1000 * min(spent)


def compare(extractors: Sequence[Extractor], rows: Sequence[Row], times: int) -> list[Standing]:
    standings = [Standing(extractor) for extractor in extractors]
    for row in rows[:: max(1, len(rows) // 20)]:
        for extractor in extractors:
            timed(extractor, row, 1)
    for row in rows:
        for standing in standings:
            found, ms = timed(standing.extractor, row, times)
            standing.marks.append(marks(found, row))
            standing.spent.append(ms)
    return standings


def doublings(extractor: Extractor, rows: Sequence[Row]) -> list[tuple[float, float]]:
    """Kilobytes and milliseconds of a usual page with its body once, twice, four times ..."""
    whole = [row for row in rows if BODY.search(row["html"])]
    usual = sorted(whole, key=lambda row: len(row["html"]))[len(whole) // 3]
    head, body, rest = BODY.split(usual["html"], maxsplit=1)
    told = []
    for power in range(DOUBLINGS):
        page = {**usual, "html": head + body * 2**power + rest}
        told.append((len(page["html"]) / 1000, timed(extractor, page, 3)[1]))
    return told


# --- what is told --------------------------------------------------------------------------------


def table(standings: Sequence[Standing]) -> list[str]:
    """The lines of a Markdown table."""
    names = ["", *SHARES.values(), "empty", "CPU ms p50", "p95", "pages/s"]
    told = ["| " + " | ".join(names) + " |", "| --- |" + " ---: |" * (len(names) - 1)]
    for standing in standings:
        shares = (standing.share(name) for name in (*SHARES, "empty"))
        p50, p95, mean = standing.times
        cells = ["-" if share is None else f"{share:.1f}" for share in shares]
        told.append(
            f"| {standing.extractor.name} | "
            + " | ".join([*cells, f"{p50:.1f}", f"{p95:.1f}", f"{1000 / mean:.0f}"])
            + " |"
        )
    return told


def speed(standings: Sequence[Standing], grown: Sequence[tuple[float, float]]) -> list[str]:
    """What the times say of the product, the first of the standings."""
    p50, p95, mean = standings[0].times
    told = [
        f"{standing.times[2] / mean:.2f} times as fast as {standing.extractor.name}"
        for standing in standings[1:]
        if standing.extractor.name.startswith("trafilatura")
    ]
    told.append(f"95th percentile / median: {p95 / p50:.1f}")
    steps = " ".join(f"{ms / size:.2f}" for size, ms in grown)
    first, last = grown[0][0], grown[-1][0]
    told.append(f"ms a kB where one page doubles from {first:.0f} to {last:.0f} kB: {steps}")
    return told


def write(folder: Path, told: list[str], standings: Sequence[Standing]) -> None:
    """Put the table into `folder`/extraction.md between its marks, and the plot beside it."""
    path = folder / "extraction.md"
    begin, end = "<!-- table -->\n", "<!-- /table -->"
    before, _, rest = path.read_text(encoding="utf-8").partition(begin)
    _, _, after = rest.partition(end)
    path.write_text(before + begin + "\n".join(told) + "\n" + end + after, encoding="utf-8")
    points = [(s.extractor.name, s.times[2], s.share("F1") or 0.0) for s in standings]
    (folder / "extraction.svg").write_text(extraction_plot.drawn(points), encoding="utf-8")


def half(row: Row) -> str:
    key = row["site"] or row["id"]
    return ("dev", "test")[xxhash.xxh32_intdigest(key.encode()) % 2]


def pages(args: argparse.Namespace) -> list[Row]:
    if not args.pages.exists():
        sys.exit(f"the pages are not there: {args.pages.name}; this benchmark needs them")
    with gzip.open(args.pages, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [r for r in rows if args.half in ("all", half(r)) and args.set in (None, r["set"])]


def offline(*_: object) -> NoReturn:
    raise OSError("this benchmark stays off the network")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="?", type=Path, default=PAGES)
    parser.add_argument("--half", choices=("dev", "test", "all"), default="all")
    parser.add_argument("--set", choices=("publishers", "web"))
    parser.add_argument("--times", type=int, default=2, help="readings of each page")
    parser.add_argument("--only", metavar="NAME", help="extractors whose name begins so")
    parser.add_argument(
        "--explain", action="store_true", help="what is wrong of ours, page by page"
    )
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="where extraction.md stands")
    return parser.parse_args()


def main() -> None:
    args = arguments()
    logging.disable(logging.CRITICAL)
    socket.socket.connect = offline  # type: ignore[method-assign] # peers look up suffixes
    rows = pages(args)
    extractors, missing = known()
    chosen = [each for each in extractors if each.name.startswith(args.only or "")]
    standings = compare(chosen, rows, args.times)
    told = table(standings)
    told += ["", f"{len(rows)} pages, half: {args.half}; shares in %; {datetime.now(UTC).date()}."]
    told += [f"Not installed: {name}." for name in missing]
    if chosen[0].name == "ours":
        told += ["", *(f"- {line}" for line in speed(standings, doublings(chosen[0], rows)))]
    print("\n".join(told))
    if args.explain:
        tell_wrong(chosen[0], rows)
    if args.write:
        write(args.write, told, standings)


def tell_wrong(extractor: Extractor, rows: Iterable[Row]) -> None:
    for row in rows:
        found = extractor.read(row)
        explain(found, row, marks(found, row))


if __name__ == "__main__":
    main()
