"""AWS takes no serverless endpoint: the run goes live in real time, says so, and later runs do not ask again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import requests
from chalicelib.aws.errors import BusyError, DeniedError, RefusedError
from chalicelib.aws.store import REFUSAL_HOLDS, Store
from chalicelib.mails import messages
from chalicelib.names import Step
from chalicelib.records.commands import Mail, RememberRefusal, Remove, Start
from chalicelib.records.events import NewerDataArrived, ResultUnusable
from chalicelib.records.run import Run, Stage
from chalicelib.relay import deciding, in_real_time
from chalicelib.requests import Call, serverless
from chalicelib.serving_mode import Mode
from tests.relay.builders import DEPLOYMENT, NOW, completed, failed, run
from tests.relay.request_cases import SERVERLESS
from tests.relay.world import World, drop

TOO_LARGE = "Image size 12345678901 is greater than supported size 10737418240"
QUOTA = "ResourceLimitExceeded: The account-level service limit 'Maximum total concurrency' is 10"
DEPLOYING, PROMOTING = run(Stage.DEPLOYING, **SERVERLESS), run(Stage.PROMOTING, **SERVERLESS)


@pytest.mark.parametrize(
    ("reason", "changes", "goes_on"),
    [
        (TOO_LARGE, {}, True),
        ("ValidationException: not in this region", {"refused": True}, True),
        (QUOTA, {"refused": True}, True),
        (QUOTA, {}, True),
        ("The container did not pass the ping health check.", {}, True),
        ("InternalServerError: once more", {}, False),
        ("ThrottlingException: slower", {}, False),
        ("AccessDeniedException: no", {}, False),
    ],
)
def test_what_sends_a_run_into_real_time(reason: str, changes: dict[str, Any], *, goes_on: bool) -> None:
    for before in (DEPLOYING, PROMOTING):
        step = Step.CANDIDATE if before is DEPLOYING else Step.LIVE
        event = replace(failed(step, reason), **changes)
        after = deciding.decide(before, event, NOW).run

        assert (after.mode is Mode.REALTIME) == goes_on
        assert deciding.decide(replace(before, mode=Mode.REALTIME), event, NOW).run.serverless_refused is None
        if goes_on:
            assert (after.stage, after.attempt, after.serverless_refused) == (before.stage, 2, reason)
            assert after.pending == (Remove(step, 1), Start(step, 2))


def test_no_name_is_used_for_two_models() -> None:
    """A command may be executed late, and twice: a model that is made anew might be deleted by it."""
    before = requests.start(Step.CANDIDATE, 1, DEPLOYING, DEPLOYMENT)
    after = requests.start(
        Step.CANDIDATE, 2, replace(DEPLOYING, mode=Mode.REALTIME, serverless_refused="no"), DEPLOYMENT
    )
    made = [call.arguments["ModelName"] for call in (before[0], after[0])]
    served = [call.arguments["ProductionVariants"][0]["ModelName"] for call in (before[1], after[1])]

    assert made == served == ["churn-1a2b3c4d-model", "churn-1a2b3c4d-2-model"]


def test_a_model_too_large_for_any_memory_is_not_even_tried() -> None:
    training = run(Stage.TRAINING, **SERVERLESS)
    large = deciding.decide(training, replace(completed(Step.TRAIN), artifact_bytes=10**9), NOW).run
    small = deciding.decide(training, replace(completed(Step.TRAIN), artifact_bytes=10**5), NOW).run

    assert (large.mode, large.serverless_refused) == (Mode.REALTIME, None)
    assert "more memory than a serverless endpoint can have" in large.mode_because
    assert small.mode is Mode.SERVERLESS
    assert serverless.config(small, Step.LIVE) == {"MemorySizeInMB": 2048, "MaxConcurrency": 5}


def test_it_is_remembered_when_the_same_model_serves_in_real_time() -> None:
    refused = replace(DEPLOYING, mode=Mode.REALTIME, serverless_refused=TOO_LARGE)

    assert RememberRefusal() in deciding.decide(refused, completed(Step.CANDIDATE), NOW).run.pending
    assert RememberRefusal() not in deciding.decide(DEPLOYING, completed(Step.CANDIDATE), NOW).run.pending
    assert in_real_time.remembered(DEPLOYING) == ()


def test_a_run_that_is_superseded_leaves_what_was_shown_and_no_more() -> None:
    """What waits to be noted outlives the run; a refusal that no real-time endpoint has confirmed is not noted."""
    refused = replace(DEPLOYING, mode=Mode.REALTIME, serverless_refused=QUOTA)
    shown = deciding.decide(refused, completed(Step.CANDIDATE), NOW).run
    unshown = deciding.decide(PROMOTING, replace(failed(Step.LIVE, QUOTA), refused=True), NOW).run

    for before, is_noted in ((shown, True), (unshown, False)):
        newer = deciding.decide(replace(before, waiting_for=QUOTA), NewerDataArrived(), NOW).run
        useless = deciding.decide(before, ResultUnusable("it waited too long"), NOW).run
        assert (newer.stage, RememberRefusal() in newer.pending) == (Stage.SUPERSEDED, is_noted)
        assert (useless.stage, RememberRefusal() in useless.pending) == (Stage.FAILED, is_noted)


# --- the shell


def record(here: World, run_id: str) -> Run:
    found = Store(here.dynamodb, DEPLOYMENT.table).run(run_id)
    assert found
    return found


def up_to(here: World, run_id: str, last: Step) -> None:
    for step in (Step.PREPARE, Step.TUNE, Step.TRAIN, Step.CANDIDATE, Step.EVALUATE):
        if step is last:
            return
        here.runtime.receive(here.end(run_id, step))


def went_live(here: World, run_id: str, attempt: int) -> Run:
    here.runtime.receive(here.end(run_id, Step.CANDIDATE, attempt=attempt))
    here.runtime.receive(here.end(run_id, Step.EVALUATE))
    here.runtime.receive(here.end(run_id, Step.LIVE))
    assert here.stage(run_id) == "live"
    return record(here, run_id)


def test_a_new_dataset_is_served_without_a_server(here: World) -> None:
    live = drop(here)
    here.relay(live, here.runtime.receive)

    assert (record(here, live).mode, here.stage(live)) == (Mode.SERVERLESS, "live")
    [mail] = here.mails()
    assert mail["kind"] == "promoted"
    assert "The endpoint is serverless" in messages.about_run(Mail.PROMOTED, record(here, live), DEPLOYMENT).text
    replaced = record(here, drop(here, "train/feb.csv")).live
    assert replaced
    assert replaced.mode is Mode.SERVERLESS


def test_an_image_that_is_too_large_costs_minutes_and_not_the_run(here: World) -> None:
    first = drop(here)
    up_to(here, first, Step.CANDIDATE)
    here.runtime.receive(here.end(first, Step.CANDIDATE, failure=TOO_LARGE))
    live = went_live(here, first, 2)

    assert (live.mode, live.serverless_refused) == (Mode.REALTIME, TOO_LARGE)
    told = messages.about_run(Mail.PROMOTED, live, DEPLOYMENT).text
    assert f"The endpoint is a real-time one, because AWS refused a serverless endpoint: {TOO_LARGE}." in told
    assert "aws sagemaker delete-endpoint" in told
    assert [mail["kind"] for mail in here.mails()] == ["promoted"]

    here.sagemaker.endpoints.clear()
    second = drop(here, "train/feb.csv")
    assert record(here, second).mode is Mode.REALTIME  # of whatever dataset: the account was refused
    assert TOO_LARGE in record(here, second).mode_because
    assert Store(here.dynamodb, DEPLOYMENT.table).refusal(here.time + REFUSAL_HOLDS - timedelta(days=1)) == TOO_LARGE
    assert Store(here.dynamodb, DEPLOYMENT.table).refusal(here.time + REFUSAL_HOLDS) == ""


@pytest.mark.parametrize("error", [BusyError(QUOTA), RefusedError("ValidationException: One or more invalid")])
def test_a_request_that_is_refused_is_made_anew_at_once(here: World, error: Exception) -> None:
    refusing(here, error, "create_endpoint_config")
    first = drop(here)
    up_to(here, first, Step.CANDIDATE)

    assert (here.stage(first), record(here, first).mode) == ("deploying", Mode.REALTIME)
    assert record(here, first).waiting_for is None
    assert went_live(here, first, 2).serverless_refused == str(error)


def test_a_missing_permission_is_no_refusal_of_serverless(here: World) -> None:
    refusing(here, DeniedError("AccessDeniedException: not allowed"), "create_endpoint")
    first = drop(here)
    up_to(here, first, Step.CANDIDATE)

    assert here.stage(first) == "failed"
    assert Store(here.dynamodb, DEPLOYMENT.table).refusal(here.time) == ""


def refusing_live(here: World) -> None:
    """SageMaker refuses the first attempt to go live, after what it replaces had to go."""
    fake: Any = here.sagemaker
    ensure = fake.ensure

    def refuse(call: Call) -> None:
        if call.operation == "create_endpoint" and call.arguments["EndpointConfigName"].endswith("-live-1"):
            own = call.arguments["EndpointConfigName"].removesuffix("-live-1")
            if own == here.active():
                raise RefusedError("ValidationException: not today")
        ensure(call)

    fake.ensure = refuse


def refusing(here: World, error: Exception, operation: str) -> None:
    """SageMaker refuses what is serverless, until it is asked for something else."""
    fake: Any = here.sagemaker
    ensure = fake.ensure

    def refuse(call: Call) -> None:
        first = call.arguments.get("EndpointConfigName", "").endswith("-candidate-1")
        if call.operation == operation and first:
            raise error
        ensure(call)

    fake.ensure = refuse
