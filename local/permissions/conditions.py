"""The conditions of a statement: `Condition: {operator: {key: values}}`, each of which must hold.

IAM's rules, which are easily remembered wrong: a key that is not in the request fails every operator but the negated
ones, `...IfExists` and ForAllValues; several values in the policy are alternatives, for a negated operator exclusions;
a key with several values in the request needs ForAllValues or ForAnyValue. Keys are compared without case, tag keys in
them too; values with. An operator or key that is not in the tables below is refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.permissions.errors import PolicyError
from local.permissions.patterns import arn_like, like
from local.permissions.permission import Values

Test = Callable[[str, str], bool]
"""Whether a value of the request fits a value of the policy."""

_TESTS: dict[str, Test] = {
    "StringEquals": lambda wanted, given: wanted == given,
    "StringEqualsIgnoreCase": lambda wanted, given: wanted.lower() == given.lower(),
    "StringLike": like,
    "ArnEquals": arn_like,  # IAM makes no difference between the two
    "ArnLike": arn_like,
    "Bool": lambda wanted, given: wanted.lower() == given.lower(),
}
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}
_SETS = ("ForAllValues", "ForAnyValue")

SINGLE = frozenset(
    {
        "s3:prefix", "s3:delimiter", "s3:max-keys", "s3:versionid", "s3:if-none-match",
        "iam:passedtoservice", "iam:associatedresourcearn",
        "cloudwatch:namespace", "sagemaker:taggingaction", "sagemaker:targetmodel",
        "application-autoscaling:service-namespace", "application-autoscaling:scalable-dimension", "iam:awsservicename",
        "kms:grantisforawsresource", "ec2:subnetid", "ec2:securitygroupid", "events:source", "events:detail-type",
    }
)  # fmt: skip
"""Keys of which a request has one value at most."""
SEVERAL = frozenset({"aws:tagkeys", "cloudwatch:alarmactions", "dynamodb:leadingkeys"})
"""Keys of which a request may have several values."""
BY_TAG = ("aws:requesttag/", "aws:resourcetag/", "sagemaker:resourcetag/")
"""What a key begins with that names a tag; one value at most."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator on one key. `over` is ForAllValues, ForAnyValue or nothing."""

    operator: str
    key: str
    values: Values
    over: str = ""
    if_exists: bool = False

    def holds(self, facts: Mapping[str, Values]) -> bool:
        given = facts.get(self.key)
        if self.operator == "Null":
            return (self.values[0].lower() == "true") == (given is None)
        if self.over == "ForAllValues":
            return all(map(self._fits, given or ()))
        if given is None:
            return self.over != "ForAnyValue" and (self.if_exists or self.operator in _NEGATED)
        if self.over == "ForAnyValue":
            return any(map(self._fits, given))
        return self._fits(given[0])

    def _fits(self, given: str) -> bool:
        positive = _NEGATED.get(self.operator, self.operator)
        found = any(_TESTS[positive](wanted, given) for wanted in self.values)
        return found if positive == self.operator else not found


def parse(document: Mapping[str, Mapping[str, Any]], *, known_only: bool = True) -> tuple[Condition, ...]:
    """The conditions of a statement. Raises PolicyError for what is not known here.

    `known_only`: whether a key that no request here has is a mistake. Otherwise it is just not in the request.
    """
    parsed = []
    for name, keys in document.items():
        for key, values in keys.items():
            condition = _one(name, key, values)
            if known_only:
                _require_known(condition, key)
            parsed.append(condition)
    return tuple(parsed)


def _require_known(condition: Condition, written: str) -> None:
    key = condition.key
    is_single = key in SINGLE or (key.startswith(BY_TAG) and key.partition("/")[2] != "")
    if not is_single and key not in SEVERAL:
        raise PolicyError(f"the condition key {written} is not known here")
    if key in SEVERAL and not condition.over and condition.operator != "Null":
        raise PolicyError(
            f"{condition.operator} on {written}: a key with several values needs ForAllValues or ForAnyValue"
        )


def _one(name: str, key: str, values: Any) -> Condition:
    over, _, rest = name.rpartition(":")
    operator = rest.removesuffix("IfExists")
    if operator not in {*_TESTS, *_NEGATED, "Null"} or (over and over not in _SETS):
        raise PolicyError(f"the condition operator {name} is not known here")
    if operator == "Null" and (over or rest != operator):
        raise PolicyError(f"{name}: Null takes neither IfExists nor a set operator")
    texts = tuple(map(_text, values if isinstance(values, list | tuple) else [values]))
    if not texts or (operator == "Null" and len(texts) != 1):
        raise PolicyError(f"{name} on {key} has {len(texts)} values")
    return Condition(operator, key.lower(), texts, over, if_exists=rest != operator)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int):
        return str(value)
    raise PolicyError(f"a condition's value is {value!r}, which is neither text nor number")
