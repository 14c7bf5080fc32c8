"""SageMaker: calls made so that repeating them does no harm, and answers read as facts.

A name that is taken is success, because names are derived from run, step and attempt. For models, configurations and
endpoints SageMaker says so with a mere ValidationException; its wording is not looked at (AWS changes it), the object
itself is described instead.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib import names
from chalicelib.aws.errors import AlreadyThereError, BusyError, DeniedError, NotFoundError, RefusedError, translated
from chalicelib.events import JobRecord, StepCompleted, StepFailed
from chalicelib.names import CheckName, Step, StepName
from chalicelib.requests import Call
from chalicelib.watch.facts import CheckCompleted, CheckFailed

Fact = StepCompleted | StepFailed

_DESCRIBES = {
    "create_model": ("describe_model", "ModelName"),
    "create_endpoint_config": ("describe_endpoint_config", "EndpointConfigName"),
    "create_endpoint": ("describe_endpoint", "EndpointName"),
    "update_endpoint": ("describe_endpoint", "EndpointName"),
}
_UNSETTLED = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})
"""States in which an endpoint takes no update and no deletion."""


@dataclass(frozen=True, slots=True)
class SageMaker:
    """SageMaker behind steps. `client` is a boto3 SageMaker client."""

    client: Any
    prefix: str

    def ensure(self, call: Call) -> None:
        """Make a call that creates or updates; nothing happens when that was done before.

        Raises:
            RefusedError: SageMaker will never accept it.
            BusyError: a quota or a busy endpoint; the same call may succeed later.
        """
        try:
            with translated():
                getattr(self.client, call.operation)(**call.arguments)
        except AlreadyThereError:
            return
        except DeniedError:
            raise
        except NotFoundError as missing:
            raise RefusedError(str(missing)) from missing
        except RefusedError:
            if not self._is_done(call):
                raise

    def observe(self, run: str, dataset: str, step: Step, attempt: int) -> Fact | None:
        """What SageMaker says of this attempt of a step; None while it goes on, or is not there."""
        name = StepName(run, step, attempt)
        try:
            with translated():
                match step:
                    case Step.PREPARE | Step.EVALUATE:
                        return _processing(name, self.client.describe_processing_job(ProcessingJobName=str(name)))
                    case Step.TUNE:
                        answer = self.client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=str(name))
                        return _tuning(name, answer)
                    case Step.TRAIN:
                        return _training(name, self.client.describe_training_job(TrainingJobName=str(name)))
                    case Step.CANDIDATE | Step.LIVE:
                        return _endpoint(
                            name, self.client.describe_endpoint(EndpointName=self._endpoint(name, dataset))
                        )
        except DeniedError:
            raise
        except (NotFoundError, RefusedError):
            # Describing something that is not there is a ValidationException for some kinds of job.
            return None

    def check(self, name: CheckName) -> CheckCompleted | CheckFailed | None:
        """How a check's job ended; None while it goes on. One that is not there (any more) has failed."""
        about = (name.kind, name.ordinal, name.attempt)
        job = self._described("describe_processing_job", ProcessingJobName=str(name))
        if job is None:
            return CheckFailed(*about, "InternalServerError: its job is gone")
        match job["ProcessingJobStatus"]:
            case "Completed":
                return CheckCompleted(*about)
            case "Failed":
                return CheckFailed(*about, job.get("ExitMessage") or job.get("FailureReason") or "no reason was given")
            case "Stopped":
                return CheckFailed(*about, job.get("ExitMessage") or _STOPPED)
        return None

    def trials(self, tuning_job: str) -> tuple[str | None, list[dict[str, Any]]]:
        """The best training job's name, and every trial as trials.json has them."""
        job = self.client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=tuning_job)
        best = (job.get("BestTrainingJob") or {}).get("TrainingJobName")
        pages = self.client.get_paginator("list_training_jobs_for_hyper_parameter_tuning_job").paginate(
            HyperParameterTuningJobName=tuning_job, SortBy="CreationTime", SortOrder="Ascending"
        )
        summaries = [summary for page in pages for summary in page["TrainingJobSummaries"]]
        # One after the other, 750 trials would outlast the Lambda; more at once would be throttled.
        with ThreadPoolExecutor(max_workers=8) as several:
            return best, list(several.map(self._trial, summaries))

    def register(self, group: dict[str, Any], package: dict[str, Any]) -> None:
        """Create the run's package, and its group if need be; or set the approval of the one that is there."""
        name, status = package["ModelPackageGroupName"], package["ModelApprovalStatus"]
        existing = self._package(name, package["CustomerMetadataProperties"]["sagerelay_run"])
        if existing:
            current = self.client.describe_model_package(ModelPackageName=existing).get("ModelApprovalStatus")
            if current != status:
                self.client.update_model_package(ModelPackageArn=existing, ModelApprovalStatus=status)
            return
        try:
            with translated():
                self.client.create_model_package_group(**group)
        except (AlreadyThereError, RefusedError):
            self.client.describe_model_package_group(ModelPackageGroupName=name)
        try:
            with translated():
                self.client.create_model_package(**package)
        except AlreadyThereError:
            return

    def approval(self, group: str, run: str) -> bool | None:
        """Whether the run's package was approved (True) or rejected (False) by hand; None while it waits."""
        arn = self._package(group, run)
        if arn is None:
            return None
        status = self.client.describe_model_package(ModelPackageName=arn).get("ModelApprovalStatus")
        return {"Approved": True, "Rejected": False}.get(status)

    def remove_endpoint(self, name: str) -> None:
        """Delete an endpoint. One that is not there, or already going, is as good as deleted.

        Raises:
            BusyError: it is being created or updated, and cannot be deleted yet.
        """
        self._delete("delete_endpoint", EndpointName=name)
        left = self._described("describe_endpoint", EndpointName=name)
        if left and left["EndpointStatus"] in _UNSETTLED - {"Deleting"}:
            raise BusyError(f"the endpoint {name} is {left['EndpointStatus']}")

    def remove_endpoint_config(self, name: str) -> None:
        """Delete an endpoint configuration."""
        self._delete("delete_endpoint_config", EndpointConfigName=name)

    def remove_model(self, run: str) -> None:
        """Delete the SageMaker model of a run."""
        self._delete("delete_model", ModelName=names.model(run))

    def endpoint_config_of(self, endpoint: str) -> str | None:
        """The configuration an endpoint uses, or None when there is no such endpoint."""
        found = self._described("describe_endpoint", EndpointName=endpoint)
        return str(found["EndpointConfigName"]) if found else None

    def _delete(self, operation: str, **arguments: str) -> None:
        try:
            with translated():
                getattr(self.client, operation)(**arguments)
        except DeniedError:
            raise
        except (NotFoundError, RefusedError):
            return

    def _described(self, operation: str, **arguments: str) -> dict[str, Any] | None:
        try:
            with translated():
                found: dict[str, Any] = getattr(self.client, operation)(**arguments)
        except DeniedError:
            raise
        except (NotFoundError, RefusedError):
            return None
        return found

    def _is_done(self, call: Call) -> bool:
        if call.operation not in _DESCRIBES:
            return False
        describe, key = _DESCRIBES[call.operation]
        found = self._described(describe, **{key: call.arguments[key]})
        if found is None:
            return False
        wanted = call.arguments.get("EndpointConfigName")
        # While an update is under way, the configuration it leads to stands in the summary of what is pending.
        pending = (found.get("PendingDeploymentSummary") or {}).get("EndpointConfigName")
        if wanted is None or wanted in {found["EndpointConfigName"], pending}:
            return True
        if found.get("EndpointStatus") in _UNSETTLED:
            raise BusyError(f"the endpoint {call.arguments[key]} is {found['EndpointStatus']}")
        return False

    def _trial(self, summary: dict[str, Any]) -> dict[str, Any]:
        # Summaries carry no billable seconds, so each child is described.
        job = self.client.describe_training_job(TrainingJobName=summary["TrainingJobName"])
        objective = summary.get("FinalHyperParameterTuningJobObjectiveMetric") or {}
        record = JobRecord(Step.TRAIN, job["TrainingJobName"], job.get("TrainingStartTime"), job.get("TrainingEndTime"))
        return {
            "name": summary["TrainingJobName"],
            "status": summary["TrainingJobStatus"],
            "hyperparameters": dict(summary.get("TunedHyperParameters") or {}),
            "objective": objective.get("Value"),
            "seconds": record.seconds,
            "billable_seconds": job.get("BillableTimeInSeconds"),
            "started": _iso(record.started),
            "ended": _iso(record.ended),
            "failure_reason": summary.get("FailureReason"),
        }

    def _package(self, group: str, run: str) -> str | None:
        """This run's package, if it is among the newest: SageMaker remembers a client token for some hours only."""
        try:
            with translated():
                newest = self.client.list_model_packages(
                    ModelPackageGroupName=group, SortBy="CreationTime", SortOrder="Descending", MaxResults=20
                )["ModelPackageSummaryList"]
        except DeniedError:
            raise
        except (NotFoundError, RefusedError):
            return None
        for entry in newest:
            found = self.client.describe_model_package(ModelPackageName=entry["ModelPackageArn"])
            if (found.get("CustomerMetadataProperties") or {}).get("sagerelay_run") == run:
                return str(entry["ModelPackageArn"])
        return None

    def _endpoint(self, name: StepName, dataset: str) -> str:
        return str(name) if name.step is Step.CANDIDATE else names.live_endpoint(self.prefix, dataset)


