"""Models that promise something, and rows with outcomes that keep to it or do not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jobs.documents.answers import Answers
from jobs.metrics.predictions import Predictions
from jobs.performance_estimation import calibration
from jobs.relation.alike import inputs
from jobs.relation.bets import Bets, bets
from jobs.relation.following import Rows, State, follow
from jobs.relation.promises import Promises, promises
from jobs.relation.residuals import residuals

Floats = npt.NDArray[np.float64]
DAY = 86_400.0
BEGAN = 1_795_000_000.0


@dataclass(frozen=True)
class Made:
    """Rows: three inputs, what the model says of them, and what became of them."""

    inputs: Floats
    predictions: Predictions


def odds(inputs: Floats) -> Floats:
    """The true log-odds of "yes": bent, so that no straight model has them right everywhere."""
    return 1.1 * inputs[:, 0] + 0.7 * np.abs(inputs[:, 1]) - 0.5 * inputs[:, 0] * inputs[:, 2] - 0.6


def classes(
    rows: int, random: np.random.Generator, *, toward: float = 0.0, moved: float = 0.0, sure: float = 1.5
) -> Made:
    """Two classes by a model that is too sure of itself by a factor `sure` and misses how the third input bends the
    first. `toward`: by how much the log-odds of "yes" have changed; `moved`: the first two inputs' mean."""
    inputs = random.normal(0, 1, (rows, 3)) + np.array([moved, moved, 0.0])
    actual = random.random(rows) < 1 / (1 + np.exp(-(odds(inputs) + toward)))
    said = 1 / (1 + np.exp(-sure * (1.1 * inputs[:, 0] + 0.7 * np.abs(inputs[:, 1]) - 0.6)))
    chances = np.stack([1 - said, said], axis=1)
    return Made(inputs, Predictions("binary", actual.astype(np.int64), (said > 0.5).astype(np.int64), chances, 1))


def numbers(
    rows: int, random: np.random.Generator, *, shift: float = 0.0, scale: float = 1.0, moved: float = 0.0
) -> Made:
    """Numbers with heavy-tailed errors that grow with the prediction; `shift` in their standard scale."""
    inputs = random.normal(0, 1, (rows, 3)) + np.array([moved, 0.0, 0.0])
    said = 20 + 4 * inputs[:, 0]
    size = 1 + 0.3 * np.abs(said - 10)
    actual = said + 0.4 + size * (scale * random.standard_t(3, rows) + shift)
    return Made(inputs, Predictions("regression", actual, said))


def answers(held_out: Made) -> Answers:
    """answers.json of the model, as evaluation leaves it."""
    told = held_out.predictions
    names = None if told.task == "regression" else ["no", "yes"]
    schema: Any = {"classes": names, "positive_class": None if names is None else "yes"}
    known = labelled(held_out, BEGAN, "held out")
    found = inputs(known.cells, known.used)
    kept = {"classes": names, "calibration": calibration(told, schema, {}), "residuals": residuals(told)}
    rows = {"rows": told.rows, "distinct": told.rows if found is None else len(np.unique(found))}
    return cast("Answers", kept | rows)


def promise(held_out: Made) -> tuple[Promises, Bets]:
    promised = promises(answers(held_out))
    assert isinstance(promised, Promises), promised
    return promised, bets(promised)


def labelled(made: Made, begun: float, prefix: str, *, over: float = DAY) -> Rows:
    """The rows as the job has them, answered one after the other."""
    told, count = made.predictions, made.predictions.rows
    cells = {f"x{place}": pa.array([f"{value:.6f}" for value in made.inputs[:, place]]) for place in range(3)}
    return Rows(
        pa.array([f"{prefix}-{number}" for number in range(count)]),
        told.actual.astype(np.float64),
        told.predicted.astype(np.float64),
        told.probability,
        begun + over * np.arange(count) / count,
        pa.table(cells),
        ["x0", "x1", "x2"],
    )


def life(promised: Promises, bet: Bets, checks: Iterator[Made]) -> Iterator[State]:
    """The state after each check of a model's life, a day each."""
    state = State.nothing(promised, bet)
    for number, made in enumerate(checks):
        state = follow(state, promised, bet, labelled(made, BEGAN + number * DAY, str(number)), f"quality-{number}")
        yield state
