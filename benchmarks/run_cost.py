"""What a run takes against what was said before it, on ten made tables: `python -m benchmarks run_cost`.

Each table is prepared, tuned with two trials and trained as a relay does it (benchmarks/models/runners/ours.py), and
then once more with three tenths more rows. Counted are CPU seconds on one core, because they stay the same on a machine
that others use, too; evaluating needs an endpoint, and is left out. The first run has to lie between the low and the
high of the arithmetic, the second within a quarter of what the first one says of it.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from chalicelib.costs import estimate
from chalicelib.costs.estimate import FIRST, Size
from chalicelib.names import Step

TRIALS = 2
GROWN = 1.3
TABLES = (
    (500, 6, "binary"),
    (2_000, 10, "binary"),
    (2_000, 10, "regression"),
    (4_000, 8, "multiclass"),
    (5_000, 20, "binary"),
    (1_000, 40, "regression"),
    (10_000, 12, "regression"),
    (3_000, 15, "multiclass"),
    (10_000, 30, "binary"),
    (20_000, 10, "binary"),
)
"""Rows, columns beside the target, and the task."""
_STEPS = (Step.PREPARE, Step.TUNE, Step.TRAIN)


class Took(NamedTuple):
    """CPU seconds of a run's steps: all trials together are one."""

    size: Size
    seconds: dict[Step, float]

    @property
    def total(self) -> float:
        return sum(self.seconds.values())


def write_table(path: Path, rows: int, columns: int, task: str, seed: int) -> None:
    """Numbers, every fourth column words, two of a hundred numbers missing; the target follows from two of them."""
    import pandas as pd

    rng = np.random.default_rng(seed)
    made: dict[str, Any] = {}
    for number in range(columns):
        if number % 4 == 3:
            made[f"word {number}"] = rng.choice([f"w{one}" for one in range(3 + 5 * number % 17)], rows)
        else:
            values = np.round(rng.normal(100, 20, rows), 3)
            values[rng.random(rows) < 0.02] = np.nan
            made[f"number {number}"] = values
    first, second = (np.nan_to_num(np.asarray(made[f"number {one}"]), nan=100.0) for one in (0, 1))
    score = first / 20 + second / 30 + rng.normal(0, 1, rows)
    match task:
        case "binary":
            made["target"] = np.where(score > np.quantile(score, 0.7), "yes", "no")
        case "multiclass":
            made["target"] = np.array(list("abcd"))[np.digitize(score, np.quantile(score, [0.25, 0.5, 0.75]))]
        case _:
            made["target"] = np.round(score, 4)
    pd.DataFrame(made).to_csv(path, index=False)


def took(rows: int, columns: int, task: str, seed: int) -> Took:
    """One run, step by step."""
    from benchmarks.models.runners import ours

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        write_table(path, rows, columns, task, seed)
        asked = {"name": "made", "target": "target", "task": task, "train": str(path), "cores": 1, "trials": TRIALS}
        steps = [one.cpu_seconds for one in ours.trained(asked, Path(folder), Path(folder) / "model")]
    seconds = dict(zip(_STEPS, (steps[0], sum(steps[1:-1]), steps[-1]), strict=True))
    return Took(Size(rows, columns + 1, TRIALS, ours.LEAST_TEST_SHARE), seconds)


def said_first(size: Size) -> tuple[float, float]:
    """Low and high of a first run's steps, without what a machine of SageMaker's takes to start."""
    middle = sum(estimate.middle(step, size) for step in _STEPS)
    return FIRST[0] * middle, FIRST[1] * middle


def said_again(size: Size, before: Took) -> float:
    """What a second run is said to take, in the middle."""
    return sum(
        before.seconds[step] * estimate.middle(step, size) / estimate.middle(step, before.size) for step in _STEPS
    )


def judged(pairs: Sequence[tuple[Took, Took]]) -> dict[str, float]:
    """The shares of runs that were as they were said to be."""
    inside = [low <= first.total <= high for first, _ in pairs for low, high in [said_first(first.size)]]
    off = [abs(second.total / said_again(second.size, first) - 1) for first, second in pairs]
    return {
        "first_inside": sum(inside) / len(inside),
        "second_within_a_quarter": sum(one <= 0.25 for one in off) / len(off),
        "second_furthest_off": max(off),
    }


def pairs(tables: Sequence[tuple[int, int, str]] = TABLES) -> Iterator[tuple[Took, Took]]:
    """Each table's first run and its second, as they end."""
    for seed, (rows, columns, task) in enumerate(tables):
        yield took(rows, columns, task, seed), took(int(GROWN * rows), columns, task, seed)


def measure() -> dict[str, float]:
    """The two shares. About ten minutes on a quiet machine."""
    return judged(list(pairs()))


def main() -> None:
    """As `measure`, with a line for each table; a number on the command line is how many tables."""
    found = []
    for pair in pairs(TABLES[: int(sys.argv[1])] if len(sys.argv) > 1 else TABLES):
        found.append(pair)
        for one in pair:
            steps = {str(step): round(seconds, 1) for step, seconds in one.seconds.items()}
            print(json.dumps({"rows": one.size.rows, "columns": one.size.columns, **steps}), flush=True)
    print(json.dumps(judged(found)))


if __name__ == "__main__":
    main()
