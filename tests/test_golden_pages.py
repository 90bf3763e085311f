"""Pages of invented outlets, each with what must become of it: the .toml beside each .html says what.

`text`: the lines that stay, all others are cut. `kept`: lines that stay among others. `cut`: the kind
of each line that is cut. `soft`: lines of `cut` that stay and are not signed. `failed`: why the page is
no article. `form`, `title`, `language`, `agency`, `extractor`, `authors`, `published`: as they must come
out ("" where there must be none). Site rules stand in golden/siterules, for hosts that only their pages have.
"""

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ingester import boilerplate, extract, settings
from ingester.models import Article, Draft, Failed, Page

GOLDEN = Path(__file__).parent / "golden" / "pages"
NAMES = sorted(path.stem for path in GOLDEN.glob("*.toml"))
LIMITS = settings.Extract(site_rules=GOLDEN.parent / "siterules")
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def wanted(name: str) -> dict[str, Any]:
    return tomllib.loads((GOLDEN / f"{name}.toml").read_text(encoding="utf-8"))


def read(name: str) -> Article | Failed:
    url = wanted(name).get("url", f"https://outlet.example/2024/03/{name}")
    body = (GOLDEN / f"{name}.html").read_bytes()
    draft = extract.read(Page(url, body, "text/html", "utf-8", NOW), LIMITS)
    return boilerplate.strip(draft) if isinstance(draft, Draft) else draft


@pytest.mark.parametrize("name", NAMES)
def test_a_page_becomes_what_stands_beside_it(name: str) -> None:
    want, found = wanted(name), read(name)
    if isinstance(found, Failed):
        assert want.get("failed") == found.reason, found.detail
        return
    assert "failed" not in want
    lines = found.text.split("\n\n")
    cuts = {cut.text: cut.kind for cut in found.removed}
    assert lines == want.get("text", lines)
    assert set(want.get("kept", ())) <= set(lines)
    assert want.get("cut", {}).items() <= cuts.items()
    assert {cut.text for cut in found.removed if cut.soft} >= set(want.get("soft", ()))
    assert found.form == want.get("form", found.form)
    assert found.title == want.get("title", found.title)
    assert found.language == want.get("language", found.language)
    assert found.extractor == want.get("extractor", found.extractor)
    assert list(found.authors) == want.get("authors", list(found.authors))
    published = found.published.isoformat() if found.published else ""
    assert published == want.get("published", published)
    agency = found.agency.name if found.agency else ""
    assert agency == want.get("agency", agency)


def test_agencies_are_credited_where_they_are_and_nowhere_else() -> None:
    """A page whose case names no agency credits none; a cited agency is no credit."""
    wanted_, found = {}, {}
    for name in NAMES:
        article = read(name)
        if isinstance(article, Article):
            wanted_[name] = wanted(name).get("agency", "")
            found[name] = article.agency.name if article.agency else ""
    credited = {name for name, agency in found.items() if agency}
    meant = {name for name, agency in wanted_.items() if agency}
    right = {name for name in credited & meant if found[name] == wanted_[name]}
    assert len(meant) >= 40
    assert credited == right
    assert len(right) >= 0.95 * len(meant)
