"""Every regular expression of our own takes time in proportion to its input, whatever that is.

They are found by walking the modules and the phrases of each language; the inputs are made of each
pattern's own characters and words, over and over, so that a match is begun everywhere and never ends.
Patterns of strangers, in their sites' files, are matched in linear time, too.
"""

import ast
import importlib
import inspect
import pkgutil
import re
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from itertools import product
from types import ModuleType
from typing import Any, NamedTuple

import pytest
import regex

import ingester
from ingester import settings
from ingester.boilerplate import phrases
from ingester.extract import dates
from ingester.fetch import optouts
from ingester.fetch.robots import Rules

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # what re itself parses with
    import sre_parse

RATIO = 2.6
"""Of the time for twice the input; 2 is linear, 4 quadratic; between them stands the clock's noise."""

SIZES = (20, 6400)
SLOW_S = 0.004
"""Below it no ratio is taken: a quadratic pattern is far beyond it at the larger sizes."""

TRIES = 2
MOST_UNITS = 8
KINDS = ' \na1-<"'
"""One of each kind of character that patterns tell apart."""


class Own(NamedTuple):
    """A pattern, where it was found, and how its module uses it."""

    where: str
    pattern: Any
    methods: frozenset[str]


def own_patterns() -> Iterator[Own]:
    for module in modules():
        source = inspect.getsource(module)
        for name, value in vars(module).items():
            uses = frozenset(re.findall(rf"\b{re.escape(name)}\.(\w+)\(", source))
            for pattern in patterns_in(value):
                yield Own(f"{module.__name__}.{name}", pattern, uses)
        for literal, method in inline(source):
            yield Own(f"{module.__name__}: {literal}", re.compile(literal), frozenset([method]))
    for language in sorted(known_languages()):
        known = phrases.load(language, None)
        for pattern in patterns_in(known):
            yield Own(f"phrases of {language}", pattern, frozenset(["match"]))
        yield Own(f"dates of {language}", dates._named(known), frozenset(["search"]))


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(ingester.__path__, "ingester."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def known_languages() -> set[str]:
    return {file.stem for file in settings.shipped("config/boilerplate").glob("*.toml")} - {"any"}


def patterns_in(value: object) -> Iterator[Any]:
    if isinstance(value, re.Pattern | regex.Pattern):
        yield value
    elif isinstance(value, dict):
        yield from (found for item in value.values() for found in patterns_in(item))
    elif isinstance(value, tuple | list | frozenset | set):
        yield from (found for item in value for found in patterns_in(item))
    elif is_dataclass(value) and not isinstance(value, type):
        yield from (found for f in fields(value) for found in patterns_in(getattr(value, f.name)))


def inline(source: str) -> Iterator[tuple[str, str]]:
    """Patterns that stand where they are used: re.sub("...", ...)."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.func.attr != "compile"  # those have a name
            and node.args
            and isinstance(node.args[0], ast.Constant)
            and isinstance(node.args[0].value, str)
        ):
            yield node.args[0].value, node.func.attr


def inputs(pattern: Any) -> Iterator[Callable[[int], Any]]:
    """Makers of an input of about so many characters."""
    text = (
        pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    )
    units = pieces(text)
    for one, other in product(units, ["", *units]):
        yield made(pattern, one + other, "")
    for start, unit in product(words_of(text)[:4], units):
        yield made(pattern, unit, start)


def made(pattern: Any, unit: str, start: str) -> Callable[[int], Any]:
    def make(size: int) -> Any:
        text = start + unit * (size // len(unit)) + "\0"  # which nothing ends with
        return text if isinstance(pattern.pattern, str) else text.encode("utf-8", "replace")

    return make


def pieces(text: str) -> list[str]:
    """What the pattern's inputs are made of: its words, its characters, one of each kind."""
    signs = [
        sign for sign in dict.fromkeys(text) if sign not in "\\()[]{}?*+|^$." or f"\\{sign}" in text
    ]
    return list(dict.fromkeys([*words_of(text)[:3], *KINDS, *signs]))[:MOST_UNITS]


@cache
def words_of(text: str) -> list[str]:
    """Runs of literal characters, as re reads the pattern; where only regex can, its plain words."""
    try:
        return list(dict.fromkeys(literals(sre_parse.parse(text))))[:MOST_UNITS]
    except re.error:
        return list(dict.fromkeys(re.findall(r"(?<!\\)[a-zA-Z<>/]{2,}", text)))[:MOST_UNITS]


def literals(parsed: Any) -> Iterator[str]:  # re's own tree, which has no public type
    run = ""
    for operator, argument in parsed:
        if operator is sre_parse.LITERAL:
            run += chr(argument)
            continue
        if run:
            yield run
        run = ""
        yield from (word for part in nested(argument) for word in literals(part))
    if run:
        yield run


def nested(argument: object) -> Iterator[Any]:
    if isinstance(argument, sre_parse.SubPattern):
        yield argument
    elif isinstance(argument, tuple | list):
        yield from (found for part in argument for found in nested(part))


def uses(own: Own) -> Iterator[Callable[[Any], object]]:
    for method in ("match", "fullmatch"):
        if method in own.methods:
            yield getattr(own.pattern, method)
    if own.methods - {"match", "fullmatch", "pattern"} or not own.methods:
        yield lambda text: sum(1 for _ in own.pattern.finditer(text))


def seconds(use: Callable[[Any], object], text: object) -> float:
    began = time.process_time()
    use(text)
    return time.process_time() - began


def grows_too_fast(use: Callable[[Any], object], make: Callable[[int], Any]) -> bool:
    """Whether some size takes long, and twice of it more than twice as long."""
    for size in SIZES:
        if seconds(use, make(size)) > SLOW_S:
            return size == SIZES[0] or not any(
                seconds(use, make(2 * size)) <= RATIO * max(seconds(use, make(size)), SLOW_S)
                for _ in range(TRIES)
            )
    return False


FOUND = list({(own.pattern.pattern, own.methods): own for own in own_patterns()}.values())


def test_patterns_are_found() -> None:
    assert len(FOUND) > 80


@pytest.mark.parametrize("own", FOUND, ids=lambda own: own.where.removeprefix("ingester."))
def test_a_pattern_is_linear(own: Own) -> None:
    slow = [
        make(60) for use in uses(own) for make in inputs(own.pattern) if grows_too_fast(use, make)
    ]
    assert not slow, own.pattern.pattern


def test_a_quadratic_pattern_would_be_found() -> None:
    for bad in (r"\s+$", r"<a[^>]*b>", r"(a+)+$", r"(?:\w+\s?)+!"):
        own = Own("bad", re.compile(bad), frozenset(["search"]))
        use = next(uses(own))
        assert any(grows_too_fast(use, make) for make in inputs(own.pattern)), bad


def in_a_tdm_file(size: int) -> object:
    return optouts._fits("/" + "*a" * size + "b", "/" + "a" * size)


def in_robots_txt(size: int) -> object:
    rules = f"User-agent: *\nDisallow: /{'*a' * size}b"
    return Rules.read(rules.encode(), "Foo").allow(f"http://site.example/{'a' * size}")


@pytest.mark.parametrize("match", [in_a_tdm_file, in_robots_txt])
def test_a_stranger_s_pattern_is_matched_in_linear_time(match: Callable[[int], object]) -> None:
    size = 20_000
    assert seconds(match, size) < 10 * SLOW_S
    while seconds(match, size) < SLOW_S and size < 200_000:
        size *= 2
    assert min(seconds(match, 2 * size) for _ in range(TRIES)) <= RATIO * seconds(match, size)
