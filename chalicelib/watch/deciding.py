"""The watch's decisions: which check begins when, and what a result means. Total and pure, as `relay.decide`.

Three rules hold everywhere. A check that could not look (failed, too little traffic) never says that all is well and
moves no watermark, so its traffic is looked at by the next one. A mail tells a change of state and not a check. And
what is wanted while something is under way is kept, each wish once, and served afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib import failures, schedules
from chalicelib.commands import Mail
from chalicelib.failures import Remedy
from chalicelib.names import Kind
from chalicelib.watch import findings, retraining
from chalicelib.watch.commands import BeginCheck, ReadResult, Tell, WatchCommand
from chalicelib.watch.facts import (
    CheckAsked,
    CheckCompleted,
    CheckFailed,
    CheckMustWait,
    CheckUnseen,
    DriftRead,
    EndpointGone,
    Fact,
    NothingToCheck,
    QualityRead,
    ResultMissing,
    RetrainingBegan,
    RetrainingRefused,
    RunFollowed,
    SettingsRead,
    Ticked,
    UploadedTestRead,
)
from chalicelib.watch.record import REMEMBERED_UPLOADS, Check, Condition, Wanted, Watch

ROWS_MAY_COME = timedelta(days=2)
"""How long after labels arrived their rows may still be captured; data capture takes minutes."""
_UPLOADED = (Kind.QUALITY, Kind.TEST)
"""Kinds of checks that a person's upload asks for: such a wish is kept whatever becomes of the model."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The watch as it is now, its pending list holding what is to be done; or why nothing changed."""

    watch: Watch
    ignored: str | None = None


def decide(watch: Watch, fact: Fact, now: datetime) -> Decision:
    """What is true after this fact, and what is to be done."""
    match fact:
        case RunFollowed():
            after = _follow(watch, fact, now)
        case SettingsRead():
            after = _set(watch, fact, now)
        case Ticked():
            after = _tick(watch, now)
        case CheckAsked():
            after = _ask(watch, fact, now)
        case RetrainingBegan():
            after = retraining.began(watch, fact)
        case RetrainingRefused():
            after = retraining.refused(watch, fact)
        case _:
            return _on_check(watch, fact, now)
    return Decision(after, None if after != watch else f"{type(fact).__name__} changes nothing")


CheckFact = (
    NothingToCheck
    | EndpointGone
    | CheckCompleted
    | CheckFailed
    | CheckUnseen
    | CheckMustWait
    | DriftRead
    | QualityRead
    | UploadedTestRead
    | ResultMissing
)


def _on_check(watch: Watch, fact: CheckFact, now: datetime) -> Decision:
    kind = _kind_of(fact)
    check = watch.check(kind, fact.ordinal)
    if check is None:
        return Decision(watch, ignored=f"{kind} check {fact.ordinal} is not in flight")
    if isinstance(fact, CheckCompleted | CheckFailed | CheckUnseen) and fact.attempt != check.attempt:
        return Decision(watch, ignored=f"attempt {fact.attempt} of the check ended, but {check.attempt} counts")
    if isinstance(fact, CheckUnseen):
        if check.unseen is None:
            return Decision(watch.with_check(replace(check, unseen=now)))
        if now - check.unseen < failures.SHOWN_WITHIN:
            return Decision(watch, ignored="its job may still come into sight")
        fact = CheckFailed(check.kind, check.ordinal, check.attempt, "InternalServerError: its job is gone")
    if isinstance(fact, CheckCompleted):
        reading = ReadResult(watch.keys(check))
        begun = replace(watch, pending=_except_begin(watch, check))
        return Decision(begun if reading in begun.pending else begun.then(reading))
    if isinstance(fact, CheckMustWait):
        return Decision(_wait(watch, check, fact.reason, now))
    if isinstance(fact, CheckFailed):
        again = _try_again(watch, check, fact.reason, now)
        if again:
            return Decision(again)
    ended = replace(watch.without(check), pending=_except_begin(watch, check))
    about_live = watch.live is not None and check.run == watch.live.run
    after = _learned(ended, check, fact, now) if about_live or kind is Kind.TEST else ended
    return Decision(_next_of(after, kind, now))


def _kind_of(fact: CheckFact) -> Kind:
    if isinstance(fact, QualityRead):
        return Kind.QUALITY
    return Kind.TEST if isinstance(fact, UploadedTestRead) else fact.kind


def _learned(watch: Watch, check: Check, fact: CheckFact, now: datetime) -> Watch:
    """What a check that has ended says about the live model."""
    match fact:
        case DriftRead() if check.kind is Kind.DRILL:
            return watch.then(Tell(Mail.DRIFT_FOUND, watch.keys(check))) if fact.state == "drifted" else watch
        case DriftRead():
            return retraining.consider(findings.on_drift(watch, check, fact, now), now)
        case QualityRead():
            return retraining.consider(findings.on_quality(watch, check, fact), now)
        case UploadedTestRead():
            return watch.then(Tell(Mail.TESTED, watch.keys(check)))
        case NothingToCheck() if check.kind is Kind.DRIFT:
            return findings.too_little_traffic(findings.endpoint_there(watch), check, now)
        case EndpointGone():
            return findings.endpoint_gone(watch, check, now)
        case CheckFailed(reason=reason) | ResultMissing(problem=reason):
            return findings.failed(watch, check, reason)
        case _:
            return watch


# --- what begins when


