"""A feed of several pages: which of them a poll reads, and which it leaves for the next one."""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice

from ingester import urls
from ingester.models import ClaimedFeed, Failed, FeedItem, ParsedFeed
from ingester.settings import Poll

Read = Callable[[str], ParsedFeed | Failed]
Known = Callable[[Sequence[FeedItem]], bool]
"""Whether one of these links was seen before."""


class Walk:
    """One poll's way through a feed's pages.

    It goes on while nothing on the last page was known; then to the pages that earlier polls left
    unread, whatever is known of them, because what was published since has moved their items. Only
    pages on the feed's own host are read: any other would be a stranger's choice. A failure that may
    pass ends the walk: the host is left alone, and the page asked for again by the next poll.
    """

    def __init__(self, feed: ClaimedFeed, first: ParsedFeed, known: Known) -> None:
        self._known = known
        self._host = urls.host(feed.url)
        self._asked = {feed.url}
        self._pages = [first]
        self._fresh: deque[str] = deque()
        self._left = deque(feed.unread)
        self._again: tuple[str, ...] = ()
        self._failed: Failed | None = None
        self._go_on(first, self._fresh)

    def step(self, read: Read, most: Poll) -> bool:
        """Read one page more; gives whether there was one to read."""
        queue = self._fresh or self._left
        if not queue or self._again or len(self._pages) > most.max_pages:
            return False
        url = queue.popleft()
        if self._may_be_asked(url):
            self._asked.add(url)
            self._take(url, read(url), queue)
        return True

    def feed(self, most: Poll) -> ParsedFeed:
        """All that was read as one feed, with what is left for the next poll."""
        left = [url for url in (*self._fresh, *self._left) if self._may_be_asked(url)]
        room = most.max_pages + 1 - len(self._pages)
        unread = (*tuple(dict.fromkeys(left))[:room], *self._again)
        return replace(_joined(self._pages, most.max_items), unread=unread, failed=self._failed)

    def _take(self, url: str, page: ParsedFeed | Failed, queue: deque[str]) -> None:
        if isinstance(page, Failed):
            self._failed = replace(page, detail=f"{url}: {page.detail}")
            self._again = (url,) if page.retry else ()
        else:
            self._pages.append(page)
            self._go_on(page, queue)

    def _go_on(self, page: ParsedFeed, queue: deque[str]) -> None:
        queue.extendleft(reversed(page.more))
        if queue and queue is self._fresh and self._known(page.items):
            queue.clear()

    def _may_be_asked(self, url: str) -> bool:
        return url not in self._asked and urls.host(url) == self._host


def _joined(pages: Sequence[ParsedFeed], max_items: int) -> ParsedFeed:
    """The pages of one feed as one, the first page's items first, at most `max_items` in all.

    `more` stays where the first page is an index, which lists nothing itself.
    """
    items: dict[str, FeedItem] = {}
    dropped: Counter[str] = Counter()
    for page in pages:
        dropped.update(page.dropped)
        fresh = {item.url: item for item in page.items if item.url not in items}
        dropped["repeated"] += len(page.items) - len(fresh)
        items.update(fresh)
    kept = tuple(islice(items.values(), max_items))
    dropped["over_limit"] += len(items) - len(kept)
    title = next((page.title for page in pages if page.title), None)
    more = () if pages[0].items else pages[0].more
    return replace(pages[0], title=title, items=kept, dropped=dict(+dropped), more=more)
