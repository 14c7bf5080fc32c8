"""The topic: mails out through SNS, plain text for people and JSON for programs in one message."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from chalicelib.messages import Message


@dataclass(frozen=True, slots=True)
class Topic:
    """The topic behind mails. `client` is a boto3 SNS client."""

    client: Any
    arn: str

    def publish(self, message: Message) -> str:
        """Hand a mail to SNS; gives SNS's message id. A publish that fails is a failure and raises."""
        machine = json.dumps(message.machine, default=str)
        variants = {"default": message.text, "email": message.text}
        variants |= dict.fromkeys(("sqs", "lambda", "http", "https", "email-json", "firehose"), machine)
        answer = self.client.publish(
            TopicArn=self.arn,
            Subject=message.subject,
            Message=json.dumps(variants),
            MessageStructure="json",
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in message.attributes.items()
            },
        )
        return str(answer["MessageId"])
