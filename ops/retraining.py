"""Another model on what lies there now: the event that asks for it, and what has come of it."""

from __future__ import annotations

from collections.abc import Callable

from chalicelib.aws.objects import Objects
from chalicelib.records.commands import TrainAgain
from chalicelib.records.dataset import Dataset
from ops import bus, near, patience, records
from ops.target import OpsError, Target


def plan(target: Target, dataset: str) -> Dataset:
    """The dataset as it is before.

    Raises:
        OpsError: there is no such dataset, or nothing to train on.
    """
    near.ensure_dataset(target, dataset)
    if not Objects(target.client("s3"), target.bucket).training_data(dataset):
        raise OpsError(f"Nothing lies in datasets/{dataset}/train/. Upload a file there: that begins a run.")
    return records.of(target).dataset(dataset)


def ask(target: Target, dataset: str, because: str) -> str:
    """Put the event that asks; gives the request's id.

    Raises:
        OpsError: EventBridge did not take it.
    """
    return bus.ask(target, "Retraining Requested", {"dataset": dataset, "because": because})


def wait(
    target: Target, before: Dataset, request: str, *, pause: Callable[[float], None], clock: Callable[[], float]
) -> str | None:
    """The run that was begun for it; None where none was, and a mail says why.

    Raises:
        OpsError: that is not decided in the time that it takes.
    """
    waits = patience.of(target, "A mail comes when the run has ended.", laptop=(0.25, 60.0), aws=(2.0, 600.0))
    for now in waits.looks(lambda: records.of(target).dataset(before.name), pause=pause, clock=clock):
        is_known = request in now.trainings
        if is_known and not any(isinstance(one, TrainAgain) for one in now.pending):
            begun = now.last.run if now.last else None
            return begun if before.last is None or begun != before.last.run else None
    raise waits.too_long()
