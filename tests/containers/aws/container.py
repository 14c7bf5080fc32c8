"""AWS's own container source as a process: `train` of sagemaker-containers 2.8.6 over an /opt/ml that lies elsewhere.

    python -m tests.containers.aws.container ROOT SEED FOLDER...

Runs whatever the job below ROOT asks for, as the image's `train` does, with the source in the FOLDERs: the `src` of
checkouts of aws/sagemaker-containers and aws/sagemaker-xgboost-container; where inotify_simple and retrying lie.
What a single machine without a GPU never calls (dask, MPI) need not be there. SEED is numpy's, which draws the folds.
"""

import collections.abc
import os
import runpy
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

import numpy as np

_NEVER_CALLED = (
    "sagemaker_xgboost_container.distributed_gpu", "sagemaker_xgboost_container.mms_patch",
    "sagemaker_xgboost_container.handler_service", "sagemaker_xgboost_container.algorithm_mode.handler_service",
    "gethostname",
)  # fmt: skip


class _Absent:
    """Finds modules that are only imported."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:  # noqa: ARG002
        return ModuleSpec(name, self) if name.startswith(_NEVER_CALLED) else None  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = MagicMock(name=spec.name)
        module.__path__ = []
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is in it."""


def prepare(root: str, folders: Sequence[str]) -> None:
    """Make this process one in which the source can be imported, with the image's variables."""
    collections.Mapping = collections.abc.Mapping  # type: ignore[attr-defined]  # as the image's Dockerfile patches it
    os.environ |= {
        "SAGEMAKER_BASE_DIR": root,
        "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": "python",
        "SAGEMAKER_TRAINING_MODULE": "sagemaker_xgboost_container.training:main",
        "SM_INPUT": f"{root}/input",
        "SM_MODEL_DIR": f"{root}/model",
        **{
            f"SM_{name}_CONFIG_FILE": f"{root}/input/config/{file}.json"
            for name, file in (
                ("INPUT_TRAINING", "hyperparameters"),
                ("INPUT_DATA", "inputdataconfig"),
                ("CHECKPOINT", "checkpointconfig"),
            )
        },
    }
    sys.path[:] = [*folders, *(part for part in sys.path if part not in ("", os.getcwd()))]  # noqa: PTH109 - its own form
    sys.meta_path.insert(0, _Absent())


def main(root: str, seed: str, *folders: str) -> None:
    """Never returns: `train` ends the process."""
    prepare(root, folders)
    np.random.seed(int(seed))  # the container draws from the global generator
    runpy.run_module("sagemaker_containers.cli.train", run_name="__main__")


if __name__ == "__main__":
    main(*sys.argv[1:])
