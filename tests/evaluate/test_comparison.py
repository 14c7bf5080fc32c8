"""The models of several algorithms, each asked from its archives: the same figures as their endpoints' answers give."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from sklearn import metrics as oracle

from jobs.evaluate.comparison import beside_own, main
from tests.evaluate.trained import Trained, train, write_files


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], list[Trained]]:
    """A deep model, a shallow one, and one whose archive is gone."""
    folder = tmp_path_factory.mktemp("compared")
    models = [train("binary"), train("binary", rounds=2, max_depth=1)]
    for number, one in enumerate(models, 1):
        write_files(one, folder / str(number), encoder=True)
        for name in ("model", "encoder"):
            (folder / f"{name}-{number}").mkdir()
            shutil.copy(folder / str(number) / name / "model.tar.gz", folder / f"{name}-{number}")
    (folder / "prepared").mkdir()
    (folder / "prepared/schema.json").write_text(json.dumps(models[0].schema))
    named = [{"name": name, "title": name.title(), "seconds": None} for name in ("shallow", "deep", "gone")]
    contestants = {"version": 1, "run": "clinic-1a2b3c4d", "settings": {"gate": {"metric": "auc"}}}
    given = [named[1], named[0], named[2]]
    (folder / "contestants.json").write_text(json.dumps({**contestants, "contestants": given}))
    arguments = ["--contestants", folder / "contestants.json", "--prepared", folder / "prepared"]
    arguments += ["--test", folder / "1/test/test.csv", "--models", folder, "--output", folder / "out"]
    assert main([str(one) for one in arguments]) == 0
    return json.loads((Path(folder) / "out/comparison.json").read_text()), models


def test_each_has_the_figures_of_what_its_endpoint_answers(
    compared: tuple[dict[str, Any], list[Trained]],
) -> None:
    found, models = compared
    assert (found["metric"], found["loss"], [one["name"] for one in found["entries"]]) == (
        "auc",
        "log_loss",
        ["deep", "shallow", "gone"],
    )
    for one, model in zip(found["entries"], models, strict=False):
        asked = model.test.drop(columns="target").to_csv(index=False)
        chances = [float(line.split(",")[2]) for line in model.answer(asked).splitlines()]
        truth = (model.test["target"] == "malignant").tolist()
        assert one["metrics"]["auc"]["value"] == pytest.approx(oracle.roc_auc_score(truth, chances), abs=1e-6)
        assert one["answer_ms"].keys() == {"1", "1000"}


def test_one_that_is_gone_is_a_sentence_and_the_best_is_told_beside_the_next(
    compared: tuple[dict[str, Any], list[Trained]],
) -> None:
    found, _ = compared
    gone = found["entries"][2]
    assert gone["metrics"] == {}
    assert "Its model.tar.gz is gone." in gone["unavailable"]
    assert found["sentence"].startswith("Deep is ahead of Shallow: ROC AUC ")


def test_the_leaderboard_has_them_below_the_winners_own_or_alone(
    compared: tuple[dict[str, Any], list[Trained]],
) -> None:
    found: Any = compared[0]
    alone = beside_own(None, found, "deep")
    assert alone is not None
    assert [one["name"] for one in alone["entries"]] == ["algorithm:deep", "algorithm:shallow"]
    assert (alone["winner"], alone["sentence"]) == ("deep", found["sentence"])
    own: Any = {**alone, "entries": [{**alone["entries"][0], "name": "ensemble"}], "sentence": "A line would do."}
    both = beside_own(own, found, "deep")
    assert both is not None
    assert [one["name"] for one in both["entries"]] == ["ensemble", "algorithm:shallow"]
    assert both["sentence"] == f"{found['sentence']} A line would do."
    assert beside_own(own, None, "deep") is own
