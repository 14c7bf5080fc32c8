"""Every operation this SageMaker answers, and which function answers it: the table of contents of the control plane."""

from collections.abc import Callable
from typing import Any, ClassVar

from local.sagemaker import listing
from local.sagemaker.endpoints import Endpoints
from local.sagemaker.machine import Machine, Threads
from local.sagemaker.model_registry import ModelRegistry
from local.sagemaker.models import Models
from local.sagemaker.processing import ProcessingJobs
from local.sagemaker.resource_registry import Kind, Record, now, tag_list, tag_map
from local.sagemaker.training import TrainingJobs
from local.sagemaker.transforming import TransformJobs
from local.sagemaker.trials import counters, summary
from local.sagemaker.tuning import TuningJobs
from local.wire.errors import ApiError

Request = dict[str, Any]
_RESTARTED = "InternalServerError: the machine was restarted"
_DESCRIBED = {
    "DescribeTrainingJob": (Kind.TRAINING, "TrainingJobName"),
    "DescribeProcessingJob": (Kind.PROCESSING, "ProcessingJobName"),
    "DescribeHyperParameterTuningJob": (Kind.TUNING, "HyperParameterTuningJobName"),
    "DescribeTransformJob": (Kind.TRANSFORM, "TransformJobName"),
    "DescribeModel": (Kind.MODEL, "ModelName"),
    "DescribeEndpointConfig": (Kind.CONFIG, "EndpointConfigName"),
    "DescribeEndpoint": (Kind.ENDPOINT, "EndpointName"),
    "DescribeModelPackageGroup": (Kind.GROUP, "ModelPackageGroupName"),
}
_DELETED = {
    "DeleteTrainingJob": (Kind.TRAINING, "TrainingJobName"),
    "DeleteProcessingJob": (Kind.PROCESSING, "ProcessingJobName"),
    "DeleteHyperParameterTuningJob": (Kind.TUNING, "HyperParameterTuningJobName"),
}
_MISSING = {
    Kind.TRAINING: ("ValidationException", "Requested resource not found."),
    Kind.PROCESSING: ("ValidationException", "Could not find requested job with name: {name}"),
    Kind.TUNING: ("ResourceNotFound", "Amazon SageMaker can't find a tuning job with the name {name}."),
    Kind.TRANSFORM: ("ValidationException", "Could not find requested job with name: {name}"),
    Kind.MODEL: ("ValidationException", 'Could not find model "{arn}".'),
    Kind.CONFIG: ("ValidationException", 'Could not find endpoint configuration "{arn}".'),
    Kind.ENDPOINT: ("ValidationException", 'Could not find endpoint "{arn}".'),
    Kind.GROUP: ("ValidationException", "ModelPackageGroup {arn} does not exist."),
    Kind.PACKAGE: ("ValidationException", "ModelPackage {name} does not exist."),
}
_STATUS = {
    Kind.TRAINING: "TrainingJobStatus",
    Kind.PROCESSING: "ProcessingJobStatus",
    Kind.TUNING: "HyperParameterTuningJobStatus",
    Kind.TRANSFORM: "TransformJobStatus",
}
_END = {
    Kind.TRAINING: "TrainingEndTime",
    Kind.PROCESSING: "ProcessingEndTime",
    Kind.TUNING: "HyperParameterTuningEndTime",
    Kind.TRANSFORM: "TransformEndTime",
}


