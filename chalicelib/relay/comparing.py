"""The documents of a comparison of several algorithms: which models there are, and what they turned out to be worth.

The job measures all of them on the rows that were held out; which is the best is decided here, by the gate's metric.
"""

from __future__ import annotations

import json
from typing import Literal, NamedTuple

from pydantic import Field, ValidationError

from chalicelib.deployment import DeploymentSettings
from chalicelib.names import Step
from chalicelib.records.events import ResultUnusable
from chalicelib.records.handed_over import Contestants
from chalicelib.records.legs import Leg
from chalicelib.records.run import Run
from chalicelib.relay.gate_metric import gate_metric
from chalicelib.relay.legs import best
from chalicelib.relay.worth import Document, Estimate, not_understood

SENTENCE_LIMIT = 1_000


class Contestant(Document):
    """What the relay needs of a model in comparison.json."""

    name: str
    metrics: dict[str, Estimate] = Field(default_factory=dict)
    unavailable: str | None = None


class Comparison(Document):
    """comparison.json."""

    version: Literal[1]
    entries: list[Contestant]


class Compared(NamedTuple):
    """What the models of several algorithms are worth, why some could not be compared, and which is the best."""

    values: dict[str, float]
    problems: dict[str, str]
    winner: str


def contestants(run: Run, deployment: DeploymentSettings) -> bytes:
    """contestants.json: which algorithms have a model, in the order of relay.yaml."""
    document: Contestants = {
        "version": 1,
        "run": run.id,
        "settings": {"gate": run.settings["gate"]},
        "contestants": [
            {
                "name": leg.algorithm,
                "title": deployment.algorithms.of({"algorithm": leg.algorithm}).title,
                "seconds": _seconds(leg, run),
            }
            for leg in run.legs
            if leg.artifact
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def read(text: bytes, run: Run) -> Compared | ResultUnusable:
    """What comparison.json says."""
    assert run.problem is not None  # noqa: S101 (an invariant of the stage)
    try:
        found = Comparison.model_validate_json(text)
    except ValidationError as error:
        return not_understood("comparison.json", error)
    metric = gate_metric(run.settings["gate"]["metric"], run.problem.task)
    problems = {leg.algorithm: "It was not compared." for leg in run.legs if leg.artifact}
    values = {}
    for one in found.entries:
        score = one.metrics.get(metric)
        value = score.value if score else None
        if one.name not in problems:
            continue
        if value is not None:
            values[one.name] = float(value)
        else:
            why = one.unavailable or (score and score.undefined) or problems[one.name]
            problems[one.name] = str(why)[:SENTENCE_LIMIT]
    left = {name: why for name, why in problems.items() if name not in values}
    if not values:
        return ResultUnusable(f"no model could be compared: {' '.join(left.values())[:SENTENCE_LIMIT]}")
    return Compared(values, left, best(values, metric, run.problem.task))


def _seconds(leg: Leg, run: Run) -> int | None:
    """What the training of its model took."""
    trained = (job for job in run.jobs if job.step is Step.TRAIN and f"/{job.name}/" in str(leg.artifact))
    return next((job.seconds for job in trained), None)
