"""Run the cases with AWS's container source, and keep how they ended.

    python -m tests.containers.aws.record FOLDER...

The FOLDERs are those of `container.py`: `src` of checkouts of aws/sagemaker-containers (2.8.6) and of
aws/sagemaker-xgboost-container, and where pip has put `inotify_simple` and `retrying`.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from local.containers.xgboost.script import ScriptService
from tests.containers.aws import ours
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
from tests.containers.aws.serving_cases import (
    FOLDS,
    PLACES,
    REQUESTS,
    folded_model,
    folded_requests,
    packed,
    script_model,
)
from tests.containers.aws.serving_cases import SCRIPTS as SERVED


def main(folders: list[str]) -> None:
    with tempfile.TemporaryDirectory() as place:
        scripts = {name: _script(Path(place) / name / "ml", case, folders) for name, case in SCRIPTS.items()}
        folds = {name: _folds(Path(place) / f"{name}-folds" / "ml", case, folders) for name, case in FOLDED.items()}
        served = {name: _served(Path(place) / f"{name}-model" / "ml", case, folders) for name, case in SERVED.items()}
        several = {name: _several(Path(place) / f"{name}-several" / "ml", name, folders) for name in FOLDS}
        own = {name: _ours(Path(place) / f"{name}-ours" / "ml", name, folders) for name in ours.CASES}
    kept = (("script_mode", scripts), ("kfold", folds), ("serving", served | several), ("ours", own))
    for name, content in kept:
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


def _served(root: Path, case: dict[str, Any], folders: list[str]) -> Any:
    script_model(root, case)
    return _answers(root, folders, REQUESTS, PLACES | OFFLINE | case.get("environment", {}))


def _several(root: Path, name: str, folders: list[str]) -> Any:
    folded_model(root, name)
    return _answers(root, folders, folded_requests(name), {})


def _ours(root: Path, name: str, folders: list[str]) -> Any:
    ours.our_job(root, name, here=True)
    done = _train(root, folders, OFFLINE)
    found = ours.ended(root, done.returncode, done.stdout)
    if not found["files"]:
        return found
    served = root.parent / "served" / "ml"  # another container than the one that trained
    shutil.copytree(root / "model", served / "model")
    told = _answers(served, folders, ours.REQUESTS, ours.ENVIRONMENT)
    same = told == ours.said(ScriptService(served / "model", ours.ENVIRONMENT))
    return found | {"answers": ours.kinds(told), "the stand-in answers the same bytes": same}


def _answers(root: Path, folders: list[str], asked: list[Any], environment: dict[str, str]) -> Any:
    places = {name: text.replace("/opt/ml", str(root)) for name, text in environment.items()}
    done = _run(["tests.containers.aws.serving", str(root), *folders], root, places, json.dumps(packed(asked)))
    return json.loads(done.stdout.splitlines()[-1])


def _train(root: Path, folders: list[str], environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return _run(["tests.containers.aws.container", str(root), str(SEED), *folders], root, environment)


def _run(
    argv: list[str], root: Path, environment: dict[str, str], given: str = ""
) -> "subprocess.CompletedProcess[str]":
    bare = {"PATH": "/usr/bin:/bin", "TRAINING_JOB_NAME": "mine", "AWS_DEFAULT_REGION": "us-east-1"}
    bare["PYTHONUNBUFFERED"] = "1"  # as in the image: `train` ends without flushing
    pip = {"PIP_NO_INDEX": "1", "PIP_TARGET": str(root.parent / "installed"), "PIP_CONFIG_FILE": os.devnull}
    return subprocess.run(
        [sys.executable, "-m", *argv],
        env=bare | pip | environment, input=given, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
