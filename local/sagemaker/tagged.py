"""What the tagging API finds: this SageMaker's things by their tags, in pages. Pure, over records.

The index behind that API follows what happens with a delay: what was just made is not in it yet, and what was just
deleted still is. `Index` can be told to lag, so that who relies on it is tried against that.
"""

import base64
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from local.wire.errors import ApiError

MOST_ON_A_PAGE = 100
PAGING = frozenset({"PaginationToken", "ResourcesPerPage", "TagsPerPage"})
_TYPE = "sagemaker:"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing with tags. `kind` is the word its ARN has for its kind."""

    arn: str
    kind: str
    tags: Mapping[str, str]

    def mapping(self) -> dict[str, Any]:
        tags = [{"Key": key, "Value": value} for key, value in self.tags.items()]
        return {"ResourceARN": self.arn, "Tags": tags}


class Index:
    """What has which tags, as it was `lag` seconds ago. Thread-safe. `clock` is monotonic."""

    def __init__(self, lag: float = 0.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._lag = lag
        self._clock = clock
        self._lock = threading.Lock()
        self._news: deque[tuple[float, str, Entry | None]] = deque()
        self._seen: dict[str, Entry] = {}

    def put(self, entry: Entry) -> None:
        """Something was made, or its tags changed."""
        self._note(entry.arn, entry)

    def drop(self, arn: str) -> None:
        """Something was deleted."""
        self._note(arn, None)

    def entries(self) -> list[Entry]:
        """What the index holds by now."""
        with self._lock:
            until = self._clock() - self._lag
            while self._news and self._news[0][0] <= until:
                _, arn, entry = self._news.popleft()
                if entry is None:
                    self._seen.pop(arn, None)
                else:
                    self._seen[arn] = entry
            return list(self._seen.values())

    def _note(self, arn: str, entry: Entry | None) -> None:
        with self._lock:
            self._news.append((self._clock(), arn, entry))


def concerns_others(request: Mapping[str, Any]) -> bool:
    """Whether a GetResources wants things of other services too."""
    types = request.get("ResourceTypeFilters") or []
    return not types or not all(kind == "sagemaker" or kind.startswith(_TYPE) for kind in types)


def found(request: Mapping[str, Any], entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """The mappings a GetResources asks for, of all pages. Raises ApiError for a filter AWS would refuse."""
    filters, types = request.get("TagFilters") or [], request.get("ResourceTypeFilters") or []
    arns = set(request.get("ResourceARNList") or ())
    if arns and (filters or types):
        raise _invalid("ResourceARNList cannot be used together with filters")
    for one in filters:
        if not one.get("Key"):
            raise _invalid("a TagFilter has no Key")
    return [
        entry.mapping()
        for entry in sorted(entries, key=lambda entry: entry.arn)
        if entry.tags and (not arns or entry.arn in arns)
        if not types or any(_is_of(entry, kind) for kind in types)
        if all(_has(entry, one["Key"], one.get("Values") or ()) for one in filters)
    ]


def page(request: Mapping[str, Any], mappings: list[dict[str, Any]]) -> dict[str, Any]:
    """One page of them. AWS ends a list with an empty token. Raises ApiError for a token that is not its own."""
    size = request.get("ResourcesPerPage", MOST_ON_A_PAGE)
    if not 1 <= size <= MOST_ON_A_PAGE:
        raise _invalid(f"ResourcesPerPage must be from 1 to {MOST_ON_A_PAGE}")
    start = _start(request.get("PaginationToken") or "")
    end = start + size
    token = base64.urlsafe_b64encode(json.dumps(end).encode()).decode() if end < len(mappings) else ""
    return {"PaginationToken": token, "ResourceTagMappingList": mappings[start:end]}


def _is_of(entry: Entry, kind: str) -> bool:
    return kind == "sagemaker" or kind == f"{_TYPE}{entry.kind}"


def _has(entry: Entry, key: str, values: Iterable[str]) -> bool:
    """Values are alternatives; none means that any will do."""
    wanted = tuple(values)
    return key in entry.tags and (not wanted or entry.tags[key] in wanted)


def _start(token: str) -> int:
    if not token:
        return 0
    try:
        return int(json.loads(base64.urlsafe_b64decode(token)))
    except (ValueError, TypeError) as error:
        raise ApiError("PaginationTokenExpiredException", "The PaginationToken is not valid.") from error


def _invalid(message: str) -> ApiError:
    return ApiError("InvalidParameterException", message)
