"""XGBoost's part: one form of trees fitted on a fold, and what it says of rows.

A form is a dictionary of XGBoost's own parameters. Rounds are found by early stopping on the loss, never on another
metric: ranks and hits can be at their best after one tree, whose probabilities all lie near one half.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import xgboost as xgb

from jobs.encoding.columns import Floats
from jobs.ensemble import binary_json
from jobs.ensemble.losses import Labels, Margins, width

Form = Mapping[str, Any]
"""XGBoost's parameters; `num_round` the most rounds, `early_stopping_rounds` the patience, 0 for none."""

_OF_TASK = {0: "reg:squarederror", 2: "binary:logistic"}
_OURS = ("num_round", "early_stopping_rounds")
_SUREST = np.float32(1e-6)
"""XGBoost's own bound: where all rows are of one class, it begins with a probability this far from certain."""


@dataclass(frozen=True)
class Trees:
    """A booster, cut to the rounds that count."""

    booster: xgb.Booster
    rounds: int

    def margins(self, matrix: Floats) -> Margins:
        """(rows, width)."""
        found = self.booster.inplace_predict(matrix, iteration_range=(0, self.rounds), predict_type="margin")
        return shaped(found, len(matrix))

    @cached_property
    def written(self) -> tuple[list[dict[str, Any]], list[int]]:
        """The trees that count, as `binary_json` reads what XGBoost writes, and the class that each is for."""
        model = binary_json.read(bytes(self.booster.save_raw("ubj")))["learner"]["gradient_booster"]["model"]
        last = model["iteration_indptr"][self.rounds]
        return model["trees"][:last], model["tree_info"][:last]

    def cut(self, rounds: float) -> Trees:
        """The same, with so many rounds where they were grown."""
        return replace(self, rounds=max(1, min(round(rounds), self.booster.num_boosted_rounds())))


def agreed(trees: Sequence[Trees]) -> tuple[Trees, ...]:
    """A member's folds with as many rounds as is usual among them: few rows, like those of one fold, cannot say."""
    usual = float(np.median([one.rounds for one in trees]))
    return tuple(one.cut(usual) for one in trees)


def unseen(trees: Sequence[Trees]) -> tuple[Trees, ...]:
    """Each fold's with the rounds that the other folds ask for: its own were chosen by the rows that then judge it, and
    would flatter it."""
    rounds = np.array([one.rounds for one in trees])
    if len(trees) < 2:
        return tuple(trees)
    return tuple(one.cut(float(np.median(np.delete(rounds, fold)))) for fold, one in enumerate(trees))


def shaped(found: Any, rows: int) -> Margins:
    """XGBoost's answer as (rows, width)."""
    return np.asarray(found, dtype=np.float64).reshape(rows, -1)


Batch = tuple[Floats, Labels]


def data_of(batches: Callable[[], Iterator[Batch]]) -> xgb.QuantileDMatrix:
    """Rows as XGBoost learns from them: a byte a cell. It asks for the batches some times over, one after the other."""
    return xgb.QuantileDMatrix(_Batches(batches))


class _Batches(xgb.DataIter):
    def __init__(self, batches: Callable[[], Iterator[Batch]]) -> None:
        super().__init__()
        self._batches = batches
        self._left = batches()

    def reset(self) -> None:
        self._left = self._batches()

    def next(self, input_data: Callable[..., Any]) -> bool:
        batch = next(self._left, None)
        if batch is None:
            return False
        input_data(data=batch[0], label=batch[1])
        return True


def parameters(form: Form, classes: int, seed: int, threads: int, *, exponential: bool = False) -> dict[str, Any]:
    """What XGBoost is told for a task; `classes` is 0 for numbers, `exponential` for their logarithm."""
    chosen = {name: value for name, value in form.items() if name not in _OURS}
    chosen |= {"objective": _OF_TASK.get(classes, "multi:softprob"), "tree_method": "hist", "seed": seed}
    chosen |= {"nthread": threads, "verbosity": 0}
    if not classes:
        chosen.setdefault("base_score", 0.0)  # labels are centred; kept as text, a mean of its own loses digits
    if exponential:
        chosen |= {"objective": "count:poisson", "base_score": 1.0}  # the mean is 1, and its logarithm 0
    return chosen | ({"num_class": classes} if width(classes) > 1 else {})


def fit(
    learned: xgb.QuantileDMatrix,
    judged: xgb.DMatrix | None,
    form: Form,
    classes: int,
    *,
    seed: int,
    threads: int,
    heard: xgb.callback.TrainingCallback | None = None,
    exponential: bool = False,
) -> Trees:
    """Fit on `learned`; with `judged`, as many rounds as its loss asks for, else `num_round`.

    `exponential`: the margin is the logarithm of the labels' mean; they are never negative, and 1 on average.
    """
    patience = int(form.get("early_stopping_rounds", 0))
    asked = parameters(form, classes, seed, threads, exponential=exponential)
    if judged is None:
        booster = xgb.train(asked, learned, int(form["num_round"]))
        return Trees(booster, booster.num_boosted_rounds())
    asked["eval_metric"] = {0: "rmse", 2: "logloss"}.get(classes, "mlogloss")
    booster = xgb.train(
        asked,
        learned,
        int(form["num_round"]),
        evals=[(judged, "validation")],
        early_stopping_rounds=patience or None,
        callbacks=[heard] if heard else None,
        verbose_eval=False,
    )
    return Trees(booster, booster.best_iteration + 1 if patience else booster.num_boosted_rounds())


def base_margins(booster: xgb.Booster, classes: int) -> npt.NDArray[np.float64]:
    """(width,): what is said before the first tree."""
    learner = json.loads(booster.save_config())["learner"]
    base = np.atleast_1d(json.loads(learner["learner_model_param"]["base_score"])).astype(np.float32)
    if classes == 2:  # in XGBoost's own arithmetic: of a rare class, four bytes say another number than eight
        base = np.clip(base, _SUREST, 1 - _SUREST)
        base = -np.log(1 / base - 1)
    return np.broadcast_to(base, (width(classes),)).astype(np.float64)
