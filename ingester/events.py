"""What an article is about: its terms, weighted by how rare they are and how early they stand."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache, partial
from itertools import chain
from typing import NamedTuple

import numpy as np
import regex
import xxhash
from numpy.typing import NDArray

from ingester.models import Vector
from ingester.words import tokens

VOCABULARY = "wordfreq3/large/stem6-names/2"
"""Where document frequencies come from; vectors of different vocabularies can't be compared."""

PREFIX = 6
"""Letters of a word that count: what inflection changes stands behind them in most languages.
Source: docs/grouping.md, "Events"; 6 to 8 differ by less than .005 of AUC."""

NAME_WEIGHT = 2
"""A word that the text writes with a capital alone counts twofold: names tell happenings apart.
Source: docs/grouping.md, "Events"; 1.3 to 2.5 are alike."""

LEAD, LEAD_WEIGHT, READ = 60, 8, 200
"""A word among the first 60 counts eightfold; after 200 a report has turned to background."""

OPENING = READ * 8
"""Characters of a text that hold about as many words as are read."""

IDF_POWER = 1.25
TERM_KEYS = 12
_DOCUMENT = 300  # words of a usual report, to turn a word's frequency into a document's
_RAREST = 1e-8  # the least frequency that the word lists record; an unknown word has it
_RAREST_GRAM = 1e-6  # of an unknown n-gram: most of them lie across two words
_COMMON = 0.7  # terms of lower idf stand in half of all reports: they tell nothing
GRID = float(1 << 20)
"""Scores and weights are whole multiples of 1 / GRID: the same as float32 in the database."""

# Languages whose nouns and names change their last letters by case or number, and how many letters
# that leaves of a short one at least. Source: docs/grouping.md, "Events".
_CASES = dict.fromkeys(
    ["ar", "be", "cs", "el", "et", "fa", "fi", "hi", "hr", "hu", "hy", "ka", "kk", "la", "lt", "lv",
     "pl", "ro", "ru", "sh", "sk", "sl", "sr", "tr", "uk", "ur"], 4
) | {"ko": 2}  # fmt: skip
_ENDING = 2  # letters of most case endings
# Articles and prepositions that are written as one with the word. Source for Arabic: Larkey, L. et
# al. (2002), Improving stemming for Arabic information retrieval (light stemming).
_JOINED = {
    "ar": regex.compile(r"^(?:[وفبك]?ال|لل|و(?=...))(?=..)"),
    "he": regex.compile(r"^[והבלכש]{1,2}(?=....)"),
}

_UNSPACED = frozenset({"ja", "zh"})  # languages with a list whose words are written together
_LISTED_AS = {"no": "nb", "nn": "nb", "sr": "sh", "hr": "sh", "bs": "sh"}


class Frequencies(NamedTuple):
    """A language's terms by ascending hash, and how often each stands in running text."""

    terms: NDArray[np.uint64]
    shares: NDArray[np.float64]
    rarest: float


def describe(
    title: Sequence[str], body: Sequence[str], names: Collection[str], language: str | None
) -> tuple[Vector, tuple[int, ...]]:
    """The article's term vector, and the keys of its most telling terms, most telling first.

    A key is the low 32 bits of a term's hash, signed.

    `title` and `body` are tokens; `names` are those of them that the article writes as names.
    """
    stemmed = partial(stem, language=primary(language))
    counts = _counts([*title, *body][:READ], stemmed)
    if not counts:
        return Vector(b"", b""), ()
    hashed = np.fromiter(map(term_hash, counts), np.uint64, len(counts))
    rarity = -np.log(-np.expm1(-_DOCUMENT * _shares(list(counts), hashed, language)))
    amounts = 1 + np.log(np.fromiter(counts.values(), np.float64, len(counts)))
    named = set(map(stemmed, names))
    factor = np.fromiter((NAME_WEIGHT if term in named else 1 for term in counts), np.float64)
    return _vector(hashed, np.where(rarity < _COMMON, 0, factor * amounts * rarity**IDF_POWER))


def terms(vector: Vector) -> NDArray[np.int64]:
    """The hashes of a vector's terms, ascending."""
    return np.frombuffer(vector.terms, "<i8")


