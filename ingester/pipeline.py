"""THE path, legs of one shape, because a page fails and retries on its own clock.

poll:    store.claim_feed  | fetch.get | feeds.parse                                      | store.record_poll
ingest:  store.claim_entry | fetch.get | extract.read | boilerplate.strip | minhash.sign | store.place
revisit: store.claim_visit | fetch.get | the same steps from extract on                   | store.place
reread:  store.claim_reread            | the same steps from extract on                   | store.place
import:  a reader of archives          | the same steps from extract on                   | store.place
regroup: store.unread                  | the same steps from extract on                   | store.place_again

Each leg takes one item as far as it comes, and tells what became of it.
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from email.message import Message
from functools import partial
from itertools import islice, tee

from ingester import boilerplate, extract, feeds, minhash, store, stories, urls
from ingester.engine import Engine, Processes
from ingester.errors import Refused
from ingester.fetch import Fetcher
from ingester.metrics import tell
from ingester.models import (
    Article,
    Candidate,
    ClaimedEntry,
    ClaimedFeed,
    Failed,
    Imported,
    Incoming,
    Neighbourhood,
    Outcome,
    Page,
    ParsedFeed,
    Placement,
    Reason,
    Request,
    Reread,
    Response,
    Signed,
    Visit,
)
from ingester.settings import Extract, Settings

_FEED_TYPES = "application/atom+xml, application/rss+xml, application/feed+json, */*;q=0.8"
_PAGE_TYPES = "text/html, application/xhtml+xml, text/plain;q=0.8, */*;q=0.1"
_NOT_MODIFIED = 304
_LOOK_UP_AT_ONCE = 64

_ASKING = 1 / 3
"""The share of a lease in which a feed's further pages are asked for: the last of them needs the rest, to be
fetched, read and recorded."""

Prepare = Callable[[Page], Signed | Failed]


@dataclass(frozen=True, slots=True)
class Path:
    """What the legs walk on: the two doors, and where the pure steps run."""

    archive: store.Archive
    fetcher: Fetcher
    engine: Processes

    @property
    def settings(self) -> Settings:
        """The archive's settings."""
        return self.archive.settings


# --- poll ---------------------------------------------------------------------------------------


def poll(path: Path, feed: ClaimedFeed) -> None:
    """Poll one claimed feed: its new links become entries."""
    until = time.monotonic() + path.settings.retry.lease_s * _ASKING
    asked = Request(feed.url, _FEED_TYPES, feed.etag, feed.last_modified, configured=True)
    response = path.fetcher.get(asked)
    if isinstance(response, Failed):
        return _failed_poll(path, feed, response)
    if _unchanged(feed, response):
        store.record_unchanged(path.archive, feed, response)
        return tell("poll", "unchanged", feed=feed.url)
    parsed = _parsed(path, response)
    if isinstance(parsed, Failed):
        return _failed_poll(path, feed, parsed)
    return _record(path, feed, response, _with_more(path, feed, parsed, response.url, until))


def _parsed(path: Path, response: Response) -> ParsedFeed | Failed:
    return path.engine.run(partial(feeds.parse, max_items=path.settings.poll.max_items), response)


def _with_more(
    path: Path, feed: ClaimedFeed, first: ParsedFeed, at: str, until: float
) -> ParsedFeed:
    """The feed with the pages that go on with it, as far as they can be asked for in time."""
    walk = feeds.Walk(feed, first, at, partial(store.count_listed, path.archive, feed))
    most = path.settings.poll
    while time.monotonic() < until and walk.step(partial(_page_of_feed, path), most):
        pass
    return walk.feed(most)


def _page_of_feed(path: Path, url: str) -> ParsedFeed | Failed:
    response = path.fetcher.get(Request(url, _FEED_TYPES, configured=True))
    return response if isinstance(response, Failed) else _parsed(path, response)


def _record(path: Path, feed: ClaimedFeed, response: Response, parsed: ParsedFeed) -> None:
    added = store.record_poll(path.archive, feed, response, parsed)
    dropped = sum(parsed.dropped.values())
    tell("poll", "parsed", parsed.failed, feed=feed.url, items=len(parsed.items), new=added,
         dropped=dropped, unread=len(parsed.unread))  # fmt: skip


def _failed_poll(path: Path, feed: ClaimedFeed, failed: Failed) -> None:
    store.record_failed_poll(path.archive, feed, failed)
    tell("poll", "failed", failed, feed=feed.url)


def _unchanged(feed: ClaimedFeed, response: Response) -> bool:
    if response.status == _NOT_MODIFIED:
        return True
    return not feed.unread and hashlib.sha256(response.body).digest() == feed.body_sha256


