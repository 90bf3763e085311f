"""Golden cases: a page beside what must become of it.

The five seeds against seeds/gold.json, as they are and served as bare HTML; and tests/pages: each
`name.html` or `name.txt` with a `name.toml` that holds what is asserted, "" or [] for nothing.
"""

import json
import tomllib
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import pytest

from ingester import boilerplate, extract, settings
from ingester.models import Article, Draft, Failed, Page

PAGES = sorted(p for p in (Path(__file__).parent / "pages").iterdir() if p.suffix != ".toml")
SEEDS = Path(__file__).parent.parent / "seeds"
GOLD = json.loads((SEEDS / "gold.json").read_text(encoding="utf-8"))["articles"]
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def article_of(page: Page) -> Article | Failed:
    draft = extract.read(page, settings.Extract())
    return boilerplate.strip(draft) if isinstance(draft, Draft) else draft


def read(path: Path) -> Article | Failed:
    media_type = "text/html" if path.suffix == ".html" else "text/plain"
    url = f"https://pages.example/{path.stem}"
    return article_of(Page(url, path.read_bytes(), media_type, None, NOW))


def seed_text(gold: dict[str, Any]) -> Page:
    return Page(None, (SEEDS / "texts" / gold["file"]).read_bytes(), "text/plain", None, NOW)


def seed_html(gold: dict[str, Any], tag: str) -> Page:
    raw = (SEEDS / "texts" / gold["file"]).read_text(encoding="utf-8")
    body = "".join(f"<{tag}>{escape(line)}</{tag}>" for line in raw.splitlines() if line.strip())
    title = f"<title>{escape(gold['title'])}</title>" if gold["title"] else ""
    html = f"<html><head><meta charset=utf-8>{title}</head><body>{body}</body></html>"
    return Page("http://outlet.example/a", html.encode(), "text/html", "utf-8", NOW)


def lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.split("\n") if line.strip()]


@pytest.mark.parametrize("source", ["text", "p", "div", "li"])
@pytest.mark.parametrize("gold", GOLD, ids=lambda gold: gold["file"][:3])
def test_a_seed_becomes_its_gold(gold: dict[str, Any], source: str) -> None:
    found = article_of(seed_text(gold) if source == "text" else seed_html(gold, source))
    assert isinstance(found, Article)
    assert lines(found.text) == lines(gold["body"])
    assert lines(found.signed_text) == lines(gold["body"])
    assert found.title == gold["title"]
    assert found.outlet == gold["outlet"]
    assert (found.agency.name if found.agency else None) == gold["agency"]
    days = {gold["published"], gold.get("published_also")}
    assert (found.published.isoformat() if found.published else None) in days
    assert found.authors == (
        () if gold["byline"] in {None, "By Staff, Agencies"} else (gold["byline"],)
    )


@pytest.mark.parametrize("gold", GOLD, ids=lambda gold: gold["file"][:3])
def test_a_seeds_cut_lines_are_kept_with_their_kind(gold: dict[str, Any]) -> None:
    found = article_of(seed_text(gold))
    assert isinstance(found, Article)
    said = {" ".join(cut.text.split()) for cut in found.removed}
    raw = (SEEDS / "texts" / gold["file"]).read_text(encoding="utf-8").split("\n")
    for number in gold["boilerplate_lines"]:
        line = " ".join(raw[number - 1].split())
        assert not line or any(line == cut or cut in line for cut in said)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_becomes_what_stands_beside_it(path: Path) -> None:
    gold = tomllib.loads(path.with_suffix(".toml").read_text(encoding="utf-8"))
    found = read(path)
    if "failed" in gold:
        assert isinstance(found, Failed)
        assert (found.step, found.reason, found.retry) == ("extract", gold["failed"], False)
        return
    assert isinstance(found, Article), found
    assert told(found, gold) == gold


def told(found: Article, gold: dict[str, Any]) -> dict[str, Any]:
    """What `found` says to each of the questions of `gold`, in its terms."""
    kinds = {cut.kind for cut in found.removed}
    answers: dict[str, Any] = {
        "agency": found.agency.name if found.agency else "",
        "authors": list(found.authors),
        "published": found.published.isoformat() if found.published else "",
        "modified": found.modified.isoformat() if found.modified else "",
        "signed": found.signed_text,
        "soft": sorted({cut.kind for cut in found.removed if cut.soft}),
        "cut": [kind for kind in gold.get("cut", ()) if kind in kinds],
    }
    return {name: answers.get(name, getattr(found, name, None)) for name in gold}
