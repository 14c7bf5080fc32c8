"""SageMaker's model registry in memory: groups, packages, and approvals, which people give and which are events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.memory_cloud.refusals import invalid
from tests.memory_cloud.surroundings import Surroundings
from tests.memory_cloud.things import ACCOUNT, Tags, named


class ModelRegistry:
    """Model package groups and their packages."""

    def __init__(self, around: Surroundings, tags: Tags) -> None:
        self._around, self._tags = around, tags
        self.groups: dict[str, list[dict[str, Any]]] = {}
        self.asked: dict[str, datetime] = {}
        """The tokens of packages that a person was asked about, and when."""

    def create_model_package_group(self, **request: Any) -> dict[str, Any]:
        name = named(request["ModelPackageGroupName"])
        arn = f"{ACCOUNT}:model-package-group/{name}"
        if name in self.groups:
            raise invalid(f"Model Package Group already exists: {arn}")
        self.groups[name] = []
        self._tags.put(arn, request["Tags"])
        return {"ModelPackageGroupArn": arn}

    def describe_model_package_group(self, ModelPackageGroupName: str) -> dict[str, Any]:  # noqa: N803
        self._group(ModelPackageGroupName)
        arn = f"{ACCOUNT}:model-package-group/{ModelPackageGroupName}"
        return {"ModelPackageGroupName": ModelPackageGroupName, "ModelPackageGroupArn": arn}

    def create_model_package(self, **request: Any) -> dict[str, Any]:
        group, token = self._group(request["ModelPackageGroupName"]), request["ClientToken"]
        if len(token) > 36 or "Tags" in request:
            raise invalid("a token that is too long, or tags on a versioned package")
        for package in group:
            if package["ClientToken"] == token:
                return {"ModelPackageArn": package["ModelPackageArn"]}
        arn = f"{ACCOUNT}:model-package/{request['ModelPackageGroupName']}/{len(group) + 1}"
        if request["ModelApprovalStatus"] == "PendingManualApproval":
            self.asked[token] = self._around.clock()
        group.append({**request, "ModelPackageArn": arn, "CreationTime": self._around.clock()})
        self._around.tell(f"SageMaker: package of {token} is {request['ModelApprovalStatus']}")
        return {"ModelPackageArn": arn}

    def list_model_packages(self, ModelPackageGroupName: str, MaxResults: int, **_order: Any) -> dict[str, Any]:  # noqa: N803
        newest = self._group(ModelPackageGroupName)[::-1][:MaxResults]
        return {"ModelPackageSummaryList": [{"ModelPackageArn": one["ModelPackageArn"]} for one in newest]}

    def describe_model_package(self, ModelPackageName: str) -> dict[str, Any]:  # noqa: N803
        return {**self._package(ModelPackageName)}

    def update_model_package(self, ModelPackageArn: str, ModelApprovalStatus: str) -> dict[str, Any]:  # noqa: N803
        package = self._package(ModelPackageArn)
        package["ModelApprovalStatus"] = ModelApprovalStatus
        detail = {
            "ModelPackageArn": ModelPackageArn,
            "ModelApprovalStatus": ModelApprovalStatus,
            "CustomerMetadataProperties": package["CustomerMetadataProperties"],
        }
        self._around.tell(f"SageMaker: package of {package['ClientToken']} is {ModelApprovalStatus}")
        name = f"package {package['ClientToken']}"
        self._around.emit("SageMaker Model Package State Change", name, ModelApprovalStatus, detail)
        return {"ModelPackageArn": ModelPackageArn}

    def waiting(self) -> list[dict[str, Any]]:
        """The packages that wait for a person."""
        packages = (package for group in self.groups.values() for package in group)
        return [package for package in packages if package["ModelApprovalStatus"] == "PendingManualApproval"]

    def _group(self, name: str) -> list[dict[str, Any]]:
        if name not in self.groups:
            raise invalid(f"Model Package Group {name} does not exist.")
        return self.groups[name]

    def _package(self, arn: str) -> dict[str, Any]:
        for package in self.groups.get(arn.rpartition("/")[0].rpartition("/")[2], []):
            if package["ModelPackageArn"] == arn:
                return package
        raise invalid(f"Model Package {arn} does not exist.")
