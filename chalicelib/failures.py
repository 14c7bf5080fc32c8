"""What a failure means: try again at once, wait for something to come free, or give up; and what its owner can do.

A job's FailureReason begins with the class of the failure (`ClientError:`, `AlgorithmError:`, `InternalServerError:`,
`CapacityError:`), an endpoint's has EC2's error code in the midst of it. Only that class or code is looked at, never
the wording around it, which AWS changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from chalicelib.instances import larger
from chalicelib.names import Step

MAX_ATTEMPTS = 3
MAX_WAITS = 17
"""With `backoff` between them: a day, as `LONGEST_WAIT`."""
LONGEST_WAIT = timedelta(hours=24)
"""How long a run waits for a quota before it is given up: one that is 0 will not come free by itself."""
SHOWN_WITHIN = timedelta(minutes=4)
"""The time that AWS may take to show what was made, and a little less than from one sweep to the next."""
LONGEST_WAIT_FOR_MONEY = timedelta(days=35)
"""How long a run waits for a higher budget, or for the next month's."""
_FIRST_WAIT = timedelta(minutes=5)
_LONGEST_WAIT = timedelta(hours=2)
_LONGEST_PAUSE = timedelta(minutes=30)


ROLLED_BACK = "RolledBack"
"""The class of our own sentence about a model that SageMaker took back: an alarm rang while it took over."""


class Remedy(StrEnum):
    """What to do about a failed step."""

    RETRY = "try again"
    WAIT = "wait and try again"
    GIVE_UP = "give up"


_REMEDIES = {
    "internalservererror": Remedy.RETRY,
    "internalservicefault": Remedy.RETRY,
    "throttlingexception": Remedy.WAIT,
    "serviceunavailable": Remedy.WAIT,
    "capacityerror": Remedy.WAIT,
    "insufficientcapacityerror": Remedy.WAIT,
    "resourcelimitexceeded": Remedy.WAIT,
}


_NO_CAPACITY = "InsufficientInstanceCapacity"
"""EC2's error code, as endpoints quote it."""


class Treatment(NamedTuple):
    """A remedy, and how long to wait before it."""

    remedy: Remedy
    wait: timedelta = timedelta()


def failure_class(reason: str) -> str:
    """The class SageMaker puts before its reason; empty when there is none.

    >>> failure_class("InternalServerError: We encountered an internal error.  Please try again.")
    'internalservererror'
    """
    if _NO_CAPACITY in reason:
        return "capacityerror"
    head, colon, _ = reason.partition(":")
    return head.strip().lower() if colon and " " not in head.strip() else ""


def treat(reason: str, attempt: int, retried: int | None = None) -> Treatment:
    """What to do about a step that failed for this reason, at this attempt (counted from 1).

    `retried`: how many of the attempts before it were tried again at once; None: not known, perhaps all. Waits and
    retries are counted apart: a long wait must not use up the retries.

    >>> treat("AlgorithmError: , exit code: 1", 1).remedy
    <Remedy.GIVE_UP: 'give up'>
    >>> treat("CapacityError: Unable to provision requested ML compute capacity.", 2)
    Treatment(remedy=<Remedy.WAIT: 'wait and try again'>, wait=datetime.timedelta(seconds=600))
    """
    remedy = _REMEDIES.get(failure_class(reason), Remedy.GIVE_UP)
    tries = attempt if retried is None else retried + 1
    waits = attempt - (retried or 0)
    if remedy is Remedy.RETRY and tries < MAX_ATTEMPTS:
        return Treatment(Remedy.RETRY)
    if remedy is Remedy.WAIT and waits < MAX_WAITS:
        return Treatment(Remedy.WAIT, backoff(waits))
    return Treatment(Remedy.GIVE_UP)


def common(reasons: Sequence[str]) -> str | None:
    """The first of several reasons, if waiting or trying again may help against each of them; else None.

    >>> common(["CapacityError: none is free", "AlgorithmError: exit code 1"]) is None
    True
    """
    return reasons[0] if reasons and all(passes(reason) for reason in reasons) else None


def backoff(attempt: int) -> timedelta:
    """How long to wait before the attempt after this one: 5 minutes, doubling, at most 2 hours."""
    return min(_FIRST_WAIT * (1 << (attempt - 1)), _LONGEST_WAIT)


