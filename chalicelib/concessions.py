"""What a run asks for instead, when SageMaker refuses its tuning: less than was wanted, and better than no model.

Two things in a tuning's request cannot be known to be taken before AWS has taken them: the earlier tuning to start from
(its rules are documented, and `requests.warm_start` keeps them), and an objective that AWS's page does not list. Each
is given up once, the former first, because nobody asked for it. AWS's words are not looked at (it changes them):
whatever else was wrong is refused again, and then the run fails with it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from chalicelib.algorithms import objectives
from chalicelib.algorithms.objectives import Objective, UnsuitableObjectiveError
from chalicelib.requests import training
from chalicelib.run import Run


@dataclass(frozen=True, slots=True)
class Concession:
    """The run as it asks for less, and what it does without."""

    run: Run
    because: str


def of_refused_tuning(run: Run) -> Concession | None:
    """What to ask for after this run's tuning was refused; None when there is nothing left to give up."""
    if parent := training.warm_start(run):
        return Concession(replace(run, warm_start=None), f"tried again without what {parent} had learned")
    nearest = run.objective and objectives.listed_instead(run.objective)
    if nearest is None or run.objective is None:
        return None
    because = f"{nearest.metric} instead of {run.objective.metric}, which SageMaker's page does not list"
    return Concession(replace(run, objective=nearest), because)


def objective_asked_for(run: Run) -> Objective | None:
    """The objective that relay.yaml asks for, where the run had to be tuned for another; else None."""
    if run.problem is None or run.objective is None:
        return None
    try:
        asked = objectives.objective(run.settings["tuning"]["objective"], run.problem.task)
    except UnsuitableObjectiveError:
        return None
    return asked if objectives.listed_instead(asked) == run.objective else None


def sentence(run: Run) -> str:
    """What the owner has to know about it; empty when nothing was given up that somebody had asked for.

    A warm start is not told of: the history has it, and nothing in relay.yaml promises one.
    """
    asked = objective_asked_for(run)
    if asked is None or run.objective is None:
        return ""
    return (
        f"SageMaker refused to tune for {asked.metric}, which relay.yaml asks for. It was tuned for "
        f"{run.objective.metric} instead, the nearest of those that SageMaker lists for XGBoost."
    )
