"""What many hosts show instead of their articles: never a story, and nothing of it joins one."""

import tomllib
from collections.abc import Iterable

import pytest

from ingester import importing, pipeline, store
from ingester.models import Reason
from tests.newsroom import page, report
from tests.test_docs import Inline
from tests.test_golden_pages import GOLDEN
from tests.test_repeated import fates, groups, left_over

HOSTS = [f"outlet{number}.example" for number in range(50)]
KINDS = {Reason.INTERSTITIAL, Reason.CONSENT, Reason.WALL, Reason.NOT_FOUND}
COPIES = [f"https://{host}/report" for host in HOSTS[:2]]


def shown() -> dict[str, Reason]:
    """The golden pages that stand in an article's place, and what each is."""
    files = GOLDEN.glob("none-*.toml")
    wanted = {file.stem: tomllib.loads(file.read_text(encoding="utf-8")) for file in files}
    failed = {name: want["failed"] for name, want in wanted.items()}
    return {name: Reason(why) for name, why in sorted(failed.items()) if why in KINDS}


def fetched(archive: store.Archive, pages: Iterable[tuple[str, str]], as_: str = "html") -> None:
    """Import pages at these URLs, and copies of one report at two of the hosts amid them."""
    given = [{"url": url, as_: body} for url, body in pages]
    middle = len(given) // 2
    honest = [{"url": url, "html": page(1).decode()} for url in COPIES]
    rows = [*given[:middle], *honest, *given[middle:]]
    items = (importing.item(row, row["url"]) for row in rows)
    assert len(list(pipeline.import_pages(archive, Inline(), items))) == len(rows)


def test_there_are_pages_to_try() -> None:
    assert set(shown().values()) == KINDS


@pytest.mark.parametrize(("name", "reason"), shown().items())
def test_what_fifty_hosts_show_instead_is_no_article(
    archive: store.Archive, name: str, reason: Reason
) -> None:
    html = (GOLDEN / f"{name}.html").read_text(encoding="utf-8")
    fetched(archive, ((f"https://{host}/news/{name}-1", html) for host in HOSTS))
    assert groups(archive) == {frozenset(COPIES)}
    skipped = {url: fate for url, fate in fates(archive).items() if url not in COPIES}
    assert set(skipped.values()) == {("skipped", reason)}
    assert len(skipped) == len(HOSTS)


def test_a_notice_that_no_rule_knows_is_none_where_its_hosts_repeat_it(
    archive: store.Archive,
) -> None:
    urls = [f"https://{host}/news/{number}" for number in range(4) for host in HOSTS]
    fetched(archive, ((url, page(2).decode()) for url in urls))
    assert groups(archive) == {frozenset(COPIES)}
    assert left_over(archive) == []


def test_a_notice_that_no_rule_knows_joins_no_story_that_it_stands_beneath(
    archive: store.Archive,
) -> None:
    """Fifty hosts show it, each beneath a report of its own; it makes up half of each page."""
    notice = report(2)[1]
    texts = {
        f"https://{host}/news/{number}": f"{report(number)[1]}\n\n{notice}"
        for number, host in enumerate(HOSTS, 3)
    }
    fetched(archive, texts.items(), as_="text")
    assert groups(archive) == {frozenset([url]) for url in texts} | {frozenset(COPIES)}
