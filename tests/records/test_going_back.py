"""Going back to the model before the live one: what a dataset's record makes of the wish, and what comes next."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib import codec
from chalicelib.mails import rollback
from chalicelib.monitoring.documents import window
from chalicelib.monitoring.record import Check
from chalicelib.names import CheckKeys, Kind
from chalicelib.records import dataset
from chalicelib.records.commands import Begin, Follow, GoBack, LookAgain, Retire, TellRollback
from chalicelib.records.dataset import Dataset, RunEnded, decide
from chalicelib.records.envelopes import from_envelope
from chalicelib.records.events import Ignored, RollbackRequested
from chalicelib.records.going_back import (
    TRIES,
    GoingBack,
    Move,
    RollbackAsked,
    RollbackEnded,
    RollbackTried,
    Seen,
    can_go_back,
)
from chalicelib.records.going_back import next_move as move
from chalicelib.records.run import LiveModel, Stage
from chalicelib.serving_mode import Mode
from chalicelib.settings.defaults import DEFAULTS
from chalicelib.settings.max_loss import Meant
from tests.relay.builders import DEPLOYMENT, inputs_seen

OLD, NEW = (LiveModel(f"churn-0000000{n}", "sagerelay-churn", 1, f"2026-11-0{n}T00:00:00Z") for n in (1, 2))
SERVED = Dataset("churn", live=NEW, previous=OLD)
ASKED = RollbackAsked("e1", NEW.run, "it misses")
PLAN = GoingBack("e1", NEW, OLD, "it misses")
CONFIGS = (f"{NEW.run}-live-1", f"{OLD.run}-live-1")
DONE = TellRollback("e1", NEW.run, OLD.run, "it misses", None)


def told(after: Dataset) -> str:
    (command,) = after.pending
    assert isinstance(command, TellRollback)
    return str(command.problem)


def test_both_models_change_places_and_the_monitor_follows() -> None:
    begun = decide(SERVED, ASKED).dataset
    assert (begun.going_back, begun.pending) == (PLAN, (GoBack(),))
    over = decide(begun, RollbackEnded()).dataset
    assert (over.live, over.previous, over.going_back) == (OLD, NEW, None)
    assert over.pending == (DONE, Follow(OLD.run))
    assert codec.is_stable(begun)


def test_answers_count_as_its_own_only_since_it_came_back() -> None:
    """Between its promotion and the rollback another model answered."""
    came = "2026-11-03T10:00:00Z"
    back = decide(decide(SERVED, ASKED).dataset, RollbackEnded(at=came)).dataset.live
    assert back == replace(OLD, back=came)
    assert (back.since, OLD.since, back.promoted) == (came, OLD.promoted, OLD.promoted)
    keys = CheckKeys("churn", Kind.QUALITY, 3, datetime(2026, 11, 4, tzinfo=UTC))
    check = Check(Kind.QUALITY, 3, keys.began, back.run)
    text = window(check, keys, back, DEFAULTS["monitoring"], Meant.SHARE, bucket="b", objects=())
    assert json.loads(text)["live"] == {"run": back.run, "promoted": came}


def test_an_event_that_comes_twice_goes_back_once() -> None:
    over = replace(decide(decide(SERVED, ASKED).dataset, RollbackEnded()).dataset, pending=())
    assert decide(over, ASKED).ignored
    forth = decide(over, RollbackAsked("e2", OLD.run, "")).dataset
    assert forth.going_back == GoingBack("e2", OLD, NEW, "")
    assert decide(forth, RollbackAsked("e3", OLD.run, "")).ignored


@pytest.mark.parametrize(
    ("before", "why"),
    [
        (Dataset("churn"), "no model serves"),
        (replace(SERVED, live=OLD, previous=None), f"the model of {OLD.run} serves"),
        (replace(SERVED, previous=None), "no model served before it"),
        (replace(SERVED, previous=replace(OLD, mode=Mode.BATCH)), "served in another way"),
        (replace(SERVED, previous=replace(OLD, mode=Mode.SERVERLESS)), "its endpoint was serverless"),
    ],
)
def test_what_cannot_be_is_told(before: Dataset, why: str) -> None:
    after = decide(before, ASKED).dataset
    assert why in told(after)
    assert after.going_back is None


def test_what_cannot_be_gone_back_to_is_not_looked_at_either() -> None:
    assert can_go_back(SERVED)
    assert not can_go_back(replace(SERVED, previous=None))
    assert not can_go_back(replace(SERVED, previous=replace(OLD, mode=Mode.BATCH)))


def test_a_run_under_way_ends_first_and_none_begins_meanwhile() -> None:
    waits = decide(replace(SERVED, active="churn-aaaaaaaa"), ASKED).dataset
    assert (waits.going_back, waits.pending) == (PLAN, ())
    failed = decide(waits, RunEnded("churn-aaaaaaaa", Stage.FAILED, None, None)).dataset
    assert failed.pending == (Follow("churn-aaaaaaaa"), GoBack())
    news = decide(replace(failed, pending=(GoBack(),)), inputs_seen()).dataset
    assert (news.queued, news.active) == (True, None)
    assert decide(news, RollbackEnded()).dataset.pending == (DONE, Follow(OLD.run), LookAgain())


def test_a_model_that_goes_live_meanwhile_is_not_left() -> None:
    newest = replace(NEW, run="churn-aaaaaaaa")
    waits = decide(replace(SERVED, active=newest.run), ASKED).dataset
    after = decide(waits, RunEnded(newest.run, Stage.LIVE, newest, None)).dataset
    assert (after.live, after.previous, after.going_back) == (newest, NEW, None)
    told_why = after.pending[-1]
    assert isinstance(told_why, TellRollback)
    assert newest.run in str(told_why.problem)
    assert Retire(OLD.run, 1) in after.pending


def test_what_can_be_done_meanwhile_is_done_first() -> None:
    busy = replace(SERVED, pending=(GoBack(), Follow("churn-x"), Begin("churn-y")))
    assert dataset.next_command(busy) == Follow("churn-x")
    assert dataset.without(busy, GoBack()).pending == (Follow("churn-x"), Begin("churn-y"))
    assert dataset.next_command(replace(SERVED, pending=(GoBack(),))) == GoBack()


@pytest.mark.parametrize(
    ("seen", "tried", "what"),
    [
        (Seen("InService", CONFIGS[0], None), 0, Move.ASK),
        (Seen("InService", CONFIGS[0], "an old reason"), 1, Move.ASK),
        (Seen("Updating", CONFIGS[0], None), 1, Move.WAIT),
        (Seen("SystemUpdating", CONFIGS[1], None), 1, Move.WAIT),
        (Seen("InService", CONFIGS[1], None), 1, RollbackEnded()),
        (Seen("InService", CONFIGS[0], "no capacity"), 2, RollbackEnded("no capacity")),
        (Seen("InService", CONFIGS[0], None), TRIES, "gave no reason"),
        (Seen("InService", "somebody-s", None), 0, "neither of the two"),
        (Seen("Failed", CONFIGS[0], "broken"), 0, "broken"),
        (Seen("Deleting", CONFIGS[0], None), 0, "not there any more"),
        (None, 0, "not there any more"),
    ],
)
def test_what_comes_next(seen: Seen | None, tried: int, what: Move | RollbackEnded | str) -> None:
    found = move(replace(PLAN, tried=tried), seen, CONFIGS)
    if isinstance(what, str) and not isinstance(what, Move):
        assert isinstance(found, RollbackEnded)
        assert what in str(found.problem)
    else:
        assert found == what


def test_tries_are_counted() -> None:
    begun = decide(SERVED, ASKED).dataset
    assert decide(begun, RollbackTried()).dataset.going_back == replace(PLAN, tried=1)


def test_where_files_are_predicted_no_endpoint_is_asked() -> None:
    assert move(replace(PLAN, to=replace(OLD, mode=Mode.BATCH)), None, CONFIGS) == RollbackEnded()


def test_the_mails() -> None:
    done = rollback.about(DONE, "churn", DEPLOYMENT)
    assert done.subject == f"churn: rolled back to the model of {OLD.run}"
    assert "it misses" in done.text
    assert done.attributes["kind"] == "rolled-back"
    refused = rollback.about(replace(DONE, to=None, problem="no model served before it."), "churn", DEPLOYMENT)
    assert refused.attributes["kind"] == "rollback-failed"
    assert "NOT rolled back" in refused.text
    assert "no model served before it.\n" in refused.text


def asked(**detail: str) -> object:
    envelope = {"id": "e1", "detail-type": "Rollback Requested", "detail": detail}
    return from_envelope(envelope, bucket="b", prefix="sagerelay")


def test_an_envelope_asks_for_it() -> None:
    assert asked(dataset="churn", leave=NEW.run) == RollbackRequested("churn", NEW.run, "", "e1")
    assert isinstance(asked(dataset="churn"), Ignored)
    assert isinstance(asked(dataset="churn", leave=NEW.run, deployment="another"), Ignored)
