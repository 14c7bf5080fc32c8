"""The same algorithm on a laptop's SageMaker: the relay's own requests are tuned, trained and served."""

import re
from collections.abc import Iterator
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from chalicelib import requests
from chalicelib.names import Step
from chalicelib.requests import endpoints
from local.containers import BUILT_IN, Registry
from local.sagemaker.processes import ForkServer
from local.wire.errors import ApiError
from tests.algorithms.test_another import HERE, chosen, learned
from tests.relay.builders import schema_read
from tests.sagemaker.conftest import Cloud, moto_url, table
from tests.sagemaker.requests import REGION
from tests.warm import Warm

__all__ = ["moto_url", "table"]
DEPLOYED = replace(HERE, region=REGION, bucket="of-another-algorithm")
OFFERED = Registry((*BUILT_IN.modules, "tests.algorithms.nearest.container"))
TUNED = learned(
    chosen("tuning: {trials: 3, objective: margin}"), replace(schema_read("binary"), content_type="text/csv")
)


@pytest.fixture(scope="module")
def cloud(
    moto_url: str,
    table: tuple[bytes, bytes],
    tmp_path_factory: pytest.TempPathFactory,
    warm: Warm,
) -> Iterator[Cloud]:
    cloud = Cloud(moto_url, tmp_path_factory.mktemp("sagemaker"), warm, OFFERED)
    cloud.s3.create_bucket(Bucket=DEPLOYED.bucket)
    for name, rows in zip(("train", "validation"), table, strict=True):
        cloud.s3.put_object(Bucket=DEPLOYED.bucket, Key=f"runs/{TUNED.id}/prepared/{name}/rows.csv", Body=rows)
    yield cloud
    cloud.sagemaker.close()


def started(cloud: Cloud, step: Step, run: Any) -> dict[str, Any]:
    """The answer-less call that starts a step, by its arguments."""
    (call,) = requests.start(step, 1, run, DEPLOYED)
    cloud.sagemaker.call("".join(word.capitalize() for word in call.operation.split("_")), call.arguments)
    return call.arguments


def test_the_relays_requests_are_tuned_trained_and_served(cloud: Cloud) -> None:
    tuning = cloud.tuned(started(cloud, Step.TUNE, TUNED)["HyperParameterTuningJobName"])
    assert tuning["HyperParameterTuningJobStatus"] == "Completed", tuning.get("FailureReason")
    best = tuning["BestTrainingJob"]
    run = replace(TUNED, hyperparameters=best["TunedHyperParameters"])
    trained = cloud.trained(started(cloud, Step.TRAIN, run)["TrainingJobName"])

    assert trained["TrainingJobStatus"] == "Completed"
    printed = {one["MetricName"]: one["Value"] for one in trained["FinalMetricDataList"]}
    assert printed["validation:accuracy"] > 0.7
    assert printed["validation:margin"] == best["FinalHyperParameterTuningJobObjectiveMetric"]["Value"]

    model = trained["ModelArtifacts"]["S3ModelArtifacts"]
    container = endpoints.containers(replace(run, artifact=model), DEPLOYED)[1]
    role = {"ExecutionRoleArn": DEPLOYED.role_arn}
    cloud.sagemaker.call("CreateModel", {"ModelName": "nearest", "PrimaryContainer": container, **role})
    variant = {"VariantName": "a", "ModelName": "nearest", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    config = {"EndpointConfigName": "nearest", "ProductionVariants": [variant]}
    cloud.sagemaker.call("CreateEndpointConfig", config)
    cloud.sagemaker.call("CreateEndpoint", {"EndpointName": "nearest", "EndpointConfigName": "nearest"})
    described = cloud.wait("DescribeEndpoint", "EndpointStatus", EndpointName="nearest")
    assert described["EndpointStatus"] == "InService", described
    asked = HTTPConnection(*cloud.sagemaker.endpoint_address("nearest"), timeout=30)
    asked.request("POST", "/invocations", b"2,1,0,0\n-2,-1,0,0\n", {"Content-Type": "text/csv"})
    high, low = map(float, asked.getresponse().read().split())
    asked.close()
    assert high > 0.7
    assert low < 0.3


def test_a_cloud_without_it_has_no_such_image(cloud: Cloud, tmp_path: Path, fork_server: ForkServer) -> None:
    without = Cloud(cloud.endpoint_url, tmp_path, Warm(fork_server))
    known = rf"stands in for {' or '.join(map(re.escape, BUILT_IN.images()))} of SageMaker's registry"
    with pytest.raises(ApiError, match=known):
        started(without, Step.TUNE, replace(TUNED, id="churn-00000001"))
    without.sagemaker.close()
