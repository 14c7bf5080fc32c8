"""The monitor's decisions: which check begins when, and what a result means. Total and pure, as `relay.decide`.

Three rules hold everywhere. A check that could not look (failed, too little traffic) never says that all is well and
moves no watermark, so its traffic is looked at by the next one. A mail tells a change of state and not a check. And
what is wanted while something is under way is kept, each wish once, and served afterwards.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from chalicelib import failures, predictions
from chalicelib.monitoring import attempts, findings, retraining
from chalicelib.monitoring.commands import BeginCheck, ReadResult, Tell
from chalicelib.monitoring.facts import (
    CheckAsked,
    CheckBegun,
    CheckCompleted,
    CheckFact,
    CheckFailed,
    CheckMustWait,
    CheckShared,
    CheckUnseen,
    DriftRead,
    EndpointGone,
    Fact,
    JobSeen,
    NothingToCheck,
    QualityRead,
    ResultMissing,
    RetrainingBegan,
    RetrainingRefused,
    RunFollowed,
    ScoredBefore,
    ScoredRead,
    SettingsRead,
    Ticked,
    UploadedTestRead,
)
from chalicelib.monitoring.record import REMEMBERED_UPLOADS, Check, Condition, Monitor, Wanted
from chalicelib.names import CheckKeys, Kind
from chalicelib.records import used
from chalicelib.records.commands import Mail
from chalicelib.settings import max_loss
from chalicelib.settings.stored import Monitored, Monitoring

ROWS_MAY_COME = timedelta(days=2)
"""How long after labels arrived their rows may still be captured; data capture takes minutes."""
_UPLOADED = (Kind.QUALITY, Kind.TEST, Kind.SCORE)
"""Kinds of checks that a person's upload asks for: such a wish is kept whatever becomes of the model."""


class Decision(NamedTuple):
    """The monitor as it is now, its pending list holding what is to be done; or why nothing changed."""

    monitor: Monitor
    ignored: str | None = None


def decide(monitor: Monitor, fact: Fact, now: datetime) -> Decision:
    """What is true after this fact, and what is to be done."""
    match fact:
        case RunFollowed():
            after = _follow(monitor, fact, now)
        case SettingsRead():
            after = _set(monitor, fact, now)
        case Ticked():
            after = _tick(monitor, now)
        case CheckAsked():
            after = _ask(monitor, fact, now)
        case CheckShared() | CheckBegun():
            after = attempts.together(monitor, fact)
        case RetrainingBegan():
            after = retraining.began(monitor, fact)
        case RetrainingRefused():
            after = retraining.refused(monitor, fact)
        case _:
            return _on_check(monitor, fact, now)
    return Decision(after, None if after != monitor else f"{type(fact).__name__} changes nothing")


def _on_check(monitor: Monitor, fact: CheckFact, now: datetime) -> Decision:
    kind = _kind_of(fact)
    check = monitor.check(kind, fact.ordinal)
    if check is None:
        return Decision(monitor, ignored=f"{kind} check {fact.ordinal} is not in flight")
    if isinstance(fact, JobSeen) and fact.attempt != check.attempt:
        return Decision(monitor, ignored=f"attempt {fact.attempt} of the check ended, but {check.attempt} counts")
    if isinstance(fact, CheckUnseen):
        unseen = _unseen(monitor, check, now)
        if isinstance(unseen, Decision):
            return unseen
        fact = unseen
    if comes := attempts.comes_next(check, fact):
        return Decision(attempts.in_part(_counted(monitor, fact, now), check, *comes))
    if isinstance(fact, CheckCompleted):
        reading = ReadResult(monitor.keys(check))
        begun = replace(monitor, pending=attempts.except_begin(monitor, check))
        return Decision(begun if reading in begun.pending else _counted(begun, fact, now).then(reading))
    if isinstance(fact, CheckMustWait):
        return Decision(_wait(monitor, check, fact.reason, now))
    if isinstance(fact, CheckFailed):
        monitor = _counted(monitor, fact, now)
        if again := attempts.again(monitor, check, fact.reason, now):
            return Decision(again)
    ended = replace(monitor.without(check), pending=attempts.except_begin(monitor, check))
    about_live = monitor.live is not None and check.run == monitor.live.run
    after = _learned(ended, check, fact, now) if about_live or kind in {Kind.TEST, Kind.SCORE} else ended
    return Decision(_next_of(after, kind, now))


