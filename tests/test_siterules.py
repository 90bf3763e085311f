"""Rules for single sites: whose file counts, what can't be honoured, and what no file can do."""

from dataclasses import replace
from pathlib import Path

import pytest

from ingester import boilerplate, extract, settings
from ingester.errors import ConfigurationError
from ingester.extract import document, siterules
from ingester.models import Draft
from tests.test_extract import BODY, html, page

OWN, DOMAIN, TOP = "news.outlet.example.txt", ".outlet.example.txt", ".example.txt"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of its own for each test: files are read once."""
    return tmp_path


def write(folder: Path, *lines: str, name: str = "outlet.example.txt") -> Path:
    file = folder / name
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def read(folder: Path, body: str, url: str = "https://outlet.example/a") -> Draft:
    limits = settings.Extract(site_rules=folder)
    found = extract.read(replace(page(body), url=url), limits)
    assert isinstance(found, Draft), found
    return found


@pytest.mark.parametrize(
    ("files", "title"),
    [
        ((OWN, DOMAIN, TOP), OWN),
        ((DOMAIN, TOP), DOMAIN),
        ((TOP,), TOP),
        (("other.example.txt", "LICENSE.txt", "outlet.example.txt"), None),
    ],
)
def test_the_nearest_file_counts_alone(
    folder: Path, files: tuple[str, ...], title: str | None
) -> None:
    for name in files:
        write(folder, f"title: '{name}'", name=name)
    found = read(folder, html("<h1>A heading of its own</h1>"), "https://www.news.outlet.example/a")
    assert found.title == (title or "A heading of its own")


def test_a_domains_file_counts_for_the_domain_itself(folder: Path) -> None:
    write(folder, "title: 'Of the house'", name=DOMAIN)
    assert read(folder, html()).title == "Of the house"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("body: //div[@id='a'", "no XPath 1.0"),
        ("body:", "no XPath 1.0"),
        ("boddy: //div", "unknown directive boddy; did you mean body?"),
        ("test https://outlet.example/a", "is no"),
        ("just words", "is no"),
        ("find_string:", "write what is to be found"),
        ("find_string: <br>", "give each find_string a replace_string"),
        ("strip_id_or_class: ''", "would strip all"),
    ],
)
def test_a_line_that_cannot_be_honoured_is_named_and_the_others_hold(
    folder: Path, line: str, says: str
) -> None:
    write(folder, "# what follows is wrong", line, "title: 'Held'")
    (fault,) = siterules.faults(folder)
    where = "outlet.example.txt:2:" if "give each" not in says else "outlet.example.txt:"
    assert where in fault
    assert says in fault
    assert read(folder, html()).title == "Held"


def test_what_other_programs_do_with_a_file_is_no_fault(folder: Path) -> None:
    write(folder, "tidy: no", "prune: yes", "next_page_link: //a", "wrap_in(i): //b", "test_url: x")
    assert siterules.faults(folder) == ()


def test_bytes_that_are_no_utf_8_are_named(folder: Path) -> None:
    (folder / "outlet.example.txt").write_bytes(b"title: //h1[.='caf\xe9']\n")
    (fault,) = siterules.faults(folder)
    assert "outlet.example.txt:1:" in fault


@pytest.mark.parametrize(
    "line",
    [
        "strip: /html",
        "strip: //body",
        "strip_id_or_class: x",
        "strip: //@class",
        "strip: //p/text()",
        "strip: no:such(//p)",
        "body: no-such-function(//p)",
        "body: string(//p)",
        "author: count(//p)",
        "body: //no/such",
    ],
)
def test_a_rule_that_fits_no_page_costs_no_text(folder: Path, line: str) -> None:
    write(folder, line)
    assert read(folder, html()).lines == BODY


def test_a_body_that_is_too_short_is_not_believed(folder: Path) -> None:
    write(folder, "body: //article/p[1]")
    found = read(folder, html())
    assert (found.lines, found.extractor) == (BODY, "trafilatura")


def test_elements_within_each_other_are_read_once(folder: Path) -> None:
    write(folder, "body: //article | //article/p | //body")
    found = read(folder, html())
    assert (found.lines, found.extractor) == (BODY, "site rule")


def test_what_is_replaced_is_still_held_to_the_limits(folder: Path) -> None:
    write(folder, "replace_string(<p>): <b>" + "<i></i>" * 20_000 + "<p>")
    limits = settings.Extract(site_rules=folder)
    assert not isinstance(extract.read(page(html()), limits), Draft)


def test_without_a_file_nothing_is_asked(folder: Path) -> None:
    root = document.tree(html())
    assert root is not None
    for url in (None, "import:pages#1", "https://outlet.example/a", "https://[::1]/a"):
        rules = siterules.of(url, folder)
        assert (rules.found(root), rules.mended("<p>")) == (siterules.Found(), "<p>")


def test_a_folder_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "ingester.toml"
    file.write_text('[extract]\nsite_rules = "no/such"\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"extract\.site_rules: no/such is no folder"):
        settings.read(file)


def test_line_rules_hold_in_what_a_site_rule_gives(folder: Path) -> None:
    write(folder, "body: //article")
    body = html().replace(
        "</article>", "<p>Read more: Ferry fined over late sailings</p></article>"
    )
    article = boilerplate.strip(read(folder, body))
    assert [cut.kind for cut in getattr(article, "removed", ())] == ["see_also"]
