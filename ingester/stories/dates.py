"""When an article was published, as far as grouping believes it."""

from datetime import datetime, timedelta

from ingester.models import Member

_AHEAD = timedelta(days=1)


def trusted(member: Member) -> datetime | None:
    """The moment that an article claims; None where it has none, or one from after we saw the article."""
    claimed = member.published
    return claimed.at if claimed and claimed.at <= member.first_seen + _AHEAD else None
