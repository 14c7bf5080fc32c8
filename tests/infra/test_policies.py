"""The two roles: read by IAM's own definitions and by a policy linter, in every partition."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local import laptop_roles
from local.permissions import roles
from tests.infra.conftest import EVERYTHING, PLACES, Template, of_type
from tests.infra.definitions import linted, listed, problems, services
from tests.infra.refused.policies import size
from tests.infra.resolving import Place

ROLES = ("LambdaRole", "SageMakerRole")
INLINE_LIMIT, MANAGED_LIMIT = 10_240, 6_144
"""Characters that all the inline policies of a role may have together, and one that it takes; white space does not
count."""
# Why each star is right stands beside it in infra/roles.yaml.
KNOW_NO_RESOURCE = {
    *("tag:GetResources", "ecr:GetAuthorizationToken", "cloudwatch:PutMetricData", "ec2:DescribeVpcs"),
    "cloudwatch:GetMetricStatistics",
    *("ec2:DescribeDhcpOptions", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets"),
}


def statements(resources: Template, role: str) -> list[dict[str, Any]]:
    """All that a role may do: by its own policies and by those of the template that it takes."""
    documents = [*inline(resources, role), *taken(resources, role)]
    return [statement for document in documents for statement in document["Statement"]]


def inline(resources: Template, role: str) -> list[dict[str, Any]]:
    return [policy["PolicyDocument"] for policy in resources[role]["Properties"]["Policies"]]


def taken(resources: Template, role: str) -> list[dict[str, Any]]:
    arns = resources[role]["Properties"].get("ManagedPolicyArns", [])
    ours = of_type(resources, "AWS::IAM::ManagedPolicy").items()
    return [one["PolicyDocument"] for arn in arns for name, one in ours if arn.endswith(f"-{name}-1x2y")]


@pytest.mark.parametrize("role", ROLES)
def test_every_action_exists_and_works_on_its_resources_under_its_conditions(
    role: str, resolved: Callable[..., Template]
) -> None:
    found = [
        f"{statement['Sid']}: {problem}"
        for statement in statements(resolved(**EVERYTHING), role)
        for problem in problems(statement)
    ]
    assert found == []


@pytest.mark.parametrize(
    "planted",
    [
        {"Action": "sagemaker:StartMagic", "Resource": "*"},
        {"Action": "s3:PutObject", "Resource": "arn:aws:s3:::bucket"},
        {"Action": "s3:GetObject", "Resource": "*"},
        {"Action": "s3:GetObject", "Resource": ["arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket"]},
        {"Action": "sns:Publish", "Resource": "arn:aws:sns:eu-west-1:1:t", "Condition": {"Bool": {"s3:prefix": "x"}}},
    ],
)
def test_a_mistake_in_a_statement_is_found(planted: dict[str, Any]) -> None:
    assert list(problems(planted))


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.region)
@pytest.mark.parametrize("role", ROLES)
def test_the_policy_linter_finds_nothing(role: str, place: Place, resolved: Callable[..., Template]) -> None:
    resources = resolved(place, **EVERYTHING)
    for document in (*inline(resources, role), *taken(resources, role)):
        assert linted(document) == []


def test_the_policy_linter_is_awake() -> None:
    wrong = {"Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "arn:aws:s3:::bucket/*"}
    assert linted({"Version": "2012-10-17", "Statement": [wrong]})


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.region)
@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_no_larger_than_iam_allows(role: str, place: Place, resolved: Callable[..., Template]) -> None:
    resources = resolved(place, **EVERYTHING)
    # CloudFormation's names of buckets and queues are longer than ours by a random end.
    assert sum(map(size, inline(resources, role))) < INLINE_LIMIT * 0.9
    assert all(size(document) < MANAGED_LIMIT * 0.9 for document in taken(resources, role))


def test_what_only_the_functions_may_is_taken_by_no_other_role(resolved: Callable[..., Template]) -> None:
    resources = resolved()
    takers = {arn: role for role in ROLES for arn in resources[role]["Properties"].get("ManagedPolicyArns", [])}
    assert set(takers.values()) == {"LambdaRole"}
    for one in of_type(resources, "AWS::IAM::ManagedPolicy").values():
        assert not {"Roles", "Users", "Groups", "ManagedPolicyName"} & set(one)  # the role says what it takes, itself
    assert len(takers) == len(of_type(resources, "AWS::IAM::ManagedPolicy"))


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.region)
def test_every_arn_is_of_the_partition_and_the_account_that_the_stack_is_in(
    place: Place, resolved: Callable[..., Template]
) -> None:
    text = json.dumps(resolved(place))
    arns = re.findall(r"arn:[^\s\"',]+", text)
    assert arns
    assert {arn.split(":")[1] for arn in arns} == {place.partition}
    elsewhere = [
        arn
        for arn in arns
        if arn.split(":")[3] not in {"", place.region} or arn.split(":")[4] not in {"", place.account}
    ]
    # SageMaker's images lie in accounts of AWS, others in each region.
    images = {"sagemaker-xgboost", "sagemaker-scikit-learn", "linear-learner"}
    assert {arn.partition(":repository/")[2] for arn in elsewhere} == images


@pytest.mark.parametrize("role", ROLES)
def test_a_star_stands_only_where_aws_knows_no_resource(role: str, resolved: Callable[..., Template]) -> None:
    starred = {
        action
        for statement in statements(resolved(**EVERYTHING), role)
        if "*" in listed(statement["Resource"])
        for action in listed(statement["Action"])
    }
    assert starred <= KNOW_NO_RESOURCE
    assert all(not set(_resource_types(action)) for action in starred)


def _resource_types(action: str) -> Iterator[str]:
    service, _, name = action.partition(":")
    return filter(None, services()[service]["privileges"][name]["resource_types"])


def test_only_sagemaker_gets_the_jobs_role_and_only_from_the_functions(resolved: Callable[..., Template]) -> None:
    resources = resolved(**EVERYTHING)
    (handing,) = [one for one in statements(resources, "LambdaRole") if "iam:PassRole" in listed(one["Action"])]
    jobs, own = handing["Resource"]
    assert jobs.endswith("-SageMakerRole-1x2y")
    assert own.endswith(":role/sagerelay-dev-own-*")  # of datasets' own code: tests/infra/test_own_code.py
    assert handing["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    assert "iam:PassRole" not in json.dumps(statements(resources, "SageMakerRole"))
    for role, service in (("LambdaRole", "lambda"), ("SageMakerRole", "sagemaker")):
        (trust,) = resources[role]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": f"{service}.amazonaws.com"}


def test_what_is_made_must_carry_our_tag_and_what_is_changed_must_have_it(resolved: Callable[..., Template]) -> None:
    tagged = {"aws:RequestTag/sagerelay:deployment": "sagerelay-dev"}
    ours = {"aws:ResourceTag/sagerelay:deployment": "sagerelay-dev"}
    for statement in statements(resolved(), "LambdaRole"):
        for action in listed(statement["Action"]):
            condition = statement.get("Condition", {}).get("StringEquals", {})
            if action == "sagemaker:CreateEndpoint":  # asked on the endpoint, and on its configuration, which is there
                assert condition in (tagged, ours)
            elif re.match(r"sagemaker:(Create(?!ModelPackage$)|AddTags)", action):
                assert condition == tagged, action
            elif re.match(r"sagemaker:(Delete|UpdateEndpoint)", action):
                assert condition == ours, action
            elif re.match(r"sagemaker:(Describe|List)", action):
                assert "Condition" not in statement, f"{action}: what is not there has no tag, and would be forbidden"


@pytest.mark.parametrize(
    ("parameters", "services_named"),
    [({}, set()), ({"KmsKeyArn": EVERYTHING["KmsKeyArn"]}, {"kms"}), ({"SubnetIds": "subnet-1"}, {"ec2"})],
)
def test_jobs_may_use_a_key_or_a_network_only_where_there_is_one(
    parameters: dict[str, str], services_named: set[str], resolved: Callable[..., Template]
) -> None:
    used = {
        action.partition(":")[0]
        for statement in statements(resolved(**parameters), "SageMakerRole")
        for action in listed(statement["Action"])
    }
    assert used & {"kms", "ec2"} == services_named


def test_interfaces_are_made_in_the_subnets_and_groups_given_only(resolved: Callable[..., Template]) -> None:
    (joining,) = [
        one
        for one in statements(resolved(**EVERYTHING), "SageMakerRole")
        if "ec2:CreateNetworkInterface" in listed(one["Action"])
    ]
    assert joining["Condition"] == {
        "StringEqualsIfExists": {"ec2:SubnetID": ["subnet-0a1b", "subnet-0c2d"], "ec2:SecurityGroupID": ["sg-0e3f"]}
    }


def test_the_boundary_is_on_both_roles_if_one_is_given(resolved: Callable[..., Template]) -> None:
    with_one, without = resolved(**EVERYTHING), resolved()
    for role in ROLES:
        assert with_one[role]["Properties"]["PermissionsBoundary"] == EVERYTHING["PermissionsBoundaryArn"]
        assert "PermissionsBoundary" not in without[role]["Properties"]


@pytest.mark.parametrize("parameters", [{}, EVERYTHING], ids=["nothing given", "everything given"])
def test_the_laptop_evaluates_what_is_packaged(parameters: dict[str, str], template: Template) -> None:
    names = dataclasses.replace(laptop_roles.names(), parameters=parameters)
    packaged, read = roles.of_template(template, names), roles.policies(names)
    for role in ROLES:
        assert packaged[role].statements == read[role].statements
        assert len(read[role].statements) > 5
