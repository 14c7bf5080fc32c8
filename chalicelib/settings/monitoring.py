"""relay.yaml's `monitoring` and `retraining`: how a live model is monitored, and what follows from what is seen.

They take effect as soon as relay.yaml is uploaded, and start no run: no model depends on them.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from chalicelib.settings import schedules
from chalicelib.settings.section import ProcessingInstance, QualityMetric, Section

MOST_FREQUENT = "rate(5 minutes)"
"""Schedules are looked at this often; anything finer would promise what is not kept."""


class Monitoring(Section):
    """Monitoring of a live model.

    A feature has drifted when the difference is certain *and* large. `significance` is the chance, for a whole check,
    of calling something certain that is not; it is shared among all features. `distance` is a Jensen-Shannon distance
    (0 the same, 1 nothing in common); 0.05 is a shift by some 0.12 standard deviations, 6 points of a share near 50 %,
    or 0.5 % of rows of a new kind. docs/drift.md has the reasons and what was measured.

    `max_loss` is how far the deciding `metric` may fall, estimated or measured with labels, before it is an alert.
    """

    enabled: bool = True
    schedule: str = "daily"
    min_rows: Annotated[int, Field(ge=30, le=10_000_000)] = 100
    significance: Annotated[float, Field(gt=0, le=0.1)] = 0.01
    distance: Annotated[float, Field(ge=0.01, le=0.9)] = 0.05
    quiet_days: Annotated[int, Field(ge=1, le=365)] = 3
    metric: QualityMetric = "auto"
    max_loss: Annotated[float, Field(ge=0)] = 0.02
    min_labels: Annotated[int, Field(ge=30, le=10_000_000)] = 100
    window_days: Annotated[int, Field(ge=1, le=365)] = 30
    instance: ProcessingInstance = "ml.m5.large"
    volume_gb: Annotated[int, Field(ge=1, le=16384)] = 30
    feature_metrics: bool = True

    @field_validator("schedule")
    @classmethod
    def _a_schedule(cls, expression: str) -> str:
        return readable_schedule(expression)


class Retraining(Section):
    """When SageRelay trains again by itself. The new model goes through the same gate as any other.

    `cool_down_hours` lie at least between two such trainings; `max_tries` of them without improvement, and it stops by
    itself. `labelled_traffic` lets it learn from captured rows whose labels have arrived.
    """

    policy: Literal["never", "on_drift", "on_estimated_loss", "on_quality_loss", "schedule"] = "never"
    schedule: str = "weekly"
    cool_down_hours: Annotated[float, Field(ge=0, le=8784)] = 24
    max_tries: Annotated[int, Field(ge=1, le=100)] = 3
    labelled_traffic: bool = False

    @field_validator("schedule")
    @classmethod
    def _a_schedule(cls, expression: str) -> str:
        return readable_schedule(expression)


def readable_schedule(expression: str) -> str:
    """The expression, if it is one.

    Raises:
        ValueError: with what is wrong, and what may be written.
    """
    try:
        schedule = schedules.parse(schedules.WORDS.get(expression, expression))
    except ValueError as mistake:
        raise ValueError(
            f"{mistake}. Write hourly, daily, weekly, rate(6 hours), or cron(0 3 ? * MON-FRI *) in UTC"
        ) from None
    if isinstance(schedule, schedules.Rate) and schedule.seconds < 300:
        raise ValueError(f"{expression} is more often than the monitor looks; the most is {MOST_FREQUENT}")
    return expression
