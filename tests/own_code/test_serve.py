"""What the functions of a user's script are asked, and what of their answers is passed on."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from jobs.own_code.serve import Served, WrongAnswerError

ROWS = "1,2\n3,nan\n"


class Model:
    """As scikit-learn's, of two classes."""

    def predict_proba(self, rows: object) -> object:
        return np.array([[0.25, 0.75]] * len(list(rows.index)))  # type: ignore[attr-defined]

    def predict(self, rows: object) -> object:
        return np.array([7.5] * len(list(rows.index)))  # type: ignore[attr-defined]


def served(folder: Path, script: str = "", task: str = "binary", classes: int = 2, model: object = None) -> Served:
    (folder / "own_train.py").write_text(script)
    told = {"script": "own_train.py", "task": task, "classes": classes}
    (folder / "sagerelay.json").write_text(json.dumps(told))
    sys.path.insert(0, str(folder))
    try:
        found = Served(folder)
    finally:
        sys.path.remove(str(folder))
        sys.modules.pop("own_train", None)
    found.model = model
    return found


def test_without_functions_of_its_own_a_script_is_not_imported(tmp_path: Path) -> None:
    one = served(tmp_path, "raise SystemExit('trained anew')\n", model=Model())
    assert one.answer(ROWS, "text/csv", "text/csv") == ("0.75\n0.75\n", "text/csv")
    assert list(one.rows(ROWS, "text/csv").columns) == ["f0", "f1"]


def test_a_number_is_predicted(tmp_path: Path) -> None:
    assert served(tmp_path, task="regression", classes=0, model=Model()).answer(ROWS, "", "")[0] == "7.5\n7.5\n"


def test_its_own_functions_take_the_places_of_ours(tmp_path: Path) -> None:
    script = (
        "def input_fn(data, content_type):\n    return data.splitlines()\n"
        "def predict_fn(rows, model):\n    return [len(row) / 10 for row in rows]\n"
        "def output_fn(predicted, accept):\n    return '\\n'.join(map(str, predicted))\n"
    )
    assert served(tmp_path, script).answer(ROWS, "text/csv", "text/csv") == ("0.3\n0.5\n", "text/csv")


@pytest.mark.parametrize(
    ("answers", "task", "classes", "told"),
    [
        ("[0.5]", "binary", 2, r"by an array of the shape \(1,\); it has to answer the probability"),
        ("['a', 'b']", "binary", 2, "something else than numbers"),
        ("[0.5, float('nan')]", "binary", 2, "numbers that are none"),
        ("[0.5, 1.5]", "binary", 2, "probabilities outside 0 and 1"),
        ("[[0.5, 0.5], [0.5, 0.5]]", "multiclass", 3, r"it has to answer a probability for each of 3 classes"),
        ("[[1, 2], [3, 4]]", "regression", 0, r"it has to answer one number a row: \(2,\)"),
    ],
)
def test_an_answer_that_no_caller_can_be_given_is_refused(
    tmp_path: Path, answers: str, task: str, classes: int, told: str
) -> None:
    script = f"def predict_fn(rows, model):\n    return {answers}\n"
    with pytest.raises(WrongAnswerError, match=told):
        served(tmp_path, script, task, classes).answer(ROWS, "text/csv", "text/csv")


def test_a_model_without_probabilities_says_what_to_take(tmp_path: Path) -> None:
    with pytest.raises(WrongAnswerError, match="object has no predict_proba, and classes need a probability each"):
        served(tmp_path, model=object()).answer(ROWS, "text/csv", "text/csv")
