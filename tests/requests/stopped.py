"""Relays that do not come to their end: by what befalls them, and because a person wants it so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from chalicelib.records.run import Stage
from tests.permissions.relays import ANSWERS, FIRST, SECOND, THIRD, TRAINING
from tests.requests.settings import BY_THE_HOUR, IN_BATCH, MONITORED, SPOT_AND_SCALED, UNTUNED
from tests.scale.figures import Figures

if TYPE_CHECKING:
    from tests.requests.relays import Relay

POOR = next(one for one in map(Figures, range(1, 60)) if one.kind == "rejected")
UNREADABLE = next(one for one in map(Figures, range(1, 60)) if one.is_refused)


def stopped_half_way(relay: Relay) -> None:
    """Bad data, a bad model, a training that fails for SageMaker's own reasons, a quota, a crash between two calls."""
    relay.drops("broken", UNREADABLE, UNTUNED + BY_THE_HOUR)
    relay.comes_to("broken", Stage.FAILED)

    relay.jobs.stumbling.add("spot")
    relay.drops("spot", FIRST, UNTUNED + SPOT_AND_SCALED)
    with relay.around.failing("SageMaker.CreateTrainingJob", 400, "ResourceLimitExceeded"):
        relay.until(lambda: (run := relay.run("spot")) and run.waiting_for)
    relay.waits(minutes=10)
    relay.comes_to("spot", Stage.LIVE)
    assert len({job.name for job in relay.newest("spot").jobs if "-train-" in job.name}) == 2, "it was tried twice"

    relay.drops("poor", POOR, UNTUNED + BY_THE_HOUR)
    with relay.around.failing("SageMaker.CreateEndpoint", 400, "InternalFailure"), pytest.raises(ClientError):
        relay.comes_to("poor", Stage.REJECTED)
    relay.runtime.sweep()  # what was made before is found, described, and taken for done
    relay.comes_to("poor", Stage.REJECTED)
    relay.rests()


def cancelled(relay: Relay) -> None:
    """A person ends five runs, each while another kind of job goes on."""
    stages = (
        (Stage.PREPARING, "jobs.prepare", FIRST, UNTUNED + BY_THE_HOUR),
        (Stage.TUNING, TRAINING, SECOND, MONITORED),
        (Stage.TRAINING, TRAINING, THIRD, UNTUNED + BY_THE_HOUR),
        (Stage.EVALUATING, "jobs.evaluate", SECOND, UNTUNED + BY_THE_HOUR),
        (Stage.DEPLOYING, ANSWERS, FIRST, IN_BATCH),
    )
    for stage, module, figures, settings in stages:
        relay.jobs.endless.add(module)
        relay.drops("ended", figures, settings)
        relay.until(lambda: (run := relay.run("ended")) and run.stage is stage and not run.pending)  # noqa: B023
        relay.asks("Cancel Requested", run=relay.newest("ended").id, because="no longer wanted")
        relay.until(lambda: relay.newest("ended").stage is Stage.CANCELLED)
        relay.jobs.endless.clear()
        relay.comes_to("ended", Stage.CANCELLED)
        relay.rests()
    told = [one.message for one in relay.around.published if "CANCELLED" in one.message]
    assert len(told) == 5
    assert all("was stopped after" in message for message in told)
