"""plan.json: what a training script of ours is told to do (docs/formats.md), and which trials it builds on. Pure.

Written before the tuning, where a trial shows what its hyperparameters are worth, and before the training after it,
which makes the model of the best trials. It follows from the run's record alone, so that writing it twice does no harm.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypedDict

from chalicelib.algorithms.objectives import Objective
from chalicelib.algorithms.protocol import Algorithm
from chalicelib.contract.metrics import Task
from chalicelib.names import RunKeys, Step
from chalicelib.records.handed_over import Tried
from chalicelib.records.run import Run
from chalicelib.requests import training
from chalicelib.settings.stored import Decision

MOST_MEMBERS = 5
"""Trials that a model is made of, at most."""
ANSWER_NODES = 250_000
"""Nodes of trees that one answer may walk through, at most: it bounds the model's size and the time of an answer."""


class Plan(TypedDict):
    """plan.json."""

    version: Literal[1]
    mode: Literal["trial", "ensemble"]
    task: Task
    metric: str
    intermediate: bool
    seed: int
    members: list[dict[str, str]]
    decision: Decision
    max_seconds: int
    answer_nodes: int
    failures: str


def failures(run: str) -> str:
    """The folder of the bucket where trainings of a run that fail say why, each by its job's name."""
    return f"{RunKeys(run).root}/failures"


def plan(run: Run, algorithm: Algorithm, step: Step, told_in: str = "") -> bytes:
    """The document for the trials of a run's tuning (`Step.TUNE`) or for its training.

    `told_in`: the s3:// address of the folder where one that fails says why; empty: nobody reads it.
    """
    assert run.problem is not None  # noqa: S101 (an invariant of the stage)
    assert run.objective is not None  # noqa: S101
    static = training.static(run, algorithm)
    tuned: Sequence[Mapping[str, str]] = run.members or (run.hyperparameters,)
    is_trial = step is Step.TUNE
    document: Plan = {
        "version": 1,
        "mode": "trial" if is_trial else "ensemble",
        "task": run.problem.task,
        "metric": run.objective.metric.removeprefix("validation:"),
        "intermediate": is_trial and training.is_watched(run, algorithm),
        "seed": int(static.get("seed", run.settings["tuning"]["seed"])),
        "members": [] if is_trial else [{**static, **one} for one in tuned],
        "decision": run.settings["decision"],
        "max_seconds": run.settings["instances"]["max_runtime_minutes"] * 60,
        "answer_nodes": ANSWER_NODES,
        "failures": told_in,
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def best(trials: Iterable[Tried], objective: Objective) -> tuple[dict[str, str], ...]:
    """The hyperparameters of the best trials, best first. What was cut short or has no value is not among them.

    >>> done = {"status": "Completed", "objective": 0.4, "hyperparameters": {"eta": "0.1"}}
    >>> better, cut = {**done, "objective": 0.3, "hyperparameters": {"eta": "0.2"}}, {**done, "status": "Stopped"}
    >>> best([cut, done, better, done], Objective("validation:logloss", maximize=False))
    ({'eta': '0.2'}, {'eta': '0.1'})
    """
    ended = [
        (value, one["hyperparameters"])
        for one in trials
        if one["status"] == "Completed" and (value := one["objective"]) is not None and math.isfinite(value)
    ]
    ended.sort(key=lambda one: one[0], reverse=objective.maximize)
    found: list[dict[str, str]] = []
    for _, tuned in ended:
        if tuned not in found:
            found.append(dict(tuned))
    return tuple(found[:MOST_MEMBERS])
