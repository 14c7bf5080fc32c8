"""What an estimate says to a person, and its numbers as drift.json wants them.

Every sentence that names a figure names the assumption too: who reads only the mail must not take an estimate for a
measurement.
"""

import numpy as np

from jobs.documents.metrics import Estimated
from jobs.metrics.catalogue import AMOUNT, CATALOGUE, Entry
from jobs.metrics.few_rows import Few
from jobs.metrics.max_loss import Allowed
from jobs.performance_estimation.grid import FloatArray

NO_ERRORS = (
    "Not estimated: this model was trained before the size of its errors was learned, too, or its held-out rows were "
    "too few for it or could not be read. The next training learns it; until then upload labels, and the model is "
    "measured on them."
)
NO_CALIBRATION = (
    "The evaluation of this model kept no calibration of its confidence, so nothing can be estimated: "
    "upload labels, and the model is measured on them."
)
ASSUMPTION = (
    "This is made of the model's own confidence, and holds as long as the same inputs still lead to the same outcomes; "
    "whether they do only labels can show."
)
OF_ERRORS = (
    "This is made of how large errors were on held-out rows like these, and holds as long as the same inputs still "
    "lead to the same outcomes; whether they do only labels can show."
)
_NO_INTERVAL = "Too few redrawn test rows define this metric for an interval."
_HELD_OUT = "Of the rows held out at promotion: "
_FEWEST_DEFINED = 0.9
_LEVEL = 0.00005


def few_held_out(rows: int, fewest: int) -> str:
    """Why a small test set is not enough."""
    return (
        f"Only {rows:,} rows were held out for testing; to know what the confidence is worth takes {fewest:,}. "
        "More training data, or a larger test share, makes an estimate possible."
    )


def not_estimable(metric: str, names: tuple[str, ...], made_of: str = "the model's confidence") -> str:
    """Why this metric is not among them."""
    return f"{CATALOGUE[metric].title} cannot be estimated from {made_of}; these can: {', '.join(names)}."


NO_NUMBERS = "No answer was captured, so nothing can be estimated."


def no_answers(unusable: int) -> str:
    """Why there is nothing to estimate from."""
    beside = f"; {unusable:,} were unusable" if unusable else ""
    return f"No answer with probabilities was captured{beside}, so nothing can be estimated."


def block(
    at_promotion: float | None, difference: float, noise: FloatArray, estimated_noise: FloatArray, name: str
) -> Estimated:
    """One metric of the estimate: the noise of the draws (draws,) laid around the values, within what it can be."""
    entry = CATALOGUE[name]
    lowest, highest = entry.lowest, entry.highest
    why = None
    if at_promotion is None:
        why = f"{entry.title} was undefined in the evaluation at promotion."
    elif np.isnan(difference):
        why = f"The answers of this window do not define {entry.title}."
    if why is not None or at_promotion is None:
        return {
            "at_promotion": at_promotion,
            "estimated": None,
            "low": None,
            "high": None,
            "difference": None,
            "difference_low": None,
            "difference_high": None,
            "undefined": why,
        }
    value = float(np.clip(at_promotion + difference, lowest, highest))
    low, high = _ends(value, estimated_noise, lowest, highest)
    difference_low, difference_high = _ends(float(difference), noise, lowest - highest, highest - lowest)
    return {
        "at_promotion": _figure(at_promotion, entry),
        "estimated": _figure(value, entry),
        "low": _figure(low, entry),
        "high": _figure(high, entry),
        "difference": _figure(float(difference), entry),
        "difference_low": _figure(difference_low, entry),
        "difference_high": _figure(difference_high, entry),
        "undefined": _NO_INTERVAL if low is None else None,
    }


def unless_few(found: Estimated, few: Few | None, classes: list[str]) -> Estimated:
    """The block of a metric without what so few held-out rows cannot tell; as it is, where there are enough."""
    if few is None or found["estimated"] is None:
        return found
    nothing: Estimated = {**found, "low": None, "high": None, "difference_low": None, "difference_high": None}
    return {**nothing, "undefined": f"{_HELD_OUT}{few.sentence(classes)}", "few": few.to_json(None, classes)}


def _ends(value: float, noise: FloatArray, lowest: float, highest: float) -> tuple[float | None, float | None]:
    defined = noise[~np.isnan(noise)]
    if len(defined) < _FEWEST_DEFINED * len(noise):
        return None, None
    low, high = np.clip(value + np.quantile(defined, (0.025, 0.975)), lowest, highest)
    return float(low), float(high)


def _figure(value: float | None, entry: Entry) -> float | None:
    if value is None:
        return None
    return float(f"{value:.9g}") if entry.format == AMOUNT else round(value, 6)


def sentence(metric: str, found: Estimated, loss: str | None, limit: Allowed, assumption: str = ASSUMPTION) -> str:
    """The estimate of the deciding metric in words, for the mail. `limit`: what it may lose."""
    difference = found["difference"]
    if loss is None or difference is None:
        return str(found["undefined"])
    entry, ending = CATALOGUE[metric], f"{assumption}{limit.note and f' {limit.note}'}"
    interval = "" if found["low"] is None or found["high"] is None else _interval(entry, found["low"], found["high"])
    head = f"{entry.title} is estimated at {entry.number(found['estimated'])}{interval and f' ({interval})'}"
    then, sign = f"the {entry.number(found['at_promotion'])} at promotion", 1 if entry.smaller_is_better else -1
    beside = f"{entry.number(abs(difference))} {'below' if difference < 0 else 'above'}"
    if loss == "none":
        level = _LEVEL * (abs(found["at_promotion"] or 0.0) if entry.format == AMOUNT else 1.0)
        inner = beside if abs(difference) >= level else "level with"
        return f"{head}, {inner} {then}: no loss beyond {limit.words}. {ending}"
    if found["difference_low"] is None or found["difference_high"] is None:
        sure = "how sure that is cannot be said"
        if found.get("few"):
            sure += f" ({str(found['undefined']).removesuffix('.')})"
    else:
        reach = _interval(entry, *sorted((sign * found["difference_low"], sign * found["difference_high"])))
        sure = f"the loss is certain ({reach})" if loss == "certain" else f"the loss is possible, not certain ({reach})"
    beyond = f"more than the {limit.words} that monitoring.max_loss allows"
    return f"{head}, {beside} {then}, {beyond}; {sure}. {ending}"


def larger_all_the_same(mae: Estimated) -> str:
    """Of rows that spread more widely R2 keeps its level however large errors become: who pays for them is told."""
    entry = CATALOGUE["mae"]
    low, high = mae["difference_low"], mae["difference_high"]
    interval = "" if low is None or high is None else f" ({_interval(entry, low, high)})"
    return (
        f"The errors are larger all the same: {entry.title} is estimated at {entry.number(mae['estimated'])}, "
        f"{entry.number(mae['difference'])}{interval} above the {entry.number(mae['at_promotion'])} at promotion. R2 "
        "weighs them against how widely the values lie apart, which has grown with them; where their size counts, set "
        "metric: mae under monitoring."
    )


def _interval(entry: Entry, low: float, high: float) -> str:
    return f"95 % interval {entry.number(low)} to {entry.number(high)}"
