"""The laptop's endpoint against gunicorn and Flask in the containers' arrangement: requests a second, in one run.

`python -m benchmarks.serving` prints the ratios. Both sides serve the same pipeline (encode.py, a booster, decode.py
from the same archive) and are asked the same rows, turn by turn, by two clients on the same machine; a ratio is the
median over the turns of both sides' rates within one turn, because neighbours come and go. The peer is what SageMaker
runs: three containers, each gunicorn with a worker a core and a Flask application, and somebody who carries each
answer to the next container over HTTP. Its algorithm container reads CSV and predicts the way the XGBoost container
does (cells split in Python, numpy, DMatrix). `same_code` is the peer once more with this project's own scoring service
in the middle: what is left there is the arrangement alone. gevent is not installed, so gunicorn's workers are threaded,
with connections kept.

Needs a quiet machine: the ratio of a thousand rows varies with what else runs.
"""

import contextlib
import csv
import http.client
import io
import json
import os
import socket
import statistics
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xgboost

from jobs.encoding import Encoder, write_artifact
from local.containers.reply import Container, Reply
from local.containers.xgboost.inference import ScoringService
from local.containers.xgboost.script import ScriptService

CLIENTS = 2
SECONDS = 1.0
TURNS = 6
ROWS = {"single_row": 1, "thousand_rows": 1000}
TARGET = {"single_row": 1.5, "thousand_rows": 2.5}
_ONE_THREAD = {"OMP_NUM_THREADS": "1"}  # as SageMaker's container and the embedded cloud's warm process have it


def measure() -> dict[str, Any]:
    """Requests a second by side and rows a request, and the ratios between them."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder, contextlib.ExitStack() as stack:
        directory = Path(folder)
        models, bodies = _pipeline(directory)
        ports = {
            "ours": [stack.enter_context(_ours(directory, models))],
            "container": [
                stack.enter_context(_gunicorn(kind, models[name])) for name, kind in _stages("flask-xgboost")
            ],
            "same_code": [stack.enter_context(_gunicorn(kind, models[name])) for name, kind in _stages("scoring")],
        }
        rates = {rows: _alternating(ports, body) for rows, body in bodies.items()}
    return {
        "requests_per_second": {
            rows: {side: round(statistics.median(turns), 1) for side, turns in sides.items()}
            for rows, sides in rates.items()
        },
        "ratio": {rows: _ratio(sides["ours"], sides["container"]) for rows, sides in rates.items()},
        "ratio_same_code": {rows: _ratio(sides["ours"], sides["same_code"]) for rows, sides in rates.items()},
        "target": TARGET,
    }


def _stages(algorithm: str) -> list[tuple[str, str]]:
    return [("encode", "encode.py"), ("algorithm", algorithm), ("decode", "decode.py")]


def _ratio(ours: list[float], peer: list[float]) -> float:
    return round(statistics.median(mine / other for mine, other in zip(ours, peer, strict=True)), 2)


def _alternating(ports: dict[str, list[int]], body: bytes) -> dict[str, list[float]]:
    """The rates of each side over several turns, one side at a time."""
    rates: dict[str, list[float]] = {side: [] for side in ports}
    for _ in range(TURNS):
        for side, chain in ports.items():
            rates[side].append(_rate(chain, body))
    return rates


def _rate(chain: list[int], body: bytes) -> float:
    """Requests a second by `CLIENTS` clients, each waiting for its answer."""
    counts = [0] * CLIENTS
    deadline = time.perf_counter() + SECONDS

    def client(place: int) -> None:
        connections = [http.client.HTTPConnection("127.0.0.1", port, timeout=30) for port in chain]
        while time.perf_counter() < deadline:
            _carry(connections, body)
            counts[place] += 1
        for connection in connections:
            connection.close()

    threads = [threading.Thread(target=client, args=(place,)) for place in range(CLIENTS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - started)


def _carry(connections: list[http.client.HTTPConnection], body: bytes) -> bytes:
    """One request through all containers in order."""
    content_type = "text/csv"
    for connection in connections:
        connection.request("POST", "/invocations", body, {"Content-Type": content_type})
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200, (answer.status, body)
        content_type = answer.headers["content-type"]
    return body


@contextlib.contextmanager
def _ours(directory: Path, models: dict[str, Path]) -> Iterator[int]:
    config, ready = directory / "config.json", directory / "ready.json"
    containers = [
        {"hostname": name, "image": "xgboost", "model_dir": str(models[name]), "environment": _environment(kind)}
        for name, kind in _stages("")
    ]
    content = {"endpoint": "e", "variant": "v", "containers": containers, "capture": None, "ready_file": str(ready)}
    config.write_text(json.dumps(content))
    with _process([sys.executable, "-m", "local.serving", "--config", str(config)], _ONE_THREAD) as process:
        _wait(ready.exists, process)
        yield json.loads(ready.read_text())["port"]


@contextlib.contextmanager
def _gunicorn(kind: str, model: Path) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", "gunicorn", "--workers", str(os.cpu_count()), "--worker-class", "gthread", "--threads",
        "4", "--keep-alive", "60", "--log-level", "error", "--bind", f"127.0.0.1:{port}",
        "benchmarks.serving:application()",
    ]  # fmt: skip
    with _process(command, {"PEER_KIND": kind, "PEER_MODEL": str(model), **_ONE_THREAD}) as process:
        _wait(lambda: _answers(port), process)
        yield port


@contextlib.contextmanager
def _process(command: list[str], environment: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(command, env=os.environ | environment)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


def _wait(ready: Callable[[], bool], process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while not ready():
        assert process.poll() is None, "a server ended before it served"
        assert time.monotonic() < deadline, "a server does not answer"
        time.sleep(0.05)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/ping")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _environment(kind: str) -> dict[str, str]:
    if not kind.endswith(".py"):
        return {}
    accept = {"SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv", "PIP_NO_BUILD_ISOLATION": "0"}
    return accept | {"SAGEMAKER_PROGRAM": kind, "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}


def application() -> Any:
    """One container of the peer, as gunicorn's workers load it; PEER_KIND and PEER_MODEL say which."""
    import flask

    kind, model = os.environ["PEER_KIND"], Path(os.environ["PEER_MODEL"])
    container: Container
    if kind.endswith(".py"):
        container = ScriptService(model, _environment(kind))
    else:
        container = ScoringService(model, {}) if kind == "scoring" else _ContainersWay(model)
    app = flask.Flask("container")

    @app.get("/ping")
    def ping() -> Any:
        return flask.Response(status=200)

    @app.post("/invocations")
    def invocations() -> Any:
        request = flask.request
        reply = container.invoke(request.get_data(), request.content_type, request.headers.get("Accept"))
        return flask.Response(reply.body, status=reply.status, content_type=reply.content_type)

    return app


