"""One line of what the doctor, or the preflight of a deployment, found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.aws.errors import BusyError, DeniedError, NotFoundError, RefusedError


class State(StrEnum):
    """What a finding means."""

    OK = "ok"
    PROBLEM = "problem"
    UNKNOWN = "unknown"
    """It could not be asked, so nothing is said about it."""
    NOTE = "note"
    """Nothing wrong, but worth knowing; also what has no meaning here."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and what to do about it."""

    subject: str
    state: State
    what: str
    todo: str = ""


def ok(subject: str, what: str) -> Finding:
    return Finding(subject, State.OK, what)


def problem(subject: str, what: str, todo: str) -> Finding:
    return Finding(subject, State.PROBLEM, what, todo)


def unknown(subject: str, what: str, todo: str = "") -> Finding:
    return Finding(subject, State.UNKNOWN, what, todo)


def note(subject: str, what: str, todo: str = "") -> Finding:
    return Finding(subject, State.NOTE, what, todo)


def has_problem(findings: Iterable[Finding]) -> bool:
    """Whether one of them is a problem."""
    return any(finding.state is State.PROBLEM for finding in findings)


def asked(subject: str, look: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """What `look` finds; what it may not ask, or is not answered, becomes one line and does not end the others."""
    try:
        yield from look()
    except ClientError as error:
        yield _refused(subject, error)
    except DeniedError as error:  # of the relay's own clients, as the next ones
        yield unknown(subject, f"you may not ask: {error}", "Ask for that permission.")
    except (BusyError, NotFoundError, RefusedError) as error:
        yield unknown(subject, str(error))
    except BotoCoreError as error:
        yield unknown(subject, f"AWS did not answer: {error}")


def _refused(subject: str, error: ClientError) -> Finding:
    code = error.response["Error"]["Code"]
    if is_denied(code):
        return unknown(subject, f"you may not ask: {error.operation_name} is refused", "Ask for that permission.")
    return unknown(subject, f"{error.operation_name} failed: {code}: {error.response['Error'].get('Message', '')}")


def is_denied(code: str) -> bool:
    """Whether an error code says that a permission is missing.

    >>> is_denied("AccessDeniedException"), is_denied("NoSuchBucket")
    (True, False)
    """
    return "AccessDenied" in code or code in {"AuthorizationError", "UnauthorizedOperation", "403"}
