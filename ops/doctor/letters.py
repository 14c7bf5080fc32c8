"""Dead letters: what an event that was given up says of itself, and handing it to its function again.

There are two queues, for two ways of failing: EventBridge could not hand an event over, or a function took it and
failed each time. A letter is only deleted after Lambda has taken the event anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ops.target import Clients

_MOST = 10  # SQS gives no more at once
_HANDS_OFF = 60  # seconds that others do not see a letter while it is done again


@dataclass(frozen=True, slots=True)
class Letter:
    """One event that was given up. `function`: ARN or name; empty when the letter does not say."""

    function: str
    event: Mapping[str, Any]
    error: str
    receipt: str
    message: str = ""
    """SQS's id of it."""

    def __str__(self) -> str:
        name = self.function.rpartition(":")[2] or "?"
        return f"{self.event.get('detail-type', 'an event')} for {name}, {self.event.get('time', '?')}: {self.error}"


def read(message: Mapping[str, Any]) -> Letter:
    """What a message of either queue says.

    >>> read({"Body": '{"requestContext": {"functionArn": "arn:f"}, "requestPayload": {"id": "e"}, '
    ...     '"responsePayload": {"errorMessage": "no table"}}'}).error
    'no table'
    """
    attributes = {name: one.get("StringValue", "") for name, one in message.get("MessageAttributes", {}).items()}
    try:
        body = json.loads(message["Body"])
    except ValueError:
        body = {}
    receipt = message.get("ReceiptHandle", "")
    if "requestContext" in body:  # from Lambda, which wraps the event it failed on
        error = (body.get("responsePayload") or {}).get("errorMessage") or body["requestContext"].get("condition", "?")
        function = body["requestContext"].get("functionArn", "")
        return Letter(function, body.get("requestPayload") or {}, error, receipt, message.get("MessageId", ""))
    told = [attributes[name] for name in ("ERROR_CODE", "ERROR_MESSAGE") if attributes.get(name)]
    function = attributes.get("TARGET_ARN") or attributes.get("FUNCTION", "")
    event = body if isinstance(body, dict) else {}
    return Letter(function, event, ": ".join(told) or "?", receipt, message.get("MessageId", ""))


def count(client: Clients, queue: str) -> int:
    """How many letters a queue holds, about."""
    name = "ApproximateNumberOfMessages"
    answer = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=[name])
    return int(answer["Attributes"][name])


def look(client: Clients, queue: str, *, hidden_for: int = 0) -> list[Letter]:
    """Some of a queue's letters, which stay in it."""
    answer = client("sqs").receive_message(
        QueueUrl=queue, MaxNumberOfMessages=_MOST, VisibilityTimeout=hidden_for, MessageAttributeNames=["All"]
    )
    return [read(message) for message in answer.get("Messages", [])]


def replay(client: Clients, queue: str) -> Iterator[tuple[Letter, bool]]:
    """Each letter of a queue, and whether its function has it again. One that names no function stays."""
    stayed: set[str] = set()
    while found := [one for one in look(client, queue, hidden_for=_HANDS_OFF) if one.message not in stayed]:
        for letter in found:
            again = bool(letter.function and letter.event)
            if again:
                client("lambda").invoke(
                    FunctionName=letter.function, InvocationType="Event", Payload=json.dumps(letter.event).encode()
                )
                client("sqs").delete_message(QueueUrl=queue, ReceiptHandle=letter.receipt)
            else:
                stayed.add(letter.message)
            yield letter, again
