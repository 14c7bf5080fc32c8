"""The heart, row by row: this run, this event, that stage and those commands."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import codec
from chalicelib.names import Step
from chalicelib.records.commands import (
    Adopt,
    CollectTrials,
    Command,
    Mail,
    Notify,
    ReadComparison,
    ReadEvaluation,
    ReadSchema,
    Register,
    Release,
    Remove,
    RemoveModel,
    SetAlarms,
    StampReport,
    Start,
)
from chalicelib.records.events import (
    GapBegins,
    GapEnded,
    JobRecord,
    NewerDataArrived,
    ResultUnusable,
    RollbackBegan,
    RunEvent,
)
from chalicelib.records.run import STEP_OF, Run, Stage
from chalicelib.relay import deciding
from chalicelib.relay.deciding import TRANSITIONS, decide
from tests.relay.builders import (
    COMPARED,
    LIVE,
    NOW,
    against_live,
    approval,
    completed,
    evaluation_read,
    failed,
    run,
    schema_read,
    settings,
    trials_collected,
)
from tests.relay.invariants import problems_with
from tests.relay.test_cancelling import ROWS as CANCELLED

INTERNAL = "InternalServerError: We encountered an internal error.  Please try again."
CAPACITY = "CapacityError: Unable to provision requested ML compute capacity."
PROMOTED = (Notify(Mail.PROMOTED), Remove(Step.CANDIDATE), Release(), Register("Approved"), SetAlarms())
REJECTED = (
    StampReport(),
    Notify(Mail.REJECTED),
    Remove(Step.CANDIDATE),
    RemoveModel(),
    Release(),
    Register("Rejected"),
)
FAILED_EARLY = (Notify(Mail.FAILED), Release())
FAILED_LATE = (Notify(Mail.FAILED), Remove(Step.CANDIDATE), RemoveModel(), Release())

WITHOUT_TUNING = settings(tuning={"enabled": False})
AUTO = settings(algorithm="auto")
BY_HAND = settings(gate={"approval": "manual"})
ASK = (
    StampReport(),
    Remove(Step.CANDIDATE, 1),  # not billed while a person makes up their mind, nor while the registry has no room
    Register("PendingManualApproval"),
    Notify(Mail.APPROVAL_NEEDED),
)

QUOTA = "ResourceLimitExceeded: the account-level limit is 0 instances"
GIVEN_UP = {
    **dict.fromkeys((Stage.PREPARING, Stage.TUNING, Stage.TRAINING, Stage.COMPARING), FAILED_EARLY),
    Stage.PACKING: (Notify(Mail.FAILED), RemoveModel(), Release()),
    **dict.fromkeys((Stage.DEPLOYING, Stage.EVALUATING), FAILED_LATE),
    Stage.PROMOTING: (FAILED_LATE[0], FAILED_LATE[1], Remove(Step.LIVE), *FAILED_LATE[2:]),
}


def waiting(stage: Stage) -> Run:
    return run(stage, waiting_for=QUOTA, pending=(Start(STEP_OF[stage]),))


ROWS = [
    (run(), completed(Step.PREPARE), Stage.PREPARING, (ReadSchema(),)),
    (run(), schema_read(), Stage.TUNING, (Start(Step.TUNE),)),
    (run(settings=WITHOUT_TUNING), schema_read(), Stage.TRAINING, (Start(Step.TRAIN),)),
    (run(Stage.TUNING), completed(Step.TUNE), Stage.TUNING, (CollectTrials(1),)),
    (run(Stage.TUNING), trials_collected(), Stage.TRAINING, (Start(Step.TRAIN),)),
    (run(Stage.TRAINING), completed(Step.TRAIN), Stage.PACKING, (Start(Step.PACK),)),
    (run(Stage.TRAINING, settings=AUTO), completed(Step.TRAIN), Stage.DEPLOYING, (Start(Step.CANDIDATE),)),
    (run(Stage.PACKING), completed(Step.PACK), Stage.DEPLOYING, (Start(Step.CANDIDATE),)),
    (run(Stage.COMPARING), completed(Step.COMPARE), Stage.COMPARING, (ReadComparison(),)),
    (run(Stage.COMPARING), COMPARED, Stage.PACKING, (Adopt(), Start(Step.PACK))),
    (run(Stage.DEPLOYING), completed(Step.CANDIDATE), Stage.EVALUATING, (Start(Step.EVALUATE),)),
    (run(Stage.EVALUATING), completed(Step.EVALUATE), Stage.EVALUATING, (ReadEvaluation(),)),
    (run(Stage.EVALUATING), evaluation_read(), Stage.PROMOTING, (StampReport(), Start(Step.LIVE))),
    (run(Stage.EVALUATING), evaluation_read(0.4), Stage.REJECTED, REJECTED),
    (run(Stage.EVALUATING), evaluation_read(None), Stage.REJECTED, REJECTED),
    (run(Stage.EVALUATING, settings=BY_HAND), evaluation_read(), Stage.AWAITING_APPROVAL, ASK),
    (run(Stage.AWAITING_APPROVAL), approval(approved=True), Stage.PROMOTING, (StampReport(), Start(Step.LIVE))),
    (run(Stage.AWAITING_APPROVAL), approval(approved=False), Stage.REJECTED, REJECTED),
    (
        run(Stage.AWAITING_APPROVAL),
        NewerDataArrived(),
        Stage.SUPERSEDED,
        (Remove(Step.CANDIDATE), RemoveModel(), Release(), Register("Rejected")),
    ),
    (run(Stage.PROMOTING), completed(Step.LIVE), Stage.LIVE, PROMOTED),
    (run(Stage.PROMOTING), RollbackBegan(Step.LIVE, 1, "RolledBack: it failed"), Stage.PROMOTING, ()),
    (run(Stage.PROMOTING), GapBegins(1), Stage.PROMOTING, (Notify(Mail.GAP), Start(Step.LIVE))),
    (run(Stage.PROMOTING), GapEnded(), Stage.PROMOTING, ()),
    (run(), failed(Step.PREPARE, "[no-target] jan.csv has no column y"), Stage.FAILED, FAILED_EARLY),
    (run(Stage.TRAINING), failed(Step.TRAIN, "AlgorithmError: exit code 1"), Stage.FAILED, FAILED_EARLY),
    (run(Stage.TRAINING), failed(Step.TRAIN, INTERNAL), Stage.TRAINING, (Start(Step.TRAIN, 2),)),
    (run(Stage.TUNING), failed(Step.TUNE, CAPACITY), Stage.TUNING, (Notify(Mail.WAITING), Start(Step.TUNE, 2))),
    (
        run(Stage.DEPLOYING),
        failed(Step.CANDIDATE, INTERNAL),
        Stage.DEPLOYING,
        (Remove(Step.CANDIDATE, 1), Start(Step.CANDIDATE, 2)),
    ),
    (run(Stage.EVALUATING), failed(Step.EVALUATE, "[unexpected] the endpoint answers 500"), Stage.FAILED, FAILED_LATE),
    (run(Stage.EVALUATING), ResultUnusable("evaluating left no evaluation.json"), Stage.FAILED, FAILED_LATE),
    (run(Stage.AWAITING_APPROVAL), ResultUnusable(QUOTA), Stage.FAILED, FAILED_LATE),
    *((waiting(stage), ResultUnusable(QUOTA), Stage.FAILED, GIVEN_UP[stage]) for stage in STEP_OF),
    *((waiting(stage), NewerDataArrived(), Stage.SUPERSEDED, GIVEN_UP[stage][1:]) for stage in STEP_OF),
    *CANCELLED,
]


@pytest.mark.parametrize(
    ("before", "event", "stage", "commands"), ROWS, ids=[f"{r.stage}, {type(e).__name__}, {s}" for r, e, s, _ in ROWS]
)
def test_each_row_leads_to_its_stage_with_its_commands(
    before: Run, event: RunEvent, stage: Stage, commands: tuple[Command, ...]
) -> None:
    after = decide(before, event, NOW).run

    assert (after.stage, after.pending) == (stage, commands)
    assert stage in TRANSITIONS[before.stage, type(event)].to
    assert problems_with(after) == []


def test_every_row_of_the_table_is_tried_above() -> None:
    tried = {(before.stage, type(event)) for before, event, _, _ in ROWS}
    generic = {(stage, kind) for stage, kind in TRANSITIONS if kind.__name__ == "StepFailed"}

    assert tried | generic == set(TRANSITIONS)


def test_a_live_model_that_cannot_be_compared_with_is_replaced_by_a_person_only() -> None:
    live = {"endpoint": LIVE.endpoint, "run": LIVE.run, "metrics": None, "unavailable": "It needs the column plan."}

    after = decide(run(Stage.EVALUATING, live=LIVE), evaluation_read(0.9, live=live), NOW).run

    assert after.stage is Stage.AWAITING_APPROVAL
    assert Notify(Mail.APPROVAL_NEEDED) in after.pending


def test_a_live_model_that_is_surely_better_is_not_replaced() -> None:
    before = run(Stage.EVALUATING, live=LIVE)

    after = decide(before, evaluation_read(0.9, **against_live(-0.01, -0.015, -0.004)), NOW).run

    assert after.stage is Stage.REJECTED
    assert after.verdict is not None
    assert "worse than the live model by 0.01" in after.verdict.reason


def test_a_job_that_ended_twice_is_heeded_once() -> None:
    first = decide(run(Stage.TRAINING), completed(Step.TRAIN), NOW).run

    second = decide(first, completed(Step.TRAIN), NOW)

    assert second.run is first
    assert second.ignored == "train ended, but the run is packing"


def test_an_attempt_that_was_given_up_cannot_end_the_stage() -> None:
    retried = decide(run(Stage.TRAINING), failed(Step.TRAIN, INTERNAL), NOW).run

    late = decide(retried, failed(Step.TRAIN, INTERNAL, attempt=1), NOW)

    assert late.run is retried
    assert "attempt 1" in (late.ignored or "")


def test_a_model_from_elsewhere_is_not_served() -> None:
    elsewhere = replace(
        completed(Step.TRAIN), artifact="s3://sagerelay-example/runs/other-1a2b3c4d/training/model.tar.gz"
    )

    after = decide(run(Stage.TRAINING), elsewhere, NOW).run

    assert after.failure is not None
    assert (after.stage, after.failure.reason) == (
        Stage.FAILED,
        f"the trained model lies in {elsewhere.artifact}, which is not this run's own",
    )


def test_an_objective_that_the_container_computes_wrongly_fails_the_run_before_any_training() -> None:
    before = run(settings=settings(tuning={"objective": "f1"}))

    after = decide(before, schema_read("binary"), NOW).run

    assert after.stage is Stage.FAILED
    assert after.failure is not None
    assert 'Use "aucpr"' in after.failure.reason
    assert decide(before, schema_read("multiclass"), NOW).run.stage is Stage.TUNING


def test_mail_that_is_still_to_be_sent_survives_the_next_event() -> None:
    before = run(Stage.AWAITING_APPROVAL, pending=(Notify(Mail.APPROVAL_NEEDED),))

    after = decide(before, approval(approved=True), NOW).run

    assert after.pending == (Notify(Mail.APPROVAL_NEEDED), StampReport(), Start(Step.LIVE))


def test_an_endpoint_that_was_created_long_ago_was_promoted_in_the_time_it_took() -> None:
    ended = NOW + timedelta(minutes=3)
    updated = replace(completed(Step.LIVE), job=JobRecord(Step.LIVE, "l", NOW - timedelta(days=30), ended))

    after = decide(run(Stage.PROMOTING, live=LIVE), updated, ended).run

    assert after.jobs[-1].seconds == 180


# --- properties

EVENTS = st.one_of(
    st.builds(completed, st.sampled_from(Step), st.integers(1, 3)),
    st.builds(
        failed, st.sampled_from(Step), st.sampled_from([INTERNAL, CAPACITY, "ClientError: no"]), st.integers(1, 3)
    ),
    st.builds(schema_read, st.sampled_from(["binary", "multiclass", "regression"])),
    st.just(trials_collected()),
    st.builds(evaluation_read, st.sampled_from([0.9, 0.3, None])),
    st.just(ResultUnusable("unreadable")),
    st.builds(approval, approved=st.booleans()),
    st.just(NewerDataArrived()),
)


@given(st.lists(EVENTS, max_size=30), st.sampled_from([settings(), BY_HAND, WITHOUT_TUNING]))
def test_any_sequence_of_events_leaves_a_valid_run_and_starts_no_job_twice(
    events: list[RunEvent], chosen: dict[str, Any]
) -> None:
    current: Run = deciding.begin(run(settings=chosen))
    started = list(current.pending)
    for event in events:
        before = replace(current, pending=())  # everything was executed
        current = decide(before, event, NOW).run
        started += [command for command in current.pending if isinstance(command, Start)]
        if current is not before:
            assert current.stage in TRANSITIONS[before.stage, type(event)].to
        assert problems_with(current) == []

    assert len(started) == len(set(started))
    assert not current.stage.ended or not any(isinstance(command, Start) for command in current.pending)


@given(st.lists(EVENTS, max_size=12))
def test_an_event_that_comes_twice_changes_nothing_the_second_time(events: list[RunEvent]) -> None:
    current = deciding.begin(run())
    for event in events:
        once = decide(current, event, NOW).run
        twice = decide(once, event, NOW)
        repeats = once.stage is current.stage and not once.stage.ended
        assert twice.run is once or repeats, f"{event} took effect twice"
        current = once


@pytest.mark.parametrize("stage", list(Stage))
def test_a_record_survives_being_stored(stage: Stage) -> None:
    record = run(stage, live=LIVE, pending=(Notify(Mail.FAILED), Start(Step.TUNE, 2)), not_before=NOW)

    assert codec.from_document(Run, codec.to_document(record), record.version) == record


def test_every_stage_that_waits_for_a_step_can_fail() -> None:
    assert {stage for stage, kind in TRANSITIONS if kind.__name__ == "StepFailed"} == set(STEP_OF)
