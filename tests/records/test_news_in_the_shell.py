"""The same, end to end: what an uploaded relay.yaml does to a run under way, a waiting one and a live model."""

from __future__ import annotations

import pytest

from chalicelib.names import Step
from tests.monitoring.living import live
from tests.records.states import kept, put_back
from tests.records.test_upgrade import finished
from tests.relay.world import World, drop


def rewrite(here: World, text: str) -> None:
    here.put("relay.yaml", text.encode())
    here.runtime.receive(here.uploaded("relay.yaml"))


@pytest.mark.parametrize(
    "text", ["gate: {minimum: 0.7}", "endpoint: {capture_percentage: 5}", "monitoring: {min_rows: 60}"]
)
def test_a_live_model_gets_no_twin_for_its_gate(here: World, text: str) -> None:
    live(here)
    before, calls = here.runtime.executor.store.dataset("churn"), list(here.sagemaker.calls)

    rewrite(here, text)

    now = here.runtime.executor.store.dataset("churn")
    assert (now.active, now.live, now.previous, here.sagemaker.calls) == (None, before.live, before.previous, calls)


def test_a_model_that_awaits_approval_is_not_given_up_for_an_endpoint(here: World) -> None:
    run = live(here, "gate: {approval: manual}")
    rewrite(here, "gate: {approval: manual}\nendpoint: {count: 2}")
    here.runtime.sweep()

    assert here.stage(run) == "awaiting approval"


def test_a_run_that_waits_for_a_machine_is_begun_again_with_another(here: World) -> None:
    put_back(here, kept("0.1.0", "waiting-for-quota"))
    waiting = here.active() or ""

    rewrite(here, "instances: {train: ml.m5.large}")

    assert here.stage(waiting) == "superseded"
    assert here.active() not in {None, waiting}
    assert finished(here)[-1] == "promoted"


def test_another_endpoint_written_while_a_run_goes_on_is_tried_when_it_fails(here: World) -> None:
    run = drop(here)
    rewrite(here, "endpoint: {instance: ml.m5.xlarge}")
    assert here.active() == run

    here.runtime.receive(here.end(run, Step.PREPARE, failure="AlgorithmError: [no-target] there is no column y"))

    assert here.active() not in {None, run}
