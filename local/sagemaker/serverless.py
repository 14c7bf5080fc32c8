"""What SageMaker does otherwise with a serverless endpoint: what it takes, how many requests at a time, when it rests.

A container starts with a request and is given up some time after the last one; the request that finds none waits for
it. More requests at a time than asked for are throttled. What AWS refuses is refused here, at the time AWS does it: a
configuration that cannot be, an account's quota, and late, as a Failed endpoint, an image that is too large.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from local.sagemaker.resource_registry import Kind, Record, ResourceRegistry
from local.wire.errors import ApiError

LARGEST_PAYLOAD = 4 * 1024 * 1024
"""Bytes of a request."""
_LARGEST_IMAGE = 10 * 1024**3
_MEMORY_STEP = 1024


@dataclass(frozen=True)
class Offer:
    """What this account may have of serverless endpoints."""

    total_concurrency: int = 1000
    """Of all endpoints together: 1,000 in large regions, but new accounts may have 10."""
    image_bytes: int = 4 * 1024**3
    """How large an algorithm's image is. Nobody outside AWS knows."""
    in_region: bool = True
    idle_seconds: float = 300.0
    """How long a container stays after its last answer. AWS does not say."""


USUAL = Offer()


def concurrency(config: dict[str, Any]) -> int:
    """The requests at a time that a configuration asks for; 0 where it is not serverless."""
    asked = config["ProductionVariants"][0].get("ServerlessConfig")
    return int(asked["MaxConcurrency"]) if asked else 0


def check_config(request: dict[str, Any], offer: Offer, containers: int, *, in_a_vpc: bool) -> None:
    """Raise ApiError where CreateEndpointConfig asks for a serverless endpoint that cannot be."""
    variant = request["ProductionVariants"][0]
    asked = variant["ServerlessConfig"]
    faults = {
        "Serverless Inference is not available in this region.": not offer.in_region,
        "InstanceType and InitialInstanceCount are not supported for serverless endpoints.": (
            "InstanceType" in variant or "InitialInstanceCount" in variant
        ),
        "DataCaptureConfig is not supported for serverless endpoints.": "DataCaptureConfig" in request,
        "AsyncInferenceConfig is not supported for serverless endpoints.": "AsyncInferenceConfig" in request,
        "Inference pipelines are not supported for serverless endpoints.": containers > 1,
        "VpcConfig is not supported for serverless endpoints.": in_a_vpc,
        f"MemorySizeInMB must be a multiple of {_MEMORY_STEP}.": asked["MemorySizeInMB"] % _MEMORY_STEP != 0,
    }
    for sentence, holds in faults.items():
        if holds:
            raise ApiError("ValidationException", f"One or more invalid parameters: {sentence}")


def check_quota(asked: int, others: Iterable[int], offer: Offer) -> None:
    """Raise ApiError where an endpoint would take more than the account may have."""
    used = sum(others)
    if asked and used + asked > offer.total_concurrency:
        raise ApiError(
            "ResourceLimitExceeded",
            "The account-level service limit 'Maximum total concurrency that can be allocated across all serverless "
            f"endpoints' is {offer.total_concurrency} Concurrent Invocations, with current utilization of {used} "
            f"Concurrent Invocations and a request delta of {asked} Concurrent Invocations. Please use AWS Service "
            "Quotas to request an increase for this quota. If AWS Service Quotas is not available, contact AWS "
            "support to request an increase for this quota.",
        )


def late_refusal(config: dict[str, Any], offer: Offer) -> str | None:
    """The FailureReason of an endpoint whose image AWS looks at only when it starts it; None where it starts."""
    if not concurrency(config) or offer.image_bytes <= _LARGEST_IMAGE:
        return None
    return f"Image size {offer.image_bytes} is greater than supported size {_LARGEST_IMAGE}"


class Rests(Protocol):
    """A running server."""

    def rest(self, seconds: float) -> None:
        """Give the container up where nobody has asked for so long."""


class Serverless:
    """Lets serverless endpoints in, and gives up the containers of those that are idle. `servers`: what runs, by
    endpoint."""

    def __init__(self, registry: ResourceRegistry, offer: Offer, servers: Mapping[str, Rests]) -> None:
        self._registry, self._offer, self._servers = registry, offer, servers
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def admit(
        self,
        name: str,
        config: dict[str, Any],
        before: dict[str, Any] | None = None,
        deployment: dict[str, Any] | None = None,
    ) -> None:
        """Raise ApiError where an endpoint cannot get this configuration; `before`: the one it has."""
        asked = concurrency(config)
        if deployment and (asked or (before and concurrency(before))):
            raise ApiError("ValidationException", "DeploymentConfig is not supported for serverless endpoints.")
        if not asked:
            return
        if before and not concurrency(before):
            arn = self._registry.arn(Kind.ENDPOINT, name)
            raise ApiError("ValidationException", f'Cannot update real-time endpoint "{arn}" to serverless.')
        others = [one for one in self._registry.all(Kind.ENDPOINT) if one.name != name]
        taken = (concurrency(theirs) for one in others if (theirs := self._config(one)))
        check_quota(asked, taken, self._offer)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True, name="serverless")
            self._thread.start()

    def close(self) -> None:
        self._ended.set()

    def give_up(self, seconds: float) -> None:
        """The containers that nobody has asked for so long."""
        for server in list(self._servers.values()):
            server.rest(seconds)

    def _config(self, endpoint: Record) -> dict[str, Any] | None:
        given: dict[str, Any] | None = endpoint.hidden.get("config")
        found = self._registry.find(Kind.CONFIG, endpoint.detail["EndpointConfigName"])
        return given or (found.detail if found else None)

    def _run(self) -> None:
        while not self._ended.wait(min(1.0, self._offer.idle_seconds / 4)):
            self.give_up(self._offer.idle_seconds)
