"""The sagemaker SDK as a user's own program would use it: nothing here knows that the cloud is a laptop.

Run by test_sdk.py as a process of its own (`python -m tests.sagemaker.sdk_client`) with what the embedded cloud exports
in its environment; leaves what it saw as a JSON file. The classes of SDK 3 are used as they come: nothing of them is
patched, and role and bucket are those that its configuration names. Only their waiting is ours: theirs looks every half
minute.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
from sagemaker.core import image_uris
from sagemaker.core.helper.session_helper import Session
from sagemaker.core.parameter import ContinuousParameter, IntegerParameter
from sagemaker.core.resources import TrainingJob
from sagemaker.core.transformer import Transformer
from sagemaker.serve import ModelBuilder
from sagemaker.train import ModelTrainer
from sagemaker.train.configs import Compute, InputData, OutputDataConfig
from sagemaker.train.tuner import HyperparameterTuner

from tests.sagemaker import requests


def wait_for(status: Callable[[], str]) -> None:
    while status() in {"InProgress", "Creating"}:
        time.sleep(0.2)


def main(bucket: str) -> dict[str, Any]:
    session = Session()
    region = session.boto_region_name
    image = image_uris.retrieve("xgboost", region, version="3.2-0")
    inputs = [
        InputData(channel_name=name, data_source=f"s3://{bucket}/data/{name}/", content_type="text/csv")
        for name in ("train", "validation")
    ]
    trainer = ModelTrainer(
        training_image=image,
        sagemaker_session=session,
        base_job_name="sdk",
        compute=Compute(instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=5),
        hyperparameters=dict(requests.HYPERPARAMETERS),
        output_data_config=OutputDataConfig(s3_output_path=f"s3://{bucket}/out"),
    )
    trainer.train(input_data_config=inputs, wait=False)
    job = trainer._latest_training_job
    wait_for(lambda: job.refresh().training_job_status)
    tuner = HyperparameterTuner(
        model_trainer=trainer,
        objective_metric_name="validation:auc",
        objective_type="Maximize",
        hyperparameter_ranges={"eta": ContinuousParameter(0.05, 0.5), "max_depth": IntegerParameter(1, 6)},
        max_jobs=3,
        max_parallel_jobs=2,
    )
    tuner.tune(inputs=inputs, wait=False)
    wait_for(lambda: tuner.describe().hyper_parameter_tuning_job_status)
    builder = ModelBuilder(model=trainer, sagemaker_session=session, image_uri=image, instance_type="ml.m5.large")
    builder.build(model_name="sdk")
    endpoint = builder.deploy(endpoint_name="sdk", initial_instance_count=1, instance_type="ml.m5.large", wait=False)
    wait_for(lambda: endpoint.refresh().endpoint_status)
    answer = endpoint.invoke(body="3,1,0,0\n-3,-1,0,0", content_type="text/csv", accept="text/csv")
    boto3.client("s3").put_object(Bucket=bucket, Key="rows/a.csv", Body=b"7,3,1,0,0\n8,-3,-1,0,0\n")
    transformer = Transformer("sdk", 1, "ml.m5.large", assemble_with="Line", accept="text/csv",
                              output_path=f"s3://{bucket}/scored", sagemaker_session=session)  # fmt: skip
    transformer.transform(f"s3://{bucket}/rows/", content_type="text/csv", split_type="Line", input_filter="$[1:]",
                          join_source="Input", output_filter="$[0,-1]", wait=False)  # fmt: skip
    transform = transformer.latest_transform_job
    wait_for(lambda: transform.refresh().transform_job_status)
    scored = boto3.client("s3").get_object(Bucket=bucket, Key="scored/a.csv.out")["Body"].read().decode()
    seen = {
        "scored": [[float(cell) for cell in line.split(",")] for line in scored.split()],
        "training": job.training_job_status,
        "role": job.role_arn,
        "metrics": {item.metric_name: item.value for item in job.final_metric_data_list},
        "best": tuner.best_training_job(),
        "endpoint": endpoint.endpoint_status,
        "predictions": [float(line) for line in answer.body.read().decode().split()],
        "jobs": sorted(item.training_job_name for item in TrainingJob.get_all()),
        "default bucket": session.default_bucket(),
        "buckets": sorted(found["Name"] for found in boto3.client("s3").list_buckets()["Buckets"]),
    }
    endpoint.delete()
    return seen


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(main(sys.argv[1])))
