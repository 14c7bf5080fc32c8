"""What may have changed, as bets: each is a direction for every band, and a size in log-odds.

All answers at once; those of one class; the surest third, the middle, the least sure; and, of two classes, that one
of them has become more frequent than the model says, which makes answers of it right more often and the others wrong
more often. Of numbers: outcomes higher or lower than the model says, by thirds of the prediction too, and the model
off by more or by less. The more is bet on at once, the less each bet is worth: half of the money is on changes of
everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from jobs.relation.promises import Promises

Floats = npt.NDArray[np.float64]
SIZES = (0.3, 0.7, 1.5)
"""In log-odds beyond what is tolerated."""
What = Literal["answers", "third", "class", "toward", "outcomes", "third-of-outcomes", "errors", "third-of-errors"]
_TWO = 2
_STREAMS: tuple[tuple[tuple[What, What, int | None], ...], ...] = (
    (("answers", "third", None),),
    (("outcomes", "third-of-outcomes", 0), ("errors", "third-of-errors", 1)),
)
"""What is observed of a row, of classes and of numbers: all of it, a third of it, and the bands' group."""
_BROAD = frozenset({"answers", "toward", "outcomes", "errors"})


@dataclass(frozen=True)
class Pattern:
    """`which`: the third (0 to 2), or the class's position. `sign`: 1 more often right, higher, off by more; or -1."""

    what: What
    which: int
    sign: int


@dataclass(frozen=True)
class Bets:
    """`direction`: (patterns, bands), 1, -1, or 0 where nothing is bet. `weight`: (patterns, sizes), together 1."""

    patterns: tuple[Pattern, ...]
    direction: Floats
    weight: Floats


def bets(promised: Promises) -> Bets:
    """All that is bet on for a model."""
    found: dict[Pattern, Floats] = {}
    for whole, third, group in _STREAMS[promised.classes is None]:
        there = np.ones(len(promised.share)) if group is None else (promised.group == group).astype(np.float64)
        for sign in (1, -1):
            found[Pattern(whole, 0, sign)] = sign * there
            for level in np.unique(promised.level[there > 0]):
                found[Pattern(third, int(level), sign)] = sign * there * (promised.level == level)
    if promised.classes is not None:
        for one in (int(one) for one in np.unique(promised.group) if one >= 0):
            here = np.where(promised.group == one, 1.0, -1.0)
            for sign in (1, -1):
                found[Pattern("class", one, sign)] = sign * (here > 0).astype(np.float64)
            if len(promised.classes) == _TWO:
                found[Pattern("toward", one, 1)] = here
    broad = np.array([pattern.what in _BROAD for pattern in found])
    weight = np.where(broad, 0.5 / max(broad.sum(), 1), 0.5 / max((~broad).sum(), 1))
    weight = np.repeat((weight / weight.sum())[:, None] / len(SIZES), len(SIZES), axis=1)
    return Bets(tuple(found), np.stack(list(found.values())), weight)
