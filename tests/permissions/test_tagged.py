"""The tagging API: what it finds, in which pages, and when it knows."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.sagemaker.resource_registry import Kind, ResourceRegistry
from local.sagemaker.tagged import Entry, Index, found, page
from local.wire.errors import ApiError
from tests.local.front_door import Door

ARN = "arn:aws:sagemaker:us-east-1:123456789012:{}/{}".format
OURS = {"sagerelay:deployment": "sagerelay-dev", "sagerelay:dataset": "churn"}
ENTRIES = [
    Entry(ARN("model", "b"), "model", OURS),
    Entry(ARN("endpoint", "a"), "endpoint", OURS | {"sagerelay:run": "r"}),
    Entry(ARN("endpoint", "c"), "endpoint", {"sagerelay:deployment": "sagerelay-prod"}),
    Entry(ARN("endpoint-config", "d"), "endpoint-config", {}),
]


def names(**request: Any) -> list[str]:
    return [entry["ResourceARN"].rpartition(":")[2] for entry in found(request, ENTRIES)]


def tag(key: str, *values: str) -> dict[str, Any]:
    return {"Key": key, "Values": list(values)}


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({}, ["endpoint/a", "endpoint/c", "model/b"]),  # nothing without tags
        ({"TagFilters": [tag("sagerelay:deployment", "sagerelay-dev")]}, ["endpoint/a", "model/b"]),
        ({"TagFilters": [tag("sagerelay:deployment")]}, ["endpoint/a", "endpoint/c", "model/b"]),  # any value
        ({"TagFilters": [tag("sagerelay:deployment", "x", "sagerelay-prod")]}, ["endpoint/c"]),
        ({"TagFilters": [tag("sagerelay:deployment", "sagerelay-dev"), tag("sagerelay:run")]}, ["endpoint/a"]),
        ({"TagFilters": [tag("other")]}, []),
        ({"ResourceTypeFilters": ["sagemaker:endpoint"]}, ["endpoint/a", "endpoint/c"]),
        ({"ResourceTypeFilters": ["sagemaker"]}, ["endpoint/a", "endpoint/c", "model/b"]),
        ({"ResourceTypeFilters": ["sagemaker:model", "s3"]}, ["model/b"]),
        ({"ResourceARNList": [ARN("model", "b"), ARN("model", "z")]}, ["model/b"]),
    ],
)
def test_what_is_found(request_: dict[str, Any], expected: list[str]) -> None:
    assert names(**request_) == expected


def test_a_mapping_has_the_thing_and_all_its_tags() -> None:
    (only,) = found({"ResourceTypeFilters": ["sagemaker:model"]}, ENTRIES)
    assert only == {
        "ResourceARN": ARN("model", "b"),
        "Tags": [{"Key": key, "Value": value} for key, value in OURS.items()],
    }


@pytest.mark.parametrize(
    "request_", [{"TagFilters": [{}]}, {"ResourceARNList": [ARN("model", "b")], "TagFilters": [tag("a")]}]
)
def test_a_filter_that_aws_refuses(request_: dict[str, Any]) -> None:
    with pytest.raises(ApiError, match="InvalidParameterException"):
        found(request_, ENTRIES)


def test_pages_end_with_an_empty_token_and_have_everything_once() -> None:
    mappings = [{"ResourceARN": str(number)} for number in range(7)]
    seen, token = [], ""
    for _ in range(3):
        answer = page({"ResourcesPerPage": 3, "PaginationToken": token}, mappings)
        seen += answer["ResourceTagMappingList"]
        token = answer["PaginationToken"]
    assert (seen, token) == (mappings, "")
    assert page({}, mappings)["PaginationToken"] == ""
    with pytest.raises(ApiError, match="PaginationTokenExpired"):
        page({"PaginationToken": "mine"}, mappings)
    with pytest.raises(ApiError, match="InvalidParameter"):
        page({"ResourcesPerPage": 101}, mappings)


def test_an_index_that_lags_knows_neither_what_was_made_just_now_nor_that_something_is_gone() -> None:
    now = [0.0]
    index = Index(10.0, clock=lambda: now[0])
    index.put(ENTRIES[0])
    assert index.entries() == []

    now[0] = 10.0
    assert index.entries() == [ENTRIES[0]]
    index.drop(ENTRIES[0].arn)
    now[0] = 19.9
    assert index.entries() == [ENTRIES[0]]
    now[0] = 20.0
    assert index.entries() == []


@pytest.fixture
def registry() -> ResourceRegistry:
    return ResourceRegistry(region="us-east-1", account="123456789012", emit=lambda _: None)


def add(registry: ResourceRegistry, name: str, tags: dict[str, str]) -> None:
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    registry.add(Kind.MODEL, name, {}, taken=ApiError("Taken", ""), tags=listed)


def test_the_index_follows_what_is_made_tagged_and_deleted(registry: ResourceRegistry) -> None:
    add(registry, "m", OURS)
    record = registry.find(Kind.MODEL, "m")
    assert record is not None
    assert [entry.tags for entry in registry.index.entries()] == [OURS]

    registry.tag(record, {"a": "1"})
    assert [entry.tags for entry in registry.index.entries()] == [{"a": "1"}]
    saved = registry.snapshot()
    registry.remove(record)
    assert registry.index.entries() == []

    registry.restore(saved)
    assert [(entry.arn, entry.tags) for entry in registry.index.entries()] == [(ARN("model", "m"), {"a": "1"})]


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ([{"Key": "aws:x", "Value": "1"}], "aws: prefixed"),
        ([{"Key": "AWS:x", "Value": "1"}], "aws: prefixed"),
        ([{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}], "unique"),
        ([{"Key": str(number), "Value": ""} for number in range(51)], "at most 50"),
    ],
)
def test_tags_that_aws_refuses_are_refused_and_nothing_is_made(
    registry: ResourceRegistry, tags: Any, said: str
) -> None:
    with pytest.raises(ApiError, match=said):
        registry.add(Kind.MODEL, "m", {}, taken=ApiError("Taken", ""), tags=tags)
    assert registry.find(Kind.MODEL, "m") is None


def test_no_more_tags_than_a_thing_may_have(registry: ResourceRegistry) -> None:
    add(registry, "m", {str(number): "" for number in range(50)})
    record = registry.find(Kind.MODEL, "m")
    assert record is not None
    with pytest.raises(ApiError, match="at most 50"):
        registry.tag(record, {**record.tags, "one more": ""})


class Tagged(Door):
    """A front door whose SageMaker has some things with tags."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.entries = [Entry(ARN("model", f"m-{number:03}"), "model", OURS) for number in range(count)]
        self.sagemaker.tagged = lambda: self.entries


