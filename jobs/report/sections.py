"""The evaluation's part of the page: metrics, comparison, classes, confusion matrix, importance.

Each function takes the JSON of docs/formats.md and gives what the template shows; lists are capped here, and say by
how much, so that a thousand classes make no page of a hundred megabytes.
"""

from typing import Any

import numpy as np

from jobs.documents.evaluation import Evaluation
from jobs.documents.metrics import Confused, Score
from jobs.report import words
from jobs.report.figures import Figures

Plain = dict[str, Any]
MOST_CLASSES_IN_MATRIX = 20
MOST_CLASSES_IN_TABLE = 40
MOST_COLUMNS = 25
OTHERS = "all others"


def capped(items: list[Any], most: int) -> Plain:
    """The first `most` items, and how many more there are."""
    return {"shown": items[:most], "more": max(0, len(items) - most)}


def metrics(ours: Evaluation, figures: Figures) -> list[Plain]:
    """One entry a metric: value, interval, the naive answer, the live model, the difference and what it means."""
    return [_metric(name, found, ours, figures) for name, found in ours["metrics"].items()]


def _metric(name: str, found: Score, ours: Evaluation, figures: Figures) -> Plain:
    live = ours.get("live")
    theirs = ((live["metrics"] if live else None) or {}).get(name)
    compared, naive = (ours.get("comparison") or {}).get(name), (ours.get("naive") or {}).get(name)
    return {
        "name": name,
        "title": figures.title(name),
        "long": figures.long(name),
        "value": figures.number(name, found["value"]),
        "interval": figures.interval(name, found),
        "undefined": found["undefined"] if found["value"] is None else None,
        "naive": figures.number(name, naive),
        "live": figures.number(name, theirs["value"] if theirs else None),
        "difference": figures.signed(name, compared["difference"] if compared else None),
        "difference_interval": figures.signed_interval(name, compared),
        "meaning": figures.meaning(name, compared),
        "track": None if figures.smaller_is_better(name) else track(found, theirs),
    }


def best_earlier(ours: Evaluation, figures: Figures) -> Plain | None:
    """The best earlier model by the metric that decides; None where that is the live one, or there is none."""
    found = ours.get("best_earlier")
    if not found:
        return None
    name, value, difference = found["metric"], found["value"], found["difference"] or None
    undefined = difference["undefined"] if difference else None
    gap = difference["difference"] if difference else None
    return {
        "run": found["run"],
        "unavailable": found["unavailable"] or (undefined if value is None else None),
        "rows": "all" if found["rows"] == ours["rows"] else f"{found['rows'] or 0:,}",
        "title": figures.title(name),
        "value": figures.number(name, value),
        "difference": None if gap is None else figures.signed(name, gap),
        "interval": figures.signed_interval(name, difference),
        "meaning": figures.meaning(name, difference),
    }


def track(found: Score, live: Score | None) -> Plain | None:
    """Where value, interval and live value lie on a line from 0 to 1, in per cent; None for what has no such scale."""
    low, value, high = found["low"], found["value"], found["high"]
    if value is None or low is None or high is None:
        return None
    at = [100 * min(max(place, 0.0), 1.0) for place in (low, value, high)]
    theirs = None if not live or live["value"] is None else 100 * min(max(live["value"], 0.0), 1.0)
    return {"low": at[0], "value": at[1], "width": max(at[2] - at[0], 0.5), "live": theirs}


def confusion(ours: Confused) -> Plain | None:
    """The confusion matrix as rows of cells with count, share of the row and a shade 0 … 100.

    Of many classes the most frequent are shown and the others taken together.
    """
    if not ours.get("confusion_matrix"):
        return None
    matrix, names = np.array(ours["confusion_matrix"], float), list(ours["classes"] or ())
    hidden = max(0, len(names) - MOST_CLASSES_IN_MATRIX)
    if hidden:
        matrix, names = _gathered(matrix, names)
    totals = matrix.sum(axis=1)
    rows = []
    for place, name in enumerate(names):
        shares = matrix[place] / totals[place] if totals[place] else np.zeros(len(names))
        cells = [
            {"count": f"{int(count):,}", "share": words.percent(share) if totals[place] else words.ABSENT,
             "shade": round(100 * float(share)), "right": other == place and not (hidden and other == len(names) - 1)}
            for other, (count, share) in enumerate(zip(matrix[place], shares, strict=True))
        ]  # fmt: skip
        rows.append({"name": name, "cells": cells, "total": f"{int(totals[place]):,}"})
    return {"names": names, "rows": rows, "hidden": hidden}


def _gathered(matrix: Any, names: list[str]) -> tuple[Any, list[str]]:
    order = np.argsort(-matrix.sum(axis=1), kind="stable")
    group = np.full(len(names), MOST_CLASSES_IN_MATRIX - 1)
    group[order[: MOST_CLASSES_IN_MATRIX - 1]] = np.arange(MOST_CLASSES_IN_MATRIX - 1)
    small = np.zeros((MOST_CLASSES_IN_MATRIX, MOST_CLASSES_IN_MATRIX))
    np.add.at(small, (group[:, None], group[None, :]), matrix)
    return small, [*(names[place] for place in order[: MOST_CLASSES_IN_MATRIX - 1]), OTHERS]


def per_class(ours: Evaluation) -> Plain | None:
    """Precision, recall, F1 and support by class, most frequent first."""
    found = ours.get("per_class")
    if not found:
        return None
    ranked = sorted(found.items(), key=lambda item: -item[1]["support"])
    rows = [
        {
            "name": name,
            "support": f"{rates['support']:,}",
            "precision": words.number(rates["precision"]),
            "recall": words.number(rates["recall"]),
            "f1": words.number(rates["f1"]),
        }
        for name, rates in ranked
    ]
    return capped(rows, MOST_CLASSES_IN_TABLE)


def curve_legend(curves: Plain) -> list[Plain]:
    """Name, areas and colour number of each class whose curves are drawn."""
    return [
        {
            "name": one["name"],
            "color": place % 8 + 1,
            "auc": words.number(one["auc"]),
            "average_precision": words.number(one["average_precision"]),
        }
        for place, one in enumerate(curves["classes"])
    ]


def thresholds(curves: Plain) -> Plain | None:
    """The threshold table with the suggested threshold in its place among the others."""
    if not curves.get("thresholds"):
        return None
    suggested = curves.get("suggested")
    rows = [(row, False) for row in curves["thresholds"]] + ([(suggested, True)] if suggested else [])
    rows.sort(key=lambda row: row[0]["threshold"])
    return {
        "suggested": None if suggested is None else words.number(suggested["threshold"]),
        "rows": [
            {"threshold": f"{row['threshold']:.3f}" if best else f"{row['threshold']:.2f}", "best": best}
            | {key: words.percent(row[key]) for key in ("precision", "recall", "f1", "flagged")}
            for row, best in rows
        ],
    }


def importance(ours: Evaluation) -> Plain:
    """Columns by their share of the gain, with a bar relative to the first."""
    entries = ours["importance"]
    first = entries[0]["gain"] if entries else 1.0
    rows = [
        {"column": entry["column"], "share": words.percent(entry["gain"]), "bar": 100 * entry["gain"] / first}
        for entry in entries
    ]
    return capped(rows, MOST_COLUMNS)
