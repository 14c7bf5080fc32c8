"""The laptop as SageMaker's fleet: where jobs lie on disk, what they may use, and the threads that look after them.

Every job has one thread, which alone writes its record; stopping is a flag that thread looks at. When the whole cloud
closes, processes end but records stay as they were: a job cut off that way is found in flight at the next start.
"""

import os
import shutil
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from local.containers import BUILT_IN, Registry
from local.sagemaker.assumed import Assuming
from local.sagemaker.logs import Logs
from local.sagemaker.platform import Platform
from local.sagemaker.processes import Executor
from local.sagemaker.resource_registry import Kind, Record, ResourceRegistry
from local.sagemaker.serverless import USUAL, Offer

CORES = os.cpu_count() or 1


@dataclass(frozen=True)
class Machine:
    """What every kind of job needs to run."""

    directory: Path
    registry: ResourceRegistry
    assumed: Assuming
    logs: Logs
    forks: Executor
    platform: Platform
    offered: Registry = BUILT_IN
    """What stands in for algorithms' images."""
    refused_objectives: frozenset[str] = frozenset()
    """Metrics that no tuning may have for its objective, though the algorithm prints them."""
    refuses_lists: bool = False
    """Whether a tuning may try a number between two ends only, and not over a list of values."""
    serverless: Offer = USUAL
    """What serverless endpoints the account may have."""
    speed: float = 60.0
    """By how much what an endpoint waits for passes faster than on AWS."""
    # As many trainings at a time as there are cores: the rest wait as they would for an instance.
    slots: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(max(2, CORES)))
    # As many servers start at a time: all at once, they would keep each other from answering in time.
    starts: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(max(2, CORES)))

    def home(self, record: Record) -> Path:
        return self.directory / "jobs" / record.kind / record.name

    def log_file(self, record: Record) -> Path:
        return self.home(record) / "log.txt"

    def root(self, record: Record) -> Path:
        """The job's /opt/ml; made empty."""
        root = self.home(record) / "opt" / "ml"
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)
        return root

    def scratch(self, record: Record) -> Path:
        """The job's own /tmp: xgboost looks at every neighbour of a temporary file, and fails when one vanishes."""
        path = self.home(record) / "opt" / "tmp"
        path.mkdir(parents=True, exist_ok=True)
        return path

    def clear(self, record: Record) -> None:
        """Give the disk back; what matters is in S3 by now, and the log stays."""
        shutil.rmtree(self.home(record) / "opt", ignore_errors=True)


class Threads:
    """One thread and one stop flag for each job in flight."""

    def __init__(self, registry: ResourceRegistry) -> None:
        self._registry = registry
        self._stops: dict[tuple[Kind, str], threading.Event] = {}
        self._threads: list[threading.Thread] = []

    def begin(self, record: Record, work: Callable[[Record, threading.Event], None]) -> None:
        stop = threading.Event()
        thread = threading.Thread(
            target=_guarded, args=(work, record, stop), daemon=True, name=f"{record.kind}/{record.name}"
        )
        with self._registry.lock:
            self._stops[record.kind, record.name] = stop
            self._threads = [*(t for t in self._threads if t.is_alive()), thread]
        thread.start()

    def stop(self, record: Record) -> None:
        """Raise the flag of a job; nothing happens to one that has ended."""
        with self._registry.lock:
            stop = self._stops.get((record.kind, record.name))
        if stop is not None:
            stop.set()
        with self._registry.moved:
            self._registry.moved.notify_all()

    def close(self, seconds: float = 15.0) -> None:
        """Raise every flag and wait for the threads."""
        with self._registry.moved:
            stops, threads = list(self._stops.values()), list(self._threads)
            for stop in stops:
                stop.set()
            self._registry.moved.notify_all()
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(seconds)


def _guarded(work: Callable[[Record, threading.Event], None], record: Record, stop: threading.Event) -> None:
    try:
        work(record, stop)
    except Exception:  # noqa: BLE001 - the last line of defence of a thread: whatever it was must be seen
        print(f"the thread of {record.kind}/{record.name} failed:\n{traceback.format_exc()}", file=sys.stderr)


def head(path: Path, characters: int = 1024) -> str | None:
    """The beginning of a message file, or None without one."""
    if not path.is_file():
        return None
    return path.read_text("utf-8", errors="replace").strip()[:characters] or None