def _processing(name: StepName, job: dict[str, Any]) -> Fact | None:
    record = _record(name, job, "ProcessingStartTime", "ProcessingEndTime")
    # The job's own sentence is in ExitMessage; FailureReason only says that it failed.
    return _ended(name, job["ProcessingJobStatus"], record, job.get("ExitMessage") or job.get("FailureReason"))


def _tuning(name: StepName, job: dict[str, Any]) -> Fact | None:
    record = _record(name, job, "CreationTime", "HyperParameterTuningEndTime")
    status = job["HyperParameterTuningJobStatus"]
    if status == "Stopped" and (job.get("BestTrainingJob") or {}).get("TrainingJobName"):
        status = "Completed"  # out of time, but with a best trial to go on with
    return _ended(name, status, record, job.get("FailureReason"))


def _training(name: StepName, job: dict[str, Any]) -> Fact | None:
    record = _record(name, job, "TrainingStartTime", "TrainingEndTime")
    reason = job.get("FailureReason")
    if job.get("SecondaryStatus") in {"MaxRuntimeExceeded", "MaxWaitTimeExceeded"}:
        key = (
            "spot.max_wait_minutes" if job["SecondaryStatus"].startswith("MaxWait") else "instances.max_runtime_minutes"
        )
        reason = f"{job['SecondaryStatus']}: the training took longer than {key} allows"
    artifact = (job.get("ModelArtifacts") or {}).get("S3ModelArtifacts")
    return _ended(name, job["TrainingJobStatus"], record, reason, artifact)


