"""One booster as an ensemble of one: what `algorithm: xgboost` has trained, in the form in which ensembles are served.

The booster stays as XGBoost wrote it, its start and its gains in it; so its margins are asked and nothing is added to
them. There was nobody to compare it with while it was trained: it has no contestants.
"""

from __future__ import annotations

import numpy as np
import xgboost as xgb

from jobs.ensemble import binary_json, merging, model
from jobs.ensemble.document import EnsembleDocument
from jobs.ensemble.losses import width


def document(booster: xgb.Booster, classes: int) -> EnsembleDocument:
    """ensemble.json of this booster; `classes` is 0 for numbers."""
    learner = binary_json.read(bytes(booster.save_raw("ubj")))["learner"]["gradient_booster"]
    grown = learner.get("gbtree", learner)["model"].get("trees")  # DART has them one level deeper, a line has none
    nodes, branches = (1, 1) if grown is None else merging.sizes_of(grown)
    summed = model.sum_document(None, np.zeros(width(classes)), trees=True)
    return {
        "version": model.VERSION,
        "members": [],
        "sum": {**summed, "linear": True} if grown is None else summed,
        "scaling": None,
        "calibration": {"scale": 1.0, "shift": [0.0] * width(classes)},
        "unit": {"centre": 0.0, "spread": 1.0},
        "decision": None,
        "interval": None,
        "nodes": nodes,
        "branches": branches,
        "contestants": [],
        "notes": [],
    }
