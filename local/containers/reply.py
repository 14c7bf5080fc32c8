"""What a container answers to one request, and what every stand-in for a serving container can do."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

REQUEST_HEADERS: ContextVar[Mapping[str, str]] = ContextVar("REQUEST_HEADERS", default={})  # noqa: B039 (read only)
"""The headers of the request that is being answered, for containers that look at more than body and types."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer."""

    status: int
    content_type: str
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether the answer is one: the next container of a pipeline gets nothing else."""
        return 200 <= self.status < 300


class Container(Protocol):
    """Answers POST /invocations. Called from one thread at a time, as a synchronous worker process is."""

    def invoke(self, body: bytes, content_type: str | None, accept: str | None) -> Reply:
        """The answer; failures are answers with a status, never exceptions."""
        ...


def served_as(media: str) -> str:
    """The Content-Type header that Flask, which all these containers use, makes of a media type.

    >>> served_as("text/csv"), served_as("application/json")
    ('text/csv; charset=utf-8', 'application/json')
    """
    return f"{media}; charset=utf-8" if media.startswith("text/") else media


def server_error() -> Reply:
    """What Flask answers when code behind it raises: a page that tells the caller nothing."""
    page = (
        "<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n<h1>Internal Server Error</h1>\n"
        "<p>The server encountered an internal error and was unable to complete your request. Either the server is "
        "overloaded or there is an error in the application.</p>\n"
    )
    return Reply(500, served_as("text/html"), page.encode())
