"""SageMaker: calls made so that repeating them does no harm.

A name that is taken by this very thing is success, because names are derived from run, step and attempt; by somebody
else's it is a reason to wait. For models, configurations and endpoints SageMaker says "taken" with a mere
ValidationException; its wording is not looked at (AWS changes it), the thing itself is described and its tags are
read. What is to be deleted is described first: the role may delete only what carries the deployment's tag, and of what
is not there any more AWS would say that it is forbidden.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from chalicelib import names, transform_names
from chalicelib.aws import answers
from chalicelib.aws.answers import Fact, Look
from chalicelib.aws.errors import AlreadyThereError, BusyError, NotFoundError, RefusedError, translated
from chalicelib.monitoring.facts import JobSeen
from chalicelib.names import CheckName, Step, StepName
from chalicelib.records.events import JobRecord
from chalicelib.records.going_back import Seen
from chalicelib.records.orphans import Resource
from chalicelib.requests import Call
from chalicelib.requests.tags import DEPLOYMENT
from chalicelib.serving_mode import Mode

if TYPE_CHECKING:
    from chalicelib.records.handed_over import Trial
    from chalicelib.records.traffic import Standing


class _Thing(NamedTuple):
    """How SageMaker calls a kind of thing: the operation that describes it, and where its name and ARN stand."""

    describe: str
    name: str
    arn: str


_MODEL = _Thing("describe_model", "ModelName", "ModelArn")
_CONFIG = _Thing("describe_endpoint_config", "EndpointConfigName", "EndpointConfigArn")
_ENDPOINT = _Thing("describe_endpoint", "EndpointName", "EndpointArn")
_MADE_BY = {
    "create_processing_job": _Thing("describe_processing_job", "ProcessingJobName", "ProcessingJobArn"),
    "create_hyper_parameter_tuning_job": _Thing(
        "describe_hyper_parameter_tuning_job", "HyperParameterTuningJobName", "HyperParameterTuningJobArn"
    ),
    "create_training_job": _Thing("describe_training_job", "TrainingJobName", "TrainingJobArn"),
    "create_transform_job": _Thing("describe_transform_job", "TransformJobName", "TransformJobArn"),
    "create_model": _MODEL,
    "create_endpoint_config": _CONFIG,
    "create_endpoint": _ENDPOINT,
    "update_endpoint": _ENDPOINT,
}
_REMOVED_BY = {
    Resource.ENDPOINT: ("delete_endpoint", _ENDPOINT),
    Resource.CONFIG: ("delete_endpoint_config", _CONFIG),
    Resource.MODEL: ("delete_model", _MODEL),
}
_UNSETTLED = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})
"""States in which an endpoint takes no update and no deletion."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SageMaker:
    """SageMaker behind steps. `client` is a boto3 SageMaker client, `prefix` the deployment's."""

    client: Any
    prefix: str

    def ensure(self, call: Call) -> None:
        """Make a call that creates or updates; nothing happens when that was done before.

        Raises:
            RefusedError: SageMaker will never accept it.
            BusyError: a quota, a busy endpoint or a name that somebody else has taken; the same call may succeed later.
        """
        for is_last in (False, True):
            try:
                with translated():
                    getattr(self.client, call.operation)(**call.arguments)
                    return
            except NotFoundError as missing:
                raise RefusedError(str(missing)) from missing
            except (AlreadyThereError, RefusedError) as refused:
                if self._is_done(call, is_taken=isinstance(refused, AlreadyThereError)):
                    return
                # A namesake on its way out, which a switch of modes deletes, may have gone between refusal and look.
                if is_last or call.operation != "create_endpoint":
                    raise

    def observe(self, run: str, dataset: str, step: Step, attempt: int, mode: Mode = Mode.REALTIME) -> Look:
        """What SageMaker says of this attempt of a step."""
        name = StepName(run, step, attempt)
        match step:
            case Step.CANDIDATE if mode is Mode.BATCH:
                job = self._described("describe_transform_job", TransformJobName=str(name))
                return answers.transform(name, job) if job else answers.gone(name)
            case Step.PREPARE | Step.COMPARE | Step.PACK | Step.EVALUATE:
                job = self._described("describe_processing_job", ProcessingJobName=str(name))
                return answers.processing(name, job) if job else answers.gone(name)
            case Step.TUNE:
                job = self._described("describe_hyper_parameter_tuning_job", HyperParameterTuningJobName=str(name))
                return self._tuning(name, job) if job else answers.gone(name)
            case Step.TRAIN:
                job = self._described("describe_training_job", TrainingJobName=str(name))
                return answers.training(name, job) if job else answers.gone(name)
            case Step.CANDIDATE | Step.LIVE:
                found = self._described("describe_endpoint", EndpointName=self._endpoint_of(name, dataset))
                return answers.endpoint(name, found) if found else answers.gone(name)

    def _tuning(self, name: StepName, job: dict[str, Any]) -> Fact | None:
        if job["HyperParameterTuningJobStatus"] != "Failed":
            return answers.tuning(name, job)
        failed = [one.get("FailureReason") for one in self._children(str(name))]
        return answers.tuning(name, job, [reason for reason in failed if reason])

    def live_asked(self, candidate: StepName) -> JobRecord | None:
        """The transform job that asks the model in service beside this candidate; None while it goes on."""
        name = transform_names.asked_live(candidate)
        job = self._described("describe_transform_job", TransformJobName=name) or {}
        if job.get("TransformJobStatus") in {"InProgress", "Stopping"}:
            return None
        return JobRecord(candidate.step, name, job.get("TransformStartTime"), job.get("TransformEndTime"))

    def check(self, name: CheckName, *, by_transform: bool) -> JobSeen | None:
        """How a check's job ended; None while it goes on."""
        thing = _MADE_BY["create_transform_job" if by_transform else "create_processing_job"]
        return answers.check(name, self._described(thing.describe, **{thing.name: str(name)}))

    def trials(self, tuning_job: str) -> tuple[str | None, list[Trial]]:
        """The best training job's name, and every trial as trials.json has them."""
        job = self.client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=tuning_job)
        best = (job.get("BestTrainingJob") or {}).get("TrainingJobName")
        # One after the other, 750 trials would outlast the Lambda; more at once would be throttled.
        with ThreadPoolExecutor(max_workers=8) as several:
            return best, list(several.map(self._trial, self._children(tuning_job)))

    def _children(self, tuning_job: str) -> list[dict[str, Any]]:
        pages = self.client.get_paginator("list_training_jobs_for_hyper_parameter_tuning_job").paginate(
            HyperParameterTuningJobName=tuning_job, SortBy="CreationTime", SortOrder="Ascending"
        )
        return [summary for page in pages for summary in page["TrainingJobSummaries"]]

    def standing(self, endpoint: str) -> list[Standing]:
        """What an endpoint is billed for, variant by variant; nothing where it is not there."""
        found = self._described("describe_endpoint", EndpointName=endpoint)
        name = found["EndpointConfigName"] if found else ""
        config = self._described("describe_endpoint_config", EndpointConfigName=name) if found else None
        return list(answers.standing(endpoint, found, config)) if found and config else []

    def check_seconds(self, name: str) -> int | None:
        """How long the job of a check took; None as long as that is not known, also of one that was never made."""
        job = self._described("describe_processing_job", ProcessingJobName=name)
        return answers.seconds(job or self._described("describe_transform_job", TransformJobName=name) or {})

    def stop(self, call: Call) -> None:
        """Stop a job that was seen to go on. That it has ended meanwhile, whoever looks at it next will see."""
        with suppress(NotFoundError, RefusedError), translated():
            getattr(self.client, call.operation)(**call.arguments)

    def register(self, group: dict[str, Any], package: dict[str, Any]) -> None:
        """Create the run's package, and its group if need be; or set the approval of the one that is there."""
        name, status = package["ModelPackageGroupName"], package["ModelApprovalStatus"]
        existing = self._package(name, package["CustomerMetadataProperties"]["sagerelay_run"])
        if existing:
            if self._approval(existing) != status:
                self.client.update_model_package(ModelPackageArn=existing, ModelApprovalStatus=status)
            return
        try:
            with translated():
                self.client.create_model_package_group(**group)
        except (AlreadyThereError, RefusedError):
            self.client.describe_model_package_group(ModelPackageGroupName=name)
        with suppress(AlreadyThereError), translated():
            self.client.create_model_package(**package)

    def approval(self, group: str, run: str) -> bool | None:
        """Whether the run's package was approved (True) or rejected (False) by hand; None while it waits."""
        arn = self._package(group, run)
        return {"Approved": True, "Rejected": False}.get(str(self._approval(arn))) if arn else None

    def _approval(self, package: str) -> Any:
        return self.client.describe_model_package(ModelPackageName=package).get("ModelApprovalStatus")

    def remove(self, kind: Resource, name: str) -> None:
        """Delete an endpoint, an endpoint configuration or a model. What is not there, or already going, is as good
        as deleted.

        Raises:
            BusyError: it cannot be deleted yet, because it is being created or updated.
        """
        operation, thing = _REMOVED_BY[kind]
        if self._is_gone(thing, name):
            return
        try:
            with translated():
                getattr(self.client, operation)(**{thing.name: name})
        except (NotFoundError, RefusedError) as refused:
            if not self._is_gone(thing, name):
                raise BusyError(f"{name} cannot be deleted yet: {refused}") from refused

    def created(self, kind: Resource, name: str) -> datetime | None:
        """When something was created; None when it is not there."""
        found = self._described(_REMOVED_BY[kind][1].describe, **{_REMOVED_BY[kind][1].name: name})
        return found["CreationTime"] if found else None

    def used_configs(self, endpoint: str) -> frozenset[str]:
        """The configuration an endpoint uses, and the one that an update under way leads to; none without endpoint."""
        found = self._described("describe_endpoint", EndpointName=endpoint) or {}
        return frozenset(name for name in (found.get("EndpointConfigName"), answers.pending_config(found)) if name)

    def seen(self, endpoint: str) -> Seen | None:
        """An endpoint's state and the configuration it serves; None when there is no such endpoint."""
        found = self._described("describe_endpoint", EndpointName=endpoint)
        return Seen(found["EndpointStatus"], found["EndpointConfigName"], found.get("FailureReason")) if found else None

    def is_deleted(self, endpoint: str) -> bool:
        """Whether an endpoint is not there, or going."""
        return (seen := self.seen(endpoint)) is None or seen.status == "Deleting"

    def has_failed(self, endpoint: str) -> bool:
        """Whether an endpoint serves nobody and never will: it can only be deleted."""
        return (seen := self.seen(endpoint)) is not None and seen.status in {"Failed", "OutOfService"}

    def _is_gone(self, thing: _Thing, name: str) -> bool:
        found = self._described(thing.describe, **{thing.name: name})
        status = found.get("EndpointStatus") if found else "Deleting"
        if status in _UNSETTLED - {"Deleting"}:
            raise BusyError(f"the endpoint {name} is {status}")
        return status == "Deleting"

    def _described(self, operation: str, **arguments: str) -> dict[str, Any] | None:
        with suppress(NotFoundError, RefusedError), translated():
            found: dict[str, Any] = getattr(self.client, operation)(**arguments)
            return found
        return None

    def _is_done(self, call: Call, *, is_taken: bool) -> bool:
        """Whether what stands in the way of a call is what the call wanted."""
        thing = _MADE_BY[call.operation]
        name = call.arguments[thing.name]
        found = None
        for _ in range(2):  # because AWS may show what is new a moment late
            found = self._described(thing.describe, **{thing.name: name})
            if found is None:
                continue
            self._insist_on_ours(name, found[thing.arn], call)
            if thing is not _ENDPOINT or self._serves(call, found):
                return True
        if found is None and is_taken:
            raise BusyError(f"the name {name} is taken, but SageMaker shows nothing of that name")
        return False

    def _serves(self, call: Call, found: dict[str, Any]) -> bool:
        wanted, status = call.arguments["EndpointConfigName"], found["EndpointStatus"]
        if wanted in {found["EndpointConfigName"], answers.pending_config(found)} and status != "Deleting":
            return True
        if status in _UNSETTLED:
            raise BusyError(f"the endpoint {found['EndpointName']} is {status}")
        if call.operation == "create_endpoint":
            raise BusyError(
                f"the endpoint {found['EndpointName']} is there already and no record of this dataset knows it; delete "
                "it to let this run go on"
            )
        return False

    def _insist_on_ours(self, name: str, arn: str, call: Call) -> None:
        """Raises BusyError unless the thing carries the tags that the call would have given it."""
        wanted = call.arguments.get("Tags") or [{"Key": DEPLOYMENT, "Value": self.prefix}]
        pages = self.client.get_paginator("list_tags").paginate(ResourceArn=arn)
        carried = [tag for page in pages for tag in page["Tags"]]
        if any(tag not in carried for tag in wanted):
            raise BusyError(f"the name {name} is taken by something that SageRelay did not make for this run")

    def _trial(self, summary: dict[str, Any]) -> Trial:
        # Summaries carry no billable seconds, so each child is described.
        return answers.trial(summary, self.client.describe_training_job(TrainingJobName=summary["TrainingJobName"]))

    def _package(self, group: str, run: str) -> str | None:
        """This run's package, if it is among the newest: SageMaker remembers a client token for some hours only."""
        try:
            with translated():
                newest = self.client.list_model_packages(
                    ModelPackageGroupName=group, SortBy="CreationTime", SortOrder="Descending", MaxResults=20
                )["ModelPackageSummaryList"]
        except (NotFoundError, RefusedError):
            return None
        for entry in newest:
            found = self.client.describe_model_package(ModelPackageName=entry["ModelPackageArn"])
            if (found.get("CustomerMetadataProperties") or {}).get("sagerelay_run") == run:
                return str(entry["ModelPackageArn"])
        return None

    def _endpoint_of(self, name: StepName, dataset: str) -> str:
        return str(name) if name.step is Step.CANDIDATE else names.live_endpoint(self.prefix, dataset)
