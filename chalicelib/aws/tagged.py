"""The tagging API: everything in SageMaker that carries this deployment's tag. It knows of changes with a delay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chalicelib.records import orphans
from chalicelib.records.orphans import Resource
from chalicelib.requests.tags import DATASET, DEPLOYMENT, RUN


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Tags:
    """The tagging API behind things. `client` is a boto3 resourcegroupstaggingapi client, `prefix` the deployment's."""

    client: Any
    prefix: str

    def things(self) -> Iterator[orphans.Tagged]:
        """Every endpoint, endpoint configuration and model of this deployment that names its dataset."""
        pages = self.client.get_paginator("get_resources").paginate(
            TagFilters=[{"Key": DEPLOYMENT, "Values": [self.prefix]}],
            ResourceTypeFilters=[f"sagemaker:{kind}" for kind in Resource],
        )
        for page in pages:
            for entry in page["ResourceTagMappingList"]:
                kind, _, name = entry["ResourceARN"].rpartition(":")[2].partition("/")
                tags = {tag["Key"]: tag["Value"] for tag in entry["Tags"]}
                if dataset := tags.get(DATASET):
                    yield orphans.Tagged(Resource(kind), name, dataset, tags.get(RUN))
