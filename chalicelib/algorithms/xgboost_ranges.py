"""The ranges of XGBoost's hyperparameters that are worth tuning, which relay.yaml need not name.

Plain values without the kinds of `xgboost.py`: every record's settings are filled in with them, so every start of a
Lambda imports them. From AWS's "Tune an XGBoost Model", narrowed where its upper ends only cost time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

DEFAULT_RANGES: Final[Mapping[str, Mapping[str, Any]]] = {
    "eta": {"min": 0.02, "max": 0.5, "scaling": "Logarithmic"},
    "max_depth": {"min": 2, "max": 10, "scaling": "Linear"},
    "min_child_weight": {"min": 0.5, "max": 30, "scaling": "Logarithmic"},
    "subsample": {"min": 0.5, "max": 1.0, "scaling": "Linear"},
    "colsample_bytree": {"min": 0.4, "max": 1.0, "scaling": "Linear"},
    "lambda": {"min": 0.01, "max": 100, "scaling": "Logarithmic"},
    "alpha": {"min": 0.001, "max": 10, "scaling": "Logarithmic"},
}
