"""The whole of a training: from a typed table to what is served, or to the figure that judges one trial. No effects."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from jobs.encoding.encoder import Encoder
from jobs.encoding.features import fit_features
from jobs.encoding.fitting import fit_target_means
from jobs.encoding.words import TargetMean
from jobs.ensemble import linear
from jobs.ensemble.building import Built, Unit, Wanted, build
from jobs.ensemble.features import Layout, assembled
from jobs.ensemble.fitting import Fitted, Kept, Library, Stop, fit_lines, fit_trees
from jobs.ensemble.folds import Folds, folds
from jobs.ensemble.forms import FIXED, Member, members
from jobs.ensemble.growing import grow
from jobs.ensemble.losses import width
from jobs.ensemble.optional import told as left_out
from jobs.ensemble.optional import useless
from jobs.ensemble.problem import Problem
from jobs.ensemble.rows import InPieces, Whole

if TYPE_CHECKING:
    from jobs.schema import Schema

_CLOSE = 0.2
"""Spread of the target as a share of its mean, up to which its logarithm is as good as a line."""

Told = Callable[[str], None]


@dataclass(frozen=True)
class Table:
    """The rows that may be learned from: training part, then validation part."""

    frame: Any
    """The used columns, typed as `Encoder.fit_encode` says; with `pieces`, its columns of words are enough."""
    labels: npt.NDArray[np.float64]
    train_rows: int
    schema: Schema
    pieces: Callable[[], Iterator[Any]] | None = None
    """All used columns in pieces, from the first row again at each call, where they are too long to be held."""

    @property
    def classes(self) -> int:
        """0 for a regression."""
        return len(self.schema["classes"] or ())


@dataclass(frozen=True)
class Machine:
    """What it runs on."""

    seed: int
    threads: int


def unit_of(table: Table) -> Unit:
    """How labels are scaled."""
    if table.classes:
        return Unit()
    largest = float(np.abs(table.labels).max()) or 1.0  # squares of numbers that can be stored may be beyond them
    even = table.labels / largest
    spread = float(even.std()) * largest
    return Unit(float(even.mean()) * largest, spread if spread > 0 else 1.0)


def share_of(table: Table, unit: Unit) -> float | None:
    """See `Problem.share`; None where the logarithm says nothing else: of classes, and of numbers close together."""
    if table.classes or unit.centre <= 0 or table.labels.min() < 0:
        return None
    share = unit.spread / unit.centre
    return share if share > _CLOSE else None


def problem_of(table: Table, of: Folds, machine: Machine, without: Collection[str] = ()) -> Problem:
    """The problem in which the parts of `of` judge; `without`: kinds of features that are left out."""
    unit = unit_of(table)
    fitted_once = fit_features(table.frame, table.schema)
    shared = [encoding for encoding in fitted_once if encoding.kind not in without]
    labels = (table.labels - unit.centre) / unit.spread
    blocks, means = [], []
    for part in of.parts:
        fitted, crossed = _means(table, labels, part.learned)
        blocks.append(fitted)
        means.append(crossed)
    features = assembled(shared, blocks)
    rows = (
        Whole(features.encoder.encode_frame(table.frame))
        if table.pieces is None
        else InPieces(features.encoder, table.pieces)
    )
    share = share_of(table, unit)
    return Problem(features, rows, means, labels, table.classes, of, machine.seed, machine.threads, share)


def _means(
    table: Table, labels: npt.NDArray[np.float64], rows: npt.NDArray[np.int64]
) -> tuple[dict[str, TargetMean], npt.NDArray[np.float32]]:
    of_task = labels.astype(np.int64) if table.classes else labels
    fitted, crossed = fit_target_means(table.frame, table.schema, of_task, rows)
    values = [crossed[name] for name in fitted]
    return fitted, np.hstack(values).astype(np.float32) if values else np.empty((len(rows), 0), dtype=np.float32)


def folds_of(table: Table, seed: int) -> Folds:
    """How the table is judged."""
    how = table.schema["split"]["how"]
    return folds(table.labels, table.train_rows, classes=table.classes, how=how, seed=seed)


@dataclass(frozen=True)
class Ended:
    """A finished training."""

    built: Built
    encoder: Encoder
    judged: npt.NDArray[np.float64]
    """The judged rows' labels, in the unit that is learned in."""
    unit: Unit


def train(
    table: Table,
    trials: Sequence[Mapping[str, str]],
    wanted: Wanted,
    machine: Machine,
    kept: Kept | None,
    stop: Stop,
    told: Told,
    fixed: Sequence[Member] = FIXED,
) -> Ended:
    """Fit, choose and build. `trials`: hyperparameters of the best trials, best first; `fixed`: forms beside them."""
    of = folds_of(table, machine.seed)
    problem = problem_of(table, of, machine)
    if without := useless(problem, fixed[0].form):
        told(left_out(without))
        problem = problem.without(without)
    size = len(table.labels) * width(table.classes)
    library, tried = Library(), members(trials, fixed, size, problem.families)
    fit_lines(problem, library, stop, told)
    fit_trees(problem, tried, library, kept, stop, told)
    if library.out_of_time:
        library.notes.append(
            "The training's time was over before every member was fitted; these are the finished ones."
        )
    if of.refitted:
        served: _AsJudged = _Refitted(table, problem, tried, machine, without)
    else:
        served = _AsJudged(problem)
    unit = unit_of(table)
    built = build(problem, library, served, unit, wanted)
    return Ended(built, served.encoder, problem.labels[of.judged], unit)


class _AsJudged:
    """The folds' own models answer."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem

    @property
    def encoder(self) -> Encoder:
        """For requests."""
        return self._problem.features.encoder.completed(self.scaling.middle, self._problem.lacking)

    @property
    def layout(self) -> Layout:
        return self._problem.features.layout

    @property
    def scaling(self) -> linear.Scaling:
        return self._problem.scaling

    def of(self, judged: Fitted) -> Fitted:
        return judged


class _Refitted(_AsJudged):
    """What one held-out part has chosen, fitted again on all rows, with as many rounds as it asked for."""

    def __init__(
        self, table: Table, judged: Problem, tried: Sequence[Member], machine: Machine, without: Collection[str]
    ) -> None:
        self._members = {one.name: one for one in tried}
        rows = np.arange(len(table.labels))
        everything = Folds((replace(judged.folds.parts[0], learned=rows, judged=rows[:0]),), refitted=True)
        super().__init__(problem_of(table, everything, machine, without))
        self._done: dict[str, Fitted] = {}

    @cached_property
    def _data(self) -> Any:
        return self._problem.learned(0)

    def of(self, judged: Fitted) -> Fitted:
        if judged.name not in self._done:
            again = self._lines(judged) if judged.lines else self._trees(judged)
            self._done[judged.name] = again
        return self._done[judged.name]

    def _trees(self, judged: Fitted) -> Fitted:
        member = self._members[judged.name]
        enough = replace(member, form={**member.form, "num_round": judged.trees[0].rounds})
        return replace(judged, trees=(grow(self._problem, 0, enough, self._data, None),))

    def _lines(self, judged: Fitted) -> Fitted:
        own = self.scaling.of(self.layout.of_block(0))
        matrix, labels = self._problem.sample(0)
        strength = float(judged.name.removeprefix("linear-"))
        return replace(judged, lines=(linear.fit(own.apply(matrix), labels, self._problem.classes, strength),))
