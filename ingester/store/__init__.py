"""The only door to Postgres: claims, records, places. Each function is one transaction."""

from ingester.store.archive import Archive, connect, open_archive
from ingester.store.placing import Decide, fail, page_key, place, settled_before
from ingester.store.polls import (
    add_feed,
    any_seen,
    claim_feed,
    record_failed_poll,
    record_poll,
    record_unchanged,
)
from ingester.store.queue import bury_entries, claim_entry
from ingester.store.reading import (
    Why,
    answers,
    fates,
    feeds,
    figures,
    find,
    places,
    remove_feed,
    why,
)
from ingester.store.turns import Turns

__all__ = [
    "Archive",
    "Decide",
    "Turns",
    "Why",
    "add_feed",
    "answers",
    "any_seen",
    "bury_entries",
    "claim_entry",
    "claim_feed",
    "connect",
    "fail",
    "fates",
    "feeds",
    "figures",
    "find",
    "open_archive",
    "page_key",
    "place",
    "places",
    "record_failed_poll",
    "record_poll",
    "record_unchanged",
    "remove_feed",
    "settled_before",
    "why",
]
