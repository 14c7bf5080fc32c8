"""What carries this deployment's tag in SageMaker and belongs to nothing any more.

A Lambda that was frozen or killed in the middle of its work may create an endpoint after others have cleaned up behind
its run. Nobody's record names such a thing, so it is found by its tags. Where there is doubt it is left alone: a run or
dataset without a record is no proof of anything (the table may have been restored), and what is younger than `GRACE`
may be about to be written down.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from chalicelib.names import StepName
from chalicelib.records.dataset import Dataset
from chalicelib.records.run import Run

GRACE = timedelta(hours=1)
LOOK_EVERY = timedelta(hours=1)


class Resource(StrEnum):
    """What the relay makes and has to take away again, in the order in which it can be. As in SageMaker's ARNs."""

    ENDPOINT = "endpoint"
    CONFIG = "endpoint-config"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Tagged:
    """Something in SageMaker that carries the deployment's tag."""

    kind: Resource
    name: str
    dataset: str
    run: str | None
    """None for a live endpoint, which outlives runs."""


def is_orphan(thing: Tagged, dataset: Dataset, run: Run | None) -> bool:
    """Whether no record needs this thing any more. `run`: the record of the run it was made for."""
    if thing.run is None:
        return dataset.version > 0 and not (dataset.live or dataset.active or dataset.pending)
    if run is None or run.open:
        return False
    goes_back_to = dataset.going_back.to if dataset.going_back else None
    kept = [model for model in (dataset.live, dataset.previous, goes_back_to) if model]
    return not any(is_behind(thing, model.config) for model in kept)


def is_behind(thing: Tagged, config: str | None) -> bool:
    """Whether an endpoint that uses this configuration needs this thing."""
    name = StepName.parse(config or "")
    if name is None:
        return False
    if thing.kind is Resource.CONFIG:
        return thing.name == config
    return thing.kind is Resource.MODEL and thing.run == name.run
