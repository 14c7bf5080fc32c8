"""AWS's errors as botocore raises them, by their real codes."""

from __future__ import annotations

from botocore.exceptions import ClientError


def refused(code: str, message: str, operation: str = "Operation") -> ClientError:
    """The error botocore raises for this code."""
    status = 500 if code in {"InternalServerError", "InternalFailure", "InternalError"} else 400
    answer = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, operation)


def invalid(message: str) -> ClientError:
    """What SageMaker says of almost everything it does not like, and of much that is not there."""
    return refused("ValidationException", message)
