"""relay.yaml's `decision`: how a probability becomes the label that an endpoint answers, where there are two classes.

Only an algorithm whose training is a script of ours chooses a threshold (`protocol.Algorithm.script`); which one it is
that relay.yaml means, and the task, stand beside this section and are checked with them, in `dataset.py`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from chalicelib.algorithms.hyperparameters import Number
from chalicelib.algorithms.protocol import Algorithm
from chalicelib.settings import stored
from chalicelib.settings.defaults import DEFAULTS
from chalicelib.settings.section import Section

_BETWEEN = Number(0, 1, open_low=True, open_high=True)


class Costs(Section):
    """What either mistake costs, in whatever unit: only how they compare counts."""

    false_positive: Annotated[float, Field(gt=0, le=1e12)]
    false_negative: Annotated[float, Field(gt=0, le=1e12)]


class Decision(Section):
    """The threshold between two classes: chosen on rows that the members did not see, or a person's own."""

    optimize: stored.Optimized = DEFAULTS["decision"]["optimize"]
    costs: Costs | None = DEFAULTS["decision"]["costs"]  # type: ignore[assignment]  # None, as it must be while unsaid
    threshold: float | Literal["auto"] = DEFAULTS["decision"]["threshold"]

    @field_validator("threshold", mode="before")
    @classmethod
    def _auto_or_between(cls, value: Any) -> Any:
        if value == "auto":
            return value
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or _BETWEEN.fault(value):
            raise ValueError("must be auto, or a probability above 0 and below 1")
        return float(value)

    @model_validator(mode="after")
    def _one_way_to_decide(self) -> Self:
        if self.optimize == "cost" and self.costs is None:
            raise ValueError(
                '"optimize: cost" needs "costs", what either mistake costs: {false_positive: 1, false_negative: 5}'
            )
        if self.costs is not None and self.optimize != "cost":
            raise ValueError(f'"costs" count with "optimize: cost", not with "optimize: {self.optimize}"')
        if self.threshold != "auto" and "optimize" in self.model_fields_set:
            raise ValueError('a "threshold" of your own leaves nothing to optimize: take one of the two out')
        return self


def applies(name: Any, algorithm: Algorithm, task: str) -> None:
    """Check that a decision that was written can be followed.

    Raises:
        ValueError: with what it would be ignored by.
    """
    if algorithm.script is None or algorithm.script.is_the_users:
        raise ValueError(
            f'"decision" needs "algorithm: auto", and it is {name} here: {algorithm.title} answers the likelier class'
        )
    if task in {"multiclass", "regression"}:
        raise ValueError(f'"decision" is about two classes, not "task: {task}"; take it out')
