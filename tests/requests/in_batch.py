"""Relays of a dataset without an endpoint, whose models are asked by batch transforms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.records.run import Stage
from local import stack
from tests.permissions.relays import FIRST, SECOND, unpack
from tests.requests.settings import IN_BATCH

if TYPE_CHECKING:
    from tests.requests.relays import Relay


def in_batch(relay: Relay) -> None:
    """Live twice with nothing that serves: beside the second candidate the model in service is asked, too."""
    relay.drops("nightly", FIRST, IN_BATCH)
    relay.comes_to("nightly", Stage.LIVE)
    relay.rests()
    first = relay.newest("nightly")
    relay.drops("nightly", SECOND)
    relay.until(lambda: relay.newest("nightly") != first)
    relay.comes_to("nightly", Stage.LIVE)
    relay.rests()
    second, sagemaker = relay.newest("nightly"), relay.around.client("sagemaker")
    asked = sagemaker.list_transform_jobs(NameContains="nightly-")["TransformJobSummaries"]
    names = {f"{first.id}-candidate-1", f"{second.id}-candidate-1", f"{second.id}-candidate-1-live"}
    assert {one["TransformJobName"] for one in asked} == names
    assert sagemaker.list_endpoints(NameContains="nightly")["Endpoints"] == []
    relay.around.put("datasets/nightly/score/june.csv", FIRST.text())
    relay.until(lambda: relay.store.monitor("nightly").checks)
    relay.rests()
    assert sagemaker.list_transform_jobs(NameContains="nightly-score-")["TransformJobSummaries"] == []
    unpack(relay.around.client("s3"), stack.BUCKET, second.id)  # what is served as a pipeline is asked by a transform
    relay.around.put("datasets/nightly/score/july.csv", FIRST.text())
    relay.until(lambda: relay.store.monitor("nightly").checks)
    relay.rests()
    told = sagemaker.list_transform_jobs(NameContains="nightly-score-")["TransformJobSummaries"]
    assert [one["TransformJobStatus"] for one in told] == ["Completed"]
