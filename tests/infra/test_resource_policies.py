"""The policies of bucket, topic, queues and key: who is named, under which condition, and that each is about itself.

And every star of the template, in whatever spelling: beside it stands why.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.deployment.package import ROOT
from tests.infra.conftest import EVERYTHING, PLACES, Template
from tests.infra.definitions import linted, listed, services
from tests.infra.resolving import Place

OF_IDENTITIES = {"AWS::IAM::Role", "AWS::IAM::ManagedPolicy"}
OF_ITSELF = {
    "BucketPolicy": {"arn:aws:s3:::sagerelay-dev-bucket-1x2y", "arn:aws:s3:::sagerelay-dev-bucket-1x2y/*"},
    "TopicPolicy": {"arn:aws:sns:eu-west-1:123456789012:sagerelay-dev-Topic-1x2y"},
    "QueuePolicy": {"arn:aws:sqs:eu-west-1:123456789012:sagerelay-dev-UndeliveredQueue-1x2y"},
    "FailedQueuePolicy": {"arn:aws:sqs:eu-west-1:123456789012:sagerelay-dev-FailedQueue-1x2y"},
    "TopicKey": {"*"},  # in a key's policy "*" is this key
}
"""What each policy is about."""
ALLOWED = {
    ("TopicKey", "TheAccountDecides"): ("AWS", "arn:aws:iam::123456789012:root", None),
    ("TopicKey", "AlarmsMayPublish"): ("Service", "cloudwatch.amazonaws.com", "123456789012"),
    ("TopicPolicy", "AlarmsOfThisStack"): (
        "Service",
        "cloudwatch.amazonaws.com",
        "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:sagerelay-dev-*",
    ),
    ("TopicPolicy", "TheFunctions"): ("AWS", "arn:aws:iam::123456789012:role/sagerelay-dev-LambdaRole-1x2y", None),
    ("QueuePolicy", "RulesOfThisStack"): (
        "Service",
        "events.amazonaws.com",
        "arn:aws:events:eu-west-1:123456789012:rule/sagerelay-dev-*",
    ),
}
"""Who is allowed anything: the kind of principal, its name, and for a service whose doing it has to be."""
DENIED = ({"Bool": {"aws:SecureTransport": "false"}}, {"NumericLessThan": {"s3:TlsVersion": "1.2"}})
FOUND_WRONGLY = re.compile(
    r"RESOURCE_STAR - \['kms:|MISMATCHED_TYPE .* s3:TlsVersion|UNKNOWN_CONDITION.* s3:TlsVersion"
)
"""What parliament, which knows policies of identities, finds in those of resources: a key's policy is about "*", and
the version of TLS is a number that AWS's own examples write as a text, too."""


