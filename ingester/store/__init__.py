"""The only door to Postgres: claims, records, places. Each function is one transaction."""

from ingester.store.archive import Archive, connect, open_archive
from ingester.store.placing import Decide, fail, page_key, place, settled_before
from ingester.store.queue import (
    add_feed,
    bury_entries,
    claim_entry,
    claim_feed,
    record_failed_poll,
    record_poll,
    record_unchanged,
)

__all__ = [
    "Archive",
    "Decide",
    "add_feed",
    "bury_entries",
    "claim_entry",
    "claim_feed",
    "connect",
    "fail",
    "open_archive",
    "page_key",
    "place",
    "record_failed_poll",
    "record_poll",
    "record_unchanged",
    "settled_before",
]
