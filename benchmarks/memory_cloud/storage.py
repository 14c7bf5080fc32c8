"""S3 and DynamoDB as far as the shell uses them: versions, conditions, pages."""

from __future__ import annotations

import hashlib
import io
import re
import threading
from bisect import bisect_left, insort
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.dynamodb.comparisons import get_filter_expression
from moto.dynamodb.models.dynamo_type import Item

PAGE_OF_KEYS = 1_000


class Refused(Exception):  # noqa: N818 - an answer of AWS's
    """What AWS answers with an error."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Storage:
    """One bucket with versions; the keys are kept sorted, so that a listing costs what it lists."""

    def __init__(self) -> None:
        self._objects: dict[str, dict[str, Any]] = {}
        self._bodies: dict[str, bytes] = {}
        self._keys: list[str] = []
        self._lock = threading.Lock()

    def answer(self, operation: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        match operation:
            case "GetObject":
                if asked["Key"] not in self._bodies:
                    raise Refused("NoSuchKey")
                return {"Body": io.BytesIO(self._bodies[asked["Key"]])}
            case "PutObject":
                return self._put(asked)
            case "ListObjectVersions":
                found, rest = self._page(asked["Prefix"], asked.get("KeyMarker", ""))
                more = {"NextKeyMarker": found[-1]["Key"], "NextVersionIdMarker": "v"} if rest else {}
                return {"Versions": found, "IsTruncated": rest, **more}
            case "ListObjectsV2":
                after = asked.get("ContinuationToken") or asked.get("StartAfter", "")
                found, rest = self._page(asked["Prefix"], after)
                more = {"NextContinuationToken": found[-1]["Key"]} if rest else {}
                return {"Contents": found, "IsTruncated": rest, **more}
        raise NotImplementedError(f"s3.{operation}")

    def _put(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        key, body = asked["Key"], asked["Body"]
        body = body if isinstance(body, bytes) else body.read()  # botocore makes a file of bytes
        with self._lock:
            if asked.get("IfNoneMatch") and key in self._bodies:
                raise Refused("PreconditionFailed")
            if key not in self._bodies:
                insort(self._keys, key)
            etag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
            entry = {"Key": key, "Size": len(body), "ETag": etag, "VersionId": f"v{len(self._keys)}"}
            self._objects[key] = {**entry, "IsLatest": True, "LastModified": datetime.now(UTC)}
            self._bodies[key] = body
        return {"ETag": etag}

    def _page(self, prefix: str, after: str) -> tuple[list[dict[str, Any]], bool]:
        first = bisect_left(self._keys, max(prefix, after + "\0" if after else ""))
        found = []
        for key in self._keys[first : first + PAGE_OF_KEYS + 1]:
            if not key.startswith(prefix):
                break
            found.append(self._objects[key])
        return found[:PAGE_OF_KEYS], len(found) > PAGE_OF_KEYS


class Table:
    """One table with the hash key `id`, and the sparse index of open records. `page`: bytes a query reads at once."""

    def __init__(self) -> None:
        self.page = 1_000_000  # AWS says 1 MB
        self._items: dict[str, dict[str, Any]] = {}
        self._open: list[str] = []
        self._lock = threading.Lock()

    def answer(self, operation: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        with self._lock:
            match operation:
                case "GetItem":
                    item = self._items.get(asked["Key"]["id"]["S"])
                    return {"Item": item} if item else {}
                case "PutItem":
                    self._check(asked, asked["Item"]["id"]["S"])
                    self._write(asked["Item"])
                    return {}
                case "UpdateItem":
                    return self._update(asked)
                case "DeleteItem":
                    self._forget(asked["Key"]["id"]["S"])
                    return {}
                case "Query":
                    return self._query(asked)
        raise NotImplementedError(f"dynamodb.{operation}")

    def _check(self, asked: Mapping[str, Any], key: str) -> None:
        if "ConditionExpression" not in asked:
            return
        names, values = asked.get("ExpressionAttributeNames"), asked.get("ExpressionAttributeValues")
        condition = get_filter_expression(asked["ConditionExpression"], names, values)
        if not condition.expr(Item(None, None, self._items.get(key, {}))):
            raise Refused("ConditionalCheckFailedException")

    def _write(self, item: Mapping[str, Any]) -> None:
        key = item["id"]["S"]
        self._forget(key)
        self._items[key] = dict(item)
        if "open" in item:
            insort(self._open, key)

    def _forget(self, key: str) -> None:
        before = self._items.pop(key, None)
        if before and "open" in before:
            del self._open[bisect_left(self._open, key)]

    def _update(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        key = asked["Key"]["id"]
        self._check(asked, key["S"])
        before = self._items.get(key["S"])
        item = dict(before or {"id": key})
        names, values = asked.get("ExpressionAttributeNames", {}), asked.get("ExpressionAttributeValues", {})
        _, *clauses = re.split(r"\b(SET|REMOVE|ADD) ", asked["UpdateExpression"])
        for verb, clause in zip(clauses[::2], clauses[1::2], strict=True):
            for change in clause.strip().split(", "):
                name, _, value = change.replace(" = ", " ").partition(" ")
                was = item.pop(names.get(name, name), {"N": "0"})
                if verb == "SET":
                    item[names.get(name, name)] = values[value]
                elif verb == "ADD":
                    item[name] = {"N": str(int(was["N"]) + int(values[value]["N"]))}
        self._write(item)
        answer = {"ALL_OLD": before, "ALL_NEW": item}.get(asked.get("ReturnValues", "NONE"))
        return {"Attributes": answer} if answer else {}

    def _query(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """A page of the index: whole items, as `ProjectionType: ALL` keeps them."""
        start = (asked.get("ExclusiveStartKey") or {}).get("id", {}).get("S")
        first = bisect_left(self._open, start + "\0") if start else 0
        found: list[dict[str, Any]] = []
        size = 0
        for key in self._open[first : first + asked["Limit"] if "Limit" in asked else None]:
            size += _bytes(self._items[key])
            if found and size > self.page:
                break
            found.append(self._items[key])
        if found and first + len(found) < len(self._open):
            last = {"id": found[-1]["id"], "open": {"S": "yes"}}
            return {"Items": found, "LastEvaluatedKey": last}
        return {"Items": found}


def _bytes(item: Mapping[str, Mapping[str, Any]]) -> int:
    return sum(len(name) + len(str(value)) for name, kind in item.items() for value in kind.values())
