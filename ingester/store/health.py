"""How the archive is, and what is kept no longer."""

from sqlalchemy import Connection

from ingester.store.archive import Archive, Row, run


def health(archive: Archive) -> Row:
    """What tells whether the archive is well, in one row: see `health.sql`."""
    return archive.rows("health")[0]


def refusing_hosts(archive: Archive) -> list[Row]:
    """Hosts that gave no page in the last week: host, reason, urls, last_at."""
    return archive.rows("refusing_hosts")


def retain(archive: Archive) -> int:
    """Drop what the settings say is kept no longer; gives how many pages lost their bytes."""
    kept = archive.settings.retention
    if kept.polls_days:
        archive.rows("drop_polls", days=kept.polls_days)
        archive.rows("drop_hosts", days=kept.polls_days)
    if kept.keys_days:
        _drop_keys(archive, max(kept.keys_days, archive.settings.grouping.window_days))
    return _drop_pages(archive, kept.pages_days) if kept.pages_days else 0


def _drop_keys(archive: Archive, days: int) -> None:
    def work(connection: Connection) -> None:
        run(connection, "lock_placing")  # nobody looks for keys meanwhile
        run(connection, "drop_key_weeks", days=days)

    archive.transaction(work)


def _drop_pages(archive: Archive, days: int) -> int:
    """Batch by batch, so that nobody waits for long."""
    total = 0
    while dropped := archive.rows("drop_pages", days=days)[0].pages:
        total += int(dropped)
    archive.rows("drop_rereads")
    return total