def _endpoint(name: StepName, endpoint: dict[str, Any]) -> Fact | None:
    record = JobRecord(name.step, str(name), endpoint.get("CreationTime"), endpoint.get("LastModifiedTime"))
    status, reason = endpoint["EndpointStatus"], endpoint.get("FailureReason")
    if status == "InService" and endpoint["EndpointConfigName"] == str(name):
        return StepCompleted(name.step, name.attempt, record)
    if status == "InService" and reason:
        return StepFailed(name.step, name.attempt, reason, record)  # rolled back to what served before
    if status in {"Failed", "OutOfService", "UpdateRollbackFailed"}:
        return StepFailed(name.step, name.attempt, reason or f"the endpoint is {status}", record)
    return None


def _ended(
    name: StepName, status: str, record: JobRecord, reason: str | None, artifact: str | None = None
) -> Fact | None:
    if status == "Completed":
        return StepCompleted(name.step, name.attempt, record, artifact)
    if status == "Failed":
        return StepFailed(name.step, name.attempt, reason or "SageMaker gave no reason", record)
    if status == "Stopped":
        return StepFailed(name.step, name.attempt, reason or _STOPPED, record)
    return None


_STOPPED = "the job was stopped: by hand, or because it took longer than max_runtime_minutes in relay.yaml allows"


def _record(name: StepName, job: dict[str, Any], start: str, end: str) -> JobRecord:
    return JobRecord(name.step, str(name), job.get(start), job.get(end), job.get("BillableTimeInSeconds"))


def _iso(time: datetime | None) -> str | None:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ") if time else None
