"""SageMaker as far as the shell uses it: what is created can be described, ends when it is told to, and can be deleted.

It judges nothing; the local SageMaker and the tests of requests do.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from benchmarks.memory_cloud.storage import Refused

_STATUS = {
    "ProcessingJob": "ProcessingJobStatus",
    "TrainingJob": "TrainingJobStatus",
    "HyperParameterTuningJob": "HyperParameterTuningJobStatus",
}
_VERB = re.compile(r"(Create|Describe|Delete|Update)(\w+)")


class SageMaker:
    """What there is, by kind and name, as Describe gives it."""

    def __init__(self, region: str, account: str) -> None:
        self._root = f"arn:aws:sagemaker:{region}:{account}"
        self._there: dict[str, dict[str, dict[str, Any]]] = {}
        self._tags: dict[str, list[dict[str, str]]] = {}
        self._packages: dict[str, list[dict[str, Any]]] = {}
        self._lock = threading.Lock()

    def end(self, kind: str, name: str, **fields: Any) -> None:
        """A job has completed, an endpoint is in service."""
        found = self._there[kind][name]
        found |= {f"{kind}EndTime": datetime.now(UTC), **fields}
        found |= {"EndpointStatus": "InService"} if kind == "Endpoint" else {_STATUS[kind]: "Completed"}

    def answer(self, operation: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        with self._lock:
            if operation == "ListTags":
                return {"Tags": self._tags.get(asked["ResourceArn"], [])}
            if operation.endswith("ModelPackage") or operation == "ListModelPackages":
                return self._package(operation, asked)
            match = _VERB.fullmatch(operation)
            if match is None:
                raise NotImplementedError(f"sagemaker.{operation}")
            verb, kind = match[1], match[2]
            there, name = self._there.setdefault(kind, {}), asked[f"{kind}Name"]
            if verb == "Create":
                return self._create(kind, there, name, asked)
            if name not in there:
                raise Refused("ValidationException")
            if verb == "Delete":
                self._tags.pop(there.pop(name)[f"{kind}Arn"], None)
            if verb == "Update":
                there[name] |= {**asked, "EndpointStatus": "Updating"}
            return dict(there[name]) if verb == "Describe" else {}

    def _create(
        self, kind: str, there: dict[str, dict[str, Any]], name: str, asked: Mapping[str, Any]
    ) -> dict[str, Any]:
        if name in there:
            raise Refused("ResourceInUse")
        arn = f"{self._root}:{re.sub(r'(?<!^)(?=[A-Z])', '-', kind).lower()}/{name}"
        begun = datetime.now(UTC)
        state = {"EndpointStatus": "Creating"} if kind == "Endpoint" else {_STATUS.get(kind, "State"): "InProgress"}
        there[name] = {**asked, **state, f"{kind}Arn": arn, "CreationTime": begun, f"{kind}StartTime": begun}
        self._tags[arn] = list(asked.get("Tags", []))
        return {f"{kind}Arn": arn}

    def _package(self, operation: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        group = asked.get("ModelPackageGroupName", "")
        match operation:
            case "ListModelPackages":
                newest = reversed(self._packages.get(group, []))
                return {"ModelPackageSummaryList": list(newest)[: asked.get("MaxResults", 10)]}
            case "CreateModelPackage":
                arn = f"{self._root}:model-package/{group}/{len(self._packages.get(group, [])) + 1}"
                self._packages.setdefault(group, []).append({**asked, "ModelPackageArn": arn})
                return {"ModelPackageArn": arn}
        arn = asked.get("ModelPackageName") or asked["ModelPackageArn"]
        group = arn.split("/")[1]
        found = next(package for package in self._packages[group] if package["ModelPackageArn"] == arn)
        if operation == "UpdateModelPackage":
            found |= asked
        return dict(found)

    def tagged(self, _operation: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """GetResources of the tagging API: at most 100 a page."""
        wanted = {entry["Key"]: set(entry.get("Values", ())) for entry in asked.get("TagFilters", ())}
        kinds = tuple(f"{self._root}:{kind.partition(':')[2]}/" for kind in asked.get("ResourceTypeFilters", ()))
        with self._lock:
            arns = [arn for arn, tags in self._tags.items() if arn.startswith(kinds) and _has(tags, wanted)]
            first, size = int(asked.get("PaginationToken") or 0), asked.get("ResourcesPerPage", 100)
            page = [{"ResourceARN": arn, "Tags": self._tags[arn]} for arn in arns[first : first + size]]
        rest = first + size < len(arns)
        return {"ResourceTagMappingList": page, "PaginationToken": str(first + size) if rest else ""}


def _has(tags: list[dict[str, str]], wanted: Mapping[str, set[str]]) -> bool:
    there = {tag["Key"]: tag["Value"] for tag in tags}
    return all(key in there and (not values or there[key] in values) for key, values in wanted.items())
