"""Going back to a model before the one in service: what a dataset's record says of it, and what comes next.

To its predecessor, which is kept for it, or to an earlier one, of which only the artifact is: then what serves it is
made again, and the predecessor goes in its turn.

One thing at a time: a run under way ends first, and none begins before it is over, so that never two want the same
endpoint. If that run's model goes live, nobody is brought back: what was to be left is left. Pure, as all decisions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from chalicelib import codec
from chalicelib.records import used
from chalicelib.records.commands import Follow, GoBack, LookAgain, Retire, TellRollback
from chalicelib.records.run import LiveModel
from chalicelib.records.used import Billed
from chalicelib.serving_mode import Mode

if TYPE_CHECKING:
    from chalicelib.records.dataset import Dataset

TRIES = 4
"""How often the endpoint is asked to go back before it is given up: the first refusal shown may be an old one."""
REMEMBERED = 8
"""Requests that are known for done: an event may come twice, and late."""
_SETTLED = frozenset({"InService", "Failed", "OutOfService", "UpdateRollbackFailed"})


@dataclass(frozen=True, slots=True)
class GoingBack:
    """A rollback under way: from the model in service to one before it."""

    request: str
    leave: LiveModel
    to: LiveModel
    because: str
    tried: int = 0
    """How often the endpoint was asked."""
    made_again: bool = codec.later(default=False)
    """Whether what serves the model to go back to has been deleted, and is made again."""


@dataclass(frozen=True, slots=True)
class RollbackAsked:
    """Somebody wants the predecessor of this run's model back, or this earlier model. `request` tells one wish from
    another; `hindered`: why what they want cannot be."""

    request: str
    leave: str
    because: str
    to: LiveModel | None = None
    hindered: str = ""


@dataclass(frozen=True, slots=True)
class RollbackTried:
    """The endpoint was asked to go back."""


@dataclass(frozen=True, slots=True)
class RollbackEnded:
    """The predecessor serves; or `problem` says why it does not."""

    problem: str | None = None
    at: str | None = None
    """When that was seen."""
    served: Billed | None = None
    """What the model that was left has had billed by the hour."""


RollbackEvent = RollbackAsked | RollbackTried | RollbackEnded


class Move(StrEnum):
    """What to do about a rollback at this moment."""

    ASK = "have the endpoint go back"
    WAIT = "wait until it has settled"


@dataclass(frozen=True, slots=True)
class Seen:
    """The endpoint as SageMaker shows it."""

    status: str
    config: str
    reason: str | None


def asked(dataset: Dataset, event: RollbackAsked) -> tuple[Dataset, str | None]:
    """The dataset with the wish, or why it is none."""
    if event.request in dataset.rollbacks or dataset.going_back:
        return dataset, f"rollback {event.request} was asked for before, or another is under way"
    known = replace(dataset, rollbacks=(*dataset.rollbacks, event.request)[-REMEMBERED:])
    if dataset.live is None or dataset.live.run != event.leave:
        serves = f"the model of {dataset.live.run} serves" if dataset.live else "no model serves"
        return _told(known, event, None, f"{serves}, and not that of {event.leave}"), None
    if dataset.asleep:
        return _told(known, event, None, "its endpoint sleeps; wake it first"), None
    if event.hindered:
        return _told(known, event, None, event.hindered), None
    is_kept = dataset.previous is not None and (event.to is None or event.to.run == dataset.previous.run)
    to = dataset.previous if is_kept else event.to
    if to is None:
        return _told(known, event, None, "no model served before it, or it is not kept any more"), None
    if to.run == dataset.live.run:
        return _told(known, event, to, "it serves already"), None
    if why := hindrance(dataset.live.mode, to.mode):
        return _told(known, event, to, why), None
    plan = GoingBack(event.request, dataset.live, to, event.because, made_again=not is_kept)
    begun = replace(known, going_back=plan)
    return (begun if dataset.active else replace(begun, pending=(*begun.pending, GoBack()))), None


def can_go_back(dataset: Dataset) -> bool:
    """Whether a model is kept that could take the live one's place: with an endpoint for one, or without."""
    live, before = dataset.live, dataset.previous
    return live is not None and before is not None and not hindrance(live.mode, before.mode)


