"""A training that a person asks for: once, on what lies there, after what is under way."""

from __future__ import annotations

from dataclasses import replace

from chalicelib import codec
from chalicelib.mails.parts import footer
from chalicelib.records.commands import Begin, GoBack, LookAgain, TrainAgain
from chalicelib.records.dataset import Dataset, RunEnded, decide, next_command, run_of
from chalicelib.records.envelopes import from_envelope
from chalicelib.records.events import Ignored, RetrainingRequested
from chalicelib.records.going_back import GoingBack
from chalicelib.records.run import Stage
from chalicelib.records.training_again import TrainingAsked, TrainingSeen
from tests.records.test_going_back import NEW, OLD
from tests.relay.builders import NOW, inputs_seen, run
from tests.relay.world import World

WISH = TrainAgain("e1", "new prices")
SEEN = TrainingSeen(inputs_seen(), "e1", "new prices")


def trained() -> Dataset:
    """A dataset whose run has ended, on the very data that lies there."""
    begun = decide(Dataset("churn"), inputs_seen()).dataset
    assert begun.last
    ended = decide(begun, RunEnded(begun.last.run, Stage.REJECTED, None, None)).dataset
    return replace(ended, pending=())


def test_a_wish_is_kept_once() -> None:
    once = decide(trained(), TrainingAsked("e1", "new prices")).dataset
    assert once.pending == (WISH,)
    assert decide(once, TrainingAsked("e1", "new prices")).ignored
    assert decide(replace(once, pending=()), TrainingAsked("e1", "")).ignored
    assert decide(once, TrainingAsked("e2", "")).dataset.pending == (TrainAgain("e2", ""),)
    assert codec.is_stable(once)


def test_the_same_data_makes_another_run_and_says_who_wanted_it() -> None:
    before = decide(trained(), TrainingAsked("e1", "new prices")).dataset
    after = decide(before, SEEN).dataset
    assert before.last
    assert after.last
    assert after.last.run != before.last.run
    assert after.pending == (Begin(after.last.run),)
    begun = run_of(after, SEEN.seen, NOW)
    assert begun.asked == "new prices"
    assert footer(begun).endswith("A person asked for it: new prices.")
    assert footer(replace(begun, asked="")).endswith("A person asked for it.")
    assert "asked for it" not in footer(run())


def test_what_is_under_way_ends_first() -> None:
    goes_back = GoingBack("r", NEW, OLD, "")
    for busy in (replace(trained(), active="churn-00000009"), replace(trained(), going_back=goes_back)):
        assert decide(replace(busy, pending=(WISH,)), SEEN).ignored


def test_a_run_that_begins_meanwhile_is_the_one_that_was_asked_for() -> None:
    waits = replace(Dataset("churn"), pending=(WISH,))
    assert WISH not in decide(waits, inputs_seen()).dataset.pending


def test_a_wish_that_waits_keeps_nothing_else_waiting() -> None:
    assert next_command(replace(trained(), pending=(WISH, GoBack()))) == GoBack()
    assert next_command(replace(trained(), pending=(WISH, GoBack(), LookAgain()))) == LookAgain()
    assert next_command(replace(trained(), pending=(WISH,))) == WISH


def test_what_asks_for_it_is_a_persons_event() -> None:
    def asked(**detail: str) -> object:
        envelope = {"id": "e1", "detail-type": "Retraining Requested", "detail": detail}
        return from_envelope(envelope, bucket="b", prefix="sagerelay")

    assert asked(dataset="churn", because="x") == RetrainingRequested("churn", "x", "e1")
    assert isinstance(asked(dataset="../x"), Ignored)
    assert isinstance(asked(dataset="churn", deployment="sagerelay-prod"), Ignored)


def test_a_wish_begins_a_run_and_without_data_a_mail() -> None:
    here = World()
    here.put("train/jan.csv")
    here.runtime.receive(here.uploaded())
    first = here.runtime.executor.store.dataset("churn").last
    wish = {"id": "e1", "detail-type": "Retraining Requested", "detail": {"dataset": "churn", "because": "new prices"}}
    here.runtime.receive(wish)
    waits = here.runtime.executor.store.dataset("churn")
    assert waits.pending == (WISH,)
    assert first
    cancel = {"id": "e2", "detail-type": "Cancel Requested", "detail": {"run": first.run}}
    here.runtime.receive(cancel)
    here.runtime.sweep()
    after = here.runtime.executor.store.dataset("churn")
    assert after.last
    assert (after.last.run != first.run, after.last.asked, after.active) == (True, "new prices", after.last.run)

    here.runtime.receive({**wish, "id": "e3", "detail": {"dataset": "empty"}})
    [refused] = [mail for mail in here.mails() if mail["kind"] == "refused"]
    assert refused["object"] == "datasets/empty/train/"
    assert not here.runtime.executor.store.dataset("empty").pending
