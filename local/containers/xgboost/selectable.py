"""`SAGEMAKER_INFERENCE_OUTPUT`: answers of the user's choice (predicted_label, probabilities, ...) instead of bare
scores.

The keys an objective cannot give are answered as nan. All arithmetic is the container's: a binary "probability" is
that of class 1, a raw score's counterpart is 1 minus it even where the score is a margin.
"""

import json
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

_REGRESSION = ("reg:squarederror", "reg:logistic", "reg:gamma", "reg:absoluteerror", "reg:tweedie")
_LABELS = ("predicted_label", "labels", "raw_score", "raw_scores")
_ALL = (*_LABELS, "probability", "probabilities")
KEYS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(_REGRESSION, ("predicted_score",)),
    "binary:logistic": _ALL,
    "binary:logitraw": _LABELS,
    "binary:hinge": _LABELS,
    "multi:softmax": _LABELS,
    "multi:softprob": _ALL,
}


def selected(predictions: Any, keys: Sequence[str], objective: str, num_class: int) -> list[dict[str, Any]]:
    """One mapping a row. Raises ValueError for an objective that has no such answers."""
    if objective not in KEYS:
        raise ValueError(f"Objective `{objective}` unsupported for selectable inference predictions.")
    known = KEYS[objective]
    labels = [0, 1] if objective.startswith("binary:") else list(range(num_class))
    return [
        {key: _VALUES[key](row, objective, labels) if key in known else math.nan for key in keys}
        for row in np.asarray(predictions)
    ]


def _label(row: Any, objective: str, labels: list[int]) -> Any:  # noqa: ARG001
    if objective == "multi:softprob":
        return int(np.argmax(row))
    if objective in ("binary:logistic", "binary:logitraw"):
        return int(row > (0.5 if objective == "binary:logistic" else 0))
    return row.item()


def _largest(row: Any, objective: str, labels: list[int]) -> float:  # noqa: ARG001
    return float(np.max(row))


def _each(row: Any, objective: str, labels: list[int]) -> list[float]:  # noqa: ARG001
    return [float(value) for value in row] if np.ndim(row) else [1.0 - row.item(), row.item()]


_VALUES: dict[str, Callable[[Any, str, list[int]], Any]] = {
    "predicted_label": _label,
    "labels": lambda row, objective, labels: labels,  # noqa: ARG005
    "probability": _largest,
    "probabilities": _each,
    "raw_score": _largest,
    "raw_scores": _each,
    "predicted_score": _largest,
}


def as_text(rows: list[dict[str, Any]], keys: Sequence[str], media: str) -> str:
    """The rows as CSV (lists in quotes), JSON lines or JSON."""
    if media == "application/json":
        return json.dumps({"predictions": rows})
    if media == "application/jsonlines":
        return "".join(json.dumps(row) + "\n" for row in rows)
    if media != "text/csv":
        raise ValueError(f"Cannot encode selected predictions into accept type '{media}'.")
    return "\n".join(
        ",".join(f'"{row[key]}"' if isinstance(row[key], list) else str(row[key]) for key in keys) for row in rows
    )
