"""Batch transforms of a run, and of a file of rows: the names of the jobs, where they read and write, and the parts
that the answering of such a file has then."""

from __future__ import annotations

from enum import StrEnum

from chalicelib.names import CheckKeys, RunKeys, StepName

CANDIDATE, LIVE = "candidate", "live"
"""Whom a transform asks what it says of the test rows: a run's own model, and the one in service."""
FIRST_ANSWER = "00000.csv.out"
"""The first file that a transform leaves, which is there if any is."""
_ASKED_LIVE = "-live"


def asked_live(candidate: StepName) -> str:
    """The transform job that asks the model in service what it says of the rows a candidate is asked about.

    >>> from chalicelib.names import Step
    >>> asked_live(StepName("churn-1a2b3c4d", Step.CANDIDATE, 2))
    'churn-1a2b3c4d-candidate-2-live'
    """
    return f"{candidate}{_ASKED_LIVE}"


def asks_live(name: str) -> bool:
    """Whether a transform job of this name asks the model in service."""
    return name.endswith(_ASKED_LIVE)


def step_of(name: str) -> StepName | None:
    """The step that a job belongs to, a transform or another, or None for anybody else's.

    >>> str(step_of("churn-1a2b3c4d-candidate-2-live"))
    'churn-1a2b3c4d-candidate-2'
    """
    return StepName.parse(name.removesuffix(_ASKED_LIVE))


def asked(run: str, who: str) -> str:
    """The prefix of what a model is asked."""
    return f"{RunKeys(run).prepared}/asked/{who}/"


def answered(run: str, who: str, attempt: int) -> str:
    """The prefix of what it answered; a failed attempt leaves what it had."""
    return f"{RunKeys(run).root}/answered/{who}-{attempt}/"


def asked_of_file(check: CheckKeys) -> str:
    """The folder of what a model is asked about the rows of a file."""
    return f"{check.root}/asked"


def answered_of_file(check: CheckKeys) -> str:
    """The folder of what it answered. Each attempt writes the same files."""
    return f"{check.root}/answered"


class Part(StrEnum):
    """What of a check is in flight: all of it, or one of three jobs where only a batch transform can ask a model."""

    WHOLE = "whole"
    ASK = "ask"
    """The file is read, and what the model is to be asked is written."""
    TRANSFORM = "transform"
    """The model's own containers answer."""
    JOIN = "join"
    """The answers are put to the rows."""

    @property
    def follower(self) -> Part | None:
        """What comes when it has ended well; None after the last."""
        return {Part.ASK: Part.TRANSFORM, Part.TRANSFORM: Part.JOIN}.get(self)

    @property
    def before(self) -> int:
        """How many parts, of an attempt each, come before it."""
        return {Part.TRANSFORM: 1, Part.JOIN: 2}.get(self, 0)
