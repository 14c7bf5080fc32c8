"""Real endpoints on the loopback address: what boto3's sagemaker-runtime client calls, answered by trained models."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.evaluate.trained import Trained


@contextmanager
def serving(models: dict[str, Trained], *, failures: int = 0) -> Iterator[str]:
    """The address of a server with these endpoints; its first `failures` requests are answered with status 503."""
    left = iter(range(failures))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            model = models.get(self.path.split("/")[2])
            if next(left, None) is not None:
                self._send(503, json.dumps({"message": "not yet"}), "ServiceUnavailable")
            elif model is None:
                self._send(400, json.dumps({"message": "Endpoint not found"}), "ValidationError")
            else:
                self._send(200, model.answer(text))

        def _send(self, status: int, text: str, code: str = "") -> None:
            body = text.encode()
            self.send_response(status)
            if code:
                self.send_header("x-amzn-ErrorType", code)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
