"""What the sweep finds lying about, and removes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.requests.relays import Relay


def cleaned(relay: Relay) -> None:
    """An endpoint, its configuration and a model of a run that has ended: nobody's record names them."""
    sagemaker, run, live = relay.around.client("sagemaker"), relay.newest("poor"), relay.newest("many")
    own = {"deployment": relay.runtime.executor.deployment.prefix, "dataset": "poor", "run": run.id}
    tags = [{"Key": f"sagerelay:{key}", "Value": value} for key, value in own.items()]
    name = f"{run.id}-candidate-9"
    model = sagemaker.describe_model(ModelName=f"{live.id}-model")
    variants = sagemaker.describe_endpoint_config(EndpointConfigName=f"{live.id}-live-1")["ProductionVariants"]
    sagemaker.create_model(
        ModelName=f"{run.id}-model",
        PrimaryContainer=model["PrimaryContainer"],
        ExecutionRoleArn=model["ExecutionRoleArn"],
        Tags=tags,
    )
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants, Tags=tags)
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name, Tags=tags)
    relay.around.settle()
    relay.waits(hours=2)
    relay.rests()
    left = sagemaker.list_models(NameContains=run.id)["Models"]
    assert left == [], "the sweep has removed the orphans"
