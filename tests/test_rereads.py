"""Stored pages are read again for what was learned since: nothing newer is undone, none is forgotten."""

from collections.abc import Iterator

import pytest

from ingester import engine, pipeline, settings, store
from ingester.models import Failed, Page, Reread, Signed
from tests.test_learning import FAREWELL, SLOGAN, furnished, prose, read, texts
from tests.test_queue import execute, value

FIRST = "https://quay.example/0"


@pytest.fixture
def pool() -> Iterator[engine.Engine]:
    with engine.Processes(settings.Extract(processes=1)) as running:
        yield running


def taught(archive: store.Archive, pool: engine.Engine) -> Reread:
    """Three articles hold lines that are learned by now; the first of them is claimed."""
    read(archive, pool, *map(furnished, range(3)))
    claim = store.claim_reread(archive)
    assert claim is not None
    assert claim.url == FIRST
    return claim


def settle(archive: store.Archive, pool: engine.Engine, claim: Reread) -> str:
    (page,) = pipeline.informed(archive, [claim.page])
    (result,) = pool.map(pipeline.preparation(archive), [page])
    return pipeline.settle(archive, claim, page, result)[0]


def waiting(archive: store.Archive) -> object:
    return value(archive, "SELECT count(*) FROM reread")


def corrected(archive: store.Archive, pool: engine.Engine) -> None:
    """The first article says something else by now."""
    entry, page = furnished(0)
    said = page.body.decode().replace(prose(0), prose(70)).encode()
    anew = Page(page.url, said, page.media_type, page.charset, page.fetched_at)
    assert [outcome for _, outcome, _ in pipeline.import_pages(archive, pool, [(entry, anew)])] == [
        "revised"
    ]


def test_an_article_that_was_revised_meanwhile_keeps_its_new_text(
    archive: store.Archive, pool: engine.Engine
) -> None:
    claim = taught(archive, pool)
    corrected(archive, pool)
    assert settle(archive, pool, claim) == "lost"
    assert prose(70) in texts(archive)[FIRST]


def test_a_lease_that_ran_out_and_was_given_away_writes_nothing(
    archive: store.Archive, pool: engine.Engine
) -> None:
    claim = taught(archive, pool)
    execute(archive, "UPDATE reread SET next_at = now() - interval '1 day' WHERE tries > 0")
    again = store.claim_reread(archive)
    assert again is not None
    assert again.url == FIRST
    assert settle(archive, pool, claim) == "lost"
    assert settle(archive, pool, again) == "revised"
    assert waiting(archive) == 2


def test_what_was_learned_while_it_was_read_has_it_read_once_more(
    archive: store.Archive, pool: engine.Engine
) -> None:
    read(archive, pool, *map(furnished, range(4)))
    assert pipeline.reread_all(archive, pool) == 3
    assert store.spare(archive, "quay.example", f"{FAREWELL} (3 did)")
    claim = store.claim_reread(archive)
    assert claim is not None
    (page,) = pipeline.informed(archive, [claim.page])
    (result,) = pool.map(pipeline.preparation(archive), [page])
    assert store.spare(archive, "quay.example", SLOGAN), "a person says so while the page is read"
    pipeline.settle(archive, claim, page, result)
    pipeline.reread_all(archive, pool)
    assert all(SLOGAN in said and FAREWELL in said for said in texts(archive).values())
    assert waiting(archive) == 0


def test_a_reader_that_crashed_leaves_it_due_later(
    archive: store.Archive, pool: engine.Engine
) -> None:
    claim = taught(archive, pool)
    (crashed,) = pool.map(_die, [claim.page])
    assert isinstance(crashed, Failed)
    pipeline.settle(archive, claim, claim.page, crashed)
    assert waiting(archive) == 3
    assert value(archive, "SELECT count(*) FROM reread WHERE next_at > now()") == 1
    execute(archive, "UPDATE reread SET next_at = now()")
    assert pipeline.reread_all(archive, pool) == 3
    assert texts(archive)[FIRST] == prose(0)


def test_each_try_waits_for_longer(archive: store.Archive, pool: engine.Engine) -> None:
    taught(archive, pool)
    lease = "SELECT max(extract(epoch FROM next_at - now())) FROM reread"
    leases = []
    for _ in range(3):
        leases.append(float(str(value(archive, lease))))
        execute(archive, "UPDATE reread SET next_at = now() - interval '1 day' WHERE tries > 0")
        assert store.claim_reread(archive) is not None
    assert leases == pytest.approx([300, 600, 1200], rel=0.05)


def test_a_page_whose_bytes_are_gone_holds_up_no_other(
    archive: store.Archive, pool: engine.Engine
) -> None:
    read(archive, pool, *map(furnished, range(3)))
    execute(archive, f"UPDATE page SET body = NULL WHERE url = '{FIRST}'")
    assert pipeline.reread_all(archive, pool) == 2
    assert waiting(archive) == 1
    kept = archive.settings.model_copy(update={"retention": settings.Retention(pages_days=9000)})
    store.retain(store.Archive(archive.engine, kept, archive.seed))
    assert waiting(archive) == 0


def test_the_servers_marks_stay_with_the_page(archive: store.Archive, pool: engine.Engine) -> None:
    read(archive, pool, *map(furnished, range(3)))
    execute(archive, "UPDATE page SET etag = '\"7\"', last_modified = 'yesterday'")
    assert pipeline.reread_all(archive, pool) == 3
    marks = "SELECT count(*) FROM page WHERE etag = '\"7\"' AND last_modified = 'yesterday'"
    assert value(archive, marks) == 3


def test_a_visit_under_way_keeps_its_lease(archive: store.Archive, pool: engine.Engine) -> None:
    claim = taught(archive, pool)
    execute(
        archive,
        "UPDATE entry SET origin = 'feed', attempts = 1, claimed_until = now() + interval '1 h'",
    )
    assert settle(archive, pool, claim) == "revised"
    assert (
        value(archive, "SELECT count(*) FROM entry WHERE claimed_until > now() AND attempts = 1")
        == 3
    )


def test_stories_that_were_merged_count_once(archive: store.Archive, pool: engine.Engine) -> None:
    read(archive, pool, *map(furnished, range(2)))
    execute(
        archive,
        "INSERT INTO story_redirect (old_id, story_id) SELECT max(id), min(id) FROM story",
    )
    read(archive, pool, furnished(2))
    assert store.learned_lines(archive, "quay.example") == []


def _die(_: Page) -> Signed:
    import os  # noqa: PLC0415 - in the child
    import signal  # noqa: PLC0415 - in the child

    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError
