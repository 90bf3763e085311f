"""Texts forged under the public seed: alike to it, strangers to us. `make bench-forgery`, in small."""

import pytest

from benchmarks import forgery
from tests.texts import dice, sentences

TRIED = 50


@pytest.mark.parametrize("way", forgery.WAYS)
@pytest.mark.parametrize("count", [8, 16, 40])
def test_forged_texts_are_not_joined(way: str, count: int) -> None:
    rows = forgery.rows(forgery.PUBLIC, TRIED)
    for number in range(3):
        own = [" ".join(sentences(dice(2 * number + side), count)) for side in (0, 1)]
        pair = forgery.WAYS[way](own[0], own[1], rows, dice(number))
        assert not forgery.tried(pair).joined


def test_a_row_forges_a_signature_under_the_seed_that_it_was_made_for() -> None:
    row = forgery.rows(forgery.PUBLIC, TRIED).once
    own = [" ".join(sentences(dice(side), 25)) for side in (0, 1)]
    made = forgery.tried((f"{own[0]} {row}", f"{own[1]} {row}"))
    assert made.public > 0.5 > made.secret
