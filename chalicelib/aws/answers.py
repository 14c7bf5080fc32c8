"""SageMaker's descriptions of jobs and endpoints, read as facts. Pure: what is asked, and when, is `sagemaker.py`'s."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib import failures, json_files
from chalicelib.monitoring.facts import CheckCompleted, CheckFailed, CheckUnseen, JobSeen
from chalicelib.names import CheckName, Step, StepName
from chalicelib.records.events import JobRecord, RollbackBegan, StepCompleted, StepFailed, seconds_between
from chalicelib.records.traffic import Standing
from chalicelib.records.used import Billed

if TYPE_CHECKING:
    from chalicelib.records.handed_over import Trial

Fact = StepCompleted | StepFailed | RollbackBegan


@dataclass(frozen=True, slots=True)
class Missing:
    """Nothing in SageMaker leads to this step's end any more. One look is no proof: AWS shows new things late."""

    failed: StepFailed
    """What it means, once that is sure."""


Look = Fact | Missing | None
"""What a look at a step shows; None while it goes on."""


def gone(name: StepName) -> Missing:
    """The job or endpoint of a step is not there: somebody has deleted it."""
    return Missing(StepFailed(name.step, name.attempt, f"InternalServerError: {name} is not there any more"))


def processing(name: StepName, job: dict[str, Any]) -> Fact | None:
    """How a processing job ended; None while it goes on."""
    record = _record(name, job, "ProcessingStartTime", "ProcessingEndTime")
    # The job's own sentence is in ExitMessage; FailureReason only says that it failed.
    reason = job.get("ExitMessage") or job.get("FailureReason")
    return _ended(name, job["ProcessingJobStatus"], record, reason, _packed(job) if name.step is Step.PACK else None)


def _packed(job: dict[str, Any]) -> str | None:
    """Where a packing puts the one archive."""
    outputs = (job.get("ProcessingOutputConfig") or {}).get("Outputs") or [{}]
    folder = (outputs[0].get("S3Output") or {}).get("S3Uri")
    return f"{folder}/model.tar.gz" if folder else None


def transform(name: StepName, job: dict[str, Any]) -> Fact | None:
    """How a batch transform ended; None while it goes on."""
    record = _record(name, job, "TransformStartTime", "TransformEndTime")
    return _ended(name, job["TransformJobStatus"], record, job.get("FailureReason"))


def tuning(name: StepName, job: dict[str, Any], failed_trials: Sequence[str] = ()) -> Fact | None:
    """How a tuning job ended; None while it goes on. `failed_trials`: why trials of it failed, if it did.

    A tuning whose trials all failed says no more than that; whether to try again is in the trials' own reasons.
    """
    record = _record(name, job, "CreationTime", "HyperParameterTuningEndTime")
    status = job["HyperParameterTuningJobStatus"]
    if status == "Stopped" and (job.get("BestTrainingJob") or {}).get("TrainingJobName"):
        status = "Completed"  # out of time, but with a best trial to go on with
    reason = failures.common(failed_trials) or job.get("FailureReason")
    return _ended(name, status, record, reason)


def training(name: StepName, job: dict[str, Any]) -> Fact | None:
    """How a training job ended; None while it goes on."""
    record = _record(name, job, "TrainingStartTime", "TrainingEndTime")
    reason = job.get("FailureReason")
    if job.get("SecondaryStatus") in {"MaxRuntimeExceeded", "MaxWaitTimeExceeded"}:
        key = (
            "spot.max_wait_minutes" if job["SecondaryStatus"].startswith("MaxWait") else "instances.max_runtime_minutes"
        )
        reason = f"{job['SecondaryStatus']}: the training took longer than {key} allows"
    artifact = (job.get("ModelArtifacts") or {}).get("S3ModelArtifacts")
    return _ended(name, job["TrainingJobStatus"], record, reason, artifact)


def pending_config(endpoint: dict[str, Any]) -> str | None:
    """The configuration that an update under way leads to; it stands in the summary of what is pending."""
    return (endpoint.get("PendingDeploymentSummary") or {}).get("EndpointConfigName")


