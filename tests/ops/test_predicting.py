"""`ops predict`: a file's rows with the endpoint's answers beside them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ops import target
from ops.cli.commands import app
from ops.endings import CANNOT
from ops.explaining import asking, commands
from ops.explaining.asking import Served
from tests.ops.test_explaining import NAMES, Runtime
from tests.ops.test_rollback import Account


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Runtime:
    here, runtime = Account(), Runtime()
    here.cloud.clients["sagemaker-runtime"] = runtime
    monkeypatch.setattr(target, "find", lambda *_: here.target)
    monkeypatch.setattr(asking, "served", lambda *_: Served("sagerelay-churn", "churn-1a2b3c4d", NAMES, "y"))
    return runtime


def asked(folder: Path, text: str, *options: str) -> Result:
    file = folder / "new.csv"
    file.write_text(text)
    return CliRunner().invoke(app, ["predict", "churn", str(file), *options])


def test_the_rows_come_back_with_their_answers(runtime: Runtime, tmp_path: Path) -> None:
    done = asked(tmp_path, "age,job\n31,a\n47,b\n")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0].startswith("age,job,prediction,probability no,probability yes")
    assert [line.split(",")[:5] for line in lines[1:]] == [
        ["31", "a", "yes", "0.25", "0.75"],
        ["47", "b", "yes", "0.25", "0.75"],
    ]
    assert runtime.sent == [("sagerelay=predict", 2)]


@pytest.mark.usefixtures("runtime")
def test_they_are_written_to_a_file_or_as_json(tmp_path: Path) -> None:
    out = tmp_path / "answered.csv"
    done = asked(tmp_path, "31,a\n", "--out", str(out))
    assert (done.exit_code, done.stdout) == (0, "")
    assert out.read_text().splitlines()[1].startswith("31,a,yes")
    told = json.loads(asked(tmp_path, "31,a\n", "--json").stdout)
    assert (told["kind"], told["rows"][0]["row"], told["rows"][0]["label"]) == ("predict", 1, "yes")


@pytest.mark.usefixtures("runtime")
def test_what_cannot_be_answered_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = asked(tmp_path, "31,a\nold,b\n")
    assert (refused.exit_code, refused.stderr) == (CANNOT, 'row 2: column "age" should hold a number\n')
    monkeypatch.setattr(commands, "_MOST", 1)
    many = asked(tmp_path, "31,a\n32,b\n")
    assert (many.exit_code, "has more than 1 rows" in many.stderr) == (CANNOT, True)
