"""Run: the durable record of one pass of data through the relay.

Only data and its invariants: files are in S3, and what is kept here is what a decision or a mail needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from chalicelib import codec, form_names
from chalicelib.algorithms.objectives import Objective
from chalicelib.contract.evaluation import Evaluation
from chalicelib.contract.metrics import Task
from chalicelib.names import RunKeys, Step, StepName
from chalicelib.records.commands import Command
from chalicelib.records.events import JobRecord
from chalicelib.records.failed_trials import FailedTrials
from chalicelib.records.legs import Leg
from chalicelib.serving_mode import Mode
from chalicelib.settings import defaults
from chalicelib.settings.max_loss import Meant
from chalicelib.settings.stored import Settings

HISTORY_KEPT = 40


class Stage(StrEnum):
    """Where a run is. The last five are its ends."""

    PREPARING = "preparing"
    TUNING = "tuning"
    TRAINING = "training"
    COMPARING = "comparing"
    PACKING = "packing"
    DEPLOYING = "deploying"
    EVALUATING = "evaluating"
    AWAITING_APPROVAL = "awaiting approval"
    PROMOTING = "promoting"
    LIVE = "live"
    REJECTED = "rejected"
    FAILED = "failed"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return self in {Stage.LIVE, Stage.REJECTED, Stage.FAILED, Stage.SUPERSEDED, Stage.CANCELLED}


STEP_OF = {
    Stage.PREPARING: Step.PREPARE,
    Stage.TUNING: Step.TUNE,
    Stage.TRAINING: Step.TRAIN,
    Stage.COMPARING: Step.COMPARE,
    Stage.PACKING: Step.PACK,
    Stage.DEPLOYING: Step.CANDIDATE,
    Stage.EVALUATING: Step.EVALUATE,
    Stage.PROMOTING: Step.LIVE,
}
"""The one piece of work that each stage waits for."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is to be learned, as preparing found out."""

    task: Task
    classes: tuple[str, ...] | None
    content_type: str
    rows: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Scaling:
    """How many instances a live endpoint has, and what decides that; seconds between two changes."""

    min: int
    max: int
    invocations_per_minute: int
    """Of each instance, that are aimed at."""
    scale_in_seconds: int
    scale_out_seconds: int


@dataclass(frozen=True, slots=True)
class LiveModel:
    """The model that callers of a dataset get answers from."""

    run: str
    endpoint: str
    attempt: int
    """The attempt of its live step, which names its endpoint configuration."""
    promoted: str
    mode: Mode = codec.later(default=Mode.REALTIME)
    """How it is served. Releases that say nothing had real-time endpoints alone."""
    back: str | None = codec.later(default=None)
    """Since when it serves again, where callers have gone back to it from a later model."""
    scaling: Scaling | None = codec.later(default=None)
    """How its endpoint's instances follow the traffic, if they do."""

    @property
    def since(self) -> str:
        """Since when the answers that callers get are its own."""
        return self.back or self.promoted

    @property
    def config(self) -> str:
        """The name of the endpoint configuration that serves it."""
        return str(StepName(self.run, Step.LIVE, self.attempt))


@dataclass(frozen=True, slots=True)
class BestModel:
    """The best of the models that a dataset has had in service: no later one was shown to be better."""

    run: str
    artifact: str
    """The S3 URI of its model.tar.gz."""
    promoted: str


