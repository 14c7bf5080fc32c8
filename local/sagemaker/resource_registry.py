"""What exists in this SageMaker: every job, model and endpoint as Describe would answer it, and who is told of changes.

One lock guards all of it. Records are changed only through `ResourceRegistry.change`, so that every change carries a
time and, where AWS sends one, an event. Nothing here starts a process or touches the network.
"""

import copy
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from local.sagemaker import envelopes
from local.sagemaker.tagged import Entry, Index
from local.wire.errors import ApiError

_MOST_TAGS = 50


class Kind(StrEnum):
    """The kinds of things, by the word their ARN has for them."""

    TRAINING = "training-job"
    PROCESSING = "processing-job"
    TUNING = "hyper-parameter-tuning-job"
    TRANSFORM = "transform-job"
    MODEL = "model"
    CONFIG = "endpoint-config"
    ENDPOINT = "endpoint"
    GROUP = "model-package-group"
    PACKAGE = "model-package"


@dataclass
class Record:
    """One thing: `detail` is its Describe answer, `hidden` what Describe keeps to itself but the machinery needs."""

    kind: Kind
    name: str
    arn: str
    detail: dict[str, Any]
    tags: dict[str, str] = field(default_factory=dict)
    hidden: dict[str, Any] = field(default_factory=dict)


class ResourceRegistry:
    """All records, by kind and name, in the order they were made."""

    def __init__(
        self, *, region: str, account: str, emit: Callable[[dict[str, Any]], None], index: Index | None = None
    ) -> None:
        self.region = region
        self.account = account
        self.index = index or Index()
        self._emit = emit
        self._tables: dict[Kind, dict[str, Record]] = {kind: {} for kind in Kind}
        self.lock = threading.RLock()
        self.moved = threading.Condition(self.lock)
        self._closed = False

    def arn(self, kind: Kind, name: str) -> str:
        return f"arn:aws:sagemaker:{self.region}:{self.account}:{kind}/{name}"

    def add(
        self, kind: Kind, name: str, detail: dict[str, Any], *, taken: ApiError, tags: Any = (), hidden: Any = None
    ) -> Record:
        """Record a new thing, announce it, and return it; raises `taken` when the name is.

        Tags come as AWS's list of Key and Value. Raises ApiError for tags that AWS would refuse.
        """
        named = tag_map(tags)
        with self.lock:
            if name in self._tables[kind]:
                raise taken
            record = Record(kind, name, self.arn(kind, name), copy.deepcopy(detail), named, hidden or {})
            record.detail.setdefault("CreationTime", now())
            self._tables[kind][name] = record
            self._note(record)
        self.announce(record)
        return record

    def find(self, kind: Kind, name: str) -> Record | None:
        with self.lock:
            return self._tables[kind].get(name)

    def by_arn(self, arn: str) -> Record | None:
        kind, _, name = arn.rpartition(":")[2].partition("/")
        found = self.find(Kind(kind), name) if kind in set(Kind) else None
        return found if found and found.arn == arn else None

    def tag(self, record: Record, tags: dict[str, str]) -> None:
        """Give a thing these tags instead of those it has. Raises ApiError for tags that AWS would refuse."""
        check_tags(tags)
        with self.lock:
            record.tags = tags
            self._note(record)

    def all(self, kind: Kind) -> list[Record]:
        with self.lock:
            return list(self._tables[kind].values())

    def remove(self, record: Record) -> None:
        with self.moved:
            self._tables[record.kind].pop(record.name, None)
            self.index.drop(record.arn)
            self.moved.notify_all()

    def change(self, record: Record, *, announce: bool = True, **fields: Any) -> None:
        """Set fields of the Describe answer (None removes one), stamp the time, wake who waits, tell the bus."""
        with self.moved:
            if self._closed:
                return
            for name, value in fields.items():
                if value is None:
                    record.detail.pop(name, None)
                else:
                    record.detail[name] = value
            record.detail["LastModifiedTime"] = now()
            self.moved.notify_all()
        if announce:
            self.announce(record)

    def announce(self, record: Record, kind: str | None = None) -> None:
        """Hand the event of the record's present state to the bus; outside the lock, since the bus has its own.

        `kind`: of the event, where it is not the thing's own.
        """
        with self.lock:
            envelope = envelopes.state_change(
                kind or record.kind,
                record.arn,
                record.detail,
                record.tags,
                region=self.region,
                account=self.account,
                now=now(),
            )
        if envelope is not None:
            self._emit(envelope)

    def close(self) -> None:
        """Keep every record as it is from now on: what ends now was cut off, not finished."""
        with self.lock:
            self._closed = True

    @property
    def closed(self) -> bool:
        """Whether every record stays as it is: nothing that is waited for happens any more."""
        return self._closed

    def describe(self, record: Record) -> dict[str, Any]:
        with self.lock:
            return copy.deepcopy(record.detail)

    def snapshot(self) -> list[dict[str, Any]]:
        """Every record as JSON can hold it; times are wrapped so that they come back as times."""
        with self.lock:
            return [
                {
                    "kind": r.kind.value,
                    "name": r.name,
                    "detail": _freeze(r.detail),
                    "tags": r.tags,
                    "hidden": _freeze(r.hidden),
                }
                for table in self._tables.values()
                for r in table.values()
            ]

    def restore(self, records: list[dict[str, Any]]) -> None:
        with self.lock:
            for saved in records:
                kind, name = Kind(saved["kind"]), saved["name"]
                self._tables[kind][name] = Record(
                    kind,
                    name,
                    self.arn(kind, name),
                    _thaw(saved["detail"]),
                    dict(saved["tags"]),
                    _thaw(saved["hidden"]),
                )
                self._note(self._tables[kind][name])

    def _note(self, record: Record) -> None:
        self.index.put(Entry(record.arn, record.kind, dict(record.tags)))


def now() -> datetime:
    """The present, to the millisecond: what events and API answers carry."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def tag_map(tags: Any) -> dict[str, str]:
    """AWS's list of Key and Value as a plain map. Raises ApiError for tags that AWS would refuse."""
    named = {tag["Key"]: tag["Value"] for tag in tags or ()}
    if len(named) != len(tags or ()):
        raise ApiError("ValidationException", "Tag keys must be unique: one of them is given twice.")
    check_tags(named)
    return named


def check_tags(tags: dict[str, str]) -> None:
    """Refuse what the service model cannot: keys of AWS's own, and more of them than a thing may have."""
    for key in tags:
        if key.lower().startswith("aws:"):
            raise ApiError(
                "ValidationException", f"aws: prefixed tag key names are not allowed for external use: {key}"
            )
    if len(tags) > _MOST_TAGS:
        raise ApiError("ValidationException", f"A resource can have at most {_MOST_TAGS} tags.")


def tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    """The reverse of `tag_map`."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _freeze(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"$time": value.isoformat()}
    if isinstance(value, dict):
        return {key: _freeze(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_freeze(item) for item in value]
    return value


def _thaw(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) == {"$time"}:
            return datetime.fromisoformat(value["$time"])
        return {key: _thaw(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_thaw(item) for item in value]
    return value
