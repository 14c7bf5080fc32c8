"""A file for a pipeline that no endpoint serves: three jobs, of which a batch transform is the middle one."""

from __future__ import annotations

import pytest

from chalicelib.monitoring.facts import CheckCompleted, CheckFailed, NeedsTransform
from chalicelib.names import Kind
from chalicelib.transform_names import Part
from tests.monitoring.builders import Timeline
from tests.monitoring.living import kinds
from tests.monitoring.test_scored import SCORED, asked, begun, ready
from tests.relay.builders import DEPLOYMENT
from tests.relay.world import World


def test_a_pipeline_without_endpoint_is_asked_by_a_batch_transform_between_two_jobs(here: World) -> None:
    run = ready(here, "xgboost")
    here.sagemaker.endpoints.clear()
    before = len(here.sagemaker.calls)
    here.runtime.receive(here.uploaded("score/feb.csv"))
    here.runtime.receive(here.end_check(Kind.SCORE, {}, attempt=1))
    ended = here.end_check(Kind.SCORE, {}, attempt=2)
    for _ in range(2):  # an event may come twice
        here.runtime.receive(ended)

    (check,) = here.monitor().checks
    assert (check.part, check.attempt) == (Part.JOIN, 3)
    job = str(here.monitor().keys(check).job(1)).removesuffix("-1")
    assert here.sagemaker.calls[before:] == [
        f"create_processing_job {job}-1", f"create_transform_job {job}-2", f"create_processing_job {job}-3",
    ]  # fmt: skip
    root = f"s3://{DEPLOYMENT.bucket}/{here.monitor().keys(check).root}"
    first, transform, joined = (here.sagemaker.requests[f"{job}-{number}"] for number in (1, 2, 3))
    assert transform["ModelName"] == f"{run}-model"
    assert transform["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"] == f"{root}/asked/"
    left = {one["S3Output"]["S3Uri"] for one in first["ProcessingOutputConfig"]["Outputs"]}
    assert f"{root}/asked" in left
    given = {one["S3Input"]["S3Uri"] for one in joined["ProcessingInputs"]}
    assert transform["TransformOutput"]["S3OutputPath"] in given
    here.runtime.receive(here.end_check(Kind.SCORE, SCORED, attempt=3))
    assert kinds(here) == ["scored"]
    assert here.monitor().checks == ()


@pytest.mark.parametrize("part", [Part.ASK, Part.TRANSFORM, Part.JOIN])
def test_each_part_is_tried_again_by_itself_and_no_more_often_than_a_whole_check(part: Part) -> None:
    timeline = Timeline().learn(asked()).learn(NeedsTransform(Kind.SCORE, 1))
    ordinal, attempt = begun(timeline), 1
    for _ in range(part.before):
        timeline.learn(CheckCompleted(Kind.SCORE, ordinal, attempt))
        attempt += 1
    tries = 0
    while timeline.monitor.checks:
        (check,) = timeline.monitor.checks
        assert (check.part, check.attempt) == (part, attempt + tries)
        timeline.learn(CheckFailed(Kind.SCORE, ordinal, check.attempt, "InternalServerError: once more"))
        tries += 1
    whole = Timeline().learn(asked())
    for number in range(1, tries + 1):
        whole.learn(CheckFailed(Kind.SCORE, begun(whole), number, "InternalServerError: once more"))
    assert whole.monitor.checks == ()
    assert timeline.mails() == ["check-failed"]
