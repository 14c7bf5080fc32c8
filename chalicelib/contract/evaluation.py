"""Our block of evaluation.json as a run's record keeps it (docs/formats.md), as plain values.

A key that is not required is one that evaluations of earlier releases lack. `relay/documents.py` has the same keys as
pydantic's models, which are too slow for every start of a Lambda.

Without `from __future__ import annotations`, as `settings/stored.py`.
"""

from typing import Literal, NotRequired, TypedDict


class FewRows(TypedDict):
    """So few rows, of the class `of` where it is about one, that there is no interval. `low` and `high` are what even
    these rule out: for the gate, not to be printed."""

    rows: int
    of: str | None
    low: float | None
    high: float | None


class Estimate(TypedDict, total=False):
    """A metric's `value`, or its `difference` from the live model's, with its interval; None: `undefined` says why.
    `few` stands in the interval's place."""

    value: float | None
    difference: float | None
    low: float | None
    high: float | None
    undefined: str | None
    few: FewRows


class Shown(TypedDict):
    """How people read a metric: see `contract.metrics`."""

    name: str
    title: str
    direction: Literal["larger", "smaller"]
    format: str
    headline: int | None


class LiveResult(TypedDict, total=False):
    """The live model on the same rows; `unavailable` says why it was not measured."""

    endpoint: str
    run: str
    metrics: dict[str, Estimate] | None
    unavailable: str | None


class BestEarlier(TypedDict, total=False):
    """The best earlier model on the same rows (or so many of them), by the metric that decides: its `value`, and the
    candidate's difference from it; `unavailable` says why it was not measured."""

    run: str
    metric: str
    rows: int | None
    value: float | None
    difference: Estimate | None
    unavailable: str | None


class Notice(TypedDict):
    """A warning to the owner of the data. `first`: it may make all figures worthless."""

    code: str
    sentence: str
    first: NotRequired[bool]


class PermutedColumn(TypedDict):
    """What shuffling a column costs; `noise`: no more than chance does."""

    column: str
    value: float
    noise: bool


class Permutation(TypedDict):
    """What the columns are worth: the first few, of which those that do no better than noise come last; `noise` counts
    all of these."""

    noise: int
    columns: list[PermutedColumn]


class Contestant(TypedDict):
    """A model of the leaderboard. `seconds`: of training. `answer_ms`: by the number of rows."""

    title: str
    metrics: dict[str, Estimate]
    seconds: float | None
    answer_ms: dict[str, float]


class Share(TypedDict):
    """A member of the ensemble, and its part of the answer."""

    title: str
    weight: float


class Leaderboard(TypedDict):
    """The model beside simpler ones, on the same rows. `members`: what it is made of, the heaviest first. `sentence`:
    where a linear model would do."""

    metric: str
    loss: str
    entries: list[Contestant]
    members: NotRequired[list[Share]]
    sentence: str | None


class OnTraffic(TypedDict):
    """The model on captured requests of the live one, beside what those answered: the share of labels that is
    `changed`, or differences of numbers and the share of those that are large. None of the other kind; no `rows`:
    `sentence` says why."""

    rows: int
    changed: float | None
    mean_difference: float | None
    largest_difference: float | None
    beyond: float | None
    sentence: str


class Decision(TypedDict):
    """The threshold from which the positive class is said, and what that trades, out of fold. `optimize`: what it was
    chosen for; None where relay.yaml gives it."""

    optimize: str | None
    threshold: float
    at: dict[str, float | None]
    at_half: dict[str, float | None]


class Evaluation(TypedDict):
    """How good a candidate is. Earlier releases, and models that cannot be looked into, lack what is not required."""

    version: int
    task: str
    target: str
    classes: list[str] | None
    rows: int
    catalogue: NotRequired[list[Shown]]
    metrics: dict[str, Estimate]
    confusion_matrix: list[list[int]] | None
    """None of many classes, too: the report has it."""
    naive: dict[str, float | None] | None
    only_answer: NotRequired[str | None]
    live: LiveResult | None
    comparison: dict[str, Estimate] | None
    best_earlier: NotRequired[BestEarlier]
    """Where that is not the live model."""
    positive_class: NotRequired[str | None]
    permutation_importance: NotRequired[Permutation]
    leaderboard: NotRequired[Leaderboard]
    decision: NotRequired[Decision]
    on_traffic: NotRequired[OnTraffic]
    """Where a model is in service."""
    warnings: list[Notice]


class Compared(Estimate, total=False):
    """A metric on other rows than those of the promotion, beside its value there and the difference from it."""

    at_promotion: float | None
    difference_low: float | None
    difference_high: float | None


class AtPromotion(TypedDict, total=False):
    """An uploaded test beside the evaluation at promotion; `metric` is the one that decides."""

    metric: str
    sentence: str
    metrics: dict[str, Compared]


class Uploaded(TypedDict, total=False):
    """`trained_on`: how many of the rows the model has learned; None where nobody knows."""

    trained_on: int | None


class UploadedTest(Evaluation):
    """Our block of the evaluation.json of an uploaded test."""

    at_promotion: AtPromotion
    uploaded: Uploaded
