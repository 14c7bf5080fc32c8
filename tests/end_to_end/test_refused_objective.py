"""The whole relay where SageMaker takes only the objectives its page lists: the run goes on, and says with what."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.cloud import EmbeddedCloud
from local.containers.xgboost.objectives import UNLISTED
from tests.end_to_end.conftest import User

pytestmark = [pytest.mark.xdist_group("end_to_end"), pytest.mark.slow]


@pytest.fixture(scope="module")
def cloud(alone: None) -> Iterator[EmbeddedCloud]:
    with EmbeddedCloud(refused_objectives=UNLISTED) as started:
        yield started


def test_an_objective_that_is_refused_costs_a_call_and_is_told_in_mail_and_report(
    user: User, examples: Callable[[str], Path]
) -> None:
    settings = "target: progression\nhyperparameters: {num_round: 20}\n"
    settings += "tuning: {objective: r2, trials: 2, ranges: {max_depth: {min: 2, max: 4}}}\n"
    user.puts("datasets/sugar/relay.yaml", settings.encode())
    user.copies(examples("diabetes"), "datasets/sugar/train/diabetes.csv")
    mail = user.waits_for_mail("sugar")

    told = "SageMaker refused to tune for validation:r2, which relay.yaml asks for. It was tuned for validation:mse"
    assert told in mail.body
    assert mail.attributes["kind"] in {"promoted", "rejected"}
    run = mail.attributes["run"]
    trials = json.loads(user.reads(f"runs/{run}/tuning/trials.json"))
    assert (trials["objective"], trials["instead_of"]) == (
        {"metric": "validation:mse", "type": "Minimize"},
        "validation:r2",
    )
    assert [trial["status"] for trial in trials["trials"]] == ["Completed"] * 2
    report = user.reads(f"runs/{run}/evaluation/report.html").decode()
    assert "SageMaker refused to tune for <code>validation:r2</code>" in report
    tunings = [name for name in user.jobs("sugar") if name.endswith("tune-1")]
    assert len(tunings) == 1
