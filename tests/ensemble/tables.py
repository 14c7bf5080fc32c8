"""Small tables with known answers, typed as prepare types them."""

from typing import Any, cast

import numpy as np
import pandas as pd

from jobs.ensemble.training import Table
from jobs.schema import Column, Schema

NAMES = ("Aston", "Belmont", "Corfe", "Dover", "Elm", "Fox")
CITIES = [f"{kind} {name}" for kind in ("Old", "New", "Port") for name in NAMES]
CITIES += [f"{name} {number}" for name in ("Mill", "Hill") for number in range(10)]
CLASSES = {"binary": ["no", "yes"], "multiclass": ["high", "low", "mid"]}


def table(task: str, rows: int = 300, seed: int = 0, how: str = "stratified") -> Table:
    """Numbers with gaps, yes/no, few words, many words, and two dates; the answer follows from some of them."""
    draw = np.random.default_rng(seed)
    size = draw.normal(50, 20, rows)
    size[draw.random(rows) < 0.1] = np.nan
    noise, plan = draw.normal(size=rows), draw.integers(0, 3, rows)
    city, member = draw.integers(0, len(CITIES), rows), draw.integers(0, 2, rows).astype(float)
    begun = np.datetime64("2024-01-01", "ns") + draw.integers(0, 400, rows) * np.timedelta64(1, "D")
    ended = begun + draw.integers(1, 60, rows) * np.timedelta64(1, "D")
    lasted = (ended - begun) / np.timedelta64(1, "D")
    of_city = np.array([3.0 if "Port" in name else -1.0 for name in CITIES])[city]
    amount = np.nan_to_num(size, nan=50) / 20 + plan + of_city + lasted / 20 + draw.normal(0, 0.5, rows)
    frame = pd.DataFrame(
        {
            "size": size,
            "noise": noise,
            "member": member,
            "plan": pd.Categorical.from_codes(plan, dtype=pd.CategoricalDtype(["basic", "plus", "pro"])),
            "city": pd.Categorical.from_codes(city, dtype=pd.CategoricalDtype(CITIES)),
            "begun": begun,
            "ended": ended,
        }
    )
    frame.loc[::17, "plan"] = None
    if task == "regression":
        labels = 1e5 + 1e4 * amount
    elif task == "binary":
        labels = (amount > np.quantile(amount, 0.7)).astype(float)
    else:
        labels = np.digitize(amount, np.quantile(amount, [0.3, 0.6])).astype(float)
    return Table(frame, labels, int(rows * 0.8), schema(task, how))


def schema(task: str, how: str = "stratified") -> Schema:
    """What prepare says of it."""

    def column(name: str, kind: str, **more: Any) -> Column:
        plain = {"name": name, "kind": kind, "used": True, "why_unused": None, "missing": 0.0, "distinct": 3}
        return cast("Column", {**plain, **more})

    target: Column = column("answer", "target")
    target["used"] = False
    classes = CLASSES.get(task)
    return {
        "version": 1,
        "dataset": "towns",
        "run": "towns-1",
        "task": task,
        "target": "answer",
        "classes": classes,
        "positive_class": "yes" if task == "binary" else None,
        "algorithm": "auto",
        "content_type": "application/x-parquet",
        "rows": {},
        "class_counts": None,
        "split": {"how": how, "column": None, "seed": 7},
        "columns": [
            column("size", "numeric"),
            column("noise", "numeric"),
            column("member", "boolean", true_words=["y"], false_words=["n"]),
            column("plan", "categorical", categories=["basic", "plus", "pro"]),
            column("city", "categorical", categories=CITIES),
            column("begun", "date", date_format="%Y-%m-%d", has_time=False),
            column("ended", "date", date_format="%Y-%m-%d", has_time=False),
            target,
        ],
        "files": [],
    }


def as_text(frame: pd.DataFrame) -> tuple[list[str], list[list[str | None]]]:
    """The rows as a request has them."""
    cells = {
        "size": [None if np.isnan(value) else repr(float(value)) for value in frame["size"]],
        "noise": [repr(float(value)) for value in frame["noise"]],
        "member": ["y" if value else "n" for value in frame["member"]],
        "plan": [None if pd.isna(value) else str(value) for value in frame["plan"]],
        "city": [str(value) for value in frame["city"]],
        "begun": [str(value)[:10] for value in frame["begun"]],
        "ended": [str(value)[:10] for value in frame["ended"]],
    }
    return list(cells), [list(row) for row in zip(*cells.values(), strict=True)]
