"""What a Lambda left half done: histories that the simulation found, told step by step."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.aws.errors import BusyError
from chalicelib.messages import Message, to_document
from chalicelib.names import Step
from tests.relay.world import drop


def test_a_promotion_that_nobody_wrote_down_is_taken_back_when_newer_data_supersedes_its_run(here):
    first = drop(here)
    here.relay(first, here.runtime.receive)
    second = drop(here, "train/feb.csv")
    for step in (Step.PREPARE, Step.TUNE, Step.TRAIN, Step.CANDIDATE):
        here.runtime.receive(here.end(second, step))
    last, ensure = here.end(second, Step.EVALUATE), here.sagemaker.ensure

    def updated_but_not_known(call):
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


def test_a_mail_whose_sender_died_is_sent_by_the_sweep_once_it_cannot_be_alive(here):
    performer = here.runtime.performer
    message = Message("s", "t\n", {"kind": "refused"}, {"kind": "refused"})
    performer.store.claim_mail("m", to_document(message), here.time)
    here.runtime.sweep()
    assert here.mails() == []

    for _ in range(3):
        here.time += timedelta(minutes=6)
        here.runtime.sweep()

    assert here.mails() == [{"kind": "refused"}]
    assert ("mail", "m") not in performer.store.open_records()


def test_data_seen_late_does_not_make_newer_data_forgotten(here):
    """A Lambda lists the folder, stands still, and goes on after another one has seen more (seed 954)."""
    first = drop(here)
    here.put("train/feb.csv")
    listing = here.runtime.performer.objects.training_data

    def slow(name):
        there = listing(name)
        if not slow_down:
            return there
        slow_down.clear()
        here.put("train/mar.csv")
        here.runtime.receive(here.uploaded("train/mar.csv"))
        return there

    slow_down = [True]
    object.__setattr__(here.runtime.datasets.performer, "objects", Listing(here.runtime.performer.objects, slow))
    here.runtime.receive(here.uploaded("train/feb.csv"))
    here.relay(first, here.runtime.receive)

    inputs = here.runtime.performer.objects.read(f"runs/{here.active()}/inputs.json")
    assert b"mar.csv" in inputs


class Listing:
    """The bucket, with a listing of the test's own."""

    def __init__(self, inner, training_data):
        self._inner, self.training_data = inner, training_data

    def __getattr__(self, name):
        return getattr(self._inner, name)
