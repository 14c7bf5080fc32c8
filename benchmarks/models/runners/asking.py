"""Ours answers, as its endpoint would: rows of text in, probabilities or numbers out.

`{"model", "test", "target", "classes", "answers"}` on standard input; `{"predict_ms", "facts"}` is the last line out.
"""

import csv
import importlib
import json
import statistics
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.models.runners.answering import REPEATED, timed

Rows = Sequence[Sequence[str | None]]


def main() -> None:
    question = json.load(sys.stdin)
    model = model_at(question["model"])
    columns, rows = read(Path(question["test"]), question["target"])

    def answer(asked: Rows) -> npt.NDArray[np.float64]:
        found: npt.NDArray[np.float64] = model.scores(model.encode(columns, asked))
        return found

    told = in_order(answer(rows), model.classes, question["classes"])
    np.ascontiguousarray(told, dtype=np.float64).tofile(question["answers"])
    facts: dict[str, Any] = {"nodes": model.nodes, "oof": {one.name: one.oof_loss for one in model.contestants}}
    print(json.dumps({"predict_ms": answer_times(answer, rows), "facts": facts}))


def model_at(folder: str | Path) -> Any:
    """The trained model, as its endpoint reads it; by name, because a release without `algorithm: auto` has none."""
    return importlib.import_module("jobs.ensemble.model").Ensemble.read(folder)


def read(path: Path, target: str) -> tuple[list[str], list[list[str | None]]]:
    """Column names and cells without the target; an empty cell is missing."""
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        header = next(lines)
        place = header.index(target)
        rows = [[cell or None for cell in line[:place] + line[place + 1 :]] for line in lines]
    return header[:place] + header[place + 1 :], rows


def in_order(found: npt.NDArray[np.float64], ours: Sequence[str] | None, asked: Sequence[str]) -> Any:
    """Columns as the question has the classes. Raises ValueError when these are others."""
    if not asked:
        return found.reshape(-1)
    if ours is None or sorted(ours) != sorted(asked):
        raise ValueError(f"the classes are {ours}, and not {list(asked)}")
    return found[:, [list(ours).index(word) for word in asked]]


def answer_times(answer: Any, rows: Rows) -> dict[str, float]:
    """As `answering.answer_times` takes them of the others."""
    found = {}
    for count, times in REPEATED.items():
        asked = (list(rows) * (count // len(rows) + 1))[:count]
        answer(asked)
        found[str(count)] = statistics.median(timed(partial(answer, asked)) for _ in range(times))
    return found


if __name__ == "__main__":
    main()
