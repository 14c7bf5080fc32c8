"""Run the cases with AWS's container source, and keep how they ended.

    python -m tests.containers.aws.record FOLDER...

The FOLDERs are those of `container.py`: `src` of checkouts of aws/sagemaker-containers (2.8.6) and of
aws/sagemaker-xgboost-container, and where pip has put `inotify_simple` and `retrying`.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.containers.aws.cases import (
    FOLDED,
    HERE,
    OFFLINE,
    PYTHON,
    SCRIPTS,
    SEED,
    ended,
    folded,
    folded_job,
    script_job,
)


def main(folders: list[str]) -> None:
    with tempfile.TemporaryDirectory() as place:
        scripts = {name: _script(Path(place) / name / "ml", case, folders) for name, case in SCRIPTS.items()}
        folds = {name: _folds(Path(place) / f"{name}-folds" / "ml", case, folders) for name, case in FOLDED.items()}
    for name, content in (("script_mode", scripts), ("kfold", folds)):
        (HERE / f"{name}.json").write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")


def _script(root: Path, case: dict[str, Any], folders: list[str]) -> dict[str, Any]:
    script_job(root, case, here=True)
    done = _train(root, folders, OFFLINE | case.get("environment", {}))
    text = json.dumps(ended(root, done.returncode)).replace(sys.executable, PYTHON)
    return json.loads(text)


def _folds(root: Path, case: dict[str, Any], folders: list[str]) -> dict[str, Any]:
    folded_job(root, case)
    done = _train(root, folders, {})
    return folded(root, done.returncode, done.stdout)


def _train(root: Path, folders: list[str], environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    bare = {"PATH": "/usr/bin:/bin", "TRAINING_JOB_NAME": "mine", "AWS_DEFAULT_REGION": "us-east-1"}
    bare["PYTHONUNBUFFERED"] = "1"  # as in the image: `train` ends without flushing
    pip = {"PIP_NO_INDEX": "1", "PIP_TARGET": str(root.parent / "installed"), "PIP_CONFIG_FILE": os.devnull}
    return subprocess.run(
        [sys.executable, "-m", "tests.containers.aws.container", str(root), str(SEED), *folders],
        env=bare | pip | environment, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