def weights(vector: Vector) -> NDArray[np.float32]:
    """The weights of a vector's terms, in the terms' order."""
    return np.frombuffer(vector.weights, "<f4")


def term_hash(term: str) -> int:
    """A term's 64-bit hash, unsigned, the same in every language and archive."""
    return xxhash.xxh3_64_intdigest(term.encode())


def primary(language: str | None) -> str:
    """The primary tag of a text's language, or "" where it is not known."""
    return (language or "").partition("-")[0].casefold()


def stem(word: str, language: str) -> str:
    """The part of a word that names the thing; `language` is a primary tag, or "" if unknown."""
    if language in _JOINED:
        word = _JOINED[language].sub("", word)
    if language in _CASES:
        return word[: max(_CASES[language], min(PREFIX, len(word) - _ENDING))]
    return word[:PREFIX]


def _counts(words: Sequence[str], stemmed: Callable[[str], str]) -> Counter[str]:
    found = list(map(stemmed, words))
    counts = Counter(found)
    for term in found[:LEAD]:
        counts[term] += LEAD_WEIGHT - 1
    return counts


def _vector(
    hashed: NDArray[np.uint64], amounts: NDArray[np.float64]
) -> tuple[Vector, tuple[int, ...]]:
    kept = amounts > 0
    ids, known = hashed[kept].view(np.int64), amounts[kept]
    ascending = np.argsort(ids)
    ids, known = ids[ascending], known[ascending]
    unit = np.round(known / (np.linalg.norm(known) or 1) * GRID) / GRID
    telling = np.argsort(-unit, kind="stable")[:TERM_KEYS]
    packed = Vector(ids.astype("<i8").tobytes(), unit.astype("<f4").tobytes())
    return packed, tuple(ids[telling].astype(np.int32).tolist())


def _shares(
    terms: Sequence[str], hashed: NDArray[np.uint64], language: str | None
) -> NDArray[np.float64]:
    known = frequencies(primary(language))
    if known is None:
        return np.array([_share_by_length(term) for term in terms])
    at = np.minimum(np.searchsorted(known.terms, hashed), len(known.terms) - 1)
    return np.where(known.terms[at] == hashed, known.shares[at], known.rarest)


def _share_by_length(term: str) -> float:
    """How frequent a word of this length is, where nothing else is known of it.

    Source: a line through the mean logarithmic frequency of running words by length in wordfreq's
    lists of English, German, Spanish, Russian, Finnish, Turkish, Polish, Arabic and Hindi.
    """
    return float(10 ** -(3 + 0.3 * min(len(term), 7)))


@lru_cache(maxsize=64)  # more than there are lists
def frequencies(language: str) -> Frequencies | None:
    """The primary language's word frequencies, summed over words that share a term; None: not known.

    Takes .1 to 1.5 s once per language and process, and keeps some 16 bytes a term.
    Source: Speer, R. (2022), wordfreq 3.0, doi:10.5281/zenodo.7199437.
    """
    import wordfreq  # noqa: PLC0415 - two tenths of a second that few commands need

    path = wordfreq.available_languages("best").get(_LISTED_AS.get(language, language))
    if path is None:
        return None
    hashed, shares = _listed(wordfreq.read_cBpack(path), language)
    terms, term_of = np.unique(hashed, return_inverse=True)
    rarest = _RAREST_GRAM if language in _UNSPACED else _RAREST
    return Frequencies(terms, np.bincount(term_of, shares).astype(np.float64), rarest)


def _listed(
    by_centibel: Sequence[Sequence[str]], language: str
) -> tuple[NDArray[np.uint64], NDArray[np.float64]]:
    """The term of each listed word, hashed, and its frequency: the index in the list, in -1/100 decades."""
    found = [
        [
            term_hash(stem(token, language))
            # no n-gram lies across two lines: a list is split at once
            for token in (tokens("\n".join(listed)) if language in _UNSPACED else listed)
        ]
        for listed in by_centibel
    ]
    shares = [10 ** (-centibels / 100) for centibels in range(len(found))]
    return (
        np.fromiter(chain.from_iterable(found), np.uint64),
        np.repeat(shares, list(map(len, found))),
    )
