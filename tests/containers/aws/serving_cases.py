"""Models and requests for AWS's serving source and for the laptop's stand-in alike."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path
from typing import Any

from local.containers.reply import Container
from tests.containers.aws.cases import FOLDED, folded_job
from tests.containers.jobs import rows

OFFLINE = {"PIP_NO_BUILD_ISOLATION": "0"}
PLACES = {"SAGEMAKER_PROGRAM": "serve.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}
_MODEL = "import os\ndef model_fn(model_dir): return sorted(os.listdir(model_dir))\n"
_TRANSFORM = _MODEL + "def transform_fn(model, data, content_type, accept):\n    "
REQUESTS: list[tuple[bytes, str | None, str | None]] = [
    (b"1,2\n3,4\n", "text/csv", None),
    (b"1,2\n3,4\n", "text/csv; charset=utf-8", "application/json"),
    (b"[[1, 2]]", "application/json", "text/csv"),
    (b"[[1, 2]]", None, "*/*"),
    (b"\xff\xfe1,2", "text/csv", "text/csv"),
]
SCRIPTS: dict[str, dict[str, Any]] = {
    "tuple": {"source": _TRANSFORM + "return repr((model, data, content_type, accept)), 'text/plain'"},
    "accept": {
        "source": _TRANSFORM + "return repr(type(data)), accept",
        "environment": {"SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv"},
    },
    "response": {
        "source": "from flask import Response\n" + _TRANSFORM + "return Response('no', status=418, mimetype='text/csv')"
    },
    "raises": {"source": _TRANSFORM + "raise ValueError('a secret')"},
    "package": {"source": "from jobs.words import WORD\n" + _TRANSFORM + "return WORD, accept"},
    "three": {
        "source": _MODEL + "def input_fn(data, content_type): return data\n"
        "def predict_fn(data, model): return [data, model]\n"
        "def output_fn(answer, accept): return repr(answer), accept"
    },
}
FOLDS = ("binary", "multiclass")
ACCEPTED = ("text/csv", "application/json", None)


def script_model(root: Path, case: dict[str, Any]) -> None:
    """A model directory with code in it, which has a package `jobs` of its own."""
    code = root / "model" / "code"
    (code / "jobs").mkdir(parents=True)
    (code / "serve.py").write_text(case["source"])
    (code / "jobs" / "__init__.py").touch()
    (code / "jobs" / "words.py").write_text("WORD = 'of the model'\n")


def folded_model(root: Path, name: str) -> None:
    """The models of a job with folds, by the stand-in: what AWS's source trains is the same byte for byte."""
    folded_job(root, FOLDED[name])
    command = [sys.executable, "-m", "local.containers.xgboost.training", "--root", str(root)]
    subprocess.run(command, stdout=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin"}, check=True, timeout=120)


def folded_requests(name: str) -> list[tuple[bytes, str | None, str | None]]:
    data = rows(FOLDED[name]["data"])[:5, 1:]
    text = "\n".join(",".join(f"{value:.9g}" for value in row) for row in data)
    return [(text.encode(), "text/csv", accept) for accept in ACCEPTED]


def answers(container: Container, asked: list[tuple[bytes, str | None, str | None]]) -> list[dict[str, Any]]:
    """The stand-in's, in the recording's form."""
    replies = [container.invoke(*one) for one in asked]
    return [answer(reply.status, reply.content_type, reply.body) for reply in replies]


def answer(status: int, content_type: str | None, body: bytes) -> dict[str, Any]:
    """One answer; of a failure only its status, for its page is Flask's."""
    text = body.decode() if status < 500 else ""
    return {"status": status, "type": content_type if status < 500 else "", "body": text}


def packed(asked: list[tuple[bytes, str | None, str | None]]) -> list[list[str | None]]:
    return [[base64.b64encode(body).decode(), content_type, accept] for body, content_type, accept in asked]