def _counted(monitor: Monitor, fact: CheckFact, now: datetime) -> Monitor:
    """With what the check's job is billed by; each end is learned once."""
    billed = fact.billed if isinstance(fact, CheckCompleted | CheckFailed) else None
    return monitor if billed is None else replace(monitor, used=used.with_job(monitor.used, [billed], now))


def _unseen(monitor: Monitor, check: Check, now: datetime) -> Decision | CheckFailed:
    if check.unseen is None:
        return Decision(monitor.with_check(replace(check, unseen=now)))
    if now - check.unseen < failures.SHOWN_WITHIN:
        return Decision(monitor, ignored="its job may still come into sight")
    return CheckFailed(check.kind, check.ordinal, check.attempt, "InternalServerError: its job is gone")


def _kind_of(fact: CheckFact) -> Kind:
    if isinstance(fact, QualityRead):
        return Kind.QUALITY
    if isinstance(fact, ScoredRead | ScoredBefore):
        return Kind.SCORE
    return Kind.TEST if isinstance(fact, UploadedTestRead) else fact.kind


def _learned(monitor: Monitor, check: Check, fact: CheckFact, now: datetime) -> Monitor:
    """What a check that has ended says about the live model."""
    match fact:
        case DriftRead() if check.kind is Kind.DRILL:
            return monitor.then(Tell(Mail.DRIFT_FOUND, monitor.keys(check))) if fact.state == "drifted" else monitor
        case DriftRead():
            return retraining.consider(findings.on_drift(monitor, check, fact, now), now, monitor.keys(check))
        case QualityRead():
            return retraining.consider(findings.on_quality(monitor, check, fact, now), now, monitor.keys(check))
        case UploadedTestRead():
            return monitor.then(Tell(Mail.TESTED, monitor.keys(check)))
        case ScoredRead():
            return monitor.then(Tell(Mail.SCORED, monitor.keys(check)))
        case ScoredBefore(result=result):
            return monitor.then(Tell(Mail.SCORED_BEFORE, monitor.keys(check), result))
        case NothingToCheck() if check.kind is Kind.DRIFT:
            return _quiet(monitor, check, fact, now)
        case EndpointGone():
            return findings.endpoint_gone(monitor, check, now)
        case CheckFailed(reason=reason) | ResultMissing(problem=reason):
            return findings.failed(monitor, check, reason)
        case _:
            return monitor


def _quiet(monitor: Monitor, check: Check, fact: NothingToCheck, now: datetime) -> Monitor:
    """No traffic: a trouble, unless the endpoint is gone because there is none."""
    if fact.sleeps:
        return replace(monitor, enough_traffic=now)
    return findings.too_little_traffic(findings.endpoint_there(monitor), check, now)


# --- what begins when


def _set(monitor: Monitor, fact: SettingsRead, now: datetime) -> Monitor:
    now_read, then = fact.settings["monitoring"], monitor.settings.get("monitoring")
    how = max_loss.carried_on(now_read, then, monitor.max_loss, written=fact.writes_max_loss)
    after = replace(monitor, settings=_kept(fact, then), max_loss=how)
    if after.enabled and not monitor.enabled:
        after = replace(after, checked=now, enough_traffic=now)  # what was not monitored is no trouble of the monitor
    if after.policy["policy"] != monitor.policy["policy"]:
        after = replace(after, signals=(), retraining=replace(after.retraining, stopped=False, tries=0))
    return after


def _kept(fact: SettingsRead, then: Monitoring | None) -> Monitored:
    """What was read; a dataset that had metrics of its columns keeps them until relay.yaml says something of them."""
    if fact.writes_feature_metrics or then is None or not then["feature_metrics"]:
        return fact.settings
    return {**fact.settings, "monitoring": {**fact.settings["monitoring"], "feature_metrics": True}}


def _follow(monitor: Monitor, fact: RunFollowed, now: datetime) -> Monitor:
    if fact.live is None or (monitor.live is not None and fact.live.run == monitor.live.run):
        return retraining.run_ended(monitor, fact)
    # Another model serves now: traffic before it is not about it, and what was being looked at is of no more concern.
    # A person's labels and files are looked at again, with the new model; a drill's traffic asked the old one. What
    # was scored is not scored again: the event about it may come twice, but a person has the answers.
    still = tuple(command for command in monitor.pending if not isinstance(command, BeginCheck | ReadResult))
    again = [Wanted(check.kind, check.subject) for check in monitor.checks if check.kind in _UPLOADED]
    wanted = [*again, *(wish for wish in monitor.wanted if wish.kind in _UPLOADED)]
    fresh = replace(
        monitor,
        live=fact.live,
        checks=(),
        wanted=tuple(dict.fromkeys(wanted)),
        pending=still,
        checked=now,
        watermark=None,
        last_quality=None,
        enough_traffic=now,
        open_alerts=tuple(trouble for trouble in monitor.open_alerts if not findings.of_one_model(trouble)),
        labels_missing=False,
        quality=monitor.quality if monitor.quality.state == "fell" else Condition(),
        uploads=tuple(upload for upload in monitor.uploads if upload.startswith(predictions.folder(monitor.dataset))),
    )
    begun = retraining.run_ended(fresh, fact)
    for kind in _UPLOADED:
        begun = _next_of(begun, kind, now)
    return begun


