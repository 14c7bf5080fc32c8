"""Fitting an ensemble: every member on every fold, then weights, calibration and decision from what they said of rows
they had not seen.

Effects stay outside: `Kept` keeps a fold's booster where a stopped job finds it again, `Stop` says that time is over. A
member that cannot be fitted is a sentence and not the end, as long as another can.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import Enum, auto
from threading import Lock
from typing import Protocol

import numpy as np
import xgboost as xgb

from jobs.ensemble import linear, random_trees
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
    seconds: float = 0.0
    """What all of it took, by the clock: less than the members' own together where folds were fitted side by side."""


class _Left(Enum):
    """Why a member was not fitted on a fold."""

    TIME = auto()
    HOPELESS = auto()


@dataclass(frozen=True)
class _Grown:
    """A member on one fold; `lost` is its loss there, of the first fold only."""

    trees: Trees
    seconds: float
    lost: float


_Found = Future[_Grown | _Left]


class _Folds:
    """Members on folds, by several threads at a time; a fold's rows, made once for all members, are one thread's."""

    def __init__(self, problem: Problem, members: Sequence[Member], kept: Kept | None, stop: Stop) -> None:
        self._problem, self._members, self._kept, self._stop = problem, members, kept, stop
        self._made: dict[int, tuple[xgb.QuantileDMatrix, xgb.DMatrix]] = {}
        self._locks = [Lock() for _ in problem.folds.parts]
        self._firsts: list[_Found] = []

    def begin(self, pool: ThreadPoolExecutor) -> list[list[_Found]]:
        """For each member its folds, all of which `pool` will see to."""
        begun: list[list[_Found]] = [[] for _ in self._members]
        for place, fold in order(len(self._members), len(self._locks)):
            future = pool.submit(self._on, place, fold)
            begun[place].append(future)
            if not fold:
                self._firsts.append(future)
        return begun

    def _on(self, place: int, fold: int) -> _Grown | _Left:
        member = self._members[place]
        if fold and not member.stays and self._is_hopeless(place):
            return _Left.HOPELESS
        if self._stop():
            return _Left.TIME
        with self._locks[fold]:
            began, name = time.monotonic(), f"{member.name}-{fold}"
            trees = _resumed(self._kept, name) or self._fitted(member, fold, name)
            lost = math.nan if fold else _first_loss(self._problem, member, trees)
            return _Grown(trees, time.monotonic() - began, lost)

    def _is_hopeless(self, place: int) -> bool:
        """Whether the first fold went far worse than the best that it did for the members so far."""
        lost = [_lost(first) for first in self._firsts[: place + 1]]
        return lost[place] > min(lost) * _HOPELESS

    def _fitted(self, member: Member, fold: int, name: str) -> Trees:
        if fold not in self._made:
            self._made[fold] = self._problem.learned(fold), self._problem.judging(fold)
        found = grow(self._problem, fold, member, *self._made[fold])
        if self._kept is not None:
            found.booster.set_attr(rounds=str(found.rounds))
            self._kept.put(name, bytes(found.booster.save_raw("ubj")))
        return found


def _lost(first: _Found) -> float:
    if first.exception() is not None:
        return math.inf
    found = first.result()
    return found.lost if isinstance(found, _Grown) else math.inf


def order(members: int, folds: int) -> Iterator[tuple[int, int]]:
    """Which member on which fold is begun when. What comes of a first fold says whether the others are worth their
    time: so it comes early enough for nobody to wait for it.

    >>> list(order(2, 3))
    [(0, 0), (1, 0), (0, 1), (0, 2), (1, 1), (1, 2)]
    """
    yield 0, 0
    for member in range(members):
        if member + 1 < members:
            yield member + 1, 0
        for fold in range(1, folds):
            yield member, fold


def fit_trees(
    problem: Problem,
    members: Sequence[Member],
    library: Library,
    kept: Kept | None,
    stop: Stop,
    say: Callable[[str], None],
) -> None:
    """Fit each member on each fold and add it to the library.

    A fold with one thread, and as many folds at a time as there are threads, which is twice as fast as one after the
    other with all of them; the model is the same.
    """
    began = time.monotonic()
    folds = _Folds(problem, members, kept, lambda: bool(library.fitted) and stop())
    pool = ThreadPoolExecutor(problem.side_by_side)
    try:
        for member, begun in zip(members, folds.begin(pool), strict=True):
            _add(problem, member, begun, library, say)
            if library.out_of_time:
                break
    finally:
        pool.shutdown(cancel_futures=True)
    library.seconds += time.monotonic() - began


def _add(
    problem: Problem, member: Member, begun: Sequence[_Found], library: Library, say: Callable[[str], None]
) -> None:
    """Wait for a member, and say what became of it."""
    try:
        found = [one.result() for one in begun]
    except (xgb.core.XGBoostError, MemoryError, ValueError) as error:
        library.notes.append(f"{member.title} could not be fitted: {str(error).splitlines()[0]:.200}")
        return
    grown = [one for one in found if isinstance(one, _Grown)]
    if len(grown) == len(found):
        fitted = _fitted(problem, member, grown)
        library.fitted.append(fitted)
        say(f"{member.title}: {fitted.loss:.6g} out of fold, {fitted.seconds:.1f} s")
    elif _Left.HOPELESS in found:
        say(f"{member.title}: left after the first fold")
    else:
        library.out_of_time = True


def _fitted(problem: Problem, member: Member, grown: Sequence[_Grown]) -> Fitted:
    """The member on all folds."""
    trees = [one.trees for one in grown]
    margins = [one.margins(problem.judged(fold)) for fold, one in enumerate(unseen(trees))]
    whole = told(problem, member, np.concatenate(margins))
    judged = loss(whole, problem.labels[problem.folds.judged], problem.classes)
    exponential = member.family is Family.EXPONENTIAL
    seconds = sum(one.seconds for one in grown)
    answering = random_trees.answering(trees) if member.family is Family.RANDOM else agreed(trees)
    return Fitted(member.name, member.title, whole, judged, seconds, answering, exponential)


def _first_loss(problem: Problem, member: Member, found: Trees) -> float:
    margins = told(problem, member, found.margins(problem.judged(0)))
    return loss(margins, problem.labels[problem.folds.parts[0].judged], problem.classes)


def _resumed(kept: Kept | None, name: str) -> Trees | None:
    model = None if kept is None else kept.get(name)
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
    started, learned, judged = time.monotonic(), [], []
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
    library.seconds += time.monotonic() - started
