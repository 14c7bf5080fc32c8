"""context.json: what the report says about a run, and where its evaluation asks; and the same of an uploaded test."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from jobs.settings import PinnedObject, Settings


class LiveEndpoint(TypedDict):
    """The model in service, and where it answers."""

    endpoint: str
    run: str
    promoted: str
    mode: NotRequired[str]
    """"serverless", or on instances."""


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
    seconds: float | None
    billable_seconds: float | None


class UploadedFiles(TypedDict):
    """The files of an uploaded test."""

    check: str
    bucket: str
    objects: list[PinnedObject]
    trained_rows: NotRequired[str]
    """The key of the live run's hashes of rows; models of the first release left none."""


class Context(TypedDict):
    """The whole document. Without tuning there is no objective."""

    version: int
    run: str
    dataset: str
    endpoint: str
    live: LiveEndpoint | None
    best: NotRequired[BestEarlier | None]
    traffic: NotRequired[Traffic]
    """Where a model is in service."""
    settings: Settings
    inputs: NotRequired[list[PinnedObject]]
    hyperparameters: NotRequired[dict[str, str]]
    objective: NotRequired[dict[str, str] | None]
    image: NotRequired[str]
    model_artifact: NotRequired[str]
    jobs: NotRequired[list[Job]]
    mode: NotRequired[str]
    """`batch` where the model has no endpoint."""


class UploadedContext(Context):
    """That of an uploaded test."""

    uploaded: UploadedFiles


class Scoring(TypedDict):
    """A file of rows to be scored: where it lies and where its result goes, both as keys of `bucket`. The last three
    are the live run's documents, which may be gone."""

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
    """That of rows to be scored."""

    score: Scoring
