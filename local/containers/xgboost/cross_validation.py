"""`_kfold`: as many models as there are folds, each of all rows of both channels but its own share.

What the container prints meanwhile is worth little, and is the same here: each model is watched on the whole channels,
which it has learned most of, and the means of the folds' last values follow in one line, whose round is `num_round`.
What the models say of the rows that they have not seen is in `output/data/predictions.csv`: label, score, and for
classes the class that most repetitions chose.

Two things differ. The folds are drawn by the job's `seed`, so that the same job has the same ones, where the container
draws others each time. And checkpoints are neither written nor read: the container's are never found again, either.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from local.containers.errors import AlgorithmError

Watched = dict[str, dict[str, list[float]]]
Fit = Callable[[Any, int, Watched], Any]
"""Train on a matrix; the number is the model's among all, from 0, and what it was watched for is put in the last."""
PREDICTIONS = "predictions.csv"


@dataclass(frozen=True)
class Folds:
    """How rows are shared out: `_kfold`, `_num_cv_round`, `seed`; `classes` evenly, too."""

    splits: int
    repeats: int
    seed: int
    classes: bool


def cross_validated(
    rows: Any,
    folds: Folds,
    rounds: int,
    fit: Fit,
    output: Path,
    say: Callable[[str], None],
    show: Callable[[str], None],
) -> list[Any]:
    """A booster for each fold of each repetition. `say` writes to the log, `show` a line of metrics."""
    from sklearn.model_selection import RepeatedKFold, RepeatedStratifiedKFold  # no other job needs it

    say(f"Run {folds.repeats}-round of {folds.splits}-fold cross validation with {rows.num_row()} rows")
    labels = rows.get_label()
    kind = RepeatedStratifiedKFold if folds.classes else RepeatedKFold
    shares = kind(n_splits=folds.splits, n_repeats=folds.repeats, random_state=folds.seed % 2**32)
    unseen = _Unseen(labels, folds)
    boosters: list[Any] = []
    watched: list[Watched] = []
    for inside, outside in shares.split(np.empty(len(labels)), labels if folds.classes else None):
        say(f"Train cross validation fold {len(boosters) % folds.splits + 1}")
        watched.append({})
        boosters.append(fit(rows.slice(inside), len(boosters), watched[-1]))
        unseen.record(outside, boosters[-1].predict(rows.slice(outside)))
        if len(boosters) % folds.splits == 0:
            say(f"The metrics of round {len(boosters) // folds.splits} cross validation")
            show(means(rounds, watched[-folds.splits :]))
    output.mkdir(parents=True, exist_ok=True)
    say("Storing predictions on validation set(s)")
    np.savetxt(output / PREDICTIONS, unseen.table(), delimiter=",", fmt="%f")
    if folds.repeats > 1:
        say(f"The overall metrics of {folds.repeats}-round cross validation")
        show(means(rounds, watched))
    return boosters


def means(rounds: int, watched: list[Watched]) -> str:
    """The line that SageMaker reads: the last values of several models, by metric and channel.

    >>> means(9, [{"train": {"auc": [0.5, 0.7]}, "validation": {"auc": [0.6]}}, {"train": {"auc": [0.8]},
    ...     "validation": {"auc": [0.7]}}])
    '[9]\\ttrain-auc:0.75000\\tvalidation-auc:0.65000'
    """
    parts = [
        f"\t{channel}-{metric}:{np.mean([one[channel][metric][-1] for one in watched]):.5f}"
        for metric in watched[0]["train"]
        for channel in watched[0]
    ]
    return f"[{rounds}]{''.join(parts)}"


class _Unseen:
    """What is said of each row by the models that have not seen it, one a repetition."""

    def __init__(self, labels: Any, folds: Folds) -> None:
        self._labels, self._classes, self._repeats = labels, folds.classes, folds.repeats
        self._chosen, self._scores = np.zeros((2, len(labels), folds.repeats))
        self._count = np.zeros(len(labels), dtype=int)

    def record(self, places: Any, predictions: Any) -> None:
        turn = self._count[places]
        if self._classes and predictions.ndim > 1:
            chosen = predictions.argmax(axis=-1)
            scores = predictions[np.arange(len(chosen)), chosen]
        elif self._classes:
            chosen, scores = predictions > 0.5, predictions
        elif predictions.ndim > 1:
            raise AlgorithmError(f"Expected one prediction a row, got {predictions.shape[1]}")
        else:
            chosen, scores = predictions, predictions
        self._chosen[places, turn], self._scores[places, turn] = chosen, scores
        self._count[places] += 1

    def table(self) -> Any:
        columns = [self._labels, self._scores.mean(axis=-1)]
        if self._classes:
            columns.append(np.array([_most_frequent(row) for row in self._chosen]))
        return np.column_stack(columns)


def _most_frequent(row: Any) -> float:
    """The smallest of those that are there most often."""
    values, counts = np.unique(row, return_counts=True)
    return float(values[counts.argmax()])
