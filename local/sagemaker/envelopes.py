"""EventBridge envelopes in the shapes AWS documents and others have recorded. Pure: a state in, an envelope out.

What is odd here is odd on AWS: a tuning job in progress is called "Running", an endpoint's status is UPPER_SNAKE, tags
are a map, times are epoch milliseconds, unknown fields are explicit nulls, and a training event holds no metrics. A
handler that copes with these copes with the real ones.
"""

import re
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

Detail = dict[str, Any]

_TITLES = {
    "training-job": "Training Job",
    "processing-job": "Processing Job",
    "hyper-parameter-tuning-job": "HyperParameter Tuning Job",
    "transform-job": "Transform Job",
    "endpoint": "Endpoint",
    "endpoint-deployment": "Endpoint Deployment",
    "endpoint-config": "Endpoint Config",
    "model": "Model",
    "model-package": "Model Package",
}
# In the order of the recordings; a field that is not known yet is null.
_FIELDS = {
    "training-job": (
        "TrainingJobName TrainingJobArn TrainingJobStatus SecondaryStatus FailureReason HyperParameters "
        "AlgorithmSpecification RoleArn InputDataConfig OutputDataConfig ResourceConfig StoppingCondition "
        "CreationTime TrainingStartTime TrainingEndTime LastModifiedTime SecondaryStatusTransitions ModelArtifacts"
    ),
    "processing-job": (
        "ProcessingInputs ProcessingOutputConfig ProcessingJobName ProcessingResources StoppingCondition "
        "AppSpecification NetworkConfig RoleArn ExperimentConfig ProcessingJobArn ProcessingJobStatus FailureReason "
        "ProcessingEndTime ProcessingStartTime LastModifiedTime CreationTime"
    ),
    "hyper-parameter-tuning-job": (
        "HyperParameterTuningJobName HyperParameterTuningJobArn HyperParameterTuningJobConfig TrainingJobDefinition "
        "TrainingJobDefinitions HyperParameterTuningJobStatus CreationTime HyperParameterTuningEndTime "
        "LastModifiedTime TrainingJobStatusCounters ObjectiveStatusCounters FailureReason BestTrainingJob "
        "TuningJobCompletionReason TuningJobCompletionDetails"
    ),
    "transform-job": (
        "TransformJobName TransformJobArn TransformJobStatus FailureReason ModelName MaxConcurrentTransforms "
        "MaxPayloadInMB BatchStrategy Environment TransformInput TransformOutput TransformResources CreationTime "
        "TransformStartTime TransformEndTime"
    ),
    "endpoint": (
        "EndpointName EndpointArn EndpointConfigName ProductionVariants EndpointStatus FailureReason CreationTime "
        "LastModifiedTime"
    ),
    "endpoint-deployment": (
        "EndpointName EndpointArn EndpointConfigName ProductionVariants EndpointStatus CreationTime LastModifiedTime "
        "PendingDeploymentSummary"
    ),
    "endpoint-config": "EndpointConfigName EndpointConfigArn ProductionVariants CreationTime",
    "model": "ModelName ModelArn PrimaryContainer Containers ExecutionRoleArn CreationTime",
    "model-package": (
        "ModelPackageGroupName ModelPackageVersion ModelPackageArn CreationTime InferenceSpecification "
        "ModelPackageStatus ModelPackageStatusDetails CertifyForMarketplace ModelApprovalStatus MetadataProperties "
        "ModelMetrics CustomerMetadataProperties UpdatedModelPackageFields LastModifiedTime"
    ),
}


def state_change(
    kind: str, arn: str, detail: Detail, tags: dict[str, str], *, region: str, account: str, now: datetime
) -> Detail | None:
    """The envelope that tells of a thing's present state, or None for kinds of which AWS tells nothing."""
    if kind not in _TITLES:
        return None
    body = _plain({name: detail.get(name) for name in _FIELDS[kind].split()})
    if kind in _ADJUST:
        _ADJUST[kind](body, detail)
    if kind != "model-package":  # versioned packages cannot have tags
        body["Tags"] = dict(tags)
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": f"SageMaker {_TITLES[kind]} State Change",
        "source": "aws.sagemaker",
        "account": account,
        "time": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "resources": [arn],
        "detail": body,
    }


def upper_snake(status: str) -> str:
    """
    >>> upper_snake("InService"), upper_snake("UpdateRollbackFailed")
    ('IN_SERVICE', 'UPDATE_ROLLBACK_FAILED')
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", status).upper()


def _training(body: Detail, detail: Detail) -> None:
    if "TuningJobArn" in detail:  # rules tell children from others by the *presence* of this field
        body["TuningJobArn"] = detail["TuningJobArn"]
    body["VpcConfig"] = _plain(detail.get("VpcConfig", {}))


def _processing(body: Detail, _: Detail) -> None:
    body["ExperimentConfig"] = body["ExperimentConfig"] or {}
    for item in (body["ProcessingInputs"] or []) + (body["ProcessingOutputConfig"] or {}).get("Outputs", []):
        for side in ("S3Input", "S3Output"):
            place = item.get(side)
            if place:
                item[side] = {key: _enum(key, value) for key, value in place.items()}


def _enum(key: str, value: Any) -> Any:
    """S3DataType and its kind are upper case in events: MANIFEST_FILE, FULLYREPLICATED, CONTINUOUS, END_OF_JOB."""
    if key == "S3DataDistributionType":
        return value.upper()
    if key == "S3DataType":
        return {"S3Prefix": "S3_PREFIX", "ManifestFile": "MANIFEST_FILE"}.get(value, value)
    return upper_snake(value) if key in {"S3InputMode", "S3UploadMode", "S3CompressionType"} else value


def _tuning(body: Detail, _: Detail) -> None:
    if body["HyperParameterTuningJobStatus"] == "InProgress":
        body["HyperParameterTuningJobStatus"] = "Running"
    body["BestTrainingJob"] = body["BestTrainingJob"] or {}


def _endpoint(body: Detail, _: Detail) -> None:
    body["EndpointStatus"] = upper_snake(body["EndpointStatus"])


def _package(body: Detail, _: Detail) -> None:
    body["CertifyForMarketplace"] = bool(body["CertifyForMarketplace"])
    body["UpdatedModelPackageFields"] = body["UpdatedModelPackageFields"] or []


_ADJUST: dict[str, Callable[[Detail, Detail], None]] = {
    "training-job": _training,
    "processing-job": _processing,
    "hyper-parameter-tuning-job": _tuning,
    "endpoint": _endpoint,
    "endpoint-deployment": _endpoint,
    "model-package": _package,
}


def _plain(value: Any) -> Any:
    """A copy with times as epoch milliseconds."""
    if isinstance(value, datetime):
        return round(value.timestamp() * 1000)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
