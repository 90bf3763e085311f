"""Postgres servers other than the bundled one, started for a test."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ingester.embedded import running

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")


@contextmanager
def debian_postgres(directory: Path) -> Iterator[str]:
    """The URL of Debian's Postgres 15, on a Unix socket, as long as it is needed."""
    if not (DEBIAN_15 / "postgres").exists():
        pytest.skip(f"no Postgres 15 in {DEBIAN_15}: apt install postgresql-15")
    with running(directory, DEBIAN_15) as url:
        yield url
