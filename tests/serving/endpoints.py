"""A small trained pipeline on disk, as SageMaker would have unpacked it: encoder, algorithm, decoder."""

import json
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import xgboost

from chalicelib.records.run import Stage
from chalicelib.requests import endpoints
from jobs.encoding import Encoder, write_artifact
from local.containers.xgboost.checkpoints import replace_model
from tests.encoding.tables import labels, schema, table
from tests.relay.builders import DEPLOYMENT, run

HEADERS = {"Content-Type": "text/csv"}
ROW = "40,yes,pro,town 1,24.12.2020 10:00,7"


def trained(directory: Path, task: str = "binary", **parameters: Any) -> dict[str, Path]:
    """Model folders by container: encode, algorithm, decode."""
    frame = table()
    answers: Any = labels(frame)
    classes = ["no", "yes"]
    objective: dict[str, Any] = {"objective": "binary:logistic"}
    if task == "multiclass":
        classes = ["low", "mid, or so", "high"]
        answers = np.digitize(frame["age"].fillna(40), [35, 45])
        objective = {"objective": "multi:softprob", "num_class": 3}
    if task == "regression":
        answers = frame["age"].fillna(40).to_numpy() * 2
        objective = {"objective": "reg:squarederror"}
    details = schema(task, classes)
    encoder, matrix = Encoder.fit_encode(frame, details, answers)
    write_artifact(encoder, details, directory / "model.tar.gz")
    folders = {name: directory / name for name in ("encode", "algorithm", "decode")}
    for name in ("encode", "decode"):
        with tarfile.open(directory / "model.tar.gz") as archive:
            archive.extractall(folders[name], filter="data")
    folders["algorithm"].mkdir()
    booster = xgboost.train({**objective, "nthread": 1, **parameters}, xgboost.DMatrix(matrix, label=answers), 10)
    replace_model(booster, folders["algorithm"] / "xgboost-model")
    return folders


def script(program: str) -> dict[str, str]:
    """The environment of a script-mode container, as the relay sets it."""
    asked = [one["Environment"] for one in endpoints.containers(run(Stage.DEPLOYING, packed=False), DEPLOYMENT)]
    return dict(next(one for one in asked if one.get("SAGEMAKER_PROGRAM") == program))


def configuration(directory: Path, folders: dict[str, Path], **further: Any) -> Path:
    """The file that `python -m local.serving` reads."""
    environments = {"encode": script("encode.py"), "algorithm": {}, "decode": script("decode.py")}
    containers = [
        {"hostname": name, "image": "xgboost:3.2-0", "model_dir": str(folder), "environment": environments[name]}
        for name, folder in folders.items()
    ]
    content = {
        "endpoint": "churn",
        "variant": "AllTraffic",
        "containers": containers,
        "capture": None,
        "ready_file": str(directory / "ready.json"),
        "log_file": str(directory / "log.txt"),
        "workers": 1,
        **further,
    }
    path = directory / "config.json"
    path.write_text(json.dumps(content))
    return path
