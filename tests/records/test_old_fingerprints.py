"""The first look after an upgrade from release 0.1.0, which counted every setting with its default."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.algorithms import BUILT_IN
from chalicelib.records.dataset import Dataset, LastRun, decide
from chalicelib.records.inputs import InputsSeen
from chalicelib.records.run import Stage
from chalicelib.settings import fingerprints
from chalicelib.settings.defaults import INSTANCES_UNSAID
from tests.records.states import kept, put_back
from tests.records.test_news import begins, seen
from tests.records.test_news_in_the_shell import rewrite
from tests.relay.builders import DEPLOYMENT, data
from tests.relay.world import World


@pytest.mark.parametrize(
    ("text", "trains"),
    [
        ("target: churned\ntuning:\n  trials: 20\ngate:\n  minimum: 0.6\n", False),
        ("gate: {minimum: 0.7}\ntuning: {trials: 20}\ntarget: churned\n", False),
        ("# without the default\ntarget: churned\nendpoint: {count: 2}\n", False),
        ("target: churned\ntuning: {trials: 21}\n", True),
        ("tuning: {trials: 20}\n", True),
    ],
)
def test_the_first_look_of_a_new_release_counts_what_the_old_one_stored(
    here: World, text: str, *, trains: bool
) -> None:
    put_back(here, kept("0.1.0", "live"))

    rewrite(here, text)

    assert (here.active() is not None) == trains
    last = here.runtime.executor.store.dataset("churn").last
    assert last is not None
    assert fingerprints.parsed(last.fingerprint)


BEFORE = replace(BUILT_IN, default="xgboost")


def stored_by_0_1_0(text: str, stage: Stage | None = Stage.LIVE) -> tuple[Dataset, InputsSeen]:
    """A dataset as release 0.1.0 kept it, and what is seen by a release that has one setting more, at its default."""
    then = seen(text, offered=BEFORE, deployment=DEPLOYMENT.id)
    asked = then.settings["instances"]
    named = {name: INSTANCES_UNSAID.get(name) if value == "auto" else value for name, value in asked.items()}
    old: Any = fingerprints.as_stored_by_0_1_0({**then.settings, "instances": named})
    then = replace(then, settings=old)
    mark = fingerprints.run_mark(
        [{"key": "datasets/churn/train/jan.csv", "etag": "aaaa"}], then.settings, 1, DEPLOYMENT.id
    )
    dataset = Dataset("churn", last=LastRun("churn-1a2b3c4d", 1, mark, then.versions, stage))
    newer: Any = {**then.settings, "tuning": {**then.settings["tuning"], "folds": 5}}
    return dataset, replace(then, settings=newer, former=json.loads(json.dumps(then.settings)))


@pytest.mark.parametrize("stage", [Stage.LIVE, Stage.FAILED, Stage.REJECTED, None])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "tuning: {trials: 20, seed: 7}\nfile: {delimiter: ';'}\n",
        "tuning: {ranges: {eta: {min: 0.1, max: 0.3}, gamma: {min: 0, max: 1}}}\n",
        "tuning: {ranges: {eta: {min: 0.02, max: 0.5, scaling: Logarithmic}}}\n",
        "hyperparameters: {gamma: 1}\ncolumns: {a: text}\nignore: [b]\nsplit: {how: group, column: c}\n",
        "gate: {minimum: 0.5}\nendpoint: {count: 2}\ninstances: {train: ml.m5.large}\nretraining: {policy: on_drift}\n",
    ],
)
def test_no_settings_are_news_for_the_upgrade_alone(text: str, stage: Stage | None) -> None:
    dataset, now = stored_by_0_1_0(text, stage)

    decision = decide(dataset, now)

    assert decision.ignored
    assert not decide(decision.dataset, now).dataset.active


@pytest.mark.parametrize(
    ("then", "now"),
    [
        ("hyperparameters: {gamma: 1}\n", "hyperparameters: {alpha: 1}\n"),
        ("hyperparameters: {gamma: 1, alpha: 2}\n", "hyperparameters: {alpha: 2}\n"),
        ("target: a\n", ""),
        ("ignore: [a]\n", "ignore: [a, b]\n"),
        ("tuning: {ranges: {eta: {min: 0.1, max: 0.3}}}\n", ""),
    ],
)
def test_what_a_person_changes_is_news_after_the_upgrade_too(then: str, now: str) -> None:
    dataset, before = stored_by_0_1_0(then)

    assert begins(dataset, seen(now, deployment=DEPLOYMENT.id, former=before.former))


def test_other_data_are_news_after_the_upgrade_too() -> None:
    dataset, now = stored_by_0_1_0("")

    assert begins(dataset, replace(now, objects=(data(etag="bbbb"),)))
