"""What a check's result changes: the state of a live model, and who has to be told.

Mails follow changes: of a model's drift, of its quality, of the troubles in watching it. `told` remembers troubles that
the owner knows of, until they are over.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.commands import Mail
from chalicelib.watch.commands import PublishMetrics, Tell
from chalicelib.watch.facts import DriftRead, QualityRead
from chalicelib.watch.record import Check, Condition, Watch

NO_TRAFFIC, UNREADABLE, FEW_LABELS = "no-traffic", "unreadable-traffic", "few-labels"
GONE = "endpoint-gone"
ABOUT_TRAFFIC = frozenset({NO_TRAFFIC, UNREADABLE, FEW_LABELS, GONE})
"""Troubles that a new live model starts without."""
DRIFT, LOSS, QUALITY = "drift", "estimated loss", "quality loss"
"""Signals for a retraining, in the words of the mail about the run."""
_HOW_BAD = {"unknown": 0, "stable": 0, "drifted": 1, "harmful": 2}


def on_drift(watch: Watch, check: Check, found: DriftRead, now: datetime) -> Watch:
    """A drift check has looked."""
    keys = watch.keys(check)
    watch = _over(endpoint_there(replace(watch, last_drift=keys)), f"failed-{check.kind}")
    watch = watch.then(PublishMetrics(keys))
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
        after = _told(after, UNREADABLE, when=found.problems).then(Tell(Mail.DRIFT_FOUND, keys, since or ""))
    elif state == "stable" and _HOW_BAD[before.state]:
        after = _told(_mended(after, DRIFT, LOSS), UNREADABLE, when=found.problems)
        after = after.then(Tell(Mail.DRIFT_OVER, keys, before.since or ""))
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
        watch = _signal(watch, QUALITY, when=watch.policy.get("policy") == "on_quality_loss")
        return _tell_if(watch, Mail.QUALITY_FELL, check, when=before != "fell" or news)
    if before == "fell":
        return _mended(watch, QUALITY).then(Tell(Mail.QUALITY_RECOVERED, keys))
    return _tell_if(watch, Mail.QUALITY, check, when=before != "kept" or news)


def too_little_traffic(watch: Watch, check: Check, now: datetime) -> Watch:
    """A check found too few rows for a verdict. That is no news until it has been so for some days."""
    since = watch.enough_traffic or check.began
    quiet = now - since >= timedelta(days=watch.monitoring["quiet_days"])
    if not quiet or NO_TRAFFIC in watch.told:
        return replace(watch, enough_traffic=since)
    note = f"{since:%Y-%m-%d %H:%M} UTC"
    return _told(watch, NO_TRAFFIC).then(Tell(Mail.NO_TRAFFIC, watch.keys(check), note))


def endpoint_gone(watch: Watch, check: Check, now: datetime) -> Watch:
    """Nothing serves any more. The owner is told once, until it does again; who asked for this check, each time."""
    tell = Tell(Mail.ENDPOINT_GONE, watch.keys(check))
    if check.subject is not None:
        return watch.then(tell)
    watch = replace(watch, enough_traffic=now, signals=())  # that nobody calls is no trouble, and no training is wanted
    return watch if GONE in watch.told else _told(watch, GONE).then(tell)


def endpoint_there(watch: Watch) -> Watch:
    """The endpoint was seen."""
    return _over(watch, GONE)


def failed(watch: Watch, check: Check, reason: str) -> Watch:
    """A check was given up. The owner is told once, until one of its kind succeeds; about a test file, each time."""
    trouble = f"failed-{check.kind}"
    tell = Tell(Mail.CHECK_FAILED, watch.keys(check), reason)
    if check.subject is not None:
        return watch.then(tell)
    return watch if trouble in watch.told else _told(watch, trouble).then(tell)


def _unreadable(watch: Watch, check: Check, found: DriftRead) -> Watch:
    """Some of the traffic could not be read: told once until a check reads all, unless another mail says so."""
    keys = watch.keys(check)
    if not found.problems:
        return _over(watch, UNREADABLE)
    mailed = any(isinstance(command, Tell) and command.check == keys for command in watch.pending)
    already = mailed or UNREADABLE in watch.told
    return _tell_if(_told(watch, UNREADABLE), Mail.UNREADABLE, check, when=not already)


def _signal_drift(watch: Watch, found: DriftRead) -> Watch:
    policy = watch.policy.get("policy")
    watch = _signal(watch, DRIFT, when=policy == "on_drift" and found.state == "drifted")
    return _signal(watch, LOSS, when=policy == "on_estimated_loss" and found.loss == "certain")


def _signal(watch: Watch, signal: str, *, when: bool) -> Watch:
    return replace(watch, signals=(*watch.signals, signal)) if when and signal not in watch.signals else watch


def _mended(watch: Watch, *answered: str) -> Watch:
    """What the owner was told of is over: no training is wanted for it, and those that were tried are forgiven."""
    still = tuple(signal for signal in watch.signals if signal not in answered)
    return replace(watch, signals=still, retraining=replace(watch.retraining, tries=0, stopped=False))


def _told(watch: Watch, trouble: str, *, when: bool = True) -> Watch:
    return replace(watch, told=(*watch.told, trouble)) if when and trouble not in watch.told else watch


def _over(watch: Watch, trouble: str) -> Watch:
    return replace(watch, told=tuple(other for other in watch.told if other != trouble))


def _tell_if(watch: Watch, mail: Mail, check: Check, *, when: bool) -> Watch:
    return watch.then(Tell(mail, watch.keys(check))) if when else watch