def _set(watch: Watch, fact: SettingsRead, now: datetime) -> Watch:
    after = replace(watch, settings=fact.settings)
    if after.enabled and not watch.enabled:
        after = replace(after, checked=now, enough_traffic=now)  # what was not watched is no trouble of the watch
    if after.policy.get("policy") != watch.policy.get("policy"):
        after = replace(after, signals=(), retraining=replace(after.retraining, stopped=False, tries=0))
    return after


def _follow(watch: Watch, fact: RunFollowed, now: datetime) -> Watch:
    if fact.live is None or (watch.live is not None and fact.live.run == watch.live.run):
        return retraining.run_ended(watch, fact)
    # Another model serves now: traffic before it is not about it, and what was being looked at is of no more concern.
    # A person's labels and test files are looked at again, with the new model; a drill's traffic asked the old one.
    still = tuple(command for command in watch.pending if not isinstance(command, BeginCheck | ReadResult))
    again = [Wanted(check.kind, check.subject) for check in watch.checks if check.kind in _UPLOADED]
    wanted = [*again, *(wish for wish in watch.wanted if wish.kind in _UPLOADED)]
    fresh = replace(
        watch,
        live=fact.live,
        checks=(),
        wanted=tuple(dict.fromkeys(wanted)),
        pending=still,
        checked=now,
        watermark=None,
        last_quality=None,
        enough_traffic=now,
        told=tuple(trouble for trouble in watch.told if trouble not in findings.ABOUT_TRAFFIC),
        labels_missing=False,
        quality=watch.quality if watch.quality.state == "fell" else Condition(),
        uploads=(),
    )
    begun = retraining.run_ended(fresh, fact)
    for kind in _UPLOADED:
        begun = _next_of(begun, kind, now)
    return begun


def _tick(watch: Watch, now: datetime) -> Watch:
    if watch.live is None or not watch.settings:
        return watch
    if watch.enabled and watch.checked is not None:
        served = schedules.last_firing(watch.monitoring["schedule"], watch.checked, now)
        if served is not None:
            watch = _want(replace(watch, checked=served), Wanted(Kind.DRIFT), now)
            if watch.labels_missing and watch.labels_arrived and now < watch.labels_arrived + ROWS_MAY_COME:
                watch = _want(watch, Wanted(Kind.QUALITY), now)
    return retraining.consider(retraining.on_schedule(watch, now), now)


def _ask(watch: Watch, asked: CheckAsked, now: datetime) -> Watch:
    if asked.kind is Kind.QUALITY and Wanted(Kind.QUALITY) in watch.wanted and _just_now(watch.labels_arrived, now):
        return watch  # one of many files: the check that is waited for looks at all of them
    if asked.version is not None:
        upload = f"{asked.subject}@{asked.version}"
        if upload in watch.uploads:
            return watch
        watch = replace(watch, uploads=(*watch.uploads, upload)[-REMEMBERED_UPLOADS:])
    if watch.live is None and asked.kind not in _UPLOADED:
        return watch
    if asked.kind is Kind.QUALITY:
        watch = replace(watch, labels_arrived=now)
    return _want(watch, Wanted(asked.kind, asked.subject), now)


def _just_now(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and abs(now - moment) < timedelta(minutes=1)


def _want(watch: Watch, wanted: Wanted, now: datetime) -> Watch:
    """Begin a check, or keep the wish until the one in flight has ended; a scheduled one need not be made up for."""
    if watch.live is None or watch.in_flight(wanted.kind):
        return watch if wanted in watch.wanted else replace(watch, wanted=(*watch.wanted, wanted))
    ordinal = watch.ordinal + 1
    check = Check(wanted.kind, ordinal, now.replace(microsecond=0), watch.live.run, subject=wanted.subject)
    begun = replace(watch, ordinal=ordinal, checks=(*watch.checks, check))
    return begun.then(BeginCheck(wanted.kind, ordinal))


def _next_of(watch: Watch, kind: Kind, now: datetime) -> Watch:
    waiting = next((wanted for wanted in watch.wanted if wanted.kind is kind), None)
    if waiting is None or watch.live is None or watch.in_flight(kind):
        return watch
    return _want(replace(watch, wanted=tuple(w for w in watch.wanted if w is not waiting)), waiting, now)


# --- attempts


def _try_again(watch: Watch, check: Check, reason: str, now: datetime) -> Watch | None:
    treatment = failures.treat(reason, check.attempt)
    if treatment.remedy is Remedy.GIVE_UP:
        return None
    attempt = check.attempt + 1
    waits = now + treatment.wait if treatment.wait else None
    again = replace(check, attempt=attempt, not_before=waits, unseen=None)
    still = replace(watch.with_check(again), pending=_except_begin(watch, check))
    return still.then(BeginCheck(check.kind, check.ordinal, attempt))


def _wait(watch: Watch, check: Check, reason: str, now: datetime) -> Watch:
    """A quota stands in the way: the check is kept, and given up when patience ends."""
    if now - check.began > failures.PATIENCE:
        ended = replace(watch.without(check), pending=_except_begin(watch, check))
        return _next_of(findings.failed(ended, check, reason), check.kind, now)
    later = replace(check, not_before=now + failures.pause(now - check.began))
    return watch.with_check(later)


def _except_begin(watch: Watch, check: Check) -> tuple[WatchCommand, ...]:
    return tuple(
        command
        for command in watch.pending
        if not (isinstance(command, BeginCheck) and command.ordinal == check.ordinal)
    )
