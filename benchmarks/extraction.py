"""Extraction beside trafilatura on one set of pages, in one run.

    python benchmarks/extraction.py [pages.jsonl.gz] [--half dev|test|all] [--explain]

Pages are split into two halves by publisher, so that what is tuned on one can be held against
the other. CPU time is this process's, the median of three readings of each page.
"""

import argparse
import gzip
import json
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import trafilatura
import xxhash

from ingester import boilerplate, extract, settings
from ingester.extract import agencies
from ingester.models import Article, Failed, Page

PAGES = Path(__file__).resolve().parents[2] / "shared" / "data" / "pages.jsonl.gz"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
SHORT = 6
TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w+")


@dataclass
class Found:
    """What one extractor gives for a page."""

    text: str
    title: str | None
    authors: tuple[str, ...]
    day: str | None


def ours(row: dict) -> Found:
    page = Page(row["url"], row["html"].encode(), "text/html", "utf-8", NOW)
    draft = extract.read(page, settings.Extract())
    article = boilerplate.strip(draft) if not isinstance(draft, Failed) else draft
    if not isinstance(article, Article):
        return Found("", None, (), None)
    day = article.published.isoformat()[:10] if article.published else None
    return Found(article.text, article.title, article.authors, day)


def trafilatura_of(*, fast: bool) -> Callable[[dict], Found]:
    def run(row: dict) -> Found:
        found = trafilatura.bare_extraction(
            row["html"], url=row["url"], fast=fast, include_comments=False, with_metadata=True
        )
        if found is None:
            return Found("", None, (), None)
        authors = tuple(filter(None, (found.author or "").split("; ")))
        return Found(found.text or "", found.title, authors, found.date)

    return run


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


def timed(run: Callable[[dict], Found], row: dict, times: int) -> tuple[Found, float]:
    spent = []
    for _ in range(times):
        start = time.process_time()
        found = run(row)
        spent.append(time.process_time() - start)
    return found, 1000 * statistics.median(spent)


def marks(found: Found, row: dict) -> dict[str, float | None]:
    """Each measure of one page, None where it doesn't apply."""
    p, r = score(found.text, row["text"])
    news = row["set"] == "publishers"
    dated = news and row["published"]
    return {
        "F1": 2 * p * r / (p + r) if p + r else 0.0,
        "P": p,
        "R": r,
        "clean": float(not foreign(found.text, row["text"])),
        "title": float(plain(found.title) == plain(row["title"])) if news else None,
        "day": float(found.day in days_of(row["published"])) if dated else None,
        "authors": overlap(found.authors, row["authors"] or []) if news else None,
        "empty": float(not found.text),
    }


def explain(found: Found, row: dict, scores: dict[str, float | None]) -> None:
    for name, got, gold in (
        ("title", found.title, row["title"]),
        ("day", found.day, row["published"]),
        ("authors", found.authors, row["authors"]),
    ):
        if scores[name] is not None and scores[name] < 1:
            print(f"  {row['id'][:30]:30} {name}: {got!r}, not {gold!r}")
    for line in foreign(found.text, row["text"]):
        print(f"  {row['id'][:30]:30} foreign: {line[:150]}")


def measure(
    name: str, run: Callable[[dict], Found], rows: list[dict], args: argparse.Namespace
) -> None:
    for row in rows[:: max(1, len(rows) // 20)]:
        run(row)
    every, spent = [], []
    for row in rows:
        found, ms = timed(run, row, args.times)
        every.append(marks(found, row))
        spent.append(ms)
        if args.explain and name == "ours":
            explain(found, row, every[-1])
    means = {key: _mean(each[key] for each in every) for key in every[0]}
    cut = statistics.quantiles(spent, n=20)
    told = "  ".join(f"{key} {100 * value:5.2f}" for key, value in means.items())
    print(
        f"{name:20} {told}  ms p50 {cut[9]:.1f} p95 {cut[18]:.1f} mean {statistics.mean(spent):.1f}"
    )


def _mean(values: Iterable[float | None]) -> float:
    return statistics.mean([value for value in values if value is not None] or [0.0])


def half(row: dict) -> str:
    key = row["site"] or row["id"]
    return ("dev", "test")[xxhash.xxh32_intdigest(key.encode()) % 2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="?", type=Path, default=PAGES)
    parser.add_argument("--half", choices=("dev", "test", "all"), default="all")
    parser.add_argument("--set", choices=("publishers", "web"))
    parser.add_argument("--times", type=int, default=3, help="readings of each page")
    parser.add_argument(
        "--explain", action="store_true", help="each wrong field and foreign line of ours"
    )
    parser.add_argument("--only", action="store_true", help="ours alone")
    args = parser.parse_args()
    with gzip.open(args.pages, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    rows = [r for r in rows if args.half in ("all", half(r)) and args.set in (None, r["set"])]
    print(f"{len(rows)} pages, half: {args.half}; shares in %")
    measure("ours", ours, rows, args)
    if not args.only:
        measure("trafilatura fast", trafilatura_of(fast=True), rows, args)
        measure("trafilatura default", trafilatura_of(fast=False), rows, args)


if __name__ == "__main__":
    main()
