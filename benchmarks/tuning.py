"""Tuning on the laptop against a plain loop around xgboost: 20 trials on 32,000 rows, both sides in one run.

The plain side reads the data once and trains the very hyperparameters the tuning tried, one after the other, with all
cores, in one process. Both sides run twice, by turns, and the better time of each counts: xgboost's threads wait by
spinning, so that a loop with all cores loses several times its own time whenever anything else runs on the machine.
The embedded cloud pays for a process, a reading of its inputs, an artifact and a dozen state changes for each trial,
and is to need at most 1.5 times as long (`python -m benchmarks.tuning` prints the ratio).
"""

import logging
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import xgboost
from moto.server import ThreadedMotoServer

from local.sagemaker import SageMaker

ROWS, FEATURES, TRIALS, ROUNDS = 32_000, 20, 20, 100
TARGET = 1.5
_BUCKET = "benchmark"
_STATIC = {"objective": "binary:logistic", "eval_metric": "auc", "num_round": str(ROUNDS), "seed": "7"}
_RANGES = {
    "IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "3", "MaxValue": "8"}],
    "ContinuousParameterRanges": [
        {"Name": "eta", "MinValue": "0.05", "MaxValue": "0.5", "ScalingType": "Logarithmic"},
        {"Name": "subsample", "MinValue": "0.5", "MaxValue": "1.0"},
    ],
}


def measure() -> dict[str, float]:
    """Seconds of both sides and their ratio (embedded cloud / plain loop)."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        with tempfile.TemporaryDirectory() as directory:
            return _measure(Path(directory), "http://{}:{}".format(*server.get_host_and_port()))
    finally:
        server.stop()


def _measure(directory: Path, url: str) -> dict[str, float]:
    files = {name: _table(directory / f"{name}.parquet", seed) for seed, name in enumerate(("train", "validation"))}
    s3 = boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="benchmark",
        aws_secret_access_key="benchmark",  # noqa: S106 - any word will do for moto,
    )
    s3.create_bucket(Bucket=_BUCKET)
    for name, path in files.items():
        s3.upload_file(str(path), _BUCKET, f"{name}/part.parquet")
    cloud = SageMaker(
        directory=directory, endpoint_url=url, region="us-east-1", account="123456789012", emit=lambda _: None
    )
    try:
        _tune(cloud, "warming", 1)  # the warm process has started by the time a relay comes to its tuning
        embedded_times, plain_times = [], []
        for turn in ("first", "second"):
            begun = time.perf_counter()
            tried = _tune(cloud, turn, TRIALS)
            embedded_times.append(time.perf_counter() - begun)
            begun = time.perf_counter()
            _loop(files, tried)
            plain_times.append(time.perf_counter() - begun)
    finally:
        cloud.close()
    embedded, plain = min(embedded_times), min(plain_times)
    return {"embedded_seconds": embedded, "plain_seconds": plain, "ratio": embedded / plain, "target": TARGET}


def _table(path: Path, seed: int) -> Path:
    random = np.random.default_rng(seed)
    rows = ROWS if seed == 0 else ROWS // 5
    features = random.normal(size=(rows, FEATURES)).astype(np.float32)
    weights = np.random.default_rng(99).normal(size=FEATURES)
    label = (features @ weights + random.normal(scale=2, size=rows) > 0).astype(np.float32)
    pq.write_table(pa.table({"label": label, **{f"f{i}": features[:, i] for i in range(FEATURES)}}), path)
    return path


def _tune(cloud: SageMaker, name: str, trials: int) -> list[dict[str, str]]:
    """Run a tuning to its end; the hyperparameters of its trials."""
    channels = [
        {
            "ChannelName": channel,
            "ContentType": "application/x-parquet",
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{_BUCKET}/{channel}/"}},
        }
        for channel in ("train", "validation")
    ]
    image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0"
    request: dict[str, Any] = {
        "HyperParameterTuningJobName": name,
        "HyperParameterTuningJobConfig": {
            "Strategy": "Bayesian",
            "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "validation:auc"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": trials, "MaxParallelTrainingJobs": os.cpu_count() or 1},
            "ParameterRanges": _RANGES,
            "RandomSeed": 7,
        },
        "TrainingJobDefinition": {
            "StaticHyperParameters": _STATIC,
            "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"},
            "RoleArn": "arn:aws:iam::123456789012:role/sagemaker",
            "InputDataConfig": channels,
            "OutputDataConfig": {"S3OutputPath": f"s3://{_BUCKET}/models/"},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        },
    }
    cloud.call("CreateHyperParameterTuningJob", request)
    question = {"HyperParameterTuningJobName": name}
    while (job := cloud.call("DescribeHyperParameterTuningJob", question))[
        "HyperParameterTuningJobStatus"
    ] == "InProgress":
        time.sleep(0.05)
    assert job["TrainingJobStatusCounters"]["Completed"] == trials, job.get("FailureReason")
    found = cloud.call("ListTrainingJobsForHyperParameterTuningJob", question | {"MaxResults": 100})
    return [trial["TunedHyperParameters"] for trial in found["TrainingJobSummaries"]]


def _loop(files: dict[str, Path], tried: list[dict[str, str]]) -> None:
    """The same trials, as one would write them in a notebook."""
    matrices = {}
    for name, path in files.items():
        table = pq.read_table(path).to_pandas().to_numpy()
        matrices[name] = xgboost.DMatrix(table[:, 1:], label=table[:, 0])
    for hyperparameters in tried:
        settings = {key: value for key, value in {**_STATIC, **hyperparameters}.items() if key != "num_round"}
        xgboost.train(
            settings,
            matrices["train"],
            num_boost_round=ROUNDS,
            evals=[(matrices["train"], "train"), (matrices["validation"], "validation")],
            verbose_eval=False,
        )


if __name__ == "__main__":
    result = measure()
    print(
        f"{TRIALS} trials on {ROWS:,} rows: embedded cloud {result['embedded_seconds']:.1f} s, plain loop "
        f"{result['plain_seconds']:.1f} s, ratio {result['ratio']:.2f} (target at most {TARGET})"
    )
