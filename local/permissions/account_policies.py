"""What the policies of the account's own roles say, however they are written: nobody here wrote them.

The template's policies are held to what the evaluator knows (`policy.parse`). Of other people's, an allowance that it
cannot evaluate allows nothing, and a denial that it cannot evaluate denies: what is allowed here is allowed in the
account. A document that is no policy says nothing.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any

from local.permissions import conditions
from local.permissions.conditions import Condition
from local.permissions.errors import PolicyError
from local.permissions.patterns import wildcard
from local.permissions.permission import Values
from local.permissions.policy import Policies, Statement


@lru_cache(maxsize=64)
def policies(documents: tuple[str, ...], boundary: str | None = None) -> Policies:
    """The policies of one role, within its permissions boundary."""
    limit = None if boundary is None else Policies(_statements(boundary))
    return Policies((statement for document in documents for statement in _statements(document)), limit)


def trusts(document: str, service: str) -> bool:
    """Whether a trust policy lets a service (`sagemaker.amazonaws.com`) assume the role."""
    return _lets_assume(document, "Service", {service}, None)


def lets_in(document: str, names: Collection[str], facts: Mapping[str, Values]) -> bool:
    """Whether a trust policy lets somebody assume the role who goes by these names (ARNs, the account)."""
    return _lets_assume(document, "AWS", names, facts)


def _lets_assume(document: str, kind: str, names: Collection[str], facts: Mapping[str, Values] | None) -> bool:
    """A denial wins. `facts`: what conditions are asked about; None: whoever asks fulfils them, as SageMaker would."""
    allowed = False
    for one in _parts(document):
        principal = one.get("Principal")
        named = _texts(principal.get(kind)) if isinstance(principal, Mapping) else _texts(principal)
        assumes = any(
            wildcard(action, ignore_case=True).fullmatch("sts:AssumeRole") for action in _texts(one.get("Action"))
        )
        if not assumes or not {*names, "*"} & set(named) or not _fulfilled(one, facts):
            continue
        if one.get("Effect") != "Allow":
            return False
        allowed = True
    return allowed


def _fulfilled(one: Mapping[str, Any], facts: Mapping[str, Values] | None) -> bool:
    if facts is None:
        return True
    needed = _conditions(one)
    if needed is None:
        return one.get("Effect") != "Allow"
    return all(condition.holds(facts) for condition in needed)


def _conditions(one: Mapping[str, Any]) -> tuple[Condition, ...] | None:
    """None: nobody here can say whether they hold."""
    try:
        return conditions.parse(one.get("Condition") or {}, known_only=False)
    except PolicyError:
        return None


def _statements(document: str) -> Iterator[Statement]:
    for one in _parts(document):
        allows = one.get("Effect") == "Allow"
        resources = _texts(one.get("Resource", one.get("NotResource")))
        is_plain = "${" not in json.dumps(one)  # a policy variable is what nobody here evaluates
        needed = _conditions(one) if is_plain else None
        if needed is None and allows:
            continue
        yield Statement(
            str(one.get("Sid", "without a Sid")),
            allows,
            _texts(one.get("Action", one.get("NotAction"))),
            resources if is_plain else ("*",),
            needed or (),
            other_actions="Action" not in one,
            other_resources="Resource" not in one and is_plain,
        )


def _parts(document: str) -> list[Mapping[str, Any]]:
    try:
        found = json.loads(document)["Statement"]
    except (ValueError, KeyError, TypeError):
        return []
    return [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, Mapping)]


def _texts(value: Any) -> Values:
    return tuple(text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str))
