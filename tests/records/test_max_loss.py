"""gate.max_loss over releases: a number that was written for one that took it for an amount keeps meaning one until it
is written anew; a default that nobody wrote does not; and the way back to the former release is open."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.contract.metrics import Task
from chalicelib.mails.gate import kept_max_loss
from chalicelib.mails.messages import about_run
from chalicelib.names import Step
from chalicelib.records.commands import Mail
from chalicelib.records.run import Problem, Run, Stage
from chalicelib.settings.max_loss import Meant, meant
from tests.monitoring.living import live
from tests.records.states import kept, put_back
from tests.relay.builders import DEPLOYMENT, NOW, RUN_ID, evaluation, run, settings
from tests.relay.world import World, drop

OLD = "gate: {metric: auc, max_loss: 500}\n"
NEW_KEYS = {"max_loss", "best"}


def as_the_former_release_wrote(here: World, *kinds: str) -> None:
    """The records of these kinds, rewritten by a release that knows nothing of what is new."""
    for key, item in list(here.dynamodb.items.items()):
        if key.partition("#")[0] in kinds:
            document = json.loads(item["document"]["S"])
            for part in (document, document.get("last") or {}):
                for name in NEW_KEYS:
                    part.pop(name, None)
            here.dynamodb.put_item(
                TableName=DEPLOYMENT.table,
                Item={**item, "document": {"S": json.dumps(document, separators=(",", ":"))}},
            )


def begun(here: World, text: str, etag: str) -> Run:
    """The run that begins when another file is added under this relay.yaml, ended at once."""
    here.put("relay.yaml", text.encode())
    run_id = drop(here, f"train/{etag}.csv", etag.encode())
    here.runtime.receive(here.end(run_id, Step.PREPARE, failure="AlgorithmError: [no-target] there is no column y"))
    found = here.runtime.executor.store.run(run_id)
    assert found
    return found


@pytest.fixture
def upgraded(here: World) -> World:
    """A dataset whose model the former release put in service, with a number for it."""
    live(here, OLD)
    as_the_former_release_wrote(here, "run", "dataset")
    return here


def test_a_number_that_stands_there_since_then_means_an_amount_run_after_run(upgraded: World) -> None:
    again = "gate: {approval: manual, minimum: 0.7, metric: auc, max_loss: 500.0}\n"  # the rest may change
    found = [begun(upgraded, text, etag).max_loss for text, etag in ((OLD, "a"), (again, "b"), (OLD, "c"))]
    assert found == [Meant.AMOUNT] * 3


@pytest.mark.parametrize(
    "text",
    ["gate: {metric: auc, max_loss: 400}\n", "gate: {metric: f1, max_loss: 500}\n", "gate: {metric: auc}\n", ""],
)
def test_what_is_written_anew_is_a_share_from_then_on(upgraded: World, text: str) -> None:
    found = [begun(upgraded, one, etag).max_loss for one, etag in ((text, "a"), (text, "b"), (OLD, "c"), (OLD, "d"))]
    assert found == [Meant.SHARE] * 4


def test_a_default_that_nobody_wrote_is_a_share_at_once(here: World) -> None:
    live(here)
    as_the_former_release_wrote(here, "run", "dataset")
    assert begun(here, "", "a").max_loss is Meant.SHARE


def test_a_new_dataset_s_number_is_a_share(here: World) -> None:
    live(here, OLD)
    (first,) = [one for one in (here.runtime.executor.store.run(key[4:]) for key in runs(here)) if one]
    assert first.max_loss is Meant.SHARE
    assert begun(here, OLD, "a").max_loss is Meant.SHARE


def test_after_a_rollback_and_another_upgrade_it_is_still_known(here: World) -> None:
    live(here, OLD)
    as_the_former_release_wrote(here, "dataset")  # it looked, and trained nothing
    assert begun(here, OLD, "a").max_loss is Meant.SHARE
    as_the_former_release_wrote(here, "dataset", "run")  # its own run
    assert begun(here, OLD, "b").max_loss is Meant.AMOUNT


@pytest.mark.parametrize("scenario", ["live", "replaced", "failed", "rejected"])
def test_states_of_the_former_release_go_on(here: World, scenario: str) -> None:
    put_back(here, kept("0.1.0", scenario))
    text = here.s3.body("datasets/churn/relay.yaml") or b""
    then = here.runtime.executor.store.dataset("churn").last
    assert then
    assert (then.max_loss, b"max_loss" in text) == (Meant.AMOUNT, False)

    assert begun(here, text.decode(), "a").max_loss is Meant.SHARE


def test_a_run_that_the_former_release_began_goes_on_as_it_was_begun(here: World) -> None:
    put_back(here, kept("0.1.0", "until-candidate"))
    under_way = here.runtime.executor.store.run(here.active() or "")
    assert under_way
    assert under_way.max_loss is Meant.AMOUNT


def test_nothing_but_the_former_run_decides() -> None:
    former = run(settings=settings(gate={"max_loss": 500}))
    written, now = {"gate": {"max_loss": 500}}, settings(gate={"max_loss": 500})["gate"]

    assert meant(written, now, former) is Meant.AMOUNT
    assert meant(written, now, None) is Meant.SHARE
    assert meant({}, now, former) is Meant.SHARE
    assert meant(written, now, replace(former, max_loss=Meant.SHARE)) is Meant.SHARE


@pytest.mark.parametrize(
    ("task", "metric", "how", "told"),
    [
        (Task.REGRESSION, "rmse", Meant.AMOUNT, True),
        (Task.REGRESSION, "rmse", Meant.SHARE, False),
        (Task.REGRESSION, "auto", Meant.AMOUNT, False),  # R2 has no unit
        (Task.BINARY, "auto", Meant.AMOUNT, False),
    ],
)
def test_the_mail_says_it_where_it_makes_a_difference(task: Task, metric: str, how: Meant, *, told: bool) -> None:
    judged: Any = run(
        Stage.LIVE,
        problem=Problem(task, None, "x", {"read": 1}),
        settings=settings(gate={"metric": metric, "max_loss": 500}),
        max_loss=how,
        evaluation=evaluation(task=task),
    )
    sentence = kept_max_loss(judged)

    assert bool(sentence) is told
    assert ("still means 500 in the unit of RMSE" in about_run(Mail.PROMOTED, judged, DEPLOYMENT).text) is told


def runs(here: World) -> list[str]:
    return [key for key in here.dynamodb.items if key.startswith("run#")]


def test_the_record_says_it_and_the_former_release_s_does_not() -> None:
    from chalicelib import codec

    assert "max_loss" not in json.loads(codec.to_document(run()))
    stored = json.loads(codec.to_document(replace(run(), id=RUN_ID, max_loss=Meant.SHARE, updated=NOW)))
    assert stored["max_loss"] == "share"
