"""The only door to Postgres: claims, records, places. Each function is one transaction."""

from ingester.store.archive import Archive, connect, open_archive
from ingester.store.decisions import (
    decisions,
    record_decision,
    splits_between,
    withdraw_decision,
)
from ingester.store.health import health, refusing_hosts, retain
from ingester.store.learning import (
    Reread,
    claim_reread,
    forget_lines,
    learned,
    learned_lines,
    settle_reread,
    spare,
)
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
    index_sizes,
    places,
    remove_feed,
    why,
)
from ingester.store.turns import Turns
from ingester.store.visits import claim_visit, end_visit

__all__ = [
    "Archive",
    "Decide",
    "Reread",
    "Turns",
    "Why",
    "add_feed",
    "answers",
    "any_seen",
    "bury_entries",
    "claim_entry",
    "claim_feed",
    "claim_reread",
    "claim_visit",
    "connect",
    "decisions",
    "end_visit",
    "fail",
    "fates",
    "feeds",
    "figures",
    "find",
    "forget_lines",
    "health",
    "index_sizes",
    "learned",
    "learned_lines",
    "open_archive",
    "page_key",
    "place",
    "places",
    "record_decision",
    "record_failed_poll",
    "record_poll",
    "record_unchanged",
    "refusing_hosts",
    "remove_feed",
    "retain",
    "settle_reread",
    "settled_before",
    "spare",
    "splits_between",
    "why",
    "withdraw_decision",
]
