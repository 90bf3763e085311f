"""The storm's report as a table."""

from ingester.cli.output import table as aligned
from tests.storm.storm import Report


def table(report: Report) -> str:
    """Faults of each kind, then what was held against the outside record."""
    faults = [*sorted(report.struck.items()), ("all faults", report.struck.total())]
    held = [
        ("bad pages", report.bad_pages.total()),
        ("  kinds", len(report.bad_pages)),
        ("bad feeds", report.bad_feeds.total()),
        ("  kinds", len(report.bad_feeds)),
        ("URLs published", report.published),
        *((f"  {state}", number) for state, number in sorted(report.fates.items())),
        ("reported stored by a service", report.reported),
        ("lost", report.lost),
        ("duplicated", report.duplicated),
        ("stuck", report.stuck),
        ("seen, and not accounted for", report.unaccounted),
        ("errors that nobody caught", report.uncaught),
        ("rows with NUL", report.with_nul),
        ("snapshots read", report.snapshots),
        ("snapshots with a broken story", report.broken_snapshots),
        ("articles or groups other than undisturbed", report.drift),
        ("tables changed by a re-run", report.changed_by_rerun),
        ("starts of the two services", report.starts),
        ("processes left behind", report.left_processes),
        ("oldest claim, s", round(report.oldest_claim_s)),
        ("time, s", round(report.seconds)),
    ]
    return aligned(("fault", "struck"), faults) + "\n\n" + aligned(("outcome", "number"), held)
