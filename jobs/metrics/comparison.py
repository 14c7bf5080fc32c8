"""How far a metric is from what it was at promotion, and how sure that is.

The two were measured on different rows, so they are independent and each brings its own uncertainty; of the
evaluation at promotion only the interval is kept. The interval of the difference is made of both (MOVER: Zou and
Donner, "Construction of confidence limits about effect measures", 2008), which keeps the skewness that intervals near
0 and 1 have and a standard error would lose.

Evaluations of earlier releases hold intervals that say there is no uncertainty at all where all rows were right. There
the rule of three stands in: what never happened in n rows happens in at most 3 of n, 95 % sure.

Where the rows of now are too few to tell (`few_rows`), neither is the difference told. Where those at promotion were,
what even they rule out says whether a loss is certain, and no interval is told: how many they were stands in its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import hypot

from jobs.documents.evaluation import Evaluation
from jobs.documents.metrics import Compared, FewRows
from jobs.metrics.catalogue import CATALOGUE, Catalogue, Entry
from jobs.metrics.common_classes import RESTATED, common
from jobs.metrics.confusion import FloatArray
from jobs.metrics.intervals import Metric
from jobs.refusals import listed, shown


@dataclass(frozen=True)
class Estimate:
    """A metric's value and 95 % interval on so many rows; None where undefined, with the sentence that says why."""

    value: float | None
    low: float | None
    high: float | None
    undefined: str | None
    rows: int
    few: FewRows | None = None

    @classmethod
    def of(cls, metric: Metric, rows: int) -> Estimate:
        return cls(metric.value, metric.low, metric.high, metric.undefined, rows, metric.few)

    @classmethod
    def read(cls, evaluation: Evaluation, name: str) -> Estimate:
        """A metric of an evaluation.json's `sagerelay` block."""
        found = evaluation["metrics"].get(name)
        if found is None:
            return cls(None, None, None, "The evaluation at promotion does not hold this metric.", evaluation["rows"])
        few = found.get("few")
        return cls(found["value"], found["low"], found["high"], found["undefined"], evaluation["rows"], few)


def difference(name: str, now: Estimate, then: Estimate, catalogue: Catalogue = CATALOGUE) -> Metric:
    """`now` minus `then` with the 95 % interval of both sides' uncertainty.

    >>> found = difference("f1", Estimate(0.7, 0.67, 0.73, None, 900), Estimate(0.8, 0.76, 0.84, None, 400))
    >>> round(found.value, 6), round(found.low, 6), round(found.high, 6)
    (-0.1, -0.15, -0.05)
    """
    for side, words in ((now, "On these rows"), (then, "At promotion")):
        if side.value is None:
            return Metric(None, None, None, f"{words}: {side.undefined}")
    assert now.value is not None and then.value is not None  # noqa: S101, PT018  the loop above, for the type checker
    gap = now.value - then.value
    if now.few is not None:
        return Metric(gap, None, None, now.undefined, few={**now.few, "low": None, "high": None})
    entry = catalogue[name]
    ours, theirs = _interval(entry, now), _interval(entry, then)
    if ours is None or theirs is None:
        return Metric(gap, None, None, now.undefined or then.undefined)
    low = gap - hypot(now.value - ours[0], theirs[1] - then.value)
    high = gap + hypot(ours[1] - now.value, then.value - theirs[0])
    return Metric(gap, low, high, None)


def is_certain_loss(name: str, found: Metric, catalogue: Catalogue = CATALOGUE) -> bool:
    """Whether the whole interval of a difference lies on the side of worse."""
    if found.low is None or found.high is None:
        return False
    return found.low > 0 if catalogue[name].smaller_is_better else found.high < 0


def loss(name: str, found: Metric, catalogue: Catalogue = CATALOGUE) -> float | None:
    """How much worse it is, positive when worse; None where undefined."""
    if found.value is None:
        return None
    return found.value if catalogue[name].smaller_is_better else -found.value


