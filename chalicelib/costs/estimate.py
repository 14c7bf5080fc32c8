"""What a run will take and cost, before it begins: from its rows, columns and trials, or from the runs before. Pure.

The arithmetic, in seconds of one machine: `fixed + each * fits * cells ** 0.8`, where cells are rows times columns in
thousands, and fits are the models that a step trains one after the other: `algorithm: auto` has more folds and more
members where rows are few, so that a table which grows past one of its limits takes less than before. The constants of
a step are CPU seconds of its job on a laptop, measured on made data (`python -m benchmarks run_cost`); AWS's machines
are others, so a first run is told from a third of that to three times as much.

Where the dataset had runs before, each job takes the median of what it took then, times what the arithmetic says of
both sizes, a quarter more or less: what this data does to the time is in it already. A training ends when its loss does
not fall any more, with whatever hyperparameters were best, and the same table may take much longer another time. So
where the runs before differ by more than a quarter, what is told reaches from the shortest to the longest of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from chalicelib.algorithms import BUILT_IN, Registry
from chalicelib.costs import spent
from chalicelib.costs.prices import Price, Prices
from chalicelib.names import Step
from chalicelib.records.run import Run
from chalicelib.serving_mode import Mode

FIRST, AGAIN = (1 / 3, 3.0), (0.75, 1.25)
"""How far from the middle low and high are."""
START = 60.0
"""Seconds that a job's machine may bill before its script begins; none of them is in the low figure."""
CREATING = 300.0
"""Seconds until a candidate's endpoint is there."""


@dataclass(frozen=True, slots=True)
class Takes:
    """How long a step takes: CPU seconds, whatever the size, and for a thousand cells."""

    fixed: float
    each: float

    def seconds(self, cells: float, fits: float = 1.0) -> float:
        return self.fixed + self.each * fits * float((cells / 1000) ** _POWER)


_POWER = 0.8
TAKES: Mapping[Step, Takes] = {
    Step.PREPARE: Takes(1.3, 0.01),
    Step.TUNE: Takes(1.6, 0.006),
    Step.TRAIN: Takes(3.5, 0.007),
    Step.COMPARE: Takes(3.0, 0.02),
    Step.PACK: Takes(1.5, 0.0),
    Step.EVALUATE: Takes(3.0, 0.02),
}
"""Of a tuning, one trial. A comparison asks and measures as an evaluation does, and is taken for one."""


@dataclass(frozen=True, slots=True)
class Size:
    """What a run is about. `trials` 0: no tuning."""

    rows: int
    columns: int
    trials: int
    test: float = 0.15
    """The share of the rows that is kept for the evaluation, and not learned from."""
    folded: bool = True
    """Whether the algorithm has folds and members; another's model is fitted once."""
    others: tuple[bool, ...] = ()
    """The same of each further algorithm, where a run is over several."""

    @property
    def cells(self) -> int:
        return self.rows * self.columns


@dataclass(frozen=True, slots=True)
class Expected:
    """A part of a run that has not begun: machine seconds and dollars, low to high. Dollars None: not known."""

    what: str
    instance: str
    low: float
    high: float
    price: Price | None

    @property
    def usd(self) -> tuple[float, float] | None:
        if self.price is None:
            return None
        return self.price.usd * self.low / 3600, self.price.usd * self.high / 3600


FOLDS = ((2_000, 8), (100_000, 5), (float("inf"), 1))
"""Folds up to so many rows that are learned from; the first bound is no longer among them."""
TRIED_ON_ALL_FOLDS = 5_000
"""Rows up to which each trial of a tuning is judged on every fold, and not on one."""
MEMBERS = ((5_000, 5, 5), (20_000, 2, 2), (float("inf"), 2, 1))
"""Up to so many rows: the best trials and the fixed forms that an ensemble is made of, at most."""


