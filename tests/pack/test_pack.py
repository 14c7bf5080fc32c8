"""One archive of the built-in's two: it answers what the pipeline of three answers."""

from __future__ import annotations

import json
import math
import tarfile
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from jobs.algorithms import BUILT_IN, ImportanceError
from jobs.ensemble.model import Ensemble
from jobs.evaluate.artifact import is_served_as_it_is, unpacked
from jobs.pack.__main__ import main
from local.containers.reply import REQUEST_HEADERS, Container
from local.containers.xgboost.script import ScriptService
from local.serving.config import read_config
from local.serving.pipeline import load
from tests.serving.endpoints import ROW, configuration, trained

SERVED = {"SAGEMAKER_PROGRAM": "serve.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}
LINES = "application/jsonlines"
ROWS = f"{ROW}\n,,,,,\n61.5,no,basic,town 7,,\n22,yes,plus,nowhere,01.01.2021 00:00,".encode()
FORMS: dict[str, dict[str, Any]] = {
    "binary": {},
    "multiclass": {},
    "regression": {},
    "forest": {"num_parallel_tree": 3, "subsample": 0.5},
    "dart": {"booster": "dart", "rate_drop": 0.5, "skip_drop": 0.0, "seed": 5},
    "line": {"booster": "gblinear"},
    "begun elsewhere": {"base_score": 0.2},
}


class Both(NamedTuple):
    """The same model as a pipeline and in one container, and the one's archive."""

    pipeline: Container
    one: Container
    archive: Path


def packed(directory: Path, model: Path) -> int:
    (directory / "trained").mkdir(exist_ok=True)
    with tarfile.open(directory / "trained/model.tar.gz", "w:gz") as archive:
        for path in model.iterdir():
            archive.add(path, arcname=path.name)
    arguments = {"model": directory / "trained", "encoder": directory / "model.tar.gz", "output": directory / "packed"}
    return main([part for name, path in arguments.items() for part in (f"--{name}", str(path))])


@pytest.fixture(scope="module", params=list(FORMS))
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Both:
    directory = tmp_path_factory.mktemp("both")
    task = request.param if request.param in {"multiclass", "regression"} else "binary"
    folders = trained(directory, task, **FORMS[request.param])
    assert packed(directory, folders["algorithm"]) == 0
    archive = directory / "packed/model.tar.gz"
    with tarfile.open(archive) as whole:
        whole.extractall(directory / "one", filter="data")
    pipeline = load(read_config(configuration(directory, folders)).containers)
    return Both(pipeline, ScriptService(directory / "one", SERVED), archive)


def explained(container: Container) -> list[Any]:
    token = REQUEST_HEADERS.set({"x-amzn-sagemaker-custom-attributes": "explain=true"})
    try:
        reply = container.invoke(ROWS, "text/csv", LINES)
    finally:
        REQUEST_HEADERS.reset(token)
    assert reply.status == 200, reply.body
    return [json.loads(line) for line in reply.body.decode().splitlines()]


def numbers(answer: Any) -> list[float]:
    return list(answer["probabilities"].values()) if "probabilities" in answer else [answer["prediction"]]


def test_one_container_answers_as_the_pipeline_does(both: Both) -> None:
    for accept in ("text/csv", LINES, "application/json"):
        one, pipeline = (served.invoke(ROWS, "text/csv", accept) for served in (both.one, both.pipeline))
        assert (one.status, one.content_type) == (pipeline.status, pipeline.content_type) == (200, one.content_type)
    asked = [served.invoke(ROWS, "text/csv", LINES).body.decode().splitlines() for served in (both.one, both.pipeline)]
    for mine, theirs in zip(*(map(json.loads, lines) for lines in asked), strict=True):
        assert mine.get("label") == theirs.get("label")
        assert numbers(mine) == pytest.approx(numbers(theirs), rel=1e-6, abs=1e-7)


def test_a_cell_that_cannot_be_read_is_refused_in_the_same_words(both: Both) -> None:
    replies = [served.invoke(ROWS + b"\nforty,,,,,", "text/csv", None) for served in (both.one, both.pipeline)]
    assert [reply.status for reply in replies] == [400, 400]
    assert replies[0].body == replies[1].body


def test_it_explains_what_a_pipeline_cannot(both: Both) -> None:
    assert all("undefined" in answer["explanation"] for answer in explained(both.pipeline))
    for answer in explained(both.one):
        for part in answer["explanation"]["parts"]:
            added = part["base"] + sum(part["contributions"].values())
            assert added == pytest.approx(part["score"], abs=1e-6)
        if len(answer.get("probabilities", ())) == 2:
            (part,) = answer["explanation"]["parts"]
            assert 1 / (1 + math.exp(-part["score"])) == pytest.approx(answer["probabilities"]["yes"], abs=1e-8)


def test_what_reads_archives_takes_it_for_one_that_is_served_as_it_is(both: Both, tmp_path: Path) -> None:
    assert is_served_as_it_is(both.archive)
    unpacked(both.archive, tmp_path)
    model = Ensemble.read(tmp_path)
    assert (model.contestants, model.shares, model.conformal) == ([], [], None)


def test_what_the_columns_gained_is_told_of_it_as_of_what_was_trained(both: Both) -> None:
    gains = []
    for archive in (both.archive, both.archive.parent.parent / "trained/model.tar.gz"):
        try:
            gains.append(BUILT_IN.of({}).gain_by_feature(archive))
        except ImportanceError as error:
            gains.append({str(error): 0.0})
    assert gains[0] == gains[1] != {}


def test_the_same_two_archives_are_the_same_bytes(tmp_path: Path) -> None:
    folders = trained(tmp_path)
    written = []
    for _ in range(2):
        assert packed(tmp_path, folders["algorithm"]) == 0
        written.append((tmp_path / "packed/model.tar.gz").read_bytes())
    assert written[0] == written[1]


@pytest.mark.parametrize("left", [[], ["xgboost-model-0", "xgboost-model-1"]])
def test_what_is_not_one_booster_ends_with_a_sentence(
    left: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    message = tmp_path / "message"
    monkeypatch.setenv("SAGERELAY_MESSAGE_FILE", str(message))
    folders = trained(tmp_path)
    booster = folders["algorithm"] / "xgboost-model"
    for name in left:
        booster.with_name(name).write_bytes(booster.read_bytes())
    booster.unlink()

    assert packed(tmp_path, folders["algorithm"]) == 1

    told = message.read_text()
    assert "holds no file named xgboost-model" in told if not left else "does not hold one booster" in told
    assert "Traceback" in capsys.readouterr().err
