"""Which mails a drill sets off: seen by a temporary queue that subscribes to the alerts' topic.

A mailbox cannot be read from here, and a mail is what must be proved: so the drill subscribes as one more reader, by
the same filter policy that a person's rules could use. Queue and subscription go when the drill ends, also by Ctrl-C;
should even that fail, the queue forgets everything within the hour and takes no mail but the drill's.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

_RETENTION = "3600"  # seconds


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail of a drill, as a program gets it; `document` is what the mail says, for machines."""

    drill: str
    kind: str
    subject: str
    document: Mapping[str, Any]


@dataclass
class Mails:
    """The mails that came, in order; `look` fetches those that are waiting."""

    sqs: Any
    url: str
    came: list[Mail] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def look(self, seconds: int = 0) -> list[Mail]:
        """Every mail so far. Only with at least one second to wait does SQS ask all of its servers."""
        request = {"QueueUrl": self.url, "MaxNumberOfMessages": 10, "WaitTimeSeconds": seconds}
        while batch := self.sqs.receive_message(**request).get("Messages"):
            for message in batch:
                self._take(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return self.came

    def _take(self, notification: Mapping[str, Any]) -> None:
        if notification.get("MessageId") in self._seen:  # a queue may give a message twice
            return
        self._seen.add(str(notification.get("MessageId")))
        self.came.append(read(notification))

    def of(self, drill: str) -> list[Mail]:
        """The mails of one drill, without fetching."""
        return [mail for mail in self.came if mail.drill == drill]


def read(notification: Mapping[str, Any]) -> Mail:
    """A mail from SNS's notification to a queue."""
    attributes = {name: one.get("Value", "") for name, one in notification.get("MessageAttributes", {}).items()}
    try:
        document = json.loads(notification.get("Message", ""))
    except ValueError:
        document = {}
    return Mail(
        drill=attributes.get("drill", ""),
        kind=attributes.get("kind", ""),
        subject=notification.get("Subject") or "",
        document=document if isinstance(document, dict) else {},
    )


@contextmanager
def subscribed(sns: Any, sqs: Any, topic_arn: str, *, dataset: str, drills: Collection[str]) -> Iterator[Mails]:
    """A queue that gets the mails of these drills, for as long as the block lasts."""
    with ExitStack() as ending:
        name = f"sagerelay-drill-{uuid.uuid4().hex[:12]}"
        url = sqs.create_queue(QueueName=name, Attributes={"MessageRetentionPeriod": _RETENTION})["QueueUrl"]
        ending.callback(sqs.delete_queue, QueueUrl=url)
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(queue_policy(arn, topic_arn))})
        subscription = sns.subscribe(
            TopicArn=topic_arn,
            Protocol="sqs",
            Endpoint=arn,
            Attributes={"FilterPolicy": json.dumps({"dataset": [dataset], "drill": sorted(drills)})},
            ReturnSubscriptionArn=True,
        )["SubscriptionArn"]
        ending.callback(sns.unsubscribe, SubscriptionArn=subscription)
        yield Mails(sqs, url)


def queue_policy(queue_arn: str, topic_arn: str) -> dict[str, Any]:
    """Lets this topic, and nobody else, put messages into the queue."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
