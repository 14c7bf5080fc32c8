"""`ops logs`: which group and streams a stage has, and lines that come while it goes on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from chalicelib.names import Step
from chalicelib.records.run import Failure, Run, Stage
from chalicelib.serving_mode import Mode
from ops import job_logs, target
from ops.cli.commands import app
from ops.endings import CANNOT, FAILED
from ops.target import OpsError
from tests.ops.test_rollback import Account
from tests.relay.builders import RUN_ID, job, run

TRAINED = run(Stage.LIVE, jobs=(job(Step.PREPARE), job(Step.TRAIN), job(Step.TRAIN, 2), job(Step.CANDIDATE)))


@pytest.mark.parametrize(
    ("record", "of", "group", "streams"),
    [
        (TRAINED, Step.PREPARE, "/aws/sagemaker/ProcessingJobs", f"{RUN_ID}-prepare-1"),
        (TRAINED, Step.TRAIN, "/aws/sagemaker/TrainingJobs", f"{RUN_ID}-train-2"),
        (run(Stage.COMPARING), Step.COMPARE, "/aws/sagemaker/ProcessingJobs", f"{RUN_ID}-compare-1"),
        (run(Stage.PACKING), Step.PACK, "/aws/sagemaker/ProcessingJobs", f"{RUN_ID}-package-1"),
        (run(Stage.TUNING, attempt=3), Step.TUNE, "/aws/sagemaker/TrainingJobs", f"{RUN_ID}-tune-3"),
        (TRAINED, Step.CANDIDATE, f"/aws/sagemaker/Endpoints/{RUN_ID}-candidate-1", ""),
        (run(Stage.PROMOTING), Step.LIVE, "/aws/sagemaker/Endpoints/sagerelay-churn", ""),
        (
            replace(TRAINED, mode=Mode.BATCH),
            Step.CANDIDATE,
            "/aws/sagemaker/TransformJobs",
            f"{RUN_ID}-candidate-1",
        ),
        (
            run(Stage.FAILED, failure=Failure(Stage.TRAINING, f"{RUN_ID}-train-4", "", "")),
            Step.TRAIN,
            "/aws/sagemaker/TrainingJobs",
            f"{RUN_ID}-train-4",
        ),
    ],
)
def test_a_stage_has_its_log(record: Run, of: Step, group: str, streams: str) -> None:
    assert job_logs.place(record, of, "sagerelay") == (group, streams)


def test_what_has_no_log_is_said() -> None:
    with pytest.raises(OpsError, match=f"Run {RUN_ID} has not come to evaluate: it is training"):
        job_logs.place(run(Stage.TRAINING), Step.EVALUATE, "sagerelay")
    with pytest.raises(OpsError, match=r'There is no stage "trian". Did you mean train\?'):
        job_logs.step("trian")
    assert job_logs.step("training") is Step.TRAIN


class Written:
    """CloudWatch Logs with these messages, one more at each look."""

    def __init__(self, *messages: str) -> None:
        self.messages, self.looks = messages, 0

    def get_paginator(self, name: str) -> Any:
        assert name == "filter_log_events"
        return self

    def paginate(self, **asked: Any) -> list[dict[str, Any]]:
        assert asked["logGroupName"] == "/aws/sagemaker/TrainingJobs"
        assert asked["logStreamNamePrefix"] == f"{RUN_ID}-train-1"
        self.looks += 1
        if not self.messages:
            raise ClientError(
                {"Error": {"Code": "ResourceNotFoundException", "Message": "no group"}}, "FilterLogEvents"
            )
        shown = self.messages[: self.looks]
        events = [
            {"eventId": str(number), "timestamp": number, "logStreamName": "s", "message": f"{message}\n"}
            for number, message in enumerate(shown)
        ]
        return [{"events": [one for one in events if one["timestamp"] >= asked["startTime"]]}]


def account(logs: Written, monkeypatch: pytest.MonkeyPatch) -> Account:
    made = Account()
    made.store.save_run(run(Stage.TRAINING))
    made.cloud.clients["logs"] = logs
    monkeypatch.setattr(target, "find", lambda *_: made.target)
    return made


def test_lines_are_followed_until_the_run_is_past_the_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    here = account(Written("one", "two", "three"), monkeypatch)
    stages = iter((Stage.TRAINING, Stage.DEPLOYING))

    def pause(_seconds: float) -> None:
        before = here.store.run(RUN_ID)
        assert before
        here.store.save_run(replace(run(next(stages)), version=before.version))

    monkeypatch.setattr("time.sleep", pause)
    done = CliRunner().invoke(app, ["logs", RUN_ID, "train", "--follow"])
    assert (done.exit_code, done.stdout.splitlines()) == (0, ["one", "two", "three"])


def test_where_nothing_is_written_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    account(Written(), monkeypatch)
    done = CliRunner().invoke(app, ["logs", RUN_ID, "train"])
    assert (done.exit_code, done.stdout, done.stderr) == (FAILED, "", "Nothing is written yet.\n")
    assert CliRunner().invoke(app, ["logs", RUN_ID, "live"]).exit_code == CANNOT
