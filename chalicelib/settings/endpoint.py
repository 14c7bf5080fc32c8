"""relay.yaml's `endpoint`: how a model is served, and on what.

`mode: auto` is decided when a run begins (`chalicelib/serving_mode.py`). Whoever writes a machine, several of them,
a `rollout` or `scaling` has asked for a real-time endpoint: nothing else has any of these.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticKnownError

from chalicelib.settings import stored
from chalicelib.settings.defaults import DEFAULTS, ROLLOUT, SERVERLESS_MEMORY_MB
from chalicelib.settings.section import EndpointInstance, Section

REALTIME_ONLY = ("instance", "count", "rollout", "scaling")
"""What only a real-time endpoint has."""
_FEWEST_FOR_SHIFTS = 2
"""With one instance there is no part of the fleet that could be tried first."""


class Rollout(Section):
    """How callers come to a new model on a real-time endpoint, and how long the old one waits to be gone back to."""

    how: stored.RolloutHow = ROLLOUT["how"]
    percent: Annotated[int, Field(ge=10, le=50)] = ROLLOUT["percent"]
    """The part of the fleet that is tried first (canary), or each step (linear)."""
    bake_minutes: Annotated[int, Field(ge=0, le=60)] = ROLLOUT["bake_minutes"]


class Scaling(Section):
    """How many instances a real-time endpoint has: as many as its requests need, between two numbers."""

    min: Annotated[int, Field(ge=1, le=100)] = 1
    max: Annotated[int, Field(ge=1, le=100)]
    invocations_per_minute: Annotated[int, Field(ge=1, le=1_000_000)]
    """How many requests an instance is to have: with more of them come more instances, with fewer some go."""
    scale_in_seconds: Annotated[int, Field(ge=0, le=3600)] = 300
    """How long instances stay as they are before one goes..."""
    scale_out_seconds: Annotated[int, Field(ge=0, le=3600)] = 300
    """... and before one more comes, after the last one did."""

    @model_validator(mode="after")
    def _from_min_to_max(self) -> Self:
        if self.max < self.min:
            raise ValueError(f'"max: {self.max}" is less than "min: {self.min}"')
        return self


class Endpoint(Section):
    """What serves the model."""

    mode: stored.Mode = DEFAULTS["endpoint"]["mode"]
    instance: EndpointInstance = DEFAULTS["endpoint"]["instance"]
    count: Annotated[int, Field(ge=1, le=100)] = DEFAULTS["endpoint"]["count"]
    capture_percentage: Annotated[int, Field(ge=0, le=100)] = DEFAULTS["endpoint"]["capture_percentage"]
    memory_mb: int | Literal["auto"] = DEFAULTS["endpoint"]["memory_mb"]
    max_concurrency: Annotated[int, Field(ge=1, le=200)] = DEFAULTS["endpoint"]["max_concurrency"]
    rollout: Rollout = Field(default_factory=Rollout)
    scaling: Scaling | None = None
    idle_days: Annotated[int, Field(ge=1, le=365)] | None = DEFAULTS["endpoint"]["idle_days"]
    """After how many days without a request its owner is told."""
    expires: date | None = None
    """The day (UTC) from which on it is not needed any more."""
    when_idle: stored.WhenIdle = DEFAULTS["endpoint"]["when_idle"]
    """Whether it is only told, or taken away, when nobody has asked for so long, or that day has come."""
    recreate: bool = DEFAULTS["endpoint"]["recreate"]

    @field_validator("memory_mb", mode="before")
    @classmethod
    def _auto_or_a_step(cls, value: Any) -> Any:
        if value == "auto" or (isinstance(value, int) and value in SERVERLESS_MEMORY_MB):
            return value
        raise ValueError(f"must be auto, or one of {', '.join(map(str, SERVERLESS_MEMORY_MB))}")

    @field_validator("expires", mode="before")
    @classmethod
    def _a_day(cls, value: Any) -> Any:
        # A number would be seconds since 1970, a day that has come: its endpoint might be deleted for it.
        if value is None or isinstance(value, date) or re.match(r"\d{4}-", str(value)):
            return value
        raise PydanticKnownError("date_type")

    @model_validator(mode="after")
    def _realtime_where_it_is_asked_for(self) -> Self:
        asked = [name for name in REALTIME_ONLY if name in self.model_fields_set and getattr(self, name) is not None]
        if asked and self.mode in {"serverless", "batch"}:
            raise ValueError(
                f'"{asked[0]}" belongs to a real-time endpoint, and "mode: {self.mode}" has none: take one of them out'
            )
        return self._with(mode="realtime") if asked and self.mode == "auto" else self

    @model_validator(mode="after")
    def _an_end_of_what_there_is(self) -> Self:
        ends = [name for name in ("idle_days", "expires") if getattr(self, name) is not None]
        if ends and self.mode == "batch":
            raise ValueError(f'"{ends[0]}" is about an endpoint, and "mode: batch" has none: take one of them out')
        return self

    @model_validator(mode="after")
    def _as_many_as_scaling_allows(self) -> Self:
        """An endpoint that is scaled begins with the fewest, unless `count` says otherwise."""
        if self.scaling is None:
            return self
        if "count" not in self.model_fields_set:
            return self._with(count=self.scaling.min)
        if not self.scaling.min <= self.count <= self.scaling.max:
            few, many = self.scaling.min, self.scaling.max
            raise ValueError(f'"count: {self.count}" is none of the {few} to {many} instances that "scaling" allows')
        return self

    def _with(self, **changed: Any) -> Self:
        values = {name: getattr(self, name) for name in type(self).model_fields} | changed
        return self.model_construct(self.model_fields_set, **values)

    @model_validator(mode="after")
    def _something_is_left_to_go_back_to(self) -> Self:
        if self.rollout.how != "all_at_once" and self.count < _FEWEST_FOR_SHIFTS:
            raise ValueError(f'"rollout: {{how: {self.rollout.how}}}" needs 2 instances or more, and "count" is 1')
        return self
