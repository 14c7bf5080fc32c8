"""Serves what a user's training script has left. Lies beside the script, in the model's archive.

In SageMaker's images it is the module that is loaded: `model_fn` and `transform_fn` are what their servers ask for.
The script's own `model_fn`, `input_fn`, `predict_fn` and `output_fn` are used where it has them, each for itself; else
`model.joblib` is loaded, rows become a table named as in training, and its `predict_proba` (classes) or `predict`
(numbers) answers. What goes out is CSV, one line a row: the probability of the second of two classes, of each class
where there are more, or the number.

Called as a program it asks the model about the first validation rows, as its endpoint will be asked: a training ends
with it. Imports at its top only Python's own library, numpy and pandas, which both images hold.
"""

from __future__ import annotations

import ast
import importlib
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

HERE = Path(__file__).resolve().parent
FUNCTIONS = ("model_fn", "input_fn", "predict_fn", "output_fn")
ASKED = 5


class WrongAnswerError(ValueError):
    """The model answers what cannot be given to a caller; the text says what it has to answer."""


class Served:
    """The script's functions, and what an answer has to be."""

    def __init__(self, folder: Path) -> None:
        told = json.loads((folder / "sagerelay.json").read_text(encoding="utf-8"))
        self.script, self.task, self.classes = told["script"], told["task"], told["classes"]
        self.own = _own(folder, self.script)
        self.model: Any = None

    def load(self, model_dir: str) -> Served:
        if "model_fn" in self.own:
            self.model = self.own["model_fn"](model_dir)
            return self
        path = Path(model_dir) / "model.joblib"
        if not path.is_file():
            raise WrongAnswerError(
                f"{self.script} left no model.joblib in SM_MODEL_DIR and has no model_fn that would load something "
                "else: write the one or the other."
            )
        self.model = importlib.import_module("joblib").load(path)  # of the image: nothing of ours is ever read by it
        return self

    def rows(self, data: str | bytes, content_type: str) -> Any:
        if "input_fn" in self.own:
            return self.own["input_fn"](data, content_type)
        text = data.decode("utf-8") if isinstance(data, (bytes, bytearray)) else data
        lines = [line.split(",") for line in text.splitlines() if line]
        matrix = np.array(lines, dtype=np.float64).astype(np.float32)
        return pd.DataFrame(matrix, columns=[f"f{place}" for place in range(matrix.shape[1])])

    def predict(self, rows: Any) -> Any:
        if "predict_fn" in self.own:
            return self.own["predict_fn"](rows, self.model)
        if self.task == "regression":
            return self.model.predict(rows)
        if not hasattr(self.model, "predict_proba"):
            raise WrongAnswerError(
                f"{type(self.model).__name__} has no predict_proba, and classes need a probability each: take a model "
                f"that has one, or give {self.script} a predict_fn."
            )
        return self.model.predict_proba(rows)

    def scores(self, predicted: Any, count: int) -> npt.NDArray[np.float64]:
        """(rows, 1), or (rows, classes) where there are more than two."""
        try:
            found = np.asarray(predicted, dtype=np.float64)
        except (TypeError, ValueError):
            raise WrongAnswerError(f"predict_fn of {self.script} answers something else than numbers.") from None
        found = found[:, None] if found.ndim == 1 else found
        width = self.classes if self.task == "multiclass" else 1
        if self.task == "binary" and found.ndim == 2 and found.shape[1] == 2:
            found = found[:, 1:]
        if found.shape != (count, width):
            wanted = {
                "regression": f"one number a row: ({count},)",
                "binary": f"the probability of the second class, or of both: ({count},) or ({count}, 2)",
            }.get(self.task, f"a probability for each of {self.classes} classes: ({count}, {self.classes})")
            raise WrongAnswerError(
                f"the model of {self.script} answers {count} rows by an array of the shape {np.shape(predicted)}; it "
                f"has to answer {wanted}."
            )
        if not np.isfinite(found).all():
            raise WrongAnswerError(f"the model of {self.script} answers numbers that are none (NaN or infinite).")
        if self.task != "regression" and ((found < 0) | (found > 1)).any():
            raise WrongAnswerError(f"the model of {self.script} answers probabilities outside 0 and 1.")
        return found

    def answer(self, data: str | bytes, content_type: str, accept: str) -> tuple[str, str]:
        text = data.decode("utf-8") if isinstance(data, (bytes, bytearray)) else data
        count = sum(1 for line in text.splitlines() if line)
        predicted = self.predict(self.rows(data, content_type))
        if "output_fn" in self.own:
            return self._checked(self.own["output_fn"](predicted, accept), count)
        return "".join(
            ",".join(f"{one:.9g}" for one in row) + "\n" for row in self.scores(predicted, count)
        ), "text/csv"

    def _checked(self, answered: Any, count: int) -> tuple[str, str]:
        """What an output_fn gives, as it may go to the decoder: CSV of the same numbers."""
        body = answered[0] if isinstance(answered, tuple) else answered
        text = body.decode("utf-8") if isinstance(body, (bytes, bytearray)) else str(body)
        lines = [line.split(",") for line in text.splitlines() if line]
        if len({len(line) for line in lines}) > 1:
            raise WrongAnswerError(f"output_fn of {self.script} answers lines of different lengths.")
        scores = self.scores(lines, count)
        return "".join(",".join(f"{one:.9g}" for one in row) + "\n" for row in scores), "text/csv"


def _own(folder: Path, script: str) -> dict[str, Callable[..., Any]]:
    """The script's functions for serving. Without any it is not imported: its top level may be a whole training."""
    tree = ast.parse((folder / script).read_bytes(), script)
    names = [one.name for one in tree.body if isinstance(one, ast.FunctionDef) and one.name in FUNCTIONS]
    names += [
        one.asname or one.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for one in node.names
        if (one.asname or one.name) in FUNCTIONS
    ]
    if not names:
        return {}
    module = importlib.import_module(script[: -len(".py")])
    return {name: getattr(module, name) for name in names}


def model_fn(model_dir: str) -> Served:
    """The server's first question."""
    folder = str(HERE)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    return Served(HERE).load(model_dir)


def transform_fn(model: Served, data: str | bytes, content_type: str, accept: str) -> tuple[str, str]:
    """(CSV, its media type). What it raises is status 500 of the endpoint, and stands in its log."""
    return model.answer(data, content_type, accept)


def _ask() -> int:
    """Ask the model about some validation rows."""
    folder = Path(os.environ["SM_CHANNEL_VALIDATION"])
    table = pd.concat([pd.read_parquet(path) for path in sorted(folder.glob("*.parquet"))[:1]])
    rows = table.drop(columns="label").head(ASKED).to_numpy(dtype=np.float64)
    body = "\n".join(",".join(f"{cell:.9g}" for cell in row) for row in rows)
    try:
        transform_fn(model_fn(os.environ["SM_MODEL_DIR"]), body, "text/csv", "text/csv")
    except WrongAnswerError as error:
        print(f"[script-answers] {error}", file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_ask())
