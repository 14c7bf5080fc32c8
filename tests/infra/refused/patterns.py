"""What EventBridge takes as an event pattern: as its own matcher reads one (aws/event-ruler, JsonRuleCompiler), and
"Amazon EventBridge quotas" (eb-quota.html). The wildcards' complexity is counted by tests/infra/complexity.py.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Iterator
from typing import Any

from tests.infra.complexity import MOST, of_pattern

Json = Any
LONGEST = 2_048
"""Characters of a pattern; more may be asked for, and is not to be counted on."""
MOST_TARGETS = 5
_COMPARISONS = {"=", "<", "<=", ">", ">="}


def refusals(kind: str, given: dict[str, Json]) -> Iterator[str]:
    """What is wrong with a rule."""
    if kind != "AWS::Events::Rule":
        return
    if len(given.get("Targets", [])) > MOST_TARGETS:
        yield f"a rule has at most {MOST_TARGETS} targets"
    if given.get("State", "ENABLED") not in {"ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"}:
        yield f"State {given['State']!r} is none"
    pattern = given.get("EventPattern")
    if pattern is None:
        return
    if len(json.dumps(pattern, separators=(",", ":"))) > LONGEST:
        yield f"the pattern has more than {LONGEST} characters"
    yield from _object(pattern, "pattern")
    try:
        if of_pattern(pattern) > MOST:
            yield "the pattern is too complex: its wildcards match too much at once"
    except (AttributeError, TypeError):  # its form is wrong, which was said
        return


def _object(value: Json, place: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{place} must be an object or an array"
        return
    if not value:
        yield f"{place}: empty objects are not allowed"
    for name, inner in value.items():
        if name == "$or":
            yield from _either(inner, f"{place}/$or")
        elif isinstance(inner, list):
            yield from _values(inner, f"{place}/{name}")
        else:
            yield from _object(inner, f"{place}/{name}")


def _either(value: Json, place: str) -> Iterator[str]:
    if not isinstance(value, list) or len(value) < 2:
        yield f"{place} must be an array of at least two objects"
        return
    for one in value:
        yield from _object(one, place)


def _values(values: list[Json], place: str) -> Iterator[str]:
    """An array is what may be: its parts are alternatives, so `{"exists": false}` may stand beside values."""
    if not values:
        yield f"{place}: empty arrays are not allowed"
    for one in values:
        if isinstance(one, list):
            yield f"{place}: a value must be a string, number, true, false or null"
        elif isinstance(one, dict):
            if len(one) != 1:
                yield f"{place}: only one key is allowed in a match expression"
            else:
                [(operator, operand)] = one.items()
                if operator not in _OPERATORS:
                    yield f"{place}: unrecognized match type {operator}"
                elif not _OPERATORS[operator](operand):
                    yield f"{place}: {operator} cannot be {operand!r}"


def _text(value: Json) -> bool:
    return isinstance(value, str)


def _edge(value: Json) -> bool:
    """A prefix or suffix, or one that ignores case."""
    return _text(value) or (
        isinstance(value, dict) and list(value) == ["equals-ignore-case"] and _text(*value.values())
    )


def _wildcard(value: Json) -> bool:
    plain = value.replace("\\\\", "").replace("\\*", "") if _text(value) else None
    return plain is not None and "**" not in plain and "\\" not in plain


def _network(value: Json) -> bool:
    try:
        return bool(ipaddress.ip_network(value, strict=False))
    except ValueError:
        return False


def _number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _numeric(value: Json) -> bool:
    """One comparison, or a range from below to above."""
    if not isinstance(value, list) or len(value) not in {2, 4}:
        return False
    comparisons = value[::2]
    if not set(comparisons) <= _COMPARISONS or not all(map(_number, value[1::2])):
        return False
    return len(value) == 2 or (comparisons[0] in {">", ">="} and comparisons[1] in {"<", "<="} and value[1] < value[3])


def _anything_but(value: Json) -> bool:
    if isinstance(value, dict) and len(value) == 1:
        [(operator, operand)] = value.items()
        several = operand if isinstance(operand, list) else [operand]
        allowed = {"prefix", "suffix", "equals-ignore-case", "wildcard"}
        return operator in allowed and bool(several) and all(_text(one) and one for one in several)
    several = value if isinstance(value, list) else [value]
    return bool(several) and (all(map(_text, several)) or all(map(_number, several)))


_OPERATORS: dict[str, Callable[[Json], bool]] = {
    "prefix": _edge,
    "suffix": _edge,
    "equals-ignore-case": _text,
    "wildcard": _wildcard,
    "cidr": _network,
    "numeric": _numeric,
    "anything-but": _anything_but,
    "exists": lambda value: isinstance(value, bool),
}
