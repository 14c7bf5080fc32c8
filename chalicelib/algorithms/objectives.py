"""What a tuning tries to improve, whatever the algorithm: a metric that its container prints, and which way is better.

Which objectives there are, and what is nearest to one that SageMaker refuses, is each algorithm's own.
"""

from __future__ import annotations

from dataclasses import dataclass


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
