"""How alike stories are in what they are about."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ingester import events
from ingester.events import GRID
from ingester.models import Member, Vector
from ingester.settings import Grouping
from ingester.stories.clustering import Matrix
from ingester.stories.dates import trusted

Unit = tuple[Member, ...]
"""A story's members. Stories, not articles, are what events are made of: forty copies of one
report are one witness."""

_DAY_S = 86_400
_TERM_BYTES = 8
_NONE = np.zeros(1, np.int64)


def likeness(rows: Sequence[Unit], columns: Sequence[Unit], rule: Grouping) -> Matrix:
    """The mean likeness of each row's members to each column's: 0 to 1, on the grid.

    Two members' likeness is the cosine of their term vectors; a story's dates make it fade.
    """
    terms = _telling_terms(rows, columns)
    left = _profile(rows, terms)
    alike = left @ (left if columns is rows else _profile(columns, terms)).T
    faded = alike * _fading(_days(rows), _days(columns), rule.event_half_life_days)
    return np.round(np.clip(faded, 0, 1) * GRID) / GRID


def _telling_terms(rows: Sequence[Unit], columns: Sequence[Unit]) -> NDArray[np.int64]:
    """Terms that can stand on both sides."""
    ascending = np.sort(events.terms(_joined(rows if len(rows) <= len(columns) else columns)))
    new = np.ones(len(ascending) + 1, bool)  # whether a term differs from the one before it
    new[1:-1] = ascending[1:] != ascending[:-1]
    first, last = new[:-1], new[1:]
    return ascending[first & ~last] if rows is columns else ascending[first]


def _joined(units: Sequence[Unit]) -> Vector:
    """The members' vectors, one after the other."""
    vectors = [member.vector for unit in units for member in unit]
    return Vector(b"".join(v.terms for v in vectors), b"".join(v.weights for v in vectors))


def _profile(units: Sequence[Unit], terms: NDArray[np.int64]) -> Matrix:
    """Each unit's mean weight of each of the terms."""
    joined = _joined(units)
    lengths = [sum(len(member.vector.terms) for member in unit) // _TERM_BYTES for unit in units]
    row = np.repeat(np.arange(len(units)), lengths)
    share = np.repeat([1 / len(unit) for unit in units], lengths)
    term = events.terms(joined)
    headed = np.concatenate((_NONE, terms))  # the column for what is none of them
    column = np.searchsorted(terms, term, "right")
    column[headed[column] != term] = 0
    weight = events.weights(joined) * share
    cell = row * len(headed) + column
    flat = np.bincount(cell, weight, len(units) * len(headed)).astype(np.float64)
    return flat.reshape(len(units), len(headed))[:, 1:]


def _days(units: Sequence[Unit]) -> Matrix:
    """When each was first published, in days; NaN where that is not known."""
    dates = [[at.timestamp() for member in unit if (at := trusted(member))] for unit in units]
    return np.array([min(known) / _DAY_S if known else np.nan for known in dates])


def _fading(rows: Matrix, columns: Matrix, half_life: float) -> Matrix:
    apart = np.abs(rows[:, None] - columns[None, :])
    return np.where(np.isnan(apart), 1.0, 0.5 ** (apart / half_life))
