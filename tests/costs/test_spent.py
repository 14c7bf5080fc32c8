"""What a run has cost: by billable seconds, job by job, and nothing where a price or the seconds are not known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.costs.prices import Prices, Use
from chalicelib.costs.spent import as_document, of_run, total
from chalicelib.mails.messages import about_run
from chalicelib.names import Step
from chalicelib.records.commands import Mail
from chalicelib.records.events import JobRecord
from chalicelib.records.run import Stage
from chalicelib.serving_mode import Mode
from tests.relay.builders import DEPLOYMENT, NOW, evaluation, job, run, settings

VIRGINIA = Prices("us-east-1")


def at(minutes: int) -> Any:
    return NOW + timedelta(minutes=minutes)


JOBS = (
    JobRecord(Step.PREPARE, "p", at(0), at(6)),
    JobRecord(Step.TUNE, "t", at(6), at(16), 3600),  # two at a time, and spot or not: what SageMaker bills
    JobRecord(Step.TRAIN, "t", at(20), at(30), 360),
    JobRecord(Step.CANDIDATE, "c", at(30), at(35)),
    JobRecord(Step.EVALUATE, "e", at(40), at(60)),
    JobRecord(Step.LIVE, "l", at(60), at(65)),
)


def test_each_job_is_counted_by_what_is_billed_of_it() -> None:
    parts = of_run(run(Stage.LIVE, jobs=JOBS), VIRGINIA)
    # The candidate from its creation until the evaluation had ended.
    seconds = {"prepare": 360, "tune": 3600, "train": 360, "candidate": 1800, "evaluate": 1200}
    assert {one.what: one.seconds for one in parts} == seconds
    assert [one.usd for one in parts] == pytest.approx([0.023, 0.23, 0.023, 0.0575, 0.115 / 3])
    assert total(parts) == pytest.approx(0.023 + 0.23 + 0.023 + 0.0575 + 0.115 / 3)


def test_a_serverless_candidate_is_no_part_and_one_in_batch_is_its_transform() -> None:
    serverless = of_run(run(Stage.LIVE, jobs=JOBS, mode=Mode.SERVERLESS), VIRGINIA)
    assert "candidate" not in {one.what for one in serverless}
    [transform] = [
        one for one in of_run(run(Stage.LIVE, jobs=JOBS, mode=Mode.BATCH), VIRGINIA) if one.what == "candidate"
    ]
    assert (transform.use, transform.seconds) == (Use.TRANSFORM, 300)


def test_failed_attempts_cost_too_and_an_unknown_part_leaves_no_sum() -> None:
    failed = (JobRecord(Step.TUNE, "t", at(0), at(9)), JobRecord(Step.TUNE, "t", at(9), at(16), 60))
    parts = of_run(run(Stage.TRAINING, jobs=failed), VIRGINIA)
    assert [one.usd for one in parts] == [None, pytest.approx(0.23 / 60)]
    assert as_document(parts)["usd"] is None
    assert total(of_run(run(Stage.LIVE, jobs=JOBS), Prices("eu-west-1"))) is None  # ml.m5.large is not known there


def test_a_price_of_relay_yaml_makes_it_known() -> None:
    written = settings(prices={"hosting ml.m5.large": 0.128, "processing ml.m5.large": 0.128})
    assert total(of_run(run(Stage.LIVE, jobs=JOBS, settings=written), Prices("eu-west-1")))


@pytest.mark.parametrize(
    ("kind", "stage"), [(Mail.PROMOTED, Stage.LIVE), (Mail.REJECTED, Stage.REJECTED), (Mail.FAILED, Stage.FAILED)]
)
def test_the_mail_of_a_run_s_end_says_what_it_costs_on_aws(kind: Mail, stage: Stage) -> None:
    deployment = replace(DEPLOYMENT, region="us-east-1")
    changes = {} if stage is Stage.FAILED else {"evaluation": evaluation()}
    told = about_run(kind, run(stage, jobs=(job(Step.PREPARE), job(Step.TRAIN)), **changes), deployment)
    assert (
        "On AWS this run costs about 0.0077 USD: prepare 0.0038, train 0.0038. Billed by the second; prices: AWS's "
        "price list, 2026-07; tables of three public projects, 2026-11." in told.text
    )
    assert told.machine["cost"]["parts"][1] == {
        "what": "train", "instance": "ml.m5.xlarge", "count": 1, "seconds": 60, "usd": pytest.approx(0.23 / 60),
    }  # fmt: skip
