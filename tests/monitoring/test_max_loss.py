"""monitoring.max_loss over releases, as the gate's: a number that was written for one that took it for an amount keeps
meaning one until it is written anew, and a default that nobody wrote is a share at once."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib import codec
from chalicelib.monitoring.deciding import decide
from chalicelib.monitoring.facts import SettingsRead
from chalicelib.monitoring.record import Monitor
from chalicelib.names import DatasetKeys
from chalicelib.settings.max_loss import Meant
from tests.monitoring.builders import settings
from tests.monitoring.living import asked, live
from tests.relay.builders import NOW
from tests.relay.world import World

OLD = {"metric": "rmse", "max_loss": 500}
TEXT = "monitoring: {metric: rmse, max_loss: 500}\n"


def read(monitor: Monitor, *, written: bool, **monitoring: Any) -> Monitor:
    return decide(monitor, SettingsRead(settings(monitoring=monitoring), written), NOW).monitor


def of_old(**monitoring: Any) -> Monitor:
    """A monitor as a release left it that took every number for an amount."""
    return Monitor("churn", settings=settings(monitoring=monitoring))


def test_an_old_number_means_an_amount_until_it_is_written_anew() -> None:
    kept = read(of_old(**OLD), written=True, **OLD)
    again = read(kept, written=True, min_rows=300, **OLD)
    assert (kept.max_loss, again.max_loss, again.meant) == (Meant.AMOUNT, Meant.AMOUNT, Meant.AMOUNT)

    for anew in ({**OLD, "max_loss": 0.05}, {**OLD, "metric": "mae"}):
        after = read(again, written=True, **anew)
        assert (after.max_loss, read(after, written=True, **OLD).max_loss) == (Meant.SHARE, Meant.SHARE)
    assert read(again, written=False, metric="rmse").max_loss is Meant.SHARE


def test_a_default_and_a_new_monitor_s_number_are_shares() -> None:
    assert read(of_old(metric="rmse"), written=False, metric="rmse").max_loss is Meant.SHARE
    assert read(Monitor("churn"), written=True, **OLD).max_loss is Meant.SHARE


def test_before_anybody_has_looked_any_but_the_default_is_a_person_s() -> None:
    assert [of_old(**one).meant for one in ({"metric": "rmse"}, OLD)] == [Meant.SHARE, Meant.AMOUNT]


def test_the_record_says_it_and_the_former_release_s_does_not() -> None:
    assert "max_loss" not in json.loads(codec.to_document(of_old(**OLD)))
    for how in Meant:
        said = replace(of_old(**OLD), max_loss=how)
        assert json.loads(codec.to_document(said))["max_loss"] == how
        assert codec.is_stable(said)


def upgraded(here: World, text: str) -> None:
    """A live model whose monitor the former release left, with this relay.yaml."""
    live(here)
    here.put("relay.yaml", text.encode())
    before = here.monitor()
    written = {"metric": "rmse", "max_loss": 500} if "500" in text else {"metric": "rmse"}
    here.runtime.executor.store.save_monitor(replace(before, max_loss=None, settings=settings(monitoring=written)))


@pytest.mark.parametrize(
    ("text", "how"), [(TEXT, "amount"), ("monitoring: {metric: rmse, max_loss: 0.02}\n", "amount"), ("", "share")]
)
def test_the_first_sweep_learns_what_a_person_wrote_and_windows_say_it(here: World, text: str, how: str) -> None:
    upgraded(here, text or "monitoring: {metric: rmse}\n")
    here.runtime.sweep()
    assert here.monitor().max_loss == how

    here.capture("2026/11/22/12/a.jsonl")
    here.runtime.receive(asked())
    (check,) = here.monitor().checks
    document = json.loads(here.s3.body(here.monitor().keys(check).window) or b"")
    assert document["max_loss_meant"] == how


def test_a_share_that_allows_anything_is_refused_and_an_old_amount_is_not(here: World) -> None:
    upgraded(here, TEXT)
    here.runtime.datasets.look("churn")
    assert here.monitor().max_loss is Meant.AMOUNT
    here.mails()

    here.put("relay.yaml", b"monitoring: {metric: mae, max_loss: 500}\n")
    here.runtime.datasets.look("churn")
    (mail,) = here.mails()
    assert mail["object"] == DatasetKeys("churn").settings
    (problem,) = mail["problems"]
    assert problem == (
        "monitoring.max_loss is a share of MAE at promotion: 500 would allow 50000 %, and at most 100 % can be given. "
        "Write 0.02 for 2 %."
    )
    assert here.monitor().monitoring["metric"] == "rmse"
