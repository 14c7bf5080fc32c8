"""What a Lambda left half done: histories that the simulation found, told step by step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from chalicelib.aws.errors import BusyError
from chalicelib.aws.looks import HOLD
from chalicelib.mails.messages import Message, to_document
from chalicelib.names import Step
from chalicelib.requests import Call
from tests.relay.world import World, drop


def test_a_promotion_that_nobody_wrote_down_is_taken_back_when_newer_data_supersedes_its_run(here: World) -> None:
    first = drop(here)
    here.relay(first, here.runtime.receive)
    second = drop(here, "train/feb.csv")
    for step in (Step.PREPARE, Step.TUNE, Step.TRAIN, Step.CANDIDATE):
        here.runtime.receive(here.end(second, step))
    last, ensure = here.end(second, Step.EVALUATE), here.sagemaker.ensure

    def updated_but_not_known(call: Call) -> None:
        ensure(call)
        if call.operation == "update_endpoint" and call.arguments["EndpointConfigName"] == f"{second}-live-1":
            raise BusyError("ThrottlingException: the answer was lost")

    here.sagemaker.ensure = updated_but_not_known
    here.runtime.receive(last)
    assert here.sagemaker.endpoints["sagerelay-churn"] == f"{second}-live-1"

    third = drop(here, "train/mar.csv")
    for _ in range(3):
        here.time += timedelta(minutes=6)
        here.runtime.sweep()

    assert here.stage(second) == "superseded"
    assert here.sagemaker.endpoints["sagerelay-churn"] == f"{first}-live-1"
    assert f"{second}-live-1" in here.sagemaker.removed
    assert third == second or here.active() not in {None, second}


def test_a_mail_whose_sender_died_is_sent_by_the_sweep_once_it_cannot_be_alive(here: World) -> None:
    executor = here.runtime.executor
    message = Message("s", "t\n", {"kind": "refused"}, {"kind": "refused"})
    executor.store.claim_mail("m", to_document(message), here.time)
    here.runtime.sweep()
    assert here.mails() == []

    for _ in range(3):
        here.time += timedelta(minutes=6)
        here.runtime.sweep()

    assert here.mails() == [{"kind": "refused"}]
    assert ("mail", "m") not in executor.store.open_records()


def test_a_mail_that_somebody_else_is_sending_keeps_nothing_waiting(here: World) -> None:
    """It is kept with the claim; what comes after it costs money as long as it waits."""
    run = drop(here)
    last = here.end(run, Step.PREPARE, failure="[no-target] jan.csv: there is no column y")
    executor = here.runtime.executor
    executor.store.claim_mail(f"{run}#failed", to_document(Message("s", "t\n", {"kind": "failed"})), here.time)

    here.runtime.receive(last)

    assert (here.active(), here.mails()) == (None, [])
    here.time += timedelta(minutes=11)
    here.runtime.sweep()
    assert [mail["kind"] for mail in here.mails()] == ["failed"]


def test_data_seen_late_does_not_make_newer_data_forgotten(here: World) -> None:
    """A Lambda lists the folder, stands still, and goes on after another one has seen more (seed 954)."""
    first = drop(here)
    here.put("train/feb.csv")

    def meanwhile() -> None:
        here.put("train/mar.csv")
        here.runtime.receive(here.uploaded("train/mar.csv"))

    stand_still(here, "training_data", meanwhile)
    here.runtime.receive(here.uploaded("train/feb.csv"))
    here.relay(first, here.runtime.receive)

    inputs = here.runtime.executor.objects.read(f"runs/{here.active()}/inputs.json")
    assert inputs is not None
    assert b"mar.csv" in inputs


def test_settings_read_late_begin_no_run_when_they_were_changed_back_meanwhile(here: World) -> None:
    """It stood still for longer than its turn lasts. Another has found nothing new since, which is a look, too."""
    first = drop(here)
    here.relay(first, here.runtime.receive)
    here.put("relay.yaml", b"tuning: {enabled: false}")

    def meanwhile() -> None:
        here.time += HOLD + timedelta(seconds=1)
        here.put("relay.yaml", b"")
        here.runtime.receive(here.uploaded("relay.yaml"))

    stand_still(here, "training_data", meanwhile)
    here.runtime.receive(here.uploaded("relay.yaml"))

    assert here.active() is None
    last = here.runtime.executor.store.dataset("churn").last
    assert last is not None
    assert last.run == first


def test_settings_read_late_do_not_make_newer_settings_forgotten(here: World) -> None:
    """A Lambda has read relay.yaml, stands still, and goes on after another one has read a newer one (seed 2782)."""
    first = drop(here)

    def meanwhile() -> None:
        here.put("relay.yaml", b"tuning: {enabled: false}\nmonitoring: {schedule: hourly}")
        here.runtime.receive(here.uploaded("relay.yaml"))

    stand_still(here, "read", meanwhile)
    here.runtime.receive(here.uploaded())
    assert here.monitor().monitoring["schedule"] == "hourly"

    here.relay(first, here.runtime.receive)
    assert here.active() not in {None, first}


def stand_still(here: World, what: str, meanwhile: Callable[[], object]) -> None:
    """The next time the bucket has answered this, something else happens before the Lambda goes on."""
    real, coming = here.runtime.executor.objects, [meanwhile]

    class Slow:
        def __getattr__(self, name: str) -> Any:
            answer = getattr(real, name)
            return answer if name != what else slow

    def slow(*asked: Any) -> Any:
        answer = getattr(real, what)(*asked)
        if coming:
            coming.pop()()
        return answer

    object.__setattr__(here.runtime.datasets.executor, "objects", Slow())
