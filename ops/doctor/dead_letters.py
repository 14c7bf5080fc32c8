"""Dead letters: what an event that was given up says of itself, and handing it to its function again.

There are two queues, for two ways of failing: EventBridge could not hand an event over, or a function took it and
failed each time. A letter is only deleted after Lambda has taken the event anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from ops.target import Clients

_MOST = 10  # SQS gives no more at once
_HANDS_OFF = 60  # seconds that others do not see a letter while it is done again
_WAIT = 1  # seconds
_EMPTY = 5  # answers one after the other


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One event that was given up. `function`: ARN or name; empty when the letter does not say."""

    function: str
    event: Mapping[str, Any]
    error: str
    receipt: str
    message: str = ""
    """SQS's id of it."""

    @property
    def name(self) -> str:
        """The function's name; Lambda's own record has its ARN with a version behind it."""
        parts = self.function.split(":")
        return parts[6] if len(parts) > 6 else parts[-1]

    def __str__(self) -> str:
        kind, time = self.event.get("detail-type", "an event"), self.event.get("time", "?")
        return f"{kind} for {self.name or '?'}, {time}: {self.error}"


def read(message: Mapping[str, Any]) -> DeadLetter:
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
        return DeadLetter(function, body.get("requestPayload") or {}, error, receipt, message.get("MessageId", ""))
    told = [attributes[name] for name in ("ERROR_CODE", "ERROR_MESSAGE") if attributes.get(name)]
    function = attributes.get("TARGET_ARN") or attributes.get("FUNCTION", "")
    event = body if isinstance(body, dict) else {}
    return DeadLetter(function, event, ": ".join(told) or "?", receipt, message.get("MessageId", ""))


def count(client: Clients, queue: str) -> int:
    """How many letters a queue would give out now, about."""
    name = "ApproximateNumberOfMessages"
    answer = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=[name])
    return int(answer["Attributes"][name])


def look(client: Clients, queue: str, *, hidden_for: int = 0) -> list[DeadLetter]:
    """Some of a queue's letters, which stay in it. Without waiting, SQS asks only some of its machines."""
    answer = client("sqs").receive_message(
        QueueUrl=queue,
        MaxNumberOfMessages=_MOST,
        VisibilityTimeout=hidden_for,
        WaitTimeSeconds=_WAIT,
        MessageAttributeNames=["All"],
    )
    return [read(message) for message in answer.get("Messages", [])]


def replay(client: Clients, queue: str) -> Iterator[tuple[DeadLetter, str]]:
    """Each letter of a queue, and why it stays; no reason: its function has it again.

    An empty answer does not mean an empty queue, so it is asked until the queue counts none, or has given none a few
    times. What stays is hidden for a minute and does not stand in the way of the rest.
    """
    stayed: set[str] = set()
    empty = 0
    while empty < _EMPTY:
        found = [one for one in look(client, queue, hidden_for=_HANDS_OFF) if one.message not in stayed]
        if not found and not count(client, queue):
            return
        empty = 0 if found else empty + 1
        for letter in found:
            why = _hand_over(client, letter)
            if why:
                stayed.add(letter.message)
            else:
                client("sqs").delete_message(QueueUrl=queue, ReceiptHandle=letter.receipt)
            yield letter, why


def _hand_over(client: Clients, letter: DeadLetter) -> str:
    """Give an event to its function again; why it could not be done, or nothing."""
    if not letter.function or not letter.event:
        return "it names no function"
    payload = json.dumps(letter.event).encode()
    try:
        client("lambda").invoke(FunctionName=letter.name, InvocationType="Event", Payload=payload)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "ResourceNotFoundException":
            return "its function does not exist any more"
        return f"Lambda refuses it ({code})"
    return ""
