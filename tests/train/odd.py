"""Tables that nobody would make and somebody has: drawn by a seed; and what their members say one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from jobs.ensemble.building import Served, Unit, Wanted
from jobs.ensemble.fitting import Library
from jobs.ensemble.problem import Problem
from jobs.ensemble.training import Table
from jobs.schema import Column
from tests.ensemble import tables

WORDS = [f"w{number} abc" for number in range(60)]
KINDS = (
    "missing", "constant", "huge", "infinite", "tiny", "far from 0", "plain", "boolean", "few words", "many words",
    "a word a row", "no word", "date", "no date",
)  # fmt: skip
NAMES = ("label", "a", "Label", "label ", "0", "f0", "[x]<y>", "é", "index", "a,b")
UNITS = (1.0, 1e12, 1e-9, 1e300, 1e-300, 0.0)


def odd(seed: int) -> Table:
    """Two to 200 rows, one to eight columns, any task; a class may have one row, or all of them."""
    draw = np.random.default_rng(seed)
    rows, count = int(draw.choice([2, 3, 5, 8, 20, 40, 200])), int(draw.choice([1, 1, 2, 4, 8]))
    names = [str(name) for name in draw.permutation(NAMES)[:count]]
    made = [_column(draw, rows, str(kind)) for kind in draw.choice(KINDS, count)]
    task = str(draw.choice(["binary", "multiclass", "regression"]))
    schema = tables.schema(task, str(draw.choice(["stratified", "stratified", "time", "group"])))
    schema["columns"] = [
        *(_described(name, **more) for name, (_, more) in zip(names, made, strict=True)),
        _described("answer", kind="target", used=False),
    ]
    if task == "regression":
        labels = (draw.normal(size=rows) + draw.choice([0, 5, 1e6])) * draw.choice(UNITS)
    else:
        classes = 2 if task == "binary" else int(draw.integers(3, 7))
        schema["classes"] = [f"c{place}" for place in range(classes)]
        schema["positive_class"] = f"c{draw.integers(2)}" if classes == 2 else None
        labels = draw.choice(classes, rows, p=draw.dirichlet(np.full(classes, 0.5))).astype(float)
    frame = pd.DataFrame({name: values for name, (values, _) in zip(names, made, strict=True)})
    return Table(frame, labels, min(max(1, int(rows * 0.8)), rows - 1), schema)


def decision(seed: int) -> dict[str, Any]:
    """What the settings might ask of it."""
    draw = np.random.default_rng(seed)
    optimize = str(draw.choice(["accuracy", "f1", "balanced_accuracy", "cost"]))
    costs = {"false_positive": 1.0, "false_negative": float(draw.choice([0.01, 5, 1000]))}
    return {"optimize": optimize, "costs": costs if optimize == "cost" else None, "threshold": "auto"}


def _described(name: str, **more: Any) -> Column:
    return cast("Column", {"name": name, "used": True, "why_unused": None, "missing": 0.0, "distinct": 3} | more)


def _column(draw: np.random.Generator, rows: int, kind: str) -> tuple[Any, dict[str, Any]]:
    if "date" in kind:
        moments = np.datetime64("1700-01-01", "ns") + draw.integers(0, 250 * 365, rows) * np.timedelta64(1, "D")
        moments[draw.random(rows) < (1 if kind == "no date" else 0.1)] = np.datetime64("NaT")
        return moments, {"kind": "date", "date_format": "%Y-%m-%d", "has_time": False}
    if "word" in kind:
        known = {"few words": WORDS[:4], "a word a row": [f"row {row} x" for row in range(rows)]}.get(kind, WORDS)
        codes = draw.permutation(rows) if kind == "a word a row" else draw.integers(-1, len(known), rows)
        codes = np.full(rows, -1) if kind == "no word" else codes
        dtype = pd.CategoricalDtype(pd.Index(known, dtype=object))
        return pd.Categorical.from_codes(codes.tolist(), dtype=dtype), {"kind": "categorical", "categories": known}
    if kind == "boolean":
        values = _with_gaps(draw, draw.integers(0, 2, rows).astype(float))
        return values, {"kind": "boolean", "true_words": ["y"], "false_words": ["n"]}
    return _numbers(draw, rows, kind), {"kind": "numeric"}


def _numbers(draw: np.random.Generator, rows: int, kind: str) -> npt.NDArray[np.float64]:
    plain = draw.normal(size=rows)
    match kind:
        case "missing":
            return np.full(rows, np.nan)
        case "constant":
            return np.full(rows, 3.0)
        case "huge":
            return np.asarray(plain * 10.0 ** draw.choice([30, 38, 39, 300], rows))
        case "infinite":
            return np.where(draw.random(rows) < 0.3, np.copysign(np.inf, plain), plain)
        case "tiny":
            return np.asarray(plain * 1e-30)
        case "far from 0":
            return np.asarray(plain + 1e9)
        case _:
            return _with_gaps(draw, plain)


def _with_gaps(draw: np.random.Generator, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.where(draw.random(len(values)) < 0.1, np.nan, values)


def as_rows(of: Table) -> list[dict[str, str | None]]:
    """The rows as a request has them."""
    columns = [column for column in of.schema["columns"] if column["used"]]
    texts = [_texts(of.frame[column["name"]], column["kind"]) for column in columns]
    return [dict(zip([column["name"] for column in columns], row, strict=True)) for row in zip(*texts, strict=True)]


def _texts(series: Any, kind: str) -> list[str | None]:
    written: dict[str, Callable[[Any], str]] = {
        "numeric": lambda value: repr(float(value)),
        "boolean": lambda value: "y" if value else "n",
        "categorical": str,
        "date": lambda value: str(value)[:10],
    }
    return [None if pd.isna(value) else written[kind](value) for value in series]


@dataclass(frozen=True)
class Computed:
    """What the members say one by one, before anything is merged or written."""

    problem: Problem
    library: Library
    served: Served
    unit: Unit
    wanted: Wanted

    def margins(self, matrix: npt.NDArray[np.float32], document: dict[str, Any]) -> npt.NDArray[np.float64]:
        """Calibrated, in the unit that is learned in."""
        weights = {one["name"]: one["weight"] for one in document["members"]}
        layout, scaling = self.served.layout, self.served.scaling
        total = np.zeros(1)
        for fitted in self.library.fitted:
            if not weights[fitted.name]:
                continue
            one = self.served.of(fitted)
            share = weights[fitted.name] / len(one.trees or one.lines)
            for block, trees in enumerate(one.trees):
                total = total + share * trees.margins(np.ascontiguousarray(matrix[:, layout.of_block(block)]))
            for block, line in enumerate(one.lines):
                own = layout.of_block(block)
                total = total + share * line.margins(scaling.of(own).apply(matrix[:, own]))
        calibration = document["calibration"]
        return np.asarray(total * calibration["scale"] + np.array(calibration["shift"]))
