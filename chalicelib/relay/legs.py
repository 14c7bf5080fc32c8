"""A run over several algorithms: one leg after the other, each tuned and trained as it would be alone. Pure.

One after the other, because then a run has one thing in flight at most, as every other run: its names, its budget, its
waits for a quota and what the sweep makes good are those of any run, and a quota that is enough for one tuning is
enough. A leg that comes to nothing does not stop the next. What says nothing of the algorithm does: a quota that is
never granted, or a budget that stays used up, would keep each later leg waiting as long again.

When all have ended, the models are compared on the rows that were held out, and the run goes on with the winner's as
if it had been over that algorithm alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib import failures
from chalicelib.algorithms import Registry
from chalicelib.algorithms.objectives import Objective
from chalicelib.contract.metrics import METRICS, Task
from chalicelib.names import Step, StepName
from chalicelib.records.commands import Adopt, Start
from chalicelib.records.events import ComparisonRead, SchemaRead
from chalicelib.records.legs import Leg
from chalicelib.records.run import Problem, Run, Stage
from chalicelib.relay import in_real_time
from chalicelib.relay.endings import Decision, fail, then
from chalicelib.settings import several
from chalicelib.settings.stored import Settings

ADVICE = "Do as the sentences above say, or name one algorithm in relay.yaml, and upload it again."
_KEPT = (
    *("objective", "hyperparameters", "members", "best_value", "trials", "failed_trials", "lists_refused"),
    *("artifact", "artifact_bytes"),
)
"""What a run and a leg both have."""


def objective_of(name: Any, settings: Settings, problem: Problem, offered: Registry) -> Objective:
    """What an algorithm of this name is to be judged by. Raises ValueError where it does not suit the problem, or what
    else is set does not."""
    algorithm = offered.of({"algorithm": name})
    objective = algorithm.objective(settings["tuning"]["objective"], problem.task)
    classes, rows = len(problem.classes) if problem.classes else None, problem.rows.get("train")
    algorithm.static_hyperparameters(problem.task, classes, objective, settings["hyperparameters"], rows)
    return objective


def laid_out(run: Run, event: SchemaRead, offered: Registry) -> Run:
    """The run with what is known of each leg before the first begins; a mistake in one ends that one."""
    assert run.problem is not None  # noqa: S101 (the caller has set it)
    legs = []
    for leg in run.legs:
        known = replace(
            leg,
            content_type=event.content_types.get(leg.algorithm, event.content_type),
            early_stopping=run.settings["tuning"]["early_stopping"],
        )
        try:
            objective = objective_of(leg.algorithm, run.settings, run.problem, offered)
            legs.append(replace(known, objective=objective))
        except ValueError as mistake:
            legs.append(replace(known, failure=str(mistake)))
    return replace(run, legs=tuple(legs))


def go_on(run: Run, now: datetime, because: str, offered: Registry) -> Decision:
    """The next leg begun; without one, the comparison of those that have a model, or the end where none has."""
    for leg in run.legs:
        algorithm = offered.if_offered({"algorithm": leg.algorithm})
        if not leg.is_open:
            continue
        if algorithm is None or leg.objective is None or run.problem is None:
            run = _with(run, replace(leg, failure=offered.not_offered(leg.algorithm)))
            continue
        settings = several.of_one(run.settings, leg.algorithm, algorithm, early_stopping=leg.early_stopping)
        problem = replace(run.problem, content_type=leg.content_type)
        begun = replace(run, settings=settings, problem=problem, **{name: getattr(leg, name) for name in _KEPT})
        step, stage = (Step.TUNE, Stage.TUNING) if settings["tuning"]["enabled"] else (Step.TRAIN, Stage.TRAINING)
        first = begun.first_attempt
        why = f"{because}; {algorithm.title} is next, to be judged by {leg.objective.metric}"
        return then(begun, stage, now, why, Start(step, first), attempt=first, retried=0)
    if any(leg.artifact for leg in run.legs):
        return then(replace(run, artifact=None), Stage.COMPARING, now, because, Start(Step.COMPARE))
    return fail(run, now, told_failures(run, offered), ADVICE)


def trained(run: Run, now: datetime, offered: Registry) -> Decision:
    """The leg under way has its model."""
    return go_on(_with(run, _ended(run)), now, f"{offered.title_of(run.settings['algorithm'])} is trained", offered)


def failed(run: Run, now: datetime, reason: str, offered: Registry) -> Decision:
    """The leg under way has come to nothing."""
    run = _with(run, replace(_ended(run), artifact=None, failure=reason))
    if failures.passes(reason) or failures.is_over_budget(reason):
        for leg in run.legs:
            run = _with(run, replace(leg, failure=reason)) if leg.is_open else run
    return go_on(run, now, f"{offered.title_of(run.settings['algorithm'])} came to nothing: {reason}", offered)


def chosen(run: Run, event: ComparisonRead, now: datetime, offered: Registry) -> Decision:
    """The run as it goes on with the winner, whose model is to be served as the event says."""
    found = [
        replace(leg, value=event.values.get(leg.algorithm), failure=event.problems.get(leg.algorithm, leg.failure))
        for leg in run.legs
    ]
    leg, problem = next(leg for leg in found if leg.algorithm == event.winner), run.problem
    assert problem is not None  # noqa: S101 (an invariant of the stage)
    algorithm = offered.of({"algorithm": leg.algorithm})
    winner = in_real_time.if_too_large(
        replace(
            run,
            legs=tuple(found),
            settings=several.of_one(run.settings, leg.algorithm, algorithm, early_stopping=leg.early_stopping),
            problem=replace(problem, content_type=leg.content_type),
            mode=event.mode,
            mode_because=event.mode_because,
            **{name: getattr(leg, name) for name in _KEPT},
        )
    )
    because = f"{algorithm.title} is the best of {len(event.values)}"
    stage, step = (Stage.PACKING, Step.PACK) if algorithm.packed else (Stage.DEPLOYING, Step.CANDIDATE)
    return then(winner, stage, now, because, Adopt(), Start(step))


def best(values: Mapping[str, float], metric: str, task: Task) -> str:
    """The algorithm with the best value; the first of several that are as good.

    >>> best({"auto": 0.8, "xgboost": 0.9}, "auc", Task.BINARY), best({"a": 2.0, "b": 2.0}, "rmse", Task.REGRESSION)
    ('xgboost', 'a')
    """
    sign = 1 if METRICS[task][metric].larger_is_better else -1
    return max(values, key=lambda name: sign * values[name])


def told_failures(run: Run, offered: Registry) -> str:
    """Which legs came to nothing and why, as sentences."""
    return " ".join(f"{offered.title_of(leg.algorithm)}: {leg.failure.rstrip('.')}." for leg in run.legs if leg.failure)


def _with(run: Run, changed: Leg) -> Run:
    return replace(run, legs=tuple(changed if one.algorithm == changed.algorithm else one for one in run.legs))


def _ended(run: Run) -> Leg:
    """The leg under way with what the run has of it."""
    leg = run.leg
    assert leg is not None  # noqa: S101 (the callers have looked)
    names = [name for job in run.jobs if job.step in {Step.TUNE, Step.TRAIN} and (name := StepName.parse(job.name))]
    tuned = next((job.name for job in reversed(run.jobs) if job.step is Step.TUNE), None) if run.trials else None
    kept: dict[str, Any] = {name: getattr(run, name) for name in _KEPT}
    return replace(leg, attempts=max([run.attempt, *(name.attempt for name in names)]), tuning=tuned, **kept)
