"""An ensemble in one container: the evaluation through its endpoint, and beside it what its archive tells."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobs.evaluate.__main__ import evaluate
from jobs.evaluate.artifact import HeldOut, inside
from jobs.evaluate.best import Archives, asked, read
from jobs.schema import read_schema
from tests.evaluate import one_container
from tests.report.pages import Page

BEST = {"run": "clinic-0badcafe", "promoted": "2026-10-01T00:00:00Z"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("ensemble")
    one_container.trained(made, "binary", 900)
    arguments = one_container.arguments(made)
    context = json.loads(arguments.context.read_text())
    arguments.context.write_text(json.dumps({**context, "best": BEST}))
    arguments.best = made / "archive/model.tar.gz"
    evaluate(arguments, one_container.Endpoint(made / "model"))
    return made


@pytest.fixture(scope="module")
def ours(folder: Path) -> Any:
    return json.loads((folder / "evaluation/evaluation.json").read_text())["sagerelay"]


def test_every_contestant_is_on_the_leaderboard_and_the_ensemble_as_its_endpoint_answers(ours: Any) -> None:
    board = ours["leaderboard"]

    entries = {one["name"]: one for one in board["entries"]}
    assert list(entries) == ["naive", "linear", "xgboost", "trial", "ensemble"]
    for name in ("auc", "log_loss"):
        told = entries["ensemble"]["metrics"][name]
        assert told["value"] == pytest.approx(ours["metrics"][name]["value"], abs=1e-6)
        assert told["low"] == pytest.approx(ours["metrics"][name]["low"], abs=1e-6)
    assert entries["naive"]["metrics"]["auc"]["value"] == 0.5
    assert entries["linear"]["metrics"]["log_loss"]["value"] > entries["ensemble"]["metrics"]["log_loss"]["high"]
    assert not board["linear_would_do"]
    assert all(one["answer_ms"]["1000"] > 0 for one in entries.values())


def test_the_members_have_the_ensembles_weights_the_heaviest_first(folder: Path, ours: Any) -> None:
    document = json.loads((folder / "model/ensemble.json").read_text())

    members = ours["leaderboard"]["members"]
    assert sum(one["weight"] for one in members) == pytest.approx(1)
    assert [one["weight"] for one in members] == sorted((one["weight"] for one in members), reverse=True)
    kept = [{"title": one["title"], "weight": one["weight"]} for one in document["members"] if one["weight"]]
    assert sorted(members, key=str) == sorted(kept, key=str)


def test_columns_that_count_stand_above_noise(ours: Any) -> None:
    found = ours["permutation_importance"]

    assert {one["column"] for one in found["columns"][:2]} == {"bent", "line"}
    assert {one["column"] for one in found["columns"] if one["noise"]} == {"n1", "n2"}
    assert found["value"] == pytest.approx(ours["metrics"]["log_loss"]["value"], abs=1e-6)
    assert {one["column"] for one in ours["importance"]} == {"bent", "line"}  # no gains: their shares stand in
    assert sum(one["gain"] for one in ours["importance"]) == pytest.approx(1)


def test_how_the_columns_that_count_move_the_answer_is_known_and_drawn(folder: Path, ours: Any) -> None:
    found = {one["column"]: one for one in ours["effects"]["columns"]}
    assert set(found) == {"bent", "line"}
    assert {name: one["curves"][0]["direction"] for name, one in found.items()} == {"line": "rises", "bent": "valley"}
    assert found["line"]["curves"][0]["name"] == ours["positive_class"]
    assert ours["effects"]["explained"]
    text = Page((folder / "evaluation/report.html").read_text()).words
    for one in found.values():
        assert one["sentence"] in text


def test_the_threshold_is_the_ensembles_and_nothing_is_amiss(folder: Path, ours: Any) -> None:
    told = json.loads((folder / "model/ensemble.json").read_text())["decision"]

    assert ours["decision"] == told
    assert told["optimize"] == "f1"
    assert "importance-unavailable" not in [one["code"] for one in ours["warnings"]]
    text = " ".join(Page((folder / "evaluation/report.html").read_text()).text.split())
    assert "The ensemble beside simpler models" in text
    assert f"from a probability of {told['threshold']:.3g} on, chosen for F1" in text
    assert "no better than noise" in text


def test_as_the_best_earlier_model_it_is_asked_from_its_archive_alone(folder: Path, ours: Any) -> None:
    """The same model twice, so that the endpoint and the archive have to say the same."""
    told = ours["best_earlier"]

    assert (told["run"], told["metric"], told["rows"], told["unavailable"]) == (BEST["run"], "auc", ours["rows"], None)
    assert told["value"] == pytest.approx(ours["metrics"]["auc"]["value"], abs=1e-6)
    difference = told["difference"]
    assert (difference["difference"], difference["low"], difference["high"]) == (0, 0, 0)
    page = " ".join(Page((folder / "evaluation/report.html").read_text()).text.split())
    assert "The best earlier model, of run" in page
    assert "answered all of them from what its training left, without an endpoint. Its ROC AUC is" in page


def test_its_threshold_is_its_own(folder: Path, tmp_path: Path) -> None:
    schema = read_schema(folder / "prepared/schema.json")
    test, answered = one_container.answered(folder, schema)

    theirs, _ = asked(
        read(Archives(folder / "archive/model.tar.gz", None), tmp_path), HeldOut(test, schema, answered, "f1")
    )

    np.testing.assert_array_equal(theirs.predicted, answered.predicted)


@pytest.mark.slow
@pytest.mark.parametrize(("task", "loss"), [("multiclass", "log_loss"), ("regression", "rmse")])
def test_other_tasks_have_all_of_it_but_a_threshold(tmp_path: Path, task: str, loss: str) -> None:
    one_container.trained(tmp_path, task, 900, bend=0.0)
    evaluate(one_container.arguments(tmp_path, metric=loss), one_container.Endpoint(tmp_path / "model"))
    ours = json.loads((tmp_path / "evaluation/evaluation.json").read_text())["sagerelay"]

    board, found = ours["leaderboard"], ours["permutation_importance"]
    assert [list(one["metrics"]) for one in board["entries"]] == [[loss]] * 5
    assert board["entries"][4]["metrics"][loss]["value"] == pytest.approx(ours["metrics"][loss]["value"], abs=1e-6)
    assert board["linear_would_do"]  # a line is all there is
    assert [one["column"] for one in found["columns"] if not one["noise"]] == ["line"]
    assert "decision" not in ours
    assert "A linear model would do" in (tmp_path / "evaluation/report.html").read_text()


@pytest.mark.parametrize("missing", ["ensemble.json", "encoder.json", "leaderboard/trial.ubj"])
def test_an_archive_that_lacks_something_is_a_sentence_not_a_failure(
    folder: Path, tmp_path: Path, missing: str
) -> None:
    shutil.copytree(folder / "model", tmp_path / "model")
    (tmp_path / "model" / missing).unlink()
    one_container.packed(tmp_path)
    schema = read_schema(folder / "prepared/schema.json")
    answered = one_container.answered(folder, schema)

    found, warned = inside(tmp_path / "archive/model.tar.gz", None, HeldOut(answered[0], schema, answered[1], "auc"))

    assert found.leaderboard is None
    assert len(warned) == (0 if missing == "ensemble.json" else 1)
