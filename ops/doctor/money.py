"""What a deployment goes on costing at rest: its endpoints by the hour, its checks and metrics; and how each is ended.

Notes, never problems: that something bills is what was asked for, and worth knowing. Sums are said where a price is
known (chalicelib/costs/prices.py). Endpoints are found by the deployment's tag, so that a candidate which nobody
removed is named too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chalicelib.aws.answers import standing
from chalicelib.costs.prices import Prices
from chalicelib.mails import bills
from chalicelib.settings.monitoring import Monitoring
from ops.account.finding import Finding, note, ok
from ops.dataset_status import DatasetStatus
from ops.deployment.order import TAG
from ops.deployment.owned_resources import Thing, thing
from ops.deployment.removal import describe
from ops.target import Clients

SUBJECT = "money"
_CONFIG = "sagemaker:endpoint-config"


@dataclass(frozen=True, slots=True)
class Serving:
    """An endpoint's machines."""

    endpoint: str
    instance: str
    """Empty: a serverless one."""
    count: int


def serving(client: Clients, deployment: str) -> list[Serving]:
    """The machines of every endpoint of a deployment, as SageMaker counts them now."""
    tagged = (
        client("resourcegroupstaggingapi")
        .get_paginator("get_resources")
        .paginate(ResourceTypeFilters=["sagemaker:endpoint"], TagFilters=[{"Key": TAG, "Values": [deployment]}])
    )
    arns = sorted(one["ResourceARN"] for page in tagged for one in page["ResourceTagMappingList"])
    return [machine for arn in arns for machine in _machines(client, thing(arn))]


def _machines(client: Clients, endpoint: Thing) -> list[Serving]:
    now = describe(client, endpoint)
    config = describe(client, Thing(_CONFIG, now["EndpointConfigName"], "")) if now else None
    if now is None or config is None:
        return []  # gone: the index of tags is late
    return [Serving(one.endpoint, one.instance, one.count) for one in standing(endpoint.name, now, config)]


def judge_serving(found: Sequence[Serving], known: Prices) -> Iterator[Finding]:
    """What the endpoints cost, and the one command that ends each.

    >>> [one] = judge_serving([Serving("sagerelay-dev-churn", "ml.m5.large", 2)], Prices("eu-west-3"))
    >>> one.what
    'sagerelay-dev-churn bills by the hour, used or not: 2 x ml.m5.large in eu-west-3, whose price is not known here'
    """
    for one in found:
        if not one.instance:
            yield ok(SUBJECT, f"{one.endpoint} is serverless: it bills by request, and nothing while nobody asks")
            continue
        cost = bills.of_endpoint(known, one.instance, one.count)
        what = f"{one.endpoint} bills by the hour, used or not: {cost}"
        yield note(SUBJECT, what, f"To end it: `{bills.removal(known.region, one.endpoint)}`.")
    if not found:
        yield ok(SUBJECT, "no endpoint is there: nothing bills by the hour")


def judge_monitors(found: Sequence[DatasetStatus], known: Prices) -> Iterator[Finding]:
    """What the checks of live models cost, and the custom metrics of all of them together."""
    count = bills.OWN_METRICS
    for one in found:
        monitoring = Monitoring().model_dump() | dict(one.monitor.monitoring)
        if one.dataset.live is None or not (checks := bills.of_checks(known, monitoring)):
            continue
        count += bills.metrics(monitoring)
        name = one.dataset.name
        yield note(SUBJECT, f"{name}: {checks}", f"`monitoring: {{enabled: false}}` in {name}'s relay.yaml ends them.")
    todo = "`monitoring: {feature_metrics: false}` in relay.yaml keeps those of single columns away, where it has any."
    yield note(SUBJECT, f"the deployment keeps {bills.of_metrics(known, count)}", todo if found else "")
