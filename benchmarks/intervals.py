"""How often intervals hold the truth: samples from worlds whose truth is known, measured as an evaluation measures.

`python -m benchmarks intervals` has the least share that holds, in a few minutes; `python -m benchmarks.intervals
[draws [resamples]]` prints the whole table, of which docs/model-quality.md has a part (2,000 draws: hours). Seeded: the
same figures each time.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.special import expit, softmax

from jobs.metrics import intervals
from jobs.metrics.catalogue import CATALOGUE
from jobs.metrics.intervals import Metric
from jobs.metrics.mean_intervals import few_decide, uncertain
from jobs.metrics.predictions import Predictions
from jobs.metrics.scores import score

Generator = np.random.Generator
Floats = npt.NDArray[np.float64]
Pair = tuple[Predictions, Predictions]
ROWS = (100, 500, 2_000)
DRAWS, RESAMPLES = 2_000, 100
"""Resamples are as few as the largest tables get; more hold a little better."""
_WORLD_ROWS = 1_000_000
CLASSES = {"binary": ["no", "yes"], "multiclass": ["a", "b", "c"], "regression": None}


@dataclass(frozen=True)
class World:
    """Rows without end, and what two models say of them: a candidate, and a live one whose answers are partly the
    same. `known`: metrics of the candidate that need no computing."""

    name: str
    task: str
    draw: Callable[[Generator, int], Pair]
    known: Mapping[str, float] = field(default_factory=dict)

    def truth(self, rows: int = _WORLD_ROWS) -> tuple[dict[str, float], dict[str, float]]:
        """The candidate's metrics over very many rows, and these less the live model's."""
        candidate, live = (score(one).values for one in self.draw(np.random.default_rng(999), rows))
        return {**candidate, **self.known}, {name: value - live[name] for name, value in candidate.items()}


@dataclass
class Count:
    """Intervals by what became of them."""

    held: int = 0
    below: int = 0
    above: int = 0
    none: int = 0
    width: float = 0.0

    @property
    def given(self) -> int:
        return self.held + self.below + self.above

    @property
    def share(self) -> float:
        """Of the given intervals how many hold the truth; NaN where none is given."""
        return self.held / self.given if self.given else float("nan")

    def add(self, metric: Metric, truth: float) -> None:
        if metric.low is None or metric.high is None:
            self.none += 1
            return
        self.width += metric.high - metric.low
        self.held += metric.low <= truth <= metric.high
        self.below += metric.high < truth
        self.above += metric.low > truth


@dataclass(frozen=True)
class Coverage:
    """By metric: the candidate's intervals, and those of the differences where a live model was measured too.
    `warned`: in how many samples few rows made most of the error; `of_mape`: or values near 0 much of the MAPE."""

    own: dict[str, Count]
    differences: dict[str, Count]
    warned: int
    of_mape: int


def binary(share: float, distance: float, cut: float) -> World:
    """Two classes whose scores are normal, so far apart; calibrated probabilities, the positive class from `cut`
    log-odds on. The live model sees the scores through some noise."""
    blurred = distance / np.sqrt(1.09)

    def said(actual: npt.NDArray[np.int64], seen: Floats, apart: float) -> Predictions:
        odds = np.log(share / (1 - share)) + apart * seen - apart**2 / 2
        chance = expit(odds)
        return Predictions("binary", actual, (odds > cut).astype(np.int64), np.stack([1 - chance, chance], axis=1), 1)

    def draw(generator: Generator, rows: int) -> Pair:
        actual = (generator.random(rows) < share).astype(np.int64)
        seen = generator.normal(distance * actual, 1)
        through_noise = (seen + 0.3 * generator.normal(size=rows)) / np.sqrt(1.09)
        return said(actual, seen, distance), said(actual, through_noise, blurred)

    return World(f"{share:.0%} positive, {distance:g} apart", "binary", draw)


def three_classes(shares: tuple[float, float, float]) -> World:
    """Three classes in a plane, as far from each other."""
    places = 1.8 * np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(0.75)]])
    prior = np.log(np.array(shares))

    def said(actual: npt.NDArray[np.int64], seen: Floats) -> Predictions:
        chance = softmax(prior + seen @ places.T - np.square(places).sum(axis=1) / 2, axis=1)
        return Predictions("multiclass", actual, chance.argmax(axis=1), chance)

    def draw(generator: Generator, rows: int) -> Pair:
        actual = generator.choice(3, size=rows, p=shares)
        seen = places[actual] + generator.normal(size=(rows, 2))
        return said(actual, seen), said(actual, seen + 0.3 * generator.normal(size=(rows, 2)))

    return World(f"three classes, {min(shares):.0%} the rarest", "multiclass", draw)


def numbers(name: str, errors: Callable[[Generator, int], Floats], variance: float) -> World:
    """A line with errors of that variance."""

    def draw(generator: Generator, rows: int) -> Pair:
        known = generator.normal(10, 1.5, rows)
        actual = known + errors(generator, rows)
        noisy = known + 0.2 * generator.normal(size=rows)
        return Predictions("regression", actual, known), Predictions("regression", actual, noisy)

    explained = 1.5**2 / (1.5**2 + variance)
    known = {"rmse": np.sqrt(variance), "mse": variance, "r2": explained, "explained_variance": explained}
    return World(name, "regression", draw, known)


COMMON, RARE = binary(0.3, 1.5, 0.0), binary(0.05, 1.5, -1.5)
COMMON_GOOD, RARE_GOOD = binary(0.3, 3.0, 0.0), binary(0.05, 3.0, -0.5)
THREE = three_classes((0.6, 0.3, 0.1))
NORMAL = numbers("normal errors", lambda generator, rows: generator.normal(size=rows), 1.0)
HEAVY = numbers("heavy-tailed errors (t3)", lambda generator, rows: generator.standard_t(3, rows), 3.0)


def coverage(
    world: World, rows: int, draws: int, *, live: bool = True, resamples: int = RESAMPLES, of: int = _WORLD_ROWS
) -> Coverage:
    """Over so many samples of so many rows. `of`: rows of the world that the truth is taken from."""
    truth, gap = world.truth(of)
    found = Coverage({name: Count() for name in truth}, {name: Count() for name in truth if live}, 0, 0)
    warned = of_mape = 0
    for draw in range(draws):
        candidate, other = world.draw(np.random.default_rng([rows, draw]), rows)
        measured = intervals.measure(candidate, other if live else None, CLASSES[world.task], resamples=resamples)
        for name, metric in measured.candidate.metrics.items():
            found.own[name].add(metric, truth[name])
        for name, metric in (measured.differences or {}).items():
            found.differences[name].add(metric, gap[name])
        warned += few_decide(candidate) is not None
        of_mape += bool(uncertain(candidate))
    return Coverage(found.own, found.differences, warned, of_mape)


def worlds(draws: int, resamples: int) -> Iterator[tuple[World, int, Coverage]]:
    """Every world at every number of rows."""
    for world in (COMMON, RARE, COMMON_GOOD, RARE_GOOD, THREE, NORMAL, HEAVY):
        for rows in ROWS:
            yield world, rows, coverage(world, rows, draws, resamples=resamples)


def least(counts: Mapping[str, Count], task: str, fewest: int) -> float:
    """The least share that holds among the metrics that documents name, where at least so many were given."""
    shares = [counts[name].share for name in CATALOGUE.published(task) if counts[name].given >= fewest]
    return min(shares, default=1.0)


def measure(draws: int = 300, resamples: int = RESAMPLES) -> dict[str, float]:
    """The least shares that hold: of metrics and of differences without heavy tails, and of RMSE with them."""
    found = {"least_share_held": 1.0, "least_share_held_of_differences": 1.0, "heavy_rmse_held": 1.0}
    for world, rows, one in worlds(draws, resamples):
        if world is HEAVY:
            found["heavy_rmse_held"] = min(found["heavy_rmse_held"], one.own["rmse"].share)
            found[f"heavy_warned_of_{rows}"] = one.warned / draws
            continue
        found["least_share_held"] = min(found["least_share_held"], least(one.own, world.task, draws // 2))
        of_differences = least(one.differences, world.task, draws // 2)
        found["least_share_held_of_differences"] = min(found["least_share_held_of_differences"], of_differences)
    return found


def main(draws: int = DRAWS, resamples: int = RESAMPLES) -> None:
    """Print what holds and what is not given, by world, rows and metric."""
    for world, rows, one in worlds(draws, resamples):
        told = f", {one.warned / draws:.3f} warned of few rows, {one.of_mape / draws:.3f} of the MAPE"
        warned = told if world.task == "regression" else ""
        print(f"{world.name}, {rows:,} rows, {draws:,} draws{warned}")
        for name in CATALOGUE.published(world.task):
            own, gap = one.own[name], one.differences[name]
            print(
                f"  {name:<24} {own.share:.3f} (below {own.below / draws:.3f}, above {own.above / draws:.3f},"
                f" none {own.none / draws:.3f}, width {own.width / max(own.given, 1):.4g})"
                f"   difference {gap.share:.3f} (none {gap.none / draws:.3f})",
                flush=True,
            )


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