def is_over_budget(reason: str) -> bool:
    """Whether it is relay.yaml's budget that stands in the way (`runtime/budgets.py`).

    >>> is_over_budget("budget: tuning is not started"), is_over_budget("ResourceLimitExceeded: 0 instances")
    (True, False)
    """
    return failure_class(reason) == "budget"


def pause(waited: timedelta) -> timedelta:
    """How long to wait before asking once more for what was refused for so long: as long again, within bounds.

    Shorter than `backoff` in the end, because nothing is billed for asking and what is waited for comes free suddenly.

    >>> str(pause(timedelta(minutes=20)))
    '0:20:00'
    """
    return min(max(waited, _FIRST_WAIT), _LONGEST_PAUSE)


def is_refusal(reason: str) -> bool:
    """Whether a job refused the user's data: its sentence begins with a code in brackets (docs/formats.md)."""
    return reason.startswith("[") and not reason.startswith("[unexpected]")


def is_rollback(reason: str) -> bool:
    """Whether a new model was taken back because of how it served."""
    return failure_class(reason) == ROLLED_BACK.lower()


def passes(reason: str) -> bool:
    """Whether a failure says nothing of data or settings: the same may go well later.

    >>> passes("CapacityError: none is free"), passes("AlgorithmError: exit code 1")
    (True, False)
    """
    return failure_class(reason) in _REMEDIES


def advice(step: Step, reason: str, instance: str = "") -> str:
    """What the owner can do about a step that was given up. `instance`: what it ran on, where that is known."""
    if reason.startswith("[out-of-memory]") and instance:
        return _of_memory(instance)
    if is_rollback(reason):
        return _AFTER_ROLLBACK
    if reason.startswith("[script-"):
        return (
            "Do as the sentence above says and upload the file to code/ (or relay.yaml) again: that begins a new run."
        )
    if is_refusal(reason) and step in {Step.TUNE, Step.TRAIN}:
        return "Do as the sentence above says, in the data or in relay.yaml, and upload the data again."
    if reason.startswith("[own-code]"):
        return "Do as the sentence above says; then upload the same file again."
    if is_refusal(reason) and step is Step.PREPARE:
        return "Correct the file and upload it again; your file was not changed, and no training was started."
    if is_over_budget(reason):
        return "Do as the sentence above says; then upload the same file again."
    if passes(reason):
        return (
            "SageMaker could not do its part, several times. Upload the same file again to retry later, or choose "
            "another instance type in relay.yaml. Check SageMaker's service quotas in your account."
        )
    return _ADVICE[step]


def _of_memory(instance: str) -> str:
    next_size = larger(instance)
    take = f"`instances: {{train: {next_size}}}`" if next_size else "a larger one as `instances: {train: ...}`"
    return (
        f"It ran on {instance}. Write {take} into relay.yaml and upload it, or train on fewer rows; then upload the "
        "data again."
    )


_ADVICE = {
    Step.PREPARE: "See the log of the processing job. Upload the file again to retry.",
    Step.TUNE: "See the logs of the tuning's training jobs; check hyperparameters and ranges in relay.yaml.",
    Step.TRAIN: "See the log of the training job; check hyperparameters in relay.yaml, or raise instances.train.",
    Step.COMPARE: "See the processing job's log. Upload the data again to retry, or name one algorithm in relay.yaml.",
    Step.PACK: "See the log of the processing job. Upload the data again to retry.",
    Step.CANDIDATE: "See its log; check endpoint.instance in relay.yaml and the role's permissions.",
    Step.EVALUATE: "See the log of the processing job and the candidate endpoint's log.",
    Step.LIVE: "The previous model still serves. See the endpoint's log, then upload the data again.",
}
_AFTER_ROLLBACK = (
    "See the endpoint's log, and what callers sent meanwhile; the rows that the candidate was evaluated on went well. "
    "Upload the data again to try once more, or write `endpoint: {rollout: {bake_minutes: 0}}` to go live unwatched."
)
ADVICE_ON_REGISTRY = (
    "Ask for more of what is lacking in SageMaker's model registry (the reason above is AWS's own), or set "
    "gate.approval to automatic in relay.yaml. Then upload the data again."
)
ADVICE_ON_FOREIGN_MODEL = "Somebody else's job may have run under this name. Upload the data again."


def changed(key: str) -> str:
    """What to say where something of the model in service is not what it was, and what to do."""
    return (
        f"{key} was deleted or changed. What lies below runs/ and monitoring/ is SageRelay's own. Restore it from the "
        "bucket's earlier versions, or train a new model: upload a file to train/"
    )
