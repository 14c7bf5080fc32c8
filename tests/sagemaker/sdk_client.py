"""The sagemaker SDK as a user's own program would use it: nothing here knows that the cloud is a laptop.

Run by test_sdk.py as a process of its own (`python -m tests.sagemaker.sdk_client`) with AWS_ENDPOINT_URL and
credentials in the environment; prints what it saw as one line of JSON. The SDK takes the address from that variable,
as boto3 does.
"""

import json
import sys
from typing import Any

from sagemaker.core.resources import Endpoint, EndpointConfig, HyperParameterTuningJob, Model, TrainingJob
from sagemaker.core.shapes import ContainerDefinition, ProductionVariant
from sagemaker.core.utils.code_injection.codec import transform

from tests.sagemaker import requests


def main() -> dict[str, Any]:
    job = TrainingJob.create(
        **transform(requests.training("sdk-training"), "CreateTrainingJobRequest"),
        tags=[{"key": "made-by", "value": "sdk"}],
    )
    job.wait(poll=1)
    tuning = HyperParameterTuningJob.create(
        **transform(requests.tuning("sdk-tuning", trials=3), "CreateHyperParameterTuningJobRequest")
    )
    tuning.wait(poll=1)
    container = ContainerDefinition(image=requests.IMAGE, model_data_url=job.model_artifacts.s3_model_artifacts)
    Model.create(model_name="sdk", primary_container=container, execution_role_arn=requests.ROLE)
    variant = ProductionVariant(
        variant_name="AllTraffic", model_name="sdk", initial_instance_count=1, instance_type="ml.m5.large"
    )
    EndpointConfig.create(endpoint_config_name="sdk", production_variants=[variant])
    endpoint = Endpoint.create(endpoint_name="sdk", endpoint_config_name="sdk")
    endpoint.wait_for_status("InService", poll=1)
    answer = endpoint.invoke(body="3,1,0,0\n-3,-1,0,0", content_type="text/csv", accept="text/csv")
    seen = {
        "training": job.training_job_status,
        "metrics": {item.metric_name: item.value for item in job.final_metric_data_list},
        "tuning": tuning.hyper_parameter_tuning_job_status,
        "best": tuning.best_training_job.training_job_name,
        "completed": tuning.training_job_status_counters.completed,
        "endpoint": endpoint.endpoint_status,
        "predictions": [float(line) for line in answer.body.read().decode().split()],
        "jobs": sorted(item.training_job_name for item in TrainingJob.get_all(name_contains="sdk-")),
    }
    endpoint.delete()
    return seen


if __name__ == "__main__":
    result = main()
    sys.stdout.write(json.dumps(result) + "\n")
