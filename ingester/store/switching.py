"""What a regroup changed, and the switch that puts it in force, in one transaction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, text

from ingester.store.archive import Archive, Row, run, script
from ingester.store.regrouping import assert_begun
from ingester.stories.clustering import bear_names

_EXAMPLES = 5
"""Of each kind of change."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a regroup changes: `figures` by name, and rows of (what, url, change) as examples."""

    figures: Mapping[str, int]
    examples: tuple[Row, ...]


def report(archive: Archive) -> Report:
    """What a switch would change now. Raises ConfigurationError where no regroup is under way."""

    def work(connection: Connection) -> Report:
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        return _compared(connection)

    return archive.transaction(work)


def switch(archive: Archive, catch_up: Callable[[], None], reason: str) -> Report:
    """Put the shadow's grouping in force and drop the shadow, all or nothing; gives what changed.

    The placing is locked; `catch_up` then reads what arrived last. Stories and events go on bearing
    the ids of those that they share most articles with. Raises ConfigurationError where no regroup is
    under way.
    """

    def work(connection: Connection) -> Report:
        run(connection, "lock_placing")
        assert_begun(connection)
        catch_up()
        changed = _compared(connection)
        connection.execute(
            text("SELECT set_config('ingester.reason', :reason, true)"), {"reason": reason}
        )
        script(connection, "regroup/switch")
        return changed

    with archive.placing:
        return archive.transaction(work)


def _compared(connection: Connection) -> Report:
    """The shadow beside the archive; what differs stands in temporary tables until the commit."""
    assert_begun(connection)
    script(connection, "regroup/prepare")
    overlaps = run(connection, "regroup/overlaps")
    for what, query in (("story", "regroup/name_stories"), ("event", "regroup/name_events")):
        shared = {(row.old, row.new): row.articles for row in overlaps if row.what == what}
        names = bear_names(shared)
        run(connection, query, shadows=list(names), ids=list(names.values()))
    script(connection, "regroup/changes")
    figures = run(connection, "regroup/figures")[0]._asdict()
    return Report(figures, tuple(run(connection, "regroup/examples", most=_EXAMPLES)))
