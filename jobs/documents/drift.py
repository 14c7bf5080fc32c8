"""drift.json: whether the traffic of one window is still what the model learned from."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from jobs.documents.metrics import Estimated, Lost, Telling
from jobs.documents.window import Past, Period, Problem


class Traffic(Period):
    """What was counted; `left_out`: records by reason."""

    rows: int
    records: int
    files: int
    left_out: dict[str, int]


class Thresholds(TypedDict):
    """`p_value` is what that of a single one of the `tests` must be below; None where nothing was tested."""

    significance: float
    tests: int
    p_value: float | None
    distance: float
    min_rows: int


class Statistic(TypedDict):
    """A test's result."""

    statistic: float
    p_value: float


class Missing(TypedDict):
    """Shares of rows without a value; None of no rows."""

    baseline: float | None
    current: float | None
    p_value: float | None


class Unseen(TypedDict):
    """Values that training never saw. The examples are never mailed."""

    share: float | None
    rows: int
    p_value: float | None
    examples: list[str]


class Measures(TypedDict):
    """All that was measured of a column; None where it is not defined for its kind."""

    psi: float | None
    jensen_shannon: float | None
    kolmogorov_smirnov: Statistic | None
    rank_sum: Statistic | None
    rank_spread: Statistic | None
    chi_squared: Statistic | None
    wasserstein: float | None
    missing: Missing
    unseen: Unseen


class Bins(TypedDict):
    """What is drawn of a column: shares of its rows by bin."""

    labels: list[str]
    baseline: list[float]
    current: list[float]


class Blocks(TypedDict):
    """So many blocks of so many consecutive training rows."""

    rows: int
    count: int


class Rule(TypedDict):
    """By what the check judged dependent rows: "independent", "effective" or "blocks"; `blocks` of the last only."""

    name: str
    sentence: str
    blocks: Blocks | None


class Dependent(TypedDict):
    """How much a column's rows have to do with each other, in the worst aspect: `effect` rows of the window tell as
    much as one independent row, so that `rows` are left; `training_effect` the same of the training rows. `reached`:
    the score that the training period's own blocks reach, None where it is not known. `furthest`: only where the values
    have moved up or down further than those of any block: the share of comparisons with training values in which a
    block's may be larger; `reached` is then the least score of that move."""

    effect: float
    rows: int
    training_effect: float
    reached: float | None
    furthest: NotRequired[float]


class Seasonal(TypedDict):
    """The difference is only the clock: against the training rows of the same times of day or week (`by`), the score,
    and what it would have had to be."""

    by: str
    score: float | None
    threshold: float


class Finding(TypedDict):
    """One column. `score`, `p_value` and `direction` are those of its worst aspect; `threshold` is what the score must
    be: the distance asked for, more where the rows are dependent. Checks of before have no `dependence`. `seasonal`: of
    a stable column that differs from the training rows as a whole, and not from those of the same times."""

    name: str
    kind: str
    importance: float | None
    verdict: str
    undefined: str | None
    aspect: str
    score: float | None
    threshold: float
    p_value: float | None
    direction: str
    sentence: str
    measures: Measures
    bins: Bins | None
    dependence: NotRequired[Dependent]
    seasonal: NotRequired[Seasonal]


class Estimate(Telling):
    """How good the model probably still is; `loss` is about `metric`, None where `undefined` says why; `lost` says how
    much, where that is defined."""

    method: str
    loss: str | None
    lost: NotRequired[Lost]
    metric: str | None
    metrics: dict[str, Estimated]
    sentence: str
    undefined: str | None


class Check(Past):
    """A check so far, in the history. `drifted` and `answers`: the features and the answers that were; those of earlier
    releases have no `answers`."""

    rows: int
    share_drifted: float | None
    drifted: list[str]
    answers: NotRequired[list[str]]
    scores: dict[str, float]
    estimated: dict[str, float]


class Judged(TypedDict):
    """The document but for its history."""

    version: int
    check: str
    at: str
    dataset: str
    run: str
    endpoint: str
    drill: str | None
    state: str
    window: Traffic
    problems: list[Problem]
    thresholds: Thresholds
    drifted: list[str]
    share_drifted: float | None
    features: list[Finding]
    predictions: list[Finding]
    estimate: Estimate | None
    rule: NotRequired[Rule | None]
    seasonal: NotRequired[list[str]]


class Drift(Judged):
    """The whole document; the history is oldest first and ends with this check."""

    history: list[Check]
