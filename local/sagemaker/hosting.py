"""One running endpoint server: artifacts laid out, the process started, and known to answer before anyone is told.

The server itself is `local.serving`; this module only gives it a configuration file and believes it when it has
written its port into the ready file. It is forked from the warm process, which ends it should this process be killed.
This module decides nothing about an endpoint's state.
"""

import json
import shutil
import sys
import tarfile
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.containers import Registry
from local.sagemaker import serverless
from local.sagemaker.assumed import Assumed
from local.sagemaker.machine import CORES, Machine, head
from local.sagemaker.models import containers
from local.sagemaker.objects import MissingInputError, Objects
from local.sagemaker.platform import DeniedToRoleError
from local.sagemaker.processes import REPOSITORY, Process, container_environment, end
from local.sagemaker.traffic import Traffic
from local.serving.capture import left_behind
from local.serving.config import captured_directory
from local.wire.errors import ApiError

READY_SECONDS = 240.0  # of a server that has begun to start: SageMaker has some minutes of patience, too
_STOP_SECONDS = 30.0  # for the last of what it has captured, on a busy machine


class HostingError(Exception):
    """The server does not serve; the message is the endpoint's FailureReason."""


class Calls:
    """The requests under way at a server: it is not ended before they are answered."""

    def __init__(self) -> None:
        self._count = 0
        self._last = time.monotonic()
        self._closed = False
        self._fewer = threading.Condition()

    @property
    def count(self) -> int:
        return self._count

    @property
    def closed(self) -> bool:
        return self._closed

    def begin(self) -> bool:
        """Whether one more may come."""
        with self._fewer:
            self._count += not self._closed
            return not self._closed

    def end(self) -> None:
        with self._fewer:
            self._count -= 1
            self._last = time.monotonic()
            self._fewer.notify_all()

    def close_if_idle(self, seconds: float) -> bool:
        """Take no more where there has been none for so long; whether that is so."""
        with self._fewer:
            self._closed = self._closed or (self._count == 0 and time.monotonic() - self._last >= seconds)
            return self._closed

    def wait_for_none(self, seconds: float) -> bool:
        """Whether the last one ends in so many seconds."""
        with self._fewer:
            return self._fewer.wait_for(lambda: self._count == 0, seconds)


@dataclass(frozen=True)
class Server:
    """A process that answers on a port of this machine."""

    process: Process
    port: int
    directory: Path
    log: Path
    stream: str
    objects: Objects
    calls: Calls = field(default_factory=Calls)
    traffic: Traffic = field(default_factory=Traffic)
    most: int = 0
    """Of a serverless endpoint: how many requests it takes at a time."""

    @property
    def alive(self) -> bool:
        return not self.calls.closed and self.process.wait(0) is None

    def takes(self, size: int) -> bool:
        """Whether one more request, of `size` bytes, may come; False where it has ended. Raises ApiError where a
        serverless endpoint does not take it."""
        if self.most and size > serverless.LARGEST_PAYLOAD:
            most = f"at most {serverless.LARGEST_PAYLOAD} are allowed for a serverless endpoint"
            raise ApiError("ValidationError", f"The payload has {size} bytes; {most}", 413)
        if self.most and self.calls.count >= self.most:
            raise ApiError("ThrottlingException", "Rate exceeded", 429)
        return self.calls.begin()

    def rest(self, seconds: float) -> None:
        """Give the container up where nobody has asked for so long; the next request starts another."""
        if self.most and self.alive and self.calls.close_if_idle(seconds):
            end(self.process, _STOP_SECONDS)

    def stop(self, seconds: float = _STOP_SECONDS) -> None:
        """End it, giving it time to send what it has captured."""
        end(self.process, seconds)
        shutil.rmtree(self.directory / "containers", ignore_errors=True)


def send_captured(directory: Path, objects: Objects) -> bool:
    """Send what a server that has ended could not send itself; whether nothing is left."""
    try:
        left_behind(captured_directory(directory), objects.put)
    except (ClientError, BotoCoreError, OSError) as error:
        print(f"captured data in {directory} was not sent to S3: {error}", file=sys.stderr)
        return False
    return True


def clean_up(directory: Path, objects: Objects) -> None:
    """Remove the folder of a server that has ended, unless captured data would be lost with it."""
    if send_captured(directory, objects):
        shutil.rmtree(directory, ignore_errors=True)


