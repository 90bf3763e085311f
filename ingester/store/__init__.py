"""The only door to Postgres: claims, records, places. Each function is one transaction."""

from ingester.store.archive import Archive, Row, connect, open_archive
from ingester.store.decisions import (
    decisions,
    record_decision,
    splits_between,
    withdraw_decision,
)
from ingester.store.health import health, refusing_hosts, retain
from ingester.store.learning import (
    claim_reread,
    forget_lines,
    learned,
    learned_lines,
    spare,
)
from ingester.store.placing import Decide, fail, keep, place, settled_before
from ingester.store.polls import (
    add_feed,
    claim_feed,
    count_listed,
    record_failed_poll,
    record_poll,
    record_unchanged,
)
from ingester.store.quarantine import quarantined, quarantined_page, release, release_skipped
from ingester.store.queue import bury, claim_entry
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
from ingester.store.regrouping import (
    Held,
    assert_regroup,
    decide_again,
    drop_shadow,
    place_again,
    queue_unread,
    shadow,
    unread,
)
from ingester.store.repeated import withdraw_again
from ingester.store.switching import Report, report, switch
from ingester.store.turns import Turns
from ingester.store.visits import claim_visit, end_visit, is_anothers

__all__ = [
    "Archive",
    "Decide",
    "Held",
    "Report",
    "Row",
    "Turns",
    "Why",
    "add_feed",
    "answers",
    "assert_regroup",
    "bury",
    "claim_entry",
    "claim_feed",
    "claim_reread",
    "claim_visit",
    "connect",
    "count_listed",
    "decide_again",
    "decisions",
    "drop_shadow",
    "end_visit",
    "fail",
    "fates",
    "feeds",
    "figures",
    "find",
    "forget_lines",
    "health",
    "index_sizes",
    "is_anothers",
    "keep",
    "learned",
    "learned_lines",
    "open_archive",
    "place",
    "place_again",
    "places",
    "quarantined",
    "quarantined_page",
    "queue_unread",
    "record_decision",
    "record_failed_poll",
    "record_poll",
    "record_unchanged",
    "refusing_hosts",
    "release",
    "release_skipped",
    "remove_feed",
    "report",
    "retain",
    "settled_before",
    "shadow",
    "spare",
    "splits_between",
    "switch",
    "unread",
    "why",
    "withdraw_again",
    "withdraw_decision",
]
