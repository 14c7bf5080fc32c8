"""The best earlier model of a pipeline: from its two archives, on the candidate's rows and in its terms; a sentence
where that cannot be."""

from __future__ import annotations

import copy
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as oracle

from jobs.documents.evaluation import BestEarlier
from jobs.encoding import write_artifact
from jobs.evaluate import best
from jobs.evaluate.answers import actual_values, predictions
from jobs.evaluate.artifact import HeldOut
from jobs.evaluate.best import Archives, asked, held_against_best, read
from jobs.evaluate.endpoint import Answer
from jobs.evaluate.live import request_columns
from jobs.tables.bodies import read_target, request_bodies
from tests.evaluate.trained import Trained, encoder_of, train, write_files

NAMED: Any = {"run": "clinic-0badcafe", "promoted": "2026-10-01T00:00:00Z"}


@dataclass(frozen=True)
class Case:
    """A candidate's rows and answers, and the archives of an earlier model that learned from less."""

    held_out: HeldOut
    archives: Archives
    earlier: Trained

    def told(self, archives: Archives | None = None) -> BestEarlier:
        found = held_against_best(NAMED, archives or self.archives, self.held_out)
        assert found
        return found


def case(folder: Path, task: str, metric: str) -> Case:
    candidate, earlier = train(task), train(task, rounds=2, max_depth=1)
    write_files(candidate, folder / "now")
    write_files(earlier, folder / "then", encoder=True)
    test: Path = folder / "now/test/test.csv"
    actual = actual_values(read_target(test, "target"), candidate.schema)
    bodies = request_bodies(test, request_columns(candidate.schema))
    answered = predictions(
        [Answer(body, candidate.answer(body.text), 1) for body in bodies], actual, candidate.schema, None
    )
    held_out = HeldOut(test, candidate.schema, answered, metric)
    then = folder / "then"
    return Case(held_out, Archives(then / "model/model.tar.gz", then / "encoder/model.tar.gz"), earlier)


@pytest.fixture(scope="module")
def binary(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return case(tmp_path_factory.mktemp("binary"), "binary", "auc")


def test_its_value_and_the_paired_difference_are_told(binary: Case) -> None:
    told = binary.told()

    chances = [float(line.split(",")[2]) for line in binary.earlier.answer(csv_of(binary)).splitlines()]
    truth = (binary.earlier.test["target"] == "malignant").tolist()
    assert told["value"] == pytest.approx(oracle.roc_auc_score(truth, chances), abs=1e-6)
    difference: Any = told["difference"]
    assert difference["difference"] > 0
    assert difference["low"] < difference["difference"] < difference["high"]
    assert (told["run"], told["metric"], told["rows"]) == (NAMED["run"], "auc", len(truth))
    assert told["unavailable"] is None


def csv_of(of: Case) -> str:
    text: str = of.earlier.test.to_csv(index=False)
    return text


def test_what_it_says_is_told_in_the_candidates_order_of_classes(binary: Case, tmp_path: Path) -> None:
    schema = copy.deepcopy(binary.held_out.schema)
    schema["classes"] = ["malignant", "benign"]
    model, known = read(binary.archives, tmp_path), binary.held_out

    straight, _ = asked(model, known)
    turned, _ = asked(model, HeldOut(known.test, schema, known.answered, "auc"))

    np.testing.assert_array_equal(turned.predicted, 1 - straight.predicted)
    assert straight.probability is not None
    assert turned.probability is not None
    np.testing.assert_array_equal(turned.probability, straight.probability[:, ::-1])
    assert np.mean(straight.predicted == known.answered.actual) > 0.8


def test_rows_are_asked_in_blocks_and_many_by_a_sample(
    binary: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = read(binary.archives, tmp_path)
    whole, answered = asked(model, binary.held_out)
    assert answered.rows == binary.held_out.answered.rows
    monkeypatch.setattr(best, "AT_ONCE", 17)
    np.testing.assert_array_equal(asked(model, binary.held_out)[0].predicted, whole.predicted)
    monkeypatch.setattr(best, "MOST_ROWS", 60)
    some, ours = asked(model, binary.held_out)
    assert some.rows == ours.rows == 60
    np.testing.assert_array_equal(some.actual, ours.actual)


def test_of_several_classes_and_of_numbers_too(tmp_path: Path) -> None:
    many = case(tmp_path / "many", "multiclass", "f1_macro")
    theirs, ours = asked(read(many.archives, tmp_path), many.held_out)
    assert theirs.probability is not None
    assert theirs.probability.shape == (ours.rows, 3)
    assert np.mean(theirs.predicted == ours.actual) > 0.7

    told = case(tmp_path / "numbers", "regression", "rmse").told()
    assert told["difference"]
    assert (told["difference"]["difference"] or 0) < 0


@pytest.mark.parametrize("lost", ["model", "encoder"])
@pytest.mark.parametrize("how", ["gone", "damaged", "empty"])
def test_what_is_gone_or_damaged_is_a_sentence(binary: Case, tmp_path: Path, lost: str, how: str) -> None:
    there = {"model": binary.archives.model, "encoder": binary.archives.encoder}
    paths = {name: Path(shutil.copy(path, tmp_path / f"{name}.tar.gz")) for name, path in there.items() if path}
    if how == "gone":
        paths[lost].unlink()
    else:
        paths[lost].write_bytes(b"" if how == "empty" else paths[lost].read_bytes()[:200])

    told = binary.told(Archives(paths["model"], paths["encoder"]))

    assert told["unavailable"]
    assert ("is gone" in told["unavailable"]) is (how == "gone")
    assert (told["value"], told["difference"], told["rows"]) == (None, None, None)


def test_a_column_that_no_longer_exists_is_named(binary: Case) -> None:
    schema = copy.deepcopy(binary.held_out.schema)
    schema["columns"] = [column for column in schema["columns"] if column["name"] != "mean_area"]
    here = HeldOut(binary.held_out.test, schema, binary.held_out.answered, "auc")

    told = held_against_best(NAMED, binary.archives, here)

    assert told
    assert told["unavailable"] == 'The best earlier model needs columns the new data does not have: "mean_area".'


def test_a_cell_that_it_cannot_read_is_a_sentence(binary: Case, tmp_path: Path) -> None:
    text = binary.held_out.test.read_text().splitlines()
    text[1] = ",".join([text[1].split(",")[0], "many", *text[1].split(",")[2:]])
    (tmp_path / "test.csv").write_text("\n".join(text) + "\n")
    here = HeldOut(tmp_path / "test.csv", binary.held_out.schema, binary.held_out.answered, "auc")

    told = held_against_best(NAMED, binary.archives, here)

    assert told
    assert "cannot be asked about these rows" in str(told["unavailable"])


def test_an_encoder_without_a_schema_is_a_sentence(binary: Case, tmp_path: Path) -> None:
    write_artifact(encoder_of(binary.earlier.schema), {"columns": 7}, tmp_path / "model.tar.gz")  # type: ignore[typeddict-item]

    told = binary.told(Archives(binary.archives.model, tmp_path / "model.tar.gz"))

    assert told["unavailable"] == "Its encoder's archive holds no schema that can be read."


def test_where_there_is_none_nothing_is_told(binary: Case) -> None:
    assert held_against_best(None, Archives(None, None), binary.held_out) is None
