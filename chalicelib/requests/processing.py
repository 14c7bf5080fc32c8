"""Processing jobs: preparing and evaluating. How a job script is called stands in docs/formats.md."""

from __future__ import annotations

from typing import Any

from chalicelib.deployment import DeploymentSettings
from chalicelib.names import RunKeys, Step, StepName
from chalicelib.requests.tags import tags
from chalicelib.run import Run

INPUT = "/opt/ml/processing/input"
OUTPUT = "/opt/ml/processing/output"


def prepare(run: Run, deployment: DeploymentSettings, attempt: int) -> dict[str, Any]:
    """CreateProcessingJob for preparing: the pinned objects in, prepared/ out."""
    keys = RunKeys(run.id)
    arguments = ["--inputs", f"{INPUT}/inputs/inputs.json", "--output", f"{OUTPUT}/prepared"]
    inputs = {"inputs": keys.inputs}
    if run.live:
        arguments += ["--live-schema", f"{INPUT}/live/schema.json"]
        inputs["live"] = RunKeys(run.live.run).schema
    return _job(
        run, deployment, StepName(run.id, Step.PREPARE, attempt), "jobs.prepare", arguments, inputs,
        output=("prepared", keys.prepared), instance=run.settings["instances"]["prepare"],
    )  # fmt: skip


def evaluate(run: Run, deployment: DeploymentSettings, attempt: int) -> dict[str, Any]:
    """CreateProcessingJob for evaluating: held-out rows through the candidate's endpoint, metrics and report out."""
    keys = RunKeys(run.id)
    inputs = {
        "context": keys.context,
        "prepared": keys.schema,
        "test": f"{keys.prepared}/test/test.csv",
        "model": str(run.artifact).removeprefix(deployment.uri("")),
    }
    arguments = ["--context", f"{INPUT}/context/context.json", "--prepared", f"{INPUT}/prepared"]
    arguments += ["--test", f"{INPUT}/test", "--model", f"{INPUT}/model", "--output", f"{OUTPUT}/evaluation"]
    if run.trials:
        inputs["tuning"] = keys.trials
        arguments += ["--trials", f"{INPUT}/tuning/trials.json"]
    if run.live:
        inputs["live"] = RunKeys(run.live.run).schema
        arguments += ["--live-schema", f"{INPUT}/live/schema.json"]
    return _job(
        run, deployment, StepName(run.id, Step.EVALUATE, attempt), "jobs.evaluate", arguments, inputs,
        output=("evaluation", keys.evaluation), instance=run.settings["instances"]["evaluate"],
    )  # fmt: skip


def _job(
    run: Run,
    deployment: DeploymentSettings,
    name: StepName,
    module: str,
    arguments: list[str],
    inputs: dict[str, str],
    *,
    output: tuple[str, str],
    instance: str,
) -> dict[str, Any]:
    instances = run.settings["instances"]
    return {
        "ProcessingJobName": str(name),
        "AppSpecification": {
            "ImageUri": deployment.image,
            "ContainerEntrypoint": ["python3", "-m", module],
            "ContainerArguments": arguments,
        },
        "RoleArn": deployment.role_arn,
        "ProcessingInputs": [
            _input("code", deployment.uri(f"{deployment.code}/")),
            *(_input(input_name, deployment.uri(key)) for input_name, key in inputs.items()),
        ],
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": output[0],
                    "S3Output": {
                        "S3Uri": deployment.uri(output[1]),
                        "LocalPath": f"{OUTPUT}/{output[0]}",
                        "S3UploadMode": "EndOfJob",
                    },
                }
            ]
        },
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": instance, "VolumeSizeInGB": instances["volume_gb"]}
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": instances["max_runtime_minutes"] * 60},
        "Environment": {"PYTHONPATH": f"{INPUT}/code", "AWS_DEFAULT_REGION": deployment.region},
        "Tags": tags(run, name.step),
    }


def _input(name: str, uri: str) -> dict[str, Any]:
    return {
        "InputName": name,
        "S3Input": {
            "S3Uri": uri,
            "LocalPath": f"{INPUT}/{name}",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            "S3DataDistributionType": "FullyReplicated",
        },
    }
