"""Where the bins of a column of numbers lie, and what can be read off them: quantiles, and bins fit to be drawn.

Inside a bin values are taken as evenly spread. Nothing is compared here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from jobs.profiles.counts import Counts
from jobs.profiles.grid import lower_ends, values_of
from jobs.profiles.profile import Reference

Floats = npt.NDArray[np.float64]
_DRAWN = 20
_TAIL = 0.01


@dataclass(frozen=True)
class Scale:
    """The ends of every bin, one more than bins, not decreasing. Of whole numbers the upper end belongs to the next."""

    ends: Floats
    integer: bool

    @classmethod
    def of(cls, reference: Reference, counts: Counts) -> Scale | None:
        """The bins of a numeric reference, as far as training and traffic reach; None where neither has a value."""
        lows = [low for low in (reference.low, counts.low) if low is not None]
        highs = [high for high in (reference.high, counts.high) if high is not None]
        if not lows or not highs:
            return None
        integer = reference.integer
        top = math.floor(max(highs)) + 1.0 if integer else max(highs)
        ends = np.concatenate([[min(lows)], _begins(reference)[1:], [top]])
        return cls(np.maximum.accumulate(ends.clip(min(lows), top)), integer)

    @property
    def middles(self) -> Floats:
        """Where the rows of each bin lie on average."""
        return (self.ends[:-1] + self.ends[1:] - (1.0 if self.integer else 0.0)) / 2

    def quantile(self, rows: npt.NDArray[np.int64], share: float) -> float:
        """The value below which `share` of the rows lie. `rows` by bin, at least one."""
        upto = np.cumsum(rows)
        wanted = share * int(upto[-1])
        place = int(np.searchsorted(upto, wanted, side="left"))
        while not rows[place]:
            place += 1
        low, high = float(self.ends[place]), float(self.ends[place + 1])
        part = (wanted - (int(upto[place]) - int(rows[place]))) / int(rows[place])
        if self.integer:
            return float(math.floor(low + min(part, 1 - 1e-9) * (high - low)))
        return low + part * (high - low)

    def drawn(
        self, one: npt.NDArray[np.int64], other: npt.NDArray[np.int64]
    ) -> tuple[list[str], list[float], list[float]]:
        """Labels and both samples' shares in some 20 bins of equal width, the outer two holding the tails as well."""
        low = min(self.quantile(one, _TAIL), self.quantile(other, _TAIL))
        high = max(self.quantile(one, 1 - _TAIL), self.quantile(other, 1 - _TAIL))
        if self.integer:
            step = max(1.0, float(math.ceil((high + 1 - low) / _DRAWN)))
            edges = np.arange(low, high + 1 + step, step)[: _DRAWN + 1]
        else:
            edges = np.linspace(low, high, _DRAWN + 1) if high > low else np.array([low, low])
        labels = [_label(a, b, integer=self.integer) for a, b in pairwise(edges.tolist())]
        return labels, self._shares(one, edges), self._shares(other, edges)

    def _shares(self, rows: npt.NDArray[np.int64], edges: Floats) -> list[float]:
        upto = np.concatenate([[0.0], np.cumsum(rows) / rows.sum()])
        inner = np.interp(edges[1:-1], self.ends, upto)
        found: list[float] = np.diff(np.concatenate([[0.0], inner, [1.0]])).round(6).tolist()
        return found


def _begins(reference: Reference) -> Floats:
    ends = reference.centre + lower_ends(reference.keys)
    if not reference.integer:
        return ends
    is_above = values_of(reference.keys) >= 0
    return np.where(is_above, np.ceil(ends), np.floor(ends) + 1)


def _label(low: float, high: float, *, integer: bool) -> str:
    if integer and high - low <= 1:
        return number(low, 1.0)
    return f"{number(low, high - low)} – {number(high - 1 if integer else high, high - low)}"


def number(value: float, step: float | None = None) -> str:
    """A number as a mail shows it: about four figures, or as many as tell it from its neighbour a `step` away.

    >>> [number(x) for x in (34.0, 0.123456, 1234567.0, -2.5e-9)]
    ['34', '0.1235', '1,235,000', '-2.5e-09']
    """
    size = abs(value)
    figures = min(15, max(4, math.ceil(math.log10(size / step)) + 2)) if step and size > step > 0 else 4
    if size and not 1e-4 <= size < 1e12:
        return f"{value:.{figures}g}"
    if value == int(value) and size < 10 ** max(figures, 5):
        return f"{value:,.0f}"
    decimals = max(0, figures - 1 - math.floor(math.log10(size))) if size else 0
    rounded = round(value, figures - 1 - math.floor(math.log10(size))) if size else 0.0
    text = f"{rounded:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(share: float) -> str:
    """A share as a mail shows it: 0 % is none at all and 100 % is all.

    >>> [percent(x) for x in (0.0, 0.0004, 0.021, 0.5, 0.9998, 1.0)]
    ['0 %', '0.04 %', '2.1 %', '50 %', '99.98 %', '100 %']
    """
    if 0.999 < share < 1:
        shown = f"{100 * share:.{-math.floor(math.log10(100 * (1 - share)))}f}"
    else:
        shown = f"{100 * share:.3g}" if share < 0.001 else f"{100 * share:.1f}".removesuffix(".0")
    return f"{shown} %"


def widest_move(labels: Sequence[str], one: Sequence[float], other: Sequence[float]) -> int:
    """The place of the bin whose share moved most."""
    return max(range(len(labels)), key=lambda place: abs(other[place] - one[place]))
