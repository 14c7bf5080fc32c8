"""What a person may ask for: `relay.yaml`, one file a dataset, every key optional.

Only the shape is here; how a mistake becomes a sentence is `relay_yaml.py`, and the defaults stand in `defaults.py`.
They are meant to be right for a first try, so that a dataset needs no relay.yaml at all.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, cast

from pydantic import Field, ValidationInfo, field_validator, model_validator

from chalicelib.algorithms import called
from chalicelib.algorithms.hyperparameters import faults
from chalicelib.algorithms.several import Several
from chalicelib.settings import own_code, stored
from chalicelib.settings.decision import Decision, applies
from chalicelib.settings.defaults import DEFAULTS
from chalicelib.settings.endpoint import Endpoint
from chalicelib.settings.machines import AUTO
from chalicelib.settings.money import Budget, Prices
from chalicelib.settings.monitoring import Monitoring, Retraining
from chalicelib.settings.section import (
    PreparingInstance,
    QualityMetric,
    Section,
    TrainingInstance,
    choice,
    did_you_mean,
)
from chalicelib.settings.several import ONE_ALGORITHMS_OWN
from chalicelib.settings.tuning import Tuning, searched


class File(Section):
    """How the data files are written, for the few that cannot be recognised."""

    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = DEFAULTS["file"]["delimiter"]
    encoding: str | None = DEFAULTS["file"]["encoding"]
    decimal: Literal[".", ","] | None = DEFAULTS["file"]["decimal"]
    header: bool | None = DEFAULTS["file"]["header"]

    @field_validator("encoding")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                b"a".decode(value)
            except (LookupError, UnicodeError, ValueError):
                raise ValueError(
                    f'no text encoding is called "{value[:40]}"; try utf-8, cp1252, cp1250, cp932'
                ) from None
        return value


class Split(Section):
    """Which rows are held out. `time` and `group` need a column; time may need several: year, month, day."""

    how: stored.How = DEFAULTS["split"]["how"]
    column: str | list[str] | None = DEFAULTS["split"]["column"]
    test: Annotated[float, Field(ge=0.01, le=0.5)] = DEFAULTS["split"]["test"]
    validation: Annotated[float, Field(ge=0.01, le=0.5)] = DEFAULTS["split"]["validation"]
    seed: Annotated[int, Field(ge=0, le=2**31 - 2)] = DEFAULTS["split"]["seed"]

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
    """The machines, by what they do; `auto`: the smallest that holds the data."""

    prepare: PreparingInstance = DEFAULTS["instances"]["prepare"]
    train: TrainingInstance = DEFAULTS["instances"]["train"]
    evaluate: PreparingInstance = DEFAULTS["instances"]["evaluate"]
    volume_gb: Annotated[int, Field(ge=1, le=16384)] = DEFAULTS["instances"]["volume_gb"]
    max_runtime_minutes: Annotated[int, Field(ge=1, le=7200)] = DEFAULTS["instances"]["max_runtime_minutes"]


class Spot(Section):
    """Training on spare capacity: up to 90 % cheaper, may be interrupted, resumes from its checkpoints."""

    enabled: bool = DEFAULTS["spot"]["enabled"]
    max_wait_minutes: Annotated[int, Field(ge=1, le=14400)] = DEFAULTS["spot"]["max_wait_minutes"]


class Gate(Section):
    """When a candidate may replace the live model.

    `minimum` is the least value of `metric`; without it a candidate must beat the naive guess. `max_loss` is how far
    the candidate may fall behind the live model before it is refused although chance could explain the difference: a
    share of that model's value where the metric has a unit (`settings/max_loss.py`).
    """

    metric: QualityMetric = DEFAULTS["gate"]["metric"]
    minimum: float | None = DEFAULTS["gate"]["minimum"]
    max_loss: Annotated[float, Field(ge=0)] = DEFAULTS["gate"]["max_loss"]
    approval: stored.Approval = DEFAULTS["gate"]["approval"]


_UNSAID = cast("own_code.Written", object())
"""Where relay.yaml names no algorithm."""


class DatasetSettings(Section):
    """relay.yaml, with every default filled in."""

    target: Annotated[str, Field(min_length=1)] | None = DEFAULTS["target"]
    task: Literal["auto", "binary", "multiclass", "regression"] = DEFAULTS["task"]
    positive_class: str | None = DEFAULTS["positive_class"]
    na_in_target: Literal["auto", "class", "missing"] = DEFAULTS["na_in_target"]
    ignore: list[str] = Field(default_factory=list)
    columns: dict[str, stored.ColumnKind] = Field(default_factory=dict)
    max_columns: Annotated[int, Field(ge=2, le=20_000)] = DEFAULTS["max_columns"]
    file: File = Field(default_factory=File)
    split: Split = Field(default_factory=Split)
    algorithm: own_code.Written = Field(default_factory=lambda: _UNSAID, validate_default=True)
    """Validated where nothing is said, too: which one is meant hangs on what else is."""
    hyperparameters: dict[str, int | float | bool | str] = Field(default_factory=dict)
    tuning: Tuning = Field(default_factory=lambda: cast("Tuning", {}), validate_default=True)
    """Validated where nothing is said, too: its ranges are those of the algorithm."""
    decision: Decision = Field(default_factory=Decision)
    instances: Instances = Field(default_factory=Instances)
    spot: Spot = Field(default_factory=Spot)
    gate: Gate = Field(default_factory=Gate)
    endpoint: Endpoint = Field(default_factory=Endpoint)
    monitoring: Monitoring = Field(default_factory=Monitoring)
    retraining: Retraining = Field(default_factory=Retraining)
    budget: Budget = Field(default_factory=Budget)
    prices: Prices = Field(default_factory=dict)

    @field_validator("instances", mode="before")
    @classmethod
    def _all_of_them(cls, value: Any) -> Any:
        return {} if value == AUTO else value  # which each of them is where nothing is said

    @field_validator("positive_class", "target", mode="before")
    @classmethod
    def _word(cls, value: Any) -> Any:
        # YAML reads an unquoted yes, no, 1 as something else than the word the data file holds.
        if isinstance(value, bool):
            raise ValueError('YAML reads an unquoted yes/no/true/false as a truth value; put it in quotes: "yes"')  # noqa: TRY004
        return str(value) if isinstance(value, int | float) else value

    @field_validator("algorithm", mode="before")
    @classmethod
    def _named(cls, written: Any, info: ValidationInfo) -> Any:
        if written is _UNSAID:
            return choice(info).name
        offered = choice(info).offered
        if isinstance(written, list):
            return own_code.of_several(written, offered.loaders)
        if not isinstance(written, dict) and not offered.if_offered({"algorithm": written}):
            allowed = ", ".join(map(repr, offered.loaders))
            near = did_you_mean(written, offered.loaders)
            raise ValueError(f"{written!r:.60} is not allowed; {near}allowed: {allowed}")
        return written

    @field_validator("algorithm")
    @classmethod
    def _offered(cls, written: Any, info: ValidationInfo) -> Any:
        if not choice(info).is_offered:
            raise ValueError(choice(info).offered.not_offered(choice(info).name))
        if isinstance(written, list) and (closed := [one for one in written if choice(info).named(one).closed]):
            raise ValueError(
                f"{closed[0]} cannot stand in a list yet: its models are read by its own image alone, and those of a "
                "list are compared before one is deployed; write it alone"
            )
        return written

    @field_validator("hyperparameters")
    @classmethod
    def _as_the_container_takes_them(cls, values: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        if values and isinstance(choice(info).algorithm, Several):
            raise ValueError(f"hyperparameters {ONE_ALGORITHMS_OWN}")
        if found := faults(choice(info).algorithm, values):
            raise ValueError("; ".join(found))
        return values

    @model_validator(mode="after")
    def _there_is_enough_to_search(self, info: ValidationInfo) -> Self:
        searched(self.tuning, self.hyperparameters, choice(info).algorithm)
        return self

    @model_validator(mode="after")
    def _the_decision_is_followed(self, info: ValidationInfo) -> Self:
        if "decision" in self.model_fields_set:
            applies(called(choice(info).name), choice(info).algorithm, self.task)
        return self

    @model_validator(mode="after")
    def _one_container_where_that_is_needed(self, info: ValidationInfo) -> Self:
        if self.endpoint.mode == "serverless" and not choice(info).algorithm.one_container:
            raise ValueError(
                '"mode: serverless" needs a model that one container serves, and that of '
                f'"algorithm: {called(choice(info).name)}" is served by three: take one of the two out'
            )
        return self

    @model_validator(mode="after")
    def _spot_waits_longer(self) -> Self:
        if self.spot.enabled and self.spot.max_wait_minutes < self.instances.max_runtime_minutes:
            raise ValueError(
                f"spot.max_wait_minutes ({self.spot.max_wait_minutes}) must be at least "
                f"instances.max_runtime_minutes ({self.instances.max_runtime_minutes})"
            )
        return self

    def as_stored(self) -> stored.Settings:
        """As plain values, as records and documents keep them."""
        return cast("stored.Settings", self.model_dump(mode="json"))
