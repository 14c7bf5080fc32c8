"""When the monitor has a model trained again, and when it stops trying.

Signals are kept, each once, while a run is under way or a cool-down lasts; one training answers all of them. A model
that goes live answers the signals about its predecessor: if the world still differs from what *it* learned, its own
first check says so. What never helps must not go on for ever: after `max_tries` trainings in a row without things being
in order again, the monitor stops by itself and says so, until new data arrives or it is over.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.monitoring import findings
from chalicelib.monitoring.commands import Retrain, Tell
from chalicelib.monitoring.facts import RetrainingBegan, RetrainingRefused, RunFollowed
from chalicelib.monitoring.record import Monitor
from chalicelib.names import CheckKeys, Kind
from chalicelib.records.commands import Mail
from chalicelib.records.run import Stage

SCHEDULE = "schedule"


def consider(monitor: Monitor, now: datetime, check: CheckKeys | None = None) -> Monitor:
    """Ask for a training, if there is a reason and nothing stands against it. `check`: the one that was just learned
    from; it sends one mail, whatever follows from it."""
    policy, past = monitor.policy, monitor.retraining
    if not monitor.signals or past.stopped or past.under_way or policy["policy"] == "never":
        return monitor
    if past.began and now < past.began + timedelta(hours=policy["cool_down_hours"]):
        return monitor
    if past.tries >= policy["max_tries"] and set(monitor.signals) != {SCHEDULE}:
        return _stop(monitor, check=check)
    number = past.number + 1
    because = ", ".join(monitor.signals)
    # A fresh model once a week is no try to put something in order.
    tries = past.tries + (set(monitor.signals) != {SCHEDULE})
    asked = replace(past, number=number, began=now, run=None, tries=tries, under_way=True)
    return replace(monitor, signals=(), retraining=asked).then(Retrain(number, because))


def on_schedule(monitor: Monitor, now: datetime) -> Monitor:
    """Signal a training that is due by the policy's own schedule."""
    if monitor.policy["policy"] != "schedule" or SCHEDULE in monitor.signals or monitor.live is None:
        return monitor
    from chalicelib.settings import schedules  # as in `deciding.py`: few monitors have a schedule of their own

    since = max(filter(None, (monitor.retraining.began, datetime.fromisoformat(monitor.live.promoted))))
    due = schedules.last_firing(monitor.policy["schedule"], since, now)
    return replace(monitor, signals=(*monitor.signals, SCHEDULE)) if due else monitor


def began(monitor: Monitor, fact: RetrainingBegan) -> Monitor:
    """The run that was asked for is under way, or has even ended already: that is known by `run_ended` alone."""
    if fact.number != monitor.retraining.number:
        return monitor
    return replace(monitor, retraining=replace(monitor.retraining, run=fact.run))


def refused(monitor: Monitor, fact: RetrainingRefused) -> Monitor:
    """The run cannot be begun: the promise that was mailed is taken back."""
    if fact.number != monitor.retraining.number or not monitor.retraining.under_way:
        return monitor
    return _stop(replace(monitor, retraining=replace(monitor.retraining, under_way=False)), fact.reason)


def run_ended(monitor: Monitor, fact: RunFollowed) -> Monitor:
    """A run of the dataset has ended: the monitor's own, or one that a person's upload began."""
    past = monitor.retraining
    if fact.retraining is None:
        if fact.stage is not Stage.LIVE:
            return monitor
        # A training that was asked for and had to wait for this run is answered by it.
        fresh = replace(past, tries=0, stopped=False, under_way=past.under_way and not is_asked_for(monitor))
        still = tuple(command for command in monitor.pending if not isinstance(command, Retrain))
        return replace(monitor, retraining=fresh, signals=(), pending=still)
    if fact.retraining != past.number or not past.under_way:
        return monitor  # told before
    past = replace(past, under_way=False, run=fact.run)
    monitor = replace(monitor, retraining=past)
    if fact.stage is Stage.LIVE:
        # A scheduled training wants nothing but a fresh model; the others are judged by the next check.
        return replace(monitor, signals=(), retraining=replace(past, tries=0 if is_in_order(monitor) else past.tries))
    return _stop(monitor) if past.tries and past.tries >= monitor.policy["max_tries"] else monitor


def is_in_order(monitor: Monitor) -> bool:
    """Whether nothing is known to be wrong with the model."""
    kept = monitor.quality.state != "fell" and findings.outcomes_hold(monitor)
    return kept and monitor.drift.state in {"unknown", "stable"}


def is_asked_for(monitor: Monitor) -> bool:
    """Whether a training was asked for and has not begun."""
    return any(isinstance(command, Retrain) for command in monitor.pending)


def _stop(monitor: Monitor, why: str = "", check: CheckKeys | None = None) -> Monitor:
    stopped = replace(monitor, signals=(), retraining=replace(monitor.retraining, stopped=True))
    note = why or str(monitor.retraining.tries)
    due = next((one for one in monitor.pending if isinstance(one, Tell) and one.check == check), None)
    if due is not None:
        both = replace(due, stopped=note)
        return replace(stopped, pending=tuple(both if one is due else one for one in stopped.pending))
    about = monitor.last_drift or monitor.last_quality or _no_check(monitor)
    return stopped.then(Tell(Mail.RETRAINING_STOPPED, about, note))


def _no_check(monitor: Monitor) -> CheckKeys:
    """What names the mail of a monitor that retrains by schedule and has checked nothing yet."""
    assert monitor.retraining.began is not None  # noqa: S101 (somebody has tried before it stops)
    return CheckKeys(monitor.dataset, Kind.DRIFT, monitor.ordinal + 1, monitor.retraining.began)
