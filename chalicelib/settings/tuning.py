"""relay.yaml's `tuning`: what is searched, how, and for how long; and what of it SageMaker would refuse.

What is refused here costs nothing. SageMaker refuses the same when the tuning is created, and by then the data has been
prepared and paid for. What hangs on the rest of relay.yaml, too, stands in `dataset.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self, cast

from pydantic import (
    Field,
    PlainSerializer,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
    model_validator,
)

from chalicelib.algorithms import ranges as searching
from chalicelib.algorithms.hyperparameters import as_text, keeps_types
from chalicelib.algorithms.protocol import Algorithm
from chalicelib.algorithms.several import Several
from chalicelib.settings import stored
from chalicelib.settings.defaults import DEFAULTS, RANGE
from chalicelib.settings.section import Section, choice, known_or_auto
from chalicelib.settings.several import ONE_ALGORITHMS_OWN


def _as_written(value: Any, read: ValidatorFunctionWrapHandler, info: ValidationInfo) -> float:
    """A number; a whole one stays as it is written where that says what may be tried between."""
    number: float = read(value)
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return value if is_whole and keeps_types(choice(info).algorithm.kinds()) else number


_End = Annotated[float, WrapValidator(_as_written), PlainSerializer(lambda end: end, return_type=int | float | None)]


class Range(Section):
    """What tuning may try for one hyperparameter: `min` and `max`, or `values`."""

    min: _End | None = RANGE["min"]
    max: _End | None = RANGE["max"]
    scaling: stored.Scaling = RANGE["scaling"]
    values: Annotated[list[str], Field(min_length=1, max_length=30)] | None = RANGE["values"]

    @field_validator("values", mode="before")
    @classmethod
    def _as_text(cls, values: Any) -> Any:
        try:
            return [as_text(value) for value in values] if isinstance(values, list) else values
        except ValueError:
            raise ValueError("a number of thousands of digits is not allowed") from None

    @model_validator(mode="after")
    def _one_of_two_kinds(self) -> Self:
        if self.values is not None:
            if self.min is not None or self.max is not None:
                raise ValueError('give either "values" or "min" and "max", not both')
            return self
        if self.min is None or self.max is None:
            raise ValueError('needs "min" and "max"')
        if self.min >= self.max:
            raise ValueError(f"min {self.min:g} must be below max {self.max:g}")
        if self.scaling == "Logarithmic" and self.min <= 0:
            raise ValueError(f"logarithmic scaling needs min above 0, not {self.min:g}")
        if self.scaling == "ReverseLogarithmic" and not (self.min >= 0 and self.max < 1):
            raise ValueError("reverse logarithmic scaling needs 0 <= min < max < 1")
        return self


_AS_IT_SUITS = cast("bool", object())
_UNSAID: dict[str, Range] = {}
"""Where relay.yaml names no ranges: those of the algorithm, which only the validation knows."""


class Tuning(Section):
    """The search for good hyperparameters. `enabled: false` trains once with the given ones."""

    enabled: bool = DEFAULTS["tuning"]["enabled"]
    strategy: stored.Strategy = DEFAULTS["tuning"]["strategy"]
    objective: str = DEFAULTS["tuning"]["objective"]
    trials: Annotated[int, Field(ge=1, le=750)] = DEFAULTS["tuning"]["trials"]
    parallel: Annotated[int, Field(ge=1, le=100)] = DEFAULTS["tuning"]["parallel"]
    early_stopping: bool = Field(default_factory=lambda: _AS_IT_SUITS, validate_default=True)
    """Of trials, by the tuner; where nothing is said, as it suits the algorithm."""
    warm_start: bool = DEFAULTS["tuning"]["warm_start"]
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = DEFAULTS["tuning"]["seed"]
    max_runtime_minutes: Annotated[int, Field(ge=2, le=43200)] = DEFAULTS["tuning"]["max_runtime_minutes"]
    """SageMaker's least is 120 seconds, its most 30 days."""
    ranges: dict[str, Range] = Field(default_factory=lambda: _UNSAID, validate_default=True)

    @field_validator("objective")
    @classmethod
    def _known_objective(cls, name: str, info: ValidationInfo) -> str:
        return known_or_auto(name, choice(info).algorithm.objective_names())

    @field_validator("early_stopping", mode="before")
    @classmethod
    def _as_it_suits(cls, asked: Any, info: ValidationInfo) -> Any:
        return choice(info).algorithm.early_stopping if asked is _AS_IT_SUITS else asked

    @field_validator("ranges", mode="before")
    @classmethod
    def _of_the_algorithm(cls, ranges: Any, info: ValidationInfo) -> Any:
        return dict(choice(info).algorithm.default_ranges) if ranges is _UNSAID else ranges

    @field_validator("ranges")
    @classmethod
    def _tunable(cls, ranges: dict[str, Range], info: ValidationInfo) -> dict[str, Range]:
        algorithm = choice(info).algorithm
        if ranges and isinstance(algorithm, Several):
            raise ValueError(f"ranges {ONE_ALGORITHMS_OWN}")
        found = [searching.fault(algorithm, name, bounds.model_dump()) for name, bounds in ranges.items()]
        _raise([fault for fault in found if fault])
        return ranges


