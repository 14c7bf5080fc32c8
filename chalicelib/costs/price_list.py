"""The shipped prices: a region, what for, dollars a unit, where that was read and from which month it is.

A small table, and every entry with a source: whoever adds one adds where and when it was read. What is not in it is not
known. A person who wants more runs `python -m ops prices`, which asks AWS's own list.
"""

from __future__ import annotations

from chalicelib.costs.prices import Price, Use, key

# github.com/aws-samples/sagemaker-ssh-helper, Sample_Costs.md: AWS's bill of its own tests for December 2023. For
# ml.m5.xlarge it has the same price in training, processing, hosting and batch transform.
_BILL = ("AWS's own bill", "2023-12")
# AWS's Price List API, as public projects printed what it answered to them, usage types and all: ml.m5.large and
# ml.t3.medium in processing, ml.m5.large in hosting, alarms and metrics on 2026-07-30 (USE1-Processing, USE1-Host,
# CW:AlarmMonitorUsage, CW:MetricMonitorUsage); ml.m5.large in training on 2026-08-11 (USE1-Train, SKU
# JMCWJEAPVJNFJ5P4); ml.g5.2xlarge in training on 2026-08-20; serverless on 2026-09-09 (USE1-ServerlessInf:Mem-3GB, SKU
# PUE6HBQ8KFHBUN5T: 0.00006 a second for 3 GB); S3's requests and CloudWatch's logs on 2025-10-28.
_LIST_2025_10 = ("AWS's price list", "2025-10")
_LIST_2026_07 = ("AWS's price list", "2026-07")
_LIST_2026_08 = ("AWS's price list", "2026-08")
_LIST_2026_09 = ("AWS's price list", "2026-09")
# Tables of what a training costs, which three public projects hold alike; read in November 2026, and on no bill.
_TABLES = ("tables of three public projects", "2026-11")

_IRELAND, _VIRGINIA = "eu-west-1", "us-east-1"

SHIPPED: dict[tuple[str, str], Price] = {
    (_IRELAND, key(Use.TRAINING, "ml.m5.xlarge")): Price(0.257, *_BILL),
    (_IRELAND, key(Use.PROCESSING, "ml.m5.xlarge")): Price(0.257, *_BILL),
    (_IRELAND, key(Use.HOSTING, "ml.m5.xlarge")): Price(0.257, *_BILL),
    (_IRELAND, key(Use.TRANSFORM, "ml.m5.xlarge")): Price(0.257, *_BILL),
    (_IRELAND, key(Use.HOSTING, "ml.g4dn.xlarge")): Price(0.821, *_BILL),
    (_IRELAND, key(Use.HOSTING, "ml.g4dn.4xlarge")): Price(1.678, *_BILL),
    (_IRELAND, key(Use.HOSTING, "ml.g4dn.12xlarge")): Price(5.453, *_BILL),
    (_IRELAND, key(Use.HOSTING, "ml.g5.12xlarge")): Price(7.91, *_BILL),
    (_VIRGINIA, key(Use.TRAINING, "ml.t3.medium")): Price(0.05, *_TABLES),
    (_VIRGINIA, key(Use.TRAINING, "ml.m5.large")): Price(0.115, *_LIST_2026_08),
    (_VIRGINIA, key(Use.TRAINING, "ml.m5.xlarge")): Price(0.23, *_TABLES),
    (_VIRGINIA, key(Use.TRAINING, "ml.g5.2xlarge")): Price(1.515, *_LIST_2026_08),
    (_VIRGINIA, key(Use.PROCESSING, "ml.t3.medium")): Price(0.05, *_LIST_2026_07),
    (_VIRGINIA, key(Use.PROCESSING, "ml.m5.large")): Price(0.115, *_LIST_2026_07),
    (_VIRGINIA, key(Use.PROCESSING, "ml.m5.xlarge")): Price(0.23, *_LIST_2026_07),
    (_VIRGINIA, key(Use.HOSTING, "ml.m5.large")): Price(0.115, *_LIST_2026_07),
    (_VIRGINIA, key(Use.SERVERLESS)): Price(0.00002, *_LIST_2026_09),
    (_VIRGINIA, key(Use.PUT)): Price(0.000005, *_LIST_2025_10),
    (_VIRGINIA, key(Use.METRIC)): Price(0.30, *_LIST_2026_07),
    (_VIRGINIA, key(Use.ALARM)): Price(0.10, *_LIST_2026_07),
    (_VIRGINIA, key(Use.LOG)): Price(0.50, *_LIST_2025_10),
}
