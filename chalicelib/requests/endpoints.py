"""Models, endpoint configurations and endpoints: one container, or encoder, algorithm and decoder in one pipeline.

The candidate and the live endpoint serve the same SageMaker model; they differ in name and in who calls them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib import names
from chalicelib.algorithms import images
from chalicelib.deployment import DeploymentSettings
from chalicelib.names import RunKeys, Step, StepName
from chalicelib.one_container import serves_alone
from chalicelib.records import own_code
from chalicelib.records.run import Run
from chalicelib.requests import protection, serverless
from chalicelib.requests.tags import of_dataset, tags
from chalicelib.serving_mode import Mode

VARIANT = "AllTraffic"

_ANSWER_IN_CSV = {"SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv"}
"""What a container answers unless asked for something else; the image's own default is JSON."""


def model(run: Run, deployment: DeploymentSettings) -> dict[str, Any]:
    """CreateModel: one container, or the pipeline of three."""
    only, *others = containers(run, deployment)
    if run.mode is Mode.SERVERLESS:  # of which a package in the registry, which may be served in any way, says nothing
        only["Environment"] |= serverless.environment(run, VARIANT, deployment)
    pipeline = {"Containers": [only, *others], "InferenceExecutionConfig": {"Mode": "Serial"}}
    return {
        "ModelName": _model(run),
        "ExecutionRoleArn": own_code.role(run, deployment),
        **(pipeline if others else {"PrimaryContainer": only}),
        "Tags": tags(run, Step.CANDIDATE, deployment),
        **protection.vpc(deployment),
    }


def _model(run: Run) -> str:
    """What is told to capture by itself is not made anew under its name: whoever is late would delete the new one."""
    return names.model(run.id, second=run.serverless_refused is not None)


def containers(run: Run, deployment: DeploymentSettings) -> list[dict[str, Any]]:
    """One that serves the model's archive as it is, where that holds everything.

    Otherwise encoder, algorithm, decoder; the decoder is the encoder's artifact again, run the other way.
    """
    artifact, algorithm = deployment.uri(RunKeys(run.id).encoder), deployment.algorithms.of(run.settings)
    if serves_alone(algorithm, run.artifact, run.id):
        return [_script("serve.py", run.artifact, algorithm.image(deployment.region), algorithm.serving_environment)]
    return [
        {"ContainerHostname": "encoder", **_script("encode.py", artifact, deployment.image)},
        {
            "ContainerHostname": "algorithm",
            "Image": algorithm.image(deployment.region),
            "ModelDataUrl": run.artifact,
            "Environment": dict(algorithm.serving_environment),
        },
        {"ContainerHostname": "decoder", **_script("decode.py", artifact, deployment.image)},
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
    variant = {"VariantName": VARIANT, "ModelName": _model(run)}
    if run.mode is Mode.SERVERLESS:
        # It has no instance, no volume for a key to lock, and no data capture of SageMaker's.
        return {
            "EndpointConfigName": str(name),
            "ProductionVariants": [variant | {"ServerlessConfig": serverless.config(run, name.step)}],
            "Tags": tags(run, name.step, deployment),
        }
    return {
        "EndpointConfigName": str(name),
        "ProductionVariants": [
            {
                **variant,
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


def _script(
    program: str, artifact: str | None, image: str, environment: Mapping[str, str] | None = None
) -> dict[str, Any]:
    return {
        "Image": image,
        "ModelDataUrl": artifact,
        "Environment": {
            "SAGEMAKER_PROGRAM": program,
            "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
            **_ANSWER_IN_CSV,
            **images.STARTS_OFFLINE,
            **(environment or {}),
        },
    }