def searched(tuning: Tuning, chosen: Mapping[str, Any], algorithm: Algorithm) -> None:
    """Check that there is enough to search, beside the hyperparameters that are given.

    Raises:
        ValueError: with what SageMaker would not take.
    """
    if not tuning.enabled:
        return
    if isinstance(algorithm, Several):
        _by_each(tuning)
        return
    if not algorithm.objective_names():
        raise ValueError(
            f'tuning: {algorithm.title} has no metric to tune for: give "metrics" under algorithm, like '
            "{'validation:auc': 'auc=([0-9.]+)'}, or set \"enabled: false\""
        )
    both = sorted(set(tuning.ranges) & set(chosen))
    if both and "ranges" in tuning.model_fields_set:
        raise ValueError(
            f"hyperparameters and tuning.ranges both name {', '.join(both)}: what is set is not tuned, so take each "
            "out of one of them"
        )
    left = {name: bounds for name, bounds in tuning.ranges.items() if name not in chosen}
    if not left:
        raise ValueError('tuning: nothing to tune: give "ranges", or set "enabled: false"')
    plain = {name: bounds.model_dump() for name, bounds in left.items()}
    combinations = searching.combinations(plain, algorithm.kinds())
    if tuning.strategy == "Grid":
        _grid(tuning, left, combinations)
    elif combinations < tuning.trials:
        raise ValueError(
            f"tuning.trials: {tuning.trials} is more than there are combinations of the ranges ({combinations:.0f}); "
            "SageMaker takes no more trials than that"
        )


def _by_each(tuning: Tuning) -> None:
    """Default ranges are between two ends, which any number of trials fits into and no grid."""
    if tuning.strategy == "Grid":
        raise ValueError(
            'tuning: "strategy: Grid" needs lists of values, and beside a list of algorithms each is tuned over its '
            "own default ranges: take another strategy, or name one algorithm"
        )


def _grid(tuning: Tuning, left: Mapping[str, Range], combinations: float) -> None:
    """A grid is tried whole: it needs lists, and has as many trials as they have combinations."""
    between = sorted(name for name, bounds in left.items() if bounds.values is None)
    if between and "ranges" not in tuning.model_fields_set:
        raise ValueError(
            'tuning: "strategy: Grid" tries every combination of lists, and the default ranges are none: give '
            '"ranges" with "values" for each, like {max_depth: {values: [3, 5, 7]}, eta: {values: [0.1, 0.3]}}'
        )
    if between:
        raise ValueError(
            f'tuning.ranges: "strategy: Grid" needs "values" for each, not "min" and "max" as for {", ".join(between)}'
        )
    if combinations > searching.MOST_TRIALS:
        raise ValueError(
            f"tuning.ranges: a grid of {combinations:.0f} combinations is more than SageMaker tries in one tuning "
            f"({searching.MOST_TRIALS}); give fewer values"
        )
    if "trials" in tuning.model_fields_set and tuning.trials != combinations:
        raise ValueError(
            f'tuning.trials: "strategy: Grid" tries all {combinations:.0f} combinations of the values, not '
            f"{tuning.trials}; leave trials out, or give as many"
        )


def _raise(faults: list[str]) -> None:
    if faults:
        raise ValueError("; ".join(faults))
