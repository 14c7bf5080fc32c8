"""The whole job as SageMaker starts it: a process, real HTTP through boto3, a really trained model, real files."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from sklearn import metrics as oracle

from tests.evaluate.loopback import serving
from tests.evaluate.trained import Trained, train, trials_of, write_files
from tests.warm import Ended, Warm

CANDIDATE, LIVE = "clinic-1a2b3c4d-candidate", "sagerelay-clinic"
ROOT = Path(__file__).resolve().parents[2]


def surroundings(address: str, message: Path) -> Mapping[str, str]:
    return {
        "AWS_ENDPOINT_URL": address, "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test", "SAGERELAY_MESSAGE_FILE": str(message), "PYTHONPATH": str(ROOT),
    }  # fmt: skip


def run_from_nothing(arguments: list[str], address: str, message: Path) -> Ended:
    """With warnings as errors, those of its imports too."""
    environment = {**os.environ, **surroundings(address, message)}
    command = [sys.executable, "-W", "error", "-m", "jobs.evaluate", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False, cwd="/")
    return Ended(done.returncode, done.stdout + done.stderr)


def run_job(warm: Warm, arguments: list[str], address: str, message: Path) -> Ended:
    return warm.job(["jobs.evaluate", *arguments], surroundings(address, message), Path("/"), message.parent / "log")


@pytest.fixture(scope="module")
def model() -> Trained:
    return train("binary")


def train_stump() -> Trained:
    return train("binary", rounds=1, max_depth=1)


def held_against(earlier: Trained, folder: Path) -> list[str]:
    """The arguments that name an earlier model's archives; the context names it, too."""
    write_files(earlier, folder / "then", encoder=True)
    context = json.loads((folder / "context/context.json").read_text())
    context["best"] = {"run": "clinic-0badcafe", "promoted": "2026-10-01T00:00:00Z"}
    (folder / "context/context.json").write_text(json.dumps(context))
    then = folder / "then"
    return ["--best", str(then / "model/model.tar.gz"), "--best-encoder", str(then / "encoder/model.tar.gz")]


