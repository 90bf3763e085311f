"""Strings that break programs, through every field that a feed or a page may fill, into the tables."""

from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import Engine, text

from ingester import feeds, pipeline, store
from ingester.models import Failed, Imported, Reason, Response
from tests.naughty import NAUGHTY, NOW, feed_with, page_with
from tests.newsroom import report


def unclean_texts(engine: Engine) -> int:
    query = r"SELECT count(*) FROM revision WHERE text ~ '[\x01-\x08\x0e-\x1f]'"
    with engine.connect() as connection:
        return int(connection.execute(text(query)).scalar_one())


@pytest.mark.parametrize("name", NAUGHTY)
def test_a_page_with_odd_strings_is_stored_or_says_why(
    name: str, archive: store.Archive, engine: Engine
) -> None:
    odd = NAUGHTY[name]
    decide = partial(pipeline._decide, archive.settings)
    page = page_with(odd, 1)
    result = pipeline.preparation(archive)(page)
    if isinstance(result, Failed):
        assert store.fail(archive, Imported(odd or "x", odd, None, odd), page, result) == "skipped"
        return
    everywhere = replace(
        result,
        article=replace(result.article, title=odd, authors=(odd, odd), section=odd, image=odd,
                        outlet=odd, canonical_url=odd, description=odd),
    )  # fmt: skip
    assert store.place(archive, Imported(odd, odd, None, odd), page, everywhere, decide) == "stored"
    text_page = replace(page, url=None, body=report(2)[1].encode(), media_type="text/plain")
    plain = pipeline.preparation(archive)(text_page)
    assert not isinstance(plain, Failed)
    entry = Imported(f"import:odd/{odd}", odd, None, odd)
    assert store.place(archive, entry, text_page, plain, decide) == "stored"
    assert unclean_texts(engine) == 0
    assert [fate.status for fate in store.fates(archive)] == ["stored"]


@pytest.mark.parametrize("name", NAUGHTY)
def test_a_feed_with_odd_strings_gives_its_other_items(name: str, archive: store.Archive) -> None:
    for number, body in enumerate(feed_with(NAUGHTY[name])):
        url = f"https://odd.example/feed-{number}"
        response = Response(url, 200, {"etag": NAUGHTY[name][:2000]}, body, NOW)
        parsed = feeds.parse(response, max_items=100)
        store.add_feed(archive, url, NAUGHTY[name], NAUGHTY[name])
        feed = store.claim_feed(archive)
        assert feed is not None
        if isinstance(parsed, Failed):
            store.record_failed_poll(archive, feed, parsed)
        else:
            store.record_poll(archive, feed, response, parsed)
    assert all(row.outcome for row in store.feeds(archive)), "every poll is on record"


@pytest.mark.parametrize("name", NAUGHTY)
def test_a_link_with_odd_strings_is_recorded_as_a_url_or_left(
    name: str, archive: store.Archive
) -> None:
    odd = NAUGHTY[name]
    assert store.find(archive, odd) is None
    failed = Failed("fetch", Reason.NOT_FOUND, odd, retry=False)
    assert store.fail(archive, Imported(f"https://x.example/{odd}", None, None, None), None, failed)
