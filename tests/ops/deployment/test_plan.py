"""A plan's hands on the account: a template too large for a request, and what an earlier plan left half done."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import WaiterError

from ops.deployment.artifacts import Artifacts
from ops.deployment.order import Order
from ops.deployment.plan import LARGEST_BODY, NAME, clean_up, given
from tests.ops.world import error, silent


class S3:
    """A bucket or none; it writes down what is asked of it."""

    def __init__(self, *, there: bool, busy: int = 0) -> None:
        self.there, self.busy = there, busy
        self.asked: list[str] = []

    def __getattr__(self, operation: str) -> Any:
        def call(**_: Any) -> None:
            if operation == "head_bucket" and not self.there:
                raise error("404")
            if operation == "create_bucket" and self.busy > 0:
                self.busy -= 1
                raise error("OperationAborted")
            self.asked.append(operation)

        return call


def artifacts(s3: S3, pauses: list[float]) -> Artifacts:
    return Artifacts(lambda _service: s3, "123456789012", "eu-west-1", pause=pauses.append)


LARGE = {"Description": "x" * LARGEST_BODY}


def test_a_template_that_fits_touches_no_bucket() -> None:
    s3 = S3(there=True)
    with given({"Description": "x"}, artifacts(s3, []), Order(), silent) as source:
        assert source == {"TemplateBody": '{"Description":"x"}'}
    assert s3.asked == []


def test_a_large_one_is_lent_to_a_bucket_that_is_there_and_not_configured_anew() -> None:
    s3, said = S3(there=True), list[str]()
    with given(LARGE, artifacts(s3, []), Order("prod"), said.append) as source:
        assert source["TemplateURL"].endswith("amazonaws.com/sagerelay-prod/plan.json")
    assert s3.asked == ["head_bucket", "put_object", "delete_object"]
    assert said == []


def test_a_bucket_made_for_a_large_one_is_said_and_stays_and_s3_is_waited_for() -> None:
    s3, pauses, said = S3(there=False, busy=2), list[float](), list[str]()
    with given(LARGE, artifacts(s3, pauses), Order("prod"), said.append):
        pass
    assert pauses == [1, 2]
    assert "create_bucket" in s3.asked
    assert "delete_bucket" not in s3.asked
    assert "it stays for `make deploy STAGE=prod`" in said[0]


class CloudFormation:
    """A stack that an earlier plan left in review, whose change set is still being made."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.making = True

    def describe_stacks(self, **_: Any) -> dict[str, Any]:
        return {"Stacks": [{"StackId": "id", "StackStatus": "REVIEW_IN_PROGRESS"}]}

    def describe_stack_events(self, **_: Any) -> dict[str, Any]:
        return {"StackEvents": []}

    def get_paginator(self, _operation: str) -> Any:
        page = {"Summaries": [{"ChangeSetName": NAME}]}
        return type("Pages", (), {"paginate": lambda _, **__: [page]})()

    def delete_change_set(self, **_: Any) -> None:
        if self.making:
            raise error("InvalidChangeSetStatus")
        self.done.append("change set deleted")

    def delete_stack(self, **_: Any) -> None:
        self.done.append("stack deleted")

    def get_waiter(self, name: str) -> Any:
        def wait(**_: Any) -> None:
            self.making = False
            self.done.append(name)
            if name == "change_set_create_complete":
                raise WaiterError(name, "it failed", {})

        return type("Waiter", (), {"wait": staticmethod(wait)})()


def test_what_a_killed_plan_left_is_waited_for_and_removed() -> None:
    cloudformation = CloudFormation()
    clean_up(cloudformation, "sagerelay-prod")
    assert cloudformation.done == [
        "change_set_create_complete",
        "change set deleted",
        "stack deleted",
        "stack_delete_complete",
    ]


def test_another_refusal_is_told() -> None:
    s3 = S3(there=False)
    with pytest.raises(Exception, match="AccessDenied"):
        artifacts(s3, [])._retried(_refuse)


def _refuse(**_: object) -> None:
    raise error("AccessDenied")
