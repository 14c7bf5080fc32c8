"""Scheduled checks of two datasets, which one job does."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from local import stack

if TYPE_CHECKING:
    from tests.requests.relays import Relay

_CAPTURED = "capture/sagerelay-{}/AllTraffic/{:%Y/%m/%d/%H}/together.jsonl"
_DATASETS = ("ensemble", "many")


def checked_together(relay: Relay) -> None:
    """Both are due in the same sweep, and both are told of the job's end."""
    s3 = relay.around.client("s3")
    for dataset in _DATASETS:
        key = _CAPTURED.format(dataset, datetime.now(UTC) + relay.ahead)
        s3.put_object(Bucket=stack.BUCKET, Key=key, Body=b"{}\n")
    relay.waits(minutes=70)
    (shared,) = {check.shared.job for name in _DATASETS for check in relay.store.monitor(name).checks if check.shared}
    relay.rests()
    ended = {name: relay.store.monitor(name).last_drift for name in _DATASETS}
    for name, check in ended.items():
        assert check is not None, f"{name} was not told of the end of {shared}"
        assert json.loads(s3.get_object(Bucket=stack.BUCKET, Key=check.result)["Body"].read())["state"] == "stable"
