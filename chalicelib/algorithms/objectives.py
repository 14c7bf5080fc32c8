"""What a tuning tries to improve, whatever the algorithm: a metric that its container prints, and which way is better.

Which objectives there are, and what is nearest to one that SageMaker refuses, is each algorithm's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.contract.metrics import Task


@dataclass(frozen=True, slots=True)
class Objective:
    """A metric the container prints for the validation channel, and which direction is better."""

    metric: str
    maximize: bool

    @property
    def direction(self) -> str:
        return "Maximize" if self.maximize else "Minimize"


class UnsuitableObjectiveError(ValueError):
    """The objective asked for cannot be computed rightly for this task. The text says why and what to take instead."""


def chosen(
    name: str, task: Task, offered: Mapping[Task, Mapping[str, Objective]], default: Mapping[Task, str]
) -> Objective:
    """The objective of this name that an algorithm offers for this task; "auto" takes the task's default.

    Raises:
        UnsuitableObjectiveError: it is not offered for this task.
    """
    suitable = offered[task]
    if name == "auto":
        return suitable[default[task]]
    if name in suitable:
        return suitable[name]
    raise UnsuitableObjectiveError(
        f'tuning.objective "{name}" does not suit a {task} target. Allowed for it: {", ".join(sorted(suitable))}, or '
        '"auto".'
    )
