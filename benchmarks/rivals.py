"""Other ways to find copies, with the settings that their makers publish, beside ours.

The heavier packages' band and row numbers run through datasketch: what they find depends on these
numbers and on the shingles (words, five at a time) alone. Whatever shares a bucket is one group, as
their pipelines have it. Sources: datasketch 2 (its default of 128 permutations); text-dedup's
MinHash defaults (threshold .7, 250 permutations, which datasketch's own optimum makes 25 bands of
10); datatrove's MinhashConfig (14 buckets of 8); for titles, PostgreSQL's pg_trgm and its default
similarity threshold of .3 would join whole topics, so .5 is tried.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any

from datasketch import MinHash, MinHashLSH

from ingester import words
from ingester.stories.clustering import component

Find = Callable[[Mapping[str, str]], dict[str, int]]
_SIMILAR_TITLES = 0.5


def lsh(**settings: Any) -> Find:
    """Groups by a MinHashLSH of these settings."""
    return lambda texts: _grouped(texts, _bucket_mates(texts, settings))


def titles(texts: Mapping[str, str]) -> dict[str, int]:
    """Groups by the Jaccard index of the trigrams of the texts' first lines."""
    grams = {name: _trigrams(text.partition("\n")[0]) for name, text in texts.items()}
    alike = [
        (a, b)
        for a, b in combinations(texts, 2)
        if len(grams[a] & grams[b]) >= _SIMILAR_TITLES * len(grams[a] | grams[b])
    ]
    return _grouped(texts, alike)


RIVALS: dict[str, Find] = {
    "datasketch LSH at .5": lsh(threshold=0.5, num_perm=128),
    "datasketch LSH at .3": lsh(threshold=0.3, num_perm=128),
    "text-dedup (25 x 10)": lsh(params=(25, 10), num_perm=250),
    "datatrove (14 x 8)": lsh(params=(14, 8), num_perm=112),
    "title trigrams": titles,
}


def _bucket_mates(texts: Mapping[str, str], settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    index, mates = MinHashLSH(**settings), []
    for name, text in texts.items():
        signature = MinHash(num_perm=settings["num_perm"])
        tokens = words.tokens(text)
        runs = {" ".join(tokens[i : i + 5]).encode() for i in range(max(1, len(tokens) - 4))}
        signature.update_batch(sorted(runs))
        mates += [(name, other) for other in index.query(signature)]
        index.insert(name, signature)
    return mates


def _trigrams(title: str) -> set[str]:
    padded = f"  {title.casefold()} "
    return {padded[i : i + 3] for i in range(len(padded) - 2)}


def _grouped(texts: Mapping[str, str], links: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Each name's group, by everything that touches."""
    near: dict[str, list[tuple[str, str]]] = {}
    for link in links:
        for end in link:
            near.setdefault(end, []).append(link)
    groups: dict[str, int] = {}
    for number, name in enumerate(texts):
        if name not in groups:
            groups |= dict.fromkeys(component([name], links) if name in near else [name], number)
    return groups
