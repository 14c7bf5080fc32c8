"""A live model whose endpoint is gone because nobody asked it: what a dataset's record says of it, and what comes next.

Its SageMaker model and its package in the registry stay, so that its endpoint can be made again as it was. A run that
goes live wakes the dataset by itself. One thing at a time, as with rollbacks: what would wake a dataset while a run is
under way waits for its end, and no run begins while an endpoint is being deleted, for it would be compared with a model
that is about to go, or made again. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib import codec
from chalicelib.records import used
from chalicelib.records.commands import LookAgain, Sleep, Wake
from chalicelib.records.used import Billed
from chalicelib.serving_mode import Mode

if TYPE_CHECKING:
    from chalicelib.records.dataset import Dataset


@dataclass(frozen=True, slots=True)
class Asleep:
    """Since when nothing serves, and why."""

    since: datetime
    because: str
    wish: str | None = None
    """What asks for it to be woken."""
    gone: datetime | None = codec.later(default=None)
    """When its endpoint had gone, from when on nothing of it is billed."""


@dataclass(frozen=True, slots=True)
class SleepAsked:
    """The endpoint of this run's model is not needed any more."""

    leave: str
    because: str
    at: datetime


@dataclass(frozen=True, slots=True)
class WakeAsked:
    """Somebody needs the endpoint again. `wish` tells one from another."""

    wish: str


@dataclass(frozen=True, slots=True)
class Slept:
    """The endpoint is gone; or `kept`: another model has come to serve on it."""

    kept: bool = False
    at: datetime | None = None
    served: Billed | None = None
    """What it has had billed by the hour."""


@dataclass(frozen=True, slots=True)
class Woken:
    """The endpoint serves again from then on; or `problem` says why it does not."""

    at: datetime
    problem: str | None = None


SleepEvent = SleepAsked | WakeAsked | Slept | Woken


def decide(dataset: Dataset, event: SleepEvent) -> tuple[Dataset, str | None]:
    """The dataset after this, or why nothing changed."""
    match event:
        case SleepAsked():
            return _asked_to_sleep(dataset, event)
        case WakeAsked():
            return _asked_to_wake(dataset, event)
        case Slept():
            after = _without(dataset, Sleep())
            after = replace(after, asleep=None) if event.kept else _gone(after, event)
            return (after if is_waking(after) else _looking(after)), None
        case Woken():
            after = _without(dataset, Wake())
            still = replace(after.asleep, wish=None, gone=event.at) if after.asleep and event.problem else None
            since = after.woken if event.problem else event.at
            return _looking(replace(after, asleep=still, woken=since)), None


def _gone(dataset: Dataset, event: Slept) -> Dataset:
    if dataset.asleep is None or event.at is None:
        return dataset
    hours = used.with_hours(dataset.served, event.served, event.at)
    return replace(dataset, asleep=replace(dataset.asleep, gone=event.at), served=hours)


def is_waking(dataset: Dataset) -> bool:
    """Whether the endpoint is being made again."""
    return Wake() in dataset.pending


def is_changing(dataset: Dataset) -> bool:
    """Whether the endpoint is being deleted or made again, which no run is to get in the way of."""
    return Sleep() in dataset.pending or is_waking(dataset)


def _looking(dataset: Dataset) -> Dataset:
    """What has waited for the endpoint is looked at."""
    queued = (LookAgain(),) if dataset.queued and LookAgain() not in dataset.pending else ()
    return replace(dataset, pending=(*dataset.pending, *queued))


def run_ended(dataset: Dataset, *, live: bool) -> Dataset:
    """A run is over: its model serves, or what had to wait for its end comes now."""
    if dataset.asleep is None:
        return dataset
    if live:
        return replace(_without(_without(dataset, Sleep()), Wake()), asleep=None)
    if dataset.asleep.wish is None or is_waking(dataset):
        return dataset
    return replace(dataset, pending=(*dataset.pending, Wake()))


def _asked_to_sleep(dataset: Dataset, event: SleepAsked) -> tuple[Dataset, str | None]:
    live = dataset.live
    if live is None or live.run != event.leave or live.mode is Mode.BATCH or dataset.asleep:
        return dataset, "no such endpoint serves"
    if dataset.active or dataset.pending or dataset.going_back:
        return dataset, "something else is under way"
    return replace(dataset, asleep=Asleep(event.at, event.because), pending=(Sleep(),)), None


def _asked_to_wake(dataset: Dataset, event: WakeAsked) -> tuple[Dataset, str | None]:
    if dataset.asleep is None:
        return dataset, "it does not sleep"
    if dataset.asleep.wish is not None:
        return dataset, "it is woken already"
    wished = replace(dataset, asleep=replace(dataset.asleep, wish=event.wish))
    return (wished if dataset.active else replace(wished, pending=(*wished.pending, Wake()))), None


def _without(dataset: Dataset, command: Sleep | Wake) -> Dataset:
    return replace(dataset, pending=tuple(one for one in dataset.pending if one != command))
