"""The drill's temporary queue on a real topic (moto behind the front door)."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from chalicelib.aws.topic import Topic
from chalicelib.mails.messages import Message
from ops.drill.mails import queue_policy, read, subscribed
from tests.local.front_door import Door

pytestmark = pytest.mark.xdist_group("moto")  # moto's state belongs to the whole process


@pytest.fixture
def door() -> Iterator[Door]:
    door = Door()
    yield door
    door.server.stop()
    door.front.close()


def mail(**attributes: str) -> Message:
    return Message("[drill] churn: drift", "for people", {"drifted": ["age"]}, attributes)


def test_only_the_drills_own_mails_are_seen_and_nothing_is_left(door: Door) -> None:
    sns, sqs = door.client("sns"), door.client("sqs")
    arn = sns.create_topic(Name="alerts")["TopicArn"]
    topic = Topic(sns, arn)
    with subscribed(sns, sqs, arn, dataset="churn", drills=["d1", "d2"]) as mails:
        [queue] = sqs.list_queues()["QueueUrls"]
        policy = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["Policy"])["Attributes"]["Policy"]
        assert json.loads(policy)["Statement"][0]["Condition"] == {"ArnEquals": {"aws:SourceArn": arn}}
        topic.publish(mail(kind="drift-found", dataset="churn", drill="d2"))
        topic.publish(mail(kind="drift-found", dataset="churn", drill="other"))
        topic.publish(mail(kind="drift-found", dataset="churn"))
        topic.publish(mail(kind="drift-found", dataset="wine", drill="d1"))
        [seen] = mails.look()
        assert (seen.drill, seen.kind, seen.subject) == ("d2", "drift-found", "[drill] churn: drift")
        assert seen.document == {"drifted": ["age"]}
        assert (mails.of("d2"), mails.of("d1")) == ([seen], [])
    assert "QueueUrls" not in sqs.list_queues()
    assert sns.list_subscriptions()["Subscriptions"] == []


def test_an_interruption_takes_the_queue_away_too(door: Door) -> None:
    sns, sqs = door.client("sns"), door.client("sqs")
    arn = sns.create_topic(Name="alerts")["TopicArn"]
    with pytest.raises(KeyboardInterrupt), subscribed(sns, sqs, arn, dataset="churn", drills=["d"]):
        raise KeyboardInterrupt
    assert "QueueUrls" not in sqs.list_queues()
    assert sns.list_subscriptions()["Subscriptions"] == []


def test_a_subscription_that_somebody_took_away_before_is_no_error(door: Door) -> None:
    sns, sqs = door.client("sns"), door.client("sqs")
    arn = sns.create_topic(Name="alerts")["TopicArn"]
    with subscribed(sns, sqs, arn, dataset="churn", drills=["d"]):
        [subscription] = sns.list_subscriptions()["Subscriptions"]
        sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])  # somebody tidied up
    assert "QueueUrls" not in sqs.list_queues()


def test_a_mail_that_is_no_json_is_a_mail_all_the_same() -> None:
    seen = read({"Subject": "s", "Message": "plain", "MessageAttributes": {"drill": {"Type": "String", "Value": "d"}}})
    assert (seen.drill, seen.kind, seen.document) == ("d", "", {})


def test_the_queue_takes_messages_from_the_topic_alone() -> None:
    [statement] = queue_policy("arn:queue", "arn:topic")["Statement"]
    assert statement["Principal"] == {"Service": "sns.amazonaws.com"}
    assert statement["Resource"] == "arn:queue"
    assert statement["Condition"]["ArnEquals"]["aws:SourceArn"] == "arn:topic"
