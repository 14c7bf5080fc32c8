"""Lambda's Runtime API on the loopback address: what a runtime asks for its next event and tells how it went.

As AWS documents it (version 2018-06-01): `invocation/next` waits until there is an event and describes it in headers,
`invocation/<id>/response` and `invocation/<id>/error` end it, `init/error` says that the function cannot be loaded. It
knows nothing of the function. One function a server, one event at a time, as one execution environment of Lambda's.
"""

from __future__ import annotations

import json
import queue
import re
import sys
import threading
import time
import uuid
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_ROOT = "/2018-06-01/runtime"
_ENDS = re.compile(rf"{_ROOT}/invocation/([0-9a-f-]+)/(response|error)")


@dataclass(frozen=True, slots=True)
class Invocation:
    """One event on its way to the function."""

    event: Any
    arn: str
    seconds: float
    request_id: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended: `kind` is `response`, `error`, or `init/error`; `error_type` as its header says."""

    kind: str
    document: Any
    request_id: str
    error_type: str | None


class RuntimeApi:
    """A context manager; `address` is what AWS_LAMBDA_RUNTIME_API holds."""

    def __init__(self) -> None:
        self.waiting: queue.Queue[Invocation | None] = queue.Queue()
        self.outcomes: queue.Queue[Outcome] = queue.Queue()
        self.asked = threading.Event()
        """Set when the function asked for its first event, which is when it is loaded."""
        self.complaints: list[str] = []
        """What a runtime did that the API does not know."""
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.api = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> RuntimeApi:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.waiting.put(None)
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    def invoke(self, event: Any, *, arn: str, seconds: float) -> Invocation:
        """Give the function an event; its outcome comes in `outcomes`."""
        invocation = Invocation(event, arn, seconds, str(uuid.uuid4()))
        self.waiting.put(invocation)
        return invocation


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    api: RuntimeApi

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A function that is ended hangs up; anything else is a mistake of ours."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        if self.path != f"{_ROOT}/invocation/next":
            return self._refuse()
        self.server.api.asked.set()
        invocation = self.server.api.waiting.get()
        if invocation is None:  # the test is over, and with it the function
            self.close_connection = True
            return None
        body = json.dumps(invocation.event).encode()
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(round((time.time() + invocation.seconds) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.arn,
            "Lambda-Runtime-Trace-Id": f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Sampled=0",
        }
        return self._answer(200, body, headers)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        error_type = self.headers.get("Lambda-Runtime-Function-Error-Type")
        if self.path == f"{_ROOT}/init/error":
            outcome = Outcome("init/error", json.loads(body), "", error_type)
        elif match := _ENDS.fullmatch(self.path):
            outcome = Outcome(match[2], json.loads(body), match[1], error_type)
        else:
            return self._refuse()
        self._answer(202, b'{"status":"OK"}', {"Content-Type": "application/json"})
        self.server.api.outcomes.put(outcome)
        return None

    def log_message(self, *_: object) -> None:
        """Nothing: the test looks at outcomes."""

    def _refuse(self) -> None:
        self.server.api.complaints.append(f"{self.command} {self.path}")
        self._answer(404, b"{}", {"Content-Type": "application/json"})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
