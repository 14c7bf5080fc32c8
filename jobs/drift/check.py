"""drift.json from what was counted: the verdict on the traffic of one window. Pure: no file, no clock, no network.

Too few rows is an answer of its own, and so are records of which nothing could be read: neither may pass for "no
drift". The state is "drifted" when a feature or the model's answers are; which it is stands in "drifted" (features
only) and in the verdicts of "predictions".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jobs.capture.tally import DRILL, EARLIER, EVALUATION
from jobs.documents.drift import Check, Drift, Estimate, Finding, Judged, Rule, Thresholds
from jobs.documents.drift import Traffic as Counted
from jobs.drift.dependence import held
from jobs.drift.findings import answers_of_the_season, findings, thresholds
from jobs.drift.traffic import Traffic
from jobs.drift.trust import qualified
from jobs.drift.window import Window
from jobs.performance_estimation import estimate
from jobs.refusals import Refusal

MOST_HISTORY = 200
MOST_ANSWERS = 40
"""Drifted answers whose names are remembered; of more, which they were is not."""
MOST_SCORES = 40
"""Features whose score is remembered, the worst: a plot holds no more, and 200 checks of 2,000 columns are 10 MB."""
_SAME_FOR_ALL = (EVALUATION, EARLIER, DRILL)


@dataclass(frozen=True)
class _Judged:
    """What a check says beyond the account of its records."""

    state: str
    features: Sequence[Finding] = ()
    predictions: Sequence[Finding] = ()
    tests: int = 0
    p_value: float | None = None
    estimate: Estimate | None = None
    rule: Rule | None = None


def check(window: Window, traffic: Traffic, previous: Drift | None = None) -> Drift:
    """drift.json. Raises Refusal where traffic was there and too little of it could be read or compared: that there was
    not enough traffic would not be true.
    """
    tally, least = traffic.tally, max(int(window.settings["min_rows"]), 1)
    enough = tally.rows >= least
    if tally.spoilt or (not enough and tally.unreadable_records >= least):
        raise Refusal("unreadable-traffic", _spoilt(traffic))
    judged = _judged(window, traffic) if enough else _Judged("not-enough-traffic", estimate=_no_estimate(window))
    drifted = [one["name"] for one in judged.features if one["verdict"] == "drifted"]
    document: Judged = {
        "version": 1,
        "check": window.check,
        "at": window.started,
        "dataset": window.dataset,
        "run": window.run,
        "endpoint": window.endpoint,
        "drill": window.drill,
        "state": judged.state,
        "window": _window(window, traffic),
        "problems": tally.problems(),
        "thresholds": _thresholds(window, judged),
        "drifted": drifted,
        "share_drifted": len(drifted) / len(judged.features) if judged.features else None,
        "features": list(judged.features),
        "predictions": list(judged.predictions),
        "estimate": judged.estimate,
        "rule": judged.rule,
        "seasonal": [one["name"] for one in judged.features if "seasonal" in one],
    }
    return {**document, "history": _history(document, previous)}


def _judged(window: Window, traffic: Traffic) -> _Judged:
    features = [(counts.reference, counts) for counts in traffic.features.values()]
    predictions = [(counts.reference, counts) for counts in traffic.predictions.values()]
    limits = thresholds(window.settings, [*features, *predictions])
    against = held(traffic)
    found = findings(features, limits, _importance(traffic), against.features)
    answered = answers_of_the_season(found, findings(predictions, limits, {}, against.answers))
    if found and all(one["verdict"] == "undefined" for one in [*found, *answered]):
        raise Refusal("nothing-comparable", f"No column can be compared: {found[0]['undefined']}.")
    drifted = any(one["verdict"] == "drifted" for one in [*found, *answered])
    return _Judged(
        "drifted" if drifted else "stable",
        found,
        answered,
        limits.tests,
        limits.p_value,
        qualified(
            estimate(traffic.baseline.answers, traffic.answers, window.settings, window.max_loss_meant, against.effect),
            found,
        )
        if traffic.baseline.answers.get("task")
        else _no_estimate(window, "What the model answered at its evaluation was not kept."),
        against.rule,
    )


def _importance(traffic: Traffic) -> dict[str, float]:
    """By column; one that is in none of the model's trees has 0, where the others' are known."""
    shares = traffic.baseline.importance
    return {name: shares.get(name, 0.0) for name in traffic.features} if shares else {}


def _no_estimate(window: Window, why: str = "There was too little traffic to estimate anything from.") -> Estimate:
    metric = window.settings.get("metric")
    return {
        "method": "confidence-based",
        "loss": None,
        "metric": None if metric == "auto" else metric,
        "metrics": {},
        "sentence": why,
        "undefined": why,
    }


def _spoilt(traffic: Traffic) -> str:
    tally = traffic.tally
    told = " ".join(problem["sentence"] for problem in tally.problems())
    of = (
        f"Only {tally.counted:,} of {tally.counted + tally.unreadable_records:,} records"
        if tally.counted
        else "Nothing"
    )
    return f"{of} of the captured traffic could be read, so nothing can be said about drift. {told}"


def _window(window: Window, traffic: Traffic) -> Counted:
    tally = traffic.tally
    return {
        "from": _stamp(tally.first),
        "to": _stamp(tally.last),
        "rows": tally.rows,
        "records": tally.counted,
        "files": len(window.objects),
        "left_out": {**dict.fromkeys(_SAME_FOR_ALL, 0), **tally.left_out},
    }


def _stamp(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _thresholds(window: Window, judged: _Judged) -> Thresholds:
    settings = window.settings
    return {
        "significance": settings["significance"],
        "tests": judged.tests,
        "p_value": judged.p_value,
        "distance": settings["distance"],
        "min_rows": settings["min_rows"],
    }


def _history(document: Judged, previous: Drift | None) -> list[Check]:
    """The checks before this one and this one; one that was begun anew stands there once."""
    known = previous.get("history") if previous else None
    earlier = [entry for entry in known or () if entry.get("check") != document["check"]]
    scored = sorted(
        ((one["name"], one["score"]) for one in document["features"] if one["score"] is not None),
        key=lambda pair: (-pair[1], pair[0]),
    )
    metrics = document["estimate"]["metrics"] if document["estimate"] else {}
    this: Check = {
        "check": document["check"],
        "at": document["at"],
        "state": document["state"],
        "rows": document["window"]["rows"],
        "share_drifted": document["share_drifted"],
        "drifted": document["drifted"],
        "scores": {name: round(score, 6) for name, score in scored[:MOST_SCORES]},
        "estimated": {name: block["estimated"] for name, block in metrics.items() if block["estimated"] is not None},
    }
    answers = [one["name"] for one in document["predictions"] if one["verdict"] == "drifted"]
    if len(answers) <= MOST_ANSWERS:
        this["answers"] = answers
    return [*earlier, this][-MOST_HISTORY:]
