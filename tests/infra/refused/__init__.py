"""What AWS refuses of a template although cfn-lint and the SAM transform accept it: what only AWS's documentation, or
whoever was refused, tells. Each rule has its source beside it.

    whole.py      the document itself          patterns.py   what an EventBridge rule may ask for
    policies.py   documents of permissions     properties.py single resources

A rule is a pure function that yields what is wrong. Those of whole.py look at the template as CloudFormation gets it,
the others at resources that are resolved (tests/infra/resolving.py), because a limit holds for what is sent.
"""

from __future__ import annotations

from typing import Any

from tests.infra.refused import patterns, policies, properties, whole

Json = dict[str, Any]


def of_template(template: Json) -> list[str]:
    """What CloudFormation refuses before it looks at any resource."""
    return list(whole.refusals(template))


def of_resources(resources: Json) -> list[str]:
    """What the services refuse when CloudFormation asks them for these resolved resources."""
    found: list[str] = []
    for name, resource in resources.items():
        kind, given = resource["Type"], resource.get("Properties", {})
        for rules in (patterns, policies, properties):
            found += [f"{name}: {said}" for said in rules.refusals(kind, given)]
    return found
