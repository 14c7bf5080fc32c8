"""Training jobs: what is asked for, and its life from Starting to Completed in SageMaker's directory contract.

The algorithm is a stand-in of `local.containers`, run as a command of its own in a process forked
from a warm one: a trial costs no interpreter start, and yet dies alone. This module knows nothing of tuning, except
that a child may be given fewer threads and shares its inputs on disk with its siblings.
"""

import json
import math
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.containers.rerooting import rerooted
from local.containers.stand_in import StandIn
from local.sagemaker import metrics
from local.sagemaker.machine import CORES, Machine, Threads
from local.sagemaker.objects import MissingInputError
from local.sagemaker.platform import DeniedToRoleError
from local.sagemaker.processes import REPOSITORY, Ending, Outcome, container_environment, supervise
from local.sagemaker.resource_registry import Kind, Record, now
from local.sagemaker.training_requests import check, checkpoints, configuration, failure_reason
from local.wire.errors import ApiError

LOG_GROUP = "/aws/sagemaker/TrainingJobs"
_DONE = {"Completed": "Training job completed", "Failed": "Training job failed", "Stopped": "Training job stopped"}
_LAST = {"Completed", "Failed", "Stopped", "MaxRuntimeExceeded"}


@dataclass(frozen=True)
class Place:
    """Where one attempt of a job runs."""

    root: Path
    log: Path


