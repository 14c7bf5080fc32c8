"""A training that does not end well: a parent that outlives it says why, in the log and in failure.json."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost as xgb

from jobs.refusals import Refusal
from jobs.train import failure
from tests.train import parent

KEY = "/bucket/runs/churn-1a2b3c4d/failures/churn-1a2b3c4d-train-1.json"
KILLED = "held = bytearray(150_000_000)\nos.kill(os.getpid(), signal.SIGKILL)"


class Store:
    """What answers as S3 does, and keeps what is put."""

    def __init__(self, address: str) -> None:
        self.address, self.put = address, {}  # type: ignore[var-annotated]


@contextmanager
def store() -> Iterator[Store]:
    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            kept.put[self.path] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_what: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    kept = Store(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def started(folder: Path, deed: str, address: str, **changed: Any) -> subprocess.Popen[str]:
    """`python -m jobs.train` with a training that does this and no more."""
    for name in parent.FILES:
        (folder / "jobs" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(parent.JOBS / name, folder / "jobs" / name)
    body = "\n".join(f"    {line}" for line in deed.splitlines())
    text = f"import os, signal, sys, time\nfrom jobs.train.failure import *\ndef main(environment, told):\n{body}\n"
    (folder / "jobs" / parent.PROGRAM).write_text(text)
    plan = {"version": 1, "failures": "s3://bucket/runs/churn-1a2b3c4d/failures/"} | changed
    (folder / "plan.json").write_text(json.dumps(plan))
    environment = {
        "PATH": "/usr/bin:/bin",
        "SM_CHANNEL_PLAN": str(folder),
        "TRAINING_JOB_NAME": "churn-1a2b3c4d-train-1",
        "AWS_ENDPOINT_URL": address,
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "jobs.train"], cwd=folder, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def ended(folder: Path, deed: str, address: str, code: int = 1, **changed: Any) -> str:
    """What its log says; it must end with this code."""
    process = started(folder, deed, address, **changed)
    said, wrong = process.communicate(timeout=60)
    assert process.returncode == code, wrong
    return said + wrong


@pytest.mark.parametrize(
    ("deed", "code", "sentence"),
    [
        (
            KILLED,
            "out-of-memory",
            "the system killed the training, as it does when memory runs out: it had grown to 0.2 GB, and ",
        ),
        ('told(Failure("odd-rows", "jan.csv: odd.")); return 1', "odd-rows", "jan.csv: odd."),
    ],
)
def test_what_ended_a_training_is_put_where_the_plan_says(deed: str, code: str, sentence: str, tmp_path: Path) -> None:
    with store() as kept:
        log = ended(tmp_path, deed, kept.address)
    document = kept.put.pop(KEY)
    assert not kept.put
    assert document.keys() == {"version", "code", "sentence"}
    assert (document["version"], document["code"]) == (1, code)
    assert document["sentence"].startswith(sentence)
    assert log.splitlines()[-1] == f"[{code}] {document['sentence']}"


@pytest.mark.parametrize(
    ("deed", "last"),
    [
        (
            "told(of_error(MemoryError())); return 1",
            "[out-of-memory] memory ran out: a step of the training asked for ",
        ),
        ("os.abort()", "[unexpected] the training was ended by SIGABRT; its log may say more."),
        ("raise KeyError", "[unexpected] the training ended with exit code 1; its log says why."),
    ],
)
def test_whatever_ends_it_is_the_log_s_last_line(deed: str, last: str, tmp_path: Path) -> None:
    assert ended(tmp_path, deed, "http://127.0.0.1:9", failures="").splitlines()[-1].startswith(last)


@pytest.mark.parametrize("changed", [{"failures": None}, {"failures": 3}])
def test_without_a_place_the_log_has_it_alone(changed: dict[str, Any], tmp_path: Path) -> None:
    with store() as kept:
        assert "[out-of-memory] the system killed the training" in ended(tmp_path, KILLED, kept.address, **changed)
    assert not kept.put


def test_a_bucket_that_does_not_answer_costs_seconds_and_no_word(tmp_path: Path) -> None:
    began = time.monotonic()
    log = ended(tmp_path, KILLED, "http://127.0.0.1:9")
    assert time.monotonic() - began < 30
    assert "[out-of-memory] the system killed the training" in log
    assert "failure.json could not be written: EndpointConnectionError" in log


def test_one_that_ends_well_says_nothing_and_loads_nothing_for_it(tmp_path: Path) -> None:
    deed = "print(os.getppid(), *sorted({name.partition('.')[0] for name in sys.modules}))\nreturn 0"
    with store() as kept:
        said = ended(tmp_path, deed, kept.address, code=0)
    assert not kept.put
    assert {"numpy", "pandas", "pyarrow", "xgboost", "boto3", "botocore"}.isdisjoint(said.split())


def test_one_that_is_stopped_is_stopped_in_its_child_and_says_nothing(tmp_path: Path) -> None:
    with store() as kept:
        process = started(tmp_path, "print(os.getpid(), flush=True)\ntime.sleep(60)", kept.address)
        assert process.stdout
        child = int(process.stdout.readline())
        assert child != process.pid
        process.send_signal(signal.SIGTERM)
        _, wrong = process.communicate(timeout=30)
    assert (process.returncode, wrong, kept.put) == (1, "", {})
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def alloc() -> None:
    np.empty(1 << 60, dtype=np.uint8)


def alloc_by_xgboost() -> None:
    raise xgb.core.XGBoostError("[10:00:00] std::bad_alloc")


def cells() -> None:
    float("Ada Lovelace")


def refused() -> None:
    raise Refusal("no-rows", "train.parquet: no row\nis left.")


@pytest.mark.parametrize(
    ("deed", "code", "sentence"),
    [
        (alloc, "out-of-memory", "memory ran out"),
        (alloc_by_xgboost, "out-of-memory", "memory ran out"),
        (cells, "unexpected", "ValueError"),
        (refused, "no-rows", "train.parquet: no row\\nis left."),
    ],
)
def test_an_error_is_told_without_a_cell_and_a_refusal_in_its_own_words(deed: Any, code: str, sentence: str) -> None:
    with pytest.raises(Exception) as raised:  # noqa: PT011
        deed()
    found = failure.of_error(raised.value)
    assert found.code == code
    assert found.sentence.startswith(sentence)
    assert "Lovelace" not in found.sentence
    assert failure.read(failure.document(found)) == found


def test_a_document_fits_into_the_pipe_that_it_comes_through() -> None:
    longest = failure.document(failure.Failure("x" * 40, "\N{FIRE}" * 3_000))
    assert len(longest) <= failure.LIMIT
