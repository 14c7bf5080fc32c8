"""The model registry: groups, versioned packages, and approvals that tell the world through an event.

Versions count up and are never given twice. A ClientToken makes a repeated creation return the package it made. Only
versioned packages exist here; those cannot take tags, as on AWS.
"""

from typing import Any

from local.sagemaker.resource_registry import Kind, Record, ResourceRegistry, now
from local.wire.errors import ApiError

_UPDATABLE = (
    "ModelApprovalStatus",
    "ApprovalDescription",
    "InferenceSpecification",
    "SourceUri",
    "ModelCard",
    "ModelLifeCycle",
)


class ModelRegistry:
    """Creates, updates and deletes package groups and packages."""

    def __init__(self, registry: ResourceRegistry) -> None:
        self._registry = registry

    def create_group(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreateModelPackageGroup."""
        name = request["ModelPackageGroupName"]
        arn = self._registry.arn(Kind.GROUP, name)
        detail = {key: value for key, value in request.items() if key != "Tags"} | {
            "ModelPackageGroupArn": arn,
            "ModelPackageGroupStatus": "Completed",
            "CreationTime": now(),
            "CreatedBy": {},
        }
        taken = ApiError("ValidationException", f"Model Package Group already exists: {arn}")
        self._registry.add(Kind.GROUP, name, detail, taken=taken, tags=request.get("Tags"), hidden={"versions": 0})
        return {"ModelPackageGroupArn": arn}

    def delete_group(self, request: dict[str, Any]) -> dict[str, Any]:
        """DeleteModelPackageGroup."""
        group = self._group(request["ModelPackageGroupName"])
        if any(item.detail["ModelPackageGroupName"] == group.name for item in self._registry.all(Kind.PACKAGE)):
            raise ApiError(
                "ConflictException", f"Model Package Group cannot be deleted while it has model packages: {group.arn}"
            )
        self._registry.remove(group)
        return {}

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreateModelPackage."""
        if "ModelPackageGroupName" not in request:
            raise ApiError(
                "ValidationException", "The embedded cloud has versioned packages only: give a ModelPackageGroupName."
            )
        if request.get("Tags"):
            raise ApiError("ValidationException", "Tags are not supported for versioned model packages; tag the group.")
        group = self._group(request["ModelPackageGroupName"].rpartition("/")[2])
        with self._registry.lock:
            earlier = self._by_token(group.name, request.get("ClientToken"))
            if earlier:
                return {"ModelPackageArn": earlier.arn}
            group.hidden["versions"] += 1
            version = group.hidden["versions"]
        name = f"{group.name}/{version}"
        arn = self._registry.arn(Kind.PACKAGE, name)
        begun = now()
        detail = {key: value for key, value in request.items() if key not in {"Tags", "ClientToken"}} | {
            "ModelPackageName": group.name,
            "ModelPackageGroupName": group.name,
            "ModelPackageVersion": version,
            "ModelPackageArn": arn,
            "ModelPackageStatus": "Completed",
            "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
            "ModelApprovalStatus": request.get("ModelApprovalStatus", "PendingManualApproval"),
            "CreationTime": begun,
            "LastModifiedTime": begun,
        }
        taken = ApiError("ConflictException", f"Model package already exists: {arn}")
        token = {"token": request.get("ClientToken")}
        self._registry.add(Kind.PACKAGE, name, detail, taken=taken, hidden=token)
        return {"ModelPackageArn": arn}

    def describe(self, request: dict[str, Any]) -> dict[str, Any]:
        """DescribeModelPackage."""
        answer = self._registry.describe(self._package(request["ModelPackageName"]))
        answer.pop("UpdatedModelPackageFields", None)
        return answer

    def update(self, request: dict[str, Any]) -> dict[str, Any]:
        """UpdateModelPackage; the event names the fields that changed."""
        package = self._package(request["ModelPackageArn"])
        fields = {name: request[name] for name in _UPDATABLE if name in request}
        if "CustomerMetadataProperties" in request or "CustomerMetadataPropertiesToRemove" in request:
            removed = set(request.get("CustomerMetadataPropertiesToRemove", []))
            known = {
                **package.detail.get("CustomerMetadataProperties", {}),
                **request.get("CustomerMetadataProperties", {}),
            }
            fields["CustomerMetadataProperties"] = {key: value for key, value in known.items() if key not in removed}
        changed = [name for name, value in fields.items() if package.detail.get(name) != value]
        self._registry.change(package, **fields, UpdatedModelPackageFields=changed)
        return {"ModelPackageArn": package.arn}

    def delete(self, request: dict[str, Any]) -> dict[str, Any]:
        """DeleteModelPackage."""
        self._registry.remove(self._package(request["ModelPackageName"]))
        return {}

    def _group(self, name: str) -> Record:
        group = self._registry.find(Kind.GROUP, name)
        if group is None:
            arn = self._registry.arn(Kind.GROUP, name)
            raise ApiError("ValidationException", f"Model Package Group does not exist: {arn}")
        return group

    def _package(self, name: str) -> Record:
        """A versioned package by its ARN, the only name it has."""
        package = self._registry.by_arn(name)
        if package is None or package.kind is not Kind.PACKAGE:
            raise ApiError("ValidationException", f"ModelPackage {name} does not exist.")
        return package

    def _by_token(self, group: str, token: str | None) -> Record | None:
        packages = self._registry.all(Kind.PACKAGE) if token else []
        return next(
            (
                item
                for item in packages
                if item.detail["ModelPackageGroupName"] == group and item.hidden["token"] == token
            ),
            None,
        )
