"""Leg: what one algorithm has come to in a run over several.

The legs of a run go one after the other, each a tuning and a training as a run of one algorithm has them. So the run's
own fields are those of the leg under way, at most one thing is in flight, and names count on: attempts of a later leg
begin behind those of the ones before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.algorithms.objectives import Objective
from chalicelib.records.failed_trials import FailedTrials
from chalicelib.settings import several
from chalicelib.settings.stored import Settings


@dataclass(frozen=True, slots=True)
class Leg:
    """One algorithm of several. Blank as long as it is not known."""

    algorithm: str
    content_type: str = ""
    """Of the rows that were prepared for it."""
    early_stopping: bool = False
    """Whether relay.yaml lets the tuner stop its trials early."""
    objective: Objective | None = None
    attempts: int = 0
    """The highest attempt of its jobs."""
    tuning: str | None = None
    """The name of its tuning job, where that ended well."""
    hyperparameters: Mapping[str, str] = field(default_factory=dict)
    members: tuple[Mapping[str, str], ...] = ()
    best_value: float | None = None
    trials: int = 0
    failed_trials: FailedTrials | None = None
    lists_refused: bool = False
    artifact: str | None = None
    artifact_bytes: int | None = None
    failure: str | None = None
    """Why it came to nothing, as SageMaker or a job said it."""
    value: float | None = None
    """The gate's metric on the rows that were held out."""

    @property
    def is_open(self) -> bool:
        """Whether it has still to be tuned and trained, or is under way."""
        return self.artifact is None and self.failure is None


def legs_of(settings: Settings) -> tuple[Leg, ...]:
    """Those of a run that begins with these settings; none where they name one algorithm."""
    return tuple(Leg(name) for name in several.names(settings))
