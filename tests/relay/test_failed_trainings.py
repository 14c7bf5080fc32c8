"""A training that failed, told in its own words: failure.json, which SageMaker does not pass on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.loaders import Loader

from chalicelib import codec, failures
from chalicelib.instances import larger
from chalicelib.mails.messages import about_run
from chalicelib.names import RunKeys, Step, StepName
from chalicelib.records.commands import Mail
from chalicelib.records.failed_trials import FailedTrials
from chalicelib.records.handed_over import Trial
from chalicelib.records.run import Run, Stage
from chalicelib.relay import plans
from tests.relay.builders import DEPLOYMENT, run
from tests.relay.world import World, drop

SCRIPT = 'AlgorithmError: ExecuteUserScriptError:\nCommand "/opt/venv/bin/python -m jobs.train --eta 0.1", exit code: 1'
NO_TRIAL = "No training job succeeded after 5 attempts. For additional details, please take a look at the failures."
MEMORY = (
    "the system killed the training, as it does when memory runs out: "
    "it had grown to 7.6 GB, and the machine has 8.0 GB."
)


@pytest.fixture
def here() -> World:
    return World()


def begun(here: World, upto: Step, text: str = "algorithm: auto\n") -> str:
    """A run that waits for this step."""
    here.put("relay.yaml", text.encode())
    run_id = drop(here)
    for step in (Step.PREPARE, Step.TUNE):
        if step is upto:
            break
        here.runtime.receive(here.end(run_id, step))
    return run_id


def leave(here: World, run_id: str, step: Step, job: str, code: str = "out-of-memory", sentence: str = MEMORY) -> None:
    document = {"version": 1, "code": code, "sentence": sentence}
    here.s3.put(f"{plans.failures(run_id)}/{job}.json", json.dumps(document).encode())


def record(here: World, run_id: str) -> Run:
    found = here.runtime.executor.store.run(run_id)
    assert found
    return found


def why(here: World, run_id: str) -> str:
    failure = record(here, run_id).failure
    assert failure
    return failure.reason


@pytest.mark.parametrize("noticed", ["by its event", "by the sweep"])
def test_out_of_memory_is_told_with_the_machine_and_what_to_write(here: World, noticed: str) -> None:
    run_id = begun(here, Step.TRAIN)
    leave(here, run_id, Step.TRAIN, f"{run_id}-train-1")
    envelope = here.end(run_id, Step.TRAIN, SCRIPT)
    if noticed == "by its event":
        here.runtime.receive(envelope)
    here.runtime.sweep()

    mail = here.sns.mails[-1]
    assert mail.subject == f"churn: training failed: {MEMORY[:-1]}"[:96] + "..."
    assert f"FAILED while training (job {run_id}-train-1)" in mail.text
    assert f"Why: [out-of-memory] {MEMORY}\n" in mail.text
    assert (
        "What to do: It ran on ml.t3.medium. Write `instances: {train: ml.m5.large}` into relay.yaml and upload it, "
        "or train on fewer rows; then upload the data again.\n"
    ) in mail.text
    assert mail.machine["failure"]["reason"] == f"[out-of-memory] {MEMORY}"
    assert codec.is_stable(record(here, run_id))


def test_a_refusal_is_told_in_its_own_words(here: World) -> None:
    run_id = begun(here, Step.TRAIN)
    leave(here, run_id, Step.TRAIN, f"{run_id}-train-1", "odd-rows", "train.parquet: a\u202e\nrow is odd.")
    here.runtime.receive(here.end(run_id, Step.TRAIN, SCRIPT))

    text = here.sns.mails[-1].text
    assert "Why: [odd-rows] train.parquet: a? row is odd.\nWhat to do: Do as the sentence above says" in text.replace(
        "\n\n", "\n"
    )


def test_what_nobody_foresaw_sends_its_owner_to_the_log(here: World) -> None:
    run_id = begun(here, Step.TRAIN)
    leave(here, run_id, Step.TRAIN, f"{run_id}-train-1", "unexpected", "KeyError in jobs/train/given.py, line 3.")
    here.runtime.receive(here.end(run_id, Step.TRAIN, SCRIPT))

    assert why(here, run_id) == "[unexpected] KeyError in jobs/train/given.py, line 3."
    assert "What to do: See the log of the training job" in here.sns.mails[-1].text


def test_without_the_sentence_the_words_are_sagemaker_s(here: World) -> None:
    run_id = begun(here, Step.TRAIN)
    here.runtime.receive(here.end(run_id, Step.TRAIN, SCRIPT))
    assert why(here, run_id) == SCRIPT


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"\xff",
        b"[" * 5_000,
        b'{"code": "out of memory", "sentence": "x"}',
        b'{"code": "odd", "sentence": "  "}',
        b'{"code": "odd", "sentence": ["x"]}',
        b'{"code": 3, "sentence": "x"}',
        b'{"code": "odd", "sentence": "' + b"x" * 20_000 + b'"}',
    ],
)
def test_a_document_that_makes_no_sense_changes_nothing(here: World, text: bytes) -> None:
    run_id = begun(here, Step.TRAIN)
    here.s3.put(f"{plans.failures(run_id)}/{run_id}-train-1.json", text)
    here.runtime.receive(here.end(run_id, Step.TRAIN, SCRIPT))
    assert why(here, run_id) == SCRIPT


def test_what_passes_is_tried_again_whatever_the_training_said(here: World) -> None:
    run_id = begun(here, Step.TRAIN)
    leave(here, run_id, Step.TRAIN, f"{run_id}-train-1")
    here.runtime.receive(here.end(run_id, Step.TRAIN, "InternalServerError: We encountered an internal error."))
    assert any(call.endswith("-train-2") for call in here.sagemaker.calls)

    here.runtime.receive(here.end(run_id, Step.TRAIN, SCRIPT, attempt=2))
    assert why(here, run_id) == SCRIPT  # and no attempt is told for another


def test_a_tuning_whose_every_trial_failed_says_what_the_first_said(here: World) -> None:
    run_id = begun(here, Step.TUNE)
    leave(here, run_id, Step.TUNE, f"{run_id}-tune-10-001-0a1b2c3d", "odd", "of another attempt.")
    leave(here, run_id, Step.TUNE, f"{run_id}-tune-1-002-0a1b2c3d", "odd", "of the second.")
    leave(here, run_id, Step.TUNE, f"{run_id}-tune-1-001-0a1b2c3d")
    here.runtime.receive(here.end(run_id, Step.TUNE, NO_TRIAL))

    assert why(here, run_id) == f"[out-of-memory] no trial of the tuning ended well; the first said: {MEMORY}"
    assert "instances: {train: ml.m5.large}" in here.sns.mails[-1].text


def test_an_image_of_somebody_else_s_leaves_none_to_read(here: World) -> None:
    run_id = begun(here, Step.TRAIN, "algorithm: xgboost\n")
    leave(here, run_id, Step.TRAIN, f"{run_id}-train-1")
    here.runtime.receive(here.end(run_id, Step.TRAIN, SCRIPT))
    assert why(here, run_id) == SCRIPT


# --- trials that fail where others are enough


def failed_trial(name: str) -> Trial:
    return {
        "name": name, "status": "Failed", "hyperparameters": {"eta": "0.9"}, "objective": None, "seconds": 9,
        "billable_seconds": 9, "started": None, "ended": None, "failure_reason": SCRIPT,
    }  # fmt: skip


def test_the_run_goes_on_and_its_mail_says_how_many_failed_and_why(here: World) -> None:
    run_id = begun(here, Step.TUNE)
    job = StepName(run_id, Step.TUNE, 1)
    here.sagemaker.failed_trials = [failed_trial(f"{job}-{number:03d}-0a1b2c3d") for number in (2, 3)]
    leave(here, run_id, Step.TUNE, f"{job}-002-0a1b2c3d")
    here.relay(run_id, here.runtime.receive)

    assert record(here, run_id).failed_trials == FailedTrials(2, f"[out-of-memory] {MEMORY}")
    assert here.stage(run_id) == "live"
    told = f"2 trials of 3 failed; the others were enough. The reason of the first: {MEMORY}\n"
    assert told in here.sns.mails[-1].text
    trials: dict[str, Any] = json.loads(here.s3.body(RunKeys(run_id).trials) or b"")
    reasons = [one["failure_reason"] for one in trials["trials"]]
    assert reasons == [None, f"[out-of-memory] {MEMORY}", SCRIPT]


def test_of_the_built_in_s_trials_sagemaker_s_words_are_told(here: World) -> None:
    run_id = begun(here, Step.TUNE, "algorithm: xgboost\n")
    here.sagemaker.failed_trials = [{**failed_trial("t-2"), "failure_reason": "AlgorithmError: nan, exit code: 1"}]
    here.relay(run_id, here.runtime.receive)
    assert "1 trial of 2 failed; the others were enough. The reason: AlgorithmError: nan" in here.sns.mails[-1].text


def test_where_none_failed_nothing_is_told_or_written() -> None:
    record = run(Stage.LIVE)
    assert "failed; the others" not in about_run(Mail.PROMOTED, record, DEPLOYMENT).text
    assert "failed_trials" not in json.loads(codec.to_document(record))


# --- advice


def test_the_larger_instance_is_one_that_sagemaker_trains_on() -> None:
    model = Loader().load_service_model("sagemaker", "service-2")
    known = set(model["shapes"]["TrainingInstanceType"]["enum"])
    offered = {one: larger(one) for one in known}
    assert {size for size in offered.values() if size} <= known
    assert offered["ml.m5.large"] == "ml.m5.xlarge"
    assert offered["ml.m5.xlarge"] == "ml.m5.2xlarge"


def test_beyond_the_table_the_advice_names_no_size() -> None:
    words = failures.advice(Step.TRAIN, "[out-of-memory] x", "ml.m5.24xlarge")
    assert words.startswith("It ran on ml.m5.24xlarge. Write a larger one as `instances: {train: ...}` into relay.yaml")
