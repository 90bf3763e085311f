"""What is no article text, by language: the shipped phrases and the user's own."""

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from ingester import settings
from ingester.boilerplate import lines
from ingester.boilerplate.kinds import KINDS, REFUSED, SOFT
from ingester.errors import ConfigurationError

_SHARED = ("any", "en")
"""Read for every page: English interface words stand in pages of all languages."""

_QUOTES = frozenset("\"'“”„«»‘‚‹「『")
_SIGNS = frozenset("©℗@#")
_LISTED = "#. "
_LISTS = frozenset(
    [
        "months",
        "date_words",
        "published_words",
        "modified_words",
        "by",
        "nobody",
        "age_split",
        "age_rest",
    ]
)
_KINDS = frozenset(KINDS) | REFUSED
_HEADS = range(2, 6)
"""How many letters of a phrase's beginning tell whether a line may be it."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A phrase with gaps: its parts stand in a line in this order.

    `needle`: the longest part. `word`: its longest word that has a space on both sides, or "".
    `words`, `letters`: how many it has without its gaps.
    """

    kind: str
    parts: tuple[str, ...]
    needle: str
    word: str
    words: int
    letters: int

    def tells(self, least: int) -> bool:
        """Whether it has so many words; a soft one, which takes nothing out of a text, need not."""
        return self.words >= least or self.kind in SOFT

    def matches(self, line: str) -> bool:
        """Whether `line` (in its normal form) has the parts, the first at its start if not empty."""
        if not (line.startswith(self.parts[0]) and line.endswith(self.parts[-1])):
            return False
        at = len(self.parts[0])
        for part in self.parts[1:-1]:
            found = line.find(part, at)
            if found < 0:
                return False
            at = found + len(part)
        return len(line) - at >= len(self.parts[-1])


@dataclass(frozen=True, slots=True)
class Phrases:
    """The phrases of one or more languages, ready to match: `framed` by heads, `loose` by words."""

    exact: Mapping[str, frozenset[str]]
    framed: Mapping[str, tuple[Pattern, ...]]
    loose: Mapping[str, tuple[Pattern, ...]]
    months: Mapping[str, int]
    date_words: frozenset[str]
    published_words: frozenset[str]
    modified_words: frozenset[str]
    by: tuple[str, ...]
    nobody: frozenset[str]
    age: re.Pattern[str]
    age_split: frozenset[str]

    def kinds(self, line: str, least: int = 0) -> frozenset[str]:
        """The kinds of which `line` is; none for most lines, and for what somebody says.

        `least`: the words that a phrase with gaps must have to tell.
        """
        if line[:1] in _QUOTES and lines.is_prose(line):
            return frozenset()
        plain = lines.normal(line).removeprefix(_LISTED)
        found = {each.kind for each in self._matching(plain) if each.tells(least)}
        return self.exact.get(plain, frozenset()) | found

    def mostly(self, line: str) -> frozenset[str]:
        """The kinds of the phrases that are half of `line` at least."""
        plain = lines.normal(line).removeprefix(_LISTED)
        most = (each for each in self._matching(plain) if 2 * each.letters >= len(plain))
        return self.exact.get(plain, frozenset()) | {each.kind for each in most}

    def _matching(self, plain: str) -> Iterator[Pattern]:
        """The phrases with gaps that a line, in its normal form, has."""
        near = (each for size in _HEADS for each in self.framed.get(plain[:size], ()))
        every = chain(near, *self.loose.values())
        return (each for each in every if each.needle in plain and each.matches(plain))

    def within(self, text: Iterable[str]) -> "Phrases":
        """These, without the loose ones that stand nowhere in `text`: the same for its lines, faster."""
        plain = "\n".join(map(lines.normal, text))
        words = {"", *plain.split()} & self.loose.keys()
        near = ((word, each) for word in words for each in self.loose[word])
        return replace(
            self, loose=_grouped((at, each) for at, each in near if each.needle in plain)
        )


@cache
def load(language: str | None, folder: Path | None, kinds: AbstractSet[str] = _KINDS) -> Phrases:
    """The phrases of `kinds` to hold against a page in `language` (None: of all languages).

    `folder`: the user's own.
    Raises ConfigurationError, naming the file, where one is no TOML or holds no lists of strings.
    """
    tables = [*_tables(settings.shipped("config/boilerplate"), language)]
    if folder is not None:
        tables += _tables(folder, language)
    return _compiled(tables, kinds)


def _tables(folder: Path, language: str | None) -> Iterator[dict[str, Any]]:
    names = sorted(path.stem for path in folder.glob("*.toml"))
    for name in names:
        if language is None or name in {*_SHARED, language}:
            yield _table(folder / f"{name}.toml")


