"""The documents that Lambda writes for the jobs, as types (docs/formats.md); plan.json's is in `relay/plans.py`.

The jobs have types of their own for the same documents (`jobs/documents/`, `jobs/settings.py`); a test holds both to
the same keys. What an earlier release wrote may lack some.

Without `from __future__ import annotations`, as `settings/stored.py`.
"""

from typing import Literal, NotRequired, TypedDict

from chalicelib.names import Kind
from chalicelib.records.inputs import InputObject
from chalicelib.settings.stored import Gate, Monitoring, Settings


class PinnedObject(TypedDict):
    """An object of S3, exactly. `size` in bytes."""

    key: str
    size: int
    etag: str
    version_id: str | None
    origin: str


class Inputs(TypedDict):
    """inputs.json."""

    version: Literal[1]
    run: str
    dataset: str
    bucket: str
    objects: list[PinnedObject]
    settings: Settings


class Objective(TypedDict):
    """What the search makes as large or as small as it can; `type` is "Maximize" or "Minimize"."""

    metric: str
    type: str


class Tried(TypedDict):
    """What was tried and what it was worth; `objective` is None where the training did not end well."""

    status: str
    hyperparameters: dict[str, str]
    objective: float | None


class Trial(Tried):
    """One training of a tuning, with its times in seconds."""

    name: str
    seconds: int | None
    billable_seconds: int | None
    started: str | None
    ended: str | None
    failure_reason: str | None


class Trials(TypedDict):
    """trials.json. What SageMaker would not take is told under `instead_of…`, as it was asked for."""

    version: Literal[1]
    tuning_job: str
    strategy: str
    objective: Objective
    instead_of: str | None
    instead_of_lists: list[str]
    instead_of_strategy: str | None
    best: str | None
    warm_start_parents: list[str]
    trials: list[Trial]


class ToCompare(TypedDict):
    """One of several algorithms that has a model; `seconds`: of its training."""

    name: str
    title: str
    seconds: int | None


class OfGate(TypedDict):
    """What of the settings a comparison needs."""

    gate: Gate


class Contestants(TypedDict):
    """contestants.json."""

    version: Literal[1]
    run: str
    settings: OfGate
    contestants: list[ToCompare]


class LiveEndpoint(TypedDict):
    """The model in service, and where it answers."""

    endpoint: str
    run: str
    promoted: str
    mode: str


class BestEarlier(TypedDict):
    """The best earlier model, where it is not the one in service."""

    run: str
    promoted: str


class Traffic(TypedDict):
    """Where the traffic of the model in service is captured, and of which hours some of it is read: a prefix of
    `bucket` that ends with a slash."""

    bucket: str
    prefix: str
    since: str
    until: str


class Job(TypedDict):
    """A job of the run, with the time it took in seconds."""

    stage: str
    name: str
    started: str | None
    ended: str | None
    seconds: int | None
    billable_seconds: int | None


class Context(TypedDict):
    """context.json."""

    version: Literal[1]
    run: str
    dataset: str
    endpoint: str
    live: LiveEndpoint | None
    best: BestEarlier | None
    settings: Settings
    inputs: list[PinnedObject]
    hyperparameters: dict[str, str]
    objective: Objective
    image: str
    model_artifact: str | None
    jobs: list[Job]
    traffic: NotRequired[Traffic]
    """Where a model is in service."""
    mode: NotRequired[str]
    """Of a run whose model has no endpoint."""


class UploadedFiles(TypedDict):
    """The files of an uploaded test, and the key of the live run's hashes of rows."""

    check: str
    bucket: str
    objects: list[PinnedObject]
    trained_rows: str


class UploadedContext(Context):
    """context.json of an uploaded test."""

    uploaded: UploadedFiles


class Scoring(TypedDict):
    """A file of rows to be scored: where it lies and where its result goes. The last three are keys of the live run's
    documents."""

    check: str
    bucket: str
    object: PinnedObject
    upload: str
    result: str
    began: str
    promoted: str
    capture_percentage: int
    baseline: str
    answers: str
    evaluation: str


class ScoringContext(Context):
    """context.json of rows to be scored."""

    score: Scoring


class CapturedObject(TypedDict):
    """A file of captured traffic: they are never overwritten, so that their ETag is enough."""

    key: str
    size: int
    etag: str


class Live(TypedDict):
    """The model in service, as a window names it."""

    run: str
    promoted: str


class Before(TypedDict):
    """The model that served before it, and where that lies, as an S3 URI."""

    run: str
    promoted: str
    artifact: str


class Window(TypedDict):
    """window.json. `max_loss_meant`: "share" or "amount", how the number of the settings is (`settings/max_loss.py`).
    `relation`: what the quality check before left to this one. `earlier`: keys that earlier checks have counted and the
    next listing would still show."""

    version: Literal[1]
    check: str
    kind: Kind
    started: str
    dataset: str
    endpoint: str
    bucket: str
    live: Live
    drill: str | None
    settings: Monitoring
    max_loss_meant: str
    objects: list[CapturedObject]
    labels: list[PinnedObject]
    relation: PinnedObject | None
    before: Before | None
    earlier: list[str]


def pinned(entry: InputObject) -> PinnedObject:
    """An object as documents name it."""
    return {
        "key": entry.key,
        "size": entry.size,
        "etag": entry.etag,
        "version_id": entry.version_id,
        "origin": entry.origin,
    }
