"""How far a prediction may be off: intervals that hold the truth as often as they say, from out-of-fold errors.

Split conformal prediction (Vovk, Gammerman and Shafer, "Algorithmic Learning in a Random World", 2005), by bands of the
prediction, because large numbers err more than small ones. It asks nothing of the errors' distribution; it does ask
that rows to come are like those that were learned from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

COVERAGE = 0.9
_BANDS, _ROWS_A_BAND = 10, 50


@dataclass(frozen=True)
class Interval:
    """Half the width of the interval, by bands of the prediction: `halves` has one more than `edges`."""

    edges: tuple[float, ...]
    halves: tuple[float, ...]
    coverage: float = COVERAGE

    def around(self, predictions: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """(rows,) to (rows, 2): lower and upper end."""
        half = np.array(self.halves)[np.searchsorted(self.edges, predictions, side="right")]
        return np.column_stack([predictions - half, predictions + half])


def interval(predictions: npt.NDArray[np.float64], actual: npt.NDArray[np.float64]) -> Interval:
    """From predictions (rows,) of models that have not seen the rows."""
    bands = max(1, min(_BANDS, len(actual) // _ROWS_A_BAND))
    edges = np.unique(np.quantile(predictions, np.arange(1, bands) / bands))
    band = np.searchsorted(edges, predictions, side="right")
    errors = np.abs(predictions - actual)
    halves = [_upper(errors[band == place]) for place in range(len(edges) + 1)]
    return Interval(tuple(edges.tolist()), tuple(halves))


def _upper(errors: npt.NDArray[np.float64]) -> float:
    """The quantile with the correction for how few errors there are."""
    rank = min(len(errors), int(np.ceil((len(errors) + 1) * COVERAGE)))
    return float(np.sort(errors)[rank - 1]) if len(errors) else 0.0
