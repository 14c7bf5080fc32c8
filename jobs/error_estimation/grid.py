"""Sizes in steps: a grid that is even in their logarithm, on which expected and real errors are counted alike.

A step is an eighth: a bin holds what is within 13 per cent, and its middle stands for it. Counts of bins are integers,
which add up to the same in any order and partition of the traffic.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

STEP, REACH = 0.125, 8.0
BINS = int(2 * REACH / STEP) + 1
"""The first is everything below, nothing at all included: e**-8 of the mean error is none."""

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
MIDDLES: FloatArray = (np.arange(BINS) - BINS // 2) * STEP
"""Logarithms, over the unit."""


def bins(logarithms: FloatArray) -> IntArray:
    """The bin of each."""
    nearest = np.nan_to_num(np.rint(logarithms / STEP), nan=0.0, posinf=BINS, neginf=-BINS)
    found: IntArray = np.clip(nearest.astype(np.int64) + BINS // 2, 0, BINS - 1)
    return found
