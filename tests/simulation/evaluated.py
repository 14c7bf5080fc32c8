"""What the evaluation of a history's candidate says, as far as the runtime reads it."""

from __future__ import annotations

from typing import Any

from chalicelib.contract.evaluation import BestEarlier, Estimate, Evaluation
from tests.relay.builders import evaluation
from tests.simulation.chance import Chance

ERROR = 0.015
"""Half the interval of a difference."""
STEPS = {"good": 0.01, "level": -0.009, "bad": -0.1, "unclear": 0.0}
"""How far a candidate is ahead of the live model."""


def evaluated(truth: str, live: dict[str, Any] | None) -> Evaluation:
    """Our block of evaluation.json about a candidate that is worth this."""
    if live is None:
        estimate = {"value": 0.9, "low": 0.87, "high": 0.93} if truth == "good" else {"value": 0.5, "low": 0.4}
        return evaluation(metrics=dict.fromkeys(("accuracy", "precision", "recall", "f1", "auc"), estimate))
    metrics = {"auc": {"value": 0.88}}
    told = {"endpoint": live["endpoint"], "run": live["run"], "metrics": metrics, "unavailable": None}
    if truth == "unclear":
        return evaluation(live=told | {"metrics": None, "unavailable": "The live model does not know these rows."})
    low, high = {"good": (0.005, 0.02), "level": (-0.03, 0.008), "bad": (-0.12, -0.08)}[truth]
    return evaluation(live=told, comparison={"auc": {"difference": STEPS[truth], "low": low, "high": high}})


def best_earlier(run: str, gap: float | None) -> BestEarlier:
    """What is told of the best earlier model; no gap: it is gone."""
    if gap is None:
        return {"run": run, "metric": "auc", "value": None, "difference": None, "unavailable": "It is gone."}
    difference: Estimate = {"difference": gap, "low": gap - ERROR, "high": gap + ERROR, "undefined": None}
    return {"run": run, "metric": "auc", "value": 0.9, "difference": difference, "unavailable": None}


def against_best(truth: str, gap: float | None, *, compared: bool) -> str:
    """Of a candidate's step and its gap to the best model; without `compared`, the live model is the best one."""
    if not compared:
        return {"good": "better", "level": "not better"}.get(truth, "lost")
    return "lost" if gap is None else "better" if gap > ERROR else "not better"


def compared(chance: Chance, named: list[dict[str, Any]], run: str) -> dict[str, Any]:
    """comparison.json: every model is worth something, but for those that cannot be asked, which all are not."""
    entries = []
    for one in named:
        share = chance.share(f"worth of {one['name']} in {run}")
        value = {"auc": {"value": 0.5 + share / 2}} if share > 0.1 or one is named[-1] else {}
        entries.append({"name": one["name"], "metrics": value, "unavailable": None if value else "It is gone."})
    return {"version": 1, "entries": entries}
