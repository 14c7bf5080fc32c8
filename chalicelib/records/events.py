"""What has happened, in the past tense: hints, which are read from AWS's envelopes (`envelopes.py`), and facts.

An envelope is only a hint that something may have changed: SageMaker's events are best effort, may come twice and in
any order. So a job-state envelope becomes `StepChanged`, and the shell asks SageMaker what is true now, which gives
`StepCompleted` or `StepFailed`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.contract.evaluation import Evaluation
from chalicelib.names import CheckName, Step
from chalicelib.records.failed_trials import FailedTrials
from chalicelib.serving_mode import Mode


# --- hints, from envelopes
@dataclass(frozen=True, slots=True)
class Uploaded:
    """A user's object was created below `datasets/<dataset>/`. `version` tells this upload from any other."""

    dataset: str
    key: str
    version: str


@dataclass(frozen=True, slots=True)
class Misplaced:
    """An object was created below `datasets/` where nothing of SageRelay reads it. `problem` says what to do."""

    key: str
    etag: str
    problem: str


@dataclass(frozen=True, slots=True)
class StepChanged:
    """A job or endpoint of this run reached an end state, or may have."""

    run: str
    step: Step
    attempt: int


@dataclass(frozen=True, slots=True)
class CheckChanged:
    """The job of a check reached an end state, or may have."""

    name: CheckName


@dataclass(frozen=True, slots=True)
class CheckRequested:
    """Somebody asks for a drift check now, or for the check of a drill's own traffic."""

    dataset: str
    drill: str | None
    request: str
    """The event's own id: an event that comes twice asks once."""


@dataclass(frozen=True, slots=True)
class RollbackRequested:
    """Somebody wants the predecessor of this run's model back, or that of `to`. `request`: the event's own id."""

    dataset: str
    leave: str
    because: str
    request: str
    to: str | None = None


@dataclass(frozen=True, slots=True)
class WakeRequested:
    """Somebody wants the endpoint of a model that sleeps back. `request`: the event's own id."""

    dataset: str
    request: str


@dataclass(frozen=True, slots=True)
class RetrainingRequested:
    """A person wants a run on what lies in train/ now. `request`: the event's own id."""

    dataset: str
    because: str
    request: str


@dataclass(frozen=True, slots=True)
class LiveEndpointChanged:
    """The endpoint that callers of this dataset use may have finished an update."""

    dataset: str


@dataclass(frozen=True, slots=True)
class ApprovalGiven:
    """Somebody approved or rejected the model of this run that waits for it."""

    run: str
    approved: bool
    because: str | None = None
    """Why, of whoever said it by an event of their own; None: it was said in the model registry."""


@dataclass(frozen=True, slots=True)
class CancelAsked:
    """A person wants this run to end without a model. `because`: why, or empty."""

    run: str
    because: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing to do, and why. Logged, never an error."""

    reason: str


Hint = (
    Uploaded
    | Misplaced
    | StepChanged
    | CheckChanged
    | CheckRequested
    | RollbackRequested
    | WakeRequested
    | RetrainingRequested
    | LiveEndpointChanged
    | ApprovalGiven
    | CancelAsked
    | Ignored
)

# --- facts, from describing and reading


def seconds_between(started: datetime | None, ended: datetime | None) -> int | None:
    """How long something took; None where a time is not known."""
    if started is None or ended is None:
        return None
    return max(0, round((ended - started).total_seconds()))


@dataclass(frozen=True, slots=True)
class JobRecord:
    """How long a step took and what is billed for it. Times are None when SageMaker tells none."""

    step: Step
    name: str
    started: datetime | None = None
    ended: datetime | None = None
    billable_seconds: int | None = None

    @property
    def seconds(self) -> int | None:
        return seconds_between(self.started, self.ended)


@dataclass(frozen=True, slots=True)
class StepCompleted:
    """The step's job ended well, or its endpoint is in service."""

    step: Step
    attempt: int
    job: JobRecord
    artifact: str | None = None
    """The S3 URI of the trained model, after training."""
    artifact_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class StepFailed:
    """The step's job or endpoint failed or was stopped, or its request was `refused`; `reason` is SageMaker's."""

    step: Step
    attempt: int
    reason: str
    job: JobRecord | None = None
    refused: bool = False


@dataclass(frozen=True, slots=True)
class JobStopped:
    """The job of a run that was cancelled has ended, however it did."""

    job: JobRecord


@dataclass(frozen=True, slots=True)
class RollbackBegan:
    """SageMaker takes the step's update of an endpoint back; `reason` says why, as far as that is known."""

    step: Step
    attempt: int
    reason: str


@dataclass(frozen=True, slots=True)
class GapBegins:
    """The live endpoint is about to be deleted for one of another mode, which SageMaker does not make of it."""

    attempt: int


@dataclass(frozen=True, slots=True)
class GapEnded:
    """The endpoint that had to go has come back, and takes updates."""


@dataclass(frozen=True, slots=True)
class SchemaRead:
    """What preparing found out."""

    task: str
    classes: tuple[str, ...] | None
    content_type: str
    rows: Mapping[str, int]
    content_types: Mapping[str, str] = field(default_factory=dict)
    """By algorithm, where the rows were prepared for several."""


@dataclass(frozen=True, slots=True)
class TrialsCollected:
    """All trials are in trials.json; these are the best one's tuned hyperparameters."""

    hyperparameters: Mapping[str, str]
    value: float | None
    trials: int
    billable_seconds: int | None
    members: tuple[Mapping[str, str], ...] = ()
    """Those of the best trials, best first, where a model is made of several."""
    failed: FailedTrials | None = None


@dataclass(frozen=True, slots=True)
class ComparisonRead:
    """What the models of several algorithms are worth on the same rows."""

    values: Mapping[str, float]
    """The gate's metric, by algorithm, of those that it could be measured of."""
    problems: Mapping[str, str]
    """Of the others: why not, as a sentence."""
    winner: str
    mode: Mode
    mode_because: str
    """How the winner's model is to be served, and why."""


@dataclass(frozen=True, slots=True)
class EvaluationRead:
    """The candidate's quality: evaluation.json's own block, without its curves."""

    evaluation: Evaluation


@dataclass(frozen=True, slots=True)
class ResultUnusable:
    """A job ended well but what it left cannot be used. `problem` is a sentence for the owner."""

    problem: str


@dataclass(frozen=True, slots=True)
class NewerDataArrived:
    """The dataset has data or settings that this run does not know."""

    makes_a_model: bool = True
    """Whether they would make another one; otherwise only gate, endpoint or machines changed."""


RunEvent = (
    StepCompleted
    | StepFailed
    | RollbackBegan
    | GapBegins
    | GapEnded
    | SchemaRead
    | TrialsCollected
    | ComparisonRead
    | EvaluationRead
    | ResultUnusable
    | ApprovalGiven
    | CancelAsked
    | JobStopped
    | NewerDataArrived
)
