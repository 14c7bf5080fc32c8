"""Models, endpoint configurations and endpoints: encoder, algorithm and decoder in one inference pipeline.

The candidate and the live endpoint serve the same SageMaker model; they differ in name and in who calls them.
"""

from __future__ import annotations

from typing import Any

from chalicelib import names
from chalicelib.deployment import DeploymentSettings
from chalicelib.names import RunKeys, Step, StepName
from chalicelib.records.run import Run
from chalicelib.requests import protection
from chalicelib.requests.tags import of_dataset, tags

VARIANT = "AllTraffic"

_ANSWER_IN_CSV = {"SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv"}
"""What a container answers unless asked for something else; the image's own default is JSON."""

_STARTS_OFFLINE = {
    # pip's odd spelling: 0 means no isolation (1 means isolation), https://github.com/pypa/pip/issues/5735.
    "PIP_NO_BUILD_ISOLATION": "0",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}
"""In script mode the image runs `pip install .` on the model's code at every start (sagemaker-containers 2.8.6,
`_modules.install`, called by `_server.start`). Its pip, 26.1, builds in isolation: it fetches setuptools from PyPI
first, though the image holds it, and where there is no way to PyPI the container never comes up."""


def model(run: Run, deployment: DeploymentSettings) -> dict[str, Any]:
    """CreateModel: the pipeline of three containers."""
    return {
        "ModelName": names.model(run.id),
        "ExecutionRoleArn": deployment.role_arn,
        "Containers": containers(run, deployment),
        "InferenceExecutionConfig": {"Mode": "Serial"},
        "Tags": tags(run, Step.CANDIDATE, deployment),
        **protection.vpc(deployment),
    }


def containers(run: Run, deployment: DeploymentSettings) -> list[dict[str, Any]]:
    """Encoder, algorithm, decoder; the decoder is the encoder's artifact again, run the other way."""
    artifact, algorithm = deployment.uri(RunKeys(run.id).encoder), deployment.algorithms.of(run.settings)
    return [
        _script("encoder", "encode.py", artifact, deployment),
        {
            "ContainerHostname": "algorithm",
            "Image": algorithm.image(deployment.region),
            "ModelDataUrl": run.artifact,
            "Environment": dict(algorithm.serving_environment),
        },
        _script("decoder", "decode.py", artifact, deployment),
    ]


def candidate_config(run: Run, deployment: DeploymentSettings, attempt: int) -> dict[str, Any]:
    """CreateEndpointConfig of the candidate."""
    return _config(run, deployment, StepName(run.id, Step.CANDIDATE, attempt))


def candidate(run: Run, deployment: DeploymentSettings, attempt: int) -> dict[str, Any]:
    """CreateEndpoint of the candidate."""
    name = str(StepName(run.id, Step.CANDIDATE, attempt))
    return {"EndpointName": name, "EndpointConfigName": name, "Tags": tags(run, Step.CANDIDATE, deployment)}


def live_config(run: Run, deployment: DeploymentSettings, attempt: int) -> dict[str, Any]:
    """CreateEndpointConfig of the live endpoint for this run's model."""
    return _config(run, deployment, StepName(run.id, Step.LIVE, attempt))


def live(run: Run, deployment: DeploymentSettings, attempt: int) -> dict[str, Any]:
    """CreateEndpoint (or, without the tags, UpdateEndpoint) of the endpoint that callers use."""
    return {
        "EndpointName": names.live_endpoint(deployment.prefix, run.dataset),
        "EndpointConfigName": str(StepName(run.id, Step.LIVE, attempt)),
        "Tags": of_dataset(run.dataset, deployment),
    }


def _config(run: Run, deployment: DeploymentSettings, name: StepName) -> dict[str, Any]:
    chosen = run.settings["endpoint"]
    return {
        "EndpointConfigName": str(name),
        "ProductionVariants": [
            {
                "VariantName": VARIANT,
                "ModelName": names.model(run.id),
                "InitialInstanceCount": chosen["count"] if name.step is Step.LIVE else 1,
                "InstanceType": chosen["instance"],
                "InitialVariantWeight": 1.0,
            }
        ],
        "DataCaptureConfig": {
            "EnableCapture": chosen["capture_percentage"] > 0,
            "InitialSamplingPercentage": chosen["capture_percentage"],
            "DestinationS3Uri": deployment.uri("capture"),
            **protection.key("KmsKeyId", deployment),
            "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
            # Without these headers the captured data is base64.
            "CaptureContentTypeHeader": {
                "CsvContentTypes": ["text/csv"],
                "JsonContentTypes": ["application/json", "application/jsonlines"],
            },
        },
        **protection.key("KmsKeyId", deployment),
        "Tags": tags(run, name.step, deployment),
    }


def _script(hostname: str, program: str, artifact: str, deployment: DeploymentSettings) -> dict[str, Any]:
    return {
        "ContainerHostname": hostname,
        "Image": deployment.image,
        "ModelDataUrl": artifact,
        "Environment": {
            "SAGEMAKER_PROGRAM": program,
            "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
            **_ANSWER_IN_CSV,
            **_STARTS_OFFLINE,
        },
    }
