"""SageMaker's jobs in memory: names that are taken for ever, states over time, and what is left when they end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from tests.memory_cloud.refusals import invalid, refused
from tests.memory_cloud.surroundings import Surroundings
from tests.memory_cloud.things import ACCOUNT, Tags, named, taken


@dataclass(frozen=True)
class Ending:
    """How a job ends, after how long, and why if not well."""

    status: str
    seconds: float
    reason: str | None = None
    secondary: str | None = None
    trials: str = "AlgorithmError: , exit code: 1"
    """Why the trials of a tuning without a best one failed."""
    stale: float = 0.0
    """For how many seconds after its creation nothing of it is seen."""
    best: dict[str, str] | None = None
    """A tuning's best hyperparameters; None when no trial ended well."""


@dataclass
class Job:
    """A job, as long as the account exists."""

    name: str
    kind: str
    request: dict[str, Any]
    created: datetime
    ending: Ending
    ended: datetime | None = None
    stopping: bool = False
    trials: list[dict[str, Any]] = field(default_factory=list)

    @property
    def status(self) -> str:
        return self.ending.status if self.ended else "Stopping" if self.stopping else "InProgress"


PROCESSING, TUNING, TRAINING = "processing-job", "hyper-parameter-tuning-job", "training-job"
TRANSFORM = "transform-job"
_EVENTS = {
    PROCESSING: ("SageMaker Processing Job State Change", "ProcessingJobName", "ProcessingJobStatus"),
    TUNING: (
        "SageMaker HyperParameter Tuning Job State Change",
        "HyperParameterTuningJobName",
        "HyperParameterTuningJobStatus",
    ),
    TRAINING: ("SageMaker Training Job State Change", "TrainingJobName", "TrainingJobStatus"),
    TRANSFORM: ("SageMaker Transform Job State Change", "TransformJobName", "TransformJobStatus"),
}


