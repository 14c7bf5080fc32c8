"""Many endpoints that are to start at once: no more of them start than there are cores, and each gets its turn."""

from __future__ import annotations

import io
import json
import tarfile
import threading
from pathlib import Path
from typing import Any, Never

from local.sagemaker.machine import CORES
from tests.sagemaker.conftest import Cloud
from tests.sagemaker.requests import BUCKET
from tests.sagemaker.test_endpoints import config, deployed, model

AT_ONCE = max(2, CORES)


class Answering:
    """A server that runs until it is told to stop."""

    def __init__(self) -> None:
        self._stopped = threading.Event()

    def wait(self, seconds: float) -> int | None:
        return 0 if self._stopped.wait(seconds) else None

    def signal(self, number: int) -> None:
        del number
        self._stopped.set()


class SlowStarts:
    """An executor whose servers take a moment to answer, and which counts how many of them are at it."""

    def __init__(self) -> None:
        self.most = 0
        self._starting = 0
        self._lock = threading.Lock()

    def warm(self) -> None:
        """Nothing."""

    def execute(self, *_: Any, **__: Any) -> Never:
        raise AssertionError("no container of another image is run here")

    def close(self) -> None:
        """Nothing."""

    def run(self, argv: list[str], **_: object) -> Answering:
        with self._lock:
            self._starting += 1
            self.most = max(self.most, self._starting)
        ready = Path(json.loads(Path(argv[-1]).read_text())["ready_file"])
        threading.Timer(0.1, self._answer, [ready]).start()
        return Answering()

    def _answer(self, ready: Path) -> None:
        with self._lock:
            self._starting -= 1
        ready.with_suffix(".part").write_text('{"port": 1}')
        ready.with_suffix(".part").replace(ready)


def test_no_more_servers_start_at_once_than_there_are_cores(moto_url: str, tmp_path: Path) -> None:
    starts = SlowStarts()
    cloud = Cloud(moto_url, tmp_path, starts)
    cloud.s3.create_bucket(Bucket=BUCKET)
    packed = io.BytesIO()
    tarfile.open(fileobj=packed, mode="w:gz").close()
    cloud.sagemaker.call("CreateModel", model("m", cloud.put("empty/model.tar.gz", packed.getvalue())))
    cloud.sagemaker.call("CreateEndpointConfig", config("c", "m"))
    names = [f"e-{number}" for number in range(4 * AT_ONCE)]
    for name in names:
        cloud.sagemaker.call("CreateEndpoint", {"EndpointName": name, "EndpointConfigName": "c"})

    assert {deployed(cloud, name)["EndpointStatus"] for name in names} == {"InService"}
    assert starts.most == AT_ONCE
    cloud.sagemaker.close()
