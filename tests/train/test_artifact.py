"""The archive that is served: nothing that could run by being read, and all that it needs, alone."""

from __future__ import annotations

import ast
import json
import math
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jobs.ensemble import model
from jobs.train import program
from local.containers.reply import REQUEST_HEADERS, Reply
from local.containers.xgboost.script import ScriptService
from tests.ensemble import tables
from tests.train.channels import laid_out, plan
from tests.train.small import FIXED

ALONE = """
import json, sys
import xgboost
before = set(sys.modules)
sys.path.insert(0, "code")
import serve
added = sorted({name.partition(".")[0] for name in set(sys.modules) - before})
model = serve.model_fn(".")
body = open("../asked").read()
answers = [list(serve.transform_fn(model, body, "text/csv", accept)) for accept in json.loads(sys.argv[1])]
own = [module for name, module in sys.modules.items() if name.partition(".")[0] in ("jobs", "serve")]
elsewhere = [module.__name__ for module in own if not module.__file__.startswith(sys.argv[2])]
print(json.dumps({"added": added, "answers": answers, "elsewhere": elsewhere}))
"""
ACCEPTED = ["text/csv", "application/json", "application/jsonlines"]
SERVED = {"SAGEMAKER_PROGRAM": "serve.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}


@pytest.fixture(scope="module", params=["binary", "multiclass", "regression"])
def archive(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """model.tar.gz, and beside it `asked`, a CSV request."""
    of, place = tables.table(request.param, rows=120), tmp_path_factory.mktemp("archive")
    job = laid_out(place / "ml", of, plan(of))
    assert program.main(job.environment(), FIXED) == 0
    with tarfile.open(place / "model.tar.gz", "w:gz") as packed:
        packed.add(job.model, arcname=".")
    _, cells = tables.as_text(of.frame)
    (place / "asked").write_text("\n".join(",".join(cell or "" for cell in row) for row in cells[:20]))
    return place / "model.tar.gz"


def unpacked(archive: Path, folder: Path) -> Path:
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder


def test_it_holds_xgboost_s_format_and_json_and_no_pickle(archive: Path, tmp_path: Path) -> None:
    files = [path for path in unpacked(archive, tmp_path).rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".json", ".ubj", ".py"}
    for path in files:
        if path.suffix == ".json":
            json.loads(path.read_text())
        if path.suffix == ".ubj":
            assert path.read_bytes()[:1] == b"{"
    imported = {name for path in files if path.suffix == ".py" for name in imports(path)}
    assert not {"pickle", "joblib", "cloudpickle", "dill", "marshal", "shelve"} & {
        name.partition(".")[0] for name in imported
    }


def imports(path: Path) -> Iterator[str]:
    """The modules that a file names, but those that only a type checker reads."""
    tree = ast.parse(path.read_text())
    for block in [node for node in ast.walk(tree) if isinstance(node, ast.If)]:
        if ast.unparse(block.test) == "TYPE_CHECKING":
            block.body = [ast.Pass()]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_its_code_knows_three_packages_and_none_of_them_prepares(archive: Path, tmp_path: Path) -> None:
    code = unpacked(archive, tmp_path) / "code"
    assert {path.name for path in code.iterdir()} == {"serve.py", "jobs"}
    packages = {path.name for path in (code / "jobs").iterdir()}
    assert packages == {"__init__.py", "encoding", "ensemble", "serving"}
    for path in code.rglob("*.py"):
        ours = {name for name in imports(path) if name.startswith("jobs.")}
        assert {name.split(".")[1] for name in ours} <= packages, path


def test_alone_it_answers_as_the_container_does_and_imports_little(archive: Path, tmp_path: Path) -> None:
    folder = unpacked(archive, tmp_path / "alone")
    (tmp_path / "asked").write_bytes((archive.parent / "asked").read_bytes())
    ran = subprocess.run(
        [sys.executable, "-I", "-c", ALONE, json.dumps(ACCEPTED), str(folder)],
        cwd=folder, capture_output=True, text=True, check=True, env={"PATH": ""}, timeout=60,
    )  # fmt: skip
    found = json.loads(ran.stdout)
    assert found["elsewhere"] == []
    heavy = {"pandas", "sklearn", "pyarrow", "boto3", "flask", "matplotlib"}  # beside what XGBoost itself imports
    assert not heavy & set(found["added"])
    assert {"jobs", "serve"} <= set(found["added"])

    service = ScriptService(folder, SERVED)
    body = (archive.parent / "asked").read_bytes()
    replies = [service.invoke(body, "text/csv", accept) for accept in ACCEPTED]
    assert [reply.status for reply in replies] == [200] * len(ACCEPTED)
    assert [reply.body.decode() for reply in replies] == [answer for answer, _ in found["answers"]]


def test_asked_for_an_explanation_it_adds_one_to_the_same_answer(archive: Path, tmp_path: Path) -> None:
    """What the columns add is the score, and the score is the answer; without the attribute no byte is another."""
    service, body = ScriptService(unpacked(archive, tmp_path), SERVED), (archive.parent / "asked").read_bytes()
    plain = service.invoke(body, "text/csv", "application/jsonlines")
    explained = asked(service, body, "trace=7,explain=true", "text/csv")
    assert (explained.status, explained.content_type) == (200, "application/jsonlines")
    assert asked(service, body, "explain=false", "application/jsonlines") == plain
    whole = json.loads(asked(service, body, "explain=true", "application/json").body)["predictions"]
    rows = [json.loads(line) for line in explained.body.decode().splitlines()]
    assert rows == whole
    for row in rows:
        check(row.pop("explanation"), row)
    assert rows == [json.loads(line) for line in plain.body.decode().splitlines()]


def asked(service: ScriptService, body: bytes, attributes: str, accept: str) -> Reply:
    token = REQUEST_HEADERS.set({"x-amzn-sagemaker-custom-attributes": attributes})
    try:
        return service.invoke(body, "text/csv", accept)
    finally:
        REQUEST_HEADERS.reset(token)


def check(explanation: Any, answer: Any) -> None:
    """An explanation against the answer beside it."""
    for part in explanation["parts"]:
        added = part["base"] + sum(part["contributions"].values())
        assert added == pytest.approx(part["score"], abs=1e-6)
        assert {"size", "plan", "city", "begun", "ended"} <= set(part["contributions"])
    scores = [part["score"] for part in explanation["parts"]]
    if "prediction" in answer:
        assert explanation["scale"] == "number"
        assert scores == [pytest.approx(answer["prediction"], rel=1e-8)]
        return
    given = answer["probabilities"]
    if len(given) == 2:
        assert explanation["scale"] == "log-odds"
        assert explanation["parts"][0]["class"] == "yes"
        assert 1 / (1 + math.exp(-scores[0])) == pytest.approx(given["yes"], abs=1e-8)
        return
    assert explanation["scale"] == "softmax"
    total = sum(map(math.exp, scores))
    named = {part["class"]: math.exp(part["score"]) / total for part in explanation["parts"]}
    assert named == pytest.approx(given, abs=1e-8)


def test_more_rows_than_can_be_explained_are_refused_with_how_many_can_and_old_trees_say_so(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, body = unpacked(archive, tmp_path), (archive.parent / "asked").read_bytes()
    whole = model.Ensemble.read(folder)
    assert whole.rows_explained == model.MOST_EXPLAINED
    told = sum(len(json.dumps(name)) + 22 for name in whole.input_columns)
    for bound, of_row in (("CELLS", len(whole.encode([], [[]])[0])), ("BYTES", told)):
        with monkeypatch.context() as wider:
            wider.setattr(model, bound, 30 * of_row * len(whole.document["sum"]["base"]))
            vars(whole).pop("rows_explained")  # what it has reckoned before
            assert whole.rows_explained == 30

    document = json.loads((folder / "ensemble.json").read_text())
    (folder / "ensemble.json").write_text(json.dumps({**document, "branches": model.BRANCHES // 5}))
    service = ScriptService(folder, SERVED)
    refused = asked(service, body, "explain=true", "application/json")
    assert refused.status == 413
    assert "may have 5 rows explained, and this one holds 20" in json.loads(refused.body)["error"]
    assert asked(service, b"\n".join(body.splitlines()[:5]), "explain=true", "application/json").status == 200

    document["sum"]["trees"] = True
    del document["branches"]  # as the releases before explanations left it, whose trees have no covers
    (folder / "ensemble.json").write_text(json.dumps(document))
    answered = asked(ScriptService(folder, SERVED), body, "explain=true", "text/csv")
    assert "release" in json.loads(answered.body.splitlines()[0])["explanation"]["undefined"]
