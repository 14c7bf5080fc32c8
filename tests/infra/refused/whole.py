"""The template as a document: AWS's "CloudFormation quotas" (cloudformation-limits.html) unless said otherwise."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

Json = Any
LARGEST_BODY = 1_000_000
"""Bytes, from S3, and of what a macro makes of it. In a request it is 51,200: tests/infra/test_template.py."""
MOST = {"Resources": 500, "Outputs": 200, "Parameters": 200, "Mappings": 200}
LONGEST_DESCRIPTION = 1_024
"""Bytes, of the template and of an output; a parameter's may have 4,000 characters (parameters-section-structure)."""
LONGEST_NAME = 255
LONGEST_VALUE = 4_096
_NAME = re.compile(r"[A-Za-z0-9]+")  # resources-section-structure, outputs-, parameters-, mappings-, conditions-
_SECTIONS = {
    *("AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Rules", "Mappings", "Conditions"),
    *("Transform", "Resources", "Outputs", "Globals"),
}
"""template-anatomy; Globals is the SAM transform's, which takes it away. Any other is "Invalid template property"."""


def refusals(template: dict[str, Json]) -> Iterator[str]:
    """What is wrong with the document."""
    # "'null' values are not allowed in templates", wherever they stand, also where the service itself would take one:
    # an event pattern's null is the case of aws-cloudformation/cloudformation-coverage-roadmap issue 1378.
    yield from (f"{place} is null" for place in nulls(template))
    yield from (f"{' -> '.join(circle)} depend on each other" for circle in circles(template.get("Resources", {})))
    yield from (f"{name} is no section" for name in template.keys() - _SECTIONS)
    yield from _sizes(template)
    for section in (*MOST, "Conditions", "Rules"):
        for name in template.get(section, {}):
            if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
                yield f"{section}/{name} is no name: letters and digits, at most {LONGEST_NAME}"


def _sizes(template: dict[str, Json]) -> Iterator[str]:
    if len(json.dumps(template)) > LARGEST_BODY:
        yield "the template is too large"
    if len(str(template.get("Description", "")).encode()) > LONGEST_DESCRIPTION:
        yield "Description is too long"
    for section, most in MOST.items():
        if len(template.get(section, {})) > most:
            yield f"there are more than {most} {section}"
    for name, output in template.get("Outputs", {}).items():
        if len(str(output.get("Description", "")).encode()) > LONGEST_DESCRIPTION:
            yield f"Outputs/{name}/Description is too long"
    for name, parameter in template.get("Parameters", {}).items():
        if len(str(parameter.get("Description", ""))) > 4_000:
            yield f"Parameters/{name}/Description is too long"
        if len(str(parameter.get("Default", "")).encode()) > LONGEST_VALUE:
            yield f"Parameters/{name}/Default is too long"


def nulls(value: Json, place: str = "") -> Iterator[str]:
    """Where a null stands.

    >>> list(nulls({"Resources": {"Rule": {"Pattern": [{"exists": False}, None]}}}))
    ['/Resources/Rule/Pattern/1']
    """
    if value is None:
        yield place
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from nulls(inner, f"{place}/{name}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from nulls(inner, f"{place}/{index}")


def circles(resources: dict[str, Json]) -> Iterator[list[str]]:
    """Resources that wait for each other ("Circular dependency between resources"): the first circle, if there is one.

    >>> list(circles({"A": {"Properties": {"x": {"Fn::Sub": "${B.Arn}"}}}, "B": {"DependsOn": "A"}}))
    [['A', 'B', 'A']]
    """
    needs = {name: sorted(_named(resource) & resources.keys()) for name, resource in resources.items()}
    done: set[str] = set()

    def walk(name: str, path: list[str]) -> list[str] | None:
        if name in path:
            return [*path[path.index(name) :], name]
        if name not in done:
            for other in needs[name]:
                if found := walk(other, [*path, name]):
                    return found
            done.add(name)
        return None

    for name in resources:
        if found := walk(name, []):
            yield found
            return


def _named(value: Json, key: str = "") -> set[str]:
    """The names that a resource waits for."""
    if isinstance(value, str):
        if key in {"Ref", "DependsOn"}:
            return {value}
        if key == "Fn::GetAtt":
            return {value.split(".")[0]}
        return set(re.findall(r"\$\{([A-Za-z0-9]+)[.}]", value)) if key == "Fn::Sub" else set()
    if isinstance(value, dict):
        return set().union(*(_named(inner, name) for name, inner in value.items()))
    if isinstance(value, list):
        inner = value[:1] if key == "Fn::GetAtt" else value
        return set().union(*(_named(one, key) for one in inner))
    return set()
