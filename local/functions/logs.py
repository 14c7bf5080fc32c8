"""A function's log, as Lambda keeps it: one file a function on the laptop, and the same lines in CloudWatch Logs.

Shipping happens in a thread of its own: a function does not wait for its log. It must not lose a line at the end:
`close` ships what is left.
"""

import contextlib
import queue
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

_LARGEST_BATCH = 1000  # lines; CloudWatch takes 10,000 events and 1 MiB a call
_LONGEST_LINE = 200_000  # characters; CloudWatch takes 256 KiB an event


class FunctionLogs:
    """Thread-safe. `client`: makes a CloudWatch Logs client, on first use; None keeps files only.

    `owner`: makes the client that creates log groups, which on AWS is the template and not the functions' role.
    """

    def __init__(
        self, directory: Path, client: Callable[[], Any] | None, owner: Callable[[], Any] | None = None
    ) -> None:
        self._directory = directory
        self._make_client = client
        self._make_owner = owner or client
        self._lock = threading.Lock()
        self._queue: queue.SimpleQueue[tuple[str, str, Sequence[str], int] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._ship_all, name="function-logs", daemon=True)
        directory.mkdir(parents=True, exist_ok=True)
        if client is not None:
            self._thread.start()

    def write(self, *, function: str, group: str, stream: str, lines: Sequence[str]) -> None:
        """Keeps the lines of one invocation together."""
        with self._lock, (self._directory / f"{function}.log").open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
        if self._make_client is not None:
            self._queue.put((group, stream, lines, int(time.time() * 1000)))

    def close(self) -> None:
        """Ships the rest and ends."""
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    def _ship_all(self) -> None:
        assert self._make_client is not None  # noqa: S101 - the thread runs only then
        assert self._make_owner is not None  # noqa: S101
        known: set[tuple[str, str]] = set()
        client: Any = None
        while (entry := self._queue.get()) is not None:
            group, stream, lines, at = entry
            try:
                client = client or self._make_client()
                if (group, stream) not in known:
                    _create(self._make_owner(), client, group, stream)
                    known.add((group, stream))
                _put(client, group, stream, lines, at)
            except Exception:  # noqa: BLE001 - the file has the lines; later ones must still be shipped
                traceback.print_exc()


def _create(owner: Any, client: Any, group: str, stream: str) -> None:
    with contextlib.suppress(owner.exceptions.ResourceAlreadyExistsException):
        owner.create_log_group(logGroupName=group)
    with contextlib.suppress(client.exceptions.ResourceAlreadyExistsException):
        client.create_log_stream(logGroupName=group, logStreamName=stream)


def _put(client: Any, group: str, stream: str, lines: Sequence[str], at: int) -> None:
    events = [{"timestamp": at, "message": line[:_LONGEST_LINE]} for line in lines if line]
    for first in range(0, len(events), _LARGEST_BATCH):
        client.put_log_events(
            logGroupName=group, logStreamName=stream, logEvents=events[first : first + _LARGEST_BATCH]
        )
