"""AWS's price list, read: products in the shape that pricing:GetProducts answers them, strings of JSON in pages."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from chalicelib.costs import prices as known
from chalicelib.costs.prices import Prices, Use
from ops.costs.commands import document_of
from ops.costs.listed import QUERIES, prices, products


def product(usd: str | list[tuple[str, str]], *, service: str = "AmazonSageMaker", **attributes: str) -> str:
    tiers = [("0", usd)] if isinstance(usd, str) else usd
    dimensions = {
        f"SKU.T.{begin}": {"unit": "Hrs", "beginRange": begin, "endRange": "Inf", "pricePerUnit": {"USD": price}}
        for begin, price in tiers
    }
    about = {
        "servicecode": service,
        "regionCode": "eu-west-1",
        "locationType": "AWS Region",
        "location": "EU (Ireland)",
    }
    return json.dumps(
        {
            "product": {"productFamily": "ML Instance", "attributes": {**about, **attributes}, "sku": "SKU"},
            "serviceCode": service,
            "terms": {"OnDemand": {"SKU.T": {"priceDimensions": dimensions, "termAttributes": {}}}},
            "publicationDate": "2026-11-28T00:00:00Z",
        }
    )


PAGES = [
    [
        product("0.2570000000", instanceType="ml.m5.xlarge-Training", usagetype="EU-Train:ml.m5.xlarge"),
        product(
            "0.2570000000", instanceName="ml.m5.xlarge", component="Processing", usagetype="EU-Processing:ml.m5.xlarge"
        ),
        product("0.1280000000", instanceType="NA", usagetype="EU-Host:ml.m5.large"),
        product(
            "0.2", instanceName="ml.m5.xlarge", platoinstancetype="BatchTransform", usagetype="EU-Tsform:ml.m5.xlarge"
        ),
    ],
    [
        # What is not plain use on demand: free hours, spot, another place, a notebook, provisioned concurrency.
        product("0.0000000000", instanceType="ml.m5.xlarge-Training", usagetype="EU-FreeTrain:ml.m5.xlarge"),
        product("0.1", instanceName="ml.m5.xlarge", component="SpotTraining", usagetype="EU-SpotTrain:ml.m5.xlarge"),
        product("0.3", instanceType="ml.m5.xlarge-Processing", usagetype="EU-Processing_Geo:ml.m5.xlarge"),
        product("9", instanceType="ml.m5.xlarge-Training", usagetype="x", locationType="AWS Outposts"),
        product("0.4", instanceType="ml.m5.large-Notebook", usagetype="EU-Notebk:ml.m5.large"),
        product("0.000004", usagetype="EU-ServerlessInf-PC:Mem-2GB"),
        product("7", instanceType="ml.m5.large-Training", usagetype="USE1-Train:ml.m5.large", regionCode="us-east-1"),
        product("0.000042", usagetype="EU-ServerlessInf:Mem-2GB"),
        product("0.000126", usagetype="EU-ServerlessInf:Mem-6GB"),
        # Two prices for one thing are none.
        product("1", instanceType="ml.c5.large-Hosting", usagetype="EU-Host:ml.c5.large"),
        product("2", instanceType="ml.c5.large-Hosting", usagetype="EU-Host:ml.c5.large"),
    ],
    [
        product("0.0000053", service="AmazonS3", usagetype="EU-Requests-Tier1"),
        product([("10000", "0.1"), ("0", "0.3")], service="AmazonCloudWatch", usagetype="EU-CW:MetricMonitorUsage"),
        product("0.1", service="AmazonCloudWatch", usagetype="EU-CW:AlarmMonitorUsage"),
        product([("0", "0"), ("5", "0.57")], service="AmazonCloudWatch", usagetype="EU-DataProcessing-Bytes"),
    ],
]
FOUND = {
    "alarm": 0.1,
    "hosting ml.m5.large": 0.128,
    "log": 0.57,
    "metric": 0.3,
    "processing ml.m5.xlarge": 0.257,
    "put": 0.0000053,
    "serverless": 0.000021,
    "training ml.m5.xlarge": 0.257,
    "transform ml.m5.xlarge": 0.2,
}


class PriceList:
    """boto3's client, all of whose answers come in pages."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def get_paginator(self, operation: str) -> PriceList:
        assert operation == "get_products"
        return self

    def paginate(self, **asked: Any) -> list[dict[str, Any]]:
        self.asked.append(asked)
        return [{"PriceList": page} for page in PAGES] if len(self.asked) == 1 else []


def test_the_list_is_read_by_use_and_instance_and_what_is_no_plain_use_is_skipped() -> None:
    client = PriceList()
    assert prices(products(client, "eu-west-1"), "eu-west-1") == FOUND
    assert [one["ServiceCode"] for one in client.asked] == [query.service for query in QUERIES]
    assert {"Type": "TERM_MATCH", "Field": "regionCode", "Value": "eu-west-1"} in client.asked[0]["Filters"]


def test_what_the_command_writes_is_what_the_functions_read() -> None:
    document = json.dumps(document_of(FOUND, "eu-west-1", datetime(2026, 11, 30, tzinfo=UTC))).encode()
    read = known.read(document, "eu-west-1")
    assert str(read.of(Use.HOSTING, "ml.m5.large")) == "AWS's price list, 2026-11-30"
    assert {name: price.usd for name, price in read.given.items()} == FOUND
    assert known.read(document, "us-east-1") == Prices("us-east-1")
    assert known.read(b"no JSON", "eu-west-1") == Prices("eu-west-1")
