"""The channels of a training job as prepare and Lambda leave them, and what the container tells the script of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs.encoding.typed_rows import write_typed
from jobs.ensemble.training import Table

CHANNELS = ("train", "validation", "schema", "plan")
SMALL: Mapping[str, str] = {"eta": "0.3", "max_depth": "3", "num_round": "20", "early_stopping_rounds": "5"}
METRICS = {"binary": "logloss", "multiclass": "mlogloss", "regression": "rmse"}


def plan(of: Table, **changed: Any) -> dict[str, Any]:
    """What Lambda asks of a training of these rows."""
    task = of.schema["task"]
    whole = {
        "version": 1,
        "mode": "ensemble",
        "task": task,
        "metric": METRICS[task],
        "intermediate": False,
        "seed": 7,
        "members": [dict(SMALL)],
        "decision": {"optimize": "accuracy", "costs": None, "threshold": "auto"},
        "max_seconds": 3600,
        "answer_nodes": 2_000_000,
        "failures": "",
    }
    return whole | changed


@dataclass(frozen=True)
class Job:
    """An /opt/ml."""

    root: Path

    @property
    def model(self) -> Path:
        return self.root / "model"

    @property
    def checkpoints(self) -> Path:
        return self.root / "checkpoints"

    def channel(self, name: str) -> Path:
        return self.root / "input" / "data" / name

    def environment(self, hyperparameters: Mapping[str, Any] | None = None) -> dict[str, str]:
        """The container's variables that the script goes by."""
        given = {f"SM_CHANNEL_{name.upper()}": str(self.channel(name)) for name in CHANNELS}
        config = self.root / "input" / "config" / "checkpointconfig.json"
        return given | {
            "SM_HPS": json.dumps(dict(hyperparameters or {})),
            "SM_MODEL_DIR": str(self.model),
            "SM_NUM_CPUS": "1",
            "SM_CHECKPOINT_CONFIG_FILE": str(config),
        }


def laid_out(root: Path, of: Table, asked: Mapping[str, Any], *, checkpoints: bool = False) -> Job:
    """The job of a table, its first rows the training part."""
    job = Job(root)
    for name, rows in (("train", slice(0, of.train_rows)), ("validation", slice(of.train_rows, None))):
        write_typed(job.channel(name) / f"{name}.parquet", [(of.labels[rows], of.frame.iloc[rows])], of.schema)
    for name, content in (("schema", of.schema), ("plan", asked)):
        job.channel(name).mkdir(parents=True)
        (job.channel(name) / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    job.model.mkdir()
    if checkpoints:
        job.checkpoints.mkdir()
        config = root / "input" / "config"
        config.mkdir()
        (config / "checkpointconfig.json").write_text(json.dumps({"LocalPath": str(job.checkpoints)}))
    return job