@dataclass(frozen=True, slots=True)
class PastTuning:
    """An earlier tuning of the dataset, and what SageMaker wants to be the same before one may start from it."""

    job: str
    signature: str
    """As `requests.warm_start` writes and reads it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the candidate may replace the live model, and the reason as sentences for a person."""

    promote: bool
    reason: str
    ask: bool = False
    """Whether a person has to decide, because the candidate could not be compared with the live model."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What failed, why, and what to do about it."""

    stage: Stage
    job: str
    reason: str
    advice: str


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Where a run was when a person ended it, and why, if they said so."""

    stage: Stage
    because: str


@dataclass(frozen=True, slots=True)
class Run:
    """One pass of data: from pinned objects to a live or rejected model, or a failure."""

    id: str
    dataset: str
    settings: Settings = field(metadata=codec.read_by(defaults.filled))
    """relay.yaml with every default filled in, as it was when the run began."""
    started: datetime
    updated: datetime
    inputs: int
    """How many objects were pinned in inputs.json."""
    stage: Stage = Stage.PREPARING
    attempt: int = 1
    retried: int = 0
    """How many attempts of this stage were tried again at once, and not after a wait."""
    live: LiveModel | None = None
    """The model in service when the run began."""
    best: BestModel | None = codec.later(default=None)
    """The best model there was when the run began, which may be the one in service."""
    max_loss: Meant = codec.later(default=Meant.AMOUNT)
    """How gate.max_loss is meant. Runs of releases that took it for an amount say nothing."""
    mode: Mode = codec.later(default=Mode.REALTIME)
    """How its model is to be served, as far as AWS lets it."""
    mode_because: str = codec.later(default="")
    """Why, as the end of a sentence that begins with "because"."""
    serverless_refused: str | None = codec.later(default=None)
    """What AWS said when it did not take this run's serverless endpoint; the run went on in real time."""
    because: str | None = None
    """What the monitor saw, if it asked for this run; None when an upload began it."""
    asked: str | None = codec.later(default=None)
    """Why a person asked for this run, if one did; it may be empty."""
    instead_of: str | None = codec.later(default=None)
    """The algorithm of the run before, where this one has another that only a release's new default asked for."""
    warm_start: PastTuning | None = None
    """An earlier tuning of this dataset to start from, if it turns out to suit."""
    legs: tuple[Leg, ...] = codec.later(default=())
    """Its algorithms, where these are several. Once its data is prepared, `settings` are those of one of them: of the
    leg under way, in the end of the winner."""
    problem: Problem | None = None
    objective: Objective | None = None
    hyperparameters: Mapping[str, str] = field(default_factory=dict)
    members: tuple[Mapping[str, str], ...] = codec.later(default=())
    """The tuned hyperparameters of the best trials, best first, where the model is made of several."""
    best_value: float | None = None
    trials: int = 0
    failed_trials: FailedTrials | None = codec.later(default=None)
    """Those that came to nothing, where others were enough."""
    lists_refused: bool = codec.later(default=False)
    """Whether SageMaker did not take the lists of values that relay.yaml gives for numbers: see `requests.search`."""
    artifact: str | None = None
    artifact_bytes: int | None = codec.later(default=None)
    """Its size, where something hangs on it."""
    jobs: tuple[JobRecord, ...] = ()
    evaluation: Evaluation | None = None
    verdict: Verdict | None = None
    failure: Failure | None = None
    cancelled: Cancelled | None = codec.later(default=None)
    waiting_for: str | None = None
    """Why nothing is in flight at the moment: a quota or capacity that has to come free."""
    taken_back: str | None = codec.later(default=None)
    """Why SageMaker takes this attempt's update of the live endpoint back, once it does."""
    gap_began: datetime | None = codec.later(default=None)
    """When the live endpoint gave way to one of another mode: callers get no answer from then on."""
    gap_ended: datetime | None = codec.later(default=None)
    """When they got answers again, as far as was seen."""
    unseen: datetime | None = None
    """Since when SageMaker shows nothing of what should be in flight."""
    not_before: datetime | None = None
    """Pending commands are not executed before this time."""
    pending: tuple[Command, ...] = ()
    history: tuple[str, ...] = ()
    foreign: Mapping[str, Any] = field(default_factory=dict)
    """What only another release understands, kept for it (`codec.py`)."""
    version: int = 0

    @property
    def open(self) -> bool:
        """Whether the sweep still has to look after this run."""
        return not self.stage.ended or bool(self.pending or self.foreign)

    @property
    def best_before(self) -> BestModel | None:
        """The best model, where it is not the one in service, with which the candidate is compared anyway."""
        return None if self.best is None or (self.live and self.live.run == self.best.run) else self.best

    @property
    def leg(self) -> Leg | None:
        """The leg under way, or the winner's; None in a run of one algorithm, and before the first."""
        return next((leg for leg in self.legs if leg.algorithm == self.settings["algorithm"]), None)

    @property
    def first_attempt(self) -> int:
        """Of a tuning or training: behind those of earlier legs."""
        return 1 + max((leg.attempts for leg in self.legs), default=0)

    @property
    def prepared(self) -> str:
        """The folder of the rows that are trained on."""
        return form_names.form(self.id, self.leg.algorithm) if self.leg else RunKeys(self.id).prepared

    @property
    def scaling(self) -> Scaling | None:
        """How the instances of its live endpoint are to follow the traffic, if they are."""
        asked = self.settings["endpoint"]["scaling"] if self.mode is Mode.REALTIME else None
        return Scaling(**asked) if asked else None

    @property
    def live_attempt(self) -> int:
        """The attempt of its live step that came to serve, which names its endpoint configuration."""
        name = next((job.name for job in reversed(self.jobs) if job.step is Step.LIVE), "")
        return parsed.attempt if (parsed := StepName.parse(name)) else 1

    @property
    def gap_seconds(self) -> int | None:
        """How long callers got no answer, at most; None where they always did, or do not yet."""
        if self.gap_began is None or self.gap_ended is None:
            return None
        return max(0, round((self.gap_ended - self.gap_began).total_seconds()))

    @property
    def seconds(self) -> int:
        return max(0, round((self.updated - self.started).total_seconds()))

    @property
    def billable_seconds(self) -> int | None:
        """What SageMaker bills for training and tuning; None as long as nothing billable is known."""
        known = [job.billable_seconds for job in self.jobs if job.billable_seconds is not None]
        return sum(known) if known else None

    def moved(self, stage: Stage, now: datetime, because: str, **changes: Any) -> Run:
        """This run in another stage (or the same), with the step added to its history."""
        line = f"{now:%Y-%m-%dT%H:%M:%SZ} {self.stage} -> {stage}: {because}"
        if stage is not self.stage:
            first = self.first_attempt if stage in {Stage.TUNING, Stage.TRAINING} else 1
            changes = {"attempt": first, "retried": 0} | changes
        history = (*self.history, line)[-HISTORY_KEPT:]
        return replace(self, stage=stage, updated=now, history=history, unseen=None, **changes)
