"""How an account takes serverless endpoints, or refuses them: at once, by its quota, or minutes later."""

from __future__ import annotations

from typing import Any

from tests.memory_cloud.refusals import invalid, refused

AT_ONCE, BY_QUOTA, LATE = "at once", "by quota", "late"
REFUSALS = {
    AT_ONCE: "One or more invalid parameters: Serverless Inference is not available in this region.",
    BY_QUOTA: "The account-level service limit 'Maximum total concurrency' is 0 Concurrent Invocations",
    LATE: "Image size 12345678901 is greater than supported size 10737418240",
}
"""What AWS says: asked for a configuration, asked to serve it, and of an endpoint that it was to start."""


def is_serverless(config: dict[str, Any]) -> bool:
    """Whether an endpoint configuration is one."""
    return any("ServerlessConfig" in variant for variant in config.get("ProductionVariants", ()))


class Taking:
    """`how` an account refuses them: a key of `REFUSALS`; empty: it takes them."""

    def __init__(self) -> None:
        self.how = ""

    def configure(self, request: dict[str, Any]) -> None:
        """CreateEndpointConfig."""
        if self.how == AT_ONCE and is_serverless(request):
            raise invalid(REFUSALS[AT_ONCE])

    def admit(self, config: dict[str, Any]) -> None:
        """CreateEndpoint."""
        if self.how == BY_QUOTA and is_serverless(config):
            raise refused("ResourceLimitExceeded", REFUSALS[BY_QUOTA])

    def change(self, before: dict[str, Any], config: dict[str, Any], deployment: object) -> None:
        """UpdateEndpoint."""
        self.admit(config)
        if is_serverless(config) and not is_serverless(before):
            raise invalid("Cannot update a real-time endpoint to serverless.")
        if deployment and (is_serverless(before) or is_serverless(config)):
            raise invalid("DeploymentConfig is not supported for serverless endpoints.")

    def reason(self, config: dict[str, Any]) -> str | None:
        """Why an endpoint fails minutes later; None where it does not for this."""
        return REFUSALS[LATE] if self.how == LATE and is_serverless(config) else None
