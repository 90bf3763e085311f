"""A plot of quality over time as SVG, without a plotting library."""

import math
from collections.abc import Iterable, Sequence
from html import escape

WIDTH, HEIGHT, MARGIN = 760, 460, 60
INK, QUIET, OURS = "#333", "#ddd", "#c0392b"

Point = tuple[str, float, float]


def drawn(points: Sequence[Point]) -> str:
    """Name, milliseconds and F1 of each extractor as dots: quick is left, good is up."""
    low = 5 * math.floor(min(f1 for _, _, f1 in points) / 5)
    slow = max(ms for _, ms, _ in points)
    parts = [*_grid(low, slow), *(part for p in points for part in _dot(p, low, slow))]
    box = f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {box}>'
    return "\n".join(
        [head, f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>', *parts, "</svg>\n"]
    )


def _x(ms: float, slow: float) -> float:
    return MARGIN + (WIDTH - 3 * MARGIN) * math.log(max(1.0, ms)) / math.log(slow)


def _y(f1: float, low: float) -> float:
    return HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * (f1 - low) / (100 - low)


def _grid(low: float, slow: float) -> Iterable[str]:
    for f1 in range(int(low), 101, 5):
        y = _y(f1, low)
        yield f'<path d="M{MARGIN} {y:.0f}H{WIDTH - MARGIN}" stroke="{QUIET}"/>'
        yield f'<text x="{MARGIN - 8}" y="{y + 4:.0f}" text-anchor="end" fill="{INK}">{f1}</text>'
    for ms in (m for m in (1, 3, 10, 30, 100, 300, 1000) if m <= slow):
        x = _x(ms, slow)
        yield f'<path d="M{x:.0f} {MARGIN}V{HEIGHT - MARGIN}" stroke="{QUIET}"/>'
        yield f'<text x="{x:.0f}" y="{HEIGHT - MARGIN + 18}" text-anchor="middle" fill="{INK}">{ms}</text>'
    centre = f'x="{WIDTH / 2}" y="{HEIGHT - 15}" text-anchor="middle"'
    yield f'<text {centre} fill="{INK}">CPU ms a page, mean</text>'
    yield f'<text x="{MARGIN - 8}" y="{MARGIN - 20}" text-anchor="end" fill="{INK}">F1, %</text>'


def _dot(point: Point, low: float, slow: float) -> Iterable[str]:
    name, ms, f1 = point
    x, y = _x(ms, slow), _y(f1, low)
    colour = OURS if name == "ours" else INK
    yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{colour}"/>'
    yield f'<text x="{x + 9:.1f}" y="{y + 4:.1f}" fill="{colour}">{escape(name)}</text>'
