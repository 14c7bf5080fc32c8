"""The stack with the roles of datasets' own code: made when asked for, kept, and removed with the deployment."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ops.deployment import own_code
from ops.deployment.order import Order, mistakes
from ops.deployment.stacks import Stack

NAME = "sagerelay-dev-own-code"


@dataclass
class CloudFormation:
    """One stack, or none."""

    made: dict[str, Any] | None = None
    asked: list[str] = field(default_factory=list)

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803 (boto3's spelling)
        if self.made is None:
            raise ClientError({"Error": {"Code": "ValidationError", "Message": "does not exist"}}, "DescribeStacks")
        assert StackName == NAME
        return {"Stacks": [self.made]}

    def create_stack(self, **made: Any) -> None:
        assert self.made is None
        self.asked.append("create")
        self.made = made

    def update_stack(self, **made: Any) -> None:
        if made == self.made:
            error = {"Code": "ValidationError", "Message": "No updates are to be performed."}
            raise ClientError({"Error": error}, "UpdateStack")
        self.asked.append("update")
        self.made = made

    def delete_stack(self, *, StackName: str) -> None:  # noqa: N803
        assert StackName == NAME
        self.asked.append("delete")
        self.made = None

    def get_waiter(self, name: str) -> Any:
        self.asked.append(name)
        return self

    def wait(self, **_: Any) -> None:
        """It is done at once."""


def deployed(datasets: str) -> Stack:
    return Stack(
        "sagerelay-dev",
        "arn:aws:cloudformation:eu-west-1:123456789012:stack/sagerelay-dev/1",
        "UPDATE_COMPLETE",
        {"BucketName": "mine"},
        {"OwnCode": datasets, "KmsKeyArn": "arn:k"},
    )


def roles(cloud: CloudFormation) -> set[str]:
    assert cloud.made
    found = json.loads(cloud.made["TemplateBody"])["Resources"].values()
    return {one["Properties"]["RoleName"]["Fn::Sub"] for one in found}


def test_nothing_is_made_where_nothing_was_asked_for() -> None:
    cloud = CloudFormation()
    assert own_code.keep(lambda _: cloud, deployed("")) == ""
    assert own_code.remove(lambda _: cloud, "sagerelay-dev") == ""
    assert cloud.asked == []


def test_roles_are_made_kept_and_removed() -> None:
    cloud = CloudFormation()
    assert own_code.keep(lambda _: cloud, deployed("churn")) == "own code may run of: churn"
    assert cloud.made
    assert roles(cloud) == {"${Stack}-own-churn"}
    given = {one["ParameterKey"]: one["ParameterValue"] for one in cloud.made["Parameters"]}
    assert (given["Stack"], given["Bucket"], given["KmsKeyArn"]) == ("sagerelay-dev", "mine", "arn:k")
    assert cloud.made["Tags"] == [{"Key": "sagerelay:deployment", "Value": "sagerelay-dev"}]

    own_code.keep(lambda _: cloud, deployed("churn"))
    own_code.keep(lambda _: cloud, deployed("prices"))
    assert roles(cloud) == {"${Stack}-own-churn", "${Stack}-own-prices"}, "a live endpoint may answer under either"
    assert own_code.keep(lambda _: cloud, deployed("")) == "own code may run of: no dataset"

    assert "removed the stack" in own_code.remove(lambda _: cloud, "sagerelay-dev")
    waits = ["stack_create_complete", "stack_update_complete", "stack_delete_complete"]
    assert cloud.asked == ["create", waits[0], "update", waits[1], "delete", waits[2]]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("churn,prices", ""),
        ("none", ""),
        ("customer-churn", "OWN_CODE holds customer-churn; it takes names of datasets with commas"),
        ("Churn", "OWN_CODE holds Churn; it takes"),
        (",".join("abcdefghi"), "OWN_CODE names 9 datasets; a deployment has 8 at most"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_touched(asked: str, told: str) -> None:
    found = mistakes(Order(own_code=asked), region="eu-west-1", first=False)
    assert " ".join(found).startswith(told)
    assert bool(found) == bool(told)
