"""Policies out of the template: intrinsic functions worked out, and what only AWS's own platform uses in them."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from local import laptop_roles
from local.permissions import roles, template
from local.permissions.errors import PolicyError
from local.permissions.permission import Permission, permission
from local.permissions.policy import Policies
from local.permissions.roles import JOBS_ROLE, LAMBDA_ROLE
from local.permissions.template import Resolver
from tests.permissions.recording import spare_pairs

RESOLVER = Resolver(
    {"AWS::Region": "eu-west-1", "Topic": "arn:topic", "Ids": "a,b", "Empty": ""},
    {"Bucket.Arn": "arn:aws:s3:::b"},
    {
        "IsEmpty": {"Fn::Equals": [{"Ref": "Empty"}, ""]},
        "HasIds": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Ids"}, ""]}]},
        "IsFull": {"Fn::Not": [{"Condition": "IsEmpty"}]},
    },
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!Ref Topic", "arn:topic"),
        ("{Ref: Topic}", "arn:topic"),
        ("!GetAtt Bucket.Arn", "arn:aws:s3:::b"),
        ("{'Fn::GetAtt': [Bucket, Arn]}", "arn:aws:s3:::b"),
        ('!Sub "${Bucket.Arn}/x-${AWS::Region}/${!Literal}"', "arn:aws:s3:::b/x-eu-west-1/${Literal}"),
        ('!Sub ["${A}-${Topic}", {A: !Ref AWS::Region}]', "eu-west-1-arn:topic"),
        ("!If [IsEmpty, yes, !Ref Unknown]", True),  # what is not taken is not looked at
        ("!If [IsFull, 1, 2]", 2),
        ("!If [HasIds, !Ref Topic, 2]", "arn:topic"),
        ("[1, !If [HasIds, !Ref AWS::NoValue, 2], 3]", [1, 3]),
        ("{a: !If [HasIds, !Ref AWS::NoValue, 2], b: !Ref Topic}", {"b": "arn:topic"}),
        ('!Split [",", !Ref Ids]', ["a", "b"]),
        ('!Join ["-", [!Ref Ids, x]]', "a,b-x"),
        ("{Condition: {StringEquals: {k: !Ref Topic}}}", {"Condition": {"StringEquals": {"k": "arn:topic"}}}),
    ],
)
def test_an_intrinsic_function_is_worked_out(text: str, value: Any) -> None:
    assert RESOLVER.resolve(template.load(text)) == value


@pytest.mark.parametrize(
    "text",
    [
        "!Ref Nothing",
        "!GetAtt Bucket.Name",
        '!Sub "${Nothing}"',
        '!Sub "${Bucket.Name}"',
        "!ImportValue x",
        "!If [Nothing, 1, 2]",
        "!Select [0, [a]]",
    ],
)
def test_what_is_not_known_is_an_error_and_no_text(text: str) -> None:
    with pytest.raises(PolicyError):
        RESOLVER.resolve(template.load(text))


KEY = "arn:aws:kms:us-east-1:123456789012:key/0a1b"
EVERYTHING = {"KmsKeyArn": KEY, "SubnetIds": "subnet-0a,subnet-0b", "SecurityGroupIds": "sg-0c"}


def policies(**parameters: str) -> dict[str, Policies]:
    return roles.policies(dataclasses.replace(laptop_roles.names(), parameters=parameters))


def ec2(action: str, resource: str, **facts: str) -> Permission:
    keyed = {f"ec2:{key}": value for key, value in facts.items()}
    return permission(f"ec2:{action}", f"arn:aws:ec2:us-east-1:123456789012:{resource}", keyed)


GRANT = permission("kms:CreateGrant", KEY, {"kms:GrantIsForAWSResource": "true"})
USED: dict[tuple[str, str], list[Permission]] = {
    # Bucket, table and topic are encrypted with the key that is given: who reads and writes them uses it.
    (LAMBDA_ROLE, "Encrypted"): [Permission("kms:Decrypt", KEY), Permission("kms:GenerateDataKey", KEY)],
    (JOBS_ROLE, "Encrypted"): [
        Permission(f"kms:{use}", KEY) for use in ("Decrypt", "Encrypt", "GenerateDataKey", "DescribeKey")
    ],
    # The volumes of jobs and endpoints: SageMaker makes a grant, as whoever creates them and as their role.
    (LAMBDA_ROLE, "GrantTheKeyToSageMaker"): [GRANT],
    (LAMBDA_ROLE, "LookAtTheKey"): [Permission("kms:DescribeKey", KEY)],
    (JOBS_ROLE, "GrantTheKeyToSageMaker"): [GRANT],
    # Instances in the user's network: SageMaker makes their interfaces as the role.
    (JOBS_ROLE, "JoinTheNetwork"): [
        ec2("CreateNetworkInterface", "network-interface/*"),
        ec2("CreateNetworkInterface", "subnet/subnet-0b", SubnetID="subnet-0b"),
        ec2("CreateNetworkInterface", "security-group/sg-0c", SecurityGroupID="sg-0c"),
    ],
    (JOBS_ROLE, "NetworkInterfaces"): [
        ec2(action, "network-interface/eni-1")
        for action in (
            *("CreateNetworkInterfacePermission", "DeleteNetworkInterface", "DeleteNetworkInterfacePermission"),
        )
    ],
    (JOBS_ROLE, "LookAtTheNetwork"): [
        Permission(f"ec2:Describe{things}", "*")
        for things in ("DhcpOptions", "NetworkInterfaces", "SecurityGroups", "Subnets", "Vpcs")
    ],
}
"""What a key or a network adds, none of which a laptop has: why it is there, and what AWS asks for then."""


def statements(of: Policies) -> set[str]:
    return {statement.sid for statement in of.statements}


def test_the_table_has_all_that_a_key_and_a_network_add() -> None:
    plain, full = policies(), policies(**EVERYTHING)
    added = {(role, sid) for role in full for sid in statements(full[role]) - statements(plain[role])}
    assert added | {(LAMBDA_ROLE, "Encrypted")} == set(USED)  # which a laptop's topic has too, with another key


@pytest.mark.parametrize(("role", "sid"), USED)
def test_what_only_the_platform_uses_is_allowed_and_nothing_of_it_is_to_spare(role: str, sid: str) -> None:
    of, asked = policies(**EVERYTHING)[role], set(USED[role, sid])

    assert [one for one in asked if not of.decide(one).allowed] == []
    assert [spare for spare in spare_pairs(of, asked) if spare[0] == sid] == []
    if sid != "Encrypted" or role == JOBS_ROLE:
        assert [one for one in asked if policies()[role].decide(one).allowed] == []


@pytest.mark.parametrize(
    ("role", "asked"),
    [
        (JOBS_ROLE, Permission("kms:Decrypt", KEY + "2")),
        (LAMBDA_ROLE, Permission("kms:GenerateDataKey", KEY + "2")),
        (LAMBDA_ROLE, permission("kms:CreateGrant", KEY, {"kms:GrantIsForAWSResource": "false"})),
        (LAMBDA_ROLE, Permission("kms:CreateGrant", KEY)),
        (JOBS_ROLE, Permission("kms:ScheduleKeyDeletion", KEY)),
        (JOBS_ROLE, ec2("CreateNetworkInterface", "subnet/subnet-ff", SubnetID="subnet-ff")),
        (JOBS_ROLE, ec2("CreateNetworkInterface", "security-group/sg-ff", SecurityGroupID="sg-ff")),
        (JOBS_ROLE, ec2("CreateNetworkInterface", "instance/i-1")),
        (JOBS_ROLE, ec2("TerminateInstances", "instance/i-1")),
        (LAMBDA_ROLE, ec2("CreateNetworkInterface", "subnet/subnet-0b", SubnetID="subnet-0b")),
    ],
)
def test_a_key_and_a_network_allow_no_more(role: str, asked: Permission) -> None:
    assert not policies(**EVERYTHING)[role].decide(asked).allowed