# --- ingest -------------------------------------------------------------------------------------


def ingest(path: Path, entry: ClaimedEntry) -> None:
    """Take one claimed entry from its link to its place in a story."""
    response = path.fetcher.get(Request(entry.url, _PAGE_TYPES))
    if isinstance(response, Failed):
        settle(path.archive, entry, None, response)
        return
    if entry.attempts >= path.settings.retry.attempts:
        # should this try end with the service, as its last one, nobody would be left to keep the page
        store.keep(path.archive, entry, page_of(entry, response))
    _read(path, entry, response)


def revisit(path: Path, visit: Visit) -> None:
    """Look at the page of a held article again: what it says now is a revision, or it is gone."""
    entry = visit.entry
    request = Request(entry.url, _PAGE_TYPES, visit.etag, visit.last_modified)
    response = _its_own(path, visit, path.fetcher.get(request))
    if isinstance(response, Failed):
        tell("revisit", "failed", response, url=entry.url)
        return store.end_visit(path.archive, visit, response)
    if response.status == _NOT_MODIFIED:
        tell("revisit", "unchanged", url=entry.url)
        return store.end_visit(path.archive, visit, None)
    return store.end_visit(path.archive, visit, _read(path, entry, response))


def _its_own(path: Path, visit: Visit, response: Response | Failed) -> Response | Failed:
    """The response to a visit; a redirect to another article means that the visited one is gone."""
    if isinstance(response, Failed) or response.url == visit.entry.url:
        return response
    url = urls.canonical(response.url) or response.url
    if store.is_anothers(path.archive, visit, url):
        return Failed("fetch", Reason.GONE, f"it leads to another article: {url}", retry=False)
    return response


def reread(path: Path, claim: Reread) -> None:
    """Read the stored page of an article again: what was learned since is cut from it."""
    (page,) = informed(path.archive, [claim.page])
    settle(path.archive, claim, page, path.engine.run(preparation(path.archive), page))


def bury(archive: store.Archive) -> None:
    """End the leases that ran out, and tell which entries and visits are given up for good."""
    for url, visit, failed in store.bury(archive):
        if visit:
            tell("revisit", "failed", failed, url=url)
        else:
            tell("ingest", "quarantined", failed, url=url)


def _read(path: Path, entry: ClaimedEntry, response: Response) -> Failed | None:
    """Read a response and settle its entry; gives why it gave no article."""
    (page,) = informed(path.archive, [page_of(entry, response)])
    result = path.engine.run(preparation(path.archive), page)
    return settle(path.archive, entry, page, result)[1]


def page_of(entry: ClaimedEntry, response: Response) -> Page:
    """The page that a response holds, with what the feed said of it."""
    media_type, charset = _content_type(response.headers.get("content-type", "text/html"))
    return Page(
        url=urls.canonical(response.url) or entry.url,
        body=response.body,
        media_type=media_type,
        charset=charset,
        fetched_at=response.fetched_at,
        title=entry.title,
        published=entry.published,
        outlet=entry.outlet,
        etag=response.headers.get("etag"),
        last_modified=response.headers.get("last-modified"),
    )


def _content_type(value: str) -> tuple[str, str | None]:
    header = Message()
    header["content-type"] = value
    try:
        return header.get_content_type(), header.get_content_charset()
    except (ValueError, TypeError, LookupError):  # parameters that the standard library trips over
        return value.partition(";")[0].strip().lower(), None


def prepare(page: Page, settings: Settings, seed: int) -> Signed | Failed:
    """The pure part of the path: what an article says and what it is found by, or why it is none."""
    article = read(page, settings.extract)
    if isinstance(article, Failed):
        return article
    return minhash.sign(article, seed, settings.grouping)


def read(page: Page, limits: Extract) -> Article | Failed:
    """The clean article that a page holds, or why it holds none."""
    draft = extract.read(page, limits)
    if isinstance(draft, Failed):
        return draft
    return boilerplate.strip(draft, limits.phrases, page.own, limits.min_sentences)


def informed(archive: store.Archive, pages: Sequence[Page]) -> list[Page]:
    """The pages, each with what was learned of its outlet."""
    hosts = [urls.outlet_host(page.url or "") for page in pages]
    known = store.learned(archive, hosts)
    return [
        replace(page, own=known[host]) if host in known else page
        for page, host in zip(pages, hosts, strict=True)
    ]


def preparation(archive: store.Archive) -> Prepare:
    """`prepare` with this archive's settings and seed, for an engine to run."""
    return partial(prepare, settings=archive.settings, seed=archive.seed)


# --- import -------------------------------------------------------------------------------------


