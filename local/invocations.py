"""InvokeEndpoint: from a client through SageMaker's runtime address to the container, with AWS's limits and errors.

It must not look into the payload: formats are the containers' affair, capture the endpoint's.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

import urllib3

from local.wire.errors import ApiError
from local.wire.http_server import Answer, Request

LARGEST_PAYLOAD = 6 * 1024 * 1024  # bytes; 25 MB is reported for newer endpoints, but nothing official says so
LONGEST_ANSWER = 60.0  # seconds a container may take
_TO_CONTAINER = (
    "Content-Type",
    "Accept",
    "X-Amzn-SageMaker-Inference-Id",
    "X-Amzn-SageMaker-Custom-Attributes",
    "X-Amzn-SageMaker-Target-Variant",
    "X-Amzn-SageMaker-Target-Model",
)
_TO_CLIENT = ("content-type", "x-amzn-invoked-production-variant", "x-amzn-sagemaker-custom-attributes")

Calling = Callable[[str, int], AbstractContextManager[tuple[str, int]]]
Answered = Callable[[str, int, int, float], None]


class Invocations:
    """Hands requests to endpoints over kept-open connections.

    `calling(endpoint name, bytes)` gives host and port for as long as a request takes, or raises ApiError when there is
    no such endpoint in service. `answered(endpoint name, port, status, seconds)` is told how a request ended; status 0:
    it was not answered at all.
    """

    def __init__(self, calling: Calling, answered: Answered) -> None:
        self._calling, self._answered = calling, answered
        self._connections = urllib3.PoolManager(num_pools=64, maxsize=32, retries=False)

    def invoke(self, endpoint: str, request: Request) -> Answer:
        """The container's answer. Raises ApiError ValidationError (400, 413) or ModelError (424)."""
        if len(request.body) > LARGEST_PAYLOAD:
            raise ApiError(
                "ValidationError",
                f"The payload has {len(request.body)} bytes; at most {LARGEST_PAYLOAD} are allowed",
                413,
            )
        with self._resolved(endpoint, len(request.body)) as (host, port):
            began, status = time.monotonic(), 0
            try:
                response = self._ask(endpoint, f"http://{host}:{port}/invocations", request)
                status = response.status
            finally:
                self._answered(endpoint, port, status, time.monotonic() - began)
        if not 200 <= response.status < 300:
            raise _model_error(endpoint, response.status, response.data.decode("utf-8", "replace"))
        kept = ((name, value) for name, value in response.headers.items() if name.lower() in _TO_CLIENT)
        return Answer(200, tuple(kept), response.data)

    def put_off(self, endpoint: str) -> Answer:
        """InvokeEndpointAsync, which no endpoint here takes: none can have an AsyncInferenceConfig. Raises ApiError
        ValidationError, also of an endpoint that is not there."""
        with self._resolved(endpoint, 0):
            text = f"Endpoint {endpoint} has no AsyncInferenceConfig and takes no asynchronous requests: InvokeEndpoint"
            raise ApiError("ValidationError", f"{text} asks it, and a batch transform what is larger.")

    def _ask(self, endpoint: str, url: str, request: Request) -> urllib3.BaseHTTPResponse:
        headers = {name: value for name in _TO_CONTAINER if (value := request.header(name)) is not None}
        try:
            return self._connections.request(
                "POST",
                url,
                body=request.body,
                headers=headers,
                timeout=urllib3.Timeout(connect=5, read=LONGEST_ANSWER),
            )
        except urllib3.exceptions.HTTPError as error:
            raise _model_error(endpoint, 0, f"no answer: {error}") from error

    @contextmanager
    def _resolved(self, endpoint: str, size: int) -> Iterator[tuple[str, int]]:
        with ExitStack() as under_way:
            try:
                address = under_way.enter_context(self._calling(endpoint, size))
            except ApiError as error:
                # The control plane says ValidationException; the runtime's model calls the same thing ValidationError.
                code = "ValidationError" if error.code == "ValidationException" else error.code
                raise ApiError(code, error.message, error.status) from error
            yield address

    def close(self) -> None:
        self._connections.clear()


def _model_error(endpoint: str, status: int, message: str) -> ApiError:
    """What a client gets when the container answers with an error, or not at all (status 0)."""
    blame = "client" if 400 <= status < 500 else "server"
    members: dict[str, Any] = {
        "OriginalStatusCode": status,
        "OriginalMessage": message,
        "LogStreamArn": f"/aws/sagemaker/Endpoints/{endpoint}",
    }
    sentence = f'Received {blame} error ({status}) from primary with message "{message}"; its log group is '
    return ApiError("ModelError", sentence + members["LogStreamArn"], 424, **members)
