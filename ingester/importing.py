"""Readers of archives: folders of .html and .txt, JSONL of pages, gzip'd or not, as pages to read.

Every file and every row becomes one item, in a stable order; one that can't be read becomes a
`Failed` that names it.
"""

import gzip
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingester import urls
from ingester.errors import ConfigurationError
from ingester.models import Failed, Imported, Moment, Page, Reason

Item = tuple[Imported, Page | Failed]

_MEDIA_TYPES = {".html": "text/html", ".htm": "text/html", ".txt": "text/plain"}
_ROWS = {".jsonl", ".ndjson"}
_CLOCK = re.compile(r"[Tt ]\d\d(:?\d\d(?P<second>:?\d\d)?)?")
_ZERO = datetime(1970, 1, 1, tzinfo=UTC)  # of Unix' clock
_LONGEST_BODY = 50_000_000
_FIRST_NEWS = 1605  # Relation, Strasbourg; earlier ones are a program's zero
_READ_ERRORS = (OSError, EOFError, zlib.error)


def read(paths: Iterable[Path]) -> Iterator[Item]:
    """The items of files and folders, folders in the order of their names.

    Raises ConfigurationError where a path is not there, or is of a kind that is not read.
    """
    for path in paths:
        if not path.exists():
            raise ConfigurationError(f"{path}: no such file or folder")
        if path.is_dir():
            yield from _folder(path)
        elif _kind(path) in _ROWS:
            yield from rows(path, path.name)
        elif _kind(path) in _MEDIA_TYPES:
            yield _file(path, path.name)
        else:
            raise ConfigurationError(
                f"{path}: not a kind that is read; expected .html, .txt or .jsonl, or one of them .gz"
            )


def rows(path: Path, name: str) -> Iterator[Item]:
    """The rows of a JSONL file: {url?, html | text, title?, published?, outlet?}.

    A file that can't be read to its end gives a last, failed item that says so.
    """
    number = 0
    try:
        with _open(path) as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield row(line, f"{name}#{number}")
    except _READ_ERRORS as error:
        yield _unreadable(f"{name}#{number + 1}", f"{path}: {error}")


def row(line: bytes, name: str) -> Item:
    """One row; `name` tells it in messages, and stands for its URL where it has none."""
    try:
        return item(json.loads(line), name)
    except (ValueError, RecursionError) as error:
        return _unreadable(name, f"{name}: not JSON: {error}")


def item(values: Any, name: str) -> Item:
    """One row's values, as `row`."""
    fault = _fault(values)
    if fault:
        return _unreadable(name, f"{name}: {fault}")
    url = urls.canonical(values["url"]) if values.get("url") else f"import:{name}"
    if url is None:
        return _unreadable(name, f"{name}: no web address: {values['url'][:200]}")
    entry = Imported(
        url=url,
        title=values.get("title"),
        published=claimed(values.get("published")),
        outlet=values.get("outlet"),
    )
    media_type = "text/html" if values.get("html") else "text/plain"
    body = (values.get("html") or values.get("text") or "").encode("utf-8", "replace")
    return entry, page_of(entry, body, media_type, charset="utf-8")


def claimed(value: str | None) -> Moment | None:
    """A time as an archive claims it, in ISO 8601; None where it is none, or before there was news."""
    clock = _CLOCK.search(value or "")
    try:
        at = datetime.fromisoformat(value or "")
        zoned = at.tzinfo is not None
        at = at.astimezone(UTC) if zoned else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    if at.year < _FIRST_NEWS or (clock and at == _ZERO):
        return None
    if clock is None:
        midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
        return Moment(midnight, "day", zoned=False, source="archive", raw=value or "")
    return Moment(at, "second" if clock["second"] else "minute", zoned, "archive", value or "")


def page_of(entry: Imported, body: bytes, media_type: str, charset: str | None) -> Page:
    """The page of an imported entry."""
    return Page(
        url=entry.url,
        body=body,
        media_type=media_type,
        charset=charset,
        fetched_at=datetime.now(UTC),
        title=entry.title,
        published=entry.published,
        outlet=entry.outlet,
    )


def _folder(folder: Path) -> Iterator[Item]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder.parent).as_posix()
        if not path.is_file():
            continue
        if _kind(path) in _ROWS:
            yield from rows(path, name)
        elif _kind(path) in _MEDIA_TYPES:
            yield _file(path, name)


def _file(path: Path, name: str) -> Item:
    try:
        with _open(path) as file:
            body = file.read(_LONGEST_BODY)
    except _READ_ERRORS as error:
        return _unreadable(name, f"{path}: {error}")
    entry = Imported(f"import:{name}", None, None, None)
    return entry, page_of(entry, body, _MEDIA_TYPES[_kind(path)], charset=None)


def _open(path: Path) -> Any:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


def _kind(path: Path) -> str:
    return Path(path.stem).suffix.lower() if path.suffix == ".gz" else path.suffix.lower()


def _unreadable(name: str, detail: str) -> Item:
    entry = Imported(f"import:{name}", None, None, None)
    return entry, Failed("parse", Reason.BAD_INPUT, detail, retry=False)


def _fault(values: object) -> str | None:
    """What is wrong with a row, or None."""
    if not isinstance(values, dict):
        return "not a JSON object"
    for key in ("url", "html", "text", "title", "published", "outlet"):
        if not isinstance(values.get(key), str | None):
            return f'"{key}" is no text'
    if values.get("html") is None and values.get("text") is None:
        return 'neither "html" nor "text"'
    return None
