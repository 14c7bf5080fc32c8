"""What the columns of each row added to its answer, as JSON beside the answer (docs/explanations.md)."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from jobs.serving.answers import CSV, JSONLINES
from jobs.serving.rows import Refused

NOT_IN_A_PIPELINE = (
    "This model is served by the container of an algorithm that answers with numbers alone, so no row can be explained "
    "here. What its columns are worth on held-out rows stands in the report."
)
TOO_OLD = "This model was trained by a release that left nothing to explain it by; the model of the next run has it."


def answered_as(media: str) -> str:
    """The format of answers that explain themselves: a line of CSV has no place for it.

    >>> answered_as("text/csv"), answered_as("application/json")
    ('application/jsonlines', 'application/json')
    """
    return JSONLINES if media == CSV else media


def check_rows(rows: int, most: int) -> None:
    """Nothing, where a request has no more rows than can be explained in its time. Raises `Refused` (413)."""
    if rows > most:
        some = "one row" if most == 1 else f"{most:,} rows"
        raise Refused(
            f"explain=true takes long: of this model a request may have {some} explained, and this one holds {rows:,}; "
            "send them in parts",
            413,
        )


def undefined(why: str, rows: int) -> list[str]:
    """The explanations of so many rows that have none."""
    return [json.dumps({"undefined": why}, ensure_ascii=False)] * rows


def explanations(
    base: npt.NDArray[np.float64], parts: npt.NDArray[np.float64], columns: Sequence[str], classes: Sequence[str] | None
) -> list[str]:
    """One a row: `base` (width,) and `parts` (rows, width, columns).

    >>> explanations(np.array([0.5]), np.array([[[1.0]]]), ["age"], ["no", "yes"])
    ['{"scale": "log-odds", "parts": [{"class": "yes", "base": 0.5, "score": 1.5, "contributions": {"age": 1.0}}]}']
    """
    scale = "number" if classes is None else "log-odds" if len(classes) == 2 else "softmax"
    names: Sequence[str | None] = [None] if classes is None else classes if len(classes) > 2 else classes[1:]
    scores = base + parts.sum(axis=2)
    found = []
    for row, said in zip(parts, scores, strict=True):
        told = [_part(*one, columns) for one in zip(names, base, row, said, strict=True)]
        found.append(json.dumps({"scale": scale, "parts": told}, ensure_ascii=False))
    return found


def _part(name: str | None, base: float, parts: npt.NDArray[np.float64], score: float, columns: Sequence[str]) -> Any:
    of_class = {} if name is None else {"class": name}
    told = dict(zip(columns, map(_rounded, parts.tolist()), strict=True))
    return {**of_class, "base": _rounded(base), "score": _rounded(score), "contributions": told}


def _rounded(value: float) -> float:
    """In twelve digits, which is more than an answer has."""
    return float(f"{value:.12g}")
