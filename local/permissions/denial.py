"""AWS's denials: who may not do what to what, in the words and the format of the service that was asked."""

import json
import uuid
from xml.sax.saxutils import escape

from local.http_server import Answer
from local.permissions.permission import Permission
from local.permissions.policy import Decision
from local.permissions.wire import Call

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
    request_id = str(uuid.uuid4())
    match call.protocol:
        case "s3":
            assert call.s3 is not None  # noqa: S101 (an invariant of `wire.call`)
            body = (
                f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>{escape(text)}'
                f"</Message><RequestId>{request_id}</RequestId><HostId>embedded</HostId></Error>"
            )
            content = b"" if call.s3.method == "HEAD" else body.encode()
            return Answer(403, (("Content-Type", "application/xml"), ("x-amz-request-id", request_id)), content)
        case "query":
            body = (
                f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(text)}</Message>"
                f"</Error><RequestId>{request_id}</RequestId></ErrorResponse>"
            )
            return Answer(403, (("Content-Type", "text/xml"),), body.encode())
    headers = (("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", request_id))
    body = json.dumps({"__type": code, "Message": text})
    return Answer(status, (*headers, ("x-amzn-ErrorType", code)), body.encode())
