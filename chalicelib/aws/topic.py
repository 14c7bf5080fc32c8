"""The topic: mails out through SNS, plain text for people and JSON for programs in one message."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from chalicelib.aws.errors import translated
from chalicelib.mails.messages import Message


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Topic:
    """The topic behind mails. `client` is a boto3 SNS client."""

    client: Any
    arn: str

    def publish(self, message: Message) -> str:
        """Hand a mail to SNS; gives SNS's message id. A publish that fails is a failure and raises.

        Raises:
            RefusedError: SNS will never take this one.
        """
        # Each variant counts towards the 256 KiB that SNS takes, so programs, whatever their protocol, get the default.
        variants = {"default": json.dumps(message.machine, default=str, ensure_ascii=False), "email": message.text}
        with translated():
            answer = self.client.publish(
                TopicArn=self.arn,
                Subject=message.subject,
                Message=json.dumps(variants, ensure_ascii=False),
                MessageStructure="json",
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value} for name, value in message.attributes.items()
                },
            )
        return str(answer["MessageId"])
