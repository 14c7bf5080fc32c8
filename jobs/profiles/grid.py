"""A grid for any numbers at all: their distance from a centre, to eight significant bits.

The upper half of a float32 (sign, exponent, seven bits of fraction) is a code that keeps the order of numbers, and
reading it costs nothing: no search for a bin, no division, no guess about the scale. There are 128 cells between a
distance and its double, so that a cell is never wider than 1/128 of how far it lies from the centre. With the centre
inside the data that resolves the bulk of a distribution and its tails alike; integers up to 256 away have a cell each.
A column that lies in tight clusters far from each other is resolved in one of them only (`best_centre` picks the one
that tells most apart).

A cell's *key* is its place in order, 0 to 65,535. What cannot be a number for the model (NaN, infinities, and what is
beyond float32) has keys at both ends, outside LOWEST..HIGHEST, and counts as missing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
CELLS = 1 << 16
_SIGN = CELLS >> 1
_INFINITY = 0x7F80
LOWEST, HIGHEST = _SIGN - _INFINITY + 1, _SIGN + _INFINITY - 1
"""Keys of the finite cells. The cell of the centre itself is _SIGN: -0.0 and 0.0 share it."""

_LITTLE_ENDIAN_UPPER = 1


def codes(values: Floats, centre: float) -> npt.NDArray[np.uint16]:
    """The upper half of each distance as a float32: one pass, no branch; a view that steps over the lower halves."""
    with np.errstate(over="ignore", invalid="ignore"):
        distances = (values - centre).astype("<f4")
    return distances.view("<u2")[_LITTLE_ENDIAN_UPPER::2]


def keys(values: Floats, centre: float) -> npt.NDArray[np.int64]:
    """The key of each value: equal for equal values, and never smaller for a larger value.

    >>> keys(np.array([-1.0, -0.0, 0.0, 1.0, 1.001]), 0.0) - keys(np.array([0.0]), 0.0)
    array([-16256,      0,      0,  16256,  16256])
    """
    return _KEY_OF_CODE[codes(values, centre)]


def values_of(places: npt.NDArray[np.int64]) -> Floats:
    """By key, the distance nearest to the centre in a cell: its lower end above the centre, its upper end below it."""
    magnitudes = (np.abs(places - _SIGN) << 16).astype("<u4").view("<f4").astype(np.float64)
    return np.where(places >= _SIGN, magnitudes, -magnitudes)


def lower_ends(places: npt.NDArray[np.int64]) -> Floats:
    """Where cells begin, as distances. Below the centre the end itself belongs to the cell before."""
    return values_of(np.where(places >= _SIGN, places, places - 1))


def table(first_keys: Sequence[int]) -> npt.NDArray[np.uint8]:
    """The bin of every code. Bin i begins at first_keys[i] (increasing); the outer bins reach to the ends.

    Codes of what is missing get the bin after the last. At most 255 bins.
    """
    starts = [LOWEST, *first_keys[1:], HIGHEST + 1]
    by_key = np.full(CELLS, len(first_keys), dtype=np.uint8)
    by_key[LOWEST : HIGHEST + 1] = np.repeat(np.arange(len(first_keys), dtype=np.uint8), np.diff(starts))
    return by_key[_KEY_OF_CODE]


def best_centre(sample: Floats) -> float:
    """Of a few quantiles, the one around which the fewest pairs of values share a cell; the median where equal.

    `sample`: at least one value, all finite.
    """
    ordered = np.sort(sample)
    candidates = [float(ordered[int(share * (len(ordered) - 1))]) for share in (0.5, 0.25, 0.75, 0.05, 0.95)]
    return min(candidates, key=lambda centre: _shared(ordered, centre))


def _shared(ordered: Floats, centre: float) -> float:
    ends = np.flatnonzero(np.diff(keys(ordered, centre), append=-1))
    shares = np.diff(ends, prepend=-1) / len(ordered)
    return round(float(np.square(shares).sum()), 3)


def _key_of_code() -> npt.NDArray[np.int64]:
    code = np.arange(CELLS)
    return np.where(code < _SIGN, _SIGN + code, CELLS - code).clip(0, CELLS - 1)


_KEY_OF_CODE = _key_of_code()
