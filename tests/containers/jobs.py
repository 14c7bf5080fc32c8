"""Training jobs laid out as SageMaker lays them out, with a small honest dataset."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
from sklearn.datasets import load_breast_cancer, load_iris

TYPES = {"parquet": "application/x-parquet", "csv": "text/csv", "libsvm": None}
BINARY = {"num_round": "4", "objective": "binary:logistic", "eval_metric": "error", "nthread": "1"}


def rows(name: str = "binary") -> np.ndarray[Any, Any]:
    """(rows, label and features), shuffled."""
    features, labels = load_iris(return_X_y=True) if name == "multiclass" else load_breast_cancer(return_X_y=True)
    data = np.column_stack([labels, features]).astype(np.float32)
    return np.random.default_rng(5).permutation(data)


def job(
    root: Path, hyperparameters: dict[str, str], *, form: str = "parquet", data: Any = None, checkpoints: bool = False
) -> Path:
    """`/opt/ml` of a job with train and validation channels."""
    data = rows() if data is None else data
    config = root / "input" / "config"
    config.mkdir(parents=True)
    content_type = {"ContentType": TYPES[form]} if TYPES[form] else {}
    channel = {"TrainingInputMode": "File", "S3DistributionType": "FullyReplicated", **content_type}
    (config / "hyperparameters.json").write_text(json.dumps(hyperparameters))
    (config / "inputdataconfig.json").write_text(json.dumps({"train": channel, "validation": channel}))
    if checkpoints:
        (config / "checkpointconfig.json").write_text(json.dumps({"LocalPath": "/opt/ml/checkpoints"}))
    cut = len(data) * 3 // 4
    for name, part in (("train", data[:cut]), ("validation", data[cut:])):
        folder = root / "input" / "data" / name
        folder.mkdir(parents=True)
        write(folder, part, form)
    return root


def write(folder: Path, part: Any, form: str) -> None:
    """Two files, so that reading only one is noticed."""
    for place, half in enumerate(np.array_split(part, 2)):
        if form == "parquet":
            parquet.write_table(
                pa.table({str(column): half[:, column] for column in range(half.shape[1])}), folder / f"{place}.parquet"
            )
        elif form == "csv":
            lines = [",".join("" if np.isnan(value) else f"{value:.9g}" for value in row) for row in half]
            (folder / f"{place}.csv").write_text("\n".join(lines) + "\n")
        else:
            lines = [
                " ".join([f"{row[0]:g}", *(f"{at}:{value:.9g}" for at, value in enumerate(row[1:]))]) for row in half
            ]
            (folder / f"{place}.libsvm").write_text("\n".join(lines) + "\n")


def metric_lines(printed: str) -> list[dict[str, float]]:
    """The printed rounds, by metric; fails on a line that SageMaker's own expressions would not find."""
    lines = [line for line in printed.splitlines() if line.startswith("[") and "\t" in line]
    for round_, line in enumerate(lines):
        assert re.match(rf"\[{round_}\](\t(train|validation)-[\w@.-]+:-?\d+\.\d{{5}})+$", line), line
    return [
        {name.replace("-", ":", 1): float(value) for name, value in re.findall(r"\t([\w@.-]+):(\S+)", line)}
        for line in lines
    ]
