import subprocess
import sys
import unicodedata

import pytest
from datasketch import MinHash

from ingester import minhash, words
from ingester.models import Signed
from ingester.settings import Grouping
from tests.memory_archive import article, sign
from tests.texts import dice, edited, sentences

RULE = Grouping()
TEXT = " ".join(sentences(dice(1), 30))


def jaccard(one: Signed, other: Signed) -> float:
    """As datasketch itself estimates it."""
    first, second = (MinHash(hashvalues=it.values, scheme="affine64") for it in (one, other))
    return float(first.jaccard(second))


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Don't stop: 1,000 STRASSE, straße!", ["don", "t", "stop", "1", "000", "strasse", "strasse"]),
        ("Ｆｕｌｌ ｗｉｄｔｈ ﬁne", ["full", "width", "fine"]),
        ("Zeit\u00adung می\u200cخواهم", ["zeitung", "میخواهم"]),
        ("हिन्दी में समाचार", ["हिन्दी", "में", "समाचार"]),
        ("中国新闻", ["中国", "国新", "新闻"]),
        ("Apple、ニュースを発表", ["apple", "ニュー", "ュース", "ースを", "発表"]),
        ("สวัสดี", ["สวัส", "วัสด", "ัสดี"]),
        ("дом, 2 дома", ["дом", "2", "дома"]),
        (" …!? ", []),
        ("", []),
    ],
)  # fmt: skip
def test_words_of_every_script(text: str, tokens: list[str]) -> None:
    assert words.tokens(text) == tokens


@pytest.mark.parametrize(
    "text", ["Don't, straße 1½", "Apple、ニュースを発表", "ข่าว 2026 ข่าว", "x", "…a—B\x1cc-", ""]
)
def test_every_token_stands_where_its_span_says(text: str) -> None:
    found = [text[start:end] for start, end in words.spans(text)]
    assert [unicodedata.normalize("NFKC", piece).casefold() for piece in found] == words.tokens(
        text
    )


def test_composed_and_decomposed_spelling_are_one_text() -> None:
    text = "Le café a été fermé à Besançon " * 10
    assert (
        sign(unicodedata.normalize("NFD", text)).body_sha256
        == sign(unicodedata.normalize("NFC", text)).body_sha256
    )


def test_layout_case_and_punctuation_do_not_change_the_body_hash() -> None:
    spelt, typed = sign("The mayor, he said, resigns."), sign("the MAYOR he said\n\nresigns")
    assert spelt.body_sha256 == typed.body_sha256
    assert sign("The mayor resigns.").body_sha256 != sign("The mayor resigned.").body_sha256


def test_a_signature_estimates_how_much_two_texts_share() -> None:
    other = edited(TEXT, 0.05, dice(2))
    a, b = (
        set(minhash.shingles(minhash.hashes(words.tokens(t)), 5).tolist()) for t in (TEXT, other)
    )
    exact = len(a & b) / len(a | b)
    assert jaccard(sign(TEXT), sign(other)) == pytest.approx(exact, abs=0.2)
    assert jaccard(sign(TEXT), sign(TEXT)) == 1


def test_texts_without_a_common_shingle_share_no_key() -> None:
    others = [sign(" ".join(sentences(dice(n), 30))) for n in range(2, 60)]
    assert not any(set(sign(TEXT).keys) & set(other.keys) for other in others)


def test_a_key_is_bound_to_its_position() -> None:
    signed = sign(TEXT)
    assert len(signed.values) == len(set(signed.keys)) == minhash.PERMUTATIONS
    assert all(-(2**63) <= key < 2**63 for key in signed.keys)
    assert all(0 <= value < 2**64 for value in signed.values)


@pytest.mark.parametrize("seed", [0, 1, 2**32 - 1, 2**63 - 1, -5])
def test_a_signature_belongs_to_its_archive(seed: int) -> None:
    assert sign(TEXT, seed) == sign(TEXT, seed)
    assert not set(sign(TEXT, seed).keys) & set(sign(TEXT, seed + 7).keys)


def test_the_whole_seed_counts() -> None:
    assert not set(sign(TEXT, 5).keys) & set(sign(TEXT, 5 + 2**32).keys)


def test_short_texts_have_a_hash_and_no_signature() -> None:
    under = sign(" ".join(["word"] * (RULE.min_tokens - 1)))
    assert (under.values, under.keys, under.tokens) == ((), (), RULE.min_tokens - 1)
    assert len(under.body_sha256) == 32
    assert sign(" ".join(["word"] * RULE.min_tokens)).keys


def test_long_texts_are_signed_piece_by_piece_with_the_same_result(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = sign(TEXT).values
    monkeypatch.setattr(minhash, "_BATCH", 17)
    assert sign(TEXT).values == whole


def test_what_is_signed_is_the_text_without_soft_boilerplate() -> None:
    with_advice = article(f"{TEXT}\n\nRead more in our app.", signed_text=TEXT)
    assert minhash.sign(with_advice, 1, RULE).keys == sign(TEXT).keys


def test_importing_costs_no_scipy() -> None:
    code = "import sys, ingester.minhash, ingester.stories; print('scipy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
