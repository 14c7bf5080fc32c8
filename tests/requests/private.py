"""A deployment with a key and a network of its own: what relays ask for there."""

from __future__ import annotations

from functools import partial

from tests.permissions.relays import FIRST, SECOND
from tests.requests.in_batch import in_batch
from tests.requests.relays import Relay, is_live, monitored
from tests.requests.settings import MONITORED

SETTINGS = {
    "SAGERELAY_KMS_KEY": "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-4e5f-4a6b-8c7d-8e9f0a1b2c3d",
    "SAGERELAY_SUBNETS": "subnet-0a1b2c3d,subnet-4e5f6a7b",
    "SAGERELAY_SECURITY_GROUPS": "sg-0a1b2c3d",
}
"""What the template tells the functions of a deployment with a key and a network of its own."""


def happen(relay: Relay) -> None:
    """Every kind of request that tells of a key or a network: two promotions, every kind of check, and two
    models without an endpoint."""
    for figures in (FIRST, SECOND):
        relay.drops("many", figures, MONITORED if figures is FIRST else None)
        relay.until(partial(is_live, relay, "many", figures))
        relay.rests()
    monitored(relay)
    in_batch(relay)
