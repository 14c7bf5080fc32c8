"""Small real models to evaluate: public data with made-up words, really trained, in the files of docs/formats.md."""

import csv
import io
import json
import tarfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xgboost
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine

from jobs.encoding import Encoder, write_artifact
from jobs.encoding.columns import Numeric
from jobs.encoding.words import OneHot

WARDS = ["north", "south, old", 'the "annexe"', "<b>east</b>"]
SOURCES = {"binary": load_breast_cancer, "multiclass": load_wine, "regression": load_diabetes}
CLASSES = {"binary": ["benign", "malignant"], "multiclass": ["barolo", "grignolino", "barbera"]}
LIVE = {"endpoint": "sagerelay-clinic", "run": "clinic-9f8e7d6c", "promoted": "2026-11-01T08:00:00Z"}
OBJECTIVES = {"binary": "binary:logistic", "multiclass": "multi:softprob", "regression": "reg:squarederror"}


@dataclass(frozen=True)
class Trained:
    """A booster, its schema, and raw rows (a ward in words, the numbers, and the target)."""

    booster: xgboost.Booster
    schema: Any
    train: pd.DataFrame
    test: pd.DataFrame
    history: dict[str, Any] = field(default_factory=dict)

    def answer(self, text: str) -> str:
        """What the endpoint says to a CSV request with a header."""
        raw = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
        found = self.booster.predict(xgboost.DMatrix(encoded(raw, self.schema)))
        if self.schema["task"] == "regression":
            return "\n".join(repr(float(value)) for value in found)
        chances = np.stack([1 - found, found], axis=1) if found.ndim == 1 else found
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        for row in chances.astype(float):
            writer.writerow([self.schema["classes"][int(row.argmax())], *(repr(value) for value in row.tolist())])
        return out.getvalue()


def encoded(raw: pd.DataFrame, schema: dict[str, Any]) -> Any:
    columns = []
    for feature, column in zip(schema["features"], schema["feature_columns"], strict=True):
        if "=" in feature:
            columns.append((raw[column] == feature.split("=", 1)[1]).to_numpy(float))
        else:
            columns.append(pd.to_numeric(raw[column], errors="coerce").to_numpy(float))
    return np.stack(columns, axis=1)


def encoder_of(schema: Any) -> Encoder:
    """The encoder that makes of text what `encoded` makes of a table."""
    words = OneHot("ward", {ward: place for place, ward in enumerate(WARDS)}, -1, -1, tuple(WARDS))
    return Encoder((words, *(Numeric(name) for name in schema["feature_columns"][len(WARDS) :])))


def raw_table(task: str) -> pd.DataFrame:
    source = SOURCES[task]()
    table = pd.DataFrame(source.data, columns=[str(name).replace(" ", "_") for name in source.feature_names])
    generator = np.random.default_rng(3)
    table.insert(0, "ward", generator.choice(WARDS, len(table)))
    if task == "regression":
        table["target"] = source.target + 12.0 * (table["ward"] == WARDS[0])
    elif task == "binary":
        table["target"] = np.where(source.target == 0, "malignant", "benign")
    else:
        table["target"] = np.array(CLASSES[task])[source.target]
    return table.sample(frac=1, random_state=5).reset_index(drop=True)


def schema_of(task: str, table: pd.DataFrame, rows: dict[str, int]) -> Any:
    numeric = [name for name in table.columns if name not in {"ward", "target"}]
    classes = CLASSES.get(task)
    columns: list[dict[str, Any]] = [
        {"name": "ward", "kind": "categorical", "used": True, "why_unused": None, "missing": 0.0, "distinct": 4,
         "categories": WARDS},
        *({"name": name, "kind": "numeric", "used": True, "why_unused": None, "missing": 0.0,
           "distinct": int(table[name].nunique()), "integer": False} for name in numeric),
        {"name": "target", "kind": "target", "used": False, "why_unused": None, "missing": 0.0,
         "distinct": int(table["target"].nunique())},
    ]  # fmt: skip
    return {
        "version": 1, "dataset": "clinic", "run": "clinic-1a2b3c4d", "task": task, "target": "target",
        "classes": classes, "positive_class": "malignant" if task == "binary" else None,
        "content_type": "application/x-parquet", "rows": rows,
        "class_counts": None if classes is None else {name: int((table["target"] == name).sum()) for name in classes},
        "split": {"how": "stratified", "column": None, "seed": 7}, "columns": columns,
        "features": [*(f"ward={ward}" for ward in WARDS), *numeric],
        "feature_columns": ["ward"] * len(WARDS) + numeric,
        "files": [{"key": "datasets/clinic/train/jan.csv", "rows": len(table), "format": "csv", "compression": None,
                   "encoding": "utf-8", "delimiter": ",", "decimal": "."}],
        "warnings": [{"code": "decimal-commas", "sentence": "The column <i>x</i> was read with decimal commas.",
                      "file": "datasets/clinic/train/jan.csv", "row": None, "column": "mean_area"}],
    }  # fmt: skip


