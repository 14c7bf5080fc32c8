"""When a trial is given up before its end: the median rule, and Hyperband's successive halving.

Both go by rounds and never by a clock, so that the same trials are given up at the same round however fast each of
them runs: a trial is compared with certain others by their numbers, and its judgement waits for theirs. A round that a
trial has printed beyond the one it was given up at counts for nothing, nor does whether its end came first.

Median (`TrainingJobEarlyStoppingType` Auto): from its third round on, a trial whose best value so far is worse than the
median, at the same round, of those trials whose results were known when it was begun; there must be four.
Halving (Hyperband): a trial goes on beyond a rung when it is among the best third there of its bracket's trials up to
its own number; the first three need to be the best. Brackets begin at `MinResource` times a power of three, and have
shares of the trials as in the paper.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

_FACTOR = 3
_REFERENCES, _WARM_UP = 4, 3


@dataclass
class Curve:
    """What one trial has printed of its objective, larger is better, and how far it has been judged."""

    number: int
    known: int
    """How many trials, from the first, had their results told when this one was begun."""
    points: list[tuple[int, float]] = field(default_factory=list)
    """Round, from 0, and value."""
    over: bool = False
    """Nothing more will come."""
    failed: bool = False
    """It ended without a result."""
    given_up: int | None = None
    """The round it is given up at."""
    judged: int = 0
    best: float = -math.inf
    rungs: list[float] = field(default_factory=list)

    @property
    def settled(self) -> bool:
        """Whether nothing can change any more."""
        return self.given_up is not None or (self.over and self.judged == len(self.points))

    @property
    def kept(self) -> dict[int, float]:
        """The values by round, up to where it was given up."""
        return {at: value for at, value in self.points if self.given_up is None or at <= self.given_up}


class Rule(Protocol):
    """Judges one trial."""

    def judge(self, curve: Curve, curves: Mapping[int, Curve]) -> None:
        """Go on with a trial as far as can be judged by now. `curves`: all there are, by number."""


class Never:
    """No trial is given up."""

    def judge(self, curve: Curve, curves: Mapping[int, Curve]) -> None:  # noqa: ARG002
        curve.judged = len(curve.points)


class Median:
    """See above."""

    def judge(self, curve: Curve, curves: Mapping[int, Curve]) -> None:
        if curve.given_up is not None:
            return
        references = [curves[number].kept for number in range(1, curve.known + 1) if not curves[number].failed]
        for at, value in curve.points[curve.judged :]:
            curve.judged += 1
            curve.best = max(curve.best, value)
            there = [kept[at] for kept in references if at in kept]
            if len(references) >= _REFERENCES and at + 1 >= _WARM_UP and there and curve.best < _median(there):
                curve.given_up = at
                return


@dataclass(frozen=True)
class Halving:
    """See above; resources are rounds."""

    least: int = 1
    most: int = 100

    def judge(self, curve: Curve, curves: Mapping[int, Curve]) -> None:
        bracket = self.bracket(curve.number)
        if curve.given_up is not None:
            return
        peers = [
            curves[number] for number in sorted(curves) if number < curve.number and self.bracket(number) == bracket
        ]
        while curve.judged < len(curve.points):
            at, value = curve.points[curve.judged]
            rung = len(curve.rungs)
            if at + 1 >= self.least * _FACTOR ** (bracket + rung):
                if not all(len(peer.rungs) > rung or peer.settled for peer in peers):
                    return
                there = sorted([peer.rungs[rung] for peer in peers if len(peer.rungs) > rung] + [value], reverse=True)
                curve.rungs.append(value)
                if value < there[max(1, len(there) // _FACTOR) - 1]:
                    curve.given_up = at
                    return
            curve.judged += 1

    def bracket(self, number: int) -> int:
        """Whose bracket a trial is in: each has its share of any first so many trials.

        >>> [Halving(1, 9).bracket(number) for number in range(1, 8)]
        [0, 1, 0, 2, 0, 1, 0]
        """
        shares = self._shares()
        had = [0] * len(shares)
        for count in range(1, number + 1):
            due = [share * count - had[place] for place, share in enumerate(shares)]
            chosen = due.index(max(due))
            had[chosen] += 1
        return chosen

    def _shares(self) -> list[float]:
        brackets = 1
        while self.least * _FACTOR**brackets <= self.most:
            brackets += 1
        budgets = [math.ceil(brackets * _FACTOR**left / (left + 1)) for left in reversed(range(brackets))]
        return [budget / sum(budgets) for budget in budgets]


def rule(config: Mapping[str, Any]) -> Rule:
    """The one that a tuning's configuration asks for."""
    if config["Strategy"] == "Hyperband":
        limits = config.get("StrategyConfig", {}).get("HyperbandStrategyConfig", {})
        return Halving(limits.get("MinResource", 1), limits.get("MaxResource", 100))
    return Median() if config.get("TrainingJobEarlyStoppingType") == "Auto" else Never()


def _median(values: Sequence[float]) -> float:
    ordered, middle = sorted(values), len(values) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
