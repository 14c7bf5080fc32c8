"""Fitting an ensemble: every member on every fold, then weights, calibration and decision from what they said of rows
they had not seen.

Effects stay outside: `Kept` keeps a fold's booster where a stopped job finds it again, `Stop` says that time is over. A
member that cannot be fitted is a sentence and not the end, as long as another can.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Protocol

import numpy as np
import xgboost as xgb

from jobs.ensemble import linear
from jobs.ensemble.boosting import Trees, agreed, unseen
from jobs.ensemble.forms import Family, Member
from jobs.ensemble.growing import grow, told
from jobs.ensemble.losses import Margins, loss
from jobs.ensemble.problem import Problem

Stop = Callable[[], bool]
_HOPELESS = 1.1
"""Times the best loss of a first fold: so far off, a member's weight is next to nothing, and its time is not."""


class Kept(Protocol):
    """Boosters of folds that are done, by name."""

    def get(self, name: str) -> bytes | None: ...
    def put(self, name: str, model: bytes) -> None: ...


@dataclass(frozen=True)
class Fitted:
    """A member on all folds. `margins` are for `Folds.judged`, in that order."""

    name: str
    title: str
    margins: Margins
    loss: float
    seconds: float
    trees: tuple[Trees, ...] = ()
    exponential: bool = False
    """Whether the trees' margins are logarithms; `margins` are not."""
    lines: tuple[linear.Line, ...] = ()


@dataclass
class Library:
    """What has been fitted, and what could not be."""

    fitted: list[Fitted] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    out_of_time: bool = False


class _Data:
    """Folds as XGBoost takes them, made once for all members."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._made: dict[int, tuple[xgb.QuantileDMatrix, xgb.DMatrix]] = {}

    def of(self, fold: int) -> tuple[xgb.QuantileDMatrix, xgb.DMatrix]:
        if fold not in self._made:
            self._made[fold] = self._problem.learned(fold), self._problem.judging(fold)
        return self._made[fold]


def fit_trees(
    problem: Problem, members: Sequence[Member], library: Library, kept: Kept, stop: Stop, say: Callable[[str], None]
) -> None:
    """Fit each member on each fold and add it to the library."""
    data, bar = _Data(problem), _Bar()
    for member in members:
        if library.fitted and stop():
            library.out_of_time = True
            return
        try:
            fitted = _on_all_folds(problem, data, member, kept, stop if library.fitted else _never, bar)
        except (xgb.core.XGBoostError, MemoryError, ValueError) as error:
            library.notes.append(f"{member.title} could not be fitted: {str(error).splitlines()[0]:.200}")
            continue
        if fitted is _Left.TIME:
            library.out_of_time = True
            return
        if fitted is _Left.HOPELESS:
            say(f"{member.title}: left after the first fold")
            continue
        library.fitted.append(fitted)
        say(f"{member.title}: {fitted.loss:.6g} out of fold, {fitted.seconds:.1f} s")


def _never() -> bool:
    return False


class _Left(Enum):
    """Why a member was not fitted on all folds."""

    TIME = auto()
    HOPELESS = auto()


class _Bar:
    """What a member has to come near in the first fold, to be worth the others."""

    def __init__(self) -> None:
        self._best = math.inf

    def is_beyond(self, lost: float) -> bool:
        """Whether that loss is far above the best one seen."""
        self._best = min(self._best, lost)
        return lost > self._best * _HOPELESS


def _on_all_folds(problem: Problem, data: _Data, member: Member, kept: Kept, stop: Stop, bar: _Bar) -> Fitted | _Left:
    """The member on every fold, or why it is not."""
    began, trees = time.monotonic(), []
    for fold in range(len(problem.folds.parts)):
        if stop():
            return _Left.TIME
        found = _resumed(kept, f"{member.name}-{fold}") or _fitted(problem, data, member, fold, kept)
        trees.append(found)
        if not fold and bar.is_beyond(_first_loss(problem, member, found)) and not member.stays:
            return _Left.HOPELESS
    margins = [one.margins(problem.judged(fold)) for fold, one in enumerate(unseen(trees))]
    whole = told(problem, member, np.concatenate(margins))
    judged = loss(whole, problem.labels[problem.folds.judged], problem.classes)
    exponential = member.family is Family.EXPONENTIAL
    return Fitted(member.name, member.title, whole, judged, time.monotonic() - began, agreed(trees), exponential)


def _first_loss(problem: Problem, member: Member, found: Trees) -> float:
    margins = told(problem, member, found.margins(problem.judged(0)))
    return loss(margins, problem.labels[problem.folds.parts[0].judged], problem.classes)


def _fitted(problem: Problem, data: _Data, member: Member, fold: int, kept: Kept) -> Trees:
    found = grow(problem, fold, member, *data.of(fold))
    found.booster.set_attr(rounds=str(found.rounds))
    kept.put(f"{member.name}-{fold}", bytes(found.booster.save_raw("ubj")))
    return found


def _resumed(kept: Kept, name: str) -> Trees | None:
    model = kept.get(name)
    if model is None:
        return None
    booster = xgb.Booster()
    booster.load_model(bytearray(model))
    return Trees(booster, int(booster.attr("rounds") or booster.num_boosted_rounds()))


def fit_lines(
    problem: Problem,
    library: Library,
    stop: Stop,
    say: Callable[[str], None],
    strengths: Sequence[float] = linear.STRENGTHS,
) -> None:
    """Fit linear models of several strengths and add them to the library."""
    if library.fitted and stop():
        library.out_of_time = True
        return
    learned, judged = [], []
    for fold in range(len(problem.folds.parts)):
        own = problem.scaling.of(problem.features.layout.of_block(fold))
        matrix, labels = problem.sample(fold)
        learned.append((own.apply(matrix), labels))
        judged.append(own.apply(problem.judged(fold)))
    for strength in strengths:
        began = time.monotonic()
        lines = [linear.fit(even, labels, problem.classes, strength) for even, labels in learned]
        whole = np.concatenate([line.margins(even) for line, even in zip(lines, judged, strict=True)])
        lost = loss(whole, problem.labels[problem.folds.judged], problem.classes)
        seconds = time.monotonic() - began
        library.fitted.append(Fitted(f"linear-{strength:g}", "linear model", whole, lost, seconds, lines=tuple(lines)))
        say(f"linear model of strength {strength:g}: {lost:.6g} out of fold, {seconds:.1f} s")
