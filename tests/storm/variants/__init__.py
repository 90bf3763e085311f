"""The product, broken on purpose: `python -m tests.storm.variants NAME ARGUMENTS...`.

A folder for each variant holds the named queries that are changed, and schema.sql, which takes the
constraints away that would refuse them. The storm's checks must catch each one.
"""

from functools import cache
from pathlib import Path

from ingester import cli
from ingester.store import archive


def install(name: str) -> None:
    """Let a variant's queries stand for the product's."""
    sound, folder = archive.sql, Path(__file__).parent / name

    @cache
    def broken(query: str) -> str:
        own = folder / f"{query}.sql"
        return archive.for_driver(own.read_text(encoding="utf-8")) if own.exists() else sound(query)

    archive.sql = broken


def main(name: str, *arguments: str) -> None:
    """Run the product with a variant's queries."""
    install(name)
    cli.main(arguments)