def train(task: str, *, test_share: float = 0.4, rounds: int = 20, **parameters: Any) -> Trained:
    table = raw_table(task)
    held = int(len(table) * test_share)
    rows = {"read": len(table), "dropped": 0, "train": len(table) - held, "validation": 0, "test": held}
    schema = schema_of(task, table, rows)
    learn, test = table[held:], table[:held]
    label = learn["target"] if task == "regression" else learn["target"].map(CLASSES[task].index)
    settings = {"objective": OBJECTIVES[task], "max_depth": 3, "eta": 0.2, "nthread": 1, "seed": 1, **parameters}
    if task == "multiclass":
        settings["num_class"] = 3
    data = xgboost.DMatrix(encoded(learn, schema), label.to_numpy(float))
    return Trained(xgboost.train(settings, data, rounds), schema, learn, test)


def write_files(
    trained: Trained,
    folder: Path,
    *,
    live: bool = False,
    trials: dict[str, Any] | None = None,
    encoder: bool = False,
) -> list[str]:
    """The job's input files below `folder`, and the arguments that name them."""
    for name in ("context", "prepared", "test", "model", "live", "tuning"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "context/context.json").write_text(json.dumps(context_of(live=live)))
    (folder / "prepared/schema.json").write_text(json.dumps(trained.schema))
    trained.test.to_csv(folder / "test/test.csv", index=False)
    model = bytes(trained.booster.save_raw("ubj"))
    with tarfile.open(folder / "model/model.tar.gz", "w:gz") as archive:
        entry = tarfile.TarInfo("xgboost-model")
        entry.size = len(model)
        archive.addfile(entry, io.BytesIO(model))
    arguments = [
        "--context", str(folder / "context/context.json"), "--prepared", str(folder / "prepared"),
        "--test", str(folder / "test"), "--model", str(folder / "model"), "--output", str(folder / "output"),
    ]  # fmt: skip
    if live:
        (folder / "live/schema.json").write_text(json.dumps(trained.schema))
        arguments += ["--live-schema", str(folder / "live/schema.json")]
    if encoder:
        write_artifact(encoder_of(trained.schema), trained.schema, folder / "encoder/model.tar.gz")
        arguments += ["--encoder", str(folder / "encoder/model.tar.gz")]
    if trials is not None:
        (folder / "tuning/trials.json").write_text(json.dumps(trials))
        arguments += ["--trials", str(folder / "tuning/trials.json")]
    return arguments


def context_of(*, live: bool = False) -> Any:
    stages = [("preparing", 41, None), ("tuning", 312, 280), ("training", 25, 25), ("deploying", 95, None)]
    return {
        "version": 1, "run": "clinic-1a2b3c4d", "dataset": "clinic", "endpoint": "clinic-1a2b3c4d-candidate",
        "live": LIVE if live else None,
        "settings": {"target": "target", "task": None, "gate": {"metric": "auc", "minimum": 0.7},
                     "tuning": {"strategy": "Bayesian", "trials": 20, "parallel": 2}},
        "inputs": [{"key": "datasets/clinic/train/jan.csv", "size": 123456, "etag": "9b2cf535f27731c974343645a3985328",
                    "version_id": "3sL4kqtJlcpXroDTDmJ"}],
        "hyperparameters": {"eta": "0.2", "max_depth": "3", "num_round": "20", "objective": "binary:logistic"},
        "objective": {"metric": "validation:auc", "type": "Maximize"},
        "image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:3.2-0",
        "model_artifact": "s3://bucket/runs/clinic-1a2b3c4d/training/clinic-1a2b3c4d-train-1/output/model.tar.gz",
        "jobs": [{"stage": stage, "name": f"clinic-1a2b3c4d-{stage[:5]}-1", "started": "2026-11-22T10:00:00Z",
                  "ended": "2026-11-22T10:00:41Z", "seconds": seconds, "billable_seconds": billable}
                 for stage, seconds, billable in stages],
    }  # fmt: skip


def trials_of(count: int = 20, *, seed: int = 1) -> Any:
    """A tuning as trials.json has it: plausible, with a failed and a stopped trial among them."""
    generator = np.random.default_rng(seed)
    trials: list[dict[str, Any]] = []
    for number in range(count):
        eta, depth, subsample = (
            10 ** generator.uniform(-2, -0.3),
            int(generator.integers(2, 11)),
            generator.uniform(0.5, 1),
        )
        status = "Failed" if number == 3 else "Stopped" if number == 5 else "Completed"
        value = 0.985 - 0.03 * abs(np.log10(eta) + 0.8) - 0.002 * abs(depth - 5) + generator.normal(0, 0.003)
        trials.append(
            {"name": f"clinic-1a2b3c4d-tune-1-{number + 1:03d}-0a1b2c3d", "status": status,
             "hyperparameters": {"eta": f"{eta:.5f}", "max_depth": str(depth), "subsample": f"{subsample:.4f}",
                                 "booster": str(generator.choice(["gbtree", "dart"]))},
             "objective": None if status == "Failed" else round(value, 5), "seconds": 31, "billable_seconds": 30,
             "started": f"2026-11-22T10:{number % 60:02d}:00Z", "ended": f"2026-11-22T10:{number % 60:02d}:31Z",
             "failure_reason": "AlgorithmError: <script>alert(1)</script>" if status == "Failed" else None}
        )  # fmt: skip
    best = max((one for one in trials if one["objective"] is not None), key=lambda one: one["objective"])
    return {
        "version": 1, "tuning_job": "clinic-1a2b3c4d-tune-1", "strategy": "Bayesian",
        "objective": {"metric": "validation:auc", "type": "Maximize"}, "best": best["name"],
        "warm_start_parents": [], "trials": trials,
    }  # fmt: skip
