"""What the model is worth: the ensemble beside a naive guess, a linear model, one XGBoost and the best single trial.

All of them answer the same held-out rows, here, from what the training kept of each; the metrics and intervals are the
evaluation's own. A rank that chance explains is none, so the one thing that is decided, whether a linear model would
do, is decided by a paired bootstrap.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from statistics import median
from typing import Protocol

import numpy as np

from jobs.documents.evaluation import Contestant, Leaderboard
from jobs.documents.metrics import Difference, Score
from jobs.evaluate.permutation import Cells, Floats
from jobs.metrics.catalogue import CATALOGUE, Catalogue
from jobs.metrics.confusion import FloatArray, IntArray
from jobs.metrics.intervals import Metric, measure
from jobs.metrics.predictions import Predictions
from jobs.metrics.row_losses import Loss, Rise, rises

MOST_ROWS = 20_000
NAIVE, LINEAR, ENSEMBLE = "naive", "linear", "ensemble"
WORTH = 0.01
"""Of the linear model's loss: a gain below it is not worth a model that nobody can read, however certain it is."""
_TIMED = {1: 7, 1_000: 3}
"""Rows of a timed answer, and how often it is timed."""


class Entrant(Protocol):
    """What the artifact says of a contestant."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def seconds(self) -> float | None: ...


class Part(Protocol):
    """What the artifact says of a member of the ensemble."""

    @property
    def title(self) -> str: ...
    @property
    def weight(self) -> float: ...


class Board(Protocol):
    """A model that kept its contestants: `jobs.ensemble.model.Ensemble`."""

    @property
    def shares(self) -> Sequence[Part]: ...
    @property
    def contestants(self) -> Sequence[Entrant]: ...
    def encode(self, columns: Sequence[str], rows: Cells) -> Floats: ...
    def contestant_scores(self, name: str, matrix: Floats) -> FloatArray: ...
    def labels(self, scores: FloatArray) -> IntArray: ...


def leaderboard(
    board: Board,
    columns: Sequence[str],
    cells: Cells,
    asked: Predictions,
    classes: list[str] | None,
    metric: str,
    *,
    catalogue: Catalogue = CATALOGUE,
    clock: Callable[[], float] = time.perf_counter,
) -> Leaderboard:
    """The key `leaderboard` of evaluation.json.

    Args:
        columns: the names of the cells of a row.
        cells: held-out rows.
        asked: what the endpoint said of these rows: the truth, and the terms it is told in.
        metric: the one that the gate decides by.
    """
    loss = Loss.of(asked.task)
    shown = Catalogue([catalogue[name] for name in dict.fromkeys((metric, loss.name))])
    matrix = board.encode(columns, cells)
    scores = {one.name: board.contestant_scores(one.name, matrix) for one in board.contestants}
    entries: list[Contestant] = []
    few: Metric | None = None
    for one in board.contestants:
        said = _predictions(board, one.name, scores[one.name], asked)
        measured = measure(said, None, classes, catalogue=shown).candidate.metrics
        few = measured[loss.name] if measured[loss.name].few else few
        entries.append(
            {
                "name": one.name,
                "title": one.title[:1].upper() + one.title[1:],
                "metrics": {entry.name: _told(one.name, measured[entry.name], entry.name) for entry in shown.entries},
                "seconds": one.seconds,
                "answer_ms": answer_times(partial(_answer, board, one.name, columns), cells, clock),
            }
        )
    losses = {name: loss.rows(asked.actual, found) for name, found in scores.items()}
    found, would_do = against_linear(loss, losses)
    told = would_do and few is None  # else nobody knows whether a line would do
    return {
        "metric": metric,
        "loss": loss.name,
        "rows": asked.rows,
        "entries": entries,
        "members": [{"title": one.title, "weight": one.weight} for one in board.shares],
        "against_linear": None if found is None else _difference(found, few),
        "linear_would_do": told,
        "sentence": _sentence(loss, losses, found, catalogue) if told and found else None,
    }


def against_linear(loss: Loss, losses: dict[str, FloatArray]) -> tuple[Rise | None, bool]:
    """The ensemble's loss less the linear model's, and whether the linear model would do; `losses` by row.

    It would where no contestant is better for certain and by WORTH of the loss or more, neither the ensemble nor any
    other; but not where the linear model is no better than a naive guess itself.
    """
    if LINEAR not in losses or ENSEMBLE not in losses:
        return None, False
    means = {name: loss.over(rows) for name, rows in losses.items()}
    (found,) = rises(loss, losses[LINEAR], losses[ENSEMBLE][None])
    if NAIVE in means and means[LINEAR] >= means[NAIVE]:
        return found, False
    others = [name for name in losses if name not in (NAIVE, LINEAR, ENSEMBLE)]
    compared = rises(loss, losses[LINEAR], np.array([losses[name] for name in others])) if others else []
    clear = [
        one.high < 0 and means[LINEAR] - means[name] >= WORTH * means[LINEAR]
        for name, one in zip([ENSEMBLE, *others], [found, *compared], strict=True)
    ]
    return found, not any(clear)


def _difference(found: Rise, few: Metric | None) -> Difference:
    """`few`: the loss itself, where the rows are too few for its interval, and so for that of a difference."""
    if few is not None and few.few is not None:
        return replace(few, value=found.value, few={**few.few, "low": None, "high": None}).as_difference()
    return Metric(found.value, found.low, found.high, None).as_difference()


def _sentence(loss: Loss, losses: dict[str, FloatArray], found: Rise, catalogue: Catalogue) -> str:
    entry = catalogue[loss.name]
    ours, theirs = (entry.number(loss.over(losses[name])) for name in (ENSEMBLE, LINEAR))
    if found.low > 0:
        why = "worse for certain"
    else:
        why = "which chance explains" if found.high >= 0 else f"less than {100 * WORTH:g} % better"
    reach = f"95 % interval of the difference {entry.signed(found.low)} to {entry.signed(found.high)}"
    return f"A linear model would do: its {loss.words} is {theirs}, the ensemble's {ours}, {why} ({reach})."


def _predictions(board: Board, name: str, scores: FloatArray, asked: Predictions) -> Predictions:
    """A contestant's answers. All but the naive guess, which always says one thing, have the endpoint's threshold."""
    if asked.task == "regression":
        # The naive guess of the verdict: the mean of these rows, and not of those that were learned from.
        said = np.full(asked.rows, asked.actual.mean()) if name == NAIVE else scores[:, 0]
        return Predictions("regression", asked.actual, said)
    labels = scores.argmax(axis=1) if name == NAIVE else np.asarray(board.labels(scores), np.int64)
    return Predictions(asked.task, asked.actual, labels, np.clip(scores, 0.0, 1.0), asked.positive)


def _told(contestant: str, found: Metric, metric: str) -> Score:
    """A metric of a contestant. One answer for all rows ranks nothing: its area is 0.5 whatever the rows, not by them,
    and an interval would say that other rows could make it more."""
    if contestant == NAIVE and metric.startswith("auc"):
        found = replace(found, low=None, high=None, few=None)
    return found.to_json()


def _answer(board: Board, name: str, columns: Sequence[str], cells: Cells) -> FloatArray:
    return board.contestant_scores(name, board.encode(columns, cells))


def answer_times(answer: Callable[[Cells], object], cells: Cells, clock: Callable[[], float]) -> dict[str, float]:
    """Milliseconds from rows of text to scores, the median of a few; few held-out rows are asked over again."""
    found = {}
    for rows, times in _TIMED.items():
        given = [cells[place % len(cells)] for place in range(rows)]
        taken = []
        for _ in range(times):
            started = clock()
            answer(given)
            taken.append(clock() - started)
        found[str(rows)] = round(1_000 * median(taken), 3)
    return found
