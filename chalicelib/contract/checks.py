"""What a check of a live model found, as mails and figures read it: drift.json, quality.json, or the evaluation.json of
an uploaded test (docs/formats.md), as it lies in the bucket. What a file of rows was answered stands in `scored.py`.

Any key may be missing: each file has its own, people can change them, and a mail about a check must come all the same.
What decisions need of them is parsed by `monitoring/documents.py`, which is stricter.

Without `from __future__ import annotations`, as `settings/stored.py`.
"""

from typing import TypedDict

from chalicelib.contract.evaluation import Compared, Shown, UploadedTest

Window = TypedDict(
    "Window", {"from": str | None, "to": str | None, "rows": int, "records": int, "files": int}, total=False
)
"""The traffic that was looked at."""


class Judged(TypedDict, total=False):
    """A feature, or the model's answers, against what the model learned."""

    name: str
    verdict: str
    aspect: str | None
    score: float | None
    threshold: float | None
    direction: str | None
    sentence: str | None


class Rule(TypedDict, total=False):
    """By what dependent rows were judged; releases before it had none."""

    name: str
    sentence: str


class Estimated(Compared, total=False):
    """A metric as it is foretold without labels."""

    estimated: float | None


class PerformanceEstimate(TypedDict, total=False):
    """The performance without labels; `undefined` says why there is none."""

    loss: str | None
    metric: str
    catalogue: list[Shown]
    metrics: dict[str, Estimated]
    sentence: str | None
    undefined: str | None


class Coverage(TypedDict, total=False):
    """How the labels were joined with the traffic, in rows; `share_of_traffic` from 0 to 1."""

    labels: int
    matched: int
    unknown: int
    duplicates: int
    conflicting: int
    ambiguous: int
    unusable: int
    share_of_traffic: float | None


class Relation(TypedDict, total=False):
    """Whether the same inputs still have the same outcomes; `evidence` as an e-value, changed where it is `needed`."""

    state: str | None
    sentence: str | None
    evidence: float | None
    needed: float
    rows: int
    since: str | None
    worse: bool | None


class Before(TypedDict, total=False):
    """The model before it on the same labelled rows."""

    run: str
    rows: int
    value: float | None
    live: float | None
    better: bool | None
    sentence: str


class Problem(TypedDict, total=False):
    """What could not be read or joined."""

    code: str
    sentence: str


class CheckResult(TypedDict, total=False):
    """The keys of all three files."""

    state: str
    task: str
    window: Window
    problems: list[Problem]
    catalogue: list[Shown]
    # drift.json
    features: list[Judged]
    predictions: list[Judged]
    drifted: list[str]
    share_drifted: float | None
    estimate: PerformanceEstimate | None
    rule: Rule | None
    seasonal: list[str]
    # quality.json
    metric: str
    metrics: dict[str, Compared]
    coverage: Coverage
    sentence: str | None
    relation: Relation | None
    before: Before
    # evaluation.json of an uploaded test
    sagerelay: UploadedTest
