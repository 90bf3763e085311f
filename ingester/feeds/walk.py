"""A feed of several pages: which of them a poll reads, and which it leaves for the next one."""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import replace

from ingester import urls
from ingester.models import ClaimedFeed, Failed, FeedItem, ParsedFeed
from ingester.settings import Poll

_MOST_LEFT = 100
"""Pages that are kept for the next polls. Of an archive that is where it goes on; the parts of an index that
lie beyond are found in the index again."""

Read = Callable[[str], ParsedFeed | Failed]
Listed = Callable[[Sequence[FeedItem]], int]
"""How many of these links the feed listed in earlier polls."""


class Walk:
    """One poll's way through a feed's pages: by turns those ahead of it, and those that earlier polls left.

    An archive goes on behind each page that lists something that this feed never did: what other
    feeds list says nothing of it, nor does a post that always stands on top. So one that goes in
    circles ends. The parts of an index, a first page that lists nothing itself, are all read, in rounds. Only
    pages on the hosts where the feed is asked for and found are read: any other would be a
    stranger's choice. A failure that may pass ends the walk: the host is left alone, and the page
    asked for again by the next poll. `at` is where the first page was found, after redirects.
    """

    def __init__(self, feed: ClaimedFeed, first: ParsedFeed, at: str, listed: Listed) -> None:
        self._listed = listed
        self._hosts = {urls.host(feed.url), urls.host(at)}
        self._asked = {feed.url, at}
        self._pages = [first]
        self._again: tuple[str, ...] = ()
        self._failed: Failed | None = None
        self._moved = False
        left = feed.unread if first.items else _to_read(first.more, feed.unread)
        self._left = deque(left)
        self._fresh = deque(url for url in self._ahead(first) if url not in set(left))
        self._turns: Counter[bool] = Counter()

    def step(self, read: Read, most: Poll) -> bool:
        """Read one page more; gives whether there was one to read."""
        queue = None if self._again else self._turn(most)
        if not queue:
            return False
        url = queue.popleft()
        if self._may_be_asked(url):
            self._turns[queue is self._left] += 1
            self._asked.add(url)
            self._take(url, read(url), queue)
        return True

    def feed(self, most: Poll) -> ParsedFeed:
        """All that was read as one feed, with what is left for the next poll."""
        # in this order, so that an index's parts go round: those that were read last come last
        left = [url for url in (*self._left, *self._fresh) if self._may_be_asked(url)]
        kept = tuple(dict.fromkeys(left))[: _MOST_LEFT if most.max_pages else 0]
        # what failed stands before the last: behind that one an index's further parts follow
        unread = (*kept[:-1], *self._again, *kept[-1:])
        return replace(_joined(self._pages), unread=unread, failed=self._failed)

    def _turn(self, most: Poll) -> deque[str] | None:
        """The pages that the next one is of; None where this poll has read enough.

        One page at least is of those left, so that every poll goes on.
        """
        room = most.max_pages - self._turns.total()
        full = sum(len(page.items) for page in self._pages) >= most.max_items
        if room > 0 and self._left and not self._turns[True] and (full or room == 1):
            return self._left
        if room <= 0 or full:
            return None
        behind = self._turns[True] < self._turns[False]
        return self._left if self._left and (behind or not self._fresh) else self._fresh

    def _take(self, url: str, page: ParsedFeed | Failed, queue: deque[str]) -> None:
        if isinstance(page, Failed):
            self._failed = replace(page, detail=f"{url}: {page.detail}")
            self._again = (url,) if page.retry else ()
        else:
            self._pages.append(page)
            # news that filled a page moved what was left by one: what is known there is no end
            moved = self._moved and queue is self._left
            queue.extendleft(reversed(page.more if moved else self._ahead(page)))

    def _ahead(self, page: ParsedFeed) -> tuple[str, ...]:
        """The pages that a page leads to, unless the feed listed all that stands on it before."""
        if not page.more or not page.items:
            return page.more
        listed = self._listed(page.items)
        if page is self._pages[0]:
            self._moved = not listed
        return page.more if listed < len(page.items) else ()

    def _may_be_asked(self, url: str) -> bool:
        return url not in self._asked and urls.host(url) in self._hosts


def _to_read(parts: Sequence[str], unread: Sequence[str]) -> tuple[str, ...]:
    """The parts of an index that were left; where those were too many to keep, also those after them."""
    cut = len(unread) >= _MOST_LEFT and unread[-1] in parts
    beyond = parts[parts.index(unread[-1]) + 1 :] if cut else ()
    return tuple(dict.fromkeys((*unread, *beyond)))


def _joined(pages: Sequence[ParsedFeed]) -> ParsedFeed:
    """The pages of one feed as one, the first page's items first.

    `more` stays where the first page is an index, which lists nothing itself.
    """
    items: dict[str, FeedItem] = {}
    dropped: Counter[str] = Counter()
    for page in pages:
        dropped.update(page.dropped)
        fresh = {item.url: item for item in page.items if item.url not in items}
        dropped["repeated"] += len(page.items) - len(fresh)
        items.update(fresh)
    title = next((page.title for page in pages if page.title), None)
    more = () if pages[0].items else pages[0].more
    kept = tuple(items.values())
    return replace(pages[0], title=title, items=kept, dropped=dict(+dropped), more=more)
