"""When a run waits, tries again or gives up, and who is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from chalicelib import failures
from chalicelib.names import Step
from chalicelib.records.commands import Mail, Notify, Register, Release, Remove, RemoveModel, Start
from chalicelib.records.events import NewerDataArrived, ResultUnusable
from chalicelib.records.run import Stage
from chalicelib.relay.deciding import decide
from tests.relay.builders import NOW, completed, failed, run
from tests.relay.invariants import problems_with
from tests.relay.test_relay import ASK, CAPACITY, FAILED_LATE, INTERNAL


def test_a_step_is_retried_twice_and_then_fails_with_advice() -> None:
    before = run(Stage.TRAINING, attempt=3, retried=2)

    after = decide(before, failed(Step.TRAIN, INTERNAL, attempt=3), NOW).run

    assert after.stage is Stage.FAILED
    assert after.failure is not None
    assert after.failure.reason == INTERNAL
    assert "Upload the same file again" in after.failure.advice


def test_waits_use_up_no_retries() -> None:
    before = run(Stage.TRAINING, attempt=9, retried=0)

    after = decide(before, failed(Step.TRAIN, INTERNAL, attempt=9), NOW).run

    assert (after.stage, after.attempt, after.retried) == (Stage.TRAINING, 10, 1)
    assert decide(after, failed(Step.TRAIN, CAPACITY, attempt=10), NOW).run.not_before == NOW + failures.backoff(9)


def test_a_wait_after_a_retry_is_told_too() -> None:
    retried = decide(run(Stage.TRAINING), failed(Step.TRAIN, INTERNAL), NOW).run

    after = decide(replace(retried, pending=()), failed(Step.TRAIN, CAPACITY, attempt=2), NOW).run

    assert after.pending == (Notify(Mail.WAITING), Start(Step.TRAIN, 3))


def test_a_person_who_cannot_be_asked_is_told_so_and_nothing_is_left_to_ask() -> None:
    before = run(Stage.AWAITING_APPROVAL, pending=ASK[2:])

    after = decide(before, ResultUnusable("ResourceLimitExceeded: groups"), NOW).run

    assert (after.stage, after.pending) == (Stage.FAILED, FAILED_LATE)
    assert problems_with(after) == []
    newer = decide(before, NewerDataArrived(), NOW).run
    assert newer.pending == (Remove(Step.CANDIDATE), RemoveModel(), Release(), Register("Rejected"))


def test_waiting_for_capacity_backs_off() -> None:
    first = decide(run(Stage.TRAINING), failed(Step.TRAIN, CAPACITY), NOW).run
    second = decide(replace(first, pending=()), failed(Step.TRAIN, CAPACITY, attempt=2), NOW).run

    assert first.not_before == NOW + timedelta(minutes=5)
    assert second.not_before == NOW + timedelta(minutes=10)
    assert first.retried == second.retried == 0


def test_that_a_run_waits_is_not_told_when_it_waits_no_longer() -> None:
    before = run(Stage.TRAINING, pending=(Notify(Mail.WAITING), Start(Step.TRAIN)))

    after = decide(before, completed(Step.TRAIN), NOW).run

    assert after.pending == (Start(Step.PACK),)


def test_newer_settings_supersede_a_run_that_waits_for_a_quota_and_no_other() -> None:
    waiting = run(Stage.DEPLOYING, waiting_for="ResourceLimitExceeded", pending=(Start(Step.CANDIDATE),))

    after = decide(waiting, NewerDataArrived(), NOW).run

    assert after.stage is Stage.SUPERSEDED
    assert after.pending == (Remove(Step.CANDIDATE, 1), RemoveModel(), Release())
    assert problems_with(after) == []
    assert decide(replace(waiting, pending=()), NewerDataArrived(), NOW).ignored
