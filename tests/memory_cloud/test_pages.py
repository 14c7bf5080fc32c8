"""Answers that are too long for one page: asked on, they hold everything once, in order."""

from __future__ import annotations

import pytest

from tests.memory_cloud.bucket import PAGE, Bucket
from tests.memory_cloud.surroundings import ByHand
from tests.memory_cloud.table import Table
from tests.memory_cloud.things import ACCOUNT, Tags
from tests.memory_cloud.things import PAGE as THINGS
from tests.relay.builders import DEPLOYMENT, NOW


def test_the_index_is_read_page_by_page() -> None:
    table = Table(DEPLOYMENT.table, lambda: 0.0, lambda _key: 0.0)
    for number in (5, 3, 1, 4, 2):
        table.put_item(DEPLOYMENT.table, {"id": {"S": f"run#{number}"}, "open": {"S": "yes"}})
    table.put_item(DEPLOYMENT.table, {"id": {"S": "run#9"}})
    table.delete_item(DEPLOYMENT.table, {"id": {"S": "run#3"}})

    def pages() -> list[list[str]]:
        found = table.get_paginator("query").paginate(TableName=DEPLOYMENT.table, IndexName="open-index")
        return [[item["id"]["S"] for item in page["Items"]] for page in found]

    assert pages() == [["run#1", "run#2", "run#4", "run#5"]]
    table.page_items = 3
    assert pages() == [["run#1", "run#2", "run#4"], ["run#5"]]
    table.page_bytes = 1
    assert pages() == [["run#1"], ["run#2"], ["run#4"], ["run#5"]]


@pytest.mark.parametrize(
    ("operation", "listed"), [("list_object_versions", "Versions"), ("list_objects_v2", "Contents")]
)
def test_a_listing_that_is_too_long_goes_on_where_it_stopped(operation: str, listed: str) -> None:
    bucket = Bucket(DEPLOYMENT.bucket, lambda: NOW)
    for number in range(PAGE + 5):
        bucket.put(f"a/{number:05}", b"one")
        if number % 100 == 0:
            bucket.put(f"a/{number:05}", b"two")  # a version more, also of the last key of the first page
    pages = [page[listed] for page in bucket.get_paginator(operation).paginate(Bucket=DEPLOYMENT.bucket, Prefix="a/")]
    assert [len(page) for page in pages[:-1]] == [PAGE]
    found = [(entry["Key"], entry.get("VersionId")) for page in pages for entry in page]
    versions = sorted(bucket.versions("a/"), key=lambda version: (version.key, -int(version.id[1:])))
    if listed == "Versions":
        assert found == [(version.key, version.id) for version in versions]
    else:
        assert [key for key, _ in found] == bucket.under("a/")


def test_things_are_told_by_their_tag_and_kind_page_by_page() -> None:
    tags = Tags(ByHand(), lambda _arn: 0.0)
    for number in range(THINGS + 5):
        for kind, own in (("model", "ours"), ("model", "theirs"), ("endpoint", "ours")):
            tags.put(f"{ACCOUNT}:{kind}/{own}-{number:04}", [{"Key": "of", "Value": own}])
    wanted = {"TagFilters": [{"Key": "of", "Values": ["ours"]}], "ResourceTypeFilters": ["sagemaker:model"]}
    pages = [page["ResourceTagMappingList"] for page in tags.get_paginator("get_resources").paginate(**wanted)]
    assert [len(page) for page in pages] == [THINGS, 5]
    names = [entry["ResourceARN"].rpartition("/")[2] for page in pages for entry in page]
    assert names == [f"ours-{number:04}" for number in range(THINGS + 5)]
