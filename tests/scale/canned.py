"""Jobs and endpoints whose results are canned: what lets hundreds of datasets go through the relay on one laptop.

Only the commands are replaced. Requests, names, downloads, uploads, states and events are those of the embedded cloud.
Each dataset has a number, which stands in its file, and every result is made of the number found in the step before:
prepared data of the file, the artifact of the prepared data, the figures of the artifact. So a mail with another
dataset's figures means that something was mixed up on the way. Nothing here may be reached from outside the tests.
"""

from __future__ import annotations

import io
import json
import tarfile
import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.sagemaker.objects import client
from tests.scale.figures import CLASSES, Figures


class Ended:
    """A command that has done its work."""

    def __init__(self, code: int) -> None:
        self.code = code

    def wait(self, _seconds: float) -> int | None:
        return self.code

    def signal(self, number: int) -> None:
        """Nothing is left to be told."""


class Serving:
    """A command that goes on until it is told to stop."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._code = 0

    def wait(self, seconds: float) -> int | None:
        return -self._code if self._stopped.wait(seconds) else None

    def signal(self, number: int) -> None:
        if not self._stopped.is_set():
            self._code = number
            self._stopped.set()


class CannedWork:
    """The executor: does at once, in the thread that asks, what a command would leave. `started` counts them."""

    def __init__(self) -> None:
        self.started: Counter[str] = Counter()
        """How often each piece of work was begun, by module and what it worked on."""
        self._lock = threading.Lock()
        self._s3: Any = None

    def warm(self) -> None:
        """Nothing takes long here."""

    def close(self) -> None:
        """Nothing runs."""

    def execute(self, argv: list[str], **_where: Any) -> Ended | Serving:
        raise AssertionError(f"no command of ours: {argv}")

    def run(self, argv: list[str], *, environment: dict[str, str], directory: Path, log: Path) -> Ended | Serving:  # noqa: ARG002
        module, arguments = argv[0], dict(zip(argv[1::2], argv[2::2], strict=True))
        log.parent.mkdir(parents=True, exist_ok=True)
        match module:
            case "jobs.prepare":
                return self._prepare(arguments, environment)
            case (
                "local.containers.xgboost.training"
                | "local.containers.scikit_learn.training"
                | "local.containers.linear_learner.training"
            ):
                return self._train(Path(arguments["--root"]), environment, log)
            case "jobs.pack":
                return self._pack(arguments)
            case "jobs.evaluate":
                return self._evaluate(arguments)
            case "local.serving":
                return self._serve(Path(arguments["--config"]))
        raise AssertionError(f"nobody knows what {module} leaves")

    def _begun(self, module: str, of: str) -> None:
        with self._lock:
            self.started[f"{module} {of}"] += 1

    def _prepare(self, arguments: Mapping[str, str], environment: dict[str, str]) -> Ended:
        inputs, output = json.loads(Path(arguments["--inputs"]).read_text()), Path(arguments["--output"])
        self._begun("prepare", inputs["run"])
        code = [one["key"] for one in inputs["objects"] if one["origin"] == "code"]
        (pinned,) = (one for one in inputs["objects"] if one["origin"] != "code")
        for key in code:
            _write(output / "code" / key.partition("/code/")[2], b"")
        figures = Figures.found_in(self._read(inputs["bucket"], pinned, environment))
        if figures.is_refused:
            Path(environment["SAGERELAY_MESSAGE_FILE"]).write_text(figures.refusal(pinned["key"]))
            return Ended(2)
        for name in ("train", "validation"):
            _write(output / name / "part.parquet", figures.text())
        _write(output / "test" / "test.csv", figures.text())
        _write(output / "encoder" / "model.tar.gz", _packed("encoder.json", figures.text()))
        schema = {"version": 1, "task": "binary", "classes": CLASSES, "content_type": "application/x-parquet"}
        _write(output / "schema.json", json.dumps({**schema, "rows": {"read": figures.rows}}).encode())
        for who in filter(None, arguments.get("--ask", "").split(",")):
            _write(output / "asked" / who / "00000.csv", b"1,2\n")
        for document in ("baseline", "constraints"):  # without which no check of the model would begin
            _write(output / f"{document}.json", json.dumps({"version": 1}).encode())
        return Ended(0)

    def _read(self, bucket: str, pinned: Mapping[str, Any], environment: dict[str, str]) -> bytes:
        with self._lock:
            if self._s3 is None:
                self._s3 = client("s3", endpoint_url=environment["AWS_ENDPOINT_URL"], environment=environment)
        answer = self._s3.get_object(Bucket=bucket, Key=pinned["key"], VersionId=pinned["version_id"])
        body: bytes = answer["Body"].read()
        return body

    def _train(self, root: Path, environment: dict[str, str], log: Path) -> Ended:
        self._begun("train", environment["TRAINING_JOB_NAME"])
        figures = Figures.found_in((root / "input/data/train/part.parquet").read_bytes())
        if figures.fails_in_training:
            _write(root / "output" / "failure", figures.failure().encode())
            return Ended(1)
        log.write_text(f"[0]\ttrain-auc:{figures.auc:.4f}\tvalidation-auc:{figures.auc:.4f}\n")
        _write(root / "model" / "xgboost-model", figures.text())
        return Ended(0)

    def _pack(self, arguments: Mapping[str, str]) -> Ended:
        """The number of the trained model, which has to be that of its encoder."""
        figures = _of(Path(arguments["--model"]) / "model.tar.gz", "xgboost-model")
        assert figures.number == _of(Path(arguments["--encoder"]), "encoder.json").number
        _write(Path(arguments["--output"]) / "model.tar.gz", _packed("model.ubj", figures.text()))
        return Ended(0)

    def _evaluate(self, arguments: Mapping[str, str]) -> Ended:
        context, output = json.loads(Path(arguments["--context"]).read_text()), Path(arguments["--output"])
        self._begun("evaluate", context["run"])
        figures = _of(Path(arguments["--model"]) / "model.tar.gz")
        _write(output / "evaluation.json", json.dumps({"sagerelay": figures.evaluation()}).encode())
        _write(output / "report.html", b"<!--sagerelay:verdict--><!--/sagerelay:verdict-->")
        return Ended(0)

    def _serve(self, config: Path) -> Serving:
        settings = json.loads(config.read_text())
        self._begun("serve", settings["endpoint"])
        models = [Path(container["model_dir"]) for container in settings["containers"]]
        of = {Figures.found_in(next(path.iterdir()).read_bytes()).number for path in models}
        assert len(of) == 1, f"{settings['endpoint']} is made of parts of several datasets: {of}"
        _write(Path(settings["ready_file"]), b'{"port": 9}')
        return Serving()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _of(archive: Path, name: str | None = None) -> Figures:
    """What an archive holds, in its only file or in that of this name."""
    with tarfile.open(archive) as packed:
        member = packed.extractfile(name or packed.getnames()[0])
        assert member is not None, archive
        return Figures.found_in(member.read())


def _packed(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()
