"""What is wrong with a request that nobody could answer, in the words of the protocol it came by.

moto falls over a missing parameter, a text where a number should be and a document that is none; on AWS those are the
client's mistakes. Pure: a request in, AWS's error out, or none where the request is in order.
"""

from collections.abc import Mapping
from typing import Any
from xml.parsers.expat import ExpatError, ParserCreate

from botocore.exceptions import UnknownServiceError
from botocore.model import OperationNotFoundError

from local.permissions.s3 import S3Request
from local.wire.errors import ApiError
from local.wire.shapes import service_model

_OF_QUERY = {"max-keys": "InvalidArgument", "max-uploads": "InvalidArgument", "partNumber": "InvalidArgument"}


def form(service: str, operation: str, given: Mapping[str, Any]) -> ApiError | None:
    """The mistake in a request of the query protocol: what is missing, or no number."""
    try:
        shape = service_model(service).operation_model(operation).input_shape
    except (OperationNotFoundError, UnknownServiceError):
        return None
    for name in shape.required_members if shape else ():
        if not any(key == name or key.startswith(f"{name}.") for key in given):
            return ApiError("MissingParameter", f"The request must contain the parameter {name}.")
    for name, member in shape.members.items() if shape else ():
        if member.type_name in {"integer", "long"} and name in given and not _is_number(str(given[name])):
            return ApiError("ValidationError", f"The value of {name} is no number: {given[name]!r}"[:500])
    return None


def s3(request: S3Request, operation: str, body: bytes, error: Exception) -> ApiError | None:
    """The mistake in a request to S3 over which moto fell."""
    for name, code in _OF_QUERY.items():
        if name in request.query and not _is_number(request.query[name]):
            return ApiError(code, f"Provided {name} not an integer or within integer range")
    if "continuation-token" in request.query:
        return ApiError("InvalidArgument", "The continuation token provided is incorrect")
    if "uploadId" in request.query and isinstance(error, KeyError):
        text = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted"
        return ApiError("NoSuchUpload", f"{text} or completed.", 404)
    if operation == "PostObject":
        return ApiError("InvalidArgument", "Bucket POST must contain a field named 'key'.")
    if operation not in {"PutObject", "UploadPart"} and not _is_xml(body):
        return ApiError("MalformedXML", "The XML you provided was not well-formed")
    return None


def _is_number(text: str) -> bool:
    return text.isascii() and text.lstrip("-").isdigit()


def _is_xml(body: bytes) -> bool:
    try:
        ParserCreate().Parse(body, True)  # noqa: FBT003
    except ExpatError:
        return False
    return True
