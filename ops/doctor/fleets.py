"""Whether Application Auto Scaling has the live endpoints whose relay.yaml asks for it, and no others."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from chalicelib.requests import scaling
from ops.account.finding import Finding, ok, problem
from ops.dataset_status import DatasetStatus
from ops.target import Clients

SUBJECT = "autoscaling"


def judge(client: Clients, found: Sequence[DatasetStatus]) -> Iterator[Finding]:
    """One line for each endpoint that is to be scaled; AWS is asked only where there is one."""
    wanted = {one.endpoint: one for one in found if one.dataset.live and one.dataset.live.scaling}
    if wanted:
        yield from judge_registered([*wanted.values()], _registered(client, [*wanted]))


def judge_registered(found: Sequence[DatasetStatus], registered: Collection[str]) -> Iterator[Finding]:
    """What it means which endpoints are registered. While a model takes over, none is."""
    for one in found:
        live, record = one.dataset.live, one.dataset
        if live is None or live.scaling is None or record.asleep or record.active or record.going_back:
            continue
        if one.endpoint in registered:
            bounds = f"{live.scaling.min} to {live.scaling.max} instances"
            yield ok(SUBJECT, f"{one.endpoint} has {bounds}, as its requests need them")
        else:
            todo = "A mail has said why. The next model that goes live is registered again; a file in train/ makes one."
            yield problem(SUBJECT, f"{one.endpoint} is not scaled, and its relay.yaml asks for it", todo)


def _registered(client: Clients, endpoints: Sequence[str]) -> set[str]:
    """Those of these endpoints that are registered."""
    resources = {scaling.of(endpoint)["ResourceId"]: endpoint for endpoint in endpoints}
    found: set[str] = set()
    for first in range(0, len(resources), _AT_ONCE):
        asked = [*resources][first : first + _AT_ONCE]
        answer = client("application-autoscaling").describe_scalable_targets(
            ServiceNamespace="sagemaker", ResourceIds=asked
        )
        found |= {resources[one["ResourceId"]] for one in answer["ScalableTargets"]}
    return found


_AT_ONCE = 50
"""Resources that may be asked about in one call."""
