"""What a check's result changes: the state of a live model, and who has to be told.

Mails follow changes: of a model's drift, of its quality, of the troubles in monitoring it. `open_alerts` are the
troubles that the owner knows of, until they are over.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.monitoring.commands import PublishMetrics, Tell
from chalicelib.monitoring.facts import DriftRead, QualityRead
from chalicelib.monitoring.record import Check, Condition, Monitor
from chalicelib.records.commands import Mail

NO_TRAFFIC, UNREADABLE, FEW_LABELS = "no-traffic", "unreadable-traffic", "few-labels"
GONE = "endpoint-gone"
ABOUT_TRAFFIC = frozenset({NO_TRAFFIC, UNREADABLE, FEW_LABELS, GONE})
"""Troubles that a new live model starts without."""
RELATION = "changed-relation"
"""With the run whose model it is about behind a colon: another model has outcomes of its own to keep to."""
DRIFT, LOSS, QUALITY, OUTCOMES = "drift", "estimated loss", "quality loss", "changed relation"
"""Signals for a retraining, in the words of the mail about the run."""
_HOW_BAD = {"unknown": 0, "stable": 0, "drifted": 1, "harmful": 2}


def on_drift(monitor: Monitor, check: Check, found: DriftRead, now: datetime) -> Monitor:
    """A drift check has looked."""
    keys = monitor.keys(check)
    monitor = _over(endpoint_there(replace(monitor, last_drift=keys)), f"failed-{check.kind}")
    monitor = monitor.then(PublishMetrics(keys))
    if found.state == "not-enough-traffic":
        return _unreadable(too_little_traffic(monitor, check, now), check, found)
    monitor = _over(replace(monitor, watermark=keys, enough_traffic=now), NO_TRAFFIC)
    before = monitor.drift
    state = "harmful" if found.loss == "certain" else found.state
    if state == "drifted" and before.state == "harmful":
        state = before.state  # an estimate that wavers about its limit is no news each time
    if state == before.state:
        return _signal_drift(_unreadable(monitor, check, found), found)
    since = before.since if _HOW_BAD[before.state] and _HOW_BAD[state] else found.since
    after = replace(monitor, drift=Condition(state, since))
    if _HOW_BAD[state] > _HOW_BAD[before.state]:
        after = _alert(after, UNREADABLE, when=found.problems).then(Tell(Mail.DRIFT_FOUND, keys, since or ""))
    elif state == "stable" and _HOW_BAD[before.state]:
        after = _alert(_mended(after, DRIFT, LOSS), UNREADABLE, when=found.problems)
        after = after.then(Tell(Mail.DRIFT_OVER, keys, before.since or ""))
    else:
        after = _unreadable(after, check, found)
    return _signal_drift(after, found)


def on_quality(monitor: Monitor, check: Check, found: QualityRead) -> Monitor:
    """Labels have been joined with the traffic they belong to."""
    keys = monitor.keys(check)
    monitor = _over(
        replace(
            monitor,
            last_quality=keys,
            labels_missing=found.unknown > 0,
            labelled=keys if found.labelled else monitor.labelled,
        ),
        f"failed-{check.kind}",
    )
    odd = f"labels:{','.join(sorted(found.problems))}" if found.problems else ""
    news = bool(odd) and odd not in monitor.open_alerts
    monitor = replace(
        monitor, open_alerts=tuple(trouble for trouble in monitor.open_alerts if not trouble.startswith("labels:"))
    )
    monitor = _relation(_alert(monitor, odd, when=bool(odd)), check, found)
    if found.state == "not-enough-labels":
        first = FEW_LABELS not in monitor.open_alerts
        return _tell_if(_alert(monitor, FEW_LABELS), Mail.QUALITY, check, when=first or news)
    monitor = _over(monitor, FEW_LABELS)
    before, monitor = monitor.quality.state, replace(monitor, quality=Condition(found.state))
    if found.state == "fell":
        monitor = _signal(monitor, QUALITY, when=monitor.policy["policy"] == "on_quality_loss")
        return _tell_if(monitor, Mail.QUALITY_FELL, check, when=before != "fell" or news)
    if before == "fell":
        return _mended(monitor, QUALITY).then(Tell(Mail.QUALITY_RECOVERED, keys))
    return _tell_if(monitor, Mail.QUALITY, check, when=before != "kept" or news)


def _relation(monitor: Monitor, check: Check, found: QualityRead) -> Monitor:
    """The same inputs have other outcomes, or nothing says so: told once a model, for evidence is never taken back."""
    mark = f"{RELATION}:{check.run}"
    if found.changed:
        news = mark not in monitor.open_alerts
        monitor = _signal(monitor, OUTCOMES, when=found.worse and monitor.policy["policy"] == "on_quality_loss")
        if not news:
            return monitor
        told = Tell(Mail.RELATION_CHANGED, monitor.keys(check), found.since or "")
        return _alert(_without_relation(monitor), mark).then(told)
    over = found.state == "kept" and mark not in monitor.open_alerts and not outcomes_hold(monitor)
    return _mended(_without_relation(monitor), OUTCOMES) if over else monitor


def outcomes_hold(monitor: Monitor) -> bool:
    """Whether nothing says that outcomes are others than the model, or the one before it, was evaluated on."""
    return not any(trouble.startswith(f"{RELATION}:") for trouble in monitor.open_alerts)


def _without_relation(monitor: Monitor) -> Monitor:
    """An earlier model's, which this one has answered, is over."""
    still = tuple(trouble for trouble in monitor.open_alerts if not trouble.startswith(f"{RELATION}:"))
    return replace(monitor, open_alerts=still)


