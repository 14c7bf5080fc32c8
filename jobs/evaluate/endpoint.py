"""Asking an endpoint: several requests in flight, answers in order, patience with what passes by itself.

A new endpoint throttles, loads its model, loses a connection; such a request is sent again after a growing, jittered
pause. What will not change by waiting (a row the model refuses, a missing endpoint) fails at once.
Requests carry a custom attribute which data capture records, so that the drift check can tell them from real traffic.
"""

import random
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004  botocore's own name for it
    HTTPClientError,
    IncompleteReadError,
)

from jobs.tables.bodies import Body

IN_FLIGHT = 4
TRIES = 7
LONGEST_PAUSE = 20.0
ATTRIBUTES = "sagerelay=evaluation"
_PASSING_CODES = frozenset(
    {
        "ThrottlingException",
        "Throttling",
        "TooManyRequestsException",
        "ModelNotReadyException",
        "InternalDependencyException",
        "InternalFailure",
        "ServiceUnavailable",
        "ServiceUnavailableException",
    }
)


class EndpointError(Exception):
    """The endpoint did not answer; the message says for which rows, after how many tries, and with what words.

    `refused` is the body that it refused as unreadable (status 400), with its `words`; None for everything else.
    """

    def __init__(self, message: str, refused: Body | None = None, words: str = "") -> None:
        super().__init__(message)
        self.refused = refused
        self.words = words


class RuntimeClient(Protocol):
    """What is needed of boto3's sagemaker-runtime client."""

    def invoke_endpoint(self, **request: Any) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Answer:
    """The text an endpoint answered to one body, and how many tries it took."""

    body: Body
    text: str
    tries: int


def ask(
    client: RuntimeClient,
    endpoint: str,
    bodies: Iterable[Body],
    *,
    in_flight: int = IN_FLIGHT,
    tries: int = TRIES,
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[Answer]:
    """The answers to `bodies` in their order; at most `in_flight` are asked at a time and read ahead of the caller.

    Raises EndpointError for the first body that stays unanswered.
    """
    with ThreadPoolExecutor(in_flight) as pool:
        pending: deque[Future[Answer]] = deque()
        try:
            for body in bodies:
                pending.append(pool.submit(_ask_once_or_more, client, endpoint, body, tries, pause))
                if len(pending) >= 2 * in_flight:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _ask_once_or_more(
    client: RuntimeClient, endpoint: str, body: Body, tries: int, pause: Callable[[float], None]
) -> Answer:
    for attempt in range(1, tries + 1):
        try:
            answer = client.invoke_endpoint(
                EndpointName=endpoint,
                Body=body.text.encode(),
                ContentType="text/csv",
                Accept="text/csv",
                CustomAttributes=ATTRIBUTES,
            )
            return Answer(body, answer["Body"].read().decode(), attempt)
        except (ClientError, BotoCoreError) as error:
            if attempt == tries or not will_pass(error):
                message = _told(endpoint, body, attempt, error)
                raise EndpointError(message, *_refused(body, error)) from error
        pause(random.uniform(0.5, 1.0) * min(0.5 * 2**attempt, LONGEST_PAUSE))
    raise EndpointError(f'The endpoint "{endpoint}" was not asked: {tries} tries were allowed.')


def will_pass(error: Exception) -> bool:
    """Whether the same request may succeed a little later."""
    if not isinstance(error, ClientError):
        return isinstance(error, (ConnectionError, HTTPClientError, IncompleteReadError))
    if error.response.get("Error", {}).get("Code") == "ModelError":
        return int(error.response.get("OriginalStatusCode") or 500) >= 500
    return error.response.get("Error", {}).get("Code") in _PASSING_CODES or _status(error) in range(500, 600)


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)


def _refused(body: Body, error: Exception) -> tuple[Body | None, str]:
    if not isinstance(error, ClientError) or error.response.get("OriginalStatusCode") != 400:
        return None, ""
    return body, str(error.response.get("OriginalMessage") or "")


def _told(endpoint: str, body: Body, tries: int, error: Exception) -> str:
    rows = f"rows {body.first:,} to {body.first + body.rows - 1:,} of test.csv"
    times = "1 try" if tries == 1 else f"{tries} tries"
    if not isinstance(error, ClientError):
        return f'The endpoint "{endpoint}" gave no answer for {rows} after {times}: {error}'
    status = error.response.get("OriginalStatusCode") or _status(error)
    words = error.response.get("OriginalMessage") or error.response.get("Error", {}).get("Message", "")
    return f'The endpoint "{endpoint}" refused {rows} after {times} with status {status}: {str(words)[:600]}'
