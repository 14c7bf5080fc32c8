"""DynamoDB's expressions, as far as the store uses them: conditions and updates."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

Item = dict[str, dict[str, str]]
_TOKENS = re.compile(r"\(|\)|<>|[<>=]+|[:#]?\w+")


def holds(condition: str, item: Item, request: Mapping[str, Any]) -> bool:
    """A condition of AND, OR, NOT, comparisons, attribute_exists and attribute_not_exists.

    >>> holds("attribute_not_exists(id) OR (attribute_not_exists(sent) AND claimed < :old)",
    ...       {"id": {"S": "m"}, "claimed": {"S": "1"}}, {"ExpressionAttributeValues": {":old": {"S": "2"}}})
    True
    """
    tokens = deque(_tokens(condition))

    def either() -> bool:
        value = both()
        while tokens and tokens[0] == "OR":
            tokens.popleft()
            value = both() or value
        return value

    def both() -> bool:
        value = single()
        while tokens and tokens[0] == "AND":
            tokens.popleft()
            value = single() and value
        return value

    def single() -> bool:
        token = tokens.popleft()
        if token == "NOT":
            return not single()
        if token == "(":
            value = either()
            tokens.popleft()
            return value
        if token in {"attribute_exists", "attribute_not_exists"}:
            _, name, _ = tokens.popleft(), tokens.popleft(), tokens.popleft()
            return (_named(name, request) in item) == (token == "attribute_exists")
        return _compared(item.get(_named(token, request)), tokens.popleft(), _value(tokens.popleft(), request))

    return either()


def updated(item: Item, expression: str, request: Mapping[str, Any]) -> Item:
    """The item after an update of SET, REMOVE and ADD.

    >>> updated({"id": {"S": "a"}, "n": {"N": "1"}}, "SET x = :x ADD n :one REMOVE y",
    ...         {"ExpressionAttributeValues": {":x": {"S": "x"}, ":one": {"N": "1"}}})
    {'id': {'S': 'a'}, 'n': {'N': '2'}, 'x': {'S': 'x'}}
    """
    changed = {**item}
    for verb, clause in _clauses(expression):
        name, _, value = clause.replace("=", " ").partition(" ")
        name = _named(name, request)
        if verb == "REMOVE":
            changed.pop(name, None)
        elif verb == "SET":
            changed[name] = _value(value.strip(), request)
        else:
            was = int(changed.get(name, {"N": "0"})["N"])
            changed[name] = {"N": str(was + int(_value(value.strip(), request)["N"]))}
    return changed


@cache
def _tokens(condition: str) -> tuple[str, ...]:
    return tuple(_TOKENS.findall(condition))


@cache
def _clauses(expression: str) -> tuple[tuple[str, str], ...]:
    """Each change of an update: its verb, and what it changes."""

    def found() -> Iterator[tuple[str, str]]:
        _, *parts = re.split(r"\b(SET|REMOVE|ADD) ", expression)
        for verb, clauses in zip(parts[::2], parts[1::2], strict=True):
            yield from ((verb, clause.strip()) for clause in clauses.split(","))

    return tuple(found())


def _compared(found: dict[str, str] | None, relation: str, wanted: dict[str, str]) -> bool:
    if found is None:
        return relation == "<>"
    (kind, left), (other, right) = *found.items(), *wanted.items()
    if kind != other:
        return relation == "<>"
    if kind == "N":
        return _related(float(left), float(right), relation)
    return _related(left, right, relation)


def _related(a: Any, b: Any, relation: str) -> bool:
    return bool({"=": a == b, "<>": a != b, "<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b}[relation])


def _named(name: str, request: Mapping[str, Any]) -> str:
    return str(request["ExpressionAttributeNames"][name]) if name.startswith("#") else name


def _value(name: str, request: Mapping[str, Any]) -> dict[str, str]:
    value: dict[str, str] = request["ExpressionAttributeValues"][name]
    return value
