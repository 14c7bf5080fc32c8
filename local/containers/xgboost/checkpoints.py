"""Models saved while training goes on: checkpoints to resume from, and the model so far for a job that is stopped.

A checkpoint is `xgboost-checkpoint.<iteration>`; the newest five stay; training resumes after the newest. That is what
SageMaker documents and what the container *reads*. The container's present source *writes* differently (XGBoost's own
TrainingCheckPoint with an interval of 0: a single `xgboost-checkpoint_0.ubj`, which it never finds again), so that an
interrupted spot training there starts over; here the documented behaviour is kept, because it is what settings promise.
"""

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import xgboost

MODEL = "xgboost-model"
KEPT = 5
_NAME = re.compile(r"^xgboost-checkpoint\.(\d+)$")


def newest(directory: Path | None) -> tuple[Path | None, int]:
    """The checkpoint to resume from and the number of rounds it already holds; (None, 0) without one."""
    found = sorted(_checkpoints(directory)) if directory is not None and directory.is_dir() else []
    return (found[-1][1], found[-1][0] + 1) if found else (None, 0)


def _checkpoints(directory: Path) -> Iterator[tuple[int, Path]]:
    for path in directory.iterdir():
        match = _NAME.match(path.name)
        if match:
            yield int(match[1]), path


class SaveCheckpoint(xgboost.callback.TrainingCallback):
    """Saves the model after every round; deletes all but the newest."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:  # noqa: ARG002
        iteration = model.num_boosted_rounds() - 1
        replace_model(model, self._directory / f"xgboost-checkpoint.{iteration}")
        for old, path in list(_checkpoints(self._directory)):
            if old <= iteration - KEPT:
                path.unlink(missing_ok=True)
        return False


class SaveModelSoFar(xgboost.callback.TrainingCallback):
    """Saves the model after every round as the job's model, so that a job that is stopped leaves one."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:  # noqa: ARG002
        replace_model(model, self._path)
        return False


def replace_model(model: Any, path: Path) -> None:
    """Save in one step: whoever reads or is killed meanwhile finds the old file or the new one, whole."""
    unfinished = path.with_name(f".{path.name}.sagemaker-ignore.ubj")
    try:
        model.save_model(unfinished)
        os.replace(unfinished, path)  # noqa: PTH105 - the point is that it is one step
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
