"""What a check's result changes: the state of a live model, and who has to be told.

Mails follow changes: of a model's drift, of its quality, of the troubles in monitoring it. `open_alerts` are the
troubles that the owner knows of, until they are over.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.monitoring import going_back
from chalicelib.monitoring.commands import PublishMetrics, Tell
from chalicelib.monitoring.episodes import Episode, News, Seen, turned
from chalicelib.monitoring.facts import DriftRead, QualityRead
from chalicelib.monitoring.record import Check, Condition, Monitor
from chalicelib.records.commands import Mail

NO_TRAFFIC, UNREADABLE, FEW_LABELS = "no-traffic", "unreadable-traffic", "few-labels"
GONE = "endpoint-gone"
ABOUT_TRAFFIC = frozenset({NO_TRAFFIC, UNREADABLE, FEW_LABELS, GONE})
"""Troubles that a new live model starts without."""


def of_one_model(trouble: str) -> bool:
    """Whether a new live model starts without it."""
    return trouble in ABOUT_TRAFFIC or going_back.of_earlier_models(trouble)


RELATION = "changed-relation"
"""With the run whose model it is about behind a colon: another model has outcomes of its own to keep to."""
DRIFT, LOSS, QUALITY, OUTCOMES = "drift", "estimated loss", "quality loss", "changed relation"
"""Signals for a retraining, in the words of the mail about the run."""
_BAD = frozenset({"drifted", "harmful"})


def on_drift(monitor: Monitor, check: Check, found: DriftRead, now: datetime) -> Monitor:
    """A drift check has looked."""
    keys = monitor.keys(check)
    monitor = _over(endpoint_there(replace(monitor, last_drift=keys)), f"failed-{check.kind}")
    monitor = monitor.then(PublishMetrics(keys))
    if found.state == "not-enough-traffic":
        return _unreadable(too_little_traffic(monitor, check, now), check, found)
    monitor = _over(replace(monitor, watermark=keys, enough_traffic=now), NO_TRAFFIC)
    before, lost = monitor.drift, found.lost if found.loss == "certain" else 0.0
    seen = Seen(found.state == "drifted" or lost > 0, check.run, lost, found.drifted)
    episode, news = turned(_drifting(monitor, seen, now), seen, now, _quiet(monitor))
    going_on = _open(episode)
    state = "stable" if going_on is None else "harmful" if going_on.lost else "drifted"
    if state != before.state:
        monitor = replace(
            monitor, drift=Condition(state, before.since if going_on and before.state in _BAD else found.since)
        )
    monitor = replace(monitor, drifting=episode)
    if news is News.OVER:
        monitor = _mended(monitor, DRIFT, LOSS).then(Tell(Mail.DRIFT_OVER, keys, before.since or ""))
    elif news is not None:
        monitor = monitor.then(Tell(Mail.DRIFT_FOUND, keys, monitor.drift.since or "", news))
    return _signal_drift(_unreadable(monitor, check, found), found, bad=seen.bad)


def _drifting(monitor: Monitor, seen: Seen, now: datetime) -> Episode | None:
    """What was told of the drift under way. Of what an earlier release found it is not known: what this check sees."""
    if monitor.drift.state not in _BAD:
        return _closed(monitor.drifting)
    lost = max(seen.lost, 1.0) if monitor.drift.state == "harmful" else 0.0
    return _open(monitor.drifting) or Episode(seen.run, now, lost, seen.names)


def _open(episode: Episode | None) -> Episode | None:
    return episode if episode is not None and episode.is_open else None


def _closed(episode: Episode | None) -> Episode | None:
    """An open one is no account of a state that an earlier release has seen the end of."""
    return episode if episode is not None and not episode.is_open else None


def _quiet(monitor: Monitor) -> timedelta:
    return timedelta(days=monitor.monitoring["quiet_days"])


def on_quality(monitor: Monitor, check: Check, found: QualityRead, now: datetime) -> Monitor:
    """Labels have been joined with the traffic they belong to. A check is told in one mail, whatever it found."""
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
    outcomes = found.changed and _mark(check) not in monitor.open_alerts
    monitor = _relation(_alert(monitor, odd, when=bool(odd)), check, found)
    if found.state == "not-enough-labels":
        first = FEW_LABELS not in monitor.open_alerts
        mail = Mail.QUALITY if first or news else None
        return _tell_quality(_alert(monitor, FEW_LABELS), check, found, mail, outcomes=outcomes)
    monitor, fell = _over(monitor, FEW_LABELS), found.state == "fell"
    seen, before = Seen(fell, check.run, found.lost if fell else 0.0), monitor.quality.state
    episode, change = turned(_fallen(monitor, seen, now), seen, now, _quiet(monitor))
    monitor = replace(monitor, quality=Condition("fell" if _open(episode) else "kept"), fallen=episode)
    back = going_back.is_due(monitor, check, found)
    monitor = going_back.noted(monitor, check, found) if back else monitor
    if fell:
        # The model that callers go back to is measured in its turn.
        wanted = monitor.policy["policy"] == "on_quality_loss" and not (back and going_back.by_itself(monitor))
        monitor = _signal(monitor, QUALITY, when=wanted)
        mail = Mail.QUALITY_FELL if change is not None or news or back else None
    elif change is News.OVER:
        monitor, mail = _mended(monitor, QUALITY), Mail.QUALITY_RECOVERED
    else:
        monitor = _without_signals(monitor, QUALITY)
        mail = Mail.QUALITY if news or before not in {"kept", "fell"} else None
    mail = Mail.QUALITY_FELL if back else mail
    return _tell_quality(monitor, check, found, mail, outcomes=outcomes, news=change or "")


def _tell_quality(
    monitor: Monitor, check: Check, found: QualityRead, mail: Mail | None, *, outcomes: bool, news: str = ""
) -> Monitor:
    """At most one mail a check. That quality fell is told with the outcomes that have changed, where it is news that
    they have; what else there is to say of the quality is told with them."""
    keys, fell = monitor.keys(check), mail is Mail.QUALITY_FELL
    if outcomes and not fell:
        return monitor.then(Tell(Mail.RELATION_CHANGED, keys, found.since or ""))
    if mail is None:
        return monitor
    return monitor.then(Tell(mail, keys, RELATION if outcomes else "", news if fell else ""))


def _fallen(monitor: Monitor, seen: Seen, now: datetime) -> Episode | None:
    """As `_drifting`, of a loss that labels show."""
    if monitor.quality.state != "fell":
        return _closed(monitor.fallen)
    return _open(monitor.fallen) or Episode(seen.run, now, max(seen.lost, 1.0))


def _relation(monitor: Monitor, check: Check, found: QualityRead) -> Monitor:
    """The same inputs have other outcomes, or nothing says so: noted once a model, for evidence is never taken back."""
    mark = _mark(check)
    if found.changed:
        news = mark not in monitor.open_alerts
        monitor = _signal(monitor, OUTCOMES, when=found.worse and monitor.policy["policy"] == "on_quality_loss")
        return _alert(_without_relation(monitor), mark) if news else monitor
    over = found.state == "kept" and mark not in monitor.open_alerts and not outcomes_hold(monitor)
    return _mended(_without_relation(monitor), OUTCOMES) if over else monitor


def _mark(check: Check) -> str:
    return f"{RELATION}:{check.run}"


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
    if not found.problems:
        return _over(monitor, UNREADABLE)
    news = UNREADABLE not in monitor.open_alerts
    return _tell_if(_alert(monitor, UNREADABLE), Mail.UNREADABLE, check, when=news)


def _signal_drift(monitor: Monitor, found: DriftRead, *, bad: bool) -> Monitor:
    """What was wanted because of drift is wanted no more where the newest check sees none, be it over or not."""
    policy, monitor = monitor.policy["policy"], monitor if bad else _without_signals(monitor, DRIFT, LOSS)
    monitor = _signal(monitor, DRIFT, when=policy == "on_drift" and found.state == "drifted")
    return _signal(monitor, LOSS, when=policy == "on_estimated_loss" and found.loss == "certain")


def _signal(monitor: Monitor, signal: str, *, when: bool) -> Monitor:
    return replace(monitor, signals=(*monitor.signals, signal)) if when and signal not in monitor.signals else monitor


def _mended(monitor: Monitor, *answered: str) -> Monitor:
    """What the owner was told of is over: no training is wanted for it, and those that were tried are forgiven."""
    fresh = _without_signals(monitor, *answered)
    return replace(fresh, retraining=replace(fresh.retraining, tries=0, stopped=False))


def _without_signals(monitor: Monitor, *answered: str) -> Monitor:
    return replace(monitor, signals=tuple(signal for signal in monitor.signals if signal not in answered))


def _alert(monitor: Monitor, trouble: str, *, when: bool = True) -> Monitor:
    return (
        replace(monitor, open_alerts=(*monitor.open_alerts, trouble))
        if when and trouble not in monitor.open_alerts
        else monitor
    )


def _over(monitor: Monitor, trouble: str) -> Monitor:
    return replace(monitor, open_alerts=tuple(other for other in monitor.open_alerts if other != trouble))


def _tell_if(monitor: Monitor, mail: Mail, check: Check, *, when: bool) -> Monitor:
    """Unless another mail about the same check is due, which tells this as well."""
    keys = monitor.keys(check)
    told = any(isinstance(command, Tell) and command.check == keys for command in monitor.pending)
    return monitor.then(Tell(mail, keys)) if when and not told else monitor
