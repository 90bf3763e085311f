import hashlib

import numpy as np
import pytest

from ingester import events
from ingester.models import Vector
from ingester.words import tokens
from tests.memory_archive import sign
from tests.texts import dice, sentences

LEAD = "Volcano Katla erupts near Vik as thousands flee the ash. "
BACKGROUND = "The government said on Monday that people should stay at home until further notice. "


def like(a: Vector, b: Vector) -> float:
    weights = weighted(a)
    return sum(weights.get(term, 0) * weight for term, weight in weighted(b).items())


def weighted(made: Vector) -> dict[int, float]:
    terms, weights = events.terms(made).tolist(), events.weights(made).tolist()
    return dict(zip(terms, weights, strict=True))


def vector(text: str, language: str | None = "en") -> Vector:
    return sign(text, language=language).vector


def test_vectors_are_of_unit_length_and_ascending() -> None:
    made = vector(LEAD + BACKGROUND)
    assert sum(weight**2 for weight in weighted(made).values()) == pytest.approx(1, abs=1e-4)
    assert list(weighted(made)) == sorted(weighted(made))


def test_weights_lie_on_the_grid_so_that_their_sums_are_exact() -> None:
    for weight in weighted(vector(LEAD + BACKGROUND)).values():
        assert (weight * events.GRID).is_integer()


def test_rare_words_tell_more_than_common_ones() -> None:
    keys = sign(LEAD + BACKGROUND).term_keys
    place = {
        term: keys.index(key)
        for term in ("katla", "people")
        if (key := int(np.int64(signed_hash(term)).astype(np.int32))) in keys
    }
    assert place["katla"] < place.get("people", len(keys))
    assert signed_hash("the") not in events.terms(vector(LEAD))


def signed_hash(word: str) -> int:
    hashed = events.term_hash(events.stem(word, "en"))
    return hashed - 2**64 if hashed >= 2**63 else hashed


def test_what_stands_first_weighs_more() -> None:
    filler = " ".join(sentences(dice(3), 8))
    early, late = vector(LEAD + filler), vector(filler + " " + LEAD)
    assert like(vector(LEAD), early) > like(vector(LEAD), late) + 0.1


def test_the_title_counts_as_the_beginning() -> None:
    filler = " ".join(sentences(dice(3), 8))
    titled = sign(filler, title=LEAD).vector
    assert like(vector(LEAD), titled) > like(vector(LEAD), vector(filler)) + 0.1


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("ru", "Извержение вулкана началось", "извержения вулканов начались"),
        ("de", "Vulkanausbruch bedroht Dörfer", "Vulkanausbrüche bedrohten das Dorf"),
    ],
)
def test_inflected_forms_are_one_term(language: str, one: str, other: str) -> None:
    assert like(vector(one, language), vector(other, language)) > 0.5


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("ru", "иран ирана ирану ираном иране"),
        ("uk", "одеса одеси одесу одесі"),
        ("pl", "iran iranu iranem iranie"),
        ("ko", "서울은 서울이 서울에"),
        ("ar", "القاهرة والقاهرة بالقاهرة قاهرة"),
        ("he", "ירושלים בירושלים לירושלים ובירושלים"),
    ],
)
def test_a_name_is_one_term_in_its_cases(language: str, forms: str) -> None:
    assert len({events.stem(form, language) for form in forms.split()}) == 1


def test_what_is_written_as_a_name_weighs_twofold() -> None:
    named = weighted(vector("Katla woke Herdis up. Then they left the reef alone for good."))
    plain = weighted(vector("katla woke herdis up. then they left the reef alone for good."))
    term, other = signed_hash("katla"), signed_hash("reef")
    ratio = (named[term] / named[other]) / (plain[term] / plain[other])
    assert ratio == pytest.approx(events.NAME_WEIGHT, rel=1e-4)


@pytest.mark.parametrize("language", ["en", "no", "sr", "ja", "zh"])
def test_languages_whose_frequencies_are_known(language: str) -> None:
    assert events.frequencies(language) is not None


@pytest.mark.parametrize(("language", "same"), [("en-GB", "en"), ("zh-TW", "zh"), ("RU", "ru")])
def test_a_region_changes_no_vector(language: str, same: str) -> None:
    assert vector(LEAD, language) == vector(LEAD, same)


@pytest.mark.parametrize("language", [None, "", "th", "xx", "tlh-Latn"])
def test_other_languages_get_their_words_length_for_frequency(language: str | None) -> None:
    made = vector("a volcano erupted", language)
    weight = weighted(made)
    assert weight[signed_hash("volcano")] > weight[signed_hash("a")]


def test_a_word_is_one_term_in_all_languages() -> None:
    assert vector("Katla", "en").terms == vector("Katla", "is").terms


def test_nothing_has_no_terms() -> None:
    assert events.describe([], [], (), "en") == (Vector(b"", b""), ())
    assert events.describe([], tokens("the of and"), (), "en")[1] == ()


def test_term_keys_are_few() -> None:
    assert len(sign(" ".join(sentences(dice(4), 30))).term_keys) == events.TERM_KEYS


@pytest.mark.parametrize(
    ("language", "terms", "sum_of_logarithms"),
    [
        ("en", "6235a70492426384", -1525891.4),
        ("ru", "390990cb5510aae7", -1271564.5),
        ("ar", "c78ed20fa5fd7d9c", -1230719.5),
        ("zh", "e024304dcc192b12", -1960238.3),
    ],
)
def test_frequencies_are_those_of_the_vocabularys_version(
    language: str, terms: str, sum_of_logarithms: float
) -> None:
    """Where they become others, by a new list or stem, `events.VOCABULARY` has to be another name."""
    assert events.VOCABULARY == "wordfreq3/large/stem6-names/2"
    known = events.frequencies(language)
    assert known is not None
    assert hashlib.sha256(known.terms.tobytes()).hexdigest()[:16] == terms
    assert float(np.log10(known.shares).sum()) == pytest.approx(sum_of_logarithms, abs=0.1)
