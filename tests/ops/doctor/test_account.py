"""What the account's own answers mean: who asks, where, the image, and what IAM says one may do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError, TokenRetrievalError, UnauthorizedSSOTokenError

from chalicelib.algorithms.images import PATCHED_UNTIL
from ops.account import access
from ops.account.access import Caller, patches
from ops.account.finding import State, problem
from ops.deployment.preflight import hindrances
from ops.target import OpsError
from tests.ops.world import error

ANN = Caller("123456789012", "arn:aws:sts::123456789012:assumed-role/Admin/ann")


class Aws:
    """Answers every call alike, or raises; what is not asked for by a test has no answer."""

    def __init__(self, *, region: str | None = "eu-west-1", **answers: Any) -> None:
        self.answers, self.asked = answers, []  # type: tuple[dict[str, Any], list[dict[str, Any]]]
        self.meta = type("Meta", (), {"region_name": region})

    def client(self, _service: str) -> Any:
        return self

    def get_paginator(self, operation: str) -> Any:
        return type("Paginator", (), {"paginate": lambda _, **asked: [getattr(self, operation)(**asked)]})()

    def __getattr__(self, operation: str) -> Any:
        def call(**asked: Any) -> Any:
            self.asked.append(asked)
            answer = self.answers[operation]
            if isinstance(answer, Exception):
                raise answer
            return answer(asked) if callable(answer) else answer

        return call


def simulated(**decisions: str) -> Any:
    """IAM's simulation: an action by its name after the colon, allowed unless said otherwise."""

    def answer(asked: dict[str, Any]) -> dict[str, Any]:
        names = asked["ActionNames"]
        told = [{"EvalActionName": one, "EvalDecision": decisions.get(one.split(":")[1], "allowed")} for one in names]
        return {"EvaluationResults": told}

    return answer


@pytest.mark.parametrize(
    ("refused", "todo"),
    [
        (NoCredentialsError(), "aws configure"),
        (error("ExpiredToken"), "ExpiredToken. They may have expired: sign in"),
        (UnauthorizedSSOTokenError(), "aws sso login"),
        (TokenRetrievalError(provider="sso", error_msg="Token has expired"), "aws sso login"),
    ],
)
def test_without_credentials_one_is_told_what_to_do(refused: Exception, todo: str) -> None:
    with pytest.raises(OpsError, match=todo):
        access.caller(Aws(get_caller_identity=refused).client)


def test_a_region_is_the_one_asked_for_or_the_profile_s_and_one_of_sagemaker_s() -> None:
    assert access.region_of(Aws().client, None) == "eu-west-1"
    assert access.region_of(Aws().client, "us-east-2") == "us-east-2"
    with pytest.raises(OpsError, match="No region is set"):
        access.region_of(Aws(region=None).client, None)
    with pytest.raises(OpsError, match=r"atlantis-1.* Choose one of these"):
        access.region_of(Aws().client, "atlantis-1")


@pytest.mark.parametrize(
    ("answer", "state", "what"),
    [
        ({"images": [{}]}, State.OK, "sagemaker-xgboost:3.2-0"),
        ({"images": []}, State.PROBLEM, "is not there"),
        (error("AccessDeniedException"), State.OK, "you may not ask ECR"),
    ],
)
def test_the_image_is_asked_for_where_one_may(answer: Any, state: State, what: str) -> None:
    [finding] = access.image(Aws(batch_get_image=answer).client, "eu-west-1")
    assert finding.state is state
    assert what in finding.what


def test_every_action_that_the_caller_s_policies_deny_is_named_and_what_they_allow_in_part_is_not_known() -> None:
    actions = [f"s3:Action{number}" for number in range(120)]
    role = {"Role": {"Arn": "arn:aws:iam::123456789012:role/team/Admin"}}
    aws = Aws(get_role=role, simulate_principal_policy=simulated(Action3="implicitDeny", Action110="explicitDeny"))
    denied, narrow = access.may(aws.client, ANN, actions)
    assert (denied.state, denied.what.partition("deny ")[2]) == (State.PROBLEM, "s3:Action110")
    assert (narrow.state, "every resource: s3:Action3. Whether" in narrow.what) == (State.UNKNOWN, True)
    assert hindrances([denied, narrow, problem("stack", "", "")]) == [problem("stack", "", "")]
    asked = [one for one in aws.asked if "ActionNames" in one]
    assert [name for one in asked for name in one["ActionNames"]] == actions
    assert {one["PolicySourceArn"] for one in asked} == {role["Role"]["Arn"]}

    [finding] = access.may(Aws(get_role=role, simulate_principal_policy=simulated()).client, ANN, actions)
    assert (finding.state, finding.what.partition(" of ")[0]) == (
        State.OK,
        "all 120 actions that are needed, as IAM simulates them",
    )


def test_the_root_user_s_policies_cannot_be_simulated() -> None:
    [finding] = access.may(Aws().client, Caller("1", "arn:aws:iam::123456789012:root"), ["s3:GetObject"])
    assert finding.state is State.NOTE


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (simulated(), State.OK),
        (simulated(PassRole="explicitDeny"), State.PROBLEM),
        ({"EvaluationResults": []}, State.UNKNOWN),
    ],
)
def test_the_functions_have_to_be_able_to_pass_the_jobs_role(answer: Any, state: State) -> None:
    aws = Aws(simulate_principal_policy=answer)
    [finding] = access.pass_role(aws.client, "arn:functions", "arn:jobs")
    assert finding.state is state
    [asked] = aws.asked
    assert (asked["PolicySourceArn"], asked["ResourceArns"]) == ("arn:functions", ["arn:jobs"])


@pytest.mark.parametrize(
    ("before_the_end", "state"),
    [(300, State.OK), (181, State.OK), (180, State.NOTE), (1, State.NOTE), (0, State.NOTE), (-1, State.PROBLEM)],
)
def test_the_end_of_the_image_s_patches_is_named_and_said_months_ahead(before_the_end: int, state: State) -> None:
    found = patches(PATCHED_UNTIL - timedelta(days=before_the_end))
    assert found.state is state
    assert "3.2-0" in found.what
    assert "2027-05-13" in found.what
    assert bool(found.todo) is (state is not State.OK)
    assert hindrances([found]) == []