class Jobs:
    """All kinds of jobs. `decide` says how a job that is made will end, `leave` what it leaves.

    `is_unfit`: of an earlier tuning's name, whether it is refused as the parent of another.
    """

    def __init__(
        self,
        around: Surroundings,
        tags: Tags,
        decide: Callable[[str, str, dict[str, Any]], Ending],
        leave: Callable[[Job], Ending],
        is_unfit: Callable[[str], bool],
    ) -> None:
        self._around, self._tags, self._decide, self._leave = around, tags, decide, leave
        self._is_unfit = is_unfit
        self.jobs: dict[str, Job] = {}

    def create_processing_job(self, **request: Any) -> dict[str, Any]:
        return self._create(PROCESSING, request["ProcessingJobName"], request)

    def create_transform_job(self, **request: Any) -> dict[str, Any]:
        return self._create(TRANSFORM, request["TransformJobName"], request)

    def create_training_job(self, **request: Any) -> dict[str, Any]:
        return self._create(TRAINING, request["TrainingJobName"], request)

    def create_hyper_parameter_tuning_job(self, **request: Any) -> dict[str, Any]:
        for parent in request.get("WarmStartConfig", {}).get("ParentHyperParameterTuningJobs", []):
            found = self.jobs.get(parent["HyperParameterTuningJobName"])
            if found is None or found.status == "InProgress":
                raise invalid(f"the parent {parent} has not ended")
            if self._is_unfit(found.name):
                raise invalid(f"the parent {parent} is not one for this tuning")
        return self._create(TUNING, request["HyperParameterTuningJobName"], request, longest=32)

    def describe_processing_job(self, ProcessingJobName: str) -> dict[str, Any]:  # noqa: N803
        job = self._found(PROCESSING, ProcessingJobName, invalid("Could not find requested job with name"))
        answer = _times(job, "ProcessingStartTime", "ProcessingEndTime")
        if job.ended and job.ending.reason:
            inside = job.ending.reason.startswith("[")
            answer |= {"ExitMessage": job.ending.reason} if inside else {"FailureReason": job.ending.reason}
        return answer | {
            "ProcessingJobName": job.name,
            "ProcessingJobArn": _arn(job),
            "ProcessingJobStatus": job.status,
            "ProcessingOutputConfig": job.request["ProcessingOutputConfig"],
        }

    def describe_transform_job(self, TransformJobName: str) -> dict[str, Any]:  # noqa: N803
        job = self._found(TRANSFORM, TransformJobName, invalid("Could not find requested job with name"))
        answer = _times(job, "TransformStartTime", "TransformEndTime")
        answer |= {"TransformJobName": job.name, "TransformJobArn": _arn(job), "TransformJobStatus": job.status}
        return answer | ({"FailureReason": job.ending.reason} if job.ended and job.ending.reason else {})

    def describe_training_job(self, TrainingJobName: str) -> dict[str, Any]:  # noqa: N803
        job = self._found(TRAINING, TrainingJobName, invalid("Requested resource not found."))
        answer = _times(job, "TrainingStartTime", "TrainingEndTime")
        answer |= {"TrainingJobName": job.name, "TrainingJobArn": _arn(job), "TrainingJobStatus": job.status}
        answer["SecondaryStatus"] = (job.ending.secondary or job.status) if job.ended else "Training"
        if job.ended:
            answer["BillableTimeInSeconds"] = int(job.ending.seconds)
            output = job.request["OutputDataConfig"]["S3OutputPath"].rstrip("/")
            answer["ModelArtifacts"] = {"S3ModelArtifacts": f"{output}/{job.name}/output/model.tar.gz"}
            if job.ending.reason:
                answer["FailureReason"] = job.ending.reason
        return answer

    def describe_hyper_parameter_tuning_job(self, HyperParameterTuningJobName: str) -> dict[str, Any]:  # noqa: N803
        missing = refused("ResourceNotFound", "Requested resource not found.")
        job = self._found(TUNING, HyperParameterTuningJobName, missing)
        answer = _times(job, "CreationTime", "HyperParameterTuningEndTime")
        answer |= {"HyperParameterTuningJobName": job.name, "HyperParameterTuningJobArn": _arn(job)}
        answer["HyperParameterTuningJobStatus"] = job.status
        if job.ended and job.ending.best:
            answer["BestTrainingJob"] = {"TrainingJobName": job.trials[-1]["TrainingJobName"]}
        if job.ended and job.ending.reason:
            answer["FailureReason"] = job.ending.reason
        return answer

    def stop_processing_job(self, ProcessingJobName: str) -> None:  # noqa: N803
        self._stop(PROCESSING, ProcessingJobName)

    def stop_transform_job(self, TransformJobName: str) -> None:  # noqa: N803
        self._stop(TRANSFORM, TransformJobName)

    def stop_training_job(self, TrainingJobName: str) -> None:  # noqa: N803
        self._stop(TRAINING, TrainingJobName)

    def stop_hyper_parameter_tuning_job(self, HyperParameterTuningJobName: str) -> None:  # noqa: N803
        self._stop(TUNING, HyperParameterTuningJobName)

    def list_training_jobs_for_hyper_parameter_tuning_job(
        self,
        HyperParameterTuningJobName: str,  # noqa: N803
        **_order: Any,
    ) -> dict[str, Any]:
        missing = refused("ResourceNotFound", "Requested resource not found.")
        job = self._found(TUNING, HyperParameterTuningJobName, missing)
        return {"TrainingJobSummaries": job.trials if job.ended else []}

    def _create(self, kind: str, name: str, request: dict[str, Any], longest: int = 63) -> dict[str, Any]:
        named(name, longest)
        if name in self.jobs:
            raise taken(name)
        ending = self._decide(kind, name, request)
        job = self.jobs[name] = Job(name, kind, request, self._around.clock(), ending)
        self._tags.put(_arn(job), request["Tags"])
        self._around.tell(f"SageMaker: {name} begins")
        self._around.later(ending.seconds, lambda: self._end(job))
        return {"Arn": _arn(job)}

    def _stop(self, kind: str, name: str) -> None:
        """It takes some seconds. What has ended by then, and what stops already, is refused, as AWS does."""
        job = self._found(kind, name, invalid("Could not find requested job with name"))
        if job.status != "InProgress":
            raise invalid(f"the job is {job.status}")
        job.stopping = True
        self._around.tell(f"SageMaker: {name} is being stopped")
        self._around.later(10.0, lambda: self._end(job))

    def _end(self, job: Job) -> None:
        if job.ended:
            return
        if job.stopping:
            took = (self._around.clock() - job.created).total_seconds()
            job.ending = replace(job.ending, status="Stopped", seconds=took, reason=None, secondary=None, best=None)
        job.ending = self._leave(job)
        job.ended = self._around.clock()
        if job.kind == TUNING:
            self._bring_forth(job)
        self._around.tell(f"SageMaker: {job.name} is {job.status}{f', {job.ending.reason}' * bool(job.ending.reason)}")
        kind, name, status = _EVENTS[job.kind]
        self._around.emit(kind, job.name, job.status, {name: job.name, status: job.status})

    def _bring_forth(self, tuning: Job) -> None:
        """A tuning's children are training jobs of their own. The last one is the best, if there is one."""
        for number in (1, 2):
            name = f"{tuning.name}-{number:03d}-{number:08x}"
            well = tuning.ending.best is not None
            ending = Ending("Completed" if well else "Failed", 60.0, None if well else tuning.ending.trials)
            request = {**tuning.request["TrainingJobDefinition"], "TrainingJobName": name}
            self.jobs[name] = Job(name, TRAINING, request, tuning.created, ending, self._around.clock())
            summary: dict[str, Any] = {"TrainingJobName": name, "TrainingJobStatus": ending.status}
            if well:
                summary["TunedHyperParameters"] = tuning.ending.best
                summary["FinalHyperParameterTuningJobObjectiveMetric"] = {"MetricName": "validation:auc", "Value": 0.9}
            else:
                summary["FailureReason"] = ending.reason
            tuning.trials.append(summary)

    def _found(self, kind: str, name: str, missing: Exception) -> Job:
        job = self.jobs.get(name)
        if job is None or job.kind != kind or (self._around.clock() - job.created).total_seconds() < job.ending.stale:
            raise missing
        return job


def _arn(job: Job) -> str:
    return f"{ACCOUNT}:{job.kind}/{job.name}"


def _times(job: Job, start: str, end: str) -> dict[str, Any]:
    return {"CreationTime": job.created, start: job.created} | ({end: job.ended} if job.ended else {})
