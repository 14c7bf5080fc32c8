"""Runs that their owner ends, each while another kind of job goes on."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from chalicelib.aws.store import Store
from chalicelib.records.run import Run, Stage
from tests.permissions.relays import ANSWERS, FIRST, IN_BATCH, SECOND, THIRD, TRAINING, TUNED, UNTUNED

if TYPE_CHECKING:
    from tests.permissions.relays import Owner, Work

DATASET = "ended"


def cancel(owner: Owner, work: Work) -> None:
    """Every kind of job there is, stopped."""
    stages = (
        (Stage.PREPARING, "jobs.prepare", FIRST, UNTUNED),
        (Stage.TUNING, TRAINING, SECOND, TUNED),
        (Stage.TRAINING, TRAINING, THIRD, UNTUNED),
        (Stage.EVALUATING, "jobs.evaluate", SECOND, UNTUNED),
        (Stage.DEPLOYING, ANSWERS, FIRST, IN_BATCH),
    )
    for number, (stage, module, figures, settings) in enumerate(stages, start=1):
        work.endless.add(module)
        owner.drops(DATASET, figures, settings)
        owner.waits(partial(_comes_to, owner, stage), f"a run that is {stage}")
        run = _active(owner) or ""
        asked = json.dumps({"run": run})
        entry = {"Source": "sagerelay", "DetailType": "Cancel Requested", "Detail": asked}
        owner.cloud.client("events").put_events(Entries=[entry])
        owner.waits(partial(_is_at, owner, Stage.CANCELLED, run), "a run that is cancelled")
        work.endless.clear()
        owner.is_told(DATASET, *["cancelled"] * number)
        owner.rests()


def _active(owner: Owner) -> str | None:
    return Store(owner.cloud.client("dynamodb"), owner.cloud.table).dataset(DATASET).active


def _comes_to(owner: Owner, stage: Stage) -> bool:
    """Whether a run is there, and its job is on its way."""
    active = _active(owner)
    run = _run(owner, active) if active else None
    return run is not None and run.stage is stage and not run.pending


def _is_at(owner: Owner, stage: Stage, run: str) -> bool:
    found = _run(owner, run)
    return found is not None and found.stage is stage


def _run(owner: Owner, run: str) -> Run | None:
    return Store(owner.cloud.client("dynamodb"), owner.cloud.table).run(run)
