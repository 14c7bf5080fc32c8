"""What a run asks for instead, when SageMaker refuses its tuning: less than was wanted, and better than no model.

Three things in a tuning's request cannot be known to be taken before AWS has taken them: the earlier tuning to start
from (its rules are documented, and `requests.warm_start` keeps them), an objective that AWS's page does not list, and a
list of values for a number (`algorithms.ranges`). The first is given up first, because nobody asked for it; then the
objective, then the lists and not the objective, then both, so that no more is lost than has to be. AWS's words are not
looked at (it changes them): whatever else was wrong is refused each time, and then the run fails with it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from chalicelib.algorithms import ranges
from chalicelib.algorithms.objectives import Objective, UnsuitableObjectiveError
from chalicelib.algorithms.protocol import Algorithm
from chalicelib.names import Step
from chalicelib.records.commands import Start
from chalicelib.records.run import Run, Stage
from chalicelib.requests import search, training


@dataclass(frozen=True, slots=True)
class Concession:
    """The run as it asks for less, and what it does without."""

    run: Run
    because: str
    algorithm: Algorithm

    def next(self, attempt: int) -> tuple[Stage, Start]:
        """The tuning again, or the training where no hyperparameter is left that has more than one value.

        Under the same name: there is no job of that name, and whoever asks late for the same must make no second one.
        """
        if search.of(self.run, self.algorithm).ranges:
            return self.run.stage, Start(Step.TUNE, attempt)
        return Stage.TRAINING, Start(Step.TRAIN)


def of_refused_tuning(run: Run, algorithm: Algorithm) -> Concession | None:
    """What to ask for after this run's tuning was refused; None when there is nothing left to give up."""
    if parent := training.warm_start(run, algorithm):
        return Concession(replace(run, warm_start=None), f"tried again without what {parent} had learned", algorithm)
    asked = objective_asked_for(run, algorithm)
    if asked is None and run.objective and (nearest := algorithm.listed_instead(run.objective)):
        because = f"{nearest.metric} instead of {run.objective.metric}, which SageMaker's page does not list"
        return Concession(replace(run, objective=nearest), because, algorithm)
    lists = ranges.lists(search.of(run, algorithm).ranges, algorithm.kinds())
    if not lists:
        return None
    because = f"tried again between the smallest and the largest value of {', '.join(lists)}, without lists"
    return Concession(replace(run, objective=asked or run.objective, lists_refused=True), because, algorithm)


def objective_asked_for(run: Run, algorithm: Algorithm) -> Objective | None:
    """The objective that relay.yaml asks for, where the run had to be tuned for another; else None."""
    if run.problem is None or run.objective is None:
        return None
    try:
        asked = algorithm.objective(run.settings["tuning"]["objective"], run.problem.task)
    except UnsuitableObjectiveError:
        return None
    return asked if algorithm.listed_instead(asked) == run.objective else None


def lists_given_up(run: Run, algorithm: Algorithm) -> list[str]:
    """The hyperparameters that relay.yaml gives lists of values for, where SageMaker did not take them."""
    if not run.lists_refused:
        return []
    return ranges.lists(search.asked_for(run.settings, algorithm).ranges, algorithm.kinds())


def strategy_asked_for(run: Run, algorithm: Algorithm) -> str | None:
    """The strategy that relay.yaml asks for, where the run had to be tuned with another; else None."""
    asked = search.asked_for(run.settings, algorithm).strategy
    return asked if asked != search.of(run, algorithm).strategy else None


def sentence(run: Run, algorithm: Algorithm) -> str:
    """What the owner has to know about it; empty when nothing was given up that somebody had asked for.

    A warm start is not told of: the history has it, and nothing in relay.yaml promises one.
    """
    return " ".join(filter(None, (_of_objective(run, algorithm), _of_lists(run, algorithm))))


def _of_objective(run: Run, algorithm: Algorithm) -> str:
    asked = objective_asked_for(run, algorithm)
    if asked is None or run.objective is None:
        return ""
    return (
        f"SageMaker refused to tune for {asked.metric}, which relay.yaml asks for. It was tuned for "
        f"{run.objective.metric} instead, the nearest of those that SageMaker lists for {algorithm.title}."
    )


def _of_lists(run: Run, algorithm: Algorithm) -> str:
    lists = lists_given_up(run, algorithm)
    if not lists:
        return ""
    refused = f"SageMaker refused to tune over the lists of values that relay.yaml gives for {', '.join(lists)}"
    instead = search.of(run, algorithm)
    if not instead.ranges:
        return f"{refused}. They have one combination, and the model was trained with it."
    at_random = f", at random and in {instead.trials} trials" if strategy_asked_for(run, algorithm) else ""
    return f"{refused}: it searched between the smallest and the largest of each instead{at_random}."