def _tick(monitor: Monitor, now: datetime) -> Monitor:
    if monitor.live is None or not monitor.settings:
        return monitor
    if monitor.enabled and monitor.checked is not None:
        from chalicelib.settings import (
            schedules,  # only time that passes asks for them: no event has to pay for the import
        )

        served = schedules.last_firing(monitor.monitoring["schedule"], monitor.checked, now, on_the_hour=True)
        if served is not None:
            monitor = _want(replace(monitor, checked=served), Wanted(Kind.DRIFT), now, alone=False)
            if monitor.labels_missing and monitor.labels_arrived and now < monitor.labels_arrived + ROWS_MAY_COME:
                monitor = _want(monitor, Wanted(Kind.QUALITY), now)
    return retraining.consider(retraining.on_schedule(monitor, now), now)


def _ask(monitor: Monitor, asked: CheckAsked, now: datetime) -> Monitor:
    if asked.kind is Kind.QUALITY and Wanted(Kind.QUALITY) in monitor.wanted and _just_now(monitor.labels_arrived, now):
        return monitor  # one of many files: the check that is waited for looks at all of them
    if asked.version is not None:
        upload = f"{asked.subject}@{asked.version}"
        if upload in monitor.uploads:
            return monitor
        monitor = replace(monitor, uploads=(*monitor.uploads, upload)[-REMEMBERED_UPLOADS:])
    if monitor.live is None and asked.kind not in _UPLOADED:
        return monitor
    if asked.kind is Kind.QUALITY:
        monitor = replace(monitor, labels_arrived=now)
    if asked.kind is Kind.SCORE and monitor.live is None and Wanted(Kind.SCORE, asked.subject) not in monitor.wanted:
        ordinal = monitor.ordinal + 1  # no check yet, but a mail of its own
        keys = CheckKeys(monitor.dataset, Kind.SCORE, ordinal, now.replace(microsecond=0))
        monitor = replace(monitor, ordinal=ordinal).then(Tell(Mail.SCORE_WAITS, keys, asked.subject or ""))
    return _want(monitor, Wanted(asked.kind, asked.subject), now)


def _just_now(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and abs(now - moment) < timedelta(minutes=1)


def _want(monitor: Monitor, wanted: Wanted, now: datetime, *, alone: bool = True) -> Monitor:
    """Begin a check, or keep the wish until the one in flight has ended; a scheduled one need not be made up for.

    `alone`: it is begun at once, and not with others that are due.
    """
    if monitor.live is None or monitor.in_flight(wanted.kind):
        return monitor if wanted in monitor.wanted else replace(monitor, wanted=(*monitor.wanted, wanted))
    ordinal = monitor.ordinal + 1
    check = Check(wanted.kind, ordinal, now.replace(microsecond=0), monitor.live.run, subject=wanted.subject)
    begun = replace(monitor, ordinal=ordinal, checks=(*monitor.checks, monitor.alone(check) if alone else check))
    return begun.then(BeginCheck(wanted.kind, ordinal))


def _next_of(monitor: Monitor, kind: Kind, now: datetime) -> Monitor:
    waiting = next((wanted for wanted in monitor.wanted if wanted.kind is kind), None)
    if waiting is None or monitor.live is None or monitor.in_flight(kind):
        return monitor
    return _want(replace(monitor, wanted=tuple(w for w in monitor.wanted if w is not waiting)), waiting, now)


# --- attempts


def _wait(monitor: Monitor, check: Check, reason: str, now: datetime) -> Monitor:
    """A quota stands in the way: the check is kept, and given up after the longest wait."""
    if now - check.began > failures.LONGEST_WAIT:
        ended = replace(monitor.without(check), pending=attempts.except_begin(monitor, check))
        return _next_of(findings.failed(ended, check, reason), check.kind, now)
    later = replace(check, not_before=now + failures.pause(now - check.began))
    return monitor.with_check(later)
