"""Processing jobs: inputs from S3, one command, outputs to S3.

The command of the request runs as it stands, with /opt/ml moved to a directory of this machine and `python3` being this
Python. `python3 -m module` is forked from the warm process, since a second of importing pandas and scikit-learn is a
large part of a small job; everything else is started as it is. A job's last word is the file output/message.
"""

import json
import sys
import threading
from pathlib import Path
from typing import Any

from local.containers.rerooting import rerooted
from local.sagemaker import images
from local.sagemaker.machine import Machine, Threads, head
from local.sagemaker.objects import MissingInputError
from local.sagemaker.platform import DeniedToRoleError
from local.sagemaker.processes import Ending, Process, container_environment, supervise
from local.sagemaker.resource_registry import Kind, Record, now
from local.wire.errors import ApiError

LOG_GROUP = "/aws/sagemaker/ProcessingJobs"


class ProcessingJobs:
    """Creates, runs and stops processing jobs."""

    def __init__(self, machine: Machine, threads: Threads) -> None:
        self._machine = machine
        self._registry = machine.registry
        self._threads = threads

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreateProcessingJob."""
        _check(request, self._registry.region)
        self._machine.assumed(request["RoleArn"])
        name = request["ProcessingJobName"]
        arn = self._registry.arn(Kind.PROCESSING, name)
        begun = now()
        detail = {key: value for key, value in request.items() if key != "Tags"} | {
            "ProcessingJobArn": arn,
            "ProcessingJobStatus": "InProgress",
            "CreationTime": begun,
            "LastModifiedTime": begun,
        }
        taken = ApiError(
            "ResourceInUse",
            "Job name must be unique within an AWS account and region, and a job with this name already exists "
            f"({arn})",
        )
        record = self._registry.add(Kind.PROCESSING, name, detail, taken=taken, tags=request.get("Tags"))
        self._threads.begin(record, self._run)
        return {"ProcessingJobArn": arn}

    def stop(self, request: dict[str, Any]) -> dict[str, Any]:
        """StopProcessingJob."""
        record = self._registry.find(Kind.PROCESSING, request["ProcessingJobName"])
        if record is None:
            raise ApiError(
                "ValidationException", f"Could not find requested job with name: {request['ProcessingJobName']}"
            )
        if record.detail["ProcessingJobStatus"] == "InProgress":
            self._registry.change(record, ProcessingJobStatus="Stopping")
            self._threads.stop(record)
        return {}

    def _run(self, record: Record, stop: threading.Event) -> None:
        try:
            self._attempt(record, stop)
        except (MissingInputError, DeniedToRoleError) as error:
            self._finish(record, "Failed", FailureReason=str(error)[:1024])
        except Exception as error:  # noqa: BLE001 - our own mistakes are to SageMaker's users what theirs are: an internal error
            self._finish(record, "Failed", FailureReason=f"InternalServerError: {type(error).__name__}: {error}"[:1024])
        finally:
            stream = f"{record.name}/algo-1-{int(record.detail['CreationTime'].timestamp())}"
            self._machine.logs.ship(LOG_GROUP, stream, self._machine.log_file(record))
            self._machine.clear(record)

    def _attempt(self, record: Record, stop: threading.Event) -> None:
        root = self._machine.root(record)
        image = record.detail["AppSpecification"]["ImageUri"]
        self._machine.platform.require(record.detail["RoleArn"], image=image, logs=LOG_GROUP)
        # As for a training job: the instance is there and billed from when it begins to bring its inputs.
        self._registry.change(record, ProcessingStartTime=now())
        self._prepare(record, root)
        if stop.is_set():
            self._finish(record, "Stopped")
            return
        limit = record.detail.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", 86_400)
        outcome = supervise(self._start(record, root), stop=stop, seconds=limit)
        message = head(root / "output" / "message")
        fields = {"ExitMessage": message} if message else {}
        if outcome.ending is Ending.ITSELF and outcome.code == 0:
            self._upload(record, root)
            self._finish(record, "Completed", **fields)
            return
        self._upload(record, root, only="Continuous")
        if outcome.ending is Ending.ITSELF:
            code = outcome.code if outcome.code > 0 else 128 - outcome.code
            fields["FailureReason"] = f"AlgorithmError: See job logs for more information, exit code: {code}"
            self._finish(record, "Failed", **fields)
            return
        if outcome.ending is Ending.OVERTIME:
            fields["FailureReason"] = (
                f"ClientError: The job ran longer than its MaxRuntimeInSeconds of {limit} seconds."
            )
        self._finish(record, "Stopped", **fields)

    def _prepare(self, record: Record, root: Path) -> None:
        (root / "output").mkdir()
        (root / "config").mkdir()
        (root / "config" / "processingjobconfig.json").write_text(json.dumps(record.detail, default=str))
        (root / "config" / "resourceconfig.json").write_text(
            json.dumps({"current_host": "algo-1", "hosts": ["algo-1"]})
        )
        objects = self._machine.assumed(record.detail["RoleArn"]).objects
        for item in record.detail.get("ProcessingInputs", []):
            place = item["S3Input"]
            objects.download(place, Path(rerooted(place["LocalPath"], root)))
        for item in outputs(record.detail):
            Path(rerooted(item["S3Output"]["LocalPath"], root)).mkdir(parents=True, exist_ok=True)

    def _start(self, record: Record, root: Path) -> Process:
        application = record.detail["AppSpecification"]
        argv = rerooted(application["ContainerEntrypoint"] + application.get("ContainerArguments", []), root)
        environment = container_environment(
            **self._machine.assumed(record.detail["RoleArn"]).environment
            | rerooted(record.detail.get("Environment", {}), root),
            PROCESSING_JOB_ARN=record.arn,
            SAGERELAY_MESSAGE_FILE=str(root / "output" / "message"),
            HOME=str(root),
            TMPDIR=str(self._machine.scratch(record)),
        )
        log = self._machine.log_file(record)
        python = argv[0] in {"python3", "python", "/usr/bin/python3"}
        if python and argv[1] == "-m":
            return self._machine.forks.run(argv[2:], environment=environment, directory=root, log=log)
        command = [sys.executable, *argv[1:]] if python else argv
        return self._machine.forks.execute(command, environment=environment, directory=root, log=log)

    def _upload(self, record: Record, root: Path, only: str | None = None) -> None:
        objects = self._machine.assumed(record.detail["RoleArn"]).objects
        for item in outputs(record.detail):
            place = item["S3Output"]
            if only in {None, place.get("S3UploadMode")}:
                objects.upload_tree(Path(rerooted(place["LocalPath"], root)), place["S3Uri"])

    def _finish(self, record: Record, status: str, **fields: Any) -> None:
        self._registry.change(record, ProcessingJobStatus=status, ProcessingEndTime=now(), **fields)


def outputs(detail: dict[str, Any]) -> list[dict[str, Any]]:
    """The outputs that go to S3."""
    return [item for item in detail.get("ProcessingOutputConfig", {}).get("Outputs", []) if "S3Output" in item]


def _check(request: dict[str, Any], region: str) -> None:
    """Refuse what the service model cannot."""
    application = request["AppSpecification"]
    images.require_python(application["ImageUri"], region)
    if not application.get("ContainerEntrypoint"):
        raise ApiError(
            "ValidationException", "The image has no entrypoint of its own for processing: give a ContainerEntrypoint."
        )
    if request["ProcessingResources"]["ClusterConfig"]["InstanceCount"] != 1:
        raise ApiError("ResourceLimitExceeded", "The embedded cloud has one machine: InstanceCount must be 1.")
    sides = [item.get("S3Input") for item in request.get("ProcessingInputs", [])] + [
        item["S3Output"] for item in outputs(request)
    ]
    for side in sides:
        if side is None:
            raise ApiError(
                "ValidationException",
                "Every ProcessingInput needs an S3Input here; dataset definitions are not supported.",
            )
        path = side.get("LocalPath", "")
        if not path.startswith("/opt/ml/processing/") or ".." in path:
            raise ApiError("ValidationException", f"LocalPath {path!r} must be below /opt/ml/processing.")
    paths = [side["LocalPath"] for side in sides if side]
    if len(set(paths)) != len(paths):
        raise ApiError(
            "ValidationException", f"Every input and output needs a LocalPath of its own: {', '.join(paths)}"
        )
