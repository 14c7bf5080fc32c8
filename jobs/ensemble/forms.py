"""The forms of model that are tried beside a tuning's trials.

Each is good at something else: deep and shallow trees, trees grown leaf by leaf, trees cut at random. Which of them are
of use on a data set its own rows say (see selection.py).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
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
RANDOM: Final = {"trees": 30, "leaves": 1000, "tried": 100}
"""See random_trees.py."""
FEW_ROWS, SOME_ROWS = 5_000, 20_000


class Family(Enum):
    """How a member's trees are grown, and what they add up to."""

    BOOSTED = auto()
    """The margin of the task."""
    EXPONENTIAL = auto()
    """Boosted, too: the logarithm of a number that is never negative. Small parts of it are then told as well as
    large ones, and what raises it by a tenth raises all of it by a tenth."""
    RANDOM = auto()
    """Cut at random, of numbers: see random_trees.py."""


@dataclass(frozen=True)
class Member:
    """A form with a name: short for files and documents, a title for people."""

    name: str
    title: str
    form: Mapping[str, Any]
    compared: bool = False
    """Whether the leaderboard shows it."""
    family: Family = Family.BOOSTED

    @property
    def stays(self) -> bool:
        """Whether it is fitted on all folds however bad it is in the first: what is compared, and what errs elsewhere
        than boosting does, of which the few rows that decide a loss may all be in another fold."""
        return self.compared or self.family is not Family.BOOSTED


FIXED: Final = (
    Member("xgboost", "XGBoost with defaults", DEFAULT, compared=True),
    Member("deep", "deep trees", _DEEP),
    Member("leafwise", "trees grown by leaf", _LEAFWISE),
    Member("shallow", "shallow trees", _SHALLOW),
    Member("stumps", "trees of two levels", _STUMPS),
    Member("random", "trees cut at random", RANDOM, family=Family.RANDOM),
    Member("logarithm", "trees of the logarithm", _SHALLOW, family=Family.EXPONENTIAL),
)
_AT_MOST = (
    (FEW_ROWS, (5, 5)),
    (SOME_ROWS, (2, 2)),
    (math.inf, (2, 1)),
)
"""By size: trials and boosted forms. Where rows are many, a form more changes next to nothing, and each takes long."""
_OF_CLASSES_AT_MOST = ((FEW_ROWS, (5, 5)), (math.inf, (2, 1)))
"""The same of classes: the second form is worth a hundredth on salaries, and nothing on classes of as many rows."""


def members(
    trials: Sequence[Mapping[str, str]], fixed: Sequence[Member], size: int, families: Collection[Family]
) -> tuple[Member, ...]:
    """The best trials, best first, and the fixed forms; where there is much to learn from, few of both.

    `size`: rows times the numbers that a row is answered with, of which each has trees of its own; `families`: those
    that the target allows.
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
    bounds = _AT_MOST if Family.RANDOM in families else _OF_CLASSES_AT_MOST
    trials_at_most, fixed_at_most = next(most for bound, most in bounds if size <= bound)
    boosted = [one for one in fixed if one.family is Family.BOOSTED]
    others = [one for one in fixed if one.family is not Family.BOOSTED and one.family in families]
    return (*tried[:trials_at_most], *boosted[:fixed_at_most], *(others if size <= SOME_ROWS else ()))


def read_trial(hyperparameters: Mapping[str, str]) -> dict[str, Any]:
    """A trial's hyperparameters as XGBoost takes them; rounds are numbers here, the rest may stay text."""
    form: dict[str, Any] = {**ROUNDS, **hyperparameters}
    return form | {name: int(float(form[name])) for name in ROUNDS}
