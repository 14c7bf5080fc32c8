"""The log and the metrics of the Lambda functions: structured lines, correlated by run, and figures in EMF.

A figure of a dataset or feature is a blob of its own with its own dimensions, because a CloudWatch metric is named by
its dimensions too. Every figure has the dimension `service`, which is the deployment (POWERTOOLS_SERVICE_NAME): two in
one account do not count together.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit, single_metric

if TYPE_CHECKING:
    from chalicelib.contract.checks import CheckResult

NAMESPACE = "SageRelay"
RATIO = MetricUnit.NoUnit
log = Logger()
metrics = Metrics(namespace=NAMESPACE)
_counting = threading.Lock()


def count(name: str) -> None:
    """Add one to a metric of this invocation."""
    with _counting:  # the sweep counts from several threads, and Powertools was not made for that
        metrics.add_metric(name=name, unit="Count", value=1)


def drift(dataset: str, result: CheckResult, *, features: bool) -> None:
    """Send what a drift check found: rows, the share of drifted features, estimates, and a score a feature."""
    rows = (result.get("window") or {}).get("rows")
    from chalicelib.mails.bills import MOST_FEATURES  # only checks send figures: a start needs no prices

    _send("CheckedRows", rows, MetricUnit.Count, Dataset=dataset)
    if result.get("state") == "not-enough-traffic":
        return
    _send("DriftedFeatureShare", result.get("share_drifted"), RATIO, Dataset=dataset)
    for metric, figures in ((result.get("estimate") or {}).get("metrics") or {}).items():
        _send("EstimatedPerformance", figures.get("estimated"), RATIO, Dataset=dataset, Metric=metric)
    judged = [*result.get("features", []), *result.get("predictions", [])] if features else []
    scored = sorted((one for one in judged if one.get("score") is not None), key=lambda one: -(one["score"] or 0.0))
    for one in scored[:MOST_FEATURES]:
        _send("DriftScore", one["score"], RATIO, Dataset=dataset, Feature=one["name"])


def _send(name: str, value: float | None, unit: MetricUnit, **dimensions: str) -> None:
    if value is None:
        return
    own = {"service": str(metrics.service)}
    with single_metric(name=name, unit=unit, value=value, namespace=NAMESPACE, default_dimensions=own) as figure:
        for dimension, of in dimensions.items():
            figure.add_dimension(dimension, _printable(of))


def _printable(name: str) -> str:
    """A dimension's value as CloudWatch takes it: ASCII, not blank, no colon first, at most 1,024 characters."""
    plain = "".join(character if " " <= character <= "~" else "?" for character in name).strip(" :")
    return plain[:1024] or "?"