def endpoint(name: StepName, endpoint: dict[str, Any]) -> Fact | Missing | None:
    """Whether an endpoint serves what this step wants it to; None while that is open."""
    record = JobRecord(name.step, str(name), endpoint.get("CreationTime"), endpoint.get("LastModifiedTime"))
    status, reason = endpoint["EndpointStatus"], endpoint.get("FailureReason")
    if status == "InService" and endpoint["EndpointConfigName"] == str(name):
        return StepCompleted(name.step, name.attempt, record)
    if status == "InService" and reason:
        return StepFailed(name.step, name.attempt, reason, record)  # rolled back to what served before
    if status == "InService" and pending_config(endpoint) is None:
        # Rolled back, too: SageMaker does not always say why (terraform-provider-aws, issue 48997).
        rolled_back = "SageMaker rolled the update back and gave no reason"
        return Missing(StepFailed(name.step, name.attempt, rolled_back, record))
    if status == "RollingBack" and pending_config(endpoint) in {None, str(name)}:
        return RollbackBegan(name.step, name.attempt, reason or "SageMaker takes the update back")
    if status in {"Failed", "OutOfService", "UpdateRollbackFailed"}:
        return StepFailed(name.step, name.attempt, reason or f"the endpoint is {status}", record)
    return None


def check(name: CheckName, job: dict[str, Any] | None) -> JobSeen | None:
    """How a check's job ended; None while it goes on."""
    about = (name.kind, name.ordinal, name.attempt)
    if job is None:
        return CheckUnseen(*about)
    billed = _billed(job)
    match job.get("ProcessingJobStatus") or job["TransformJobStatus"]:
        case "Completed":
            return CheckCompleted(*about, billed)
        case "Failed":
            why = job.get("ExitMessage") or job.get("FailureReason") or "no reason was given"
            return CheckFailed(*about, why, billed)
        case "Stopped":
            return CheckFailed(*about, job.get("ExitMessage") or _STOPPED, billed)
    return None


def seconds(job: dict[str, Any]) -> int | None:
    """How long a processing or transform job took; None as long as that is not known."""
    kind = "Transform" if "TransformStartTime" in job else "Processing"
    return seconds_between(job.get(f"{kind}StartTime"), job.get(f"{kind}EndTime"))


def _billed(job: dict[str, Any]) -> Billed | None:
    """What a processing or transform job is billed by: its machines, from its start to its end."""
    cluster, kind = job.get("ProcessingResources", {}).get("ClusterConfig"), "Processing"
    if cluster is None:
        cluster, kind = job.get("TransformResources"), "Transform"
    if cluster is None:
        return None
    took = seconds(job)
    of_all = None if took is None else took * cluster["InstanceCount"]
    # As `costs.prices.key` has it: no start needs that.
    return Billed(f"{kind.lower()} {cluster['InstanceType']}", of_all)


def trial(summary: dict[str, Any], job: dict[str, Any]) -> Trial:
    """A trial of a tuning, as trials.json has it."""
    objective = summary.get("FinalHyperParameterTuningJobObjectiveMetric") or {}
    record = JobRecord(Step.TRAIN, job["TrainingJobName"], job.get("TrainingStartTime"), job.get("TrainingEndTime"))
    return {
        "name": summary["TrainingJobName"],
        "status": summary["TrainingJobStatus"],
        "hyperparameters": dict(summary.get("TunedHyperParameters") or {}),
        "objective": objective.get("Value"),
        "seconds": record.seconds,
        "billable_seconds": job.get("BillableTimeInSeconds"),
        "started": json_files.moment(record.started) if record.started else None,
        "ended": json_files.moment(record.ended) if record.ended else None,
        "failure_reason": summary.get("FailureReason"),
    }


def standing(name: str, endpoint: dict[str, Any], config: dict[str, Any]) -> Iterator[Standing]:
    """What an endpoint is billed for: its machines as they are now, or its requests."""
    counts = {one["VariantName"]: one.get("CurrentInstanceCount") for one in endpoint.get("ProductionVariants", [])}
    created = endpoint.get("CreationTime")
    for one in config["ProductionVariants"]:
        if "ServerlessConfig" in one:
            yield Standing(name, created, memory_mb=one["ServerlessConfig"]["MemorySizeInMB"])
        elif "InstanceType" in one:
            count = counts.get(one["VariantName"]) or one.get("InitialInstanceCount", 0)
            yield Standing(name, created, one["InstanceType"], count)


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