def policies(resources: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every policy that is a resource's, with the name of what has it."""
    for name, resource in resources.items():
        if resource["Type"] not in OF_IDENTITIES:
            for document in documents(resource):
                yield name, document


def documents(value: Any) -> Iterator[dict[str, Any]]:
    """Every policy document in a value."""
    if isinstance(value, dict):
        if "Statement" in value:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from documents(inner)


def statements(resources: Template, effect: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, document in policies(resources):
        for statement in document["Statement"]:
            if statement["Effect"] == effect:
                yield name, statement


def test_every_policy_is_about_what_has_it(resolved: Callable[..., Template]) -> None:
    about = {
        name: {resource for statement in document["Statement"] for resource in listed(statement["Resource"])}
        for name, document in policies(resolved())
    }
    assert about == OF_ITSELF


def test_only_this_account_is_allowed_anything_and_services_only_for_this_stack(
    resolved: Callable[..., Template],
) -> None:
    found = {(name, statement["Sid"]): allowed(statement) for name, statement in statements(resolved(), "Allow")}
    assert found == ALLOWED


def allowed(statement: dict[str, Any]) -> tuple[str, str, str | None]:
    ((kind, name),) = statement["Principal"].items()
    conditions = statement.get("Condition", {})
    if not conditions:
        return kind, name, None
    ((operator, operands),) = conditions.items()
    ((key, value),) = operands.items()
    assert (operator, key) in {("ArnLike", "aws:SourceArn"), ("StringEquals", "aws:SourceAccount")}
    return kind, name, value


@pytest.mark.parametrize("parameters", [{}, EVERYTHING], ids=["nothing given", "everything given"])
def test_what_is_denied_is_denied_to_everybody_and_only_without_encryption(
    parameters: dict[str, str], resolved: Callable[..., Template]
) -> None:
    denied = list(statements(resolved(**parameters), "Deny"))
    assert {name for name, _ in denied} == set(OF_ITSELF) - {"TopicKey"}
    for name, statement in denied:
        assert statement["Principal"] == "*"
        assert statement["Condition"] in DENIED, name


def test_actions_exist_and_are_the_services_own(resolved: Callable[..., Template]) -> None:
    of = {
        "BucketPolicy": "s3",
        "TopicPolicy": "sns",
        "QueuePolicy": "sqs",
        "FailedQueuePolicy": "sqs",
        "TopicKey": "kms",
    }
    for name, document in policies(resolved()):
        for action in (action for statement in document["Statement"] for action in listed(statement["Action"])):
            service, _, operation = action.partition(":")
            assert service == of[name]
            known = services()[service]["privileges"]
            assert [one for one in known if re.fullmatch(operation.replace("*", ".*"), one)], action


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.region)
def test_the_policy_linter_finds_nothing_that_it_understands(place: Place, resolved: Callable[..., Template]) -> None:
    for name, document in policies(resolved(place)):
        found = [finding for finding in linted(document) if not FOUND_WRONGLY.search(finding)]
        assert found == [], name


STARRED = ("Resource", "NotResource", "Principal", "NotPrincipal")


def wide(file: Path) -> Iterator[tuple[yaml.MappingNode, str]]:
    """The statements of a file, as nodes, that name everything, or the whole bucket; with the key that does."""
    for node in nodes(yaml.compose(file.read_text(encoding="utf-8"))):
        if not isinstance(node, yaml.MappingNode):
            continue
        for key, value in node.value:
            if key.value in STARRED and any(_is_wide(one) for one in nodes(value)):
                yield node, key.value


def nodes(node: yaml.Node | None) -> Iterator[yaml.Node]:
    """A node and all in it. What an alias stands for is another's, too, and comes again."""
    if node is None:
        return
    yield node
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from (*nodes(key), *nodes(value))
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from nodes(value)


def _is_wide(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and (
        node.value == "*" or (node.tag == "!GetAtt" and node.value == "Bucket.Arn")
    )


def says_why(statement: yaml.Node, lines: list[str]) -> bool:
    """Whether a comment stands above a statement, or above the !If that it is a part of; or in it."""
    first = statement.start_mark.line
    while re.match(r"\s*- (&\S+ )?(!If|HasKey|InNetwork)\s*$", lines[first - 1]):
        first -= 1
    return any(line.lstrip().startswith("#") for line in lines[first - 1 : statement.end_mark.line])


def test_beside_every_star_stands_why() -> None:
    stars = 0
    for file in sorted((ROOT / "infra").glob("*.yaml")):
        lines = file.read_text(encoding="utf-8").splitlines()
        for statement, key in wide(file):
            stars += 1
            assert says_why(statement, lines), f"{file.name}:{statement.start_mark.line + 1}: {key} says not why"
    assert stars > 10


@pytest.mark.parametrize(
    "statement",
    [
        '{Effect: Allow, Resource: "*"}',
        "{Effect: Allow, Resource: '*'}",
        "{Effect: Allow, Resource: [arn, '*']}",
        "{Effect: Allow, Principal: {AWS: '*'}}",
        "{Effect: Allow, NotResource: !Sub '*'}",
        "{Effect: Allow, Resource: !If [HasKey, '*', arn]}",
        "{Effect: Allow, Resource: !GetAtt Bucket.Arn}",
    ],
)
def test_a_star_is_found_in_every_spelling(statement: str, tmp_path: Path) -> None:
    file = tmp_path / "some.yaml"
    file.write_text(f"Statement:\n  - {statement}\n")
    ((node, _),) = wide(file)
    assert not says_why(node, file.read_text().splitlines())

    file.write_text(f"Statement:\n  # AWS knows no other.\n  - {statement}\n")
    ((node, _),) = wide(file)
    assert says_why(node, file.read_text().splitlines())
