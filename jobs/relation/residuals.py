"""How far a regression was off on held-out rows: the "residuals" of answers.json, and a later one's place in them.

By bands of the prediction, because large predictions are mostly off by more. A place is a share from 0 to 1 whose
mean is one half as long as nothing changes, however heavy the tails: of the residual itself (outcomes lie higher or
lower than before), and of its distance from the band's median (the model is off by more or by less).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from jobs.documents.answers import ResidualBand, Residuals
from jobs.metrics.predictions import Predictions

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
MOST_BANDS, ROWS_OF_A_BAND, QUANTILES = 5, 100, 101


def residuals(predictions: Predictions) -> Residuals | None:
    """The "residuals" of answers.json; None for classes, and where nothing was held out."""
    if predictions.task != "regression" or not predictions.rows:
        return None
    predicted = predictions.predicted.astype(np.float64)
    off = predictions.actual - predicted
    bands = max(1, min(MOST_BANDS, predictions.rows // ROWS_OF_A_BAND))
    edges = np.unique(np.quantile(predicted, np.arange(1, bands) / bands))
    places = np.searchsorted(edges, predicted, side="right")
    filled = [place for place in range(len(edges) + 1) if (places == place).any()]
    return {
        "edges": [float(edges[place - 1]) for place in filled[1:]],
        "bands": [_band(off[places == place]) for place in filled],
    }


def _band(off: Floats) -> ResidualBand:
    levels = np.linspace(0, 1, QUANTILES)
    signed = np.quantile(off, levels)
    absolute = np.quantile(np.abs(off - np.median(off)), levels)
    return {"rows": len(off), "signed": _figures(signed), "absolute": _figures(absolute)}


def _figures(values: Floats) -> list[float]:
    return [float(f"{value:.8g}") for value in values]


def place(values: Floats, quantiles: Sequence[float]) -> Floats:
    """The share (rows,) of the held-out rows that lie below each value, ties by half.

    >>> place(np.array([-1.0, 5.0, 11.0]), list(range(11))).round(2).tolist()
    [0.0, 0.5, 1.0]
    """
    known = np.asarray(quantiles)
    below, until = (np.searchsorted(known, values, side=side) for side in ("left", "right"))
    return np.asarray((below + until) / 2 / len(known))
