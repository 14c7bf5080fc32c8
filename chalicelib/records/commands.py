"""What to do next, in the imperative: small frozen values that the shell executes and the record keeps while pending.

A command holds nothing that its run does not know: job names follow from run, step and attempt, so that executing it
twice does nothing twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chalicelib.names import Step


class Mail(StrEnum):
    """Why a person is written to. The value is the message attribute `kind`, by which subscribers filter."""

    PROMOTED = "promoted"
    REJECTED = "rejected"
    FAILED = "failed"
    APPROVAL_NEEDED = "approval-needed"
    WAITING = "waiting"
    GAP = "gap"
    REFUSED = "refused"
    DRIFT_FOUND = "drift-found"
    DRIFT_OVER = "drift-over"
    NO_TRAFFIC = "no-traffic"
    ENDPOINT_GONE = "endpoint-gone"
    UNREADABLE = "unreadable-traffic"
    CHECK_FAILED = "check-failed"
    QUALITY = "quality"
    QUALITY_FELL = "quality-fell"
    QUALITY_RECOVERED = "quality-recovered"
    RELATION_CHANGED = "relation-changed"
    TESTED = "tested"
    SCORED = "scored"
    SCORED_BEFORE = "scored-before"
    SCORE_WAITS = "score-waits"
    RETRAINING_STOPPED = "retraining-stopped"
    ROLLED_BACK = "rolled-back"
    ROLLBACK_FAILED = "rollback-failed"
    CHEAPER = "cheaper"
    COSTS = "costs"
    IDLE = "idle"
    AWAKE = "awake"
    NOT_AWAKE = "not-awake"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Start:
    """Start this step's job, or create its endpoint."""

    step: Step
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop this step's job, which a person does not want any more, and wait until it has ended. Answers with
    `JobStopped` where there was one."""

    step: Step
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class ReadSchema:
    """Read what preparing found out: task, classes, rows. Answers with `SchemaRead`."""


@dataclass(frozen=True, slots=True)
class CollectTrials:
    """Gather all trials of the tuning into trials.json. Answers with `TrialsCollected`."""

    attempt: int


@dataclass(frozen=True, slots=True)
class ReadComparison:
    """Read comparison.json. Answers with `ComparisonRead`."""


@dataclass(frozen=True, slots=True)
class Adopt:
    """Put what was prepared and tuned for the winner of several algorithms where that of a run of one lies."""


@dataclass(frozen=True, slots=True)
class ReadEvaluation:
    """Read evaluation.json. Answers with `EvaluationRead`."""


@dataclass(frozen=True, slots=True)
class StampReport:
    """Write the verdict and its reason into report.html, which was drawn before there was one."""


@dataclass(frozen=True, slots=True)
class Register:
    """Put the model into the registry with its metrics, or settle the approval of what is there already."""

    status: str
    """`Approved`, `Rejected` or `PendingManualApproval`."""


@dataclass(frozen=True, slots=True)
class SetAlarms:
    """Have CloudWatch tell the owner when the live endpoint fails or becomes slow."""


@dataclass(frozen=True, slots=True)
class SetScaling:
    """Have the live endpoint's instances follow the traffic as this run asks for, or no longer."""


@dataclass(frozen=True, slots=True)
class RememberRefusal:
    """Note for every later run that AWS takes no serverless endpoint of this account."""


@dataclass(frozen=True, slots=True)
class Remove:
    """Delete what this attempt of a step left running: the candidate's endpoint and its configuration."""

    step: Step
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class RemoveModel:
    """Delete the SageMaker model of a run that will never serve."""


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell the owner, once."""

    mail: Mail


@dataclass(frozen=True, slots=True)
class Release:
    """Tell the dataset that this run has ended. Answers with the dataset's `RunEnded`."""


@dataclass(frozen=True, slots=True)
class Begin:
    """Dataset: create the record of this run, whose inputs.json is already written, and start it."""

    run: str


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Dataset: data came while a run was under way; look at what lies there now."""


@dataclass(frozen=True, slots=True)
class Follow:
    """Dataset: tell the monitor that this run has ended."""

    run: str
    retraining: int | None = None
    """The number the monitor gave it, if the monitor asked for it."""


@dataclass(frozen=True, slots=True)
class Retire:
    """Dataset: delete the model and endpoint configuration of a run that is two promotions old."""

    run: str
    attempt: int
    """The attempt of its live step, which names the configuration."""


@dataclass(frozen=True, slots=True)
class GoBack:
    """Dataset: have the live endpoint serve the model before it again, and wait until it does."""


@dataclass(frozen=True, slots=True)
class Sleep:
    """Dataset: take the live endpoint away, which nobody asks, with its alarms."""


@dataclass(frozen=True, slots=True)
class Wake:
    """Dataset: make the live model's endpoint again, and wait until it serves."""


@dataclass(frozen=True, slots=True)
class TrainAgain:
    """Dataset: begin a run on what lies there now, because a person asked for it."""

    request: str
    because: str


@dataclass(frozen=True, slots=True)
class TellRollback:
    """Dataset: tell the owner, once, how a rollback ended."""

    request: str
    leave: str
    to: str | None
    because: str
    problem: str | None


Reading = ReadSchema | CollectTrials | ReadComparison | ReadEvaluation | Adopt
"""What a job has left is read, or put where others read it."""
Command = (
    Start
    | Stop
    | ReadSchema
    | CollectTrials
    | ReadComparison
    | Adopt
    | ReadEvaluation
    | StampReport
    | Register
    | SetAlarms
    | SetScaling
    | RememberRefusal
    | Remove
    | RemoveModel
    | Notify
    | Release
    | Begin
    | LookAgain
    | Follow
    | Retire
    | GoBack
    | Sleep
    | Wake
    | TrainAgain
    | TellRollback
)
