"""What was given up after its last try: listed, shown, and tried again."""

import zstandard

from ingester.models import Reason
from ingester.store.archive import Archive, Row
from ingester.store.queue import sha256


def quarantined(archive: Archive) -> list[Row]:
    """The entries in quarantine, the last one first, each with the reason and the size of its page."""
    return archive.rows("list_quarantine")


def quarantined_page(archive: Archive, url: str) -> bytes | None:
    """The page that an entry was given up on, as fetched; None where none is kept."""
    rows = archive.rows("quarantined_page", url_sha256=sha256(url))
    return zstandard.decompress(rows[0].body) if rows else None


def release(archive: Archive, url: str | None) -> list[str]:
    """Try a quarantined link again, or all of them (None); gives those that are due now.

    An imported page is not among them: importing its archive again tries it.
    """
    key = None if url is None else sha256(url)
    return [row.url for row in archive.rows("release_quarantined", url_sha256=key)]


def release_skipped(archive: Archive, reason: Reason) -> list[Row]:
    """Try again whatever was skipped for a reason, as after a limit was raised; gives url and origin.

    A page of origin "import" is tried when its archive is imported again.
    """
    return archive.rows("release_skipped", reason=reason.value)
