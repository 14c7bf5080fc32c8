"""A run that a person ends: its job is stopped, what it left is taken away, and its owner and its dataset are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib import requests
from chalicelib.aws.errors import BusyError
from chalicelib.mails.messages import about_run
from chalicelib.names import Step, StepName
from chalicelib.records.commands import (
    CollectTrials,
    Command,
    Mail,
    Notify,
    Register,
    Release,
    Remove,
    RemoveModel,
    Start,
    Stop,
)
from chalicelib.records.dataset import Dataset, LastRun, RunEnded, is_news
from chalicelib.records.dataset import decide as of_dataset
from chalicelib.records.events import CancelAsked, JobStopped, RunEvent
from chalicelib.records.run import STEP_OF, Cancelled, Run, Stage
from chalicelib.relay.deciding import decide
from chalicelib.runtime import cancelling
from chalicelib.serving_mode import Mode
from tests.memory_cloud import executing
from tests.memory_cloud.cloud import MemoryCloud
from tests.memory_cloud.surroundings import ByHand
from tests.relay.builders import DEPLOYMENT, LIVE, NOW, RUN_ID, inputs_seen, job, run

CANCEL = CancelAsked(RUN_ID, "it was the wrong file")
TOLD = Notify(Mail.CANCELLED)
QUOTA = "ResourceLimitExceeded: the account-level limit is 0 instances"
WAITS = run(Stage.PROMOTING, waiting_for=QUOTA, pending=(Start(Step.LIVE),))
CLEANED = (Remove(Step.CANDIDATE), RemoveModel())

Row = tuple[Run, RunEvent, Stage, tuple[Command, ...]]
ROWS: list[Row] = [
    (run(), CANCEL, Stage.CANCELLED, (Stop(Step.PREPARE), TOLD, Release())),
    (run(Stage.TUNING, attempt=2), CANCEL, Stage.CANCELLED, (Stop(Step.TUNE, 2), TOLD, Release())),
    (run(Stage.TRAINING), CANCEL, Stage.CANCELLED, (Stop(Step.TRAIN), TOLD, Release())),
    (run(Stage.PACKING), CANCEL, Stage.CANCELLED, (Stop(Step.PACK), TOLD, RemoveModel(), Release())),
    (run(Stage.COMPARING), CANCEL, Stage.CANCELLED, (Stop(Step.COMPARE), TOLD, Release())),
    (run(Stage.DEPLOYING), CANCEL, Stage.CANCELLED, (TOLD, *CLEANED, Release())),
    (
        run(Stage.DEPLOYING, mode=Mode.BATCH),
        CANCEL,
        Stage.CANCELLED,
        (Stop(Step.CANDIDATE), TOLD, RemoveModel(), Release()),
    ),
    (
        run(Stage.DEPLOYING, live=replace(LIVE, mode=Mode.BATCH)),
        CANCEL,
        Stage.CANCELLED,
        (Stop(Step.CANDIDATE), TOLD, *CLEANED, Release()),
    ),
    (run(Stage.EVALUATING), CANCEL, Stage.CANCELLED, (Stop(Step.EVALUATE), TOLD, *CLEANED, Release())),
    (run(Stage.AWAITING_APPROVAL), CANCEL, Stage.CANCELLED, (TOLD, *CLEANED, Release(), Register("Rejected"))),
    (WAITS, CANCEL, Stage.CANCELLED, (TOLD, CLEANED[0], Remove(Step.LIVE), CLEANED[1], Release())),
    (run(Stage.CANCELLED), JobStopped(job(Step.TRAIN)), Stage.CANCELLED, ()),
]
"""What `test_relay.py` tries with all other rows of the table."""


def test_a_model_that_takes_over_is_not_stopped_half_way() -> None:
    decision = decide(run(Stage.PROMOTING), CANCEL, NOW)
    assert decision.run.stage is Stage.PROMOTING
    assert "taking over" in (decision.ignored or "")


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage.ended])
def test_what_has_ended_is_not_cancelled(stage: Stage) -> None:
    assert decide(run(stage), CANCEL, NOW).ignored


def test_nothing_more_is_read_started_or_asked() -> None:
    reads = decide(run(Stage.TUNING, pending=(CollectTrials(1),)), CANCEL, NOW).run
    asks = (Register("PendingManualApproval"), Notify(Mail.APPROVAL_NEEDED))
    waits = decide(run(Stage.AWAITING_APPROVAL, pending=asks), CANCEL, NOW).run
    assert reads.pending == (Stop(Step.TUNE), TOLD, Release())
    assert waits.pending == (TOLD, *CLEANED, Release(), Register("Rejected"))
    assert reads.history[-1].endswith("tuning -> cancelled: cancelled by a person: it was the wrong file")


def test_its_mail_says_where_it_was_why_and_what_its_job_took() -> None:
    stopped = run(Stage.CANCELLED, cancelled=Cancelled(Stage.TRAINING, "the wrong\nfile"), live=LIVE)
    stopped = replace(stopped, jobs=(job(Step.PREPARE), job(Step.TRAIN, seconds=59)))
    message = about_run(Mail.CANCELLED, stopped, DEPLOYMENT)
    assert message.subject == "churn: run cancelled while training"
    assert f"CANCELLED by a person while training. The live model of run {LIVE.run} goes on serving." in message.text
    assert "Why: the wrong file" in message.text
    assert f"Its job {RUN_ID}-train-1 was stopped after 59 s." in message.text
    assert message.attributes["severity"] == "info"
    assert "was stopped" not in about_run(Mail.CANCELLED, run(Stage.CANCELLED), DEPLOYMENT).text


@pytest.mark.parametrize("step", [Step.PREPARE, Step.TUNE, Step.TRAIN, Step.EVALUATE])
def test_a_job_is_stopped_once_and_waited_for(step: Step) -> None:
    around = ByHand()
    here = executing.executor(DEPLOYMENT, MemoryCloud(DEPLOYMENT, around).clients.__getitem__)
    stage = next(stage for stage, of in STEP_OF.items() if of is step)
    goes_on = run(stage)
    for call in requests.start(step, 1, goes_on, DEPLOYMENT):
        here.sagemaker.ensure(call)
    ended = replace(goes_on, updated=around.clock())
    for _ in range(2):
        with pytest.raises(BusyError, match="is being stopped"):
            cancelling.stop(here.sagemaker, Stop(step), ended, around.clock())
    around.settle()
    stopped = cancelling.stop(here.sagemaker, Stop(step), ended, around.clock())
    assert stopped is not None
    assert stopped.job.name == str(StepName(RUN_ID, step, 1))
    assert stopped.job.seconds is not None


def test_a_job_that_may_still_be_made_is_looked_for_again() -> None:
    around = ByHand()
    here = executing.executor(DEPLOYMENT, MemoryCloud(DEPLOYMENT, around).clients.__getitem__)
    ended = run(Stage.CANCELLED)
    with pytest.raises(BusyError, match="may still be made"):
        cancelling.stop(here.sagemaker, Stop(Step.TRAIN), ended, NOW + timedelta(minutes=9))
    assert cancelling.stop(here.sagemaker, Stop(Step.TRAIN), ended, NOW + timedelta(minutes=11)) is None


def test_what_was_cancelled_begins_anew_by_another_upload_alone() -> None:
    seen = inputs_seen()
    last = LastRun(RUN_ID, 1, str(seen.fingerprint), seen.versions, Stage.CANCELLED)
    assert not is_news(last, seen)
    again = inputs_seen(replace(seen.objects[0], version_id="v2"))
    assert is_news(last, again)
    record = Dataset("churn", active=RUN_ID, queued=True, last=replace(last, stage=None))
    after = of_dataset(record, RunEnded(RUN_ID, Stage.CANCELLED, None, None)).dataset
    assert [type(command).__name__ for command in after.pending] == ["Follow", "LookAgain"]
