"""The policies of the template's two roles, with the names that things have in this deployment.

Read from `infra/`, the same files that are packaged: what is evaluated on the laptop is what is deployed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.permissions import template
from local.permissions.policy import Policies, Statement, parse
from local.permissions.template import Resolver

INFRA = Path(__file__).resolve().parents[2] / "infra"
LAMBDA_ROLE, JOBS_ROLE = "LambdaRole", "SageMakerRole"
"""Logical ids of the roles."""


@dataclass(frozen=True)
class Names:
    """What a deployment's things are called, by logical id: what Ref and GetAtt give."""

    stack: str
    region: str
    account: str
    values: Mapping[str, Any]
    attributes: Mapping[str, str]
    parameters: Mapping[str, str] = field(default_factory=dict)
    """The template's parameters that are given; the others have their defaults."""


def policies(names: Names) -> dict[str, Policies]:
    """The policies of both roles, by logical id. Raises PolicyError for what cannot be evaluated."""
    parts = [template.load((INFRA / name).read_text(encoding="utf-8")) for name in ("parameters.yaml", "roles.yaml")]
    return of_template({key: value for part in parts for key, value in part.items()}, names)


def of_template(document: Mapping[str, Any], names: Names) -> dict[str, Policies]:
    """The policies of the roles in a template."""
    resolver = Resolver(_values(document, names), names.attributes, document.get("Conditions", {}))
    resources = document["Resources"]
    return {role: Policies(_statements(role, resources, resolver)) for role in (LAMBDA_ROLE, JOBS_ROLE)}


def _values(document: Mapping[str, Any], names: Names) -> dict[str, Any]:
    given = {
        name: names.parameters.get(name, declared.get("Default"))
        for name, declared in document.get("Parameters", {}).items()
    }
    pseudo = {"StackName": names.stack, "Region": names.region, "AccountId": names.account}
    pseudo |= {"Partition": "aws", "URLSuffix": "amazonaws.com"}
    return {**given, **{f"AWS::{name}": value for name, value in pseudo.items()}, **names.values}


def _statements(role: str, resources: Mapping[str, Any], resolver: Resolver) -> list[Statement]:
    """What a role's own policies say, and those of the template's that it takes."""
    properties = resources[role]["Properties"]
    documents = [policy["PolicyDocument"] for policy in properties["Policies"]]
    documents += [
        resources[taken["Ref"]]["Properties"]["PolicyDocument"] for taken in properties.get("ManagedPolicyArns", [])
    ]
    return [statement for document in documents for statement in parse(resolver.resolve(document))]