def import_pages(
    archive: store.Archive, engine: Engine, items: Iterable[tuple[Imported, Page | Failed]]
) -> Iterator[tuple[Imported, Outcome, Failed | None]]:
    """Take the pages of an archive to their places, in order; gives what became of each.

    A page that was settled before is passed over, so that an import that was cut off goes on.
    """
    first, second = tee(_fresh(archive, items))
    read = partial(_read_fresh, prepare=preparation(archive))
    for (entry, page), result in zip(
        first, engine.map(read, (page for _, page in second)), strict=True
    ):
        if result is None:
            yield entry, "unchanged", None
        else:
            yield entry, *settle(archive, entry, page if isinstance(page, Page) else None, result)


def reread_all(archive: store.Archive, engine: Engine) -> int:
    """Read stored pages again that hold what was learned since, until none is due; gives how many."""
    first, second = tee(iter(partial(store.claim_reread, archive), None))
    pages = (informed(archive, [claim.page])[0] for claim in second)
    count = 0
    for claim, result in zip(first, engine.map(preparation(archive), pages), strict=True):
        settle(archive, claim, claim.page, result)
        count += 1
    return count


def regroup(
    archive: store.Archive, shadow: store.Archive, engine: Engine
) -> Iterator[Failed | None]:
    """Read the archive's own pages again, and place what they say in its shadow, until none is left.

    Gives for each article why it was kept as it is, or None. One that was read before is passed over,
    so that a regroup that was cut off goes on.
    """
    read = partial(_read_fresh, prepare=preparation(archive))
    while store.queue_unread(archive):
        first, second = tee(store.unread(archive))
        pages = (held.page and informed(archive, [held.page])[0] for held in second)
        for held, result in zip(first, engine.map(read, pages), strict=True):
            yield _place_again(shadow, held, result)
    store.withdraw_again(archive, shadow)
    store.decide_again(shadow, partial(stories.regroup, rule=shadow.settings.grouping))


def _place_again(
    shadow: store.Archive, held: store.Held, result: Signed | Failed | None
) -> Failed | None:
    """Place what was read, or where that is nothing, what the article says now; gives why."""
    decide = partial(_decide, shadow.settings)
    if isinstance(result, Signed):
        try:
            store.place_again(shadow, held, result, None, decide)
        except Refused as refused:
            result = Failed("store", Reason.REJECTED, str(refused), retry=False)
        else:
            return None
    failed = result or Failed("fetch", Reason.GONE, "its page is no longer kept", retry=False)
    signed = minhash.sign(held.article, shadow.seed, shadow.settings.grouping)
    store.place_again(shadow, held, signed, failed, decide)
    return failed


def settle(
    archive: store.Archive, entry: Incoming, page: Page | None, result: Signed | Failed
) -> tuple[Outcome, Failed | None]:
    """Write what became of an entry, and tell it; gives that, and why it gave no article."""
    if page is not None and isinstance(result, Signed):
        try:
            decide = partial(_decide, archive.settings)
            outcome = store.place(archive, entry, page, result, decide)
        except Refused as refused:
            # it may be a fault of ours: tried again, then kept in quarantine until that is mended
            result = Failed("store", Reason.REJECTED, str(refused), retry=True)
        else:
            tell("ingest", outcome, url=entry.url)
            return outcome, None
    assert isinstance(result, Failed)  # noqa: S101 - without a page there is nothing to sign
    outcome = store.fail(archive, entry, page, result)
    tell("ingest", outcome, result, url=entry.url)
    return outcome, result


def _decide(settings: Settings, new: Candidate, hood: Neighbourhood) -> Placement:
    placement = stories.decide(new, hood, settings.grouping)
    if placement.oversized:
        tell("group", "oversized", articles=placement.oversized, url=new.member.url)
    return placement


def _fresh(
    archive: store.Archive, items: Iterable[tuple[Imported, Page | Failed]]
) -> Iterator[tuple[Imported, Page | Failed | None]]:
    """The items, with None for each page that was settled before."""
    for batch in _batches(items):
        pages = [page for _, page in batch if isinstance(page, Page)]
        settled = store.settled_before(archive, pages)
        fresh = iter(
            None if known else page
            for page, known in zip(informed(archive, pages), settled, strict=True)
        )
        for entry, page in batch:
            yield entry, next(fresh) if isinstance(page, Page) else page


def _read_fresh(page: Page | Failed | None, prepare: Prepare) -> Signed | Failed | None:
    return prepare(page) if isinstance(page, Page) else page


def _batches(
    items: Iterable[tuple[Imported, Page | Failed]],
) -> Iterator[list[tuple[Imported, Page | Failed]]]:
    remaining = iter(items)
    while batch := list(islice(remaining, _LOOK_UP_AT_ONCE)):
        yield batch
