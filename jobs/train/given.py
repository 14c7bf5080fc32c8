"""What the container hands a script: the environment of sagemaker-containers, read once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_OURS = ("objective", "num_class", "eval_metric", "nthread", "verbosity", "seed")
"""What follows from the task, the plan and the machine."""


@dataclass(frozen=True)
class Given:
    """Folders of channels, hyperparameters, and where to leave what."""

    train: Path
    validation: Path
    schema: Path
    plan: Path
    model: Path
    checkpoints: Path | None
    hyperparameters: dict[str, str]
    threads: int


def read_given(environment: Mapping[str, str]) -> Given:
    """Raises KeyError for a variable that is not there: then this is not such a container."""
    channels = {name: Path(environment[f"SM_CHANNEL_{name.upper()}"]) for name in ("train", "validation")}
    read = json.loads(environment["SM_HPS"])
    chosen = {name: value for name, value in read.items() if name not in _OURS and name[0] != "_"}
    return Given(
        **channels,
        schema=Path(environment["SM_CHANNEL_SCHEMA"]) / "schema.json",
        plan=Path(environment["SM_CHANNEL_PLAN"]) / "plan.json",
        model=Path(environment["SM_MODEL_DIR"]),
        checkpoints=_checkpoints(environment.get("SM_CHECKPOINT_CONFIG_FILE")),
        hyperparameters={name: str(value) for name, value in chosen.items() if not name.startswith("sagemaker_")},
        threads=int(environment.get("SM_NUM_CPUS", "1")),
    )


def _checkpoints(config: str | None) -> Path | None:
    if config is None or not Path(config).exists():
        return None
    return Path(json.loads(Path(config).read_text(encoding="utf-8")).get("LocalPath", "/opt/ml/checkpoints"))
