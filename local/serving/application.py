"""The endpoint's HTTP side: GET /ping and POST /invocations as a bare ASGI application, for this machine's programs.

A framework would cost more than a small prediction. Requests of one worker are answered one after the other, in the
event loop itself: the work is all computing, and a handover to a thread would only add to it.
"""

import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from local.containers.reply import REQUEST_HEADERS, Container, Reply
from local.serving.capture import Capture, Observation, now
from local.wire import callers

LARGEST_PAYLOAD = 6 * 1024 * 1024
"""Bytes; SageMaker's limit for a real-time request."""
LONG = 0.004
"""Seconds of a request after which its connection is closed, so that the caller's next one goes to whichever worker is
free, and not to this one because it once took the connection. Connecting again costs a fortieth of that."""

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Application:
    """Serves a pipeline; `capture` None records nothing."""

    def __init__(
        self, pipeline: Container, variant: str, capture: Capture | None = None, largest: int = LARGEST_PAYLOAD
    ) -> None:
        self._pipeline = pipeline
        self._variant = variant.encode()
        self._capture = capture
        self._largest = largest

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """One HTTP request."""
        started = time.perf_counter()
        match scope["method"], scope["path"]:
            case _ if callers.is_foreign(_headers(scope)):
                reply = Reply(403, "text/plain", callers.REFUSAL)
            case "POST", "/invocations":
                reply = await self._invocation(scope, receive)
            case "GET", "/ping":
                reply = Reply(200, "application/json", b"")
            case _, "/invocations" | "/ping":
                reply = Reply(405, "text/plain", b"method not allowed")
            case _:
                reply = Reply(404, "text/plain", b"not found: an endpoint has /ping and /invocations")
        headers = [
            *([(b"connection", b"close")] if time.perf_counter() - started > LONG else []),
            (b"content-type", reply.content_type.encode()),
            (b"content-length", str(len(reply.body)).encode()),
            (b"x-amzn-invoked-production-variant", self._variant),
        ]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})

    async def _invocation(self, scope: MutableMapping[str, Any], receive: Receive) -> Reply:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        if int(headers.get(b"content-length") or 0) > self._largest:
            return _too_large(self._largest)
        body = await _body(receive, self._largest)
        if len(body) > self._largest:
            return _too_large(self._largest)
        content_type = headers.get(b"content-type")
        REQUEST_HEADERS.set({name.decode("latin-1"): value for name, value in headers.items()})
        reply = self._pipeline.invoke(body, content_type, headers.get(b"accept"))
        if self._capture is not None and reply.ok and self._capture.wanted():
            self._capture.add(
                Observation(
                    body,
                    content_type or "",
                    reply,
                    now(),
                    headers.get(b"x-amzn-sagemaker-inference-id"),
                    headers.get(b"x-amzn-sagemaker-custom-attributes"),
                )
            )
        return reply


def _headers(scope: MutableMapping[str, Any]) -> Callable[[str], str | None]:
    """A request's headers by name."""
    given = {name: value.decode("latin-1") for name, value in scope["headers"]}
    return lambda name: given.get(name.lower().encode())


async def _body(receive: Receive, largest: int) -> bytes:
    """The request's body; reading stops soon after it is known to be too large."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body
    chunks, size = [body], len(body)
    while message.get("more_body") and size <= largest:
        message = await receive()
        chunk: bytes = message.get("body", b"")
        chunks.append(chunk)
        size += len(chunk)
    return b"".join(chunks)


def _too_large(largest: int) -> Reply:
    return Reply(413, "text/plain", f"the payload is larger than {largest} bytes".encode())
