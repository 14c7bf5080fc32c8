"""AWS's errors as botocore raises them, by their real codes."""

from __future__ import annotations

from botocore.exceptions import ClientError

_OF_AWS = frozenset({"InternalServerError", "InternalFailure", "InternalError"})


def refused(code: str, message: str, operation: str = "Operation") -> ClientError:
    """The error botocore raises for this code."""
    return ClientError(_answer(code, message), operation)


def invalid(message: str) -> ClientError:
    """What SageMaker says of almost everything it does not like, and of much that is not there."""
    return refused("ValidationException", message)


class ConditionalCheckFailedException(ClientError):  # type: ignore[misc]  # noqa: N818 (botocore's name)
    """As botocore's class of this name, to which a DynamoDB client's `exceptions` lead. `key`: of whose item."""

    def __init__(self, key: str) -> None:
        super().__init__(_answer("ConditionalCheckFailedException", "The conditional request failed"), "Write")
        self.key = key


class Exceptions:
    """A DynamoDB client's `exceptions`."""

    ConditionalCheckFailedException = ConditionalCheckFailedException


def _answer(code: str, message: str) -> dict[str, dict[str, object]]:
    status = 500 if code in _OF_AWS else 400
    return {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
