"""What AWS asks for the few things that SageRelay keeps running, as far as a source says so.

A small table with sources and dates, and no more: everything that is not in it is not known, never a guess and never 0.
Prices differ by region and change; whoever adds one adds where and when it was read. AWS's own list needs an account or
a download of megabytes, which no function has to spare.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

HOURS_A_MONTH = 730


class Component(StrEnum):
    """What an instance is used for; SageMaker has a price for each."""

    HOSTING = "hosting"
    PROCESSING = "processing"


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a unit: an hour of an instance, a month of a metric."""

    usd: float
    source: str
    read: str
    """The month it is from."""

    def __str__(self) -> str:
        return f"{self.source}, {self.read}"


# github.com/aws-samples/sagemaker-ssh-helper, Sample_Costs.md: AWS's bill of its own tests for December 2023.
_BILL = ("AWS's own bill", "2023-12")
# A cache of AWS's price list that three public repositories hold alike; read in November 2026, and on no bill.
_CACHE = ("copies of AWS's price list", "2026-11")
# AWS Price List API, usage type CW:MetricMonitorUsage, as the public documentation of another project printed it on
# 2026-09-21: 0.30 for each of the first 10,000 metrics.
_LIST = ("AWS's price list", "2026-09")

_HOURS = {
    ("eu-west-1", Component.HOSTING, "ml.m5.xlarge"): Price(0.257, *_BILL),
    ("eu-west-1", Component.HOSTING, "ml.g4dn.xlarge"): Price(0.821, *_BILL),
    ("eu-west-1", Component.HOSTING, "ml.g4dn.4xlarge"): Price(1.678, *_BILL),
    ("eu-west-1", Component.HOSTING, "ml.g4dn.12xlarge"): Price(5.453, *_BILL),
    ("eu-west-1", Component.HOSTING, "ml.g5.12xlarge"): Price(7.91, *_BILL),
    ("eu-west-1", Component.PROCESSING, "ml.m5.xlarge"): Price(0.257, *_BILL),
    # For ml.m5.xlarge in us-east-1 the sources differ (0.23 to 0.269), so it is not known.
    ("us-east-1", Component.HOSTING, "ml.m5.large"): Price(0.115, *_CACHE),
}
_METRICS = {"us-east-1": Price(0.30, *_LIST)}


def hour(region: str, component: Component, instance: str) -> Price | None:
    """An hour of an instance; None: not known.

    >>> hour("eu-west-1", Component.HOSTING, "ml.m5.xlarge").usd
    0.257
    >>> hour("eu-west-1", Component.HOSTING, "ml.m5.large") is None
    True
    """
    return _HOURS.get((region, component, instance))


def metric(region: str) -> Price | None:
    """A month of a custom metric in CloudWatch, which counts the hours in which it gets a figure; None: not known."""
    return _METRICS.get(region)
