"""The model before the live one on the same labelled rows: its figure and the live one's, and which is better."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn import metrics as oracle

from jobs.evaluate.best import Archives
from jobs.ground_truth.before import held_against_before
from jobs.ground_truth.check import Subject, beside_before
from jobs.metrics.catalogue import CATALOGUE
from jobs.metrics.predictions import Predictions
from tests.evaluate.trained import Trained, train, write_files
from tests.ground_truth import traffic

NAMED: Any = {"run": "clinic-0badcafe", "promoted": "2026-10-01T00:00:00Z", "artifact": "s3://b/model.tar.gz"}
NOWHERE = Archives(None, None)


@dataclass(frozen=True)
class Case:
    """A good predecessor, and a poor live model that was asked about the same rows."""

    before: Trained
    archives: Archives
    cells: pa.Table
    answered: Predictions

    def told(self, **changes: Any) -> Any:
        given = {
            "archives": self.archives,
            "cells": self.cells,
            "answered": self.answered,
            "schema": self.before.schema,
        }
        given |= {"entry": CATALOGUE["rmse" if self.answered.task == "regression" else "accuracy"]}
        return held_against_before(NAMED, **{**given, **changes})


def said(model: Trained) -> list[list[str]]:
    """What it answers to the test rows."""
    lines = model.answer(model.test.drop(columns="target").to_csv(index=False)).splitlines()
    return [line.split(",") for line in lines]


def answers(model: Trained) -> Predictions:
    truth = model.test["target"]
    if model.schema["task"] == "regression":
        return Predictions("regression", truth.to_numpy(float), np.array([line[0] for line in said(model)], float))
    chances = np.array([line[1:] for line in said(model)], float)
    places = truth.map(model.schema["classes"].index).to_numpy(np.int64)
    return Predictions("binary", places, chances.argmax(axis=1), chances, 1)


@pytest.fixture(scope="module", params=["binary", "regression"])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = tmp_path_factory.mktemp("before")
    before, live = train(request.param, rounds=12), train(request.param, rounds=1, max_depth=1)
    write_files(before, folder, encoder=True)
    archives = Archives(folder / "model/model.tar.gz", folder / "encoder/model.tar.gz")
    text = before.test.drop(columns="target").astype(str)
    cells = pa.table({name: pa.array(text[name].tolist(), pa.string()) for name in text.columns})
    return Case(before, archives, cells, answers(live))


def test_both_figures_are_of_the_same_rows_and_the_better_one_is_named(case: Case) -> None:
    told, truth = case.told(), case.answered.actual
    of = oracle.root_mean_squared_error if case.answered.task == "regression" else oracle.accuracy_score
    value, live = of(truth, answers(case.before).predicted), of(truth, case.answered.predicted)
    assert (told["value"], told["live"]) == (pytest.approx(value, rel=1e-5), pytest.approx(live, rel=1e-5))
    assert told["difference"]["difference"] == pytest.approx(live - value, rel=1e-4)
    assert (told["run"], told["rows"], told["better"]) == ("clinic-0badcafe", len(truth), True)
    assert told["sentence"].startswith(f"The model before it (run clinic-0badcafe) on the same {len(truth):,} rows: ")
    assert told["sentence"].endswith("it is better.")


def test_a_model_is_no_better_than_itself(case: Case) -> None:
    told = case.told(answered=answers(case.before))
    assert told["better"] is not True
    assert told["value"] == pytest.approx(told["live"], rel=1e-5)


def test_what_cannot_be_asked_is_a_sentence(case: Case, tmp_path: Path) -> None:
    (tmp_path / "model.tar.gz").write_bytes(b"no archive")
    other = copy.deepcopy(case.before.schema) | {"target": "outcome"}
    words = case.cells.set_column(1, case.cells.column_names[1], pa.array(["many"] * case.cells.num_rows))
    for changes, why in (
        ({"archives": NOWHERE}, "Its model.tar.gz is gone."),
        ({"archives": Archives(tmp_path / "model.tar.gz", None)}, "What is left of it cannot be asked"),
        ({"schema": other}, 'predicts "target", the live one "outcome"'),
        ({"cells": words}, "It refuses 51 of"),
    ):
        told = case.told(**changes)
        assert (told["better"], told["rows"], told["value"]) == (None, 0, None)
        assert why in told["unavailable"]
        assert "was not asked about these rows" in told["sentence"]


def test_without_such_a_model_or_enough_labels_nothing_is_told(case: Case) -> None:
    assert held_against_before(None, NOWHERE, case.cells, case.answered, case.before.schema, CATALOGUE["rmse"]) is None
    subject = Subject(traffic.window(before=NAMED), traffic.schema(), traffic.evaluation())
    few: Any = {"state": "not-enough-labels", "metric": "accuracy"}
    assert beside_before(subject, None, few, NOWHERE) is None  # type: ignore[arg-type]
