"""Which copy of a story speaks for it, and why."""

import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache

from ingester import settings
from ingester.models import ArticleId, Member
from ingester.settings import Grouping
from ingester.stories.dates import trusted

Criterion = tuple[str, Callable[[Sequence[Member]], Sequence[Member]]]


def elect(members: Sequence[Member], rule: Grouping) -> tuple[ArticleId, str]:
    """The story's canonical article, and the reason in words.

    Criteria follow each other until one article is left, so that the choice depends on the copies
    alone: it stays while no better one arrives, and is made anew when one does.
    """
    if len(members) == 1:
        return members[0].id, "its only article"
    left, reason = _sieve(members, _criteria(rule))
    return left[0].id, reason


def _criteria(rule: Grouping) -> list[Criterion]:
    preferred: Criterion = ("from a preferred outlet", lambda m: _preferred(m, rule))
    pointed: Criterion = ("the other copies point to it", _pointed_at)
    first: Criterion = ("published first", _published_first)
    longest: Criterion = ("most complete text", lambda m: _highest(m, lambda x: x.tokens))
    rank: Criterion = ("lowest rank among equals", lambda m: [min(m, key=lambda x: x.rank)])
    if rule.canonical == "first":
        return [preferred, ("seen first", _seen_first), longest, rank]
    if rule.canonical == "longest":
        return [preferred, longest, first, rank]
    return [preferred, pointed, first, longest, rank]


def _sieve(
    members: Sequence[Member], criteria: Sequence[Criterion]
) -> tuple[Sequence[Member], str]:
    """Whom the criteria leave, and the name of the last one that told any apart."""
    left, reason = members, ""
    for name, choose in criteria:
        chosen = choose(left)
        if len(chosen) < len(left):
            left, reason = chosen, name
        if len(left) == 1:
            break
    return left, reason


def _highest(members: Sequence[Member], amount: Callable[[Member], int]) -> list[Member]:
    most = max(amount(member) for member in members)
    return [member for member in members if amount(member) == most]


def _preferred(members: Sequence[Member], rule: Grouping) -> Sequence[Member]:
    for outlet in rule.preferred_outlets:
        chosen = [member for member in members if member.outlet == outlet]
        if chosen:
            return chosen
    return members


def _pointed_at(members: Sequence[Member]) -> Sequence[Member]:
    """Those that most of the others name as their source, by canonical URL or agency credit."""
    votes = Counter(id_ for member in members for id_ in _named_by(member, members))
    return _highest(members, lambda member: votes[member.id])


def _named_by(member: Member, members: Sequence[Member]) -> Iterator[ArticleId]:
    for other in members:
        if other.url == member.url:
            continue
        credited = member.agency is not None and _is(other.outlet, member.agency)
        pointed = member.canonical_url is not None and _page(other.url) == _page(
            member.canonical_url
        )
        if credited or pointed:
            yield other.id


def _page(url: str) -> str:
    """What two spellings of one page's address have in common."""
    return url.partition("://")[2].removeprefix("www.").rstrip("/")


def _is(outlet: str, agency: str) -> bool:
    """Whether an outlet is this agency: by a host of the agency's, or by its name where it has no host."""
    name = outlet.casefold()
    hosts = _hosts().get(agency, ())
    return name == agency.casefold() or any(f".{name}".endswith(f".{host}") for host in hosts)


@cache
def _hosts() -> Mapping[str, Sequence[str]]:
    """The hosts that each agency publishes on."""
    path = settings.shipped("config/agencies.toml")
    hosts: Mapping[str, Sequence[str]] = tomllib.loads(path.read_text(encoding="utf-8"))["hosts"]
    return hosts


def _published_first(members: Sequence[Member]) -> Sequence[Member]:
    """Those of the earliest trusted day, without those that are known to be of a later hour."""
    dates = {member.id: at for member in members if (at := trusted(member))}
    if not dates:
        return members
    day = min(dates.values()).date()
    first = [m for m in members if m.id in dates and dates[m.id].date() == day]
    exact = {
        m.id for m in first if m.published and m.published.zoned and m.published.precision != "day"
    }
    earliest = min((dates[id_] for id_ in exact), default=None)
    return [m for m in first if m.id not in exact or dates[m.id] == earliest]


def _seen_first(members: Sequence[Member]) -> Sequence[Member]:
    earliest = min(member.first_seen for member in members)
    return [member for member in members if member.first_seen == earliest]
