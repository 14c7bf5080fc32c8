"""boto3's paginators: the same operation again, as long as an answer says where the next page begins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Operation = Callable[..., dict[str, Any]]
_GOES_ON = {
    "LastEvaluatedKey": "ExclusiveStartKey",
    "NextContinuationToken": "ContinuationToken",
    "NextKeyMarker": "KeyMarker",
    "NextVersionIdMarker": "VersionIdMarker",
    "NextToken": "NextToken",
    "PaginationToken": "PaginationToken",
}
"""What an answer says of the next page, and what a request for it is given."""


@dataclass(frozen=True)
class Pages:
    """The paginator of one operation."""

    operation: Operation

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        rest: dict[str, Any] | None = {}
        while rest is not None:
            page = self.operation(**request, **rest)
            yield page
            rest = {asked: page[told] for told, asked in _GOES_ON.items() if page.get(told)} or None


class Paginated:
    """A client of which every operation can be asked page by page."""

    def get_paginator(self, operation: str) -> Pages:
        return Pages(getattr(self, operation))
