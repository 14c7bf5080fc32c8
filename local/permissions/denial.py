"""AWS's denials: who may not do what to what, in the words and the format of the service that was asked."""

import dataclasses

from local.permissions.permission import Permission
from local.permissions.policy import Decision
from local.permissions.wire import Call
from local.wire import answers
from local.wire.errors import ApiError
from local.wire.http_server import Answer

_CODES = {"sns": ("AuthorizationError", 403), "cloudwatch": ("AccessDenied", 403)}
"""Services with a code and a status of their own."""


def sentence(principal: str, asked: Permission, decision: Decision, *, service: str = "") -> str:
    """The sentence of a denial.

    >>> sentence("arn:aws:sts::1:assumed-role/a/b", Permission("sns:Publish", "arn:x"), Decision(False), service="sns")
    'User: arn:aws:sts::1:assumed-role/a/b is not authorized to perform: SNS:Publish on resource: arn:x because no \
identity-based policy allows the SNS:Publish action'
    """
    action = asked.action.replace("sns:", "SNS:") if service == "sns" else asked.action
    resource = f'"{asked.resource}"' if service == "s3" else asked.resource
    article, policy = ("a", "permissions boundary") if decision.by_boundary else ("an", "identity-based policy")
    because = (
        f"with an explicit deny in {article} {policy}"
        if decision.statement
        else f"because no {policy} allows the {action} action"
    )
    return f"User: {principal} is not authorized to perform: {action} on resource: {resource} {because}"


def answer(call: Call, text: str) -> Answer:
    """The denial as the service would answer it."""
    code, status = _CODES.get(call.service, ("AccessDeniedException", 400))
    match call.protocol:
        case "s3":
            assert call.s3 is not None  # noqa: S101 (an invariant of `wire.call`)
            denied = answers.s3_error(ApiError("AccessDenied", text, 403))
            return dataclasses.replace(denied, body=b"") if call.s3.method == "HEAD" else denied
        case "query":
            return answers.query_error(ApiError(code, text, 403))
    return answers.json_error(ApiError(code, text, status), "Message")
