"""The stand-in trains, prints, fails and resumes as the container does."""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import xgboost

from local.containers.xgboost.training import train
from tests.containers.jobs import BINARY, job, metric_lines, rows


def failure(root: Path) -> str:
    return (root / "output" / "failure").read_text()


def loaded(root: Path) -> xgboost.Booster:
    booster = xgboost.Booster()
    booster.load_model(bytearray((root / "model" / "xgboost-model").read_bytes()))
    return booster


@pytest.mark.parametrize("form", ["parquet", "csv", "libsvm"])
def test_every_format_trains_the_same_model(tmp_path: Path, form: str, capfd: pytest.CaptureFixture[str]) -> None:
    data = rows()
    assert train(job(tmp_path, BINARY, form=form, data=data)) == 0
    printed = metric_lines(capfd.readouterr().out)
    assert len(printed) == 4
    part = data[: len(data) * 3 // 4]
    plain = xgboost.train(
        {"objective": "binary:logistic", "nthread": 1}, xgboost.DMatrix(part[:, 1:], label=part[:, 0]), 4
    )
    features = data[:, 1:]
    np.testing.assert_allclose(loaded(tmp_path).inplace_predict(features), plain.inplace_predict(features), rtol=1e-5)
    held_out = data[len(part) :]
    wrong = ((plain.inplace_predict(held_out[:, 1:]) > 0.5) != held_out[:, 0]).mean()
    assert printed[-1]["validation:error"] == pytest.approx(wrong, abs=1e-5)


def test_the_model_is_ubjson_without_names(tmp_path: Path) -> None:
    assert train(job(tmp_path, BINARY)) == 0
    assert (tmp_path / "model" / "xgboost-model").read_bytes().startswith(b"{L")
    assert [path.name for path in (tmp_path / "model").iterdir()] == ["xgboost-model"]
    assert loaded(tmp_path).feature_names is None


def test_missing_cells_stay_missing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    data = rows()
    data[::3, 1:] = np.nan
    for form in ("csv", "parquet"):
        assert train(job(tmp_path / form, BINARY, form=form, data=data)) == 0
    printed = metric_lines(capfd.readouterr().out.replace("[0]", "[0]", 1).split("SUCCESS")[0])
    assert printed[-1]["train:error"] < 0.2
    every = data[:, 1:]
    np.testing.assert_allclose(
        loaded(tmp_path / "csv").inplace_predict(every), loaded(tmp_path / "parquet").inplace_predict(every), rtol=1e-5
    )


def test_accuracy_is_wrong_for_binary_problems_as_in_the_container(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    wanted = BINARY | {"eval_metric": "accuracy,error", "_tuning_objective_metric": "validation:f1_binary"}
    assert train(job(tmp_path, wanted)) == 0
    data = rows()
    positive = data[len(data) * 3 // 4 :, 0].mean()
    values = metric_lines(capfd.readouterr().out)
    assert [line["validation:accuracy"] for line in values] == pytest.approx([positive] * 4, abs=1e-5)
    assert values[-1]["validation:error"] < 0.1 < 1 - positive
    assert values[-1]["validation:f1_binary"] == pytest.approx(2 * positive / (1 + positive), abs=1e-5)


def test_accuracy_is_right_for_several_classes(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    wanted = {"num_round": "5", "objective": "multi:softprob", "num_class": "3", "eval_metric": "accuracy,merror"}
    assert train(job(tmp_path, wanted, data=rows("multiclass"))) == 0
    last = metric_lines(capfd.readouterr().out)[-1]
    assert last["validation:accuracy"] == pytest.approx(1 - last["validation:merror"], abs=2e-5)
    assert last["validation:accuracy"] > 0.8


def test_early_stopping_keeps_the_best_round(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    wanted = BINARY | {"num_round": "200", "eval_metric": "logloss", "early_stopping_rounds": "3", "eta": "0.9"}
    assert train(job(tmp_path, wanted)) == 0
    values = [line["validation:logloss"] for line in metric_lines(capfd.readouterr().out)]
    assert len(values) < 200
    assert loaded(tmp_path).num_boosted_rounds() == int(np.argmin(values)) + 1 == len(values) - 3


def test_checkpoints_are_kept_to_five_and_resumed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    root = job(tmp_path, BINARY | {"num_round": "7"}, checkpoints=True)
    assert train(root) == 0
    assert sorted(path.name for path in (root / "checkpoints").iterdir()) == [
        f"xgboost-checkpoint.{n}" for n in range(2, 7)
    ]
    (root / "input" / "config" / "hyperparameters.json").write_text(json.dumps(BINARY | {"num_round": "10"}))
    capfd.readouterr()
    assert train(root) == 0
    printed = capfd.readouterr().out
    assert "Resuming from iteration 7" in printed
    assert len(metric_lines(printed)) == 3
    assert loaded(root).num_boosted_rounds() == 10


def test_a_header_becomes_one_more_row(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    root = job(tmp_path, BINARY, form="csv")
    file = root / "input" / "data" / "train" / "0.csv"
    file.write_text(",".join(f"column{n}" for n in range(31)) + "\n" + file.read_text())
    assert train(root) == 0
    assert "Train matrix has 427 rows" in capfd.readouterr().out  # 426, and the header


def test_files_that_begin_with_an_underscore_are_passed_over_and_hidden_ones_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    root = job(tmp_path, BINARY)
    (root / "input" / "data" / "train" / "_SUCCESS").write_text("not data")
    assert train(root) == 0
    assert "Train matrix has 426 rows" in capfd.readouterr().out
    (root / "input" / "data" / "train" / ".hidden").write_text("x")
    assert train(root) == 1
    assert "Hidden file found in the data path!" in failure(root)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"max_dept": "3"}, "UserError: Extraneous hyperparameter found: max_dept"),
        ({"objective": "multi:softprob"}, "UserError: Require input for parameter 'num_class'"),
        ({"objective": "multi:softprob", "num_class": "3", "eval_metric": "auc"}, "Metric 'auc' can only be applied"),
        ({"objective": "multi:softprob", "num_class": "2", "eval_metric": "merror"}, None),
        ({"_kfold": "1"}, "Hyperparameter _kfold: 1 is not in [2, +inf)"),
        ({"objective": "reg:gamma", "eval_metric": "rmse", "base_score": "0"}, "AlgorithmError: XGB train call failed"),
    ],
)
def test_what_fails_leaves_its_reason(tmp_path: Path, change: dict[str, str], sentence: str | None) -> None:
    root = job(tmp_path, BINARY | change)
    assert train(root) == (0 if sentence is None else 1)
    if sentence:
        assert failure(root).startswith("framework error: \n")
        assert sentence in failure(root)
        assert not (root / "model" / "xgboost-model").exists()


SEVERAL = {"num_round": "2", "objective": "multi:softprob", "num_class": "3"}


def test_a_metric_for_two_classes_on_three_is_the_users_error(tmp_path: Path) -> None:
    root = job(tmp_path, SEVERAL | {"eval_metric": "f1_binary"}, data=rows("multiclass"))
    assert train(root) == 1
    assert "exceptions.UserError: Target is multiclass but average='binary'" in failure(root)


def test_labels_out_of_range_are_reported_in_xgboosts_words_without_addresses(tmp_path: Path) -> None:
    data = rows("multiclass")
    data[:, 0] += 1
    root = job(tmp_path, SEVERAL, data=data)
    assert train(root) == 1
    # The container looks for an older wording of this message, so that it does not count as the user's error.
    assert "exceptions.AlgorithmError: XGB train call failed with exception" in failure(root)
    assert failure(root).endswith("label must be discrete values in the range of [0, num_class).")


def test_an_empty_channel_is_named_by_its_place_in_the_container(tmp_path: Path) -> None:
    root = job(tmp_path, BINARY)
    for file in (root / "input" / "data" / "validation").iterdir():
        file.unlink()
    assert train(root) == 1
    assert failure(root).endswith("UserError: No data in validation channel path /opt/ml/input/data/validation")


def test_many_jobs_in_one_process_leave_nothing_behind(tmp_path: Path) -> None:
    before = (Path.cwd(), dict(os.environ), list(logging.getLogger().handlers), signal.getsignal(signal.SIGTERM))
    stopping = BINARY | {"save_model_on_termination": "true"}
    models = []
    for place in range(3):
        root = job(tmp_path / str(place), stopping)
        assert train(root) == 0
        models.append((root / "model" / "xgboost-model").read_bytes())
    assert len(set(models)) == 1
    assert before == (
        Path.cwd(),
        dict(os.environ),
        list(logging.getLogger().handlers),
        signal.getsignal(signal.SIGTERM),
    )


def test_sigterm_leaves_the_model_so_far(tmp_path: Path) -> None:
    root = job(tmp_path, BINARY | {"num_round": "100000", "save_model_on_termination": "true"})
    process = subprocess.Popen(
        [sys.executable, "-m", "local.containers.xgboost.training", "--root", str(root)], stdout=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 120
        while not (root / "model" / "xgboost-model").exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.terminate()
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
    assert loaded(root).num_boosted_rounds() >= 1
