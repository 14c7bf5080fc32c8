"""DynamoDB in memory, as far as the store uses it: conditional writes, and an index that lags behind."""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Callable
from typing import Any

from tests.memory_cloud.expressions import Item, holds, updated
from tests.memory_cloud.pages import Paginated
from tests.memory_cloud.refusals import ConditionalCheckFailedException, Exceptions, refused

LARGEST = 400_000
"""Bytes of an item."""


class Table(Paginated):
    """One table and its index. Conditional writes are atomic, as DynamoDB's are; the index is eventually consistent."""

    exceptions = Exceptions

    def __init__(self, name: str, now: Callable[[], float], lag: Callable[[str], float]) -> None:
        self._name, self._now, self._lag = name, now, lag
        self._lock = threading.RLock()
        """A sweep writes from several threads at once."""
        self.items: dict[str, Item] = {}
        self.page_bytes, self.page_items = 1_000_000, 1_000_000
        """How much one answer of a query holds at most."""
        self._open: dict[str, Item] = {}
        """What the index shows."""
        self._order: list[str] = []
        self._coming: deque[tuple[float, str, Item | None]] = deque()
        self.on_write: Callable[[str, Item | None, Item | None], None] = lambda _key, _before, _after: None

    # --- what boto3's client offers

    def get_item(self, TableName: str, Key: Item, ConsistentRead: bool = False) -> dict[str, Any]:  # noqa: N803, FBT001, FBT002
        self._is(TableName)
        if not ConsistentRead:
            raise AssertionError("an eventually consistent read of a record would be a bug")
        found = self.items.get(Key["id"]["S"])
        return {"Item": {**found}} if found else {}

    def put_item(self, TableName: str, Item: Item, **condition: Any) -> dict[str, Any]:  # noqa: N803
        self._is(TableName)
        if len(str(Item)) > LARGEST:
            raise refused("ValidationException", "Item size has exceeded the maximum allowed size")
        key = Item["id"]["S"]
        with self._lock:
            self._check(key, condition)
            self._write(key, {**Item})
        return {}

    def update_item(self, TableName: str, Key: Item, UpdateExpression: str, **values: Any) -> dict[str, Any]:  # noqa: N803
        self._is(TableName)
        key = Key["id"]["S"]
        with self._lock:
            self._check(key, values)
            before = self.items.get(key)
            changed = updated(before or Key, UpdateExpression, values)
            self._write(key, changed)
        answer = {"ALL_OLD": before, "ALL_NEW": changed}.get(values.get("ReturnValues", "NONE"))
        return {"Attributes": {**answer}} if answer else {}

    def delete_item(self, TableName: str, Key: Item) -> dict[str, Any]:  # noqa: N803
        self._is(TableName)
        with self._lock:
            if Key["id"]["S"] in self.items:
                self._write(Key["id"]["S"], None)
        return {}

    def query(
        self,
        TableName: str,  # noqa: N803
        IndexName: str,  # noqa: N803
        ExclusiveStartKey: Item | None = None,  # noqa: N803
        **_condition: Any,
    ) -> dict[str, Any]:
        """A page of what is open: whole items, as `ProjectionType: ALL` keeps them."""
        self._is(TableName)
        if IndexName != "open-index":
            raise refused("ValidationException", "The table does not have the specified index")
        with self._lock:
            self._catch_up()
            return self._page(ExclusiveStartKey["id"]["S"] if ExclusiveStartKey else None)

    # --- how it does it

    def _page(self, after: str | None) -> dict[str, Any]:
        first = bisect_right(self._order, after) if after is not None else 0
        found: list[Item] = []
        size = 0
        for key in self._order[first : first + self.page_items]:
            size += _bytes(self._open[key])
            if found and size > self.page_bytes:
                break
            found.append(self._open[key])
        if first + len(found) < len(self._order):
            return {"Items": found, "LastEvaluatedKey": {"id": found[-1]["id"], "open": {"S": "yes"}}}
        return {"Items": found}

    def _is(self, name: str) -> None:
        if name != self._name:
            raise refused("ResourceNotFoundException", f"no table {name}")

    def _check(self, key: str, request: dict[str, Any]) -> None:
        condition = request.get("ConditionExpression")
        if condition is not None and not holds(condition, self.items.get(key, {}), request):
            raise ConditionalCheckFailedException(key)

    def _write(self, key: str, item: Item | None) -> None:
        self.on_write(key, self.items.get(key), item)
        if item is None:
            del self.items[key]
        else:
            self.items[key] = item
        lag = self._lag(key)
        if lag or self._coming:
            self._coming.append((self._now() + lag, key, item))
        else:
            self._show(key, item)

    def _catch_up(self) -> None:
        """The index takes what has had its time; a key's writes arrive in order."""
        late: deque[tuple[float, str, Item | None]] = deque()
        held: set[str] = set()
        for entry in self._coming:
            when, key, item = entry
            if when > self._now() or key in held:
                held.add(key)
                late.append(entry)
            else:
                self._show(key, item)
        self._coming = late

    def _show(self, key: str, item: Item | None) -> None:
        """The index is sparse: only what is open stands in it."""
        was_there, is_there = key in self._open, item is not None and "open" in item
        if item is not None and is_there:
            self._open[key] = item
            if not was_there:
                insort(self._order, key)
        elif was_there:
            del self._open[key], self._order[bisect_left(self._order, key)]


def _bytes(item: Item) -> int:
    return sum(len(name) + len(value) for name, kind in item.items() for value in kind.values())
