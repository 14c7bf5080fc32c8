"""Ours answers, as its endpoint would: rows of text in, probabilities or numbers out.

`{"model", "test", "target", "classes", "answers"}` on standard input; `{"predict_ms", "predict_cpu_ms", "facts"}` is
the last line out.
"""

import importlib
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.models.runners.answering import REPEATED, medians, timed
from jobs.score.reading import read_to_score
from jobs.tables.notes import Notes

Rows = Sequence[Sequence[str | None]]


def main() -> None:
    question = json.load(sys.stdin)
    model = model_at(question["model"])
    columns, rows = read(Path(question["test"]), Path(question["model"]))

    def answer(asked: Rows) -> npt.NDArray[np.float64]:
        found: npt.NDArray[np.float64] = model.scores(model.encode(columns, asked))
        return found

    told = in_order(answer(rows), model.classes, question["classes"])
    np.ascontiguousarray(told, dtype=np.float64).tofile(question["answers"])
    times = answer_times({"ours": answer}, rows)["ours"]
    facts: dict[str, Any] = {"nodes": model.nodes, "oof": {one.name: one.oof_loss for one in model.contestants}}
    print(json.dumps(times | {"facts": facts}))


def model_at(folder: str | Path) -> Any:
    """The trained model, as its endpoint reads it; by name, because a release without `algorithm: auto` has none."""
    return importlib.import_module("jobs.ensemble.model").Ensemble.read(folder)


def read(path: Path, model: Path) -> tuple[list[str], list[tuple[str | None, ...]]]:
    """Column names and cells of a request, all rows in their order: a file of rows as ours scores it, in which numbers
    may have percent signs."""
    schema = json.loads((model / "schema.json").read_text(encoding="utf-8"))
    cells = read_to_score(path, path.name, schema, {}, {}, Notes()).cells
    return list(cells), list(zip(*(column.to_pylist() for column in cells.values()), strict=True))


def in_order(found: npt.NDArray[np.float64], ours: Sequence[str] | None, asked: Sequence[str]) -> Any:
    """Columns as the question has the classes. Raises ValueError when these are others."""
    if not asked:
        return found.reshape(-1)
    if ours is None or sorted(ours) != sorted(asked):
        raise ValueError(f"the classes are {ours}, and not {list(asked)}")
    return found[:, [list(ours).index(word) for word in asked]]


def answer_times(answers: Mapping[str, Callable[[Rows], object]], rows: Rows) -> dict[str, dict[str, dict[str, float]]]:
    """Median milliseconds by name, see `medians`; by turns, so that a busy moment is everybody's."""
    taken: dict[str, dict[int, list[tuple[float, float]]]] = {name: {} for name in answers}
    for count, times in REPEATED.items():
        asked = (list(rows) * (count // len(rows) + 1))[:count]
        for turn in range(times + 1):
            for name, answer in answers.items():
                found = timed(partial(answer, asked))
                if turn:  # the first is for warming up
                    taken[name].setdefault(count, []).append(found)
    return {name: medians(by_count) for name, by_count in taken.items()}


if __name__ == "__main__":
    main()
