"""Answers as AWS's protocols write them: a document or an error as JSON, a query result or an error as XML.

Only formats: which answer a request gets is decided by whoever calls this.
"""

import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from local.wire.errors import ApiError
from local.wire.http_server import Answer


def document(status: int, content: Mapping[str, Any], *headers: tuple[str, str]) -> Answer:
    """A JSON document."""
    body = json.dumps(content, default=_epoch_seconds).encode()
    fixed = (("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", str(uuid.uuid4())))
    return Answer(status, (*fixed, *headers), body)


def json_error(error: ApiError, member: str = "message") -> Answer:
    """An error of the JSON protocols; `member` is what the service calls the sentence."""
    content = {"__type": error.code, member: error.message, **error.members}
    return document(error.status, content, ("x-amzn-ErrorType", error.code))


def query_result(operation: str, namespace: str, content: str) -> Answer:
    """The result of a query operation; `content` is its XML."""
    body = (
        f'<{operation}Response xmlns="{namespace}"><{operation}Result>{content}</{operation}Result>'
        f"<ResponseMetadata><RequestId>{uuid.uuid4()}</RequestId></ResponseMetadata></{operation}Response>"
    )
    return Answer(200, (("Content-Type", "text/xml"),), body.encode())


def query_error(error: ApiError) -> Answer:
    """An error of the query protocol."""
    body = (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{error.code}</Code><Message>{escape(error.message)}</Message>"
        f"</Error><RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
    )
    return Answer(error.status, (("Content-Type", "text/xml"),), body.encode())


def s3_error(error: ApiError) -> Answer:
    """An error of S3."""
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{error.code}</Code><Message>{escape(error.message)}'
        f"</Message><RequestId>{uuid.uuid4()}</RequestId><HostId>embedded</HostId></Error>"
    )
    return Answer(error.status, (("Content-Type", "application/xml"),), body.encode())


def _epoch_seconds(value: object) -> float:
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(f"an answer holds a {type(value).__name__}, which AWS's JSON has no place for: {value!r}")
