"""AWS's price list, read: products as pricing:GetProducts answers them, made into prices by `costs.prices.key`.

The list has several products for one thing (spot, Outposts, a free tier, provisioned concurrency); what is not plain
on-demand use in the region is skipped. Where two products of one key differ in price, the key is left out: then it is
not known, rather than guessed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from chalicelib.costs.prices import Use, key

API_REGIONS = ("us-east-1", "eu-central-1", "ap-south-1")
"""Where the price list answers; it is the same everywhere."""
_PARTS = {
    "Training": Use.TRAINING,
    "Train": Use.TRAINING,
    "Processing": Use.PROCESSING,
    "Hosting": Use.HOSTING,
    "Host": Use.HOSTING,
    "BatchTransform": Use.TRANSFORM,
    "Tsform": Use.TRANSFORM,
}
"""What the list calls a use of an instance, as its attributes and its usage types do."""
_SERVERLESS = re.compile(r"(?:^|-)ServerlessInf:Mem-(\d+)GB$")
_BY_USAGE = (
    (re.compile(r"(?:^|-)Requests-Tier1$"), Use.PUT),
    (re.compile(r"(?:^|-)CW:MetricMonitorUsage$"), Use.METRIC),
    (re.compile(r"(?:^|-)CW:AlarmMonitorUsage$"), Use.ALARM),
    (re.compile(r"(?:^|-)DataProcessing-Bytes$"), Use.LOG),
)


class Asked(NamedTuple):
    """One query of the list: a service, and what its products have to match."""

    service: str
    fields: Mapping[str, str]


QUERIES = (
    Asked("AmazonSageMaker", {"productFamily": "ML Instance"}),
    Asked("AmazonSageMaker", {"productFamily": "ML Serverless"}),
    Asked("AmazonS3", {"productFamily": "API Request"}),
    Asked("AmazonCloudWatch", {}),
)


def near(region: str) -> str:
    """The nearest region in which the list answers.

    >>> near("eu-west-1"), near("ap-south-2"), near("sa-east-1")
    ('eu-central-1', 'ap-south-1', 'us-east-1')
    """
    begins = {"eu": API_REGIONS[1], "ap": API_REGIONS[2]}
    return begins.get(region.partition("-")[0], API_REGIONS[0])


def products(client: Any, region: str) -> Iterator[dict[str, Any]]:
    """Every product of the region that may have a price for us. `client`: boto3's for pricing."""
    pages = client.get_paginator("get_products")
    for query in QUERIES:
        wanted = {"regionCode": region, **query.fields}
        filters = [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in wanted.items()]
        for page in pages.paginate(ServiceCode=query.service, FormatVersion="aws_v1", Filters=filters):
            for one in page["PriceList"]:
                yield json.loads(one) if isinstance(one, str) else one


def prices(found: Iterable[Mapping[str, Any]], region: str) -> dict[str, float]:
    """Dollars a unit by key; what two products tell differently is left out."""
    told: dict[str, set[float]] = {}
    for product in found:
        if (named := _named(product, region)) and (usd := _first_tier(product)):
            name, units = named
            told.setdefault(name, set()).add(round(usd / units, 10))
    return {name: min(amounts) for name, amounts in sorted(told.items()) if len(amounts) == 1}


def _named(product: Mapping[str, Any], region: str) -> tuple[str, int] | None:
    """A product's key, and how many of our units its own unit is."""
    about = product.get("product", {}).get("attributes", {})
    usage = str(about.get("usagetype", ""))
    if about.get("regionCode") != region or "Outposts" in f"{about.get('locationType')}{about.get('location')}":
        return None
    if "Free" in usage or "Processing_Geo" in usage:
        return None
    if memory := _SERVERLESS.search(usage):
        return key(Use.SERVERLESS), int(memory[1])
    if about.get("servicecode", product.get("serviceCode")) != "AmazonSageMaker":
        return next(((key(use), 1) for pattern, use in _BY_USAGE if pattern.search(usage)), None)
    use, instance = _of_an_instance(about, usage)
    return (key(use, instance), 1) if use and instance.startswith("ml.") else None


def _of_an_instance(about: Mapping[str, Any], usage: str) -> tuple[Use | None, str]:
    """What an instance is used for, and its type: from the attributes that say it, else from the usage type."""
    before, _, after = usage.rpartition(":")
    instance, _, suffix = str(about.get("instanceType", "")).partition("-")
    part = about.get("component") or about.get("platoinstancetype") or suffix or before.rpartition("-")[2]
    named = str(about.get("instanceName") or "")
    return _PARTS.get(str(part)), next((one for one in (named, instance, after) if one.startswith("ml.")), "")


def _first_tier(product: Mapping[str, Any]) -> float | None:
    """What the first unit costs on demand; None for what costs nothing."""
    terms = product.get("terms", {}).get("OnDemand", {}).values()
    tiers = [tier for term in terms for tier in term.get("priceDimensions", {}).values()]
    paid = [tier for tier in tiers if float(tier.get("pricePerUnit", {}).get("USD", 0)) > 0]
    paid.sort(key=lambda tier: float(tier.get("beginRange", 0)))
    return float(paid[0]["pricePerUnit"]["USD"]) if paid else None
