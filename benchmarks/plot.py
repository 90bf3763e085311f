"""Precision and recall of pairs against the score from which they are joined, as SVG."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from ingester.settings import Grouping
from tests.memory_archive import MemoryArchive

Curve = list[tuple[float, float, float]]
"""(score, precision, recall), ascending."""

_WIDE, _HIGH, _LEFT, _TOP = 300, 220, 46, 34
_RULE = Grouping()


def stories(archive: MemoryArchive) -> Curve:
    """Of edited copies, by story score; an article's name is its original's and its edit's."""
    original = {i: c.member.url.rpartition("/")[0] for i, c in archive.articles.items()}
    scored = [
        (r.story_score, original[a] == original[b]) for (a, b), r in archive.relations.items()
    ]
    wanted = sum(original[a] == original[b] for a, b in combinations(original, 2))
    scores, same = (np.array(side) for side in zip(*scored, strict=True))
    return _curve(scores, same, wanted)


def events(alike: np.ndarray, same: np.ndarray) -> Curve:
    """Of labelled articles, by event score of all pairs."""
    return _curve(alike, same, int(same.sum()))


def draw(of_stories: Curve, of_events: Curve) -> str:
    """Both curves side by side, each with the shipped threshold."""
    panels = [
        _panel(of_stories, "Copies, by story score (edited copies)", _RULE.join, 0),
        _panel(of_events, "Events, by event score (ECB+)", _RULE.event_join, _WIDE + 70),
    ]
    size = f'width="{2 * _WIDE + 150}" height="{_HIGH + 90}"'
    style = 'font-family="sans-serif" font-size="11" fill="#222"'
    body = "\n".join(panels)
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>\n{body}\n</svg>\n'


def _curve(scores: np.ndarray, same: np.ndarray, wanted: int) -> Curve:
    points = []
    for score in np.arange(0.05, 0.951, 0.01):
        joined = scores >= score
        hits = int((joined & same).sum())
        points.append((float(score), hits / max(1, int(joined.sum())), hits / wanted))
    return points


def _panel(curve: Curve, title: str, threshold: float, left: int) -> str:
    x, y = left + _LEFT, _TOP
    lines = [f'<text x="{x}" y="{y - 14}" font-weight="bold">{title}</text>']
    for tick in (0, 0.25, 0.5, 0.75, 1):
        at_y, at_x = y + _HIGH * (1 - tick), x + _WIDE * tick
        lines += [
            f'<path d="M{x} {at_y:.1f}h{_WIDE}" stroke="#ddd"/>',
            f'<text x="{x - 6}" y="{at_y + 4:.1f}" text-anchor="end">{tick:g}</text>',
            f'<text x="{at_x:.1f}" y="{y + _HIGH + 16}" text-anchor="middle">{tick:g}</text>',
        ]
    marked = x + _WIDE * threshold
    lines += [
        f'<path d="M{marked:.1f} {y}v{_HIGH}" stroke="#888" stroke-dasharray="3 3"/>',
        f'<text x="{marked + 3:.1f}" y="{y + _HIGH - 6}">{threshold:g}</text>',
        _line([(p[0], p[1]) for p in curve], "#1b6ca8", x, y),
        _line([(p[0], p[2]) for p in curve], "#c2571a", x, y),
        f'<text x="{x}" y="{y + _HIGH + 36}" fill="#1b6ca8">precision of pairs</text>',
        f'<text x="{x + 120}" y="{y + _HIGH + 36}" fill="#c2571a">recall of pairs</text>',
    ]
    return "\n".join(lines)


def _line(points: Sequence[tuple[float, float]], colour: str, x: int, y: int) -> str:
    steps = " ".join(
        f"{x + _WIDE * score:.1f},{y + _HIGH * (1 - share):.1f}" for score, share in points
    )
    return f'<polyline points="{steps}" fill="none" stroke="{colour}" stroke-width="2"/>'
