"""Several algorithms: each is tuned and trained, they are compared on the same rows, and the best of them goes live."""

from __future__ import annotations

import json

import pytest

from tests.end_to_end import tables
from tests.end_to_end.conftest import User

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("end_to_end")]  # what it decides is proved in memory, too

SETTINGS = b"algorithm: [xgboost, auto]\ntarget: churned\ntuning: {trials: 1, parallel: 1}\n"


def test_the_best_of_several_algorithms_goes_live_and_all_are_on_the_leaderboard(user: User) -> None:
    user.puts("datasets/contest/relay.yaml", SETTINGS)
    user.puts("datasets/contest/train/jan.csv", tables.text().encode())

    mail = user.waits_for_mail("contest")

    assert (mail.attributes["kind"], mail.attributes["severity"]) == ("promoted", "info"), mail.body
    run = mail.attributes["run"]
    started = [f"{run}-{step}" for step in ("prepare-1", "tune-1", "train-1", "tune-2", "train-2", "compare-1")]
    assert user.jobs("contest") == dict.fromkeys([*started, f"{run}-evaluate-1"], "Completed")
    compared = json.loads(user.reads(f"runs/{run}/comparison/comparison.json"))
    values = {one["name"]: one["metrics"]["auc"]["value"] for one in compared["entries"]}
    assert values.keys() == {"xgboost", "auto"}
    best = max(values, key=lambda name: values[name])

    found = user.evaluation(run)
    assert found["metrics"]["auc"]["value"] == pytest.approx(values[best], abs=1e-6)  # the same rows, by its endpoint
    board = found["leaderboard"]
    assert board["winner"] == best
    lines = {one["name"] for one in board["entries"]}
    assert {f"algorithm:{name}" for name in values if name != best} <= lines
    assert lines >= ({"ensemble"} if best == "auto" else {f"algorithm:{best}"})
    assert compared["sentence"] in board["sentence"]
    schema = json.loads(user.reads(f"runs/{run}/prepared/schema.json"))
    assert (schema["algorithm"], "forms" in schema) == (best, False)
    for name in ("XGBoost", "SageRelay's ensemble"):
        assert name in mail.body
        assert name.replace("'", "&#39;") in user.reads(f"runs/{run}/evaluation/report.html").decode()
    assert user.asks("contest", "Bonn,60,1900\n")
