"""A threaded HTTP/1.1 server on the loopback address: bytes in, bytes out, connections kept open.

werkzeug's own server closes every connection after one answer, which costs each AWS client a connect per call; this one
reads the whole body first, so that the next request on the connection starts where it should. It must not know what it
serves: that is the application's affair. It listens on 127.0.0.1 only, because what it serves trusts every caller, and
refuses what a web page in the user's browser sends: such a page reaches this address, too, and must not start jobs.
"""

import io
import json
import socket
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.http import parse_set_header
from werkzeug.serving import ThreadedWSGIServer

from local.wire import callers

Environ = dict[str, Any]
LARGEST_BODY = 5 * 1024**3 + 1024**2
"""Bytes: S3's largest single upload, and some more for what a form puts around it."""
_TEXT = (("Content-Type", "text/plain"),)


@dataclass(frozen=True, slots=True)
class Request:
    """One request: `environ` is WSGI's, its input replaced by `body` for whoever reads it next."""

    environ: Environ
    body: bytes

    @property
    def method(self) -> str:
        return str(self.environ["REQUEST_METHOD"])

    @property
    def path(self) -> str:
        """The path, percent signs decoded, as text."""
        return str(self.environ["PATH_INFO"]).encode("latin-1").decode("utf-8", "replace")

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.environ.get("QUERY_STRING", ""), keep_blank_values=True))

    def header(self, name: str) -> str | None:
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        value = self.environ.get(key)
        return None if value is None else str(value)

    def wsgi_environ(self) -> Environ:
        """A fresh environment whose input is the body from its first byte."""
        return {**self.environ, "wsgi.input": io.BytesIO(self.body), "CONTENT_LENGTH": str(len(self.body))}


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; header names as they go over the wire."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @property
    def succeeded(self) -> bool:
        return 200 <= self.status < 300

    @property
    def header_map(self) -> Mapping[str, str]:
        """Headers by lower-case name."""
        return MappingProxyType({name.lower(): value for name, value in self.headers})


class MalformedError(Exception):
    """A request that is no HTTP; `status` is what it is answered with, before the connection is closed."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def length_of(text: str | None) -> int:
    """A Content-Length. Raises MalformedError.

    >>> length_of(None), length_of("12")
    (0, 12)
    """
    if not text:
        return 0
    if not (text.isascii() and text.isdigit()):
        raise MalformedError(f"the Content-Length {text[:40]!r} is no number of bytes")
    if len(text) > len(str(LARGEST_BODY)) or int(text) > LARGEST_BODY:
        raise MalformedError(f"the body has {text[:40]} bytes, and at most {LARGEST_BODY} are taken", 413)
    return int(text)


class _Handler(MotoRequestHandler):  # moto's, because it keeps header names with underscores (S3 metadata)
    server: "LoopbackServer"
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # otherwise an answer in two packets waits 40 ms for the client's acknowledgement
    wbufsize = -1

    def setup(self) -> None:
        super().setup()
        self.server.opened(self.connection)

    def finish(self) -> None:
        self.server.closed(self.connection)
        super().finish()

    def handle_expect_100(self) -> bool:
        """Tells an uploading client to go on; unflushed, it would wait a second for that."""
        proceed = super().handle_expect_100()
        self.wfile.flush()
        return bool(proceed)

    def run_wsgi(self) -> None:
        try:
            request = self._request()
        except MalformedError as error:
            self.close_connection = True  # where the next request would begin, nobody knows
            self._send(Answer(error.status, _TEXT, f"{error}\n".encode()))
            return
        try:
            answer = (
                Answer(403, _TEXT, callers.REFUSAL)
                if callers.is_foreign(request.header)
                else self.server.answer(request)
            )
        except Exception as error:  # noqa: BLE001 - a bug of ours must not end the connection without a word
            traceback.print_exc()
            answer = _internal_failure(error)
        self._send(answer)

    def _request(self) -> Request:
        environ = self.make_environ()
        if "chunked" in parse_set_header(environ.get("HTTP_TRANSFER_ENCODING")):
            try:
                return Request(environ, environ["wsgi.input"].read())
            except OSError as error:
                raise MalformedError(f"the chunked body is malformed: {error}") from error
        length = length_of(environ.get("CONTENT_LENGTH"))
        body = self.rfile.read(length)
        if len(body) < length:
            raise MalformedError(f"the body ended after {len(body)} of {length} bytes")
        return Request(environ, body)

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        is_empty = self.command == "HEAD" or answer.status in (204, 304)
        for name, value in answer.headers:
            if name.lower() not in ("connection", "transfer-encoding") and (
                is_empty or name.lower() != "content-length"
            ):
                self.send_header(name, value)
        if not is_empty:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if not is_empty:
            self.wfile.write(answer.body)
        self.wfile.flush()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: thousands of lines a run, and what matters is in the logs of functions and jobs."""


class LoopbackServer(ThreadedWSGIServer):
    """Serves `answer` on 127.0.0.1:`port` (0: a free one) between `start` and `stop`.

    Raises OSError when the port is taken.
    """

    daemon_threads = True

    def __init__(self, answer: Callable[[Request], Answer], port: int = 0) -> None:
        self.answer = answer
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", port))
            listener.listen(128)
            # Handed over as a descriptor: given a taken port itself, werkzeug prints and ends the process.
            super().__init__("127.0.0.1", port, _refuse, _Handler, fd=listener.fileno())
        finally:
            listener.close()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), name="front-door", daemon=True)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def opened(self, connection: socket.socket) -> None:
        with self._lock:
            self._connections.add(connection)

    def closed(self, connection: socket.socket) -> None:
        with self._lock:
            self._connections.discard(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no event; anything else is shown."""
        del request, client_address
        traceback.print_exc()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stops listening and ends the connections that clients keep open."""
        if self._thread.is_alive():
            self.shutdown()
            self._thread.join()
        self.server_close()
        with self._lock:
            remaining = list(self._connections)
        for connection in remaining:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # already gone


def _internal_failure(error: Exception) -> Answer:
    """AWS's answer to a fault of its own. What happened stands in the log, not in the answer."""
    message = f"{type(error).__name__} in the embedded cloud; its output has the traceback"
    body = json.dumps({"__type": "InternalFailure", "message": message}).encode()
    return Answer(500, (("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-ErrorType", "InternalFailure")), body)


def _refuse(environ: Environ, start_response: Any) -> list[bytes]:
    """werkzeug wants a WSGI application; requests are answered by `LoopbackServer.answer` instead."""
    del environ, start_response
    raise NotImplementedError
