"""What a training script that did not end well is said to have died of: a line of the script, and no cell."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from jobs.algorithms.rows import write_parquet
from jobs.own_code import launch
from jobs.own_code.laid import write_ours
from jobs.schema import Schema

ROWS = np.arange(24, dtype=np.float32).reshape(12, 2)
LABELS = np.arange(12) % 2
METRIC = "print('auc=0.9')\n"
SAVES = """import joblib, os
from sklearn.dummy import DummyClassifier
joblib.dump(DummyClassifier().fit([[0], [1]], [0, 1]), os.environ["SM_MODEL_DIR"] + "/model.joblib")
"""


def trained(
    folder: Path,
    script: str,
    *arguments: str,
    monkeypatch: pytest.MonkeyPatch,
    mode: str = "trial",
    task: str = "binary",
    classes: int = 2,
) -> tuple[int, str]:
    """The exit code, and what is left in output/failure."""
    code = folder / "code"
    code.mkdir()
    (code / "train.py").write_text(script)
    schema: Schema = {"task": task, "classes": [str(one) for one in range(classes)]}  # type: ignore[typeddict-item]
    write_ours(folder, {"script": "train.py", "metrics": {"validation:auc": "auc=([0-9.]+)"}}, schema)
    for name in ("model", "output", "plan", "schema"):
        (folder / name).mkdir()
    (folder / "plan/plan.json").write_text(json.dumps({"mode": mode, "metric": "auc"}))
    (folder / "schema/schema.json").write_text("{}")
    write_parquet(folder / "validation/validation.parquet", LABELS, ROWS)
    monkeypatch.setattr(launch, "HERE", code)
    environment = {
        "PATH": "/usr/bin:/bin",
        "SM_MODEL_DIR": str(folder / "model"),
        "SM_OUTPUT_DIR": str(folder / "output"),
        "SM_CHANNEL_PLAN": str(folder / "plan"),
        "SM_CHANNEL_SCHEMA": str(folder / "schema"),
        "SM_CHANNEL_VALIDATION": str(folder / "validation"),
    }
    ended = launch.main(environment, arguments)
    failure = folder / "output/failure"
    return ended, failure.read_text() if failure.exists() else ""


def test_one_that_ends_well_leaves_its_model_and_the_code_that_serves_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert trained(tmp_path, METRIC + SAVES, monkeypatch=monkeypatch) == (0, "")
    left = {path.relative_to(tmp_path / "model").as_posix() for path in (tmp_path / "model").rglob("*.*")}
    names = ("sagerelay.json", "sagerelay_schema.json", "sagerelay_serve.py", "sagerelay_train.py", "train.py")
    assert left >= {"model.joblib", *(f"code/{name}" for name in names)}


@pytest.mark.parametrize(
    ("script", "told"),
    [
        (
            "x = 1\nfloat('Ada Lovelace')\n",
            "[script-failed] train.py failed in line 2: ValueError; its log has the words.",
        ),
        (
            "def f():\n    return unheard_of\n\nf()\n",
            "[script-failed] train.py failed in line 2: NameError: name 'unheard_of' is not defined.",
        ),
        ("raise MemoryError\n", "[out-of-memory] memory ran out in line 1."),
        (
            "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n",
            "[out-of-memory] the system killed train.py, as it does when memory runs out.",
        ),
        ("import sys\nsys.exit(3)\n", "[script-failed] train.py ended with exit code 3; its log says why."),
        (
            SAVES,
            "[script-metric] train.py ended without printing what is tuned for: no line of its output is found by",
        ),
        (METRIC, "[script-model] train.py ended and left no model: it has to write it into the folder SM_MODEL_DIR."),
        (
            METRIC + "import os\nopen(os.environ['SM_MODEL_DIR'] + '/m', 'w').close()\n",
            "[script-answers] train.py left no model.joblib in SM_MODEL_DIR and has no model_fn",
        ),
        (
            METRIC + SAVES + "def predict_fn(rows, model):\n    return [0.5]\n",
            "[script-answers] the model of train.py answers 5 rows by an array of the shape (1,); it has to answer the",
        ),
        (
            METRIC + SAVES + "def predict_fn(rows, model):\n    return rows.nothing\n",
            "[script-answers] the model that was trained does not answer. train.py failed in line 6: AttributeError: '",
        ),
        (
            METRIC
            + SAVES
            + "def predict_fn(rows, model):\n    import signal\n    os.kill(os.getpid(), signal.SIGKILL)\n",
            "[out-of-memory] the system killed train.py, as it does when memory runs out.",
        ),
    ],
)
def test_what_went_wrong_is_a_sentence_with_the_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, told: str
) -> None:
    ended, said = trained(tmp_path, script, monkeypatch=monkeypatch)
    assert ended == 1
    assert said.startswith(told)
    assert "Ada" not in said


def test_a_hyperparameter_that_the_script_does_not_take_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = "import argparse\nargparse.ArgumentParser().parse_args()\n"
    ended, said = trained(tmp_path, script, "--depth", "3", monkeypatch=monkeypatch)
    assert ended == 1
    assert said.startswith("[script-arguments] train.py does not take the hyperparameter depth, which relay.yaml sets")


def test_classes_that_are_not_all_answered_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, said = trained(tmp_path, SAVES, monkeypatch=monkeypatch, mode="ensemble", task="multiclass", classes=3)
    assert "answers 5 rows by an array of the shape (5, 2); it has to answer a probability for each of 3" in said


def test_the_script_gets_the_arguments_and_the_variables_of_a_script(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = "import os, sys\nopen(os.environ['SM_OUTPUT_DIR'] + '/seen', 'w').write(os.environ['SM_USER_ENTRY_POINT']"
    trained(tmp_path, script + " + str(sys.argv))\n", "--depth", "3", monkeypatch=monkeypatch)
    assert (tmp_path / "output/seen").read_text() == "train.py['train.py', '--depth', '3']"
    assert sys.argv != ["train.py", "--depth", "3"]
