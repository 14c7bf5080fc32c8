"""What the embedded cloud has of AWS, and the refusal of what it has not, in AWS's own form.

A success must be one: whatever would be answered with an invented result, or with nothing done, is refused before it
reaches moto, as AWS refuses an operation it does not know. That is a client's error and never a 500, so that no client
tries again and none takes it for an outage. Which of SageMaker's operations there are is the control plane's to say;
here stands which services there are; which of their operations moto really does, in `repertoire`, and what is asked
for in vain, in `without_effect`. Pure but for botocore's models.
"""

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import UnknownServiceError
from botocore.model import OperationNotFoundError

from local.offer import malformed, repertoire, without_effect
from local.permissions import wire
from local.permissions.wire import Call
from local.wire import answers
from local.wire.errors import ApiError
from local.wire.http_server import Answer, Request
from local.wire.shapes import service_model, validated

SERVICES: Mapping[str, str] = {
    "s3": "s3",
    "sns": "sns",
    "sqs": "sqs",
    "dynamodb": "dynamodb",
    "monitoring": "cloudwatch",
    "logs": "logs",
    "iam": "iam",
    "sts": "sts",
    "events": "events",
    "tagging": "resourcegroupstaggingapi",
    "kms": "kms",
    "sagemaker": "sagemaker",
}
"""The services that are here, by the name they are signed for: the name of botocore's model."""
DEPLOYMENT: Mapping[str, str] = {"cloudformation": "cloudformation", "lambda": "lambda", "ecr": "ecr"}
"""What moto does in these is a beginning: stacks without what it does not know, functions that never run. Only for whom
that is enough, because he looks after it: the tests of deploying."""

_NOT_HERE = "The embedded cloud has no {what}: it is refused rather than answered with something invented."


def refusal(request: Request, services: Mapping[str, str]) -> Answer | None:
    """The answer to what the embedded cloud does not have at all; None when it may have it."""
    if _is_motos_own(request.path):
        return Answer(404, (("Content-Type", "text/plain"),), b"not found\n")
    signed_for = wire.signed_for(request)
    call = wire.call(request)
    if signed_for is not None and signed_for not in services:
        return _unknown(call, signed_for, f"service {signed_for!r}")
    if signed_for == "sagemaker" or call.service in {"sagemaker", "SageMaker"}:
        asked = f"{request.method} {request.path}" if call.protocol == "s3" else call.operation
        return _unknown(call, "sagemaker", f"operation {asked!r} of SageMaker")  # those there are were answered before
    service = services.get(signed_for or "", call.service)
    operation = repertoire.s3_operation(call.s3) if call.s3 else call.operation
    if not repertoire.is_done(service, operation):
        return _unknown(call, service, f"operation {operation!r} of {service}")
    if call.protocol == "json":
        try:
            content(request)
        except ApiError as mistake:
            return answers.json_error(mistake)
    if call.protocol == "query" and (wrong := malformed.form(service, operation, call.parameters)):
        return answers.query_error(wrong)
    return _in_vain(request, service, operation, call)


def explained(request: Request, error: Exception) -> Answer | None:
    """The answer to a request that moto fell over; None when the request is in order and the fault is not its own."""
    call = wire.call(request)
    service = SERVICES.get(wire.signed_for(request) or "", call.service)
    if isinstance(error, NotImplementedError):
        return _unknown(call, service, f"operation {call.operation!r} of {service}")
    if call.s3 is not None:
        wrong = malformed.s3(call.s3, repertoire.s3_operation(call.s3), request.body, error)
        return None if wrong is None else answers.s3_error(wrong)
    try:
        operation = service_model(service).operation_model(call.operation)
        if call.protocol == "json":
            validated(service, operation.name, call.parameters)
    except (OperationNotFoundError, UnknownServiceError):
        return _unknown(call, service, f"operation {call.operation!r} of {service}")
    except ApiError as mistake:
        return answers.json_error(mistake)
    return None


def failure(request: Request, error: Exception) -> Answer:
    """The answer where the fault is our own, in the protocol's form; what happened stands in the log."""
    text = f"{type(error).__name__} in the embedded cloud; its output has the traceback"
    match wire.call(request).protocol:
        case "query":
            return answers.query_error(ApiError("InternalFailure", text, 500))
        case "s3":
            return answers.s3_error(ApiError("InternalError", text, 500))
        case _:
            return answers.json_error(ApiError("InternalFailure", text, 500))


def content(request: Request) -> dict[str, Any]:
    """The JSON object of a request's body. Raises ApiError SerializationException for anything else."""
    try:
        found = json.loads(request.body or b"{}")
    except (ValueError, RecursionError) as error:
        raise ApiError("SerializationException", f"The request is no JSON: {error}"[:500]) from error
    if not isinstance(found, dict):
        raise ApiError("SerializationException", "The request is JSON, but no object.")
    return found


def _is_motos_own(path: str) -> bool:
    """moto's switchboard and its instance metadata: not AWS's, and one of them empties everything."""
    return path.startswith(("/moto-api", "/latest/meta-data/", "/latest/api/"))


def _in_vain(request: Request, service: str, operation: str, call: Call) -> Answer | None:
    """What is refused for its parameters: it would be taken, and then nothing would come of it."""
    what = without_effect.of(service, operation, call)
    if call.protocol == "s3":
        if without_effect.damaged(request.header, request.body):
            text = "The Content-MD5 you specified did not match what we received."
            return answers.s3_error(ApiError("BadDigest", text))
        what = without_effect.of_headers(request.header) or without_effect.of_body(operation, request.body)
    if what is None:
        return None
    text = _NOT_HERE.format(what=what)
    match call.protocol:
        case "query":
            return answers.query_error(ApiError("InvalidParameter", text))
        case "s3":
            return answers.s3_error(ApiError("NotImplemented", text))
        case _:
            return answers.json_error(ApiError("ValidationException", text))


def _unknown(call: Call, service: str, what: str) -> Answer:
    text = _NOT_HERE.format(what=what)
    if call.protocol == "query":
        return answers.query_error(ApiError("InvalidAction", text))
    if call.protocol == "json":
        return answers.json_error(ApiError("UnknownOperationException", text))
    if service == "s3":
        return answers.s3_error(ApiError("NotImplemented", text))
    return answers.json_error(ApiError("UnknownOperationException", text, 404))
