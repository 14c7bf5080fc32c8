"""What a tuning has tried, with the best so far: of trials.json, or, while it goes on, as SageMaker tells it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.aws.errors import NotFoundError, translated
from chalicelib.aws.objects import Objects
from chalicelib.aws.sagemaker import SageMaker
from chalicelib.mails.parts import duration
from chalicelib.names import RunKeys, Step, StepName
from chalicelib.records.run import Run, Stage
from ops.looking.layout import columns
from ops.target import OpsError, Target


def look(target: Target, run: Run) -> dict[str, Any]:
    """`trials --json`: the trials in the order in which they began, each with the best value until then.

    Raises:
        OpsError: this run tunes nothing, or has not come to it.
    """
    text = Objects(target.client("s3"), target.bucket).read(RunKeys(run.id).trials)
    if text is not None:
        written = json.loads(text)
        objective, trials, best = written["objective"], written["trials"], written["best"]
    elif run.stage is Stage.TUNING and run.objective:
        job = str(StepName(run.id, Step.TUNE, run.attempt))
        try:
            with translated():
                best, trials = SageMaker(target.client("sagemaker"), target.prefix).trials(job)
        except NotFoundError as missing:
            raise OpsError(f"Run {run.id} has no trials: its tuning has not begun.") from missing
        objective = {"metric": run.objective.metric, "type": run.objective.direction}
    else:
        off = "its tuning is off" if not run.settings["tuning"]["enabled"] else f"it is {run.stage}"
        raise OpsError(f"Run {run.id} has no trials: {off}.")
    shown = with_best(trials, minimize=objective["type"] == "Minimize")
    return {"version": 1, "kind": "trials", "run": run.id, "objective": objective, "best": best, "trials": shown}


def with_best(trials: Sequence[Mapping[str, Any]], *, minimize: bool) -> list[dict[str, Any]]:
    """Each trial with its number and the best value there was after it.

    >>> trials = [{"objective": 0.8}, {"objective": None}, {"objective": 0.7}, {"objective": 0.9}]
    >>> [one["best_so_far"] for one in with_best(trials, minimize=False)]
    [0.8, 0.8, 0.8, 0.9]
    """
    best: float | None = None
    found = []
    for number, trial in enumerate(trials, start=1):
        value = trial.get("objective")
        if value is not None and (best is None or (value < best if minimize else value > best)):
            best = value
        found.append({"number": number, **trial, "best_so_far": best})
    return found


def lines(document: Mapping[str, Any]) -> list[str]:
    """The same for people; the best trial has a star."""
    rows = [
        (
            f"{trial['number']}{'*' if trial['name'] == document['best'] else ''}",
            str(trial["status"]),
            _number(trial["objective"]),
            _number(trial["best_so_far"]),
            duration(trial["seconds"]),
            ", ".join(f"{name}={_short(value)}" for name, value in sorted(trial["hyperparameters"].items())),
        )
        for trial in document["trials"]
    ]
    headings = ("#", "Status", document["objective"]["metric"], "Best", "Took", "Hyperparameters")
    return columns(headings, rows)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.5g}"


def _short(value: str) -> str:
    """A hyperparameter, which SageMaker tells with up to 17 digits.

    >>> _short("0.21345678901234"), _short("gbtree")
    ('0.21346', 'gbtree')
    """
    try:
        return f"{float(value):.5g}"
    except ValueError:
        return value
