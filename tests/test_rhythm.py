"""When feeds are asked again: the interval follows what they bring, and failures what they are."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ingester.feeds import rhythm
from ingester.models import ClaimedFeed, Failed, FeedId, FeedItem, ParsedFeed, Reason, Token
from ingester.settings import Poll
from ingester.store import polls

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
RULE = Poll()
DOWN = Failed("fetch", Reason.UNREACHABLE, "", retry=True)
WRONG = Failed("fetch", Reason.NOT_FOUND, "", retry=False)


def feed(interval_s: float = 900, errors: float = 0, since: datetime | None = None) -> ClaimedFeed:
    return ClaimedFeed(
        FeedId(1), "https://a.example/rss", Token(1), False, errors, since,
        timedelta(seconds=interval_s), None, None, None,
    )  # fmt: skip


def listing(items: int, rest_s: float = 0) -> ParsedFeed:
    listed = tuple(FeedItem(f"https://a.example/{n}", None, None, None) for n in range(items))
    return ParsedFeed(None, None, listed, {}, rest=timedelta(seconds=rest_s))


def settled(gap_s: float) -> float:
    """The mean interval in the end of a feed of 30 items that has a new one each `gap_s` or so."""
    chance, polled, intervals = random.Random(7), feed(), list[float]()
    for _ in range(400):
        elapsed = polled.interval.total_seconds()
        new = min(sum(chance.random() < elapsed / gap_s / 100 for _ in range(100)), 30)
        polled = replace(polled, interval=rhythm.interval(polled, listing(30), new, RULE))
        intervals.append(polled.interval.total_seconds())
    return sum(intervals[200:]) / 200


@pytest.mark.parametrize("gap_s", [600, 1800, 5400])
def test_the_interval_settles_where_a_poll_brings_about_one_new_item(gap_s: float) -> None:
    assert gap_s / 2 < settled(gap_s) < gap_s * 2


def test_the_interval_has_bounds() -> None:
    assert settled(1) == pytest.approx(300)
    assert settled(1e9) == pytest.approx(10_800)


def test_where_most_of_a_feed_is_new_some_may_have_passed_unseen() -> None:
    assert rhythm.interval(feed(3600), listing(1), 1, RULE) == timedelta(seconds=1800)
    assert rhythm.interval(feed(3600), listing(20), 1, RULE) == timedelta(seconds=3600)


@pytest.mark.parametrize(("rest_s", "least_s"), [(0, 300), (60, 300), (600, 600), (7200, 900)])
def test_a_feed_that_asks_for_rest_is_asked_no_more_often_than_at_first(
    rest_s: float, least_s: float
) -> None:
    quick = rhythm.interval(feed(300), listing(30, rest_s), 4, RULE)
    assert quick == timedelta(seconds=least_s)


def test_a_feed_that_asks_for_rest_and_would_lose_items_gets_none() -> None:
    assert rhythm.interval(feed(600), listing(30, 7200), 20, RULE) == timedelta(seconds=300)


def test_a_first_poll_says_nothing_of_the_rhythm() -> None:
    assert rhythm.interval(replace(feed(), new=True), listing(30), 30, RULE) == timedelta(
        seconds=900
    )


def test_failures_that_pass_cost_less_than_wrong_urls() -> None:
    assert rhythm.setback(feed(), DOWN, NOW, RULE).errors == 0.25
    assert rhythm.setback(feed(), WRONG, NOW, RULE).errors == 1
    assert (
        rhythm.setback(feed(), Failed("parse", Reason.NOT_A_FEED, "", True), NOW, RULE).errors == 1
    )
    assert (
        rhythm.setback(feed(), Failed("fetch", Reason.RATE_LIMITED, "", True), NOW, RULE).errors
        == 0
    )


def test_a_feed_dies_slowly_and_is_asked_once_in_a_while_all_the_same() -> None:
    waits, polled, now = [], feed(), NOW
    for _ in range(40):
        after = rhythm.setback(polled, WRONG, now, RULE)
        if after.state == "dead":
            break
        waits.append(after.wait)
        polled = replace(polled, errors=after.errors, failing_since=polled.failing_since or now)
        now += after.wait
    assert after.wait == timedelta(days=7)
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(days=1)
    assert timedelta(days=14) <= now - NOW < timedelta(days=16)


def test_no_feed_is_asked_sooner_than_its_interval() -> None:
    waits = {polls._jittered(timedelta(hours=1)) for _ in range(100)}
    assert timedelta(hours=1) <= min(waits) < max(waits) <= timedelta(minutes=66)


def test_a_night_s_outage_is_no_death() -> None:
    after = rhythm.setback(feed(errors=50, since=NOW - timedelta(hours=9)), DOWN, NOW, RULE)
    assert (after.state, after.wait) == ("active", timedelta(days=1))


def test_a_feed_that_is_gone_is_gone_at_once() -> None:
    gone = Failed("fetch", Reason.GONE, "HTTP 410", retry=False)
    assert rhythm.setback(feed(), gone, NOW, RULE).state == "gone"
