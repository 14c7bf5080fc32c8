"""One warm process of Lambda, seen from outside: start it, hand it an event, read its log, end it.

It must not retry or judge: a process that ends or takes too long is reported, and the pool decides.
"""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_HOST = Path(__file__).with_name("host.py")
LONGEST_START = 60.0  # seconds an import of `app` may take on a busy machine


class ProcessEnded(Exception):  # noqa: N818 - it says what happened
    """The process is gone; the text says how."""


class FunctionProcess:
    """Starts at once; `hello` waits until `app` is imported."""

    def __init__(self, task_root: Path, environment: Mapping[str, str]) -> None:
        requests_from, self._requests = os.pipe()
        self._answers, answers_to = os.pipe()
        self._unread = b""
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process; a file, because a full
        self._log_read = 0  # pipe would stop the function, and a file can be read to its end at any moment
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-u", str(_HOST), str(task_root), str(requests_from), str(answers_to)],
            env=dict(environment),
            cwd=task_root,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            pass_fds=(requests_from, answers_to),
            start_new_session=True,  # Ctrl-C is for us; we end our children ourselves
        )
        os.close(requests_from)
        os.close(answers_to)
        self._hello: dict[str, Any] | None = None

    @property
    def pid(self) -> int:
        return self._process.pid

    def hello(self) -> dict[str, Any]:
        """What `app` registers. Raises ProcessEnded with the traceback when it cannot be imported."""
        if self._hello is None:
            hello = self._read(LONGEST_START)
            if "error" in hello:
                raise ProcessEnded("app.py cannot be imported:\n" + "\n".join(self.log()))
            self._hello = hello
        return self._hello

    def ask(self, request: Mapping[str, Any], timeout: float) -> dict[str, Any]:
        """One event, one answer. Raises TimeoutError, or ProcessEnded."""
        try:
            _write_all(self._requests, json.dumps(request).encode() + b"\n")
        except BrokenPipeError as error:
            raise ProcessEnded(self._how_it_ended()) from error
        return self._read(timeout)

    def log(self) -> list[str]:
        """The lines written since the last call."""
        self._log.flush()
        size = os.fstat(self._log.fileno()).st_size
        written = os.pread(self._log.fileno(), size - self._log_read, self._log_read)
        self._log_read = size
        return written.decode("utf-8", "replace").splitlines()

    def kill(self) -> None:
        """Kills the process and whatever it started; whoever waits for its answer is told by `ask`."""
        if self._process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):  # just gone
            os.killpg(self._process.pid, signal.SIGKILL)

    def end(self) -> None:
        """Kills it, waits for it and lets go of its pipes. Nobody may be waiting for an answer."""
        self.kill()
        self._process.wait()
        for descriptor in (self._requests, self._answers):
            os.close(descriptor)
        self._log.close()

    def _read(self, timeout: float) -> dict[str, Any]:
        deadline = time.monotonic() + timeout
        while b"\n" not in self._unread:
            ready, _, _ = select.select([self._answers], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError
            if not (part := os.read(self._answers, 1 << 16)):
                raise ProcessEnded(self._how_it_ended())
            self._unread += part
        line, _, self._unread = self._unread.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _how_it_ended(self) -> str:
        code = self._process.wait()
        return f"signal: {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
