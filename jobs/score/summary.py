"""What the answers to a whole file look like: counted while the blocks go by, and put beside what training saw.

Where the file has the target, the answers are measured too, on all its labelled rows or evenly on so many of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from jobs.documents.answers import Answers as Promoted
from jobs.documents.baseline import DescribedColumn
from jobs.documents.evaluation import AtPromotion, Evaluation
from jobs.documents.metrics import Shown
from jobs.documents.scored import ClassCount, Evaluated, Flagged, NumberRange
from jobs.evaluate.uploaded import beside_promotion
from jobs.metrics.catalogue import CATALOGUE
from jobs.metrics.intervals import measure
from jobs.metrics.predictions import Predictions
from jobs.profiles.profile import Reference
from jobs.schema import Schema, classes_of, positive_of
from jobs.score.marks import Mark
from jobs.score.rows import Block
from jobs.settings import Settings

MOST_MEASURED = 200_000
"""Rows: more change no digit that is told, and each is resampled a thousand times."""
_REASONS = 12


@dataclass
class Counted:
    """What was answered so far, and what is needed to measure it."""

    schema: Schema
    actual: npt.NDArray[np.float64] | None
    answered: int = 0
    labels: Counter[int] = field(default_factory=Counter)
    numbers: list[npt.NDArray[np.float64]] = field(default_factory=list)
    _known: list[npt.NDArray[np.int64]] = field(default_factory=list)
    """Rows whose target is known, and what was said of them."""
    _scores: list[npt.NDArray[np.float64]] = field(default_factory=list)
    _labels: list[npt.NDArray[np.int64]] = field(default_factory=list)

    def __post_init__(self) -> None:
        labelled = 0 if self.actual is None else int(np.count_nonzero(~np.isnan(self.actual)))
        self.labelled = labelled
        self._step = max(1, -(-labelled // MOST_MEASURED))
        self._seen = 0

    def add(self, block: Block) -> None:
        """The answers of one more block."""
        answers = block.answers
        if answers is None:
            return
        self.answered += len(answers.scores)
        if answers.labels is None:
            self.numbers.append(answers.scores[:, 0])
        else:
            self.labels.update(dict(enumerate(np.bincount(answers.labels, minlength=answers.scores.shape[1]).tolist())))
        if self.actual is None or not self.labelled:
            return
        rows = block.rows.start + np.flatnonzero(block.asked)
        known = np.flatnonzero(~np.isnan(self.actual[rows]))
        taken = known[(self._seen + np.arange(len(known))) % self._step == 0]
        self._seen += len(known)
        self._known.append(rows[taken])
        self._scores.append(answers.scores[taken])
        if answers.labels is not None:
            self._labels.append(answers.labels[taken])

    def classes(self, promoted: Promoted) -> list[ClassCount]:
        """Rows by answer; beside them the shares in training, and among the answers to the test rows at promotion."""
        trained = self.schema.get("class_counts") or {}
        then = _answers_then(promoted)
        found: list[ClassCount] = [
            {
                "name": name,
                "rows": self.labels[place],
                "share": _share(self.labels[place], self.answered),
                "at_promotion": _share(then.get(name, 0), sum(then.values())),
                "in_training": _share(trained.get(name, 0), sum(trained.values())),
            }
            for place, name in enumerate(classes_of(self.schema))
        ]
        return sorted(found, key=lambda one: -one["rows"])

    def range(self) -> NumberRange | None:
        """Of the numbers that were answered."""
        if not self.numbers or not self.answered:
            return None
        found = np.concatenate(self.numbers)
        low, middle, high = np.quantile(found, (0.05, 0.5, 0.95)).tolist()
        return {"mean": float(found.mean()), "low": low, "median": middle, "high": high}

    def measured(self, promotion: Evaluation | None, settings: Settings) -> Evaluated | None:
        """How good the answers are, where the file says what is true; None where it does not."""
        rows = np.concatenate(self._known) if self._known else np.zeros(0, np.int64)
        if self.actual is None or not len(rows):
            return None
        task, scores = self.schema["task"], np.concatenate(self._scores)
        if task == "regression":
            said = Predictions(task, self.actual[rows], scores[:, 0])
        else:
            actual = self.actual[rows].astype(np.int64)
            labels = np.concatenate(self._labels)
            said = Predictions(task, actual, labels, np.clip(scores, 0.0, 1.0), positive_of(self.schema))
        measurement = measure(said, None, self.schema["classes"], catalogue=CATALOGUE)
        beside: AtPromotion | None = None
        if promotion is not None:
            beside = beside_promotion(measurement.candidate, len(rows), promotion, settings)
        told: list[Shown] = CATALOGUE.told(task)
        return {"task": task, "labelled": self.labelled, "rows": len(rows), "catalogue": told, "at_promotion": beside}


def flagged(marks: Sequence[Mark], own_row: Callable[[int], int], *, unread: bool) -> list[Flagged]:
    """Why rows were flagged, the most frequent reason first. `own_row`: the number of a row, as a person counts."""
    found: list[Flagged] = [
        {
            "column": mark.column,
            "sentence": mark.told or mark.sentence,
            "rows": int(np.count_nonzero(mark.rows)),
            "first": own_row(int(np.argmax(mark.rows))),
        }
        for mark in marks
        if mark.unread == unread
    ]
    return sorted(found, key=lambda one: -one["rows"])[:_REASONS]


def range_then(promoted: Promoted) -> NumberRange | None:
    """Of the numbers that were answered to the test rows at promotion, as far as their bins tell."""
    column = _prediction(promoted)
    if column is None or column.get("mean") is None:
        return None
    kept = Reference.read(column)
    if kept.low is None or kept.high is None or kept.mean is None or not sum(kept.counts):
        return None
    ends = np.clip([*(kept.centre + np.array(kept.edges)), kept.high], kept.low, kept.high)
    below = np.concatenate(([0], np.cumsum(kept.counts))) / sum(kept.counts)
    low, middle, high = np.interp((0.05, 0.5, 0.95), below, ends).tolist()
    return {"mean": kept.mean, "low": low, "median": middle, "high": high}


def _prediction(promoted: Promoted) -> DescribedColumn | None:
    return next((one for one in promoted.get("columns") or () if one["name"] == "prediction"), None)


def _answers_then(promoted: Promoted) -> Mapping[str, int]:
    column = _prediction(promoted)
    if column is None:
        return {}
    return dict(zip(column.get("values") or (), column.get("counts") or (), strict=False))


def _share(count: int, of: int) -> float | None:
    return count / of if of else None
