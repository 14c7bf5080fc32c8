"""What happens to a run whose step has failed: less is asked for, it is tried again, or something ends. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib import failures
from chalicelib.algorithms import Registry
from chalicelib.names import Step
from chalicelib.records.commands import Command, Mail, Notify, Remove, Start
from chalicelib.records.events import ResultUnusable, StepFailed
from chalicelib.records.run import STEP_OF, Run, Stage
from chalicelib.relay import in_real_time, legs
from chalicelib.relay.endings import Decision, asking_no_more, fail, then
from chalicelib.serving_mode import Mode


def ask_for_less_or_retry(run: Run, event: StepFailed, now: datetime, offered: Registry) -> Decision:
    algorithm = offered.if_offered(run.settings)
    if event.refused and algorithm:
        from chalicelib.requests import concessions  # and with it all about tuning, which hardly any start needs

        if less := concessions.of_refused_tuning(run, algorithm):
            stage, start = less.next(event.attempt)
            if stage is Stage.TRAINING:
                start = replace(start, attempt=less.run.first_attempt)
            return then(less.run, stage, now, f"{less.because}: {event.reason}", start)
    return retry_or_fail(run, event, now, offered)


def retry_or_fail(run: Run, event: StepFailed, now: datetime, offered: Registry) -> Decision:
    failed = replace(run, jobs=(*run.jobs, event.job)) if event.job else run
    if instead := in_real_time.instead_of(failed, event):
        served, todo = instead
        return then(served, run.stage, now, served.mode_because, *todo, attempt=event.attempt + 1, retried=0)
    of_leg = run.leg if event.step in {Step.TUNE, Step.TRAIN} else None
    tried = event.attempt - (run.first_attempt - 1 if of_leg else 0)
    treatment = failures.treat(event.reason, tried, run.retried)
    if treatment.remedy is failures.Remedy.GIVE_UP and of_leg:
        return legs.failed(failed, now, event.reason, offered)
    if treatment.remedy is failures.Remedy.GIVE_UP:
        trained_on = run.settings["instances"]["train"] if event.step in {Step.TUNE, Step.TRAIN} else ""
        return fail(failed, now, event.reason, failures.advice(event.step, event.reason, trained_on))
    again = Start(event.step, event.attempt + 1)
    commands: tuple[Command, ...] = (again,)
    changes: dict[str, Any] = {"attempt": again.attempt, "taken_back": None}
    if event.step in {Step.CANDIDATE, Step.LIVE} and run.mode is not Mode.BATCH:
        commands = (Remove(event.step, event.attempt), again)
    if treatment.remedy is failures.Remedy.WAIT:
        changes |= {"not_before": now + treatment.wait, "waiting_for": event.reason}
        commands = (Notify(Mail.WAITING), *commands)  # once for each reason and stage: see its id
    else:
        changes["retried"] = run.retried + 1
    return then(failed, run.stage, now, f"{treatment.remedy}: {event.reason}", *commands, **changes)


def give_up(run: Run, event: ResultUnusable, now: datetime, offered: Registry) -> Decision:
    if run.leg and run.stage in {Stage.TUNING, Stage.TRAINING}:
        return legs.failed(run, now, event.problem, offered)
    return fail(run, now, event.problem, failures.advice(STEP_OF[run.stage], event.problem))


def cannot_ask(run: Run, event: ResultUnusable, now: datetime) -> Decision:
    why = f"nobody could be asked to approve: {event.problem}"
    return fail(asking_no_more(run), now, why, failures.ADVICE_ON_REGISTRY)
