"""What a page's JSON-LD says: the node of its article, and values as the texts they stand for."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from html import unescape
from typing import Any

from ingester.boilerplate import lines
from ingester.extract import document

Node = Mapping[str, Any]

_ARTICLE = re.compile(r"(?:Article|Posting|Report|Review|Recipe|Story)$")
_LOOSE = re.compile(r",\s*+([}\]])")
_OPENS = re.compile(r"\s*+(?:<!--|(?://)?<!\[CDATA\[)")
_CLOSES = re.compile(r"(?:-->|\]\]>)\s*+(?:;\s*+)?$")  # a "//" before it would make the search slow
_INNER = ("@graph", "mainEntity", "mainEntityOfPage", "itemReviewed")
_NODES = 500


def article(scripts: Iterable[str], headings: Collection[str]) -> Node:
    """The article's node, best the one whose headline is among `headings`; empty if there is none.

    Where several have such a headline, the first with the types of all: a live blog is often an article too.
    """
    every = list(_nodes(scripts))
    nodes = [node for node in every if _is_article(node)]
    keys = {lines.key(heading) for heading in headings}
    fit = [node for node in nodes if lines.key(text(node.get("headline")) or "") in keys]
    if not nodes:
        return {}
    chosen = {**(fit or nodes)[0]}
    if fit:
        chosen["@type"] = [name for node in fit for name in _types(node)]
    if "author" in chosen:
        chosen["author"] = _named(chosen["author"], every)
    return chosen


def _named(value: object, nodes: Iterable[Node]) -> list[object]:
    """The people of an article; of one who is only referred to by @id, the node with the name."""
    names = {
        node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and "name" in node
    }
    every = value if isinstance(value, list) else [value]
    return [names.get(_reference(each), each) for each in every]


def _reference(value: object) -> object:
    """The @id of a node without a name, or None."""
    at = value.get("@id") if isinstance(value, dict) and "name" not in value else None
    return at if isinstance(at, str) else None


def text(value: object) -> str | None:
    """A value as text, entities resolved: its own, its first item's, its @value or name."""
    for _ in range(3):
        if isinstance(value, list):
            value = value[0] if value else None
        if isinstance(value, dict):
            value = value.get("@value") or value.get("name")
    return lines.tidy(document.clean(unescape(value))) or None if isinstance(value, str) else None


def body(node: Node) -> str:
    """The text that an article's node holds, its line breaks kept; "" where it holds none."""
    said = node.get("articleBody")
    return document.clean(unescape(said)) if isinstance(said, str) else ""


def names(value: object) -> Iterator[str]:
    """The names of people or organisations, without those that are addresses."""
    for each in value if isinstance(value, list) else [value]:
        inner = each.get("name") if isinstance(each, dict) else None
        said = map(text, inner if isinstance(inner, list) else [each])
        yield from (name for name in said if name and not is_url(name))


def people(value: object) -> list[object]:
    """Of a value's nodes those that are not declared to be an organisation."""
    every = value if isinstance(value, list) else [value]
    return [each for each in every if not (isinstance(each, dict) and _is_organisation(each))]


def urls(value: object) -> Iterator[str]:
    """The URLs of things."""
    for each in value if isinstance(value, list) else [value]:
        said = each.get("url") or each.get("contentUrl") if isinstance(each, dict) else each
        if isinstance(said, str) and said:
            yield said


def is_url(name: str) -> bool:
    """Whether what should be a name is an address or a handle."""
    return name.startswith(("http://", "https://", "/", "www.", "@"))


def _nodes(scripts: Iterable[str]) -> Iterator[dict[str, Any]]:
    """All objects of all scripts, graphs opened, at most so many."""
    waiting = [_value(script) for script in scripts]
    seen = 0
    while waiting and seen < _NODES:
        node = waiting.pop(0)
        seen += 1
        if isinstance(node, list):
            waiting[:0] = node[:_NODES]
        elif isinstance(node, dict):
            yield node
            waiting += [node[key] for key in _INNER if key in node]


def _value(raw: str) -> Any:
    """The value of a script that may have line breaks in strings, envelopes and loose commas."""
    opened = _OPENS.match(raw)
    inner = _CLOSES.sub("", raw[opened.end() :] if opened else raw)
    bare = inner.removesuffix("//").strip().rstrip(";")
    with suppress(ValueError, RecursionError):
        return json.loads(bare, strict=False)
    with suppress(ValueError, RecursionError):
        return json.loads(_LOOSE.sub(r"\1", bare), strict=False)
    return None


def _is_organisation(node: Node) -> bool:
    return any(name.endswith("Organization") for name in _types(node))


def _is_article(node: Node) -> bool:
    return any(map(_ARTICLE.search, _types(node)))


def _types(node: Node) -> list[str]:
    said = node.get("@type")
    return [name for name in (said if isinstance(said, list) else [said]) if isinstance(name, str)]