class Operations:
    """Finds the function for an operation."""

    NAMES: ClassVar[frozenset[str]] = frozenset(
        {
            *_DESCRIBED, *_DELETED, *listing.LISTINGS,
            "CreateTrainingJob", "StopTrainingJob",
            "CreateProcessingJob", "StopProcessingJob",
            "CreateHyperParameterTuningJob", "StopHyperParameterTuningJob",
            "CreateTransformJob", "StopTransformJob",
            "ListTrainingJobsForHyperParameterTuningJob",
            "CreateModel", "DeleteModel", "CreateEndpointConfig", "DeleteEndpointConfig",
            "CreateEndpoint", "UpdateEndpoint", "DeleteEndpoint", "UpdateEndpointWeightsAndCapacities",
            "CreateModelPackageGroup", "DeleteModelPackageGroup",
            "CreateModelPackage", "DescribeModelPackage", "UpdateModelPackage", "DeleteModelPackage",
            "AddTags", "ListTags", "DeleteTags",
        }
    )  # fmt: skip

    def __init__(self, machine: Machine, threads: Threads) -> None:
        self._registry = machine.registry
        self._training = TrainingJobs(machine, threads)
        self._tuning = TuningJobs(machine, threads, self._training)
        self._processing = ProcessingJobs(machine, threads)
        self._transforms = TransformJobs(machine, threads)
        self._models = Models(machine)
        self.endpoints = Endpoints(machine, threads)
        self._model_registry = ModelRegistry(machine.registry)
        self._table: dict[str, Callable[[Request], Request]] = {
            "CreateTrainingJob": self._training.create,
            "StopTrainingJob": self._training.stop,
            "CreateProcessingJob": self._processing.create,
            "StopProcessingJob": self._processing.stop,
            "CreateHyperParameterTuningJob": self._tuning.create,
            "StopHyperParameterTuningJob": self._tuning.stop,
            "ListTrainingJobsForHyperParameterTuningJob": self._trials,
            "CreateTransformJob": self._transforms.create,
            "StopTransformJob": self._transforms.stop,
            "CreateModel": self._models.create,
            "DeleteModel": self._models.delete,
            "CreateEndpointConfig": self._models.create_config,
            "DeleteEndpointConfig": self._models.delete_config,
            "CreateEndpoint": self.endpoints.create,
            "UpdateEndpoint": self.endpoints.update,
            "DeleteEndpoint": self.endpoints.delete,
            "UpdateEndpointWeightsAndCapacities": self.endpoints.weigh,
            "CreateModelPackageGroup": self._model_registry.create_group,
            "DeleteModelPackageGroup": self._model_registry.delete_group,
            "CreateModelPackage": self._model_registry.create,
            "DescribeModelPackage": self._model_registry.describe,
            "UpdateModelPackage": self._model_registry.update,
            "DeleteModelPackage": self._model_registry.delete,
            "AddTags": self._add_tags,
            "ListTags": self._list_tags,
            "DeleteTags": self._delete_tags,
        }

    def answer(self, operation: str, request: Request) -> Request:
        """Perform a checked request. Raises ApiError."""
        if operation in _DESCRIBED:
            kind, member = _DESCRIBED[operation]
            return self._registry.describe(self._found(kind, request[member]))
        if operation in _DELETED:
            return self._delete_job(*_DELETED[operation], request)
        if operation in listing.LISTINGS:
            with self._registry.lock:
                return listing.listed(
                    operation, _by_name(request), self._registry.all(listing.LISTINGS[operation].kind)
                )
        return self._table[operation](request)

    def resume(self) -> None:
        """After a restart: fail what was in flight, serve again what was in service."""
        for kind, status in _STATUS.items():
            for record in self._registry.all(kind):
                if record.detail[status] not in {"Completed", "Failed", "Stopped"}:
                    fields: Request = {status: "Failed", "FailureReason": _RESTARTED, _END[kind]: now()}
                    if kind is Kind.TRAINING:
                        fields["SecondaryStatus"] = "Failed"
                    if kind is Kind.TUNING:
                        fields |= counters(self._tuning.children(record))
                    self._registry.change(record, **fields)
        self.endpoints.resume()

    def _found(self, kind: Kind, name: str) -> Record:
        record = self._registry.find(kind, name)
        if record is None:
            code, message = _MISSING[kind]
            raise ApiError(code, message.format(name=name, arn=self._registry.arn(kind, name)))
        return record

    def _delete_job(self, kind: Kind, member: str, request: Request) -> Request:
        record = self._found(kind, request[member])
        if record.detail[_STATUS[kind]] not in {"Completed", "Failed", "Stopped"}:
            raise ApiError("ResourceInUse", f"{record.arn} is {record.detail[_STATUS[kind]]} and cannot be deleted.")
        self._registry.remove(record)
        return {}

    def _trials(self, request: Request) -> Request:
        record = self._tuning.find(request["HyperParameterTuningJobName"])
        objective = record.detail["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]
        with self._registry.lock:
            rows = [summary(child, objective["MetricName"]) for child in self._tuning.children(record)]
        rows = [
            row for row in rows if request.get("StatusEquals", row["TrainingJobStatus"]) == row["TrainingJobStatus"]
        ]
        by = request.get("SortBy", "Name")
        if by == "FinalObjectiveMetricValue":
            rows = [row for row in rows if "FinalHyperParameterTuningJobObjectiveMetric" in row]
        rows.sort(key=lambda row: _trial_order(by, row), reverse=request.get("SortOrder", "Ascending") == "Descending")
        return listing.paged(request, "TrainingJobSummaries", rows)

    def _tagged(self, arn: str) -> Record:
        record = self._registry.by_arn(arn)
        if record is None:
            raise ApiError("ValidationException", f"Could not find resource {arn}.")
        return record

    def _add_tags(self, request: Request) -> Request:
        record = self._tagged(request["ResourceArn"])
        if record.kind is Kind.PACKAGE:
            raise ApiError("ValidationException", "Tags are not supported for versioned model packages.")
        with self._registry.lock:
            self._registry.tag(record, {**record.tags, **tag_map(request["Tags"])})
            return {"Tags": tag_list(record.tags)}

    def _list_tags(self, request: Request) -> Request:
        return listing.paged(request, "Tags", tag_list(self._tagged(request["ResourceArn"]).tags), default=50)

    def _delete_tags(self, request: Request) -> Request:
        record = self._tagged(request["ResourceArn"])
        with self._registry.lock:
            left = {key: value for key, value in record.tags.items() if key not in request["TagKeys"]}
            self._registry.tag(record, left)
        return {}


def _trial_order(by: str, row: Request) -> Any:
    if by == "FinalObjectiveMetricValue":
        return row["FinalHyperParameterTuningJobObjectiveMetric"]["Value"]
    return row[{"Name": "TrainingJobName", "Status": "TrainingJobStatus", "CreationTime": "CreationTime"}[by]]


def _by_name(request: Request) -> Request:
    """A group may be named by its ARN as well."""
    group = request.get("ModelPackageGroupName", "")
    return {**request, "ModelPackageGroupName": group.rpartition("/")[2]} if "/" in group else request
