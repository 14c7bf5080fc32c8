"""Estimates without labels where rows hang together: do intervals hold the truth, and is a certain loss one?

`python -m benchmarks dependent_estimates` prints the table of "Rows that hang together" under "does the estimate hold?"
in docs/drift.md: models that know their own confidence, 1,500 held-out rows and windows of 1,000, made up from seeds;
rows as they are, every row five times, confidences that follow each other (AR(1) at .9) with outcomes that do not, and
with outcomes that do. Half of the windows are as the held-out rows, in the others everybody comes close to the line
between the classes, which costs a tenth of ROC AUC and more. And numbers, in windows of rows that come five times.
Beside ours stands the same estimate that counts every row.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import signal, special

from jobs.evaluate.held_out import answer_columns
from jobs.metrics.predictions import Predictions
from jobs.metrics.scores import score
from jobs.performance_estimation import AnswerCounts, calibration, estimate
from jobs.profiles.dependence import of_repeats
from jobs.profiles.describe import describe
from jobs.profiles.profile import Reference
from jobs.profiles.row_sample import RowSample
from tests.error_estimation import made

DRAWS, HELD_OUT, WINDOW, TIMES, KEEPS = 40, 1_500, 1_000, 5, 0.9
CLASSES = ["no", "yes"]
Floats = NDArray[np.float64]


def measure(draws: int = DRAWS) -> dict[str, Any]:
    """Over all families, the lowest share of intervals that hold the truth and the highest of losses called certain
    that are none. Prints the table."""
    print(
        "| | true ROC AUC (of numbers MAE) within the interval | every row counted | certain losses without one "
        "| of those that lost |\n|---|---|---|---|---|"
    )
    shares = [_told(name, [of(seed) for seed in range(draws)]) for name, of in FAMILIES.items()]
    return {
        "lowest_share_held": min(held for held, _ in shares),
        "highest_share_wrongly_certain": max(wrongly for _, wrongly in shares),
    }


def _told(name: str, draws: list[tuple[bool, bool, bool, bool]]) -> tuple[float, float]:
    cells = [sum(column) for column in zip(*draws, strict=True)]
    print(f"| {name} | {' | '.join(f'{count} of {len(draws)}' for count in cells)} |", flush=True)
    return cells[0] / len(draws), cells[2] / len(draws)


def _classes(draw: Callable[[Generator, int], tuple[Floats, Floats]], times: int = 1) -> Any:
    def judged(seed: int) -> tuple[bool, bool, bool, bool]:
        generator = np.random.default_rng(seed)
        held_out = _answered(*draw(generator, HELD_OUT // times), times)
        document: Any = {"task": "binary", "classes": CLASSES, "positive_class": "yes"}
        document["calibration"] = calibration(held_out, document)
        same = _answered(*draw(generator, WINDOW // times), times)
        inputs, chance = draw(generator, WINDOW // times)
        harder = _answered(0.33 + 0.35 * inputs, chance, times)
        found, lost = (_estimated(document, held_out, rows) for rows in (same, harder))
        before = _estimated({**document, "calibration": {**document["calibration"], "effect": 1.0}}, None, same)
        true = score(same).values["auc"]
        return _holds(found, "auc", true), _holds(before, "auc", true), _certain(found), _certain(lost)

    return judged


def _answered(inputs: Floats, chance: Floats, times: int) -> Predictions:
    """`chance` decides about each row's outcome, uniform."""
    share = special.expit(1.5 * inputs - 0.5)
    rows = np.repeat(np.arange(len(inputs)), times)
    both = np.stack([1 - share, share], axis=1)[rows]
    return Predictions("binary", (chance < share).astype(int)[rows], (share > 0.5).astype(int)[rows], both, 1)


def _estimated(document: Any, held_out: Predictions | None, rows: Predictions) -> Any:
    """As a check estimates where the training rows are in order of time; without held-out rows every row counts."""
    counts = AnswerCounts.empty(document)
    counts.add(np.array(CLASSES)[rows.predicted], rows.probability)
    effect = 1.0 if held_out is None else _repeats(held_out, rows)
    return estimate(document, counts, {"metric": "auc"}, effect=effect)


def _repeats(held_out: Predictions, rows: Predictions) -> float:
    references = [Reference.read(one) for one in describe(answer_columns(held_out, CLASSES))]
    now = {one.name: one.values for one in answer_columns(rows, CLASSES)}
    return max(one.values for one in of_repeats(RowSample.none(references, ["p(yes)"]).add(rows.rows, now)))


def _numbers(seed: int) -> tuple[bool, bool, bool, bool]:
    document, five = made.answers_of(made.rows(HELD_OUT, 2 * seed)), np.repeat(np.arange(WINDOW // TIMES), TIMES)
    once = made.rows(WINDOW // TIMES, 2 * seed + 1)
    same, harder = once.take(five), made.rows(WINDOW // TIMES, 2 * seed + 1, shift=0.5, odd=0.5).take(five)
    found, before, lost = (
        estimate(document, made.counted(document, rows), {"metric": "mae", "max_loss": 10.0}, effect=effect)
        for rows, effect in ((same, float(TIMES)), (same, 1.0), (harder, float(TIMES)))
    )
    true = score(same.predictions).values["mae"]
    return _holds(found, "mae", true), _holds(before, "mae", true), _certain(found), _certain(lost)


def _holds(found: Any, metric: str, true: float) -> bool:
    block = found["metrics"][metric]
    return bool(block["low"] <= true <= block["high"])


def _certain(found: Any) -> bool:
    return bool(found["loss"] == "certain")


def _alone(generator: Generator, rows: int) -> tuple[Floats, Floats]:
    return generator.standard_normal(rows), generator.random(rows)


def _wave(generator: Generator, rows: int) -> Floats:
    settled = 200
    found: Floats = signal.lfilter([math.sqrt(1 - KEEPS**2)], [1, -KEEPS], generator.standard_normal(rows + settled))[
        settled:
    ]
    return found


FAMILIES: dict[str, Callable[[int], tuple[bool, bool, bool, bool]]] = {
    "independent rows": _classes(_alone),
    "each row five times": _classes(_alone, TIMES),
    "confidences in waves, outcomes not": _classes(lambda chance, rows: (_wave(chance, rows), chance.random(rows))),
    "both in waves": _classes(lambda chance, rows: (_wave(chance, rows), special.ndtr(_wave(chance, rows)))),
    "numbers, each row five times": _numbers,
}


if __name__ == "__main__":
    print(measure())
