"""Labelled articles and pairs: JSONL files, read strictly, because a wrong label is a wrong figure."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

from ingester import importing
from ingester.errors import ConfigurationError
from ingester.models import Failed, Imported, Page

_LABELS = {"gold_story": ("gold_story",), "gold_event": ("gold_event", "gold")}


@dataclass(frozen=True, slots=True)
class Row:
    """An article of the file: its story and its event, each None where the file tells none.

    `text` is "" for one that is given as a page.
    """

    id: str
    entry: Imported
    page: Page
    text: str
    story: str | None
    event: str | None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two articles, and whether they belong together."""

    a: Page
    b: Page
    label: bool


def articles(path: Path) -> list[Row]:
    """The rows {id, text, title?, published?, outlet?, url?, gold_story?, gold_event?} of a file.

    `gold` stands for gold_event. A label may be absent, null or blank: then the article is placed with the
    others, and not measured. Raises ConfigurationError, with file and line, for the first row that can't
    be used, and where no row has a label: mend it and try again.
    """
    rows: list[Row] = []
    seen: dict[str, str] = {}
    for where, values in _lines(path):
        rows.append(_row(values, where, seen))
    if all(row.story is None and row.event is None for row in rows):
        raise ConfigurationError(f'{path}: no row has a "gold_story" or "gold_event" (or "gold")')
    return rows


def pairs(path: Path) -> Iterator[Pair]:
    """The pairs {a: {text, title?, published?}, b: {...}, label: 0 or 1} of a file; as `articles`."""
    for where, values in _lines(path):
        label = values.get("label")
        if label not in (0, 1):
            _refuse(where, f'"label" is {label!r}; expected 0, 1, true or false')
        yield Pair(_side(values, "a", where), _side(values, "b", where), bool(label))


def _lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}; name a readable file") from None
    if not any(map(bytes.strip, lines)):
        raise ConfigurationError(f"{path}: no row; expected one JSON object a line")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            values = json.loads(line)
        except (ValueError, RecursionError) as error:
            _refuse(where, f"not JSON: {error}")
        if not isinstance(values, dict):
            _refuse(where, "not a JSON object")
        yield where, values


def _row(values: dict[str, Any], where: str, seen: dict[str, str]) -> Row:
    if values.get("id") is None:
        _refuse(where, 'no "id"')
    name = str(values["id"])
    if name in seen:
        _refuse(where, f"the id {name!r} stands at {seen[name]} too")
    seen[name] = where
    story, event = (_label(values, names, where) for names in _LABELS.values())
    entry, page = _page(values, f"gold/{len(seen)}", where)
    return Row(name, entry, page, values.get("text") or "", story, event)


def _label(values: dict[str, Any], names: tuple[str, ...], where: str) -> str | None:
    for name in names:
        value = values.get(name)
        if isinstance(value, str) and not value.strip():
            continue
        if isinstance(value, str | int):
            return str(value)
        if value is not None:
            _refuse(where, f'"{name}" is neither text nor a whole number')
    return None


def _side(values: dict[str, Any], name: str, where: str) -> Page:
    if not isinstance(values.get(name), dict):
        _refuse(where, f'"{name}" is no object; expected {{"text": ...}}')
    return _page(values[name], name, where)[1]


def _page(values: dict[str, Any], name: str, where: str) -> tuple[Imported, Page]:
    """The page under a URL of its own: two rows of one URL are two articles here."""
    entry, page = importing.item({**values, "url": None}, name)
    if isinstance(page, Failed):
        _refuse(where, page.detail.partition(": ")[2])
    if (values.get("published") or "").strip() and page.published is None:
        _refuse(where, f'"published" is {values["published"]!r}; expected a date in ISO 8601')
    title = (page.title or "").strip()
    only_title = title != "" and page.body.decode("utf-8", "replace").strip() == title
    return entry, replace(page, title=None) if only_title else page


def _refuse(where: str, fault: str) -> NoReturn:
    raise ConfigurationError(f"{where}: {fault}")
