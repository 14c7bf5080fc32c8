"""Confidence in steps: a fixed grid, even in log-odds, on which held-out rows and traffic are counted alike.

A confidence is first cut to a multiple of 2**-16 (exact in floating point), and a table says which bin that is. So a
row falls into the same bin on every machine, in every order and partition, and at the cost of two memory accesses.
Even in log-odds, because 0.98 and 0.998 are as far apart as 0.5 and 0.9; a bin is at most 0.016 wide.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

STEPS = 1 << 16
REACH = 8.0  # log-odds: 0.0003 to 0.9997; beyond that a share of errors cannot be told apart by thousands of rows
_FINE, _COARSE = 1 / 16, 1 / 4
_FEW_CLASSES = 20

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


def grid(classes: int) -> tuple[int, ...]:
    """The inner edges, ascending, in units of 2**-16; fewer for many classes, whose counts are kept one by one.

    >>> len(grid(2)), len(grid(100)), grid(100)[32] / STEPS
    (257, 65, 0.5)
    """
    step = _FINE if classes <= _FEW_CLASSES else _COARSE
    odds = np.exp(np.arange(-REACH, REACH + step / 2, step))
    return tuple(int(edge) for edge in np.ceil(STEPS * odds / (1 + odds)))


@lru_cache(maxsize=4)
def lookup(edges: tuple[int, ...]) -> IntArray:
    """Bin of every cut confidence 0 … STEPS; bin i holds edges[i - 1] <= value < edges[i]."""
    return np.searchsorted(np.array(edges), np.arange(STEPS + 1), side="right").astype(np.int64)


def log_odds(edges: tuple[int, ...]) -> FloatArray:
    """The log-odds in the middle of every bin (len(edges) + 1,), within REACH and half a step."""
    bounds = np.array([0, *edges, STEPS]) / STEPS
    middle = (bounds[:-1] + bounds[1:]) / 2
    return np.clip(np.log(middle / (1 - middle)), -REACH - 0.5, REACH + 0.5)


def cut(probability: FloatArray) -> IntArray:
    """Probabilities in 0 … 1 as whole multiples of 2**-16."""
    return (probability * STEPS).astype(np.int64)
