"""DynamoDB in memory, as far as the store uses it: conditional writes, and an index that lags behind."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from tests.simulation.cloud.refusals import refused

Item = dict[str, dict[str, str]]


class ConditionalCheckFailedException(Exception):  # noqa: N818 (botocore's name)
    """As botocore's class of this name; `Table.exceptions` leads to it."""


class Exceptions:
    ConditionalCheckFailedException = ConditionalCheckFailedException


class Table:
    """One table and its index. Conditional writes are atomic, as DynamoDB's are; the index is eventually consistent."""

    exceptions = Exceptions

    def __init__(self, name: str, now: Callable[[], float], lag: Callable[[str], float]) -> None:
        self._name, self._now, self._lag = name, now, lag
        self.items: dict[str, Item] = {}
        self._index: dict[str, Item] = {}
        self._coming: deque[tuple[float, str, Item | None]] = deque()
        self.on_write: Callable[[str, Item | None, Item | None], None] = lambda _key, _before, _after: None

    def get_item(self, TableName: str, Key: Item, ConsistentRead: bool = False) -> dict[str, Any]:  # noqa: N803, FBT001, FBT002
        self._is(TableName)
        if not ConsistentRead:
            raise AssertionError("an eventually consistent read of a record would be a bug")
        found = self.items.get(Key["id"]["S"])
        return {"Item": {**found}} if found else {}

    def put_item(self, TableName: str, Item: Item, **condition: Any) -> dict[str, Any]:  # noqa: N803
        self._is(TableName)
        key = Item["id"]["S"]
        self._check(key, condition)
        if len(str(Item)) > 400_000:
            raise refused("ValidationException", "Item size has exceeded the maximum allowed size")
        self._write(key, {**Item})
        return {}

    def update_item(self, TableName: str, Key: Item, UpdateExpression: str, **values: Any) -> dict[str, Any]:  # noqa: N803
        self._is(TableName)
        key = Key["id"]["S"]
        self._check(key, values)
        before = self.items.get(key)
        changed = {**(before or Key)}
        _, *parts = re.split(r"\b(SET|REMOVE|ADD) ", UpdateExpression)
        for verb, clauses in zip(parts[::2], parts[1::2], strict=True):
            for clause in clauses.split(","):
                _change(changed, verb, clause, values)
        self._write(key, changed)
        answer = {"ALL_OLD": before, "ALL_NEW": changed}.get(values.get("ReturnValues", "NONE"))
        return {"Attributes": {**answer}} if answer else {}

    def get_paginator(self, operation: str) -> Table:
        if operation != "query":
            raise AssertionError(f"not known to this table: {operation}")
        return self

    def paginate(self, TableName: str, IndexName: str, **_query: Any) -> Iterator[dict[str, Any]]:  # noqa: N803
        """Two items a page: a page is a call, and much may happen between two."""
        self._is(TableName)
        if IndexName != "open-index":
            raise refused("ValidationException", "The table does not have the specified index")
        self._catch_up()
        found = sorted((item for item in self._index.values() if "open" in item), key=lambda item: item["id"]["S"])
        yield from ({"Items": found[at : at + 8]} for at in range(0, max(1, len(found)), 8))

    def _is(self, name: str) -> None:
        if name != self._name:
            raise refused("ResourceNotFoundException", f"no table {name}")

    def _write(self, key: str, item: Item | None) -> None:
        self.on_write(key, self.items.get(key), item)
        if item is None:
            del self.items[key]
        else:
            self.items[key] = item
        self._coming.append((self._now() + self._lag(key), key, item))

    def _catch_up(self) -> None:
        """The index takes what has had its time; a key's writes arrive in order."""
        late: deque[tuple[float, str, Item | None]] = deque()
        held: set[str] = set()
        for entry in self._coming:
            when, key, item = entry
            if when > self._now() or key in held:
                held.add(key)
                late.append(entry)
            elif item is None:
                self._index.pop(key, None)
            else:
                self._index[key] = item
        self._coming = late

    def _check(self, key: str, request: dict[str, Any]) -> None:
        condition = request.get("ConditionExpression")
        if condition is not None and not _holds(condition, self.items.get(key, {}), request):
            raise ConditionalCheckFailedException(key)


def _change(item: Item, verb: str, clause: str, values: dict[str, Any]) -> None:
    """Do what one clause of an update says."""
    if verb == "REMOVE":
        item.pop(_named(clause.strip(), values), None)
    elif verb == "SET":
        name, value = (part.strip() for part in clause.split("="))
        item[_named(name, values)] = _value(value, values)
    else:
        name, value = clause.split()
        was = int(item.get(name, {"N": "0"})["N"])
        item[name] = {"N": str(was + int(_value(value, values)["N"]))}


_TOKENS = re.compile(r"\(|\)|<>|[<>=]+|[:#]?\w+")


def _holds(condition: str, item: Item, request: dict[str, Any]) -> bool:
    """A condition of AND, OR, NOT, comparisons, attribute_exists and attribute_not_exists.

    >>> _holds("attribute_not_exists(id) OR (attribute_not_exists(sent) AND claimed < :old)",
    ...        {"id": {"S": "m"}, "claimed": {"S": "1"}}, {"ExpressionAttributeValues": {":old": {"S": "2"}}})
    True
    """
    tokens = deque(_TOKENS.findall(condition))

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


def _compared(found: dict[str, str] | None, relation: str, wanted: dict[str, str]) -> bool:
    if found is None:
        return relation == "<>"
    (kind, left), (other, right) = *found.items(), *wanted.items()
    if kind != other:
        return relation == "<>"
    a, b = (float(left), float(right)) if kind == "N" else (left, right)
    return {"=": a == b, "<>": a != b, "<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b}[relation]


def _named(name: str, request: dict[str, Any]) -> str:
    return request["ExpressionAttributeNames"][name] if name.startswith("#") else name


def _value(name: str, request: dict[str, Any]) -> dict[str, str]:
    return request["ExpressionAttributeValues"][name]
