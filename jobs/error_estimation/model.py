"""The model of an error's size: from a row and its answer to the mean of |error|, learned on rows the model never saw.

Direct loss estimation, the idea that NannyML made known (DLE). Here a few small trees on a log scale with the gamma
distribution's deviance, which asks that errors are off by factors: a large error where errors are large is no news.
Five models, each without a fifth of the rows, in one booster: what each says of its own fifth tells how far the sizes
hold (`held_out`), and how far the five differ how sure they are. All five answer, and a row counts a fifth in each.
"""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from jobs.error_estimation.features import Features, Floats, Matrix

if TYPE_CHECKING:
    import xgboost as xgb

    from jobs.documents.answers import ErrorModel

DOCUMENT = "errors.json"
"""Its file in an artifact."""
FOLDS = 5
MOST_ROUNDS, _PATIENCE = 60, 12
MOST_CELLS = 4_000_000
"""Rows times features that are learned from: more would take minutes and say the same."""
_FORM = {"eta": 0.2, "max_depth": 4, "lambda": 1.0, "tree_method": "hist", "max_bin": 128, "base_score": 0.0}
_ONE_ROW_FEWEST, _SHARE_FEWEST = 10, 0.005
_SEED, _THREADS = 0, 2
_SMALLEST = 1e-6
"""Of the mean size: an error of nothing has no logarithm."""

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Sizes:
    """The model: expected sizes of errors, in the unit `unit` (the mean size of those that it was learned from)."""

    features: Features
    booster: Any
    unit: float

    def log_sizes(self, matrix: Matrix) -> Floats:
        """(rows, FOLDS): the logarithm of the expected size, over `unit`."""
        found = self.booster.inplace_predict(matrix, predict_type="margin", validate_features=False)
        return np.asarray(found, np.float64).reshape(len(matrix), -1)

    def to_document(self) -> ErrorModel:
        """As answers.json holds it: XGBoost's binary JSON, packed."""
        packed = base64.b64encode(zlib.compress(bytes(self.booster.save_raw("ubj")), 9)).decode()
        return {"features": self.features.to_document(), "unit": self.unit, "trees": packed}

    @classmethod
    def read(cls, document: ErrorModel) -> Sizes:
        """What `to_document` wrote."""
        import xgboost as xgb  # half a second, which a check of classes must not pay

        booster = xgb.Booster(params={"nthread": 1})
        booster.load_model(bytearray(zlib.decompress(base64.b64decode(document["trees"]))))
        booster.set_param({"nthread": 1})
        return cls(Features.read(document["features"]), booster, document["unit"])


@dataclass(frozen=True)
class Learned:
    """`sizes`, and the fold (rows,) of each row that it was learned from: the one whose model has not seen it."""

    sizes: Sizes
    rows: IntArray
    """Which of the given rows: all, or as many as are worth the time."""
    folds: IntArray


def learn(features: Features, matrix: Matrix, errors: Floats) -> Learned:
    """From rows (rows, features) and their errors (rows,), signed or not, of a model that has not seen the rows."""
    chosen = _sampled(matrix)
    matrix, sizes = matrix[chosen], np.abs(errors[chosen])
    folds = np.random.default_rng(_SEED).permutation(len(sizes)) % FOLDS
    unit = float(sizes.mean()) or 1.0
    relative = np.maximum(sizes / unit, _SMALLEST)
    return Learned(Sizes(features, _fit(features, matrix, relative, folds), unit), chosen, folds)


def _sampled(matrix: Matrix) -> IntArray:
    rows, most = len(matrix), max(MOST_CELLS // matrix.shape[1], 1_000)
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(_SEED).choice(rows, most, replace=False))


def _fit(features: Features, matrix: Matrix, sizes: Floats, folds: IntArray) -> xgb.Booster:
    """One booster with an output a fold, cut to the rounds after which the rows left out were foretold best."""
    import xgboost as xgb

    data = xgb.QuantileDMatrix(
        matrix,
        np.broadcast_to(sizes[:, None], (len(sizes), FOLDS)),
        feature_types=features.types,
        enable_categorical=True,
        max_bin=_FORM["max_bin"],
    )
    taught = folds[:, None] != np.arange(FOLDS)
    left_out: list[float] = []

    def slopes(margins: Any, _: Any) -> tuple[Any, Any]:
        ratio = sizes[:, None] * np.exp(-np.clip(margins.reshape(len(sizes), FOLDS), -20.0, 20.0))
        own = margins.reshape(len(sizes), FOLDS)[np.arange(len(sizes)), folds]
        left_out.append(float(np.mean(own + sizes * np.exp(-np.clip(own, -20.0, 20.0)))))
        return np.where(taught, 1 - ratio, 0.0), np.where(taught, np.maximum(ratio, 1e-3), 0.0)

    fewest = max(_ONE_ROW_FEWEST, _SHARE_FEWEST * len(sizes))
    form = {**_FORM, "min_child_weight": fewest, "seed": _SEED, "nthread": _THREADS, "verbosity": 0}
    booster = xgb.Booster(form, [data])
    for turn in range(MOST_ROUNDS):
        booster.update(data, turn, fobj=slopes)
        if len(left_out) - int(np.argmin(left_out)) > _PATIENCE:
            break
    return booster[: max(int(np.argmin(left_out)), 1)]
