"""A small live model's documents and its traffic, made of a seed."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from jobs.drift.traffic import Baseline
from jobs.drift.window import Window
from jobs.metrics.predictions import Predictions
from jobs.performance_estimation import calibration
from jobs.profiles.describe import describe
from jobs.profiles.profile import Column, Reference
from jobs.profiles.training import dependence
from tests.capture.capturing import SCHEMA, record

PLANS = ["basic", "pro", "unknown"]
CONSTRAINTS: dict[str, Any] = {
    "version": 0.0,
    "features": [
        {"name": "age", "inferred_type": "Integral", "completeness": 0.98},
        {"name": "plan", "inferred_type": "String", "completeness": 1.0, "string_constraints": {"domains": PLANS}},
        {"name": "member", "inferred_type": "String", "completeness": 1.0},
        {"name": "note", "inferred_type": "String", "completeness": 1.0},
    ],
    "monitoring_config": {"datatype_check_threshold": 1.0, "domain_content_threshold": 1.0},
}
Rows = dict[str, Any]


def rows(count: int, seed: int, *, older: float = 0.0, new_plan: float = 0.0, unsure: bool = False) -> Rows:
    """Columns of `count` rows; what may be shifted is named."""
    chance = np.random.default_rng(seed)
    plan = chance.choice(PLANS, count, p=[0.6, 0.3, 0.1]).astype(object)
    plan[chance.random(count) < new_plan] = "brand new"
    age = np.round(chance.normal(40 + older, 10, count))
    age[chance.random(count) < 0.02] = np.nan
    positive = chance.beta(6, 6, count) if unsure else chance.beta(0.6, 0.9, count)
    return {
        "age": age,
        "plan": plan,
        "member": chance.choice(["Yes", "No"], count, p=[0.7, 0.3]).astype(object),
        "signed": np.array([f"2026-01-{day:02d}" for day in chance.integers(1, 29, count)], object),
        "positive": positive,
        "actual": (chance.random(count) < positive).astype(np.int64),
    }


def baseline(made: Rows | None = None, *, dependent: bool = False) -> tuple[dict[str, Any], dict[str, Any]]:
    """baseline.json and answers.json; `dependent`: it knows its rows' order of time, and how they hang together."""
    made = rows(6000, 1) if made is None else made
    kinds = {"age": "numeric", "plan": "categorical", "member": "boolean", "signed": "date"}
    columns = [
        Column(name, kind, made[name] if kind == "numeric" else pa.array(made[name])) for name, kind in kinds.items()
    ]
    chances = np.column_stack([1 - made["positive"], made["positive"]])
    predicted = chances.argmax(axis=1)
    answered = Predictions("binary", made["actual"], predicted, chances, 1)
    words = pa.array([SCHEMA["classes"][place] for place in predicted])
    parts = [Column("prediction", "categorical", words), Column("p(no)", "numeric", chances[:, 0])]
    parts.append(Column("p(yes)", "numeric", chances[:, 1]))
    answers = {
        "version": 1,
        "run": "r",
        "task": "binary",
        "classes": SCHEMA["classes"],
        "positive_class": "yes",
        "rows": len(predicted),
        "columns": describe(parts),
        "calibration": calibration(answered, SCHEMA),
    }
    document: dict[str, Any] = {"version": 1, "run": "r", "of": "training", "rows": 6000, "columns": describe(columns)}
    if dependent:
        references = [Reference.read(one) for one in document["columns"]]
        values = {one.name: one.values for one in columns}
        values["plan"], values["member"] = (values[name].dictionary_encode() for name in ("plan", "member"))
        document["dependence"] = dependence(references, values, ["signed"])
    return document, answers


def known(documents: tuple[dict[str, Any], Any]) -> Baseline:
    """The documents, parsed."""
    columns = tuple(Reference.read(column) for column in documents[0]["columns"])
    return Baseline(SCHEMA, columns, documents[1], frozenset({"age"}), dependence=documents[0].get("dependence"))


def records(made: Rows, *, per: int = 1, **about: Any) -> list[bytes]:
    """Capture records of rows, `per` rows each."""
    requests, answers = [], []
    for place, age in enumerate(made["age"]):
        number = "" if np.isnan(age) else f"{age:g}"
        requests.append(f"{number},{made['plan'][place]},{made['member'][place]},{made['signed'][place]},\n")
        positive = made["positive"][place]
        answers.append(f"{'yes' if positive > 0.5 else 'no'},{1 - positive:.9g},{positive:.9g}\n")
    starts = range(0, len(requests), per)
    return [record("".join(requests[at : at + per]), "".join(answers[at : at + per]), **about) for at in starts]


def window(files: Mapping[str, bytes], **changes: Any) -> Any:
    """window.json of some files."""
    return {
        "version": 1,
        "check": "churn-drift-2",
        "kind": "drift",
        "started": "2026-11-22T10:00:00Z",
        "dataset": "churn",
        "endpoint": "sagerelay-churn",
        "bucket": "b",
        "live": {"run": "churn-1a2b3c4d", "promoted": "2026-11-20T09:12:00Z"},
        "drill": None,
        "settings": {"min_rows": 100, "significance": 0.01, "distance": 0.05, "max_loss": 0.02, "metric": "auto"},
        "objects": [{"key": key, "size": len(body), "etag": f"tag-{key}"} for key, body in files.items()],
        "labels": [],
    } | changes


def asked(files: Mapping[str, bytes] | None = None, **changes: Any) -> Window:
    """The same, parsed."""
    return Window.read(window(files or {"f": b""}, **changes))


class Bucket:
    """S3 with these files; `broken` ones raise."""

    def __init__(self, files: Mapping[str, bytes], broken: Mapping[str, Exception] | None = None) -> None:
        self.files, self.broken = files, broken or {}

    def get_object(self, **request: Any) -> dict[str, Any]:
        if request["Key"] in self.broken:
            raise self.broken[request["Key"]]
        body = self.files[request["Key"]]
        if "Range" in request:
            first, last = request["Range"].removeprefix("bytes=").split("-")
            body = body[int(first) : int(last) + 1]
        return {"Body": io.BytesIO(body)}


def lay_out(folder: Path, files: Mapping[str, bytes], **changes: Any) -> list[str]:
    """The job's inputs as files, and the arguments that name them."""
    documents = baseline()
    inputs = {
        "window": window(files, **changes),
        "schema": SCHEMA,
        "baseline": documents[0],
        "constraints": CONSTRAINTS,
        "answers": documents[1],
    }
    arguments = []
    for name, document in inputs.items():
        (folder / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
        arguments += [f"--{name}", str(folder / f"{name}.json")]
    return [*arguments, "--previous", str(folder / "previous.json"), "--output", str(folder / "out")]