@pytest.fixture
def door() -> Iterator[Tagged]:
    door = Tagged(230)
    yield door
    door.server.stop()
    door.front.close()


def test_boto3_pages_through_everything(door: Tagged) -> None:
    pages = list(
        door.client("resourcegroupstaggingapi")
        .get_paginator("get_resources")
        .paginate(TagFilters=[tag("sagerelay:deployment", "sagerelay-dev")], ResourceTypeFilters=["sagemaker:model"])
    )
    seen = list(itertools.chain.from_iterable(one["ResourceTagMappingList"] for one in pages))
    assert [len(one["ResourceTagMappingList"]) for one in pages] == [100, 100, 30]
    assert [entry["ResourceARN"] for entry in seen] == [entry.arn for entry in door.entries]


def test_things_of_other_services_are_found_too_unless_only_sagemaker_s_are_asked_for(door: Tagged) -> None:
    door.client("sns").create_topic(Name="t", Tags=[{"Key": "sagerelay:deployment", "Value": "sagerelay-dev"}])
    client = door.client("resourcegroupstaggingapi")
    filters = [tag("sagerelay:deployment", "sagerelay-dev")]

    everything = client.get_paginator("get_resources").paginate(TagFilters=filters, ResourcesPerPage=50)
    arns = [entry["ResourceARN"] for one in everything for entry in one["ResourceTagMappingList"]]
    assert len(arns) == len(set(arns)) == 231
    assert "arn:aws:sns:us-east-1:123456789012:t" in arns
    ours = client.get_resources(TagFilters=filters, ResourceTypeFilters=["sagemaker"])["ResourceTagMappingList"]
    assert {entry["ResourceARN"].split(":")[2] for entry in ours} == {"sagemaker"}


def test_a_request_that_breaks_the_service_model_is_refused(door: Tagged) -> None:
    with pytest.raises(ClientError) as caught:
        door.client("resourcegroupstaggingapi").get_resources(TagFilters=[tag("k" * 129)])
    assert caught.value.response["Error"]["Code"] == "ValidationException"
