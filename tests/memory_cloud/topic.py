"""SNS in memory: takes what SNS takes, refuses what it refuses, and remembers every mail it took."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.memory_cloud.refusals import refused


@dataclass(frozen=True)
class Mail:
    """A mail that SNS took. From then on it is sent, whatever becomes of whoever handed it in."""

    id: str
    machine: dict[str, Any]
    subject: str
    text: str = ""


class Topic:
    """One topic."""

    def __init__(self, arn: str) -> None:
        self._arn = arn
        self.mails: list[Mail] = []
        self.on_mail: Callable[[Mail], None] = lambda _mail: None

    def publish(self, TopicArn: str, Subject: str, Message: str, **options: Any) -> dict[str, str]:  # noqa: N803
        if TopicArn != self._arn:
            raise refused("NotFound", "Topic does not exist")
        if not 0 < len(Subject) < 100 or not all(" " <= character <= "~" for character in Subject):
            raise refused("InvalidParameter", "Invalid parameter: Subject")
        attributes = options.get("MessageAttributes", {})
        if any(not value["StringValue"] for value in attributes.values()) or len(Message.encode()) > 262_144:
            raise refused("InvalidParameterValue", "an empty attribute, or a message that is too long")
        variants = json.loads(Message)
        mail = Mail(f"m{len(self.mails) + 1}", json.loads(variants["default"]), Subject, variants["email"])
        self.mails.append(mail)
        self.on_mail(mail)
        return {"MessageId": mail.id}
