"""evaluation.json: how good a model is on rows it never saw."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from jobs.documents.metrics import Compared, Difference, Score, Telling
from jobs.documents.window import Period
from jobs.refusals import Notice
from jobs.schema import File

OF_AN_ALGORITHM = "algorithm:"
"""What the name of a line of the leaderboard begins with that is the model of one of several algorithms."""


class Rates(TypedDict):
    """Of one class; None where undefined. `support` in rows."""

    precision: float | None
    recall: float | None
    f1: float | None
    support: int


class LiveResult(TypedDict):
    """The live model on the same rows; `unavailable` says why it was not measured."""

    endpoint: str
    run: str
    metrics: dict[str, Score] | None
    unavailable: str | None


class BestEarlier(TypedDict):
    """The best earlier model on so many of the same rows, by the metric that decides: its `value`, and the candidate's
    `difference` from it; `unavailable` says why it was not measured."""

    run: str
    metric: str
    rows: int | None
    value: float | None
    difference: Difference | None
    unavailable: str | None


class ChangedAnswer(TypedDict):
    """How many captured rows would be answered otherwise in this way."""

    was: str
    now: str
    rows: int


class OnTraffic(TypedDict):
    """The model on captured requests of the live one, beside what those answered: of classes the share that is
    `changed`, of numbers the differences, in the target's unit. `beyond`: the share that is further off than
    `beyond_what`, the model's own "interval" or its mean "error". `on_test_rows`: the share, or the mean difference,
    there. `rows` were compared, `refused` it does not take, `unread` counts records."""

    window: Period
    rows: int
    refused: int
    unread: int
    changed: float | None
    changes: list[ChangedAnswer] | None
    mean_difference: float | None
    largest_difference: float | None
    beyond: float | None
    beyond_what: str | None
    on_test_rows: float | None
    sentence: str


class Gain(TypedDict):
    """A raw column's share of all that the model's splits gained; where no gains are known, of what shuffling costs."""

    column: str
    gain: float


class PermutedColumn(TypedDict):
    """How much larger the loss is when a raw column is shuffled; `noise`: the interval reaches 0. `gain`: its share of
    what the model's splits gained; None where nobody knows."""

    column: str
    value: float
    low: float
    high: float
    noise: bool
    gain: float | None


class Permutation(TypedDict):
    """What the columns are worth on held-out rows; `loss` names the metric, whose `value` is that of the rows as they
    are. `noise` counts the columns that do no better; they come last."""

    loss: str
    value: float
    rows: int
    repeats: int
    noise: int
    columns: list[PermutedColumn]


class Curve(TypedDict):
    """How one class's probability, or the number, moves with a column: `values` at the column's places, less the mean
    over the rows. `direction`: of numbers; `range`: from the lowest to the highest."""

    name: str | None
    values: list[float]
    direction: NotRequired[Literal["rises", "falls", "valley", "peak", "flat", "varies"]]
    range: float


class Effect(TypedDict):
    """What a column does to the answer. `at`: numbers, ascending, between which `shares` of the rows lie; or words,
    None an empty cell, each with its share."""

    column: str
    kind: str
    method: Literal["accumulated", "partial dependence"]
    at: list[float] | list[str | None]
    shares: list[float]
    rows: int
    curves: list[Curve]
    sentence: str


class Effects(TypedDict):
    """Of the columns that cost most when shuffled. `mean`: of the answers, by class or of the number; `explained`:
    whether the endpoint says of each answer what its columns add."""

    mean: dict[str, float]
    explained: bool
    columns: list[Effect]


class Contestant(TypedDict):
    """One model of the leaderboard. `seconds`: what its training took. `answer_ms`: measured, by the number of rows."""

    name: str
    title: str
    metrics: dict[str, Score]
    seconds: float | None
    answer_ms: dict[str, float]


class Share(TypedDict):
    """A member of the ensemble and its part of the answer."""

    title: str
    weight: float


class Leaderboard(TypedDict):
    """What the model is worth beside simpler ones, on the same held-out rows. `metric` decides at the gate; `members`
    are what the ensemble is made of, the heaviest first; `sentence` says it where a linear model would do."""

    metric: str
    loss: str
    rows: int
    entries: list[Contestant]
    members: NotRequired[list[Share]]
    against_linear: Difference | None
    linear_would_do: bool
    sentence: str | None
    winner: NotRequired[str]
    """Of several algorithms: the one whose model this is."""


class Decision(TypedDict):
    """The threshold from which a two-class endpoint says its positive class, and what it trades: metrics by name, out
    of fold, there and at one half. `optimize`: None where it was given. `cost` is a mean a row."""

    optimize: str | None
    threshold: float
    at: dict[str, float | None]
    at_half: dict[str, float | None]


class Asked(TypedDict):
    """How the asking went."""

    count: int
    retried: int
    rows_per_second: float


class AtPromotion(TypedDict):
    """An uploaded test beside the evaluation at promotion, which had so many `rows`; `metric` decides."""

    run: str
    rows: int
    metric: str
    sentence: str
    metrics: dict[str, Compared]


class UploadedTest(TypedDict):
    """Where the rows of an uploaded test come from; `trained_on`: how many the model has learned, None: not known."""

    check: str
    files: list[File]
    rows: dict[str, int]
    trained_on: int | None


class Evaluation(Telling):
    """Our block. The last two are in that of an uploaded test only."""

    version: int
    run: str
    task: str
    target: str
    classes: list[str] | None
    positive_class: str | None
    rows: int
    metrics: dict[str, Score]
    per_class: dict[str, Rates] | None
    confusion_matrix: list[list[int]] | None
    naive: dict[str, float]
    only_answer: NotRequired[str | None]
    live: LiveResult | None
    comparison: dict[str, Difference] | None
    best_earlier: NotRequired[BestEarlier]
    on_traffic: NotRequired[OnTraffic]
    importance: list[Gain]
    permutation_importance: NotRequired[Permutation]
    effects: NotRequired[Effects]
    leaderboard: NotRequired[Leaderboard]
    decision: NotRequired[Decision]
    requests: Asked
    warnings: list[Notice]
    at_promotion: NotRequired[AtPromotion]
    uploaded: NotRequired[UploadedTest]


class ModelQuality(TypedDict, total=False):
    """SageMaker's block, under the name that the task has there; what it holds is Model Monitor's format."""

    binary_classification_metrics: dict[str, Any]
    multiclass_classification_metrics: dict[str, Any]
    regression_metrics: dict[str, Any]


class EvaluationFile(ModelQuality):
    """The whole file."""

    sagerelay: Evaluation
