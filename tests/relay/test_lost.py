"""What never comes back: things that somebody deleted, updates rolled back in silence, mails and requests refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.aws import answers
from chalicelib.aws.answers import Missing
from chalicelib.aws.errors import BusyError, DeniedError, RefusedError
from chalicelib.failures import Remedy, common, treat
from chalicelib.names import Step, StepName
from chalicelib.records.events import StepFailed
from chalicelib.serving_mode import Mode
from tests.relay.world import World, drop

NAME = StepName("churn-1a2b3c4d", Step.LIVE, 1)
OLD = {"EndpointStatus": "InService", "EndpointConfigName": "churn-9f8e7d6c-live-1"}
NO_ROOM = "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. Please retry."
NO_TRIAL = "No training job succeeded after 5 attempts. For additional details, please look at the training jobs."
MANUAL = b"gate: {approval: manual}"


def later(here: World, minutes: int = 5, times: int = 1) -> None:
    for _ in range(times):
        here.time += timedelta(minutes=minutes)
        here.runtime.sweep()


def vanish(here: World, run: str, step: Step) -> None:
    fake: Any = here.sagemaker
    seen = fake.observe

    def observe(of: str, dataset: str, asked: Step, attempt: int, mode: Mode) -> Any:
        if (of, asked, attempt) == (run, step, 1):
            return answers.gone(StepName(run, step, 1))
        return seen(of, dataset, asked, attempt, mode)

    fake.observe = observe


def until_the_last(here: World, run: str) -> dict[str, Any]:
    for step in (Step.PREPARE, Step.TUNE, Step.TRAIN, Step.CANDIDATE):
        here.runtime.receive(here.end(run, step))
    return here.end(run, Step.EVALUATE)


def test_an_update_that_was_rolled_back_without_a_word_is_no_update_that_goes_on() -> None:
    assert isinstance(answers.endpoint(NAME, OLD), Missing)
    under_way = OLD | {"PendingDeploymentSummary": {"EndpointConfigName": str(NAME)}}
    assert answers.endpoint(NAME, under_way) is None
    with_reason = answers.endpoint(NAME, OLD | {"FailureReason": "the alarm rang"})
    assert isinstance(with_reason, StepFailed)


def test_what_somebody_deleted_is_made_again_when_it_stays_away(here: World) -> None:
    run = drop(here)
    vanish(here, run, Step.PREPARE)
    later(here)
    assert here.sagemaker.calls == [f"create_processing_job {run}-prepare-1"]  # AWS may only be slow to show it
    later(here, times=2)
    assert here.sagemaker.calls[-1] == f"create_processing_job {run}-prepare-2"


def test_what_comes_into_sight_again_was_never_lost(here: World) -> None:
    run = drop(here)
    observe = here.sagemaker.observe
    vanish(here, run, Step.PREPARE)
    later(here)
    here.sagemaker.observe = observe
    later(here, times=2)
    vanish(here, run, Step.PREPARE)
    later(here)
    assert here.sagemaker.calls == [f"create_processing_job {run}-prepare-1"]


@pytest.mark.parametrize(
    ("reason", "remedy"),
    [
        (NO_ROOM, Remedy.WAIT),
        (NO_TRIAL, Remedy.GIVE_UP),
        ("CapacityError: none", Remedy.WAIT),
        ("The primary container did not pass the ping health check.", Remedy.GIVE_UP),
    ],
)
def test_an_endpoint_without_room_waits(reason: str, remedy: Remedy) -> None:
    assert treat(reason, 1).remedy is remedy


def test_a_tuning_fails_as_its_trials_do() -> None:
    job = {"HyperParameterTuningJobStatus": "Failed", "FailureReason": NO_TRIAL}
    name = StepName("churn-1a2b3c4d", Step.TUNE, 1)

    def reason(*trials: str) -> str:
        fact = answers.tuning(name, job, trials)
        assert isinstance(fact, StepFailed)
        return fact.reason

    assert reason("CapacityError: none", "InternalServerError: sorry") == "CapacityError: none"
    assert reason("CapacityError: none", "AlgorithmError: exit code 1") == NO_TRIAL
    assert reason() == NO_TRIAL
    assert common(["ClientError: no"]) is None


def test_a_live_endpoint_that_never_came_to_serve_is_deleted_and_keeps_nobody_waiting(here: World) -> None:
    here.put("relay.yaml", b"endpoint: {mode: realtime}")
    first = drop(here)
    here.relay(first, here.runtime.receive)
    here.sagemaker.endpoints.clear()  # somebody deleted it; the next run creates it anew, and that fails
    second = drop(here, "train/feb.csv")
    here.runtime.receive(until_the_last(here, second))
    here.sagemaker.failed.add("sagerelay-churn")

    here.runtime.receive(here.end(second, Step.LIVE, failure="The container did not pass the ping health check."))
    later(here)

    assert here.stage(second) == "failed"
    assert "sagerelay-churn" in here.sagemaker.removed
    assert here.active() is None


def test_a_mail_that_cannot_be_sent_keeps_nothing_that_costs_money(here: World) -> None:
    first = drop(here)
    topic: Any = here.sns
    publish = topic.publish

    def refused(**_: Any) -> None:
        raise RuntimeError("KMSAccessDenied")

    topic.publish = refused
    here.relay(first, here.runtime.receive)
    assert here.stage(first) == "live"
    assert f"{first}-candidate-1" in here.sagemaker.removed
    assert here.active() is None

    topic.publish = publish
    later(here)
    assert [mail["kind"] for mail in here.mails()] == ["promoted"]


@pytest.mark.parametrize("error", [RefusedError("ValidationException: no"), DeniedError("AccessDenied: no")])
def test_a_registry_that_will_not_have_the_model_ends_the_run_and_not_the_dataset(
    here: World, error: Exception
) -> None:
    here.put("relay.yaml", MANUAL)

    def refuse(_group: Any, package: Any) -> None:
        raise error

    here.sagemaker.register = refuse
    run = drop(here)
    here.runtime.receive(until_the_last(here, run))

    assert here.stage(run) == "failed"
    assert f"{run}-candidate-1" in here.sagemaker.removed
    assert [mail["kind"] for mail in here.mails()] == ["failed"]
    assert here.active() is None


def test_a_registry_without_room_is_waited_for_said_so_and_given_up_in_the_end(here: World) -> None:
    here.put("relay.yaml", MANUAL)
    asked: list[object] = []

    def full(_group: Any, package: Any) -> None:
        asked.append(package)
        raise BusyError("ResourceLimitExceeded: model package groups")

    here.sagemaker.register = full
    run = drop(here)
    here.runtime.receive(until_the_last(here, run))
    assert f"{run}-candidate-1" in here.sagemaker.removed  # not billed meanwhile
    later(here, times=4)
    assert here.stage(run) == "awaiting approval"
    assert len(asked) < 4  # with a growing pause
    assert [mail["kind"] for mail in here.mails()] == ["waiting"]

    later(here, minutes=60, times=26)
    assert here.stage(run) == "failed"
    assert [mail["kind"] for mail in here.mails()] == ["failed"]
    assert here.active() is None
