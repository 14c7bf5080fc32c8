"""Autoscaling: whoever asks for it has it while the model serves, nobody else; and nothing scales what is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.records.dataset import Dataset
from chalicelib.records.run import LiveModel

if TYPE_CHECKING:
    from tests.simulation.world import World


def watch(world: World) -> None:
    """Look at every update of an endpoint from now on, and scale each now and then while it is registered."""
    scaled = world.cloud.autoscaling

    def updated(endpoint: str) -> None:
        if scaled.is_scaled(endpoint):
            world.wrong("nothing scales an endpoint that is updated", endpoint)

    def registered(endpoint: str) -> None:
        world.scalings += 1
        name = f"scaling {endpoint} {world.scalings}"
        if world.stormy and world.chance.happens(name, 0.7):
            after = world.chance.between(1.0, 4_000.0, f"when {name}")
            world.later(after, lambda: _scale(world, endpoint))

    world.endpoints.on_updated = updated
    scaled.on_registered = registered


def _scale(world: World, endpoint: str) -> None:
    if world.cloud.autoscaling.is_scaled(endpoint):
        world.endpoints.busy(endpoint, "Updating")


def check(world: World, datasets: dict[str, Dataset]) -> None:
    """Look at a history that has come to rest."""
    live = {one.live.endpoint: one.live for one in datasets.values() if one.live}
    for name in live.keys() | {resource.split("/")[1] for resource in world.cloud.autoscaling.targets}:
        wanted, found = _wanted(world, live.get(name)), _found(world, name)
        if wanted != found:
            world.wrong("a live endpoint is scaled as relay.yaml asks", f"{name}: {found}, and not {wanted}")
    for alarm in world.alarms.alarms:
        if alarm.startswith("TargetTracking-") and not world.cloud.autoscaling.is_scaled(alarm.split("/")[1]):
            world.wrong("no alarm of autoscaling is left behind", alarm)


def _wanted(world: World, live: LiveModel | None) -> tuple[float, ...] | None:
    if live is None or live.scaling is None or live.endpoint not in world.endpoints.endpoints:
        return None
    return live.scaling.min, live.scaling.max, live.scaling.invocations_per_minute


def _found(world: World, endpoint: str) -> tuple[float, ...] | None:
    resource = f"endpoint/{endpoint}/variant/AllTraffic"
    scaled = world.cloud.autoscaling
    target, policy = scaled.targets.get(resource), scaled.policies.get(resource)
    if target is None:
        return None
    aimed = policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] if policy else 0.0
    return target["MinCapacity"], target["MaxCapacity"], aimed