class TrainingJobs:
    """Creates, runs and stops training jobs."""

    def __init__(self, machine: Machine, threads: Threads) -> None:
        self._machine = machine
        self._registry = machine.registry
        self._threads = threads

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreateTrainingJob."""
        check(request, self._registry.region, self._machine.offered)
        self._machine.assumed(request["RoleArn"])
        record = self.start(request)
        return {"TrainingJobArn": record.arn}

    def start(
        self,
        request: dict[str, Any],
        *,
        threads: int = CORES,
        tuning_arn: str | None = None,
        tuned: dict[str, str] | None = None,
    ) -> Record:
        """Record a checked job and set it going.

        `threads` is how many cores the algorithm is told it has; a child of a tuning comes with the tuning's ARN and
        the hyperparameters it was given to try.
        """
        name = request["TrainingJobName"]
        arn = self._registry.arn(Kind.TRAINING, name)
        taken = ApiError(
            "ResourceInUse",
            "Training job names must be unique within an AWS account and region, and a training job with this name "
            f"already exists ({arn})",
        )
        detail = {key: value for key, value in request.items() if key != "Tags"}
        begun = now()
        detail |= {
            "TrainingJobArn": arn,
            "TrainingJobStatus": "InProgress",
            "SecondaryStatus": "Starting",
            "CreationTime": begun,
            "LastModifiedTime": begun,
            "SecondaryStatusTransitions": [
                {"Status": "Starting", "StartTime": begun, "StatusMessage": "Starting the training job"}
            ],
        }
        if tuning_arn:
            detail["TuningJobArn"] = tuning_arn
        hidden: dict[str, Any] = {"threads": threads, "child": bool(tuning_arn)}
        if tuned is not None:
            hidden["tuned"] = tuned
        record = self._registry.add(Kind.TRAINING, name, detail, taken=taken, tags=request.get("Tags"), hidden=hidden)
        self._threads.begin(record, self._run)
        return record

    def stop(self, request: dict[str, Any]) -> dict[str, Any]:
        """StopTrainingJob."""
        record = self._registry.find(Kind.TRAINING, request["TrainingJobName"])
        if record is None:
            raise ApiError("ValidationException", "Requested resource not found.")
        if record.detail["TrainingJobStatus"] not in {"InProgress", "Stopping"}:
            status = record.detail["TrainingJobStatus"]
            raise ApiError(
                "ValidationException", f"The request was rejected because the training job is in status {status}."
            )
        self.halt(record)
        return {}

    def halt(self, record: Record) -> None:
        """Begin to stop a job that is in progress."""
        with self._registry.lock:
            if record.detail["TrainingJobStatus"] != "InProgress":
                return
            record.detail["TrainingJobStatus"] = "Stopping"
        self._move(record, "Stopping", "Stopping the training job")
        self._threads.stop(record)

    def log_file(self, record: Record) -> Path:
        """Where a job's standard output goes while it runs."""
        return self._machine.log_file(record)

    def tail(self, record: Record) -> metrics.Tail:
        """The metrics that a job prints, as they come."""
        definitions = record.detail["AlgorithmSpecification"].get("MetricDefinitions", ())
        return metrics.Tail(self.log_file(record), definitions, self._stand_in(record).metadata())

    def _stand_in(self, record: Record) -> StandIn:
        return self._machine.offered.of(record.detail["AlgorithmSpecification"]["TrainingImage"])

    def _run(self, record: Record, stop: threading.Event) -> None:
        """The whole life of one job, in its own thread."""
        slot = self._machine.slots
        while not slot.acquire(timeout=0.2):
            if stop.is_set():
                self._finish(record, "Stopped", "Stopped")
                return
        try:
            self._attempt(record, stop)
        except (MissingInputError, DeniedToRoleError) as error:
            self._finish(record, "Failed", "Failed", reason=str(error))
        except Exception as error:  # noqa: BLE001 - our own mistakes are to SageMaker's users what theirs are: an internal error
            self._finish(record, "Failed", "Failed", reason=f"InternalServerError: {type(error).__name__}: {error}")
        finally:
            slot.release()
            stream = f"{record.name}/algo-1-{int(record.detail['CreationTime'].timestamp())}"
            self._machine.logs.ship(LOG_GROUP, stream, self._machine.log_file(record))
            self._machine.clear(record)

    def _attempt(self, record: Record, stop: threading.Event) -> None:
        place = Place(self._machine.root(record), self._machine.log_file(record))
        image = record.detail["AlgorithmSpecification"]["TrainingImage"]
        self._machine.platform.require(record.detail["RoleArn"], image=image, logs=LOG_GROUP)
        if not stop.is_set():
            self._move(record, "Downloading", "Downloading input data", TrainingStartTime=now())
        self._prepare(record, place)
        if stop.is_set():
            self._finish(record, "Stopped", "Stopped")
            return
        self._move(record, "Training", "Training image download completed. Training in progress.")
        outcome = self._train(record, place, stop)
        reason = failure_reason(place.root, outcome)
        if reason is None and outcome.ending is Ending.ITSELF:
            self._move(record, "Uploading", "Uploading generated training model")
        artifact = self._upload(record, place)
        found = self.tail(record)
        status, secondary = {
            Ending.ITSELF: ("Completed", "Completed") if reason is None else ("Failed", "Failed"),
            Ending.STOPPED: ("Stopped", "Stopped"),
            Ending.OVERTIME: ("Stopped", "MaxRuntimeExceeded"),
        }[outcome.ending]
        self._finish(record, status, secondary, reason=reason, artifact=artifact, found=found.read())

    def _prepare(self, record: Record, place: Place) -> None:
        """Lay out /opt/ml as the container finds it."""
        root, detail = place.root, record.detail
        objects = self._machine.assumed(detail["RoleArn"]).objects
        for name in ("input/config", "input/data", "model", "output/data", "checkpoints"):
            (root / name).mkdir(parents=True)
        channels = detail.get("InputDataConfig", [])
        for name, content in configuration(detail).items():
            (root / "input" / "config" / name).write_text(json.dumps(content))
        for channel in channels:
            source = channel["DataSource"]["S3DataSource"]
            target = root / "input" / "data" / channel["ChannelName"]
            objects.download(source, target, shared=record.hidden["child"])
        if "CheckpointConfig" in detail:
            saved = checkpoints(detail, root)
            config = {"S3Uri": detail["CheckpointConfig"]["S3Uri"], "LocalPath": str(saved)}
            (root / "input" / "config" / "checkpointconfig.json").write_text(json.dumps(config))
            objects.restore(config["S3Uri"], saved)

    def _train(self, record: Record, place: Place, stop: threading.Event) -> Outcome:
        threads = str(record.hidden["threads"])
        environment = container_environment(
            **self._machine.assumed(record.detail["RoleArn"]).environment,
            **{"PYTHONPATH": str(REPOSITORY)} | rerooted(record.detail.get("Environment", {}), place.root),
            TRAINING_JOB_NAME=record.name,
            TRAINING_JOB_ARN=record.arn,
            SM_NUM_CPUS=threads,
            OMP_NUM_THREADS=threads,
            HOME=str(place.root),
            TMPDIR=str(self._machine.scratch(record)),
        )
        process = self._machine.forks.run(
            [self._stand_in(record).training, "--root", str(place.root)],
            environment=environment,
            directory=place.root,
            log=place.log,
        )
        limit = record.detail["StoppingCondition"].get("MaxRuntimeInSeconds", 86_400)
        return supervise(process, stop=stop, seconds=limit)

    def _upload(self, record: Record, place: Place) -> str | None:
        """Artifacts, further output and checkpoints to S3; returns the model's address if there is a model."""
        objects, detail = self._machine.assumed(record.detail["RoleArn"]).objects, record.detail
        base = f"{detail['OutputDataConfig']['S3OutputPath'].rstrip('/')}/{record.name}/output"
        if "CheckpointConfig" in detail:
            objects.upload_tree(checkpoints(detail, place.root), detail["CheckpointConfig"]["S3Uri"])
        if any((place.root / "output" / "data").iterdir()):
            objects.upload_archive(place.root / "output" / "data", f"{base}/output.tar.gz")
        if not any((place.root / "model").iterdir()):
            return None
        objects.upload_archive(place.root / "model", f"{base}/model.tar.gz")
        return f"{base}/model.tar.gz"

    def _move(self, record: Record, secondary: str, message: str, **fields: Any) -> None:
        """To the next secondary status; the one before ends at this moment."""
        at = now()
        with self._registry.lock:
            if (
                secondary in {"Downloading", "Training", "Uploading"}
                and record.detail["TrainingJobStatus"] == "Stopping"
            ):
                secondary, message = "Stopping", "Stopping the training job"
            past = [dict(step) for step in record.detail["SecondaryStatusTransitions"]]
            if past[-1]["Status"] != secondary:
                past[-1].setdefault("EndTime", at)
                past.append({"Status": secondary, "StartTime": at, "StatusMessage": message})
            if secondary in _LAST:
                past[-1]["EndTime"] = at
        self._registry.change(record, SecondaryStatus=secondary, SecondaryStatusTransitions=past, **fields)

    def _finish(
        self,
        record: Record,
        status: str,
        secondary: str,
        *,
        reason: str | None = None,
        artifact: str | None = None,
        found: Any = (),
    ) -> None:
        ended = now()
        fields: dict[str, Any] = {"TrainingJobStatus": status, "TrainingEndTime": ended}
        started = record.detail.get("TrainingStartTime")
        if started:
            seconds = max(1, math.ceil((ended - started).total_seconds()))
            fields |= {"TrainingTimeInSeconds": seconds, "BillableTimeInSeconds": seconds}
        if found:
            fields["FinalMetricDataList"] = metrics.final_metrics(found, ended)
        if artifact:
            fields["ModelArtifacts"] = {"S3ModelArtifacts": artifact}
        if status == "Failed":
            fields["FailureReason"] = (reason or "")[:1024]
        if "_tuning_objective_metric" in record.detail.get("HyperParameters", {}):
            objective = record.detail["HyperParameters"]["_tuning_objective_metric"]
            last = metrics.last_values(found)
            if objective in last:
                fields["FinalMetricDataList"].append(
                    {"MetricName": "ObjectiveMetric", "Value": last[objective], "Timestamp": ended}
                )
        self._move(record, secondary, fields.get("FailureReason", _DONE[status]), **fields)
