"""A dataset is to be served in another mode than before: in place where AWS does that, and told where it does not."""

from __future__ import annotations

from typing import Any

from chalicelib.mails import messages
from chalicelib.names import Step
from chalicelib.records.commands import Mail
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


def test_where_it_is_allowed_the_endpoint_goes_and_comes_back(here: World) -> None:
    live_in(here, b"endpoint: {mode: realtime}")
    run = next_run(here, SERVERLESS)

    assert (here.stage(run), record(here, run).mode) == ("live", Mode.SERVERLESS)
    assert ENDPOINT in here.sagemaker.removed
    assert here.sagemaker.endpoints[ENDPOINT] == f"{run}-live-1"


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
    later(here)
    here.runtime.receive(here.end(run, Step.LIVE, attempt=2))
    assert here.stage(run) == "live"
