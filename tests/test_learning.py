"""What an outlet repeats is learned, cut, and forgotten by command."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from wordfreq import top_n_list

from ingester import engine, pipeline, settings, store
from ingester.models import Imported, Page

WORDS = [word for word in top_n_list("en", 20_000)[300:] if word.isalpha()]
SLOGAN = "Carried to you daily by the ferrymen of Lower Quay"
FAREWELL = "Ring the desk on extension 114 with whatever you have seen"


def prose(seed: int) -> str:
    """A text of its own, of twelve sentences."""
    dice = random.Random(seed)
    return "\n\n".join(" ".join(dice.choices(WORDS, k=24)).capitalize() + "." for _ in range(12))


def page(url: str, body: str) -> tuple[Imported, Page]:
    """A page of plain text at a URL."""
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return Imported(url, None, None, None), Page(url, body.encode(), "text/plain", "utf-8", at)


def revisions(archive: store.Archive) -> list[tuple[int, str]]:
    """The first page's revisions, by number, and what kind each is."""
    listed = """SELECT number, kind FROM revision r JOIN article a ON a.id = r.article_id
                WHERE a.url = 'https://quay.example/0' ORDER BY number"""
    with archive.engine.connect() as connection:
        return [(row.number, row.kind) for row in connection.execute(text(listed))]


def furnished(number: int, host: str = "quay.example") -> tuple[Imported, Page]:
    """A report with its outlet's own lines around it; the second one counts its readers."""
    headline = " ".join(random.Random(-number).choices(WORDS, k=7)).capitalize()
    lines = [headline, SLOGAN, prose(number), f"{FAREWELL} ({number} did)"]
    return page(f"https://{host}/{number}", "\n\n".join(lines))


@pytest.fixture
def pool() -> Iterator[engine.Engine]:
    """One child process."""
    with engine.Processes(settings.Extract(processes=1)) as running:
        yield running


def read(archive: store.Archive, pool: engine.Engine, *pages: tuple[Imported, Page]) -> None:
    for one in pages:  # one by one, as a service meets them
        list(pipeline.import_pages(archive, pool, [one]))


def texts(archive: store.Archive) -> dict[str, str]:
    """What each article now says, by URL."""
    with archive.engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT a.url, r.text FROM article a "
                "JOIN revision r ON r.article_id = a.id AND r.number = a.revision"
            )
        )
        return {row.url: row.text for row in rows}


def test_what_stands_in_three_stories_is_cut_from_the_fourth(
    archive: store.Archive, pool: engine.Engine
) -> None:
    read(archive, pool, *map(furnished, range(4)))
    assert texts(archive)["https://quay.example/3"] == prose(3)


def test_it_is_cut_from_the_first_three_too(archive: store.Archive, pool: engine.Engine) -> None:
    read(archive, pool, *map(furnished, range(3)))
    assert pipeline.reread_all(archive, pool) == 3
    assert texts(archive) == {f"https://quay.example/{n}": prose(n) for n in range(3)}
    assert pipeline.reread_all(archive, pool) == 0


def test_a_page_that_changed_is_not_corrected_by_what_was_learned_since(
    archive: store.Archive, pool: engine.Engine
) -> None:
    read(archive, pool, *map(furnished, range(3)))
    _, again = furnished(0)
    read(archive, pool, page("https://quay.example/0", again.body.decode() + "\n"))
    assert texts(archive)["https://quay.example/0"] == prose(0)
    assert revisions(archive) == [(1, "first"), (2, "boilerplate")]
    assert store.spare(archive, "quay.example", SLOGAN) == [SLOGAN]
    read(archive, pool, page("https://quay.example/0", again.body.decode() + "\n\n"))
    assert SLOGAN in texts(archive)["https://quay.example/0"]
    assert revisions(archive)[-1] == (3, "boilerplate")


def test_two_stories_teach_nothing(archive: store.Archive, pool: engine.Engine) -> None:
    read(archive, pool, *map(furnished, range(2)))
    assert store.learned_lines(archive, None) == []


def test_one_text_on_many_pages_teaches_nothing(
    archive: store.Archive, pool: engine.Engine
) -> None:
    hosts = [f"https://{host}.example/{n}" for host in "abcdefghij" for n in range(2)]
    read(archive, pool, *(page(url, prose(7)) for url in hosts))
    assert store.learned_lines(archive, None) == []


def test_other_outlets_keep_the_line(archive: store.Archive, pool: engine.Engine) -> None:
    read(archive, pool, *map(furnished, range(4)), furnished(9, "other.example"))
    assert SLOGAN in texts(archive)["https://other.example/9"]


def test_what_was_cut_is_on_record(archive: store.Archive, pool: engine.Engine) -> None:
    read(archive, pool, *map(furnished, range(4)))
    with archive.engine.connect() as connection:
        cut = connection.execute(text("SELECT text FROM cut WHERE kind = 'learned'")).scalars()
        assert set(cut) == {SLOGAN, f"{FAREWELL} (3 did)"}


def test_a_forgotten_line_comes_back_and_stays(archive: store.Archive, pool: engine.Engine) -> None:
    read(archive, pool, *map(furnished, range(4)))
    assert store.spare(archive, "quay.example", SLOGAN) == [SLOGAN]
    pipeline.reread_all(archive, pool)
    read(archive, pool, furnished(5))
    assert all(SLOGAN in said and FAREWELL not in said for said in texts(archive).values())


def test_lines_not_seen_for_long_are_dropped(archive: store.Archive, pool: engine.Engine) -> None:
    read(archive, pool, *map(furnished, range(4)))
    with archive.engine.begin() as connection:
        connection.execute(text("UPDATE outlet_line SET last_seen = last_seen - 91"))
    assert store.learned(archive, ["quay.example"]) == {}
    store.forget_lines(archive)
    with archive.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM outlet_line")).scalar_one() == 0
