"""What a check's result changes: the state of a live model, and who has to be told.

Mails follow changes: of a model's drift, of its quality, of the troubles in watching it. `told` remembers troubles that
the owner knows of, until they are over.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.commands import Mail
from chalicelib.watch.commands import PublishMetrics, Tell, WatchCommand
from chalicelib.watch.facts import DriftRead, QualityRead
from chalicelib.watch.record import Check, Condition, Watch

__all__ = ["ABOUT_TRAFFIC", "WatchCommand", "failed", "on_drift", "on_quality", "too_little_traffic"]

NO_TRAFFIC, UNREADABLE, FEW_LABELS = "no-traffic", "unreadable-traffic", "few-labels"
ABOUT_TRAFFIC = frozenset({NO_TRAFFIC, UNREADABLE, FEW_LABELS})
"""Troubles that a new live model starts without."""
_HOW_BAD = {"unknown": 0, "stable": 0, "drifted": 1, "harmful": 2}


def on_drift(watch: Watch, check: Check, found: DriftRead, now: datetime) -> Watch:
    """A drift check has looked."""
    keys = watch.keys(check)
    watch = _over(replace(watch, last_drift=keys), f"failed-{check.kind}")
    watch = _then(watch, PublishMetrics(keys))
    if found.state == "not-enough-traffic":
        return _unreadable(too_little_traffic(watch, check, now), check, found)
    watch = _over(replace(watch, watermark=keys, enough_traffic=now), NO_TRAFFIC)
    before = watch.drift
    state = "harmful" if found.loss == "certain" else found.state
    if state == "drifted" and before.state == "harmful":
        state = before.state  # an estimate that wavers about its limit is no news each time
    if state == before.state:
        return _signal_drift(_unreadable(watch, check, found), found)
    since = before.since if _HOW_BAD[before.state] and _HOW_BAD[state] else found.since
    after = replace(watch, drift=Condition(state, since))
    if _HOW_BAD[state] > _HOW_BAD[before.state]:
        after = _then(_told(after, UNREADABLE, when=found.problems), Tell(Mail.DRIFT_FOUND, keys, since or ""))
    elif state == "stable" and _HOW_BAD[before.state]:
        since_then = replace(after, retraining=replace(after.retraining, tries=0, stopped=False))
        since_then = replace(
            since_then, signals=tuple(s for s in after.signals if s not in {"drift", "estimated loss"})
        )
        after = _then(
            _told(since_then, UNREADABLE, when=found.problems), Tell(Mail.DRIFT_OVER, keys, before.since or "")
        )
    else:
        after = _unreadable(after, check, found)
    return _signal_drift(after, found)


def on_quality(watch: Watch, check: Check, found: QualityRead) -> Watch:
    """Labels have been joined with the traffic they belong to."""
    keys = watch.keys(check)
    watch = _over(
        replace(
            watch,
            last_quality=keys,
            labels_missing=found.unknown > 0,
            labelled=keys if found.labelled else watch.labelled,
        ),
        f"failed-{check.kind}",
    )
    odd = f"labels:{','.join(sorted(found.problems))}" if found.problems else ""
    news = bool(odd) and odd not in watch.told
    watch = replace(watch, told=tuple(trouble for trouble in watch.told if not trouble.startswith("labels:")))
    watch = _told(watch, odd, when=bool(odd))
    if found.state == "not-enough-labels":
        first = FEW_LABELS not in watch.told
        return _tell_if(_told(watch, FEW_LABELS), Mail.QUALITY, check, when=first or news)
    watch = _over(watch, FEW_LABELS)
    before, watch = watch.quality.state, replace(watch, quality=Condition(found.state))
    if found.state == "fell":
        watch = _signal(watch, "quality loss", when=watch.policy.get("policy") == "on_quality_loss")
        return _tell_if(watch, Mail.QUALITY_FELL, check, when=before != "fell" or news)
    if before == "fell":
        watch = replace(watch, retraining=replace(watch.retraining, tries=0, stopped=False))
        watch = replace(watch, signals=tuple(signal for signal in watch.signals if signal != "quality loss"))
        return _tell_if(watch, Mail.QUALITY_RECOVERED, check, when=True)
    return _tell_if(watch, Mail.QUALITY, check, when=before != "kept" or news)


def too_little_traffic(watch: Watch, check: Check, now: datetime) -> Watch:
    """A check found too few rows for a verdict. That is no news until it has been so for some days."""
    since = watch.enough_traffic or check.began
    quiet = now - since >= timedelta(days=watch.monitoring["quiet_days"])
    if not quiet or NO_TRAFFIC in watch.told:
        return replace(watch, enough_traffic=since)
    note = f"{since:%Y-%m-%d %H:%M} UTC"
    return _then(_told(watch, NO_TRAFFIC), Tell(Mail.NO_TRAFFIC, watch.keys(check), note))


def failed(watch: Watch, check: Check, reason: str) -> Watch:
    """A check was given up. The owner is told once, until one of its kind succeeds; about a test file, each time."""
    trouble = f"failed-{check.kind}"
    tell = Tell(Mail.CHECK_FAILED, watch.keys(check), reason)
    if check.subject is not None:
        return _then(watch, tell)
    return watch if trouble in watch.told else _then(_told(watch, trouble), tell)


def _unreadable(watch: Watch, check: Check, found: DriftRead) -> Watch:
    """Some of the traffic could not be read: told once until a check reads all, unless another mail says so."""
    keys = watch.keys(check)
    if not found.problems:
        return _over(watch, UNREADABLE)
    already = UNREADABLE in watch.told or any(
        isinstance(command, Tell) and command.check == keys for command in watch.pending
    )
    return _tell_if(_told(watch, UNREADABLE), Mail.UNREADABLE, check, when=not already)


def _signal_drift(watch: Watch, found: DriftRead) -> Watch:
    policy = watch.policy.get("policy")
    watch = _signal(watch, "drift", when=policy == "on_drift" and found.state == "drifted")
    return _signal(watch, "estimated loss", when=policy == "on_estimated_loss" and found.loss == "certain")


def _signal(watch: Watch, signal: str, *, when: bool) -> Watch:
    return replace(watch, signals=(*watch.signals, signal)) if when and signal not in watch.signals else watch


def _told(watch: Watch, trouble: str, *, when: bool = True) -> Watch:
    return replace(watch, told=(*watch.told, trouble)) if when and trouble not in watch.told else watch


def _over(watch: Watch, trouble: str) -> Watch:
    return replace(watch, told=tuple(other for other in watch.told if other != trouble))


def _tell_if(watch: Watch, mail: Mail, check: Check, *, when: bool) -> Watch:
    return _then(watch, Tell(mail, watch.keys(check))) if when else watch


def _then(watch: Watch, *commands: WatchCommand) -> Watch:
    return replace(watch, pending=(*watch.pending, *commands))