class _ContainersWay:
    """Scoring by the XGBoost container's method: Python splits, numpy converts, a DMatrix a request, csv writes."""

    def __init__(self, model: Path) -> None:
        self._booster = xgboost.Booster()
        self._booster.load_model(bytearray((model / "xgboost-model").read_bytes()))
        self._booster.set_param({"nthread": 1})

    def invoke(self, body: bytes, content_type: str | None, accept: str | None) -> Reply:  # noqa: ARG002
        text = body.strip().decode()
        delimiter = csv.Sniffer().sniff(text.split("\n")[0][:512]).delimiter
        cells = [["nan" if cell == "" else cell for cell in line.split(delimiter)] for line in text.split("\n")]
        scores = self._booster.predict(xgboost.DMatrix(np.array(cells).astype(float)), validate_features=False)
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(np.array(scores.tolist()).reshape(len(scores), -1))
        return Reply(200, "text/csv; charset=utf-8", out.getvalue().encode())


def _pipeline(directory: Path, rows: int = 4000) -> tuple[dict[str, Path], dict[str, bytes]]:
    """Unpacked models by container, and request bodies by rows: ten numbers, six words, two yes/no, a date."""
    rng = np.random.default_rng(7)
    frame = pd.DataFrame({f"number{place}": rng.normal(size=rows) for place in range(10)})
    for place, words in enumerate((3, 5, 8, 12, 100, 400)):
        codes = rng.integers(-1, words, rows)
        frame[f"word{place}"] = pd.Categorical.from_codes(codes, pd.Index([f"word {word}" for word in range(words)]))
    for place in range(2):
        frame[f"flag{place}"] = rng.integers(0, 2, rows).astype(float)
    frame["day"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 2000, rows), "D")
    labels = (frame["number0"] + frame["flag0"] + rng.normal(size=rows) > 0.5).astype(int).to_numpy()
    kinds = {"number": "numeric", "word": "categorical", "flag": "boolean", "day": "date"}
    columns: list[dict[str, Any]] = [
        {"name": name, "kind": kinds[str(name).rstrip("0123456789")], "used": True, "date_format": "%Y-%m-%d"}
        for name in frame
    ]
    target = {"name": "y", "kind": "target", "used": False}
    schema: Any = {"task": "binary", "target": "y", "classes": ["no", "yes"], "columns": [*columns, target]}
    encoder, matrix = Encoder.fit_encode(frame, schema, labels)
    write_artifact(encoder, schema, directory / "encoder.tar.gz")
    models = {name: directory / name for name, _ in _stages("")}
    for name in ("encode", "decode"):
        with tarfile.open(directory / "encoder.tar.gz") as archive:
            archive.extractall(models[name], filter="data")
    models["algorithm"].mkdir()
    booster = xgboost.train(
        {"objective": "binary:logistic", "max_depth": 6}, xgboost.DMatrix(matrix, label=labels), 100
    )
    booster.save_model(models["algorithm"] / "model.ubj")
    (models["algorithm"] / "model.ubj").rename(models["algorithm"] / "xgboost-model")
    lines = frame.to_csv(index=False, header=False).splitlines()
    return models, {name: "\n".join(lines[:count]).encode() for name, count in ROWS.items()}


if __name__ == "__main__":
    for key, value in measure().items():
        print(f"{key}: {value}")
