"""What the endpoint answers to the rows of a file, as the file with columns beside it. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from ops.explaining.asking import Served
from ops.explaining.rows import Rows

Answer = Mapping[str, Any]
_PREDICTION = "prediction"


def as_csv(rows: Rows, answers: Sequence[Answer]) -> str:
    """The rows as they were, and what was answered: the label with the probability of each class, or the number.

    >>> rows = Rows(["a"], [["1"]], headed=True)
    >>> print(as_csv(rows, [{"label": "yes", "probabilities": {"no": 0.25, "yes": 0.75}}]), end="")
    a,prediction,probability no,probability yes
    1,yes,0.25,0.75
    >>> print(as_csv(rows, [{"prediction": 2.5, "low": 2, "high": 3}]), end="")
    a,prediction,low,high
    1,2.5,2,3
    """
    flat = [_flat(answer) for answer in answers]
    names = list(dict.fromkeys(name for one in flat for name in one))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*rows.columns, *names])
    writer.writerows([*row, *(one.get(name, "") for name in names)] for row, one in zip(rows.rows, flat, strict=True))
    return text.getvalue()


def as_document(served: Served, dataset: str, file: str, answers: Sequence[Answer]) -> dict[str, Any]:
    """`predict --json`."""
    told = {"dataset": dataset, "endpoint": served.endpoint, "run": served.run, "file": file}
    return {"version": 1, "kind": "predict", **told, "rows": [{"row": n, **one} for n, one in enumerate(answers, 1)]}


def _flat(answer: Answer) -> dict[str, Any]:
    if "label" not in answer:
        return {_PREDICTION: answer.get("prediction"), **{k: v for k, v in answer.items() if k != "prediction"}}
    probabilities: Mapping[str, Any] = answer.get("probabilities") or {}
    return {_PREDICTION: answer["label"], **{f"probability {name}": value for name, value in probabilities.items()}}
