"""The embedded cloud as an account to deploy to, and a small package that moto's CloudFormation can bring up.

moto cannot make functions, alarms or a dashboard from a template, forgets the outputs of a stack that a change set
made, and refuses everything below a bucket policy whatever its conditions say. So the template is the real storage and
messages of `infra/` without policies, and two clients make good the rest; all else is what `make deploy` runs.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from botocore.validate import ParamValidator

from local.cloud import EmbeddedCloud
from local.wire.shapes import service_model
from ops.deployment.order import Order
from ops.deployment.package import ROOT, compose
from ops.deployment.preflight import Place, place
from ops.deployment.steps import Package

REGION = "us-east-1"
ORDER = Order(
    "test",
    "you@example.com",
    kms_key="none",
    subnets="none",
    security_groups="none",
    boundary="none",
    costs_above="10",
    own_code="none",
)
_KEPT = ("Bucket", "Table", "Topic", "TopicKey", "MailSubscription", "UndeliveredQueue", "FailedQueue")


def package(**resources: Mapping[str, Any]) -> Package:
    """A zip, and a template with a rule, one function and these resources more."""
    whole = compose(ROOT / "infra")
    rule = {"Type": "AWS::Events::Rule", "Properties": {"ScheduleExpression": "rate(5 minutes)", "State": "ENABLED"}}
    function = {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "./deployment.zip"}}
    made = {name: whole["Resources"][name] for name in _KEPT} | {"SweepRuleItself": rule, "Sweep": function}
    outputs = {name: one for name, one in whole["Outputs"].items() if one["Value"].get("Ref") in made}
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Parameters": whole["Parameters"],
        "Conditions": whole["Conditions"],
        "Resources": made | resources,
        "Outputs": outputs | {"SweepRule": {"Value": {"Ref": "SweepRuleItself"}}},
    }
    return Package(template, b"PK: not looked into")


class _Passing:
    """A client that passes on what it does not do itself."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


class _S3(_Passing):
    def __init__(self, client: Any, policies: dict[str, str]) -> None:
        super().__init__(client)
        self._policies = policies

    def put_bucket_policy(self, *, Bucket: str, Policy: str) -> None:  # noqa: N803 (boto3's spelling)
        self._policies[Bucket] = Policy


class _CloudFormation(_Passing):
    def __init__(self, client: Any, outputs: Mapping[str, Any]) -> None:
        super().__init__(client)
        self._outputs = outputs

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803
        answer: dict[str, Any] = self._client.describe_stacks(StackName=StackName)
        for stack in answer["Stacks"]:
            listed = self._client.describe_stack_resources(StackName=stack["StackId"])["StackResources"]
            made = {one.get("LogicalResourceId"): one.get("PhysicalResourceId") for one in listed}
            stack["Outputs"] = [
                {"OutputKey": name, "OutputValue": made[one["Value"]["Ref"]]}
                for name, one in self._outputs.items()
                if made.get(one["Value"]["Ref"])
            ]
        return answer


class Budgets:
    """AWS Budgets, which the embedded cloud has not."""

    class exceptions:  # noqa: N801 (boto3's)
        class NotFoundException(Exception):  # noqa: N818 (boto3's)
            """There is no such budget, or none of its notifications is this one."""

    def __init__(self) -> None:
        self.made: dict[str, dict[str, Any]] = {}
        self.asked: list[str] = []

    def __getattr__(self, operation: str) -> Any:
        done = getattr(type(self), f"_{operation}")

        def call(**asked: Any) -> Any:
            name = "".join(word.title() for word in operation.split("_"))
            shape = service_model("budgets").operation_model(name).input_shape
            assert ParamValidator().validate(asked, shape).generate_report() == ""
            self.asked.append(operation)
            return done(self, asked)

        return call

    def _create_budget(self, asked: dict[str, Any]) -> None:
        assert asked["Budget"]["BudgetName"] not in self.made
        self.made[asked["Budget"]["BudgetName"]] = asked

    def _describe_budget(self, asked: dict[str, Any]) -> dict[str, Any]:
        budget = self._found(asked["BudgetName"])["Budget"]
        amount = str(float(budget["BudgetLimit"]["Amount"]))
        return {"Budget": budget | {"BudgetLimit": {"Amount": amount, "Unit": "USD"}}}

    def _update_budget(self, asked: dict[str, Any]) -> None:
        self._found(asked["NewBudget"]["BudgetName"])["Budget"] = asked["NewBudget"]

    def _delete_budget(self, asked: dict[str, Any]) -> None:
        self._found(asked["BudgetName"])
        del self.made[asked["BudgetName"]]

    def _create_notification(self, asked: dict[str, Any]) -> None:
        kept = {name: asked[name] for name in ("Notification", "Subscribers")}
        self._found(asked["BudgetName"])["NotificationsWithSubscribers"].append(kept)

    def _describe_subscribers_for_notification(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {"Subscribers": self._told(asked)}

    def _create_subscriber(self, asked: dict[str, Any]) -> None:
        self._told(asked).append(asked["Subscriber"])

    def _update_subscriber(self, asked: dict[str, Any]) -> None:
        told = self._told(asked)
        told[told.index(asked["OldSubscriber"])] = asked["NewSubscriber"]

    def _found(self, name: str) -> dict[str, Any]:
        if name not in self.made:
            raise self.exceptions.NotFoundException
        return self.made[name]

    def _told(self, asked: dict[str, Any]) -> list[dict[str, str]]:
        for one in self._found(asked["BudgetName"])["NotificationsWithSubscribers"]:
            if one["Notification"] == asked["Notification"]:
                told: list[dict[str, str]] = one["Subscribers"]
                return told
        raise self.exceptions.NotFoundException


class Account:
    """What the deployment's steps see of the embedded cloud; with `outputs`, stacks say these and no others."""

    def __init__(self, cloud: EmbeddedCloud, outputs: Mapping[str, Any] | None = None) -> None:
        self.cloud = cloud
        self.policies: dict[str, str] = {}
        self.budgets = Budgets()
        self._outputs = package().template["Outputs"] if outputs is None else outputs
        # moto takes a template's address only where it says localhost
        address = cloud.endpoint_url.replace("127.0.0.1", "localhost")
        self.environment = {**os.environ, **cloud.environment, "AWS_ENDPOINT_URL": address}

    def client(self, service: str) -> Any:
        if service == "budgets":
            return self.budgets
        client = self.cloud.client(service)
        if service == "s3":
            return _S3(client, self.policies)
        return _CloudFormation(client, self._outputs) if service == "cloudformation" else client

    def place(self) -> Place:
        return place(self.client, ORDER, REGION)

    def buckets(self) -> list[str]:
        return [bucket["Name"] for bucket in self.client("s3").list_buckets()["Buckets"]]
