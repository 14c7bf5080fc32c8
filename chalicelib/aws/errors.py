"""The kinds of AWS error, by code and never by wording: come back later, wrong request, not allowed, not there, taken.

What is in none of the lists is raised as it is: Lambda retries it, and then it lies in the dead-letter queue.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class BusyError(Exception):
    """A quota, a capacity, throttling, a busy resource or a name that is taken stands in the way. The run waits."""


class RefusedError(Exception):
    """AWS will never accept this request. The run fails with AWS's words."""


class DeniedError(Exception):
    """A permission is missing. Not a `RefusedError`: nothing that was asked may be taken for true, done or absent."""


class NotFoundError(Exception):
    """There is no such thing."""


class AlreadyThereError(Exception):
    """The name is taken, which for names made by `names.py` means that the work is done."""


UNUSABLE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What code raises on a document that is not what it should be, in ways nobody foresaw. Whoever would meet the document
again and again catches these, and lets what depends on it end with a word to its owner."""


_BUSY = frozenset(
    {
        *("ResourceLimitExceeded", "LimitExceededException", "LimitExceeded"),
        *("CapacityError", "InsufficientCapacityException"),
        # What is left of throttling after boto3 has tried several times.
        *(
            "ThrottlingException",
            "Throttling",
            "ThrottledException",
            "RequestLimitExceeded",
            "TooManyRequestsException",
        ),
        "ConcurrentUpdateException",  # of an autoscaled endpoint: somebody else changes its scaling at this moment
        *("ProvisionedThroughputExceededException", "SlowDown", "ServiceUnavailable", "ServiceUnavailableException"),
    }
)
_REFUSED = frozenset(
    {"ValidationException", "ValidationError", "InvalidParameterValue", "InvalidParameter", "ParamValidationError"}
)
_DENIED = frozenset({"AccessDeniedException", "AccessDenied", "FailedResourceAccessException"})
_NOT_FOUND = frozenset(
    {"ResourceNotFound", "ResourceNotFoundException", "NoSuchKey", "404", "NoSuchVersion", "ObjectNotFoundException"}
)
_TAKEN = frozenset(
    {"ResourceInUse", "ResourceInUseException", "ConflictException", "PreconditionFailed", "ConditionalRequestConflict"}
)


@contextmanager
def translated() -> Iterator[None]:
    """Turn botocore's errors raised inside into the classes above."""
    from botocore.exceptions import ClientError, ParamValidationError  # boto3 is imported on first use only

    try:
        yield
    except ParamValidationError as error:
        raise RefusedError(str(error)) from error
    except ClientError as error:
        kind = _kind(error.response)
        if kind is None:
            raise
        raise kind(_sentence(error.response)) from error


def _kind(response: Any) -> type[Exception] | None:
    code = response["Error"]["Code"]
    groups = {
        _BUSY: BusyError,
        _REFUSED: RefusedError,
        _DENIED: DeniedError,
        _NOT_FOUND: NotFoundError,
        _TAKEN: AlreadyThereError,
    }
    return next((kind for codes, kind in groups.items() if code in codes), None)


def _sentence(response: Any) -> str:
    return f"{response['Error']['Code']}: {response['Error'].get('Message', '')}"


def denials(problem: Exception) -> list[str]:
    """What AWS said of the permissions that are missing, of everything that went wrong together; none if none are."""
    from botocore.exceptions import ClientError

    if isinstance(problem, ExceptionGroup):
        return [told for one in problem.exceptions for told in denials(one)]
    if isinstance(problem, ClientError) and _kind(problem.response) is DeniedError:
        return [_sentence(problem.response)]
    return [str(problem)] if isinstance(problem, DeniedError) else []
