"""What a person may ask for: `relay.yaml`, one file a dataset, every key optional.

Only the shape is here; how a mistake becomes a sentence is `settings_file.py`. The defaults are meant to be right for
a first try, so that a dataset needs no relay.yaml at all.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from chalicelib.algorithms import objectives, xgboost
from chalicelib.settings_section import InstanceType, QualityMetric, Section
from chalicelib.watch.settings import Monitoring, Retraining

Kind = Literal["numeric", "categorical", "boolean", "date", "text", "identifier"]


class File(Section):
    """How the data files are written, for the few that cannot be recognised."""

    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    encoding: str | None = None
    decimal: Literal[".", ","] | None = None
    header: bool | None = None


class Split(Section):
    """Which rows are held out. `time` and `group` need a column; time may need several: year, month, day."""

    how: Literal["stratified", "random", "time", "group"] = "stratified"
    column: str | list[str] | None = None
    test: Annotated[float, Field(ge=0.01, le=0.5)] = 0.15
    validation: Annotated[float, Field(ge=0.01, le=0.5)] = 0.15
    seed: Annotated[int, Field(ge=0, le=2**31 - 2)] = 7

    @field_validator("column", mode="before")
    @classmethod
    def _names(cls, column: Any) -> Any:
        if column is None:
            return None
        names = column if isinstance(column, list) else [column]
        if not names or not all(isinstance(name, str) and name for name in names) or len(set(names)) < len(names):
            raise ValueError("must be the name of a column, or a list of different ones (put numbers in quotes)")
        return column

    @model_validator(mode="after")
    def _column_where_needed(self) -> Self:
        if self.how in {"time", "group"} and self.column is None:
            raise ValueError(f'"how: {self.how}" needs "column", the name of the column to split by')
        if self.how == "group" and isinstance(self.column, list):
            raise ValueError('"how: group" takes one column, not a list')
        return self


class Instances(Section):
    """The machines, by what they do."""

    prepare: InstanceType = "ml.m5.xlarge"
    train: InstanceType = "ml.m5.xlarge"
    evaluate: InstanceType = "ml.m5.large"
    volume_gb: Annotated[int, Field(ge=1, le=16384)] = 30
    max_runtime_minutes: Annotated[int, Field(ge=1, le=7200)] = 120


class Spot(Section):
    """Training on spare capacity: up to 90 % cheaper, may be interrupted, resumes from its checkpoints."""

    enabled: bool = False
    max_wait_minutes: Annotated[int, Field(ge=1, le=14400)] = 240


class Range(Section):
    """What tuning may try for one hyperparameter: `min` and `max`, or `values`."""

    min: float | None = None
    max: float | None = None
    scaling: Literal["Auto", "Linear", "Logarithmic", "ReverseLogarithmic"] = "Auto"
    values: Annotated[list[str], Field(min_length=1, max_length=30)] | None = None

    @field_validator("values", mode="before")
    @classmethod
    def _as_text(cls, values: Any) -> Any:
        return [xgboost.as_text(value) for value in values] if isinstance(values, list) else values

    @model_validator(mode="after")
    def _one_of_two_kinds(self) -> Self:
        if self.values is not None:
            if self.min is not None or self.max is not None:
                raise ValueError('give either "values" or "min" and "max", not both')
            return self
        if self.min is None or self.max is None:
            raise ValueError('needs "min" and "max" (or "values" for a choice among words)')
        if self.min >= self.max:
            raise ValueError(f"min {self.min:g} must be below max {self.max:g}")
        if self.scaling == "Logarithmic" and self.min <= 0:
            raise ValueError(f"logarithmic scaling needs min above 0, not {self.min:g}")
        if self.scaling == "ReverseLogarithmic" and not (self.min >= 0 and self.max < 1):
            raise ValueError("reverse logarithmic scaling needs 0 <= min < max < 1")
        return self


class Tuning(Section):
    """The search for good hyperparameters. `enabled: false` trains once with the given ones."""

    enabled: bool = True
    strategy: Literal["Bayesian", "Random", "Grid", "Hyperband"] = "Bayesian"
    objective: str = "auto"
    trials: Annotated[int, Field(ge=1, le=750)] = 20
    parallel: Annotated[int, Field(ge=1, le=100)] = 2
    early_stopping: bool = True
    warm_start: bool = True
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 7
    max_runtime_minutes: Annotated[int, Field(ge=1, le=43200)] = 720
    ranges: dict[str, Range] = Field(
        default_factory=lambda: {name: Range(**values) for name, values in xgboost.DEFAULT_RANGES.items()}
    )

    @field_validator("objective")
    @classmethod
    def _known_objective(cls, name: str) -> str:
        if name != "auto" and name not in objectives.NAMES:
            raise ValueError(f'"{name}" is not known; allowed: auto, {", ".join(sorted(objectives.NAMES))}')
        return name

    @field_validator("ranges")
    @classmethod
    def _tunable(cls, ranges: dict[str, Range]) -> dict[str, Range]:
        for name, bounds in ranges.items():
            _check_range(name, bounds)
        return ranges

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.enabled and not self.ranges:
            raise ValueError('nothing to tune: give "ranges", or set "enabled: false"')
        if self.strategy == "Grid":
            loose = sorted(name for name, bounds in self.ranges.items() if bounds.values is None)
            if loose:
                raise ValueError(f'strategy Grid takes only ranges with "values"; these have none: {", ".join(loose)}')
        return self


class Gate(Section):
    """When a candidate may replace the live model.

    `minimum` is the least value of `metric`; without it a candidate must beat the naive guess. `max_loss` is how far
    the candidate may fall behind the live model before it is refused although chance could explain the difference.
    """

    metric: QualityMetric = "auto"
    minimum: float | None = None
    max_loss: Annotated[float, Field(ge=0)] = 0.02
    approval: Literal["automatic", "manual"] = "automatic"


class Endpoint(Section):
    """What serves the model."""

    instance: InstanceType = "ml.m5.large"
    count: Annotated[int, Field(ge=1, le=100)] = 1
    capture_percentage: Annotated[int, Field(ge=0, le=100)] = 100


class DatasetSettings(Section):
    """relay.yaml, with every default filled in."""

    target: Annotated[str, Field(min_length=1)] | None = None
    task: Literal["auto", "binary", "multiclass", "regression"] = "auto"
    positive_class: str | None = None
    ignore: list[str] = Field(default_factory=list)
    columns: dict[str, Kind] = Field(default_factory=dict)
    max_columns: Annotated[int, Field(ge=2, le=20_000)] = 2_000
    file: File = Field(default_factory=File)
    split: Split = Field(default_factory=Split)
    algorithm: Literal["xgboost"] = "xgboost"
    hyperparameters: dict[str, int | float | bool | str] = Field(default_factory=dict)
    tuning: Tuning = Field(default_factory=Tuning)
    instances: Instances = Field(default_factory=Instances)
    spot: Spot = Field(default_factory=Spot)
    gate: Gate = Field(default_factory=Gate)
    endpoint: Endpoint = Field(default_factory=Endpoint)
    monitoring: Monitoring = Field(default_factory=Monitoring)
    retraining: Retraining = Field(default_factory=Retraining)

    @field_validator("positive_class", "target", mode="before")
    @classmethod
    def _word(cls, value: Any) -> Any:
        # YAML reads an unquoted yes, no, 1 as something else than the word the data file holds.
        if isinstance(value, bool):
            raise ValueError('YAML reads an unquoted yes/no/true/false as a truth value; put it in quotes: "yes"')  # noqa: TRY004
        return str(value) if isinstance(value, int | float) else value

    @field_validator("hyperparameters")
    @classmethod
    def _known_hyperparameters(cls, values: dict[str, Any]) -> dict[str, Any]:
        for name in values:
            if name in xgboost.SET_BY_SAGERELAY:
                raise ValueError(f'"{name}" follows from "task" and "tuning.objective"; set those instead')
            if name not in xgboost.HYPERPARAMETERS:
                raise ValueError(_unknown(name, xgboost.HYPERPARAMETERS))
        return values

    @model_validator(mode="after")
    def _spot_waits_longer(self) -> Self:
        if self.spot.enabled and self.spot.max_wait_minutes < self.instances.max_runtime_minutes:
            raise ValueError(
                f"spot.max_wait_minutes ({self.spot.max_wait_minutes}) must be at least "
                f"instances.max_runtime_minutes ({self.instances.max_runtime_minutes})"
            )
        return self


def _check_range(name: str, bounds: Range) -> None:
    if name not in xgboost.HYPERPARAMETERS:
        raise ValueError(_unknown(name, xgboost.HYPERPARAMETERS))
    if bounds.values is None and name not in xgboost.TUNABLE:
        raise ValueError(
            f'"{name}" cannot be tuned over a range by XGBoost; tunable: {", ".join(sorted(xgboost.TUNABLE))}'
        )
    if bounds.values is None and name in xgboost.INTEGERS:
        for end in (bounds.min, bounds.max):
            if end is not None and not end.is_integer():
                raise ValueError(f'"{name}" is a whole number; {end:g} is not')


def _unknown(name: str, known: frozenset[str]) -> str:
    from difflib import get_close_matches  # only when something is wrong

    close = get_close_matches(name, known, n=1)
    hint = f' Did you mean "{close[0]}"?' if close else f" Known: {', '.join(sorted(known))}."
    return f'XGBoost has no hyperparameter "{name}".{hint}'
