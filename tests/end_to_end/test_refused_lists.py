"""The whole relay where SageMaker tunes no number over a list: a grid becomes trials at random, and all say so."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.cloud import EmbeddedCloud
from tests.end_to_end.conftest import User

pytestmark = [pytest.mark.xdist_group("end_to_end"), pytest.mark.slow]


@pytest.fixture(scope="module")
def cloud(alone: None) -> Iterator[EmbeddedCloud]:
    with EmbeddedCloud(refuses_lists=True) as started:
        yield started


def test_lists_that_are_refused_cost_a_call_and_are_told_in_mail_and_report(
    user: User, examples: Callable[[str], Path]
) -> None:
    settings = "target: progression\nhyperparameters: {num_round: 20}\n"
    settings += "tuning: {strategy: Grid, ranges: {max_depth: {values: [2, 4]}, subsample: {values: [1]}}}\n"
    user.puts("datasets/sugar/relay.yaml", settings.encode())
    user.copies(examples("diabetes"), "datasets/sugar/train/diabetes.csv")
    mail = user.waits_for_mail("sugar")

    told = "lists of values that relay.yaml gives for max_depth, subsample: it searched between the smallest and the"
    assert told in " ".join(mail.body.split())
    assert mail.attributes["kind"] in {"promoted", "rejected"}
    run = mail.attributes["run"]
    trials = json.loads(user.reads(f"runs/{run}/tuning/trials.json"))
    assert (trials["strategy"], trials["instead_of_strategy"]) == ("Random", "Grid")
    assert trials["instead_of_lists"] == ["max_depth", "subsample"]
    assert [trial["status"] for trial in trials["trials"]] == ["Completed"] * 2
    assert {trial["hyperparameters"]["max_depth"] for trial in trials["trials"]} <= {"2", "3", "4"}
    context = json.loads(user.reads(f"runs/{run}/context.json"))
    assert context["hyperparameters"]["subsample"] == "1"
    report = user.reads(f"runs/{run}/evaluation/report.html").decode()
    assert "<code>max_depth</code>, <code>subsample</code>: it searched between" in report
    assert "with the strategy Random and not Grid" in report
    tunings = [name for name in user.jobs("sugar") if name.endswith("tune-1")]
    assert len(tunings) == 1
