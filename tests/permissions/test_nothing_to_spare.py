"""Relays run under the template's policies: nothing they need is missing, and nothing is there that none of them needs.

Everything that was asked for is written down while relays run that make every call there is (relays.py). Then each
permission, which is one action on one resource, is taken away, and each condition is given another value: every time
something that a relay needs must be denied. The other way round, whatever was allowed must be denied to another stage,
bucket, role or place.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from local import laptop_roles, stack
from local.cloud import EmbeddedCloud
from local.events.delivery import Pace
from local.permissions import roles
from local.permissions.permission import Permission
from local.permissions.policy import Policies, parse
from local.permissions.roles import JOBS_ROLE, LAMBDA_ROLE
from tests.permissions.cancelled import cancel
from tests.permissions.recording import Recording, spare_conditions, spare_pairs
from tests.permissions.relays import Owner, Work, fail, fetch_as_jobs, run_all
from tests.scale.test_many_datasets import app_without_jobs

pytestmark = pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning")

BOTH = pytest.mark.parametrize("role", [LAMBDA_ROLE, JOBS_ROLE])
UNASKED = {
    LAMBDA_ROLE: {
        # That SageMaker tags a tuning job's children in its own name is written nowhere: without this, should it do so
        # as whoever created the tuning job, no tuning could begin.
        ("GroupsAndTrials", "sagemaker:AddTags", "training-job/*-tune-*"),
    },
    JOBS_ROLE: set[tuple[str, str, str]](),
}
"""What AWS may ask for and the laptop does not, each with its reason."""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recording]:
    recording, now = Recording(), datetime.now(UTC)
    app, pace = app_without_jobs(tmp_path_factory.mktemp("app")), Pace(retry_delays=(0.05, 0.05), deployment_speed=2000)
    work = Work()
    with EmbeddedCloud(app_directory=app, executor=work, pace=pace, witness=recording) as cloud:
        owner = Owner(cloud)
        run_all(owner, now)
        cancel(owner, work)
        fail(owner)
        fetch_as_jobs(cloud, tmp_path_factory.mktemp("fetched"), now)
        # Taken now: a function that is killed while it asks sends half a request.
        yield Recording.of(recording)


@pytest.fixture(scope="module")
def policies() -> dict[str, Policies]:
    return roles.policies(laptop_roles.names())


def test_no_relay_is_denied_anything(recorded: Recording) -> None:
    denied = {one for _, one in recorded.denied}
    # Two functions may remove the same thing: what is gone between a look and its deletion has no tag any more, and AWS
    # says that it is forbidden. The function fails, is tried again, and finds nothing to do.
    assert {one for one in denied if not (one.action.startswith("sagemaker:Delete") and one.context == ())} == set()
    of_both = {role: asked for role, asked in recorded.asked.items() if role != "sagerelay-own-own"}
    assert all(len(asked) > 100 for asked in of_both.values())
    # The role of a dataset's own code, which trains and serves: tests/infra/test_own_code.py.
    assert {"s3:GetObject", "s3:PutObject"} <= {one.action for one in recorded.asked["sagerelay-own-own"]}


@BOTH
def test_without_any_one_permission_a_relay_is_denied_something(
    role: str, recorded: Recording, policies: dict[str, Policies]
) -> None:
    assert spare_pairs(policies[role], recorded.asked[role]) == UNASKED[role]


@BOTH
def test_every_condition_decides_something(role: str, recorded: Recording, policies: dict[str, Policies]) -> None:
    assert spare_conditions(policies[role], recorded.asked[role]) == set()


def test_what_is_to_spare_is_found(recorded: Recording, policies: dict[str, Policies]) -> None:
    planted = {
        "Sid": "Planted",
        "Effect": "Allow",
        "Action": ["s3:PutObject", "s3:DeleteObject"],
        "Resource": ["arn:aws:s3:::sagerelay-local/*"],
        "Condition": {"StringEqualsIfExists": {"s3:prefix": "x"}},
    }
    more = Policies([*policies[LAMBDA_ROLE].statements, *parse({"Version": "2012-10-17", "Statement": [planted]})])
    asked = recorded.asked[LAMBDA_ROLE]

    # Writing is allowed twice now; the wider of the two is not needed, nor is what nobody asks for.
    spare = spare_pairs(more, asked) - UNASKED[LAMBDA_ROLE]
    assert {(sid, action) for sid, action, _ in spare} == {
        ("Planted", "s3:DeleteObject"),
        ("Planted", "s3:PutObject"),
        ("WriteDocuments", "s3:PutObject"),
    }
    assert ("Planted", "s3:prefix") in spare_conditions(more, asked)


ELSEWHERE = {
    "another account": (f":{stack.ACCOUNT}:", ":999999999999:"),
    "another region": (f":{stack.REGION}:", ":eu-central-1:"),
    "another partition": ("arn:aws:", "arn:aws-cn:"),
    "another bucket": (f"arn:aws:s3:::{stack.BUCKET}", f"arn:aws:s3:::{stack.BUCKET}-2"),
    "another table": (f":table/{stack.TABLE}", f":table/{stack.TABLE}-2"),
    "another topic": (f":{stack.TOPIC}", f":{stack.TOPIC}-2"),
    "another queue": (f":{stack.FUNCTION_FAILURES}", f":{stack.TARGET_FAILURES}"),
    "another role": (f":role/{stack.JOBS.role}", f":role/{stack.LAMBDA.role}"),
    "another image": ("repository/sagemaker-", "repository/other-"),
    "another algorithm's image": ("repository/linear-learner", "repository/knn"),
    "another stage's live endpoint": (":endpoint/sagerelay-", ":endpoint/other-"),
    "another stage's models": (":model-package-group/sagerelay-", ":model-package-group/other-"),
    "another stage's versions": (":model-package/sagerelay-", ":model-package/other-"),
    "another stage's alarms": (":alarm:sagerelay-", ":alarm:other-"),
    "another stage's logs": (":log-group:/aws/lambda/sagerelay-", ":log-group:/aws/lambda/other-"),
    "another stage's endpoints' logs": ("/aws/sagemaker/Endpoints/sagerelay-", "/aws/sagemaker/Endpoints/other-"),
    "somebody's training": ("-train-", "-churn-"),
    "somebody's files": (f"{stack.BUCKET}/runs/", f"{stack.BUCKET}/private/"),
    "the user's files": (f"{stack.BUCKET}/monitoring/", f"{stack.BUCKET}/datasets/many/train/"),
}
NOT_MEANT = {
    "the user's files": ("s3:GetObjectVersion",),  # jobs read them, as they were pinned
    "somebody's training": ("logs:", "s3:"),  # the jobs' names stand in streams and keys too
}


@BOTH
@pytest.mark.parametrize("where", ELSEWHERE)
def test_what_is_allowed_here_is_denied_elsewhere(
    role: str, where: str, recorded: Recording, policies: dict[str, Policies]
) -> None:
    before, after = ELSEWHERE[where]
    for asked in recorded.asked[role]:
        moved = dataclasses.replace(asked, resource=asked.resource.replace(before, after))
        if moved != asked and not asked.action.startswith(NOT_MEANT.get(where, ())):
            assert not policies[role].decide(moved).allowed, moved


def test_every_elsewhere_is_somewhere_now(recorded: Recording) -> None:
    resources = {asked.resource for questions in recorded.asked.values() for asked in questions}
    for where, (before, _) in ELSEWHERE.items():
        assert any(before in resource for resource in resources), where


UNTAGGED = ("Describe", "List", "CreateModelPackage", "UpdateModelPackage")
"""What is bound by its name alone: looking, and versions, which take no tags."""


def test_what_is_made_and_changed_is_denied_with_another_stage_s_tag_and_without_one(
    recorded: Recording, policies: dict[str, Policies]
) -> None:
    seen = set()
    for role, questions in recorded.asked.items():
        for asked in questions:
            service, _, operation = asked.action.partition(":")
            by_name = operation.startswith(UNTAGGED) and operation != "CreateModelPackageGroup"
            if service == "sagemaker" and not by_name:
                seen.add(operation)
                for other in (("sagerelay-other",), None):
                    assert not policies[role].decide(with_tag(asked, other)).allowed, (operation, other)
    assert {"AddTags", "CreateEndpoint", "UpdateEndpoint", "DeleteModel", "CreateTrainingJob", "InvokeEndpoint"} <= seen


def with_tag(asked: Permission, value: tuple[str, ...] | None) -> Permission:
    """The question with another value of our tag, in the request and on the thing; None for neither."""
    context = [
        (key, value if key.endswith("tag/sagerelay:deployment") else given)
        for key, given in asked.context
        if value is not None or not key.endswith("tag/sagerelay:deployment")
    ]
    return dataclasses.replace(asked, context=tuple(context))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("action", "key", "value"),
    [
        ("iam:PassRole", "iam:passedtoservice", ("lambda.amazonaws.com",)),
        ("cloudwatch:PutMetricAlarm", "cloudwatch:alarmactions", ("arn:aws:lambda:us-east-1:123456789012:function:x",)),
        ("cloudwatch:PutMetricAlarm", "aws:requesttag/sagerelay:deployment", ("other",)),
        ("cloudwatch:PutMetricData", "cloudwatch:namespace", ("AWS/Billing",)),
        ("sagemaker:AddTags", "aws:tagkeys", ("sagerelay:deployment", "owner")),
    ],
)
def test_a_fact_that_is_another_is_a_denial(
    action: str, key: str, value: tuple[str, ...], recorded: Recording, policies: dict[str, Policies]
) -> None:
    tried = 0
    for role, allowed in policies.items():
        for asked in recorded.asked[role]:
            # Autoscaling puts no tags on its alarms; their names and whom they tell bound them.
            is_tagged = ":alarm:TargetTracking-" not in asked.resource or "tag" not in key
            if asked.action == action and is_tagged:
                facts = {**asked.facts(), key: value}
                assert not allowed.decide(dataclasses.replace(asked, context=tuple(facts.items()))).allowed
                tried += 1
    assert tried


def test_functions_and_jobs_may_not_do_each_other_s_work(recorded: Recording, policies: dict[str, Policies]) -> None:
    apart = {LAMBDA_ROLE: "sagemaker:InvokeEndpoint", JOBS_ROLE: "iam:PassRole"}
    for role, action in apart.items():
        for questions in recorded.asked.values():
            assert not any(policies[role].decide(asked).allowed for asked in questions if asked.action == action)
