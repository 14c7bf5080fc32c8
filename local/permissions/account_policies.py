"""What the policies of the account's own roles say, however they are written: nobody here wrote them.

The template's policies are held to what the evaluator knows (`policy.parse`). Of other people's, an allowance that it
cannot evaluate allows nothing, and a denial that it cannot evaluate denies: what is allowed here is allowed in the
account. A document that is no policy says nothing.
"""

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from local.permissions import conditions
from local.permissions.errors import PolicyError
from local.permissions.patterns import wildcard
from local.permissions.permission import Values
from local.permissions.policy import Policies, Statement


@lru_cache(maxsize=64)
def policies(documents: tuple[str, ...]) -> Policies:
    """The policies of one role."""
    return Policies(statement for document in documents for statement in _statements(document))


def trusts(document: str, service: str) -> bool:
    """Whether a trust policy lets a service (`sagemaker.amazonaws.com`) assume the role."""
    for one in _parts(document):
        principal = one.get("Principal")
        named = _texts(principal.get("Service")) if isinstance(principal, Mapping) else _texts(principal)
        names_service = service in named or "*" in named
        assumes = any(
            wildcard(action, ignore_case=True).fullmatch("sts:AssumeRole") for action in _texts(one.get("Action"))
        )
        if one.get("Effect") == "Allow" and names_service and assumes:
            return True
    return False


def _statements(document: str) -> Iterator[Statement]:
    for one in _parts(document):
        allows = one.get("Effect") == "Allow"
        try:
            needed = conditions.parse(one.get("Condition") or {}, known_only=False)
        except PolicyError:
            if allows:
                continue
            needed = ()
        yield Statement(
            str(one.get("Sid", "without a Sid")),
            allows,
            _texts(one.get("Action", one.get("NotAction"))),
            _texts(one.get("Resource", one.get("NotResource"))),
            needed,
            other_actions="Action" not in one,
            other_resources="Resource" not in one,
        )


def _parts(document: str) -> list[Mapping[str, Any]]:
    try:
        found = json.loads(document)["Statement"]
    except (ValueError, KeyError, TypeError):
        return []
    return [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, Mapping)]


def _texts(value: Any) -> Values:
    return tuple(text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str))
