"""relay.yaml's `monitoring` and `retraining`: how a live model is monitored, and what follows from what is seen.

They take effect as soon as relay.yaml is uploaded, and start no run: no model depends on them.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from chalicelib.settings import schedules
from chalicelib.settings.defaults import DEFAULTS
from chalicelib.settings.section import ProcessingInstance, QualityMetric, Section
from chalicelib.settings.stored import Policy, Rollback

MOST_FREQUENT = "rate(5 minutes)"
"""Schedules are looked at this often; anything finer would promise what is not kept."""


class Monitoring(Section):
    """Monitoring of a live model.

    A feature has drifted when the difference is certain *and* large. `significance` is the chance, for a whole check,
    of calling something certain that is not; it is shared among all features. `distance` is a Jensen-Shannon distance
    (0 the same, 1 nothing in common); 0.05 is a shift by some 0.12 standard deviations, 6 points of a share near 50 %,
    or 0.5 % of rows of a new kind. docs/drift.md has the reasons and what was measured.

    `max_loss` is how far the deciding `metric` may fall, estimated or measured with labels, before it is an alert: a
    share of its value at promotion where it has a unit (`settings/max_loss.py`).

    `rollback` is what follows where labels show such a loss, and on the same rows that the model before it was better:
    nothing, a word to the owner, or that callers go back to it.
    """

    enabled: bool = DEFAULTS["monitoring"]["enabled"]
    schedule: str = DEFAULTS["monitoring"]["schedule"]
    min_rows: Annotated[int, Field(ge=30, le=10_000_000)] = DEFAULTS["monitoring"]["min_rows"]
    significance: Annotated[float, Field(gt=0, le=0.1)] = DEFAULTS["monitoring"]["significance"]
    distance: Annotated[float, Field(ge=0.01, le=0.9)] = DEFAULTS["monitoring"]["distance"]
    quiet_days: Annotated[int, Field(ge=1, le=365)] = DEFAULTS["monitoring"]["quiet_days"]
    metric: QualityMetric = DEFAULTS["monitoring"]["metric"]
    max_loss: Annotated[float, Field(ge=0)] = DEFAULTS["monitoring"]["max_loss"]
    min_labels: Annotated[int, Field(ge=30, le=10_000_000)] = DEFAULTS["monitoring"]["min_labels"]
    window_days: Annotated[int, Field(ge=1, le=365)] = DEFAULTS["monitoring"]["window_days"]
    instance: ProcessingInstance = DEFAULTS["monitoring"]["instance"]
    volume_gb: Annotated[int, Field(ge=1, le=16384)] = DEFAULTS["monitoring"]["volume_gb"]
    feature_metrics: bool = DEFAULTS["monitoring"]["feature_metrics"]
    rollback: Rollback = DEFAULTS["monitoring"]["rollback"]

    @field_validator("schedule")
    @classmethod
    def _a_schedule(cls, expression: str) -> str:
        return readable_schedule(expression)


class Retraining(Section):
    """When SageRelay trains again by itself. The new model goes through the same gate as any other.

    `cool_down_hours` lie at least between two such trainings; `max_tries` of them without improvement, and it stops by
    itself. `labelled_traffic` lets it learn from captured rows whose labels have arrived.
    """

    policy: Policy = DEFAULTS["retraining"]["policy"]
    schedule: str = DEFAULTS["retraining"]["schedule"]
    cool_down_hours: Annotated[float, Field(ge=0, le=8784)] = DEFAULTS["retraining"]["cool_down_hours"]
    max_tries: Annotated[int, Field(ge=1, le=100)] = DEFAULTS["retraining"]["max_tries"]
    labelled_traffic: bool = DEFAULTS["retraining"]["labelled_traffic"]

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
