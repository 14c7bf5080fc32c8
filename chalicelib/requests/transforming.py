"""Batch transforms: a model's own containers asked about the test rows, where no endpoint is kept.

What is asked lies beside the prepared data, a request each with its header (`jobs.prepare`), so that a file goes to the
model as it is: cut by lines, only the first piece would have the header.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib import names, transform_names
from chalicelib.deployment import DeploymentSettings
from chalicelib.instances import for_transforms
from chalicelib.names import Step, StepName
from chalicelib.records.run import LiveModel, Run
from chalicelib.requests import protection
from chalicelib.requests.tags import of_run, tags
from chalicelib.serving_mode import Mode

if TYPE_CHECKING:
    from chalicelib.requests.processing import CheckRequest

_PAYLOAD_MB = 6
"""As an endpoint takes; a request has 1.5 MB at most (`jobs.tables.bodies`)."""
AT_A_TIME = 2
"""Requests that a transform makes at once."""


def asked_live(run: Run) -> LiveModel | None:
    """The model in service, where only a transform can ask it."""
    return run.live if run.live and run.live.mode is Mode.BATCH else None


def of_candidate(run: Run, deployment: DeploymentSettings, attempt: int) -> dict[str, Any]:
    """CreateTransformJob of the run's own model."""
    name = StepName(run.id, Step.CANDIDATE, attempt)
    return _of_run(run, deployment, str(name), names.model(run.id), transform_names.CANDIDATE, attempt)


def of_live(run: Run, live: LiveModel, deployment: DeploymentSettings, attempt: int) -> dict[str, Any]:
    """CreateTransformJob of the model in service, for the comparison."""
    name = transform_names.asked_live(StepName(run.id, Step.CANDIDATE, attempt))
    return _of_run(run, deployment, name, names.model(live.run), transform_names.LIVE, attempt)


def of_file(check: CheckRequest, deployment: DeploymentSettings, attempt: int) -> dict[str, Any]:
    """CreateTransformJob of the model in service, for the rows of a file in score/."""
    keys, tagged = check.keys, of_run(check.keys.dataset, check.model, check.keys.kind, deployment)
    asked, answered = f"{transform_names.asked_of_file(keys)}/", transform_names.answered_of_file(keys)
    model, instance = names.model(check.model), for_transforms(check.instance)
    return _transform(deployment, str(keys.job(attempt)), model, Folders(asked, answered), instance, tagged)


@dataclass(frozen=True, slots=True)
class Folders:
    """Keys of what a transform reads and writes."""

    asked: str
    answered: str


def _of_run(run: Run, deployment: DeploymentSettings, name: str, model: str, who: str, attempt: int) -> dict[str, Any]:
    asked, answered = transform_names.asked(run.id, who), transform_names.answered(run.id, who, attempt)
    instance, tagged = for_transforms(run.settings["instances"]["evaluate"]), tags(run, Step.CANDIDATE, deployment)
    return _transform(deployment, name, model, Folders(asked, answered.rstrip("/")), instance, tagged)


def _transform(
    deployment: DeploymentSettings, name: str, model: str, where: Folders, instance: str, tagged: list[dict[str, str]]
) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": deployment.uri(where.asked)}
    return {
        "TransformJobName": name,
        "ModelName": model,
        "MaxConcurrentTransforms": AT_A_TIME,
        "MaxPayloadInMB": _PAYLOAD_MB,
        "BatchStrategy": "SingleRecord",
        "ModelClientConfig": {"InvocationsTimeoutInSeconds": 600, "InvocationsMaxRetries": 3},
        "TransformInput": {
            "DataSource": {"S3DataSource": source},
            "ContentType": "text/csv",
            "SplitType": "None",
            "CompressionType": "None",
        },
        "TransformOutput": {
            "S3OutputPath": deployment.uri(where.answered),
            "Accept": "text/csv",
            "AssembleWith": "None",
            **protection.key("KmsKeyId", deployment),
        },
        "TransformResources": {
            "InstanceType": instance,
            "InstanceCount": 1,
            **protection.key("VolumeKmsKeyId", deployment),
        },
        "Tags": tagged,
    }
