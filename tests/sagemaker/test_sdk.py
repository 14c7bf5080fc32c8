"""The sagemaker SDK, unchanged, and AWS's first example, step by step, against the embedded cloud."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local import stack
from local.cloud import EmbeddedCloud
from tests.local.silent_app import silent_app
from tests.sagemaker.requests import IMAGE

pytestmark = [
    pytest.mark.xdist_group("moto"),
    # moto leaves the buffers of copied and overwritten objects to the garbage collector
    pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning"),
]
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory, table: tuple[bytes, bytes]) -> Iterator[EmbeddedCloud]:
    with EmbeddedCloud(app_directory=silent_app(tmp_path_factory.mktemp("app"))) as cloud:
        s3 = cloud.client("s3")
        s3.create_bucket(Bucket="mine")
        for name, body in zip(("train", "validation"), table, strict=True):
            s3.put_object(Bucket="mine", Key=f"data/{name}/part.csv", Body=body)
            s3.put_object(Bucket="mine", Key=f"abalone/{name}", Body=libsvm(body))
        yield cloud


def libsvm(rows: bytes) -> bytes:
    cells = [line.split(",") for line in rows.decode().splitlines()]
    lines = (" ".join([row[0], *(f"{n}:{value}" for n, value in enumerate(row[1:], 1))]) for row in cells)
    return "\n".join(lines).encode()


def test_the_sdk_trains_tunes_and_serves(cloud: EmbeddedCloud, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.sagemaker.sdk_client", "mine", str(tmp_path / "seen.json")],
        cwd=REPOSITORY,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **cloud.environment},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-3000:]
    seen = json.loads((tmp_path / "seen.json").read_text())
    assert (seen["training"], seen["endpoint"]) == ("Completed", "InService")
    assert seen["role"] == stack.NOTEBOOK.role_arn
    assert 0.85 < seen["metrics"]["validation:auc"] < 1
    assert len(seen["jobs"]) == 4
    assert seen["best"] in seen["jobs"]
    assert seen["default bucket"] in seen["buckets"]
    high, low = seen["predictions"]
    assert high > 0.7 > 0.3 > low
    assert [row[0] for row in seen["scored"]] == [7, 8]
    assert [row[1] for row in seen["scored"]] == pytest.approx([high, low], abs=1e-6)


def channel(name: str, bucket_path: str) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": f"{bucket_path}/abalone/{name}"}
    source["S3DataDistributionType"] = "FullyReplicated"
    return {
        "ChannelName": name,
        "DataSource": {"S3DataSource": source},
        "ContentType": "libsvm",
        "CompressionType": "None",
    }


def ended(describe: Any, status: str, **name: str) -> dict[str, Any]:
    deadline = time.monotonic() + 120
    while (found := describe(**name))[status] in {"InProgress", "Creating"}:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return dict(found)


def test_awss_first_example_runs_with_a_bucket_of_ones_own(cloud: EmbeddedCloud) -> None:
    """Regression with the built-in XGBoost as AWS's notebook about abalones has it: libsvm, S3 by its https address."""
    sagemaker = cloud.client("sagemaker")
    role = cloud.client("iam").get_role(RoleName=stack.NOTEBOOK.role)["Role"]["Arn"]
    bucket_path = "https://s3-us-east-1.amazonaws.com/mine"
    definition = {
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "RoleArn": role,
        "OutputDataConfig": {"S3OutputPath": f"{bucket_path}/abalone/single-xgboost"},
        "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.m4.4xlarge", "VolumeSizeInGB": 5},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        "InputDataConfig": [channel("train", bucket_path), channel("validation", bucket_path)],
    }
    fixed = {"eta": "0.2", "gamma": "4", "min_child_weight": "6", "subsample": "0.7", "objective": "reg:squarederror"}
    sagemaker.create_training_job(
        TrainingJobName="abalone", **definition, HyperParameters={**fixed, "max_depth": "5", "num_round": "50"}
    )
    job = ended(sagemaker.describe_training_job, "TrainingJobStatus", TrainingJobName="abalone")
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert {item["MetricName"] for item in job["FinalMetricDataList"]} == {"train:rmse", "validation:rmse"}

    sagemaker.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName="abalone",
        HyperParameterTuningJobConfig={
            "Strategy": "Bayesian",
            "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "validation:rmse"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 2},
            "ParameterRanges": {"IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "1", "MaxValue": "6"}]},
        },
        TrainingJobDefinition={**definition, "StaticHyperParameters": {**fixed, "num_round": "20"}},
    )
    tuning = ended(
        sagemaker.describe_hyper_parameter_tuning_job,
        "HyperParameterTuningJobStatus",
        HyperParameterTuningJobName="abalone",
    )
    assert tuning["TrainingJobStatusCounters"]["Completed"] == 2

    container = {"Image": IMAGE, "ModelDataUrl": job["ModelArtifacts"]["S3ModelArtifacts"]}
    sagemaker.create_model(ModelName="abalone", ExecutionRoleArn=role, PrimaryContainer=container)
    variant = {"InstanceType": "ml.m4.xlarge", "InitialVariantWeight": 1, "InitialInstanceCount": 1}
    variant |= {"ModelName": "abalone", "VariantName": "AllTraffic"}
    sagemaker.create_endpoint_config(EndpointConfigName="abalone", ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="abalone", EndpointConfigName="abalone")
    assert ended(sagemaker.describe_endpoint, "EndpointStatus", EndpointName="abalone")["EndpointStatus"] == "InService"

    answer = cloud.client("sagemaker-runtime").invoke_endpoint(
        EndpointName="abalone", ContentType="text/x-libsvm", Body=b"0 1:3 2:1 3:0 4:0\n0 1:-3 2:-1 3:0 4:0"
    )
    high, low = (float(text) for text in answer["Body"].read().decode().replace(",", "\n").split())
    assert high > 0.7 > 0.3 > low