def test_evaluates_candidate_and_live_model_through_their_endpoints(model: Trained, tmp_path: Path) -> None:
    arguments, stump = write_files(model, tmp_path, live=True, trials=trials_of(), encoder=True), train_stump()
    arguments += held_against(stump, tmp_path)
    with serving({CANDIDATE: model, LIVE: stump}, failures=1) as address:
        ended = run_from_nothing(arguments, address, tmp_path / "message")
    assert ended.returncode == 0, ended.output
    evaluation = json.loads((tmp_path / "output/evaluation.json").read_text())
    ours = evaluation["sagerelay"]
    with (tmp_path / "output/predictions/predictions.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    actual = model.test["target"].tolist()
    assert [row["actual"] for row in rows] == actual
    assert [int(row["row"]) for row in rows] == list(range(2, len(actual) + 2))
    chances = [float(row["p(malignant)"]) for row in rows]
    truth = [word == "malignant" for word in actual]
    assert ours["metrics"]["auc"]["value"] == pytest.approx(oracle.roc_auc_score(truth, chances), abs=1e-9)
    assert ours["metrics"]["accuracy"]["value"] == pytest.approx(
        oracle.accuracy_score(actual, [row["predicted"] for row in rows])
    )
    assert ours["metrics"]["auc"]["low"] < ours["metrics"]["auc"]["value"] <= ours["metrics"]["auc"]["high"]
    assert ours["live"]["unavailable"] is None
    assert ours["comparison"]["auc"]["difference"] == pytest.approx(
        ours["metrics"]["auc"]["value"] - ours["live"]["metrics"]["auc"]["value"]
    )
    assert ours["comparison"]["log_loss"]["high"] < 0  # a stump of one round is worse, beyond chance
    earlier = ours["best_earlier"]  # the live model once more, from its archives
    assert earlier["value"] == pytest.approx(ours["live"]["metrics"]["auc"]["value"], abs=1e-6)
    assert earlier["difference"]["difference"] == pytest.approx(ours["comparison"]["auc"]["difference"], abs=1e-6)
    assert earlier["rows"] == len(actual)
    assert ours["requests"]["retried"] == 1
    assert sum(entry["gain"] for entry in ours["importance"]) == pytest.approx(1)
    permuted = ours["permutation_importance"]
    assert permuted["value"] == pytest.approx(ours["metrics"]["log_loss"]["value"], abs=1e-6)  # the endpoint's own
    assert {entry["column"] for entry in permuted["columns"]} == set(model.test.columns) - {"target"}
    assert next(entry["noise"] for entry in permuted["columns"] if entry["column"] == "ward")
    assert 0 < permuted["noise"] < len(permuted["columns"])
    assert not ours["effects"]["explained"]
    assert {one["column"] for one in ours["effects"]["columns"]} <= {
        one["column"] for one in permuted["columns"] if not one["noise"]
    }
    answers = json.loads((tmp_path / "output/answers.json").read_text())
    assert [column["name"] for column in answers["columns"]] == ["prediction", "p(malignant)"]
    assert answers["calibration"]["rows"] == answers["rows"] == len(actual)
    assert answers["calibration"]["realized"]["auc"] == ours["metrics"]["auc"]["value"]
    quality = evaluation["binary_classification_metrics"]
    assert quality["auc"]["value"] == ours["metrics"]["auc"]["value"]
    assert (tmp_path / "output/report.html").read_text().count("<!--sagerelay:verdict-->") == 1


def test_a_missing_candidate_endpoint_fails_with_its_own_words(model: Trained, tmp_path: Path, warm: Warm) -> None:
    arguments = write_files(model, tmp_path)
    with serving({}) as address:
        ended = run_job(warm, arguments, address, tmp_path / "message")
    assert ended.returncode == 1
    message = (tmp_path / "message").read_text()
    assert message.startswith("[unexpected] ")
    assert all(part in message for part in (CANDIDATE, "1 try", "status 400", "Endpoint not found"))
    assert not (tmp_path / "output/evaluation.json").exists()


def test_a_live_endpoint_that_fails_is_a_sentence_not_a_failure(model: Trained, tmp_path: Path, warm: Warm) -> None:
    arguments = write_files(model, tmp_path, live=True)
    with serving({CANDIDATE: model}) as address:
        ended = run_job(warm, arguments, address, tmp_path / "message")
    assert ended.returncode == 0, ended.output
    ours = json.loads((tmp_path / "output/evaluation.json").read_text())["sagerelay"]
    assert "Endpoint not found" in ours["live"]["unavailable"]
    assert ours["live"]["metrics"] is None
    assert ours["comparison"] is None


def test_an_encoder_that_cannot_be_read_is_a_sentence_not_a_failure(model: Trained, tmp_path: Path, warm: Warm) -> None:
    arguments = write_files(model, tmp_path, encoder=True)
    (tmp_path / "encoder/model.tar.gz").write_bytes(b"no archive")
    with serving({CANDIDATE: model}) as address:
        ended = run_job(warm, arguments, address, tmp_path / "message")
    assert ended.returncode == 0, ended.output
    ours = json.loads((tmp_path / "output/evaluation.json").read_text())["sagerelay"]
    assert "permutation_importance" not in ours
    assert "What the columns are worth on held-out rows cannot be told" in ours["warnings"][0]["sentence"]


@pytest.mark.parametrize("left", [None, b"{}"])
def test_a_live_model_whose_schema_is_lost_is_a_sentence_not_a_failure(
    model: Trained, tmp_path: Path, warm: Warm, left: bytes | None
) -> None:
    arguments = write_files(model, tmp_path, live=True)
    (tmp_path / "live/schema.json").unlink()
    if left is not None:
        (tmp_path / "live/schema.json").write_bytes(left)
    with serving({CANDIDATE: model, LIVE: model}) as address:
        ended = run_job(warm, arguments, address, tmp_path / "message")
    assert ended.returncode == 0, ended.output
    ours = json.loads((tmp_path / "output/evaluation.json").read_text())["sagerelay"]
    assert "schema.json" in ours["live"]["unavailable"]
    assert ours["comparison"] is None
