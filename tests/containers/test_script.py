"""Script mode: the user's module in the container's hands."""

from pathlib import Path

import pytest

from local.containers.errors import UserError
from local.containers.reply import Reply
from local.containers.xgboost.script import ScriptService

WHOLE = """
import os
import helper
def model_fn(model_dir): return (helper.NAME, os.environ.get("COLOUR"))
def transform_fn(model, data, content_type, accept): return repr((model, data, content_type, accept)), "text/plain"
"""


def script(directory: Path, source: str, name: str = "mine.py", **environment: str) -> ScriptService:
    code = directory / "code"
    code.mkdir(parents=True, exist_ok=True)
    (code / name).write_text(source)
    places = {"SAGEMAKER_PROGRAM": name, "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}
    return ScriptService(directory, places | environment)


def with_helper(directory: Path, name: str) -> Path:
    (directory / "code").mkdir(parents=True)
    (directory / "code" / "helper.py").write_text(f"NAME = {name!r}")
    return directory


def test_what_a_script_is_given(tmp_path: Path) -> None:
    service = script(with_helper(tmp_path, "one"), WHOLE, COLOUR="red")
    assert service.invoke(b"1,2", "text/csv", None).body == b"(('one', 'red'), '1,2', 'text/csv', 'application/json')"
    given = service.invoke(b"1", "text/csv; charset=utf-8", "text/csv").body
    assert given == b"(('one', 'red'), b'1', 'text/csv; charset=utf-8', 'text/csv')"


def test_two_containers_do_not_share_modules(tmp_path: Path) -> None:
    first = script(with_helper(tmp_path / "a", "one"), WHOLE)
    second = script(with_helper(tmp_path / "b", "two"), WHOLE)
    assert b"'one'" in first.invoke(b"", "text/csv", None).body
    assert b"'two'" in second.invoke(b"", "text/csv", None).body


def test_a_flask_response_keeps_its_status(tmp_path: Path) -> None:
    source = (
        "from flask import Response\ndef model_fn(d): pass\n"
        "def transform_fn(m, d, c, a): return Response('no', status=418, mimetype='text/plain')"
    )
    assert script(tmp_path, source).invoke(b"", None, None) == Reply(418, "text/plain; charset=utf-8", b"no")


def test_an_exception_is_a_bare_500(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    reply = script(tmp_path, "def model_fn(d): pass\ndef transform_fn(m, d, c, a): return 1 / 0").invoke(
        b"", None, None
    )
    assert (reply.status, b"Internal Server Error" in reply.body) == (500, True)
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_three_functions_instead_of_one(tmp_path: Path) -> None:
    source = """
import numpy
def model_fn(d): return 10
def input_fn(data, content_type): return numpy.array([float(x) for x in data.split(",")])
def predict_fn(data, model): return data * model
"""
    service = script(tmp_path, source)
    assert service.invoke(b"1,2.5", "text/csv", "text/csv") == Reply(200, "text/csv; charset=utf-8", b"10.0\n25.0\n")
    assert service.invoke(b"1,2.5", "text/csv", None).body == b"[10.0, 25.0]"


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("def transform_fn(m, d, c, a): pass", "has no model_fn"),
        (
            "def model_fn(d): pass\ndef transform_fn(m, d, c, a): pass\ndef input_fn(d, c): pass",
            "Cannot use transform_fn",
        ),
    ],
)
def test_scripts_that_cannot_serve(tmp_path: Path, source: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        script(tmp_path, source)
