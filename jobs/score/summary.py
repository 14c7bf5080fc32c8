"""What the answers to a whole file look like: counted while the blocks go by, and put beside what training saw.

Where the file has the target, the answers are measured too, on all its labelled rows or evenly on so many of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
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
from jobs.score.marks import LAST, Mark, any_of
from jobs.score.reading import ToScore
from jobs.score.rows import Block
from jobs.settings import Settings

MOST_MEASURED = 200_000
"""Rows: more change no digit that is told, and each is resampled a thousand times."""
_REASONS = 12


@dataclass
class Counted:
    """What was answered so far, and what is needed to measure it."""

    schema: Schema
    labelled: int = 0
    """In how many rows the target is known."""
    answered: int = 0
    labels: Counter[int] = field(default_factory=Counter)
    numbers: list[npt.NDArray[np.float64]] = field(default_factory=list)
    _known: list[npt.NDArray[np.float64]] = field(default_factory=list)
    """Targets that are known, and what was said of their rows."""
    _scores: list[npt.NDArray[np.float64]] = field(default_factory=list)
    _labels: list[npt.NDArray[np.int64]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._step = max(1, -(-self.labelled // MOST_MEASURED))
        self._seen = 0

    def add(self, block: Block, actual: npt.NDArray[np.float64] | None) -> None:
        """The answers of one more block. `actual`: the targets of its piece, where they are known."""
        answers = block.answers
        if answers is None:
            return
        self.answered += len(answers.scores)
        if answers.labels is None:
            self.numbers.append(answers.scores[:, 0])
        else:
            self.labels.update(dict(enumerate(np.bincount(answers.labels, minlength=answers.scores.shape[1]).tolist())))
        if actual is None or not self.labelled:
            return
        targets = actual[block.rows][block.asked]
        known = np.flatnonzero(~np.isnan(targets))
        taken = known[(self._seen + np.arange(len(known))) % self._step == 0]
        self._seen += len(known)
        self._known.append(targets[taken])
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
        actual = np.concatenate(self._known) if self._known else np.zeros(0)
        if not len(actual):
            return None
        task, scores = self.schema["task"], np.concatenate(self._scores)
        if task == "regression":
            said = Predictions(task, actual, scores[:, 0])
        else:
            labels = np.concatenate(self._labels)
            said = Predictions(
                task, actual.astype(np.int64), labels, np.clip(scores, 0.0, 1.0), positive_of(self.schema)
            )
        measurement = measure(said, None, self.schema["classes"], catalogue=CATALOGUE)
        beside: AtPromotion | None = None
        if promotion is not None:
            beside = beside_promotion(measurement.candidate, len(actual), promotion, settings)
        told: list[Shown] = CATALOGUE.told(task)
        return {"task": task, "labelled": self.labelled, "rows": len(actual), "catalogue": told, "at_promotion": beside}


@dataclass
class Flags:
    """Rows that are flagged, counted piece by piece. `columns`: of a request, in order."""

    columns: Sequence[str]
    unread: int = 0
    unlike: int = 0
    _reasons: dict[tuple[object, ...], tuple[Mark, Flagged]] = field(default_factory=dict)

    def add(self, piece: ToScore, marks: Sequence[Mark]) -> None:
        """The marks of one more piece, those of it that were found when the model was asked among them."""
        unread = any_of(marks, piece.height, unread=True)
        self.unread += int(unread.sum())
        self.unlike += int((any_of(marks, piece.height, unread=False) & ~unread).sum())
        for mark in marks:
            rows = int(np.count_nonzero(mark.rows))
            if not rows:
                continue
            first = piece.own.row(int(np.argmax(mark.rows)))
            sentence = mark.told or mark.sentence
            one: Flagged = {"column": mark.column, "sentence": sentence, "rows": rows, "first": first}
            key = (mark.column, sentence, mark.unread, first if mark.rank == LAST else 0)
            if key in self._reasons:
                self._reasons[key][1]["rows"] += rows
            else:
                self._reasons[key] = (mark, one)

    def most(self, *, unread: bool) -> list[Flagged]:
        """Why rows were flagged, the most frequent reason first."""
        place = {name: at for at, name in enumerate(self.columns, start=1)}
        kept = [
            (-one["rows"], LAST if mark.rank == LAST else place.get(mark.column or "", 0), mark.rank, one)
            for mark, one in self._reasons.values()
            if mark.unread == unread
        ]
        return [one for *_, one in sorted(kept, key=lambda found: found[:3])[:_REASONS]]


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
