"""What the job or the endpoint of a run's stage has written, from CloudWatch Logs.

On a laptop a job's log is there when the job has ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from chalicelib import log_groups, names
from chalicelib.names import Step, StepName
from chalicelib.records.run import STEP_OF, Run, Stage
from chalicelib.serving_mode import Mode
from ops import near, records
from ops.target import OpsError, Target

STAGES: dict[str, Step] = {str(step): step for step in Step} | {str(stage): step for stage, step in STEP_OF.items()}
"""By step and by stage: `train` and `training` are the same to whoever types."""


def step(typed: str) -> Step:
    """The step of a stage that somebody typed.

    Raises:
        OpsError: there is no such stage.
    """
    if typed not in STAGES:
        raise OpsError(f'There is no stage "{typed}".{near.meant(typed, STAGES)} The stages: {", ".join(Step)}.')
    return STAGES[typed]


def place(run: Run, of: Step, prefix: str) -> tuple[str, str]:
    """The group of a step's log, and what its streams' names begin with.

    Raises:
        OpsError: the run has not come to it.
    """
    attempts = {name.attempt for job in run.jobs if (name := StepName.parse(job.name)) and name.step is of}
    if STEP_OF.get(run.stage) is of:
        attempts.add(run.attempt)
    if run.cancelled and STEP_OF.get(run.cancelled.stage) is of:
        attempts.add(1)
    if run.failure and (failed := StepName.parse(run.failure.job)) and failed.step is of:
        attempts.add(failed.attempt)
    if not attempts:
        raise OpsError(f"Run {run.id} has not come to {of}: it is {run.stage}.")
    job = str(StepName(run.id, of, max(attempts)))
    if of in log_groups.OF_JOBS:
        return log_groups.OF_JOBS[of], job
    if of is Step.CANDIDATE and run.mode is Mode.BATCH:
        return log_groups.TRANSFORM, job
    endpoint = names.live_endpoint(prefix, run.dataset) if of is Step.LIVE else job
    return f"{log_groups.ENDPOINTS}{endpoint}", ""


def follow(
    target: Target, run: Run, of: Step, *, goes_on: bool, pause: Callable[[float], None]
) -> Iterator[dict[str, Any]]:
    """The lines, oldest first; with `goes_on`, those that come, until the run has left the stage."""
    seen: set[str] = set()
    since = 0
    while True:
        is_over = STEP_OF.get(run.stage) is not of or run.stage is Stage.CANCELLED  # before the last look
        group, streams = place(run, of, target.prefix)
        for event in _events(target.client("logs"), group, streams, since):
            if event["eventId"] not in seen:
                seen.add(event["eventId"])
                since = max(since, event["timestamp"])
                yield {
                    "at": event["timestamp"],
                    "stream": event["logStreamName"],
                    "line": event["message"].rstrip("\n"),
                }
        if not goes_on or is_over:
            return
        pause(0.5 if target.on_laptop else 5.0)
        run = records.of(target).run(run.id) or run


def _events(client: Any, group: str, streams: str, since: int) -> Iterator[dict[str, Any]]:
    named = {"logStreamNamePrefix": streams} if streams else {}
    try:
        for page in client.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since, **named):
            yield from page["events"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise  # a group is made with its first log
