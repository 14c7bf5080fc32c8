"""What the traffic's answers were, as integers: rows by predicted class and by the confidence in it.

Integers add up to the same in any order and partition of the capture files, so two checks of the same rows agree to the
last bit. For more than two classes the probability given to each other class is added up as well (in 2**-16, integers
again): when an answer is wrong, that says which class was probably the right one.

It must not hold a row or an id: a check of ten million rows keeps a few thousand numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from jobs import error_estimation
from jobs.documents.answers import Answers
from jobs.error_estimation import ErrorCounts
from jobs.performance_estimation.grid import IntArray, cut, grid, lookup


@dataclass
class AnswerCounts:
    """Mergeable counts of answers.

    `confident` (classes, bins): rows by predicted class and bin of its probability. `mass` (classes, classes): by
    predicted class, the probability given to each class, in 2**-16. `numbers`: answers of a regression, `errors` the
    sizes that their errors are expected to have, where those were learned. `unusable`: answers with an unknown class,
    or without probabilities from 0 to 1.
    """

    classes: tuple[str, ...]
    edges: tuple[int, ...]
    confident: IntArray
    mass: IntArray
    numbers: int = 0
    unusable: int = 0
    errors: ErrorCounts | None = None

    @classmethod
    def empty(cls, answers: Answers) -> "AnswerCounts":
        """Nothing counted yet, for the model that answers.json describes."""
        calibration, errors = answers.get("calibration"), answers.get("errors")
        found = cls.of(answers.get("classes") or (), calibration["edges"] if calibration else None)
        return replace(found, errors=ErrorCounts.empty(errors)) if errors else found

    @classmethod
    def of(cls, classes: Sequence[str], edges: Sequence[int] | None = None) -> "AnswerCounts":
        """Nothing counted yet; without `edges` on the grid for so many classes."""
        known, bounds = tuple(classes), tuple(grid(len(classes)) if edges is None else edges)
        size = len(known)
        return cls(known, bounds, np.zeros((size, len(bounds) + 1), np.int64), np.zeros((size, size), np.int64))

    @property
    def rows(self) -> int:
        """Answers that an estimate can be made of."""
        return int(self.confident.sum())

    def add(
        self,
        labels: Any,
        probabilities: NDArray[np.floating[Any]] | None,
        columns: Mapping[str, Any] | None = None,
    ) -> None:
        """Count answers, in place.

        `labels` (rows,): the predicted classes as words (Arrow strings or dictionary, or a sequence); of a regression
        the numbers. `probabilities`: (rows, classes) in the order of the classes, or None.
        `columns`: the rows' own columns, as `jobs.capture.Batch` holds them; a regression's errors depend on them.
        """
        if not self.classes:
            self.numbers += len(labels)
            if self.errors is not None and columns is not None:
                self.errors.add(columns, np.asarray(labels, np.float64))
            return
        if probabilities is None:
            self.unusable += len(labels)
            return
        chances = np.asarray(probabilities, np.float64)
        with np.errstate(invalid="ignore"):
            good = ((chances >= 0) & (chances <= 1)).all(axis=1)  # NaN is neither
        predicted = positions(labels, self.classes)
        good &= predicted >= 0
        if not good.all():
            predicted, chances = predicted[good], chances[good]
        self.unusable += int(len(good) - len(predicted))
        self._count(predicted, chances)

    def _count(self, predicted: IntArray, chances: NDArray[np.float64]) -> None:
        size, bins = self.confident.shape
        cell = predicted * bins + confidence_bins(predicted, chances, self.edges)
        self.confident += np.bincount(cell, minlength=size * bins).reshape(size, bins)
        if size > 2:  # of two classes the other one is the right one
            self.mass += mass_by_class(predicted, chances)


def merged(one: AnswerCounts, other: AnswerCounts) -> AnswerCounts:
    """Both together; ValueError when they are of different models."""
    if (one.classes, one.edges) != (other.classes, other.edges):
        raise ValueError("answers of different models cannot be counted together")
    return AnswerCounts(
        one.classes,
        one.edges,
        one.confident + other.confident,
        one.mass + other.mass,
        one.numbers + other.numbers,
        one.unusable + other.unusable,
        None if one.errors is None or other.errors is None else error_estimation.merged(one.errors, other.errors),
    )


def positions(labels: Any, classes: Sequence[str]) -> IntArray:
    """Each word's position in `classes` (rows,), -1 for what is none of them."""
    words = labels if isinstance(labels, pa.Array | pa.ChunkedArray) else pa.array(labels)
    if isinstance(words, pa.ChunkedArray):
        words = words.combine_chunks()
    known = pa.array(list(classes), pa.string())
    if isinstance(words, pa.DictionaryArray):
        found = pc.take(pc.index_in(words.dictionary.cast(pa.string()), known), words.indices)
    else:
        found = pc.index_in(words.cast(pa.string()), known)
    return np.asarray(pc.fill_null(found, -1)).astype(np.int64)


def confidence_bins(predicted: IntArray, chances: NDArray[np.float64], edges: Sequence[int]) -> IntArray:
    """The bin (rows,) of the probability given to the predicted class."""
    own = np.take_along_axis(chances, predicted[:, None], axis=1)[:, 0]
    return lookup(tuple(edges))[cut(own)]


def mass_by_class(predicted: IntArray, chances: NDArray[np.float64]) -> IntArray:
    """By predicted class (rows) the sum of each class's probability (columns), in 2**-16."""
    size = chances.shape[1]
    sums = [np.bincount(predicted, cut(chances[:, place]), minlength=size) for place in range(size)]
    return np.stack(sums, axis=1).astype(np.int64)  # sums of integers below 2**53 are exact in float64