@cache
def _table(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}; name a readable file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: not TOML: {error}") from None
    for name, values in {**table, **table.get("phrases", {})}.items():
        if name != "phrases" and not _strings(values):
            raise ConfigurationError(f"{path}: {name}: write a list of strings")
    _check_names(path, "key", table.keys() - {"phrases"}, _LISTS)
    _check_names(path, "kind", table.get("phrases", {}).keys(), _KINDS)
    return table


def _check_names(path: Path, what: str, found: AbstractSet[str], known: AbstractSet[str]) -> None:
    for name in sorted(found - known):
        near = difflib.get_close_matches(name, known, n=1) or sorted(known)
        raise ConfigurationError(f"{path}: unknown {what} {name}; did you mean {near[0]}?")


def _strings(values: object) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def _compiled(tables: list[dict[str, Any]], kinds: AbstractSet[str]) -> Phrases:
    exact: dict[str, frozenset[str]] = {}
    framed: list[tuple[str, Pattern]] = []
    loose: list[tuple[str, Pattern]] = []
    for kind, phrase in _phrases(tables, kinds):
        parts = _parts(phrase)
        if len(parts) == 1:
            exact[parts[0]] = exact.get(parts[0], frozenset()) | {kind}
            continue
        needle = max(parts, key=len)
        word = max(needle.split(" ")[1:-1], key=len, default="")
        pattern = Pattern(
            kind, parts, needle, word, lines.words(" ".join(parts)), sum(map(len, parts))
        )
        if len(parts[0]) >= _HEADS.start:
            framed.append((parts[0][: _HEADS[-1]], pattern))
        else:
            loose.append((pattern.word, pattern))
    return Phrases(
        exact=exact,
        framed=_grouped(framed),
        loose=_grouped(loose),
        months=dict(_months(tables)),
        date_words=_words(tables, "date_words"),
        published_words=_words(tables, "published_words"),
        modified_words=_words(tables, "modified_words"),
        by=tuple(sorted(_words(tables, "by"), key=len, reverse=True)),
        nobody=_words(tables, "nobody"),
        age=_age(_words(tables, "age_split"), _words(tables, "age_rest")),
        age_split=_words(tables, "age_split"),
    )


def _grouped(found: Iterable[tuple[str, Pattern]]) -> dict[str, tuple[Pattern, ...]]:
    """The patterns by what each is looked up by."""
    groups: dict[str, list[Pattern]] = {}
    for key, pattern in found:
        groups.setdefault(key, []).append(pattern)
    return {key: tuple(patterns) for key, patterns in groups.items()}


def _phrases(
    tables: Iterable[dict[str, Any]], kinds: AbstractSet[str]
) -> Iterator[tuple[str, str]]:
    for table in tables:
        for kind, phrases in table.get("phrases", {}).items():
            if kind in kinds:
                yield from ((kind, phrase) for phrase in phrases)


def _parts(phrase: str) -> tuple[str, ...]:
    """The phrase's pieces between its stars, made plain as lines are; one where it has no star.

    Raises ConfigurationError where it would match any line, or more than it says.
    """
    first, *rest = lines.folded(phrase).split("*")
    if not rest:
        return (lines.normal(phrase),)
    *between, last = rest
    parts = (lines.bare(first, left=True), *between, lines.bare(last, left=False))
    if last and not parts[-1]:
        raise ConfigurationError(
            f'the phrase "{phrase}": lines are matched without their last "{last}"; end it with letters'
        )
    if not any(any(map(str.isalnum, part)) or set(part) & _SIGNS for part in parts):
        raise ConfigurationError(f'the phrase "{phrase}" would match any line; write letters in it')
    return parts


def _words(tables: Iterable[dict[str, Any]], name: str) -> frozenset[str]:
    return frozenset(word for table in tables for word in table.get(name, ()))


def _months(tables: Iterable[dict[str, Any]]) -> Iterator[tuple[str, int]]:
    for table in tables:
        for number, names in enumerate(table.get("months", ()), start=1):
            yield from ((name.replace("_", " "), number) for name in names.split())


def _age(split: frozenset[str], rest: frozenset[str]) -> re.Pattern[str]:
    """An age notice at the start of a line, with the first sentence glued to it or not."""
    first, second = (_alternatives(words) for words in (split, rest))
    sentence = r"(?=\s*$|\s*[\"“‘«']?(?-i:[^\W\d_a-z]))"
    return re.compile(rf"\s*(?P<whole>{first}\s+)?{second}{sentence}", re.IGNORECASE)


def _alternatives(words: frozenset[str]) -> str:
    ordered = sorted(words, key=lambda word: (-len(word), word))
    escaped = (re.escape(word).replace(r"\ ", r"\s+").replace(r"\#", r"\d+") for word in ordered)
    return f"(?:{'|'.join(escaped) or '(?!)'})"