def serve(
    machine: Machine,
    endpoint: str,
    model: dict[str, Any],
    config: dict[str, Any],
    *,
    logs: str | None = None,
    largest: int | None = None,
) -> Server:
    """Start a server for a model under an endpoint configuration and wait until it answers. Raises HostingError.

    `logs` is the log group, where it is not the endpoint's; `largest`: bytes of a request, where not an endpoint's.
    """
    assumed = _assumed(machine, logs or f"/aws/sagemaker/Endpoints/{endpoint}", model)
    instance = f"i-{uuid.uuid4().hex[:17]}"
    directory = machine.directory / "endpoints" / endpoint / instance
    directory.mkdir(parents=True)
    variant = config["ProductionVariants"][0]["VariantName"]
    ready, log = directory / "ready.json", directory / "log.txt"
    capture = config.get("DataCaptureConfig")
    settings = {
        "endpoint": endpoint,
        "variant": variant,
        "containers": _laid_out(machine.offered, assumed.objects, containers(model), directory),
        "capture": capture if capture and capture.get("EnableCapture") else None,
        "ready_file": str(ready),
        "log_file": str(log),
        "largest": largest,
    }
    scratch, most = directory / "tmp", serverless.concurrency(config)
    if most:  # a container a request at a time, and its disk is not to be written
        scratch.mkdir()
        settings |= {"workers": min(most, CORES), "read_only_but": [str(scratch)]}
    (directory / "config.json").write_text(json.dumps(settings))
    with machine.starts:
        process = machine.forks.run(
            ["local.serving", "--config", str(directory / "config.json")],
            environment=container_environment(
                **assumed.environment, PYTHONPATH=str(REPOSITORY), **({"TMPDIR": str(scratch)} if most else {})
            ),
            directory=directory,
            log=log,
        )
        port = _wait(process, ready, log)
    return Server(process, port, directory, log, f"{variant}/{instance}", assumed.objects, most=most)


def _assumed(machine: Machine, logs: str, model: dict[str, Any]) -> Assumed:
    """What the endpoint works with in its model's role's name; `logs` is its log group."""
    role = model["ExecutionRoleArn"]
    try:
        for image in {container["Image"] for container in containers(model)}:
            machine.platform.require(role, image=image, logs=logs)
        return machine.assumed(role)
    except (DeniedToRoleError, ApiError) as error:
        raise HostingError(str(error)) from error


def _laid_out(
    offered: Registry, objects: Objects, pipeline: list[dict[str, Any]], directory: Path
) -> list[dict[str, Any]]:
    """Extract each container's artifact and say where. What two containers share is fetched once: each has its own."""
    fetched: dict[str, Path] = {}
    laid_out = []
    for number, container in enumerate(pipeline, 1):
        artifact = container["ModelDataUrl"]
        model_dir = directory / "containers" / str(number) / "opt" / "ml" / "model"
        if artifact in fetched:
            shutil.copytree(fetched[artifact], model_dir)
        else:
            fetched[artifact] = _extracted(objects, artifact, model_dir)
        laid_out.append(
            {
                "hostname": container.get("ContainerHostname", f"container-{number}"),
                "image": container["Image"],
                "stand_in": offered.of(container["Image"]).module,
                "model_dir": str(model_dir),
                "environment": container.get("Environment", {}),
            }
        )
    return laid_out


def _extracted(objects: Objects, artifact: str, model_dir: Path) -> Path:
    try:
        objects.extract(artifact, model_dir)
    except MissingInputError as error:
        raise HostingError(str(error)) from error
    except (tarfile.TarError, EOFError, OSError) as error:
        raise HostingError(f"Failed to extract model data archive {artifact}: {error}") from error
    return model_dir


def _wait(process: Process, ready: Path, log: Path) -> int:
    """The port, once the server has written it."""
    deadline = time.monotonic() + READY_SECONDS
    while not ready.exists():
        code = process.wait(0.01)
        if code is not None:
            process.signal(9)
            last = (head(log, 100_000) or "").splitlines()[-3:]
            raise HostingError(_unhealthy(f"it ended with exit code {code}: {' | '.join(last)}"))
        if time.monotonic() > deadline:
            end(process, 2)
            raise HostingError(_unhealthy(f"it did not answer within {READY_SECONDS:.0f} seconds"))
    return int(json.loads(ready.read_text())["port"])


def _unhealthy(why: str) -> str:
    return (
        "The primary container for production variant AllTraffic did not pass the ping health check. Please check "
        f"CloudWatch logs for this endpoint. ({why})"
    )[:1024]