def too_little_traffic(monitor: Monitor, check: Check, now: datetime) -> Monitor:
    """A check found too few rows for a verdict. That is no news until it has been so for some days."""
    since = monitor.enough_traffic or check.began
    quiet = now - since >= timedelta(days=monitor.monitoring["quiet_days"])
    if not quiet or NO_TRAFFIC in monitor.open_alerts:
        return replace(monitor, enough_traffic=since)
    note = f"{since:%Y-%m-%d %H:%M} UTC"
    return _alert(monitor, NO_TRAFFIC).then(Tell(Mail.NO_TRAFFIC, monitor.keys(check), note))


def endpoint_gone(monitor: Monitor, check: Check, now: datetime) -> Monitor:
    """Nothing serves any more. The owner is told once, until it does again; who asked for this check, each time."""
    tell = Tell(Mail.ENDPOINT_GONE, monitor.keys(check))
    if check.subject is not None:
        return monitor.then(tell)
    monitor = replace(
        monitor, enough_traffic=now, signals=()
    )  # that nobody calls is no trouble, and no training is wanted
    return monitor if GONE in monitor.open_alerts else _alert(monitor, GONE).then(tell)


def endpoint_there(monitor: Monitor) -> Monitor:
    """The endpoint was seen."""
    return _over(monitor, GONE)


def failed(monitor: Monitor, check: Check, reason: str) -> Monitor:
    """A check was given up. The owner is told once, until one of its kind succeeds; about a test file, each time."""
    trouble = f"failed-{check.kind}"
    tell = Tell(Mail.CHECK_FAILED, monitor.keys(check), reason)
    if check.subject is not None:
        return monitor.then(tell)
    return monitor if trouble in monitor.open_alerts else _alert(monitor, trouble).then(tell)


def _unreadable(monitor: Monitor, check: Check, found: DriftRead) -> Monitor:
    """Some of the traffic could not be read: told once until a check reads all, unless another mail says so."""
    keys = monitor.keys(check)
    if not found.problems:
        return _over(monitor, UNREADABLE)
    mailed = any(isinstance(command, Tell) and command.check == keys for command in monitor.pending)
    already = mailed or UNREADABLE in monitor.open_alerts
    return _tell_if(_alert(monitor, UNREADABLE), Mail.UNREADABLE, check, when=not already)


def _signal_drift(monitor: Monitor, found: DriftRead) -> Monitor:
    policy = monitor.policy["policy"]
    monitor = _signal(monitor, DRIFT, when=policy == "on_drift" and found.state == "drifted")
    return _signal(monitor, LOSS, when=policy == "on_estimated_loss" and found.loss == "certain")


def _signal(monitor: Monitor, signal: str, *, when: bool) -> Monitor:
    return replace(monitor, signals=(*monitor.signals, signal)) if when and signal not in monitor.signals else monitor


def _mended(monitor: Monitor, *answered: str) -> Monitor:
    """What the owner was told of is over: no training is wanted for it, and those that were tried are forgiven."""
    still = tuple(signal for signal in monitor.signals if signal not in answered)
    return replace(monitor, signals=still, retraining=replace(monitor.retraining, tries=0, stopped=False))


def _alert(monitor: Monitor, trouble: str, *, when: bool = True) -> Monitor:
    return (
        replace(monitor, open_alerts=(*monitor.open_alerts, trouble))
        if when and trouble not in monitor.open_alerts
        else monitor
    )


def _over(monitor: Monitor, trouble: str) -> Monitor:
    return replace(monitor, open_alerts=tuple(other for other in monitor.open_alerts if other != trouble))


def _tell_if(monitor: Monitor, mail: Mail, check: Check, *, when: bool) -> Monitor:
    return monitor.then(Tell(mail, monitor.keys(check))) if when else monitor
