"""The forms of model that are tried beside a tuning's trials.

Each is good at something else: deep and shallow trees, trees grown leaf by leaf, forests. Which of them are of use on a
data set its own rows say (see selection.py).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

ROUNDS: Final = {"num_round": 3000, "early_stopping_rounds": 60}
DEFAULT: Final[Mapping[str, Any]] = {
    **ROUNDS, "eta": 0.05, "max_depth": 6, "subsample": 0.8, "colsample_bytree": 0.8,
}  # fmt: skip
"""One XGBoost as one would begin with: what the leaderboard calls by its name."""
_SHALLOW = {**ROUNDS, "eta": 0.06, "max_depth": 3, "min_child_weight": 3, "subsample": 0.8, "colsample_bytree": 0.6}
_STUMPS = {**ROUNDS, "eta": 0.1, "max_depth": 2, "lambda": 5, "subsample": 0.8, "colsample_bytree": 0.7}
_DEEP = {
    **ROUNDS, "eta": 0.03, "max_depth": 9, "min_child_weight": 5, "subsample": 0.7, "colsample_bytree": 0.5,
    "colsample_bynode": 0.5,
}  # fmt: skip
_LEAFWISE = {
    **ROUNDS, "eta": 0.05, "max_depth": 0, "max_leaves": 31, "grow_policy": "lossguide", "min_child_weight": 10,
    "subsample": 0.9, "colsample_bytree": 0.4,
}  # fmt: skip
FOREST = {
    "num_round": 1, "early_stopping_rounds": 0, "eta": 1, "num_parallel_tree": 100, "max_depth": 12,
    "subsample": 0.7, "colsample_bynode": 0.3, "lambda": 0.1,
}  # fmt: skip
FEW_ROWS, SOME_ROWS = 5_000, 20_000


@dataclass(frozen=True)
class Member:
    """A form with a name: short for files and documents, a title for people."""

    name: str
    title: str
    form: Mapping[str, Any]
    compared: bool = False
    """Whether the leaderboard shows it: then it is fitted on all folds however bad it is."""


FIXED: Final = (
    Member("xgboost", "XGBoost with defaults", DEFAULT, compared=True),
    Member("deep", "deep trees", _DEEP),
    Member("leafwise", "trees grown by leaf", _LEAFWISE),
    Member("shallow", "shallow trees", _SHALLOW),
    Member("stumps", "trees of two levels", _STUMPS),
    Member("forest", "random forest", FOREST),
)
_AT_MOST = (
    (FEW_ROWS, (5, len(FIXED))),
    (SOME_ROWS, (2, 2)),
    (math.inf, (2, 1)),
)
"""By size: trials and fixed forms. Where rows are many, a form more changes next to nothing, and each takes long."""


def members(trials: Sequence[Mapping[str, str]], fixed: Sequence[Member], size: int) -> tuple[Member, ...]:
    """The best trials, best first, and the fixed forms; where there is much to learn from, few of both.

    `size`: rows times the numbers that a row is answered with, of which each has trees of its own.
    """
    tried = [
        Member(
            f"trial-{place}",
            "best trial" if place == 1 else f"trial ranked {place}",
            read_trial(one),
            compared=place == 1,
        )
        for place, one in enumerate(trials, start=1)
    ]
    trials_at_most, fixed_at_most = next(most for bound, most in _AT_MOST if size <= bound)
    return (*tried[:trials_at_most], *fixed[:fixed_at_most])


def read_trial(hyperparameters: Mapping[str, str]) -> dict[str, Any]:
    """A trial's hyperparameters as XGBoost takes them; rounds are numbers here, the rest may stay text."""
    form: dict[str, Any] = {**ROUNDS, **hyperparameters}
    return form | {name: int(float(form[name])) for name in ROUNDS}