def compared(
    metrics: Mapping[str, Metric],
    rows: int,
    evaluation: Evaluation,
    matrix: FloatArray | None = None,
    catalogue: Catalogue = CATALOGUE,
) -> tuple[dict[str, Compared], dict[str, Metric]]:
    """The metrics measured on so many rows beside those of `evaluation` (the `sagerelay` block at promotion): a block
    of quality.json each, and the differences. `matrix`: the confusion matrix of these rows, where there are classes."""
    blocks, differences = dict[str, Compared](), dict[str, Metric]()
    restated = common(matrix, evaluation)
    for name, measured in metrics.items():
        now, then = measured, Estimate.read(evaluation, name)
        if restated and name in RESTATED:
            now, then = restated.now[name], Estimate.of(restated.then[name], evaluation["rows"])
        found = difference(name, Estimate.of(now, rows), then, catalogue)
        if restated and (why := restated.undefined(name)):
            found = Metric(None, None, None, why)
        differences[name] = found
        blocks[name] = {
            "at_promotion": then.value,
            "value": now.value,
            "low": now.low,
            "high": now.high,
            "difference": found.value,
            "difference_low": None if then.few else found.low,
            "difference_high": None if then.few else found.high,
            "undefined": now.undefined or found.undefined,
        }
        if now.few is not None:
            blocks[name]["few"] = now.few
        if then.few is not None:
            blocks[name]["few_at_promotion"] = then.few
        if restated and name in RESTATED:
            blocks[name]["without"] = list(restated.without)
    return blocks, differences


def sentence(name: str, block: Compared, catalogue: Catalogue = CATALOGUE) -> str:
    """A block of `compared` in words, without a full stop; where the two cannot be compared, why.

    >>> sentence("f1", {"value": 0.71, "at_promotion": 0.8, "difference": -0.09, "difference_low": -0.13,
    ...                 "difference_high": -0.05, "undefined": None})
    'F1 is 0.7100, 0.0900 below the 0.8000 of the evaluation at promotion (95 % interval of the loss 0.0500 to 0.1300)'
    """
    entry = catalogue[name]
    if block["difference"] is None:
        why = str(block["undefined"]).removesuffix(".")
        return f"{entry.title} cannot be compared with the evaluation at promotion: {why}"
    side = "below" if block["difference"] < 0 else "above"
    gap, then = entry.number(abs(block["difference"])), entry.number(block["at_promotion"])
    odd = f", both without the rows of {listed(block['without'])}" if block.get("without") else ""
    told = (
        f"{entry.title} is {entry.number(block['value'])}, {gap} {side} the {then} of the evaluation at promotion{odd}"
    )
    if block.get("few"):
        return f"{told} ({_within(str(block['undefined']))})"
    if (few := block.get("few_at_promotion")) is not None:
        return f"{told} ({_too_few_at_promotion(few)})"
    return told + _reach(entry, block["difference_low"], block["difference_high"])


def _too_few_at_promotion(few: FewRows) -> str:
    which = "" if few["of"] is None else f" that count for the class {shown(few['of'])}"
    return f"no interval: at promotion there were only {few['rows']:,} rows{which}"


def _within(sentence: str) -> str:
    """A sentence as part of another."""
    return sentence[:1].lower() + sentence[1:].removesuffix(".")


def _reach(entry: Entry, low: float | None, high: float | None) -> str:
    """The interval of a difference, as one of a gain where it is nothing else."""
    if low is None or high is None:
        return ""
    smaller = entry.smaller_is_better
    if (high < 0) if smaller else (low > 0):
        what, first, last = "gain", (-high if smaller else low), (-low if smaller else high)
    else:
        what, first, last = "loss", (low if smaller else -high), (high if smaller else -low)
    return f" (95 % interval of the {what} {entry.number(first)} to {entry.number(last)})"


def _interval(entry: Entry, side: Estimate) -> tuple[float, float] | None:
    low, high = (side.few["low"], side.few["high"]) if side.few else (side.low, side.high)
    if low is None or high is None or side.value is None:
        return None
    if entry.is_share and low == high and side.value in {0.0, 1.0}:
        reach = min(1.0, 3.0 / max(side.rows, 1))
        return (1.0 - reach, 1.0) if side.value == 1.0 else (0.0, reach)
    return low, high
