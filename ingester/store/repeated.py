"""Texts that an outlet shows at many addresses: no articles, whatever they say."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from ingester import stories, urls
from ingester.models import ArticleId, Reason, Signed
from ingester.store.archive import Archive, run, run_at_once
from ingester.store.groups import groups
from ingester.store.neighbours import neighbourhood


def withdraw_repeated(
    connection: Connection, archive: Archive, outlet_id: int, url: str, signed: Signed
) -> bool:
    """Withdraw what was made of a text that stands at too many addresses; gives whether this one does.

    `url` is that of its newest page. So the same is left in whatever order pages come. A canonical
    address that pages share counts once. The placing is locked.
    """
    most = archive.settings.extract.same_text
    if not urls.host(url):
        return False  # a file or row of an archive: its name is no address
    text = {"outlet_id": outlet_id, "body_sha256": signed.body_sha256}
    (found,) = run(connection, "same_text", address=signed.article.canonical_url or url, **text)
    if not found.known and found.addresses > most:
        run(connection, "record_repeated", **text)
        withdraw(connection, archive, found.articles, explained(most))
    return bool(found.known or found.addresses > most)


def withdraw_again(archive: Archive, shadow: Archive) -> None:
    """Take out of a regroup's shadow what the archive no longer holds."""
    ids = [row.id for row in archive.rows("regroup/withdrawn")]

    def work(connection: Connection) -> None:
        run(connection, "lock_placing")
        withdraw(connection, shadow, ids, explained(archive.settings.extract.same_text))

    if ids:
        shadow.transaction(work)


def explained(most: int) -> str:
    """Why such a text is no article, in words."""
    return f"its outlet shows the same text at more than {most} addresses"


def withdraw(
    connection: Connection, archive: Archive, ids: Sequence[ArticleId], detail: str
) -> None:
    """Take articles out of the archive, and group anew whom they leave; the placing is locked."""
    rule = archive.settings.grouping
    hood = neighbourhood(connection, list(ids), rule)
    gone = [member for member in hood.members if member.id in ids]
    left = tuple(member for member in hood.members if member.id not in ids)
    run(connection, "withdraw_articles", ids=list(ids), reason=Reason.REPEATED, detail=detail)
    events = {member.event_id for member in gone}
    around = [member.id for member in left if member.event_id in events]
    if around:
        placement = stories.regroup(around, replace(hood, members=left), rule)
        _, write = groups(archive, hood, placement, detail)
        run_at_once(connection, write)
    emptied = [member.story_id for member in gone]
    run(connection, "drop_empty_groups", stories=emptied, events=list(events))
