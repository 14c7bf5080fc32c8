"""A dataset is to be served in another mode than before: in place where AWS does that, and told where it does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.aws.errors import BusyError
from chalicelib.mails import messages
from chalicelib.names import Step
from chalicelib.records.commands import Mail
from chalicelib.records.events import StepCompleted
from chalicelib.records.orphans import Resource
from chalicelib.requests import Call
from chalicelib.serving_mode import Mode
from tests.relay.builders import DEPLOYMENT
from tests.relay.test_in_real_time import record, refusing_live
from tests.relay.test_lost import later
from tests.relay.world import World, drop

ENDPOINT = "sagerelay-churn"
SERVERLESS = b"endpoint: {mode: serverless, recreate: true}"


def live_in(here: World, settings: bytes) -> str:
    here.put("relay.yaml", settings)
    run = drop(here)
    here.relay(run, here.runtime.receive)
    assert here.stage(run) == "live"
    return run


def next_run(here: World, settings: bytes, *, until: Step | None = None) -> str:
    here.put("relay.yaml", settings)
    run = drop(here, "train/feb.csv")
    for step in Step:
        if step is until:
            break
        here.runtime.receive(here.end(run, step))
    return run


def test_serverless_becomes_real_time_in_place(here: World) -> None:
    live_in(here, b"")
    run = next_run(here, b"endpoint: {mode: realtime}")

    assert (here.stage(run), record(here, run).mode) == ("live", Mode.REALTIME)
    assert ENDPOINT not in here.sagemaker.removed


def test_what_is_served_in_real_time_stays_so_without_a_word(here: World) -> None:
    live_in(here, b"endpoint: {mode: realtime}")

    assert record(here, next_run(here, b"")).mode is Mode.REALTIME


def test_real_time_becomes_serverless_only_where_a_gap_is_allowed(here: World) -> None:
    live_in(here, b"endpoint: {mode: realtime}")
    run = next_run(here, b"endpoint: {mode: serverless}")

    told = messages.about_run(Mail.PROMOTED, record(here, run), DEPLOYMENT).text
    assert (here.stage(run), record(here, run).mode) == ("live", Mode.REALTIME)
    assert "AWS does not let a real-time endpoint become serverless in place" in told
    assert "recreate: true" in told
    assert ENDPOINT not in here.sagemaker.removed


def test_where_it_is_allowed_the_endpoint_goes_and_comes_back_and_the_gap_is_told(here: World) -> None:
    live_in(here, b"endpoint: {mode: realtime}")
    fake: Any = here.sagemaker
    there = fake.remove

    def remove(kind: Resource, name: str) -> None:
        if name == ENDPOINT:
            assert here.mails()[-1]["kind"] == "gap", "told before it is deleted"
        there(kind, name)

    fake.remove = remove
    run = next_run(here, SERVERLESS, until=Step.LIVE)
    assert ENDPOINT in here.sagemaker.removed
    began = record(here, run).gap_began
    assert began
    envelope = here.end(run, Step.LIVE)
    fake.ended[f"{run}-live-1"] = answered_after(fake.ended[f"{run}-live-1"], began + timedelta(seconds=312))
    here.runtime.receive(envelope)

    assert (here.stage(run), record(here, run).mode) == ("live", Mode.SERVERLESS)
    assert here.sagemaker.endpoints[ENDPOINT] == f"{run}-live-1"
    [promoted] = [mail for mail in here.mails() if mail["kind"] == "promoted"]
    assert promoted["gap_seconds"] == 312
    told = messages.about_run(Mail.PROMOTED, record(here, run), DEPLOYMENT).text
    assert "Callers got no answer for 312 seconds" in told


def answered_after(completed: StepCompleted, moment: datetime) -> StepCompleted:
    return replace(completed, job=replace(completed.job, ended=moment))


def test_an_endpoint_that_answers_nobody_leaves_no_gap(here: World) -> None:
    live_in(here, b"endpoint: {mode: realtime}")
    here.sagemaker.failed.add(ENDPOINT)
    run = next_run(here, SERVERLESS)

    assert (here.stage(run), record(here, run).gap_began) == ("live", None)
    assert "gap" not in {mail["kind"] for mail in here.mails()}


def test_waiting_for_the_deletion_is_no_news_and_not_long(here: World) -> None:
    live_in(here, b"endpoint: {mode: realtime}")
    fake: Any = here.sagemaker
    ensure = fake.ensure

    def busy(call: Call) -> None:
        if call.operation == "create_endpoint" and call.arguments["EndpointName"] == ENDPOINT:
            raise BusyError(f"the endpoint {ENDPOINT} is Deleting")
        ensure(call)

    fake.ensure = busy
    run = next_run(here, SERVERLESS, until=Step.LIVE)
    assert record(here, run).waiting_for == f"the endpoint {ENDPOINT} is Deleting"
    assert "waiting" not in {mail["kind"] for mail in here.mails()}
    fake.ensure = ensure
    later(here, minutes=2)
    assert here.sagemaker.endpoints[ENDPOINT] == f"{run}-live-1"


def test_who_is_asked_to_approve_is_told_of_the_gap(here: World) -> None:
    live_in(here, b"endpoint: {mode: realtime}")
    run = next_run(here, SERVERLESS + b"\ngate: {approval: manual}", until=Step.LIVE)

    told = messages.about_run(Mail.APPROVAL_NEEDED, record(here, run), DEPLOYMENT).text
    assert "Approving it deletes the endpoint sagerelay-churn" in told
    assert ENDPOINT not in here.sagemaker.removed


def test_when_it_is_refused_after_all_the_old_model_serves_until_the_new_one_does(here: World) -> None:
    first = live_in(here, b"endpoint: {mode: realtime}")
    refusing_live(here)
    run = next_run(here, SERVERLESS, until=Step.LIVE)

    assert here.stage(run) == "promoting"
    assert (record(here, run).mode, record(here, run).attempt) == (Mode.REALTIME, 2)
    calls: list[Any] = here.sagemaker.calls
    assert ENDPOINT in here.sagemaker.removed
    assert calls[-1] == f"update_endpoint {ENDPOINT}"  # of what came back
    assert calls.count(f"create_endpoint {ENDPOINT}") == 1  # noted once: the first run's, and the one that came back
    assert first != run
    seconds = record(here, run).gap_seconds
    assert seconds is not None
    assert 0 < seconds <= 120
    later(here)
    here.runtime.receive(here.end(run, Step.LIVE, attempt=2))
    assert here.stage(run) == "live"
    told = messages.about_run(Mail.PROMOTED, record(here, run), DEPLOYMENT).text
    assert "came back with the configuration it had" in told
