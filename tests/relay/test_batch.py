"""Mode batch in the heart and in the mails: the same stages, and nothing in them of an endpoint."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib import transform_names
from chalicelib.mails.messages import about_run
from chalicelib.names import Step, StepName
from chalicelib.records.commands import Mail, Notify, Register, Release, Remove, SetAlarms, Start
from chalicelib.records.envelopes import from_envelope
from chalicelib.records.events import StepChanged
from chalicelib.records.run import LiveModel, Run, Stage
from chalicelib.relay.deciding import decide
from chalicelib.serving_mode import Mode
from tests.relay.builders import DEPLOYMENT, LIVE, NOW, completed, evaluation, failed, run

CAPACITY = "CapacityError: Unable to provision requested ML compute capacity."


def in_batch(stage: Stage, **changes: object) -> Run:
    return run(stage, mode=Mode.BATCH, **changes)


def test_the_candidate_is_evaluated_when_the_transform_has_ended() -> None:
    after = decide(in_batch(Stage.DEPLOYING), completed(Step.CANDIDATE), NOW).run
    assert (after.stage, after.pending) == (Stage.EVALUATING, (Start(Step.EVALUATE),))
    assert after.history[-1].endswith("the candidate has answered the test rows")


def test_a_failed_transform_leaves_nothing_to_remove() -> None:
    after = decide(in_batch(Stage.DEPLOYING), failed(Step.CANDIDATE, CAPACITY), NOW).run
    assert Start(Step.CANDIDATE, 2) in after.pending
    assert not any(isinstance(command, Remove) for command in after.pending)


def test_it_goes_live_without_alarms_on_an_endpoint() -> None:
    again = in_batch(Stage.PROMOTING, live=replace(LIVE, mode=Mode.BATCH))
    after = decide(again, completed(Step.LIVE), NOW).run
    assert after.stage is Stage.LIVE
    assert after.pending == (Notify(Mail.PROMOTED), Release(), Register("Approved"))


@pytest.mark.parametrize("before", [LIVE, None])
def test_those_of_an_endpoint_that_was_there_are_taken_away(before: LiveModel | None) -> None:
    """Also where the endpoint was deleted by hand, of which the run knows as little as of one that never was."""
    after = decide(in_batch(Stage.PROMOTING, live=before), completed(Step.LIVE), NOW).run
    assert SetAlarms() in after.pending


@pytest.mark.parametrize("name", ["churn-1a2b3c4d-candidate-2", "churn-1a2b3c4d-candidate-2-live"])
def test_either_transform_is_a_hint_at_its_step(name: str) -> None:
    detail = {"TransformJobName": name, "TransformJobStatus": "Completed"}
    envelope = {"detail-type": "SageMaker Transform Job State Change", "detail": detail}
    assert from_envelope(envelope, bucket="b", prefix="p") == StepChanged("churn-1a2b3c4d", Step.CANDIDATE, 2)
    assert transform_names.asked_live(StepName("churn-1a2b3c4d", Step.CANDIDATE, 2)).startswith(name[:26])


def test_the_mail_says_how_files_are_answered_and_what_became_of_the_endpoint() -> None:
    first = in_batch(Stage.LIVE, evaluation=evaluation())
    mail = about_run(Mail.PROMOTED, first, DEPLOYMENT)
    assert "LIVE in mode batch, without an endpoint" in mail.text
    assert "s3://sagerelay-example/datasets/churn/score/" in mail.text
    assert "nothing bills by the hour" in mail.text
    assert "update-endpoint" not in mail.text
    assert (mail.machine["endpoint"], mail.machine["mode"]) == (None, "batch")
    after = about_run(Mail.PROMOTED, replace(first, live=LIVE), DEPLOYMENT)
    assert "The endpoint sagerelay-churn was deleted" in after.text
    again = about_run(Mail.PROMOTED, replace(first, live=replace(LIVE, mode=Mode.BATCH)), DEPLOYMENT)
    assert "was deleted" not in again.text
