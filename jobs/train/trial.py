"""One trial of a tuning: how good these hyperparameters are for rows that were not learned from.

Judged by the folds of the ensemble, so that its figure and the ensemble's mean the same. Nothing is cut short by
itself: what the tuner is told is the figure of the finished model, unless it asked to hear of it while it trains.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import xgboost as xgb

from jobs.encoding.columns import Floats
from jobs.ensemble import boosting
from jobs.ensemble.boosting import Trees, base_margins, shaped, unseen
from jobs.ensemble.folds import of_a_trial
from jobs.ensemble.forms import read_trial
from jobs.ensemble.training import Machine, Table, folds_of, problem_of, unit_of
from jobs.schema import positive_of
from jobs.train.figures import Target, figures, printed

Said = Callable[[str], None]
_EVERY = 10


def judge(
    table: Table, hyperparameters: Mapping[str, str], machine: Machine, said: Said, *, aloud: bool
) -> dict[str, float]:
    """The trial's figures by the container's names; `aloud`: say them every ten rounds of the first fold, too."""
    of = of_a_trial(folds_of(table, machine.seed))
    # Who gives no patience (Hyperband ends trials itself) wants all rounds.
    form = read_trial({"early_stopping_rounds": "0", **hyperparameters})
    problem, unit = problem_of(table, of, machine), unit_of(table)
    target = Target(table.classes, positive_of(table.schema), unit.spread)

    def grown(fold: int) -> Trees:
        judged, rows = problem.judged(fold), problem.labels[of.parts[fold].judged]
        return boosting.fit(
            problem.learned(fold),
            problem.judging(fold),
            form,
            table.classes,
            seed=machine.seed + fold,
            threads=problem.threads_each,
            heard=_Aloud(judged, rows, target, said) if aloud and not fold else None,
        )

    trees: list[Trees] = []
    with ThreadPoolExecutor(problem.side_by_side) as pool:
        for one in pool.map(grown, range(len(of.parts))):
            trees.append(one)
            said(f"fold {len(trees)} of {len(of.parts)}: {one.rounds} rounds")
    margins = [one.margins(problem.judged(fold)) for fold, one in enumerate(unseen(trees))]
    return figures(np.concatenate(margins), problem.labels[of.judged], target)


class _Aloud(xgb.callback.TrainingCallback):
    """Says the figures of a model that is still growing."""

    def __init__(self, judged: Floats, labels: Any, target: Target, said: Said) -> None:
        super().__init__()
        self._judged, self._labels, self._target, self._said = judged, labels, target, said
        self._sum: Any = None
        self._until = 0

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:  # noqa: ARG002
        if (epoch + 1) % _EVERY:
            return False
        base = base_margins(model, self._target.classes)
        found = model.inplace_predict(self._judged, iteration_range=(self._until, epoch + 1), predict_type="margin")
        added = shaped(found, len(self._judged)) - base
        self._sum, self._until = added if self._sum is None else self._sum + added, epoch + 1
        self._said(printed(figures(self._sum + base, self._labels, self._target), epoch))
        return False
