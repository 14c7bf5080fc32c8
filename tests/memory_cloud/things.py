"""What SageMaker's kinds of things have in common: names that are checked, ARNs, tags, a tagging index that lags."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from tests.memory_cloud.pages import Paginated
from tests.memory_cloud.refusals import invalid, refused
from tests.memory_cloud.surroundings import Surroundings

NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
ACCOUNT = "arn:aws:sagemaker:eu-west-1:123456789012"
PAGE = 100
"""Things of one answer of the tagging API."""


class Tags(Paginated):
    """Tags by ARN, and who asks for them by tag: an index that is up to some minutes behind, in both directions."""

    def __init__(self, around: Surroundings, lag: Callable[[str], float]) -> None:
        self._around, self._lag = around, lag
        self.of: dict[str, list[dict[str, str]]] = {}
        self._seen_from: dict[str, float] = {}
        self._seen_until: dict[str, tuple[float, list[dict[str, str]]]] = {}

    def put(self, arn: str, tags: list[dict[str, str]]) -> None:
        self.of[arn] = tags
        self._seen_from[arn] = self._around.now + self._lag(arn)

    def drop(self, arn: str) -> None:
        if arn in self.of:
            self._seen_until[arn] = (self._around.now + self._lag(arn), self.of.pop(arn))

    def list_tags(self, ResourceArn: str, **_page: Any) -> dict[str, Any]:  # noqa: N803
        if ResourceArn not in self.of:
            raise invalid(f"Could not find {ResourceArn}")
        return {"Tags": [*self.of[ResourceArn]]}

    def get_resources(
        self,
        TagFilters: list[Any],  # noqa: N803
        ResourceTypeFilters: list[str],  # noqa: N803
        PaginationToken: str = "",  # noqa: N803
        ResourcesPerPage: int = PAGE,  # noqa: N803
    ) -> dict[str, Any]:
        """What the Resource Groups Tagging API answers."""
        now = self._around.now
        shown = {arn: tags for arn, tags in self.of.items() if self._seen_from[arn] <= now}
        shown |= {arn: tags for arn, (until, tags) in self._seen_until.items() if now < until and arn not in self.of}
        kinds = tuple(f"{ACCOUNT}:{kind.partition(':')[2]}/" for kind in ResourceTypeFilters)
        after = sorted(arn for arn in shown if arn > PaginationToken and arn.startswith(kinds))
        found = [arn for arn in after if all(_matches(one, shown[arn]) for one in TagFilters)]
        page = found[:ResourcesPerPage]
        return {
            "ResourceTagMappingList": [{"ResourceARN": arn, "Tags": shown[arn]} for arn in page],
            "PaginationToken": page[-1] if len(found) > len(page) else "",
        }


def _matches(wanted: dict[str, Any], tags: list[dict[str, str]]) -> bool:
    values = wanted.get("Values")
    return any(tag["Key"] == wanted["Key"] and (not values or tag["Value"] in values) for tag in tags)


def named(name: str, longest: int = 63) -> str:
    """The name, if SageMaker takes it."""
    if not NAME.fullmatch(name) or len(name) > longest:
        raise invalid(f"1 validation error detected: Value '{name}' failed to satisfy constraint")
    return name


def taken(name: str) -> ClientError:
    """What SageMaker says of a job's name that was ever used."""
    return refused("ResourceInUse", f"a job of the name {name} already exists")
