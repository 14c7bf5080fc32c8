"""List operations: the same filters, order and pages for every kind of thing. Pure, over Describe answers.

What SageMaker summarises is a handful of the fields Describe gives; the tables below say which. A NextToken is the
place in the list, bound to the request it continues.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.utils import parse_timestamp

from local.sagemaker.resource_registry import Kind, Record
from local.wire.errors import ApiError

_OWN = {"NextToken", "MaxResults"}


@dataclass(frozen=True)
class Listing:
    """How one List operation answers; `fields` are those of a summary, with spaces between."""

    kind: Kind
    answer: str
    name: str
    fields: str
    status: str | None = None


LISTINGS = {
    "ListTrainingJobs": Listing(
        Kind.TRAINING,
        "TrainingJobSummaries",
        "TrainingJobName",
        "TrainingJobName TrainingJobArn CreationTime TrainingEndTime LastModifiedTime TrainingJobStatus "
        "SecondaryStatus",
        "TrainingJobStatus",
    ),
    "ListProcessingJobs": Listing(
        Kind.PROCESSING,
        "ProcessingJobSummaries",
        "ProcessingJobName",
        "ProcessingJobName ProcessingJobArn CreationTime ProcessingEndTime LastModifiedTime "
        "ProcessingJobStatus FailureReason ExitMessage",
        "ProcessingJobStatus",
    ),
    "ListTransformJobs": Listing(
        Kind.TRANSFORM,
        "TransformJobSummaries",
        "TransformJobName",
        "TransformJobName TransformJobArn CreationTime TransformEndTime LastModifiedTime TransformJobStatus "
        "FailureReason",
        "TransformJobStatus",
    ),
    "ListHyperParameterTuningJobs": Listing(
        Kind.TUNING,
        "HyperParameterTuningJobSummaries",
        "HyperParameterTuningJobName",
        "HyperParameterTuningJobName HyperParameterTuningJobArn HyperParameterTuningJobStatus Strategy "
        "CreationTime HyperParameterTuningEndTime LastModifiedTime TrainingJobStatusCounters "
        "ObjectiveStatusCounters ResourceLimits",
        "HyperParameterTuningJobStatus",
    ),
    "ListModels": Listing(
        Kind.MODEL,
        "Models",
        "ModelName",
        "ModelName ModelArn CreationTime",
    ),
    "ListEndpointConfigs": Listing(
        Kind.CONFIG,
        "EndpointConfigs",
        "EndpointConfigName",
        "EndpointConfigName EndpointConfigArn CreationTime",
    ),
    "ListEndpoints": Listing(
        Kind.ENDPOINT,
        "Endpoints",
        "EndpointName",
        "EndpointName EndpointArn CreationTime LastModifiedTime EndpointStatus",
        "EndpointStatus",
    ),
    "ListModelPackageGroups": Listing(
        Kind.GROUP,
        "ModelPackageGroupSummaryList",
        "ModelPackageGroupName",
        "ModelPackageGroupName ModelPackageGroupArn ModelPackageGroupDescription CreationTime ModelPackageGroupStatus",
    ),
    "ListModelPackages": Listing(
        Kind.PACKAGE,
        "ModelPackageSummaryList",
        "ModelPackageName",
        "ModelPackageName ModelPackageGroupName ModelPackageVersion ModelPackageArn "
        "ModelPackageDescription CreationTime ModelPackageStatus ModelApprovalStatus",
    ),
}


def listed(operation: str, request: dict[str, Any], records: Sequence[Record]) -> dict[str, Any]:
    """The answer of a List operation over all records of its kind."""
    listing = LISTINGS[operation]
    found = [_flat(record.detail) for record in records]
    found = [item for item in found if _wanted(listing, request, item)]
    found.sort(
        key=lambda item: _order(listing, request, item), reverse=request.get("SortOrder", "Descending") == "Descending"
    )
    summaries = [{name: item[name] for name in listing.fields.split() if name in item} for item in found]
    return paged(request, listing.answer, summaries)


def paged(request: dict[str, Any], answer: str, items: Sequence[Any], default: int = 10) -> dict[str, Any]:
    """One page of a list, and the token of the next one."""
    question = {key: str(value) for key, value in sorted(request.items()) if key not in _OWN}
    start = _start(request["NextToken"], question) if "NextToken" in request else 0
    size = request.get("MaxResults", default)
    page: dict[str, Any] = {answer: list(items[start : start + size])}
    if start + size < len(items):
        token = json.dumps({"start": start + size, "question": question}).encode()
        page["NextToken"] = base64.urlsafe_b64encode(token).decode()
    return page


def _start(token: str, question: dict[str, str]) -> int:
    try:
        content = json.loads(base64.urlsafe_b64decode(token))
        if content["question"] == question:
            return int(content["start"])
    except (ValueError, KeyError, TypeError):
        pass
    raise ApiError("ValidationException", "The NextToken is not valid for this request.")


def _flat(detail: dict[str, Any]) -> dict[str, Any]:
    config = detail.get("HyperParameterTuningJobConfig", {})
    return {**detail, **{key: config[key] for key in ("Strategy", "ResourceLimits") if key in config}}


def _wanted(listing: Listing, request: dict[str, Any], item: dict[str, Any]) -> bool:
    exact = {
        "StatusEquals": listing.status,
        "ModelPackageGroupName": "ModelPackageGroupName",
        "ModelApprovalStatus": "ModelApprovalStatus",
    }
    for asked, field in exact.items():
        if asked in request and field and item.get(field) != request[asked]:
            return False
    if request.get("NameContains", "").lower() not in str(item.get(listing.name, "")).lower():
        return False
    for field in ("CreationTime", "LastModifiedTime"):
        at = item.get(field)
        if f"{field}After" in request and not (at and at > moment(request[f"{field}After"])):
            return False
        if f"{field}Before" in request and not (at and at < moment(request[f"{field}Before"])):
            return False
    return True


def moment(value: Any) -> datetime:
    """A request's timestamp, which the wire brings as a number."""
    parsed: datetime = value if isinstance(value, datetime) else parse_timestamp(value)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _order(listing: Listing, request: dict[str, Any], item: dict[str, Any]) -> tuple[Any, ...]:
    by = request.get("SortBy", "CreationTime")
    if by == "Name":
        return (item.get(listing.name, ""),)
    if by == "Status" and listing.status:
        return (item[listing.status], item["CreationTime"])
    return (item.get("CreationTime"), item.get("ModelPackageVersion", 0))
