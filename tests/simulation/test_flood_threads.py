"""The same flood with functions that really run at once: threads, real clocks, and a cloud that answers in turn."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.aws.store import Store
from chalicelib.runtime import Runtime
from chalicelib.runtime.telemetry import log
from tests.memory_cloud import executing
from tests.relay.builders import DEPLOYMENT
from tests.simulation.chance import Chance
from tests.simulation.history import assemble
from tests.simulation.world import World

TRAIN = "datasets/churn/train/"
LATENCY = 0.003


class _InTurn:
    """A client for many threads: calls take their time side by side, and have their effect one after the other."""

    def __init__(self, client: Any, lock: threading.Lock) -> None:
        self._client, self._lock = client, lock

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._client, name)
        return value if name == "exceptions" else self._timed(value)

    def _timed(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any, **request: Any) -> Any:
            time.sleep(LATENCY)
            with self._lock:
                answer = call(*arguments, **request)
                if isinstance(answer, Iterator):
                    return list(answer)
                return _InTurn(answer, self._lock) if hasattr(answer, "paginate") else answer

        return timed


class Cloud:
    """What the functions share."""

    def __init__(self) -> None:
        self.world = World(Chance(1, frozenset()), assemble)
        self.lock = threading.Lock()
        self.listed: list[float] = []
        self.failed: list[Exception] = []
        self.world.bucket.on_list = lambda prefix: self.listed.append(time.monotonic()) if prefix == TRAIN else None

    def runtime(self) -> Runtime:
        """The runtime of one function."""

        def client(of: Any) -> Any:
            return _InTurn(of, self.lock)

        executor = executing.executor(DEPLOYMENT, lambda service: client(self.world.cloud.clients[service]))
        return Runtime(executor, lambda: datetime.now(UTC))

    def upload(self, number: int) -> None:
        """A file, and the function that its event calls."""
        key = f"{TRAIN}{number}.csv"
        with self.lock:
            version = self.world.bucket.put(key, b"%d" % number)
        about = {"key": key, "etag": version.etag, "version-id": version.id}
        detail = {"bucket": {"name": DEPLOYMENT.bucket}, "object": about}
        try:
            self.runtime().receive({"detail-type": "Object Created", "detail": detail})
        except Exception as problem:  # noqa: BLE001 (as Lambda does)
            self.failed.append(problem)


@pytest.mark.parametrize(
    ("files", "at_once", "a_second"), [(150, 30, 0), pytest.param(1000, 60, 60, marks=pytest.mark.slow)]
)
def test_functions_that_run_at_once_look_once_a_second(files: int, at_once: int, a_second: int) -> None:
    cloud, before = Cloud(), log.log_level
    log.setLevel("CRITICAL")
    began = time.monotonic()
    try:
        with ThreadPoolExecutor(at_once) as functions:
            for number in range(files):
                functions.submit(cloud.upload, number)
                time.sleep(1 / a_second if a_second else 0)
    finally:
        log.setLevel(before)
    took = time.monotonic() - began

    assert cloud.failed == []
    assert len(cloud.listed) <= took + 2
    store = Store(cloud.world.table, DEPLOYMENT.table)
    dataset = store.dataset("churn")
    assert [kind for kind, _ in store.open_records() if kind == "look"] == []
    assert dataset.active
    run = json.loads(cloud.world.bucket.body(f"runs/{dataset.active}/inputs.json") or b"")
    assert dataset.queued or len(run["objects"]) == files
    assert sum(key.startswith("run#") for key in cloud.world.table.items) == 1
