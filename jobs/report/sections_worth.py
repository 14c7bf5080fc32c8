"""The page's part about what the model is worth: beside simpler models, by column, and at its threshold.

None where the document has none of it: earlier releases, and models that cannot be looked into.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jobs.documents.evaluation import OF_AN_ALGORITHM, Contestant, Decision, Evaluation, PermutedColumn, Share
from jobs.metrics.row_losses import Loss
from jobs.report import words
from jobs.report.figures import Figures
from jobs.report.sections import MOST_COLUMNS, capped

Plain = dict[str, Any]
ENSEMBLE = "ensemble"
_FIGURES = ("accuracy", "balanced_accuracy", "precision", "recall", "f1")
_NOT_TUNED = {"Best single trial": "XGBoost as given", "best trial": "XGBoost as given"}
"""What a training calls the first of the hyperparameters that it was handed, and what they are without a tuning."""
_LINEAR = "linear model"
_WORDS = {"cost": "Mean cost of a row"}


def leaderboard(ours: Evaluation, figures: Figures, *, tuned: bool = True) -> Plain | None:
    """The contestants with the gate's metric and the loss, best loss last as the document has them. `tuned`: there were
    trials; else what stands in the place of the best one has the hyperparameters that were given."""
    board = ours.get("leaderboard")
    if not board:
        return None
    names = list(dict.fromkeys((board["metric"], board["loss"])))
    return {
        "titles": [figures.title(name) for name in names],
        "rows": [_contestant(one, names, figures, tuned=tuned, winner=board.get("winner")) for one in board["entries"]],
        "count": f"{board['rows']:,}",
        "all": board["rows"] == ours["rows"],
        "members": _members(board.get("members") or (), tuned=tuned),
        "ensemble": "winner" not in board or bool(board.get("members")),
        "several": "winner" in board,
        "only_linear": {one["title"] for one in board.get("members") or ()} == {_LINEAR},
        "sentence": board["sentence"],
    }


def _members(members: Sequence[Share], *, tuned: bool) -> list[Plain]:
    """What the ensemble is made of, the heaviest first; linear members, of several strengths, add up to one."""
    weights: dict[str, list[float]] = {}
    for one in members:
        weights.setdefault(one["title"] if tuned else _NOT_TUNED.get(one["title"], one["title"]), []).append(
            one["weight"]
        )
    return [
        {"title": title, "share": words.percent(sum(parts))}
        for title, parts in sorted(weights.items(), key=lambda one: -sum(one[1]))
    ]


def _contestant(one: Contestant, names: list[str], figures: Figures, *, tuned: bool, winner: str | None) -> Plain:
    scores = [one["metrics"][name] for name in names]
    return {
        "title": one["title"] if tuned else _NOT_TUNED.get(one["title"], one["title"]),
        "ours": one["name"] in {ENSEMBLE, f"{OF_AN_ALGORITHM}{winner}"},
        "figures": [
            {"value": figures.number(name, score["value"]), "interval": figures.interval(name, score)}
            for name, score in zip(names, scores, strict=True)
        ],
        "seconds": words.ABSENT if one["seconds"] is None else words.brief(one["seconds"], "s"),
        "answers": [words.brief(one["answer_ms"].get(rows), "ms") for rows in ("1", "1000")],
    }


def permutation(ours: Evaluation, figures: Figures) -> Plain | None:
    """Columns by what shuffling them costs, with intervals on one scale; those no better than noise are last."""
    found = ours.get("permutation_importance")
    if not found:
        return None
    ends = [end for one in found["columns"] for end in (one["low"], one["high"], one["value"])]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    scale = (high - low) or 1.0
    rows = [_column(one, found["loss"], low, scale, figures) for one in found["columns"]]
    return capped(rows, MOST_COLUMNS) | {
        "loss": Loss(found["loss"]).words,
        "value": figures.number(found["loss"], found["value"]),
        "count": f"{found['rows']:,}",
        "repeats": found["repeats"],
        "noise": found["noise"],
        "columns": len(rows),
        "gains": any(one["gain"] is not None for one in found["columns"]),
        "zero": -100 * low / scale,
    }


def _column(one: PermutedColumn, loss: str, low: float, scale: float, figures: Figures) -> Plain:
    def at(value: float) -> float:
        return 100 * (value - low) / scale

    start, end = sorted((at(0.0), at(one["value"])))
    return {
        "column": one["column"],
        "value": figures.signed(loss, one["value"]),
        "noise": one["noise"],
        "gain": words.percent(one["gain"]),
        "bar": {"left": start, "width": end - start},
        "interval": {"left": at(one["low"]), "width": at(one["high"]) - at(one["low"])},
    }


def decision(ours: Evaluation, figures: Figures) -> Plain | None:
    """The threshold, and the figures there beside those at one half."""
    found = ours.get("decision")
    if not found:
        return None
    return {
        "threshold": f"{found['threshold']:.3g}",
        "half": found["threshold"] == 0.5,
        "why": _why(found["optimize"], figures),
        "rows": [_traded(name, found, figures) for name in (*_FIGURES, *_WORDS) if name in found["at"]],
    }


def _why(optimize: str | None, figures: Figures) -> str:
    if optimize is None:
        return "as relay.yaml has it"
    return f"chosen for {_WORDS['cost'].lower() if optimize == 'cost' else figures.title(optimize)}"


def _traded(name: str, found: Decision, figures: Figures) -> Plain:
    return {
        "title": _WORDS.get(name) or figures.title(name),
        "chosen": name == found["optimize"],
        "at": figures.number(name, found["at"][name]),
        "at_half": figures.number(name, found["at_half"].get(name)),
    }
