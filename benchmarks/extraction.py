"""Extraction beside trafilatura on one set of pages, in one run.

    python benchmarks/extraction.py [pages.jsonl.gz] [--half dev|test|all] [--foreign]

Pages are split into two halves by publisher, so that what is tuned on one can be held against
the other. CPU time is this process's, the median of three readings of each page.
"""

import argparse
import gzip
import json
import re
import statistics
import time
import xxhash
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import trafilatura

from ingester import boilerplate, extract, settings
from ingester.extract import agencies
from ingester.models import Article, Failed, Page

PAGES = Path(__file__).resolve().parents[2] / "shared" / "data" / "pages.jsonl.gz"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w+")


@dataclass
class Found:
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
    if len(words) < 6:
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


def measure(name: str, run: Callable[[dict], Found], rows: list[dict], args) -> None:
    run(rows[0])
    precision, recall, f1, clean, ms = [], [], [], [], []
    title, day, authors, empty = [], [], [], 0
    for row in rows:
        found, spent = timed(run, row, args.times)
        p, r = score(found.text, row["text"])
        precision.append(p), recall.append(r), ms.append(spent)
        f1.append(2 * p * r / (p + r) if p + r else 0.0)
        lines = foreign(found.text, row["text"])
        clean.append(not lines)
        empty += not found.text
        if args.foreign and name == "ours":
            for line in lines:
                print(f"  {row['id'][:24]:24} {line[:170]}")
        if row["set"] == "publishers":
            title.append(plain(found.title) == plain(row["title"]))
            gold_day = row["published"] and str(row["published"])[:10]
            day.append(None if gold_day is None else found.day in days_of(row["published"]))
            authors.append(overlap(found.authors, row["authors"] or []))
            if args.wrong and name == "ours":
                if not title[-1]:
                    print("  TITLE", row["id"], repr(found.title), "|", repr(row["title"]))
                if day[-1] is False:
                    print("  DAY", row["id"], found.day, row["published"])
                if authors[-1] is not None and authors[-1] < 1:
                    print("  AUTHORS", row["id"], found.authors, row["authors"])
        if args.weak and name == "ours" and f1[-1] < 0.9:
            print(f"  WEAK {row['id'][:40]} P {p:.3f} R {r:.3f}")
    mean = lambda xs: statistics.mean([x for x in xs if x is not None] or [0])  # noqa: E731
    cut = statistics.quantiles(ms, n=20)
    print(
        f"{name:22} F1 {mean(f1):.4f} P {mean(precision):.4f} R {mean(recall):.4f} "
        f"clean {100 * mean(clean):5.1f} % title {100 * mean(title):5.1f} day {100 * mean(day):5.1f} "
        f"authors {100 * mean(authors):5.1f} empty {empty} "
        f"ms p50 {cut[9]:.1f} p95 {cut[18]:.1f} mean {mean(ms):.1f}"
    )


def half(row: dict) -> str:
    key = row["site"] or row["id"]
    return ("dev", "test")[xxhash.xxh32_intdigest(key.encode()) % 2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="?", type=Path, default=PAGES)
    parser.add_argument("--half", choices=("dev", "test", "all"), default="all")
    parser.add_argument("--set", choices=("publishers", "web"))
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--foreign", action="store_true")
    parser.add_argument("--wrong", action="store_true")
    parser.add_argument("--weak", action="store_true")
    parser.add_argument("--only", action="store_true")
    args = parser.parse_args()
    with gzip.open(args.pages, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    rows = [r for r in rows if args.half in ("all", half(r)) and args.set in (None, r["set"])]
    print(f"{len(rows)} pages, half: {args.half}")
    measure("ours", ours, rows, args)
    if not args.only:
        measure("trafilatura fast", trafilatura_of(fast=True), rows, args)
        measure("trafilatura default", trafilatura_of(fast=False), rows, args)


if __name__ == "__main__":
    main()
