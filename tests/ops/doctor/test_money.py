"""What goes on costing money: every endpoint with its month and the command that ends it, checks, and metrics."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chalicelib.costs.prices import Prices
from chalicelib.settings.defaults import filled_for_monitor
from ops.account.finding import State, has_problem
from ops.dataset_status import DatasetStatus
from ops.doctor.money import Serving, judge_monitors, judge_serving, serving
from tests.ops.test_dataset_status import DATASET, MONITOR
from tests.ops.world import error


class Aws:
    """Endpoints by name: instance type, initial count, count now. The index of tags is late about `gone`."""

    def __init__(self, **endpoints: tuple[str, int, int | None]) -> None:
        self.endpoints, self.asked = endpoints, dict[str, Any]()

    def client(self, _service: str) -> Any:
        return self

    def get_paginator(self, operation: str) -> Any:
        assert operation == "get_resources"
        return self

    def paginate(self, **asked: Any) -> list[dict[str, Any]]:
        self.asked = asked
        arns = [f"arn:aws:sagemaker:eu-west-1:1:endpoint/{name}" for name in (*self.endpoints, "gone")]
        return [{"ResourceTagMappingList": [{"ResourceARN": arn} for arn in arns]}]

    def describe_endpoint(self, *, EndpointName: str) -> dict[str, Any]:  # noqa: N803 (boto3's spelling)
        if EndpointName not in self.endpoints:
            raise error("ValidationException")
        now = {"VariantName": "AllTraffic", "CurrentInstanceCount": self.endpoints[EndpointName][2]}
        return {"EndpointConfigName": EndpointName, "ProductionVariants": [now]}

    def describe_endpoint_config(self, *, EndpointConfigName: str) -> dict[str, Any]:  # noqa: N803
        instance, count, _ = self.endpoints[EndpointConfigName]
        variant = {"VariantName": "AllTraffic", "InstanceType": instance, "InitialInstanceCount": count}
        return {"ProductionVariants": [variant]}


def test_every_endpoint_of_the_deployment_is_found_by_its_tag_with_what_runs_now() -> None:
    aws = Aws(live=("ml.m5.xlarge", 1, 3), candidate=("ml.m5.large", 1, None))
    assert serving(aws.client, "sagerelay-prod") == [
        Serving("candidate", "ml.m5.large", 1),
        Serving("live", "ml.m5.xlarge", 3),
    ]
    assert aws.asked["TagFilters"] == [{"Key": "sagerelay:deployment", "Values": ["sagerelay-prod"]}]


def test_an_endpoint_is_told_with_its_month_and_the_command_that_ends_it() -> None:
    [known] = judge_serving([Serving("sagerelay-prod-churn", "ml.m5.xlarge", 1)], Prices("eu-west-1"))
    assert (
        known.what == "sagerelay-prod-churn bills by the hour, used or not: about 188 USD a month (1 x ml.m5.xlarge in "
        "eu-west-1 at 0.257 USD an hour: AWS's own bill, 2023-12)"
    )
    command = "aws sagemaker delete-endpoint --region eu-west-1 --endpoint-name sagerelay-prod-churn"
    assert known.todo == f"To end it: `{command}`."
    assert not has_problem([known])
    assert [one.state for one in judge_serving([], Prices("eu-west-1"))] == [State.OK]


CHECKS = "churn: checks (hourly, where there was traffic: up to 744 a month) are processing jobs on 1 x ml.m5"
METRICS = "the deployment keeps up to 118 custom metrics in CloudWatch, up to 35 USD a month (0.30 USD each"


def status(**monitoring: Any) -> DatasetStatus:
    settings = filled_for_monitor({"monitoring": monitoring})
    return DatasetStatus(DATASET, replace(MONITOR, settings=settings), "sagerelay-churn")


def test_checks_are_told_for_each_live_model_and_metrics_together() -> None:
    idle = DatasetStatus(replace(DATASET, name="new", live=None), MONITOR, "sagerelay-new")
    found = list(judge_monitors([status(schedule="hourly"), status(enabled=False), idle], Prices("us-east-1")))
    assert len(found) == 2
    assert found[0].what.startswith(CHECKS)
    assert found[1].what.startswith(METRICS)
    assert {one.state for one in found} == {State.NOTE}
    assert "churn's relay.yaml" in found[0].todo
