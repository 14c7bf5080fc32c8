"""When the watch has a model trained again, and when it stops trying.

Signals are kept, each once, while a run is under way or a cool-down lasts; one training answers all of them. A model
that goes live answers the signals about its predecessor: if the world still differs from what *it* learned, its own
first check says so. What never helps must not go on for ever: after `max_tries` trainings in a row without things being
in order again, the watch stops by itself and says so, until new data arrives or it is over.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib import schedules
from chalicelib.commands import Mail
from chalicelib.names import CheckKeys, Kind
from chalicelib.run import Stage
from chalicelib.watch.commands import Retrain, Tell
from chalicelib.watch.facts import RetrainingBegan, RetrainingRefused, RunFollowed
from chalicelib.watch.record import Watch

SCHEDULE = "schedule"


def consider(watch: Watch, now: datetime) -> Watch:
    """Ask for a training, if there is a reason and nothing stands against it."""
    policy, past = watch.policy, watch.retraining
    if not watch.signals or past.stopped or past.under_way or policy.get("policy", "never") == "never":
        return watch
    if past.began and now < past.began + timedelta(hours=policy["cool_down_hours"]):
        return watch
    if past.tries >= policy["max_tries"] and set(watch.signals) != {SCHEDULE}:
        return _stop(watch)
    number = past.number + 1
    because = ", ".join(watch.signals)
    # A fresh model once a week is no try to put something in order.
    tries = past.tries + (set(watch.signals) != {SCHEDULE})
    asked = replace(past, number=number, began=now, run=None, tries=tries, under_way=True)
    return replace(watch, signals=(), retraining=asked).then(Retrain(number, because))


def on_schedule(watch: Watch, now: datetime) -> Watch:
    """Signal a training that is due by the policy's own schedule."""
    if watch.policy.get("policy") != "schedule" or SCHEDULE in watch.signals or watch.live is None:
        return watch
    since = max(filter(None, (watch.retraining.began, datetime.fromisoformat(watch.live.promoted))))
    due = schedules.last_firing(watch.policy["schedule"], since, now)
    return replace(watch, signals=(*watch.signals, SCHEDULE)) if due else watch


def began(watch: Watch, fact: RetrainingBegan) -> Watch:
    """The run that was asked for is under way, or has even ended already: that is known by `run_ended` alone."""
    if fact.number != watch.retraining.number:
        return watch
    return replace(watch, retraining=replace(watch.retraining, run=fact.run))


def refused(watch: Watch, fact: RetrainingRefused) -> Watch:
    """The run cannot be begun: the promise that was mailed is taken back."""
    if fact.number != watch.retraining.number or not watch.retraining.under_way:
        return watch
    return _stop(replace(watch, retraining=replace(watch.retraining, under_way=False)), fact.reason)


def run_ended(watch: Watch, fact: RunFollowed) -> Watch:
    """A run of the dataset has ended: the watch's own, or one that a person's upload began."""
    past = watch.retraining
    if fact.retraining is None:
        if fact.stage is not Stage.LIVE:
            return watch
        # A training that was asked for and had to wait for this run is answered by it.
        fresh = replace(past, tries=0, stopped=False, under_way=past.under_way and not is_asked_for(watch))
        still = tuple(command for command in watch.pending if not isinstance(command, Retrain))
        return replace(watch, retraining=fresh, signals=(), pending=still)
    if fact.retraining != past.number or not past.under_way:
        return watch  # told before
    past = replace(past, under_way=False, run=fact.run)
    watch = replace(watch, retraining=past)
    if fact.stage is Stage.LIVE:
        # A scheduled training wants nothing but a fresh model; the others are judged by the next check.
        return replace(watch, signals=(), retraining=replace(past, tries=0 if is_in_order(watch) else past.tries))
    return _stop(watch) if past.tries and past.tries >= watch.policy.get("max_tries", 1) else watch


def is_in_order(watch: Watch) -> bool:
    """Whether nothing is known to be wrong with the model."""
    return watch.drift.state in {"unknown", "stable"} and watch.quality.state != "fell"


def is_asked_for(watch: Watch) -> bool:
    """Whether a training was asked for and has not begun."""
    return any(isinstance(command, Retrain) for command in watch.pending)


def _stop(watch: Watch, why: str = "") -> Watch:
    stopped = replace(watch, signals=(), retraining=replace(watch.retraining, stopped=True))
    about = watch.last_drift or watch.last_quality or _no_check(watch)
    note = why or str(watch.retraining.tries)
    return stopped.then(Tell(Mail.RETRAINING_STOPPED, about, note))


def _no_check(watch: Watch) -> CheckKeys:
    """What names the mail of a watch that retrains by schedule and has checked nothing yet."""
    assert watch.retraining.began is not None  # noqa: S101 (somebody has tried before it stops)
    return CheckKeys(watch.dataset, Kind.DRIFT, watch.ordinal + 1, watch.retraining.began)
