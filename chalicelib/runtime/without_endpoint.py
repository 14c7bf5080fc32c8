"""Mode batch, executed: a model goes live with nothing that serves it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from chalicelib import transform_names
from chalicelib.aws.errors import RefusedError
from chalicelib.aws.sagemaker import SageMaker
from chalicelib.names import Step, StepName
from chalicelib.records.events import JobRecord, StepCompleted
from chalicelib.records.orphans import Resource
from chalicelib.records.run import Run
from chalicelib.requests import Call
from chalicelib.runtime.telemetry import log
from chalicelib.serving_mode import Mode


def goes_live(sagemaker: SageMaker, run: Run, attempt: int, now: datetime) -> StepCompleted:
    """What answers files needs no more than its model; what served its predecessor would bill for nobody.

    Raises:
        BusyError: that endpoint cannot be deleted yet.
    """
    if run.live and run.live.mode is not Mode.BATCH:
        sagemaker.remove(Resource.ENDPOINT, run.live.endpoint)
    job = JobRecord(Step.LIVE, str(StepName(run.id, Step.LIVE, attempt)), now, now)
    return StepCompleted(Step.LIVE, attempt, job)


@contextmanager
def spared(call: Call) -> Iterator[None]:
    """A call that a run can do without: a model in service that cannot be asked is only not compared with."""
    try:
        yield
    except RefusedError as refused:
        if not transform_names.asks_live(str(call.arguments.get("TransformJobName", ""))):
            raise
        log.error("the model in service is not asked", extra={"call": call.operation, "reason": str(refused)})
