"""Job logs: a file while the job runs, CloudWatch Logs once it has ended.

Shipping happens in one background thread, so that no job's state waits for it. A log that cannot be shipped is said on
standard error and stays as a file; it never changes the fate of a job.
"""

import contextlib
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

_BATCH_EVENTS = 1_000
_EVENT_BYTES = 250_000


class Logs:
    """Ships log files."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._groups: set[str] = set()
        self._waiting: queue.Queue[tuple[str, str, Path, int, Callable[[], None]] | None] = queue.Queue()
        self._thread = threading.Thread(target=self._work, daemon=True, name="log-shipper")
        self._thread.start()

    def ship(self, group: str, stream: str, path: Path, then: Callable[[], None] = lambda: None) -> None:
        """Send what the file holds by now, soon; `then`, unless it could not be sent, do what only waits for that."""
        self._waiting.put((group, stream, path, int(time.time() * 1000), then))

    def close(self) -> None:
        """Send what waits, at most five seconds long."""
        self._waiting.put(None)
        self._thread.join(5)

    def _work(self) -> None:
        while (item := self._waiting.get()) is not None:
            group, stream, path, at, then = item
            try:
                self._send(group, stream, path, at)
                then()
            except (ClientError, BotoCoreError, OSError) as error:
                print(f"the log {path} was not sent to CloudWatch Logs: {error}", file=sys.stderr)

    def _send(self, group: str, stream: str, path: Path, at: int) -> None:
        if not path.exists() or not path.stat().st_size:
            return
        already = self._client.exceptions.ResourceAlreadyExistsException
        if group not in self._groups:
            with contextlib.suppress(already):
                self._client.create_log_group(logGroupName=group)
            self._groups.add(group)
        with contextlib.suppress(already):
            self._client.create_log_stream(logGroupName=group, logStreamName=stream)
        for events in batches(path, at):
            self._client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)


def batches(path: Path, at: int) -> Iterator[list[dict[str, Any]]]:
    """The lines of a log as CloudWatch events: blank lines out, long ones cut, a thousand or so at a time."""
    events: list[dict[str, Any]] = []
    size = 0
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            text = line.rstrip("\n")[:_EVENT_BYTES]
            if not text.strip():
                continue
            events.append({"timestamp": at, "message": text})
            size += len(text)
            if len(events) >= _BATCH_EVENTS or size > _EVENT_BYTES:
                yield events
                events, size = [], 0
    if events:
        yield events
