"""`article_relation`: who may have taken what from whom, and how much later."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from ingester import minhash, store, stories
from ingester.models import Agency, Moment, Page
from tests.memory_archive import FIRST_SEEN, article, on
from tests.newsroom import report
from tests.test_placing import imported

LINES = report(1)[1].split("\n\n")


def told(archive: store.Archive, url: str, lines: list[str], **known: object) -> None:
    """Place these lines as an article."""
    body = "\n\n".join(lines)
    signed = minhash.sign(article(body, **known), archive.seed, archive.settings.grouping)
    page = Page(url, body.encode(), "text/plain", "utf-8", FIRST_SEEN)
    decide = partial(stories.decide, rule=archive.settings.grouping)
    assert store.place(archive, imported(url), page, signed, decide) == "stored"


def relation(archive: store.Archive) -> Any:
    with archive.engine.connect() as connection:
        return connection.execute(text("SELECT * FROM article_relation")).one()


def pair(archive: store.Archive, one: str | None, other: str | None) -> Any:
    """The relation of a text, published at `one`, to its first half, published at `other`."""
    dates: list[Moment | None] = [on(at) if at else None for at in (one, other)]
    told(archive, "https://whole.example/1", LINES, published=dates[0])
    told(archive, "https://half.example/1", LINES[:3], published=dates[1])
    return relation(archive)


@pytest.mark.parametrize(
    ("one", "other", "first", "hours", "lag_by"),
    [
        ("2026-01-01 10:00", "2026-01-01 13:30", "whole", 3.5, "time"),
        ("2026-01-01 10:00", "2026-01-01 07:00", "half", 3, "time"),
        ("2026-01-01 10:00", "2026-01-02", "whole", 24, "day"),
        ("2026-01-01 10:00", "2026-01-01", "whole", 0, "day"),
        ("2026-01-03", "2026-01-01 23:00", "half", 48, "day"),
        ("2026-01-01 10:00", "2026-01-01 10:00", "whole", 0, "time"),
    ],
)
def test_the_earlier_article_comes_first(
    archive: store.Archive, one: str, other: str, first: str, hours: float, lag_by: str
) -> None:
    found = pair(archive, one, other)
    assert (found.first_outlet, found.lag, found.lag_by) == (
        f"{first}.example",
        timedelta(hours=hours),
        lag_by,
    )


def test_where_one_claims_no_time_it_counts_when_each_was_seen(archive: store.Archive) -> None:
    found = pair(archive, None, "2026-01-01 10:00")
    assert (found.first_outlet, found.lag_by) == ("whole.example", "seen")
    assert timedelta() < found.lag < timedelta(minutes=1)


def test_it_tells_how_much_of_each_text_is_in_the_other(archive: store.Archive) -> None:
    found = pair(archive, "2026-01-02 10:00", "2026-01-01 10:00")
    assert found.first_url == "https://half.example/1"
    assert found.share_of_first == 1
    assert 0.4 < found.share_of_later < 0.6
    assert (found.relation, found.first_story_id) == ("copy", found.later_story_id)
    assert found.shared > 60


def test_it_tells_the_agency_that_both_credit(archive: store.Archive) -> None:
    for number, name in enumerate(("Reuters", "AP", "Reuters", None, None)):
        agency = name and Agency(name, f"({name})")
        told(archive, f"https://outlet{number}.example/1", LINES, agency=agency)
    rows = "SELECT first_url, later_url FROM article_relation WHERE shared_agency = 'Reuters'"
    every = "SELECT count(shared_agency), count(*) FROM article_relation"
    with archive.engine.connect() as connection:
        assert connection.execute(text(rows)).all() == [
            ("https://outlet0.example/1", "https://outlet2.example/1")
        ]
        assert connection.execute(text(every)).one() == (1, 10)