def hindrance(leave: Mode, to: Mode) -> str:
    """Why a model cannot come back to the endpoint as it was served; empty where it can.

    >>> hindrance(Mode.SERVERLESS, Mode.REALTIME)
    ''
    """
    if (leave is Mode.BATCH) != (to is Mode.BATCH):
        return f"it was served in another way ({to}, now {leave})"
    if leave is Mode.REALTIME and to is Mode.SERVERLESS:
        return "its endpoint was serverless, and AWS lets no real-time endpoint become that in place"
    return ""


def run_ended(dataset: Dataset) -> Dataset:
    """The run that a rollback has waited for is over: it begins, unless another model has taken over."""
    plan = dataset.going_back
    if plan is None or GoBack() in dataset.pending:
        return dataset
    if dataset.live != plan.leave:
        return ended(dataset, RollbackEnded(_overtaken(dataset)))
    return replace(dataset, pending=(*dataset.pending, GoBack()))


def tried(dataset: Dataset) -> Dataset:
    """The endpoint was asked once more."""
    plan = dataset.going_back
    return replace(dataset, going_back=replace(plan, tried=plan.tried + 1)) if plan else dataset


def ended(dataset: Dataset, event: RollbackEnded) -> Dataset:
    """It is over, one way or the other; what waited for it is looked at."""
    plan = dataset.going_back
    if plan is None:
        return dataset
    still = tuple(command for command in dataset.pending if command != GoBack())
    over = replace(dataset, going_back=None, pending=still)
    after: list[Follow | LookAgain | Retire] = []
    if event.problem is None:
        if plan.made_again and dataset.previous:
            after.append(Retire(dataset.previous.run, dataset.previous.attempt))
        over = replace(over, live=replace(plan.to, back=event.at), previous=plan.leave)
        if event.at is not None:
            hours = used.with_hours(dataset.served, event.served, datetime.fromisoformat(event.at))
            over = replace(over, served=hours)
        after.append(Follow(plan.to.run))
    if dataset.queued:
        after.append(LookAgain())
    tell = TellRollback(plan.request, plan.leave.run, plan.to.run, plan.because, event.problem)
    return replace(over, pending=(*over.pending, tell, *(one for one in after if one not in over.pending)))


def next_move(plan: GoingBack, seen: Seen | None, configs: tuple[str, str]) -> Move | RollbackEnded:
    """What to do. `configs`: the configurations of the model to leave and of the one to go back to."""
    leave, to = configs
    if plan.to.mode is Mode.BATCH:
        return Move.ASK if plan.made_again and not plan.tried else RollbackEnded()  # no endpoint has to be changed
    if seen is None or seen.status == "Deleting":
        return RollbackEnded("the live endpoint is not there any more; the next promotion creates it")
    if seen.status not in _SETTLED:
        return Move.WAIT
    if seen.status != "InService":
        return RollbackEnded(f"the endpoint is {seen.status}: {seen.reason or 'SageMaker gives no reason'}")
    if seen.config == to:
        return RollbackEnded()
    if seen.config != leave:
        return RollbackEnded(f"the endpoint serves {seen.config}, which is neither of the two")
    if plan.tried >= TRIES or (plan.tried > 1 and seen.reason):
        return RollbackEnded(seen.reason or "SageMaker rolled the update back and gave no reason")
    return Move.ASK


def _told(dataset: Dataset, event: RollbackAsked, to: LiveModel | None, problem: str) -> Dataset:
    told = TellRollback(event.request, event.leave, to.run if to else None, event.because, problem)
    return replace(dataset, pending=(*dataset.pending, told))


def _overtaken(dataset: Dataset) -> str:
    return f"meanwhile the model of {dataset.live.run if dataset.live else 'nobody'} has gone live"