def fits(step: Step, size: Size) -> int:
    """How many models a step trains one after the other; of a tuning, each trial.

    >>> [fits(Step.TRAIN, Size(rows, 10, 20)) for rows in (1_000, 5_000, 10_000, 200_000)]
    [80, 50, 20, 6]
    >>> fits(Step.TUNE, Size(5_000, 10, 20)), fits(Step.TUNE, Size(6_000, 10, 20)), fits(Step.PREPARE, Size(9, 9, 9))
    (5, 1, 1)
    """
    if step not in {Step.TUNE, Step.TRAIN} or not size.folded:
        return 1
    learned = size.rows * (1 - size.test)
    folds = FOLDS[0][1] if learned < FOLDS[0][0] else next(count for most, count in FOLDS[1:] if learned <= most)
    if step is Step.TUNE:
        return folds if learned <= TRIED_ON_ALL_FOLDS else 1
    tried, fixed = next((tried, fixed) for most, tried, fixed in MEMBERS if learned <= most)
    # With one fold alone, what it chose is fitted again on all rows.
    return max(folds, 2) * (min(tried, size.trials or 1) + fixed)


def middle(step: Step, size: Size) -> float:
    """The seconds of a step by the arithmetic alone: of a tuning, of all its trials together.

    >>> round(middle(Step.TUNE, Size(1000, 10, 20)) / middle(Step.TUNE, Size(1000, 10, 10)), 3)
    2.0
    """
    takes = TAKES[step].seconds(size.cells, fits(step, size))
    return takes * size.trials if step is Step.TUNE else takes


def of_run(
    size: Size, run: Run, known: Prices, before: Sequence[tuple[Run, Size]] = (), offered: Registry = BUILT_IN
) -> list[Expected]:
    """The parts of a run with these settings. `before`: earlier runs of the dataset, and what each was about."""
    priced = known.with_written(run.settings["prices"])
    took = [(_took(one), then) for one, then in before]
    trains = ((Step.TUNE,) if size.trials else ()) + (Step.TRAIN,)
    steps = [(Step.PREPARE, size)]
    for folded in (size.folded, *size.others):
        steps += [(step, replace(size, folded=folded)) for step in trains]
    steps += [(Step.COMPARE, size)] * bool(size.others)
    parts = []
    steps += [(Step.PACK, size)] * spent.packs(run, offered)
    for step, about in (*steps, (Step.EVALUATE, size)):
        use, instance, _ = spent.machine(run, step)
        # Of several algorithms the runs before tell the last one's times alone.
        low, high = between(step, about, [] if size.others and step in trains else took)
        parts.append(Expected(spent.WORDS[step], instance, low, high, priced.of(use, instance)))
    if run.mode is Mode.REALTIME:
        use, instance, _ = spent.machine(run, Step.CANDIDATE)
        evaluating = parts[-1]
        there = Expected("candidate", instance, evaluating.low, evaluating.high + CREATING, priced.of(use, instance))
        parts.insert(-1, there)
    return parts


def between(step: Step, size: Size, took: Sequence[tuple[Mapping[Step, float], Size]]) -> tuple[float, float]:
    """Low and high of a step's seconds. `took`: what the steps of earlier runs took, and what each was about.

    >>> sizes = Size(1000, 10, 0), Size(1000, 10, 0)
    >>> [round(one) for one in between(Step.TRAIN, sizes[0], [({Step.TRAIN: 100.0}, sizes[1])])]
    [75, 125]
    >>> took = [({Step.TRAIN: seconds}, sizes[1]) for seconds in (90.0, 100.0, 200.0)]
    >>> [round(one) for one in between(Step.TRAIN, sizes[0], took)]
    [75, 200]
    """
    then = [
        one[step] * middle(step, size) / middle(step, about)
        for one, about in took
        if step in one and middle(step, about)
    ]
    if then:
        usual = float(median(then))
        return min(AGAIN[0] * usual, *then), max(AGAIN[1] * usual, *then)
    jobs = size.trials if step is Step.TUNE else 1
    return FIRST[0] * middle(step, size), FIRST[1] * middle(step, size) + START * jobs


def _took(run: Run) -> dict[Step, float]:
    """What SageMaker billed of each step of an earlier run, of the last attempt."""
    found: dict[Step, float] = {}
    for job in run.jobs:
        seconds = job.billable_seconds if job.step in {Step.TUNE, Step.TRAIN} else job.seconds
        if seconds is not None and job.step in TAKES:
            found[job.step] = seconds
    return found


def total(parts: Sequence[Expected]) -> tuple[float, float] | None:
    """Dollars of all, low to high; None where one is not known."""
    sums = [one.usd for one in parts]
    known = [one for one in sums if one is not None]
    return (sum(low for low, _ in known), sum(high for _, high in known)) if len(known) == len(sums) else None
