"""PutEvents: as values, and through the front door with real clients."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.events import put_events
from local.wire.errors import ApiError
from tests.local.front_door import KEYS, Door

pytestmark = [
    pytest.mark.xdist_group("moto"),  # moto's state belongs to the whole process
    pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning"),
]
GOOD = {"Source": "my.app", "DetailType": "Thing", "Detail": '{"a": 1}'}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, None),
        ({"Source": ""}, "InvalidArgument"),
        ({"DetailType": None}, "InvalidArgument"),
        ({"Detail": ""}, "InvalidArgument"),
        ({"DetailType": "x" * 129}, "InvalidArgument"),
        ({"Source": "aws.s3"}, "NotAuthorizedForSourceException"),
        ({"Source": "awsome"}, None),
        ({"Detail": "{"}, "MalformedDetail"),
        ({"Detail": "[1]"}, "MalformedDetail"),
    ],
)
def test_an_entry_is_judged_as_aws_does(change: dict[str, Any], code: str | None) -> None:
    [verdict] = put_events.judge([GOOD | change])
    assert (verdict and verdict.code) == code


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        ([], "greater than or equal to 1"),
        ([GOOD] * 11, "less than or equal to 10"),
        ([GOOD | {"Detail": json.dumps({"a": "x" * 600_000})}] * 2, "over the limit"),
    ],
)
def test_a_request_is_refused_whole(entries: list[Any], why: str) -> None:
    with pytest.raises(ApiError, match=why):
        put_events.judge(entries)


def test_good_entries_reach_the_bus_and_the_others_are_told_in_their_places(door: Door) -> None:
    answer = door.client("events").put_events(
        Entries=[
            {"Source": "aws.s3", "DetailType": "Object Created", "Detail": "{}"},
            {**GOOD, "Resources": ["arn:x"], "Time": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)},
            {"Source": "my.app", "DetailType": "Thing", "Detail": "no"},
        ]
    )
    [event] = door.events
    assert event == {
        "version": "0",
        "id": answer["Entries"][1]["EventId"],
        "source": "my.app",
        "detail-type": "Thing",
        "detail": {"a": 1},
        "time": "2026-01-02T03:04:05Z",
        "account": "123456789012",
        "region": "us-east-1",
        "resources": ["arn:x"],
    }
    assert answer["FailedEntryCount"] == 2
    assert [entry.get("ErrorCode") for entry in answer["Entries"]] == [
        "NotAuthorizedForSourceException",
        None,
        "MalformedDetail",
    ]


def test_nothing_is_put_where_every_entry_is_refused_or_the_request_is(door: Door) -> None:
    events = door.client("events")
    assert events.put_events(Entries=[GOOD | {"Source": "aws.s3"}])["FailedEntryCount"] == 1
    with pytest.raises(ClientError, match="ValidationException"):
        events.put_events(Entries=[GOOD] * 11)
    assert door.events == []


def test_a_rule_of_the_users_own_sees_what_was_taken_and_another_bus_is_not_ours(door: Door) -> None:
    events, sqs = door.client("events"), door.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.create_event_bus(Name="other")
    events.put_rule(Name="r", EventBusName="other", EventPattern='{"source": [{"prefix": ""}]}')
    events.put_targets(Rule="r", EventBusName="other", Targets=[{"Id": "q", "Arn": arn}])

    events.put_events(Entries=[GOOD | {"Source": "aws.s3", "EventBusName": "other"}, GOOD | {"EventBusName": "other"}])

    got = [
        json.loads(message["Body"]) for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    ]
    assert [event["source"] for event in got] == ["my.app"]
    assert door.events == []


def test_the_aws_command_line_asks_for_a_check(door: Door) -> None:
    entry = {
        "Source": "sagerelay",
        "DetailType": "Check Requested",
        "Detail": json.dumps({"dataset": "churn", "kind": "drift"}),
    }
    command = [sys.executable, "-m", "awscli", "--endpoint-url", door.server.address, "events", "put-events"]
    environment = {
        "AWS_ACCESS_KEY_ID": KEYS["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": KEYS["aws_secret_access_key"],
        "AWS_DEFAULT_REGION": KEYS["region_name"],
    }
    done = subprocess.run(
        [*command, "--entries", json.dumps([entry])],
        check=True, capture_output=True, text=True, env={**os.environ, **environment}, timeout=240,
    )  # fmt: skip
    [event] = door.events
    assert json.loads(done.stdout) == {"FailedEntryCount": 0, "Entries": [{"EventId": event["id"]}]}
    assert (event["source"], event["detail-type"]) == ("sagerelay", "Check Requested")
    assert event["detail"] == {"dataset": "churn", "kind": "drift"}
