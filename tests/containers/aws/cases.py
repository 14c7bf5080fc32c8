"""Small training jobs for AWS's container source and the laptop's stand-in alike, and what of their ends is compared.

`tests/containers/aws/*.json` holds how they ended with AWS's source; `python -m tests.containers.aws.record` wrote it.
"""

from __future__ import annotations

import io
import json
import re
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet

from local.containers.rerooting import rerooted
from tests.containers.jobs import rows

HERE = Path(__file__).parent
SEED = 7
PYTHON = "/opt/venv/bin/python"
CHANNEL = {"TrainingInputMode": "File", "S3DistributionType": "FullyReplicated", "RecordWrapperType": "None"}
RESOURCES = {"current_host": "algo-1", "hosts": ["algo-1"], "network_interface_name": "eth0"}
OFFLINE = {"PIP_NO_BUILD_ISOLATION": "0"}
PROGRAM = {"sagemaker_program": "jobs.train", "sagemaker_submit_directory": "/opt/ml/input/data/code"}
TELLS = """
import json, os, sys
told = {name: text for name, text in os.environ.items() if name.startswith("SM_") or name in ("CURRENT_HOST",)}
seen = {"argv": sys.argv[1:], "name": __name__, "cwd": os.getcwd(), "first": sys.path[0], "told": told}
with open(os.path.join(os.environ["SM_MODEL_DIR"], "seen.json"), "w") as file:
    json.dump(seen, file)
"""
WRITES_A_FAILURE = """
import os, sys
with open(os.path.join(os.environ["SM_OUTPUT_DIR"], "failure"), "w") as file:
    file.write("mine")
sys.exit(3)
"""
ODD = {
    "eta": "0.10", "objective": "binary:logistic", "flag": "true", "list": "[1, 2]", "map": '{"b": 1, "a": "x"}',
    "none": "null", "k": "3", "quoted": '"text"', "path": "/opt/ml/input/data/train", "large": "12345678901234567890",
    "_tuning_objective_metric": "validation:auc", "sagemaker_container_log_level": "20", "sagemaker_mpi_extra": "5",
}  # fmt: skip
SCRIPTS: dict[str, dict[str, Any]] = {
    "tells": {"source": TELLS, "hyperparameters": ODD},
    "file": {"source": TELLS, "hyperparameters": {"sagemaker_program": "script.py", "num_round": "5"}},
    "archive": {"source": TELLS, "hyperparameters": {"sagemaker_submit_directory": "/opt/ml/input/data/code.tar.gz"}},
    "fails": {"source": WRITES_A_FAILURE, "hyperparameters": {"eta": "0.1"}},
    "raises": {"source": "1 / 0"},
    "killed": {"source": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"},
    "nowhere": {"source": TELLS, "hyperparameters": {"sagemaker_submit_directory": "/opt/ml/input/data/nothing"}},
    "no module": {"source": TELLS, "hyperparameters": {"sagemaker_program": "jobs.other"}},
    "isolated": {"source": TELLS, "environment": {"PIP_NO_BUILD_ISOLATION": "1"}},
}
_BINARY = {"num_round": "4", "objective": "binary:logistic", "nthread": "1", "seed": str(SEED), "max_depth": "3"}
FOLDED: dict[str, dict[str, Any]] = {
    "binary": {"data": "binary", "hyperparameters": {"_kfold": "3", "_num_cv_round": "2", "eval_metric": "auc,error"}},
    "accuracy": {"data": "binary", "hyperparameters": {"_kfold": "2", "eval_metric": "accuracy"}},
    "multiclass": {
        "data": "multiclass",
        "hyperparameters": {
            "_kfold": "3", "objective": "multi:softprob", "num_class": "3", "eval_metric": "merror",
            "early_stopping_rounds": "2",
        },
    },
    "numbers": {
        "data": "binary", "alone": True,
        "hyperparameters": {"_kfold": "4", "_num_cv_round": "2", "objective": "reg:squarederror"},
    },
    "no objective": {"data": "binary", "hyperparameters": {"_kfold": "3", "objective": None}},
}  # fmt: skip


def _laid_out(root: Path, hyperparameters: dict[str, Any], channels: dict[str, Any]) -> None:
    config = root / "input" / "config"
    for folder in (config, root / "model", root / "output" / "data"):
        folder.mkdir(parents=True)
    given = {name: text for name, text in hyperparameters.items() if text is not None}
    for name, content in (("hyperparameters", given), ("inputdataconfig", channels), ("resourceconfig", RESOURCES)):
        (config / f"{name}.json").write_text(json.dumps(content))


def script_job(root: Path, case: dict[str, Any], *, here: bool = False) -> None:
    """A job in script mode; `here`: with its paths moved already, for a container that moves none."""
    hyperparameters = PROGRAM | case.get("hyperparameters", {})
    _laid_out(root, rerooted(hyperparameters, root) if here else hyperparameters, {"train": CHANNEL, "code": CHANNEL})
    code = root / "input" / "data" / "code"
    (code / "jobs" / "train").mkdir(parents=True)
    (root / "input" / "data" / "train").mkdir()
    (code / "jobs" / "__init__.py").touch()
    (code / "jobs" / "train" / "__init__.py").touch()
    (code / "jobs" / "train" / "__main__.py").write_text(case["source"])
    (code / "script.py").write_text(case["source"])
    with tarfile.open(root / "input" / "data" / "code.tar.gz", "w:gz") as archive:
        archive.add(code, arcname=".")


def folded_job(root: Path, case: dict[str, Any]) -> None:
    """A job of the built-in algorithm with `_kfold`, whose files' names say their order."""
    data = rows(case["data"])
    cut = len(data) * 3 // 4
    parts = {"train": data[:cut]} if case.get("alone") else {"train": data[:cut], "validation": data[cut:]}
    channel = CHANNEL | {"ContentType": "application/x-parquet"}
    _laid_out(root, _BINARY | case["hyperparameters"], dict.fromkeys(parts, channel))
    for name, part in parts.items():
        folder = root / "input" / "data" / name
        folder.mkdir(parents=True)
        for place, half in enumerate(np.array_split(part, 2)):
            table = pa.table({str(column): half[:, column] for column in range(half.shape[1])})
            parquet.write_table(table, folder / f"{name}-{place}.parquet")


def ended(root: Path, code: int) -> dict[str, Any]:
    """What is compared of a script's job: exit code, the failure's first and last line, and what the script saw."""
    failure, seen = root / "output" / "failure", root / "model" / "seen.json"
    return {
        "code": code,
        "failure": _ends(failure.read_text()) if failure.exists() else None,
        "seen": _seen(json.loads(seen.read_text().replace(str(root), "/opt/ml"))) if seen.exists() else None,
        **({"says": failure.read_text().replace(str(root), "/opt/ml")} if _is_clients(failure) else {}),
    }


def _is_clients(failure: Path) -> bool:
    return failure.exists() and failure.read_text().startswith("ExecuteUserScriptError")


def _ends(text: str) -> str:
    return re.split(r"[:\n]", text)[0]


def _seen(seen: dict[str, Any]) -> dict[str, Any]:
    """Without what is the machine's: how many cores it has."""
    told = seen["told"]
    told.pop("SM_NUM_CPUS", None)
    told["SM_TRAINING_ENV"] = {k: v for k, v in json.loads(told["SM_TRAINING_ENV"]).items() if k != "num_cpus"}
    return seen


def folded(root: Path, code: int, printed: str) -> dict[str, Any]:
    """What is compared of a job with folds: the lines that SageMaker reads, the models, and the rows' predictions."""
    predictions = root / "output" / "data" / "predictions.csv"
    failure = root / "output" / "failure"
    return {
        "code": code,
        "lines": [line for line in printed.splitlines() if re.match(r"\[\d+\]\t", line)],
        "models": sorted(path.name for path in (root / "model").iterdir()),
        "predictions": np.loadtxt(io.StringIO(predictions.read_text()), delimiter=",")[::20].tolist()
        if predictions.exists()
        else None,
        "failure": failure.read_text().splitlines()[-1].strip() if failure.exists() else None,
    }
