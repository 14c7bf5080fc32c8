"""A training that a person asks for, on what lies there now: what a dataset's record says of it, and what comes next.

What is under way ends first; a run that begins meanwhile, for whatever reason, is the one that was asked for. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chalicelib.records import sleeping
from chalicelib.records.commands import TrainAgain
from chalicelib.records.inputs import InputsSeen

if TYPE_CHECKING:
    from chalicelib.records.dataset import Dataset

REMEMBERED = 8
"""Requests that are known: an event may come twice, and late."""


@dataclass(frozen=True, slots=True)
class TrainingAsked:
    """A person wants a run. `request` tells one wish from another; `because`: why, or empty."""

    request: str
    because: str


@dataclass(frozen=True, slots=True)
class TrainingSeen:
    """What lies there for it."""

    seen: InputsSeen
    request: str
    because: str


def asked(dataset: Dataset, event: TrainingAsked) -> tuple[Dataset, str | None]:
    """The dataset with the wish, or why it is none."""
    if event.request in dataset.trainings:
        return dataset, f"training {event.request} was asked for before"
    known = replace(dataset, trainings=(*dataset.trainings, event.request)[-REMEMBERED:])
    wish = TrainAgain(event.request, event.because)
    return replace(known, pending=(*without(known).pending, wish)), None


def must_wait(dataset: Dataset) -> bool:
    """Whether something is under way that no run may begin beside."""
    return bool(dataset.active or dataset.going_back or sleeping.is_changing(dataset))


def without(dataset: Dataset) -> Dataset:
    """The dataset with all such wishes fulfilled: one run is enough for several."""
    return replace(dataset, pending=tuple(one for one in dataset.pending if not isinstance(one, TrainAgain)))
