"""What outlets repeat: learned as articles are placed, and applied to those that were placed before."""

from array import array
from collections.abc import Iterable, Mapping

import zstandard

from ingester import urls
from ingester.boilerplate import Learned
from ingester.boilerplate.kinds import LEARNED, PASSAGE
from ingester.boilerplate.learned import line_hash
from ingester.models import Article, Page, Reread, StoryId
from ingester.store.archive import Archive, Query, Row, query
from ingester.store.groups import Arrival
from ingester.store.queue import moment


def learned(archive: Archive, hosts: Iterable[str]) -> Mapping[str, Learned]:
    """The lines that each of these outlets is known to repeat, by host; unknown hosts are left out."""
    days = archive.settings.extract.learned_days
    rows = archive.rows("learned_lines", hosts=sorted(set(hosts)), days=days)
    return {row.host: frozenset(row.hashes) for row in rows}


def lessons(arrival: Arrival, story_id: StoryId, article: Article) -> list[Query]:
    """The write that counts an article's lines for its outlet; none for a file, which has no outlet."""
    if not urls.outlet_host(arrival.url):
        return []
    lines = dict(article.watched)
    cut = [line_hash(cut.text) for cut in article.removed if cut.kind in {LEARNED, PASSAGE}]
    counted = query(
        "learn_lines",
        outlet_id=arrival.outlet_id,
        story_id=story_id,
        hashes=array("q", lines),
        texts=[line[:300] for line in lines.values()],
        cut=cut,
    )
    return [counted]


def claim_reread(archive: Archive) -> Reread | None:
    """An article to be read again, leased to the caller; None where none is due.

    The lease ends by `place` or `fail`. Where neither comes, or the reader crashed, the article is due again
    when it runs out.
    """
    rows = archive.rows("claim_reread", lease_s=archive.settings.retry.lease_s)
    return _reread(rows[0]) if rows else None


def learned_lines(archive: Archive, host: str | None) -> list[Row]:
    """What was learned of one outlet, or of all: host, text, spared, last_seen."""
    return archive.rows("list_learned", host=host)


def spare(archive: Archive, host: str, line: str | None) -> list[str]:
    """Take a learned line of an outlet, or all of them, for text from now on; gives which they were.

    Articles that lost it are read again.
    """
    hashed = line_hash(line) if line is not None else None
    return [row.text for row in archive.rows("spare_line", host=host, hash=hashed)]


def forget_lines(archive: Archive) -> None:
    """Drop lines that were not seen for `extract.learned_days`."""
    archive.rows("forget_lines", days=archive.settings.extract.learned_days)


def _reread(row: Row) -> Reread:
    published = moment(row)
    page = Page(
        url=row.page_url,
        body=zstandard.decompress(row.body),
        media_type=row.media_type,
        charset=row.charset,
        fetched_at=row.fetched_at,
        title=row.title,
        published=published,
        outlet=row.outlet,
    )
    return Reread(row.article_id, row.page_id, row.until, row.url, page)
