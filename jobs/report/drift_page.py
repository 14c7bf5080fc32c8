"""report.html of a drift check: drift.json (docs/formats.md) as a page for the model's owner.

The verdict comes first and in words, then all columns in one table, worst first, then what the model answers and
whether it hurts. What was measured of a column is folded behind its row. It draws what the check decided and decides
nothing itself; a check without enough traffic is never drawn as one without drift.
"""

from typing import Any

from jobs.documents.drift import Drift, Estimate, Thresholds, Traffic
from jobs.refusals import counted
from jobs.report.drift_table import ranked, table
from jobs.report.drift_verdict import facts, sentence
from jobs.report.figures import Figures
from jobs.report.monitoring import STATES, chance, metrics, moment, problems
from jobs.report.sections_checks import drift_history
from jobs.report.shell import page

Plain = dict[str, Any]
_UNKNOWN = "How well the model does is not known"
_LOSSES = {
    "certain": "A loss is certain",
    "possible": "A loss is possible",
    "none": "No loss in {metric} is to be seen",
}
_LEFT_OUT = {
    "evaluation": "SageRelay's own evaluation",
    "earlier-model": "an earlier model",
    "drill": "a drill",
}


def render_drift(document: Drift) -> str:
    """The page of a drift check or a drill as one HTML document.

    Args:
        document: drift.json; its history ends with this check.
    """
    worst = ranked(document.get("features") or (), document.get("drifted") or ())
    return page(
        "drift.html.jinja",
        ("style.css", "monitoring.css"),
        document=document,
        at=moment(document["at"]),
        title=STATES[document["state"]].capitalize(),
        sentence=sentence(document),
        facts=facts(document),
        features=table(document, "features"),
        answers=table(document, "predictions"),
        answers_told=_answers(document),
        estimate=_estimate(document.get("estimate")),
        history=drift_history(document, worst),
        problems=problems(document.get("problems"), "records"),
        left_out=_left_out(document["window"]),
        thresholds=_thresholds(document["thresholds"]),
    )


def _answers(document: Drift) -> str:
    found = document.get("predictions") or ()
    if not found:
        return "The answers were not compared."
    if all(one["verdict"] == "undefined" for one in found):
        return "The answers could not be compared."
    still = "no longer" if any(one["verdict"] == "drifted" for one in found) else "still"
    return f"The model's answers are {still} distributed as they were on the rows held out for its evaluation."


def _estimate(given: Estimate | None) -> Plain:
    """The estimated performance; a sentence says why where there is none."""
    told = (given.get("sentence") or given.get("undefined") or "") if given else ""
    if not given or not given.get("metrics"):
        why = (given.get("undefined") if given else None) or told or "It was not estimated."
        return {"rows": [], "title": _UNKNOWN, "sentence": why}
    figures = Figures(given)
    return {
        "rows": metrics(given["metrics"], "estimated", figures),
        "title": _LOSSES.get(given.get("loss") or "", _UNKNOWN).format(metric=figures.title(given.get("metric") or "")),
        "sentence": told,
        "deciding": given.get("metric"),
    }


def _left_out(window: Traffic) -> str:
    left = [(_LEFT_OUT.get(why, why), count) for why, count in (window.get("left_out") or {}).items() if count]
    return ", ".join(f"{counted(count, 'record')} of {name}" for name, count in left)


def _thresholds(found: Thresholds) -> Plain:
    return {
        "significance": f"{found['significance']:g}",
        "tests": f"{found['tests']:,}" if found.get("tests") else None,
        "p_value": None if found.get("p_value") is None else chance(found["p_value"]),
        "distance": f"{found['distance']:g}",
        "min_rows": f"{found['min_rows']:,}",
    }
