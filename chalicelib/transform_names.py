"""Batch transforms of a run: the names of the jobs, and where they read and write."""

from __future__ import annotations

from chalicelib.names import RunKeys, StepName

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
