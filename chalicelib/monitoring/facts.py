"""What the monitor learns, in the past tense: of runs, of settings, of checks, and that time has passed."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.names import Kind
from chalicelib.records.run import LiveModel, Stage
from chalicelib.records.used import Billed
from chalicelib.settings.stored import Monitored


@dataclass(frozen=True, slots=True)
class RunFollowed:
    """A run of the dataset has ended; `live` is the model that serves now, whichever run made it."""

    run: str
    stage: Stage
    live: LiveModel | None
    retraining: int | None = None
    """The number of the retraining that it was; None when an upload began it."""


@dataclass(frozen=True, slots=True)
class SettingsRead:
    """relay.yaml says this now: its `monitoring` and `retraining`."""

    settings: Monitored
    writes_max_loss: bool = False
    """Whether a person gives monitoring.max_loss."""
    writes_feature_metrics: bool = True
    """The same of monitoring.feature_metrics, whose default was true once."""


@dataclass(frozen=True, slots=True)
class Ticked:
    """Time has passed: something may be due."""


@dataclass(frozen=True, slots=True)
class CheckAsked:
    """A check was asked for: by a person, by labels or a file that arrived, by a drill.

    `subject` names what is to be looked at where the kind does not say it all: a drill's id, the key of a file in test/
    or score/.
    `version` tells a fresh upload from a repeated event about an old one.
    """

    kind: Kind
    subject: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class NothingToCheck:
    """There is nothing to look at: no new traffic, no label that was not seen before."""

    kind: Kind
    ordinal: int
    sleeps: bool = False
    """Whether the endpoint is gone on purpose, because nobody asks it: that is no trouble."""


@dataclass(frozen=True, slots=True)
class EndpointGone:
    """Somebody has deleted the live endpoint: nothing serves that could be monitored or asked."""

    kind: Kind
    ordinal: int


@dataclass(frozen=True, slots=True)
class NeedsTransform:
    """A file's rows can be asked of the live model by a batch transform alone: its check is done in parts."""

    kind: Kind
    ordinal: int


@dataclass(frozen=True, slots=True)
class CheckShared:
    """It is settled in which job a check is done, of several or its own; that job is to be begun."""

    kind: Kind
    ordinal: int
    attempt: int
    job: str
    checks: int
    """How many are in it."""


@dataclass(frozen=True, slots=True)
class CheckBegun:
    """The job that a check shares was begun."""

    kind: Kind
    ordinal: int
    attempt: int
    checks: int
    """How many are in it: not all that were to be, if some could not be settled."""


@dataclass(frozen=True, slots=True)
class CheckCompleted:
    """A check's job ended well."""

    kind: Kind
    ordinal: int
    attempt: int
    billed: Billed | None = None
    """What its job is billed by, where there was one."""


@dataclass(frozen=True, slots=True)
class CheckFailed:
    """A check's job failed, or cannot be started; `reason` is SageMaker's or the job's own sentence."""

    kind: Kind
    ordinal: int
    attempt: int
    reason: str
    billed: Billed | None = None
    """As above."""


@dataclass(frozen=True, slots=True)
class CheckUnseen:
    """SageMaker shows no job of a check that was begun. One look is no proof: AWS shows new things late."""

    kind: Kind
    ordinal: int
    attempt: int


@dataclass(frozen=True, slots=True)
class CheckMustWait:
    """A quota or capacity stands in the way of a check's job."""

    kind: Kind
    ordinal: int
    reason: str


@dataclass(frozen=True, slots=True)
class DriftRead:
    """What a drift check or a drill found (drift.json)."""

    kind: Kind
    ordinal: int
    state: str
    """`drifted`, `stable` or `not-enough-traffic`."""
    drifted: tuple[str, ...] = ()
    """What drifted, worst first; the answers are named as such."""
    loss: str | None = None
    """The estimated loss of performance: `certain`, `possible`, `none`; None when it cannot be estimated."""
    since: str | None = None
    """When the first of the records was answered."""
    problems: bool = False
    lost: float = 1.0
    """How large a certain loss is, in times of what is allowed; checks of earlier releases do not say."""


@dataclass(frozen=True, slots=True)
class QualityRead:
    """What the labels say (quality.json)."""

    ordinal: int
    state: str
    """`fell`, `kept` or `not-enough-labels`."""
    problems: tuple[str, ...] = ()
    """Codes of what was wrong with the labels."""
    unknown: int = 0
    """Labels whose rows were not found: they may be captured yet."""
    labelled: bool = False
    """Whether there are rows with labels to learn from."""
    changed: bool = False
    """Whether the same inputs now have other outcomes than when the model was evaluated."""
    since: str | None = None
    """About when that began."""
    worse: bool = False
    """Whether the model serves its callers worse for it."""
    lost: float = 1.0
    """How large a certain loss is, in times of what is allowed; checks of earlier releases do not say."""
    beyond_gate: bool | None = None
    """Whether the loss is certain and larger than the live model's gate.max_loss; None: the document does not say."""
    better: str | None = None
    """The run of the model before it, where that is certainly better on the same rows."""
    compared: str = ""
    """How the two compare, as a sentence."""


@dataclass(frozen=True, slots=True)
class UploadedTestRead:
    """The live model was evaluated on a test file."""

    ordinal: int


@dataclass(frozen=True, slots=True)
class ScoredRead:
    """The live model has answered a file of rows."""

    ordinal: int


@dataclass(frozen=True, slots=True)
class ScoredBefore:
    """The live model has answered the same file before, and the answers are still there."""

    ordinal: int
    result: str
    """Their key."""


@dataclass(frozen=True, slots=True)
class ResultMissing:
    """A check's job ended well, but what it left cannot be read."""

    kind: Kind
    ordinal: int
    problem: str


@dataclass(frozen=True, slots=True)
class RetrainingBegan:
    """The run that the monitor asked for is under way."""

    number: int
    run: str


@dataclass(frozen=True, slots=True)
class RetrainingRefused:
    """The run that the monitor asked for cannot be begun, and waiting would not help."""

    number: int
    reason: str


JobSeen = CheckCompleted | CheckFailed | CheckUnseen
"""What a look at the job of a check shows; None stands for one that goes on."""

CheckFact = (
    NothingToCheck
    | EndpointGone
    | NeedsTransform
    | CheckCompleted
    | CheckFailed
    | CheckUnseen
    | CheckMustWait
    | DriftRead
    | QualityRead
    | UploadedTestRead
    | ScoredRead
    | ScoredBefore
    | ResultMissing
)
"""What became of one check."""
Fact = (
    RunFollowed
    | SettingsRead
    | Ticked
    | CheckAsked
    | CheckShared
    | CheckBegun
    | CheckFact
    | RetrainingBegan
    | RetrainingRefused
)
