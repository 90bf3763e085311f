"""When a feed is asked again: by what it brought, and by how it failed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from ingester.models import ClaimedFeed, Failed, ParsedFeed, Reason
from ingester.settings import Poll

_LONGER = 1.25
_SHORTEST_STEP = 0.25
_MUCH = 0.5
_PASSING = 0.25
_BACK_OFF = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Setback:
    """What a failed poll makes of a feed: its errors, its state, and the wait before its next poll."""

    errors: float
    state: Literal["active", "dead", "gone"]
    wait: timedelta


def interval(feed: ClaimedFeed, parsed: ParsedFeed, new: int, rule: Poll) -> timedelta:
    """The feed's next interval, after a poll that gave these items, so many of them new.

    It settles where a poll brings one new item. Where most of a feed is new, some may have passed
    unseen: then it is halved at least. A feed that asks for rest is otherwise not asked more often
    than that, or than `rule.interval_s` where it asks for more. A feed's first poll says nothing of
    its rhythm.
    """
    if feed.new:
        return feed.interval
    step = max(new**-0.5, _SHORTEST_STEP) if new else _LONGER
    shortest, longest = rule.interval_s * rule.shortest, rule.interval_s * rule.longest
    if new > len(parsed.items) * _MUCH:
        step = min(step, _MUCH)
    else:
        shortest = max(shortest, min(parsed.rest.total_seconds(), rule.interval_s))
    return timedelta(seconds=min(max(feed.interval.total_seconds() * step, shortest), longest))


def setback(feed: ClaimedFeed, failed: Failed, now: datetime, rule: Poll) -> Setback:
    """What a failure means for the feed.

    Failures that pass by themselves count a quarter, one for having asked too often nothing: so a
    bad night of a server costs a feed little, and a wrong URL is soon left alone. A feed dies
    slowly, and is asked once in a while all the same.
    """
    if failed.reason is Reason.GONE:
        return Setback(feed.errors + 1, "gone", _BACK_OFF)
    errors = feed.errors + _weight(failed)
    failing = now - (feed.failing_since or now)
    if errors >= rule.dead_errors and failing >= timedelta(days=rule.dead_days):
        return Setback(errors, "dead", timedelta(days=rule.dead_interval_days))
    wait = min(feed.interval * 2 ** min(errors, 30), max(_BACK_OFF, feed.interval))
    return Setback(errors, "active", wait)


def _weight(failed: Failed) -> float:
    if failed.reason is Reason.RATE_LIMITED:
        return 0
    return _PASSING if failed.retry and failed.step == "fetch" else 1
