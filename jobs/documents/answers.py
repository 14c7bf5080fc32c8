"""answers.json: what the model answered to held-out rows, which later traffic is compared with."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from jobs.documents.baseline import DescribedColumn


class Calibration(TypedDict):
    """What the model's confidence was worth on held-out rows: counts, as rows of places and numbers where not 0."""

    rows: int
    edges: list[int]
    table: list[list[int]]
    confused: list[list[int]]
    mass: list[list[int]]
    method: str
    log_loss: dict[str, float]
    realized: dict[str, float | None]
    effect: NotRequired[float]
    """The design effect of being right, of the rows in their order; absent where they count as independent."""


class ErrorFeature(TypedDict):
    """A column that the size of an error is learned from: `words` that are told apart, None of numbers."""

    name: str
    words: list[str] | None


class ErrorModel(TypedDict):
    """The sizes that errors are expected to have. `trees`: XGBoost's binary JSON, packed with zlib, in base64."""

    features: list[ErrorFeature]
    unit: float
    trees: str


class Spread(TypedDict):
    """Mean, variance and kurtosis of the answers, and the variance of the actual values; R2 is made of them."""

    centre: float
    predicted: float
    kurtosis: float
    actual: float


class Errors(TypedDict):
    """What the expected sizes of errors were worth on held-out rows, as counts: rows of places and numbers."""

    rows: int
    learned: str
    model: ErrorModel
    copies: int
    table: list[list[int]]
    levels: list[list[int]]
    spread: Spread
    realized: dict[str, float | None]
    effect: NotRequired[float]
    """The design effect of the errors' sizes, of the rows in their order; absent where they count as independent."""


class ResidualBand(TypedDict):
    """Held-out rows of similar predictions: quantiles, evenly spaced from the least to the largest, of outcome less
    prediction, and of its distance from the median."""

    rows: int
    signed: list[float]
    absolute: list[float]


class Residuals(TypedDict):
    """How far a regression was off on held-out rows; band i holds edges[i - 1] <= prediction < edges[i]."""

    edges: list[float]
    bands: list[ResidualBand]


class Answers(TypedDict):
    """The whole document; a model of the first release left none, which is one without a key."""

    version: NotRequired[int]
    run: NotRequired[str]
    task: NotRequired[str]
    classes: NotRequired[list[str] | None]
    positive_class: NotRequired[str | None]
    rows: NotRequired[int]
    columns: NotRequired[list[DescribedColumn]]
    calibration: NotRequired[Calibration | None]
    errors: NotRequired[Errors | None]
    residuals: NotRequired[Residuals | None]
    distinct: NotRequired[int]
    """Of the rows those that do not repeat another's inputs; of earlier releases nobody counted."""
