"""Texts with a row of words that was crafted under the public seed: alike to it, strangers to us."""

import pytest

from benchmarks import forgery
from ingester import minhash
from tests.memory_archive import MemoryArchive, sign
from tests.texts import dice, sentences

PUBLIC, SECRET, TRIED = 1, 0x5EC2E7, 100


@pytest.mark.parametrize("first", [True, False])
def test_texts_that_agree_under_the_public_seed_are_not_joined(first: bool) -> None:
    row = forgery.row(PUBLIC, TRIED)
    for number in range(20):
        own = [" ".join(sentences(dice(2 * number + side), 40)) for side in (0, 1)]
        texts = [forgery.forged(text, row, 400, first=first) for text in own]
        public, secret = (
            [set(sign(text, seed).keys) for text in texts] for seed in (PUBLIC, SECRET)
        )
        assert len(public[0] & public[1]) > minhash.PERMUTATIONS / 2 > len(secret[0] & secret[1])
        archive = MemoryArchive()
        for name, text in zip("ab", texts, strict=True):
            archive.place(name, sign(text, SECRET))
        assert len(archive.stories()) == 2
