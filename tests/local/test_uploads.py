"""What becomes of an upload at the front door, with real clients: boto3, the AWS command line, a browser's form."""

import os
import subprocess
import sys
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import urllib3
from botocore.exceptions import ClientError

from local.events.envelopes import creation_reason
from tests.local.front_door import KEYS, Door

pytestmark = [
    pytest.mark.xdist_group("moto"),  # moto's state belongs to the whole process
    # moto leaves the buffers of copied and overwritten objects to the garbage collector
    pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning"),
]


def same_shape(ours: Any, recorded: Any) -> bool:
    if isinstance(recorded, dict):
        return (
            isinstance(ours, dict)
            and ours.keys() == recorded.keys()
            and all(same_shape(ours[key], recorded[key]) for key in recorded)
        )
    return type(ours) is type(recorded)


RECORDED = {
    "version": "0", "id": "", "detail-type": "Object Created", "source": "aws.s3", "account": "", "time": "",
    "region": "", "resources": [""],
    "detail": {
        "version": "0", "bucket": {"name": ""},
        "object": {"key": "", "size": 5, "etag": "", "version-id": "", "sequencer": ""},
        "request-id": "", "requester": "", "source-ip-address": "", "reason": "PutObject",
    },
}  # fmt: skip


def test_an_upload_is_announced_once_in_the_recorded_shape(door: Door) -> None:
    s3 = door.watched_bucket()
    put = s3.put_object(Bucket="watched", Key="datasets/red+flower/träin %41/a b.csv", Body=b"hello")
    [event] = door.events
    assert same_shape(event, RECORDED)
    assert event["detail"]["object"] | {"sequencer": None} == {
        "key": "datasets/red+flower/träin %41/a b.csv",
        "size": 5,
        "etag": put["ETag"].strip('"'),
        "version-id": put["VersionId"],
        "sequencer": None,
    }
    assert event["resources"] == ["arn:aws:s3:::watched"]
    assert datetime.fromisoformat(event["time"]).tzinfo is not None
    assert uuid.UUID(event["id"])


def test_later_writes_have_larger_sequencers_and_other_ids(door: Door) -> None:
    s3 = door.watched_bucket()
    for body in (b"1", b"2", b"3"):
        s3.put_object(Bucket="watched", Key="k", Body=body)
    numbers = [int(event["detail"]["object"]["sequencer"], 16) for event in door.events]
    assert numbers == sorted(set(numbers))
    assert len({event["id"] for event in door.events}) == 3


def test_a_bucket_without_versions_names_none_and_an_unwatched_one_says_nothing(door: Door) -> None:
    door.watched_bucket("plain", versioned=False).put_object(Bucket="plain", Key="k", Body=b"1")
    assert "version-id" not in door.events[0]["detail"]["object"]
    s3 = door.client("s3")
    s3.create_bucket(Bucket="silent")
    s3.put_object(Bucket="silent", Key="k", Body=b"1")
    assert len(door.events) == 1


def test_a_bucket_says_whether_it_announces(door: Door) -> None:
    s3 = door.watched_bucket()
    assert "EventBridgeConfiguration" in s3.get_bucket_notification_configuration(Bucket="watched")
    queue = door.client("sqs").create_queue(QueueName="q")["QueueUrl"]
    arn = door.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    to_queue: dict[str, Any] = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
    both = to_queue | {"EventBridgeConfiguration": {}}
    s3.put_bucket_notification_configuration(Bucket="watched", NotificationConfiguration=both)
    told = s3.get_bucket_notification_configuration(Bucket="watched")
    assert {"EventBridgeConfiguration", "QueueConfigurations"} <= told.keys()
    s3.put_bucket_notification_configuration(Bucket="watched", NotificationConfiguration=to_queue)
    assert "EventBridgeConfiguration" not in s3.get_bucket_notification_configuration(Bucket="watched")


def test_only_writes_of_objects_are_announced(door: Door) -> None:
    s3 = door.watched_bucket()
    s3.put_object(Bucket="watched", Key="k", Body=b"1")
    s3.put_object_tagging(Bucket="watched", Key="k", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    s3.get_object(Bucket="watched", Key="k")
    s3.delete_object(Bucket="watched", Key="k")
    s3.put_object(Bucket="watched", Key="once", Body=b"1", IfNoneMatch="*")
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.put_object(Bucket="watched", Key="once", Body=b"2", IfNoneMatch="*")
    assert [event["detail"]["object"]["key"] for event in door.events] == ["k", "once"]


def test_copies_and_browser_uploads_carry_their_reason(door: Door) -> None:
    s3 = door.watched_bucket()
    s3.put_object(Bucket="watched", Key="k", Body=b"12345")
    s3.copy_object(Bucket="watched", Key="copy", CopySource={"Bucket": "watched", "Key": "k"})
    form = s3.generate_presigned_post("watched", "form/${filename}")
    answer = urllib3.request("POST", form["url"], fields={**form["fields"], "file": ("jan.csv", b"a,b\n")})
    assert answer.status in (200, 204)
    presigned = s3.generate_presigned_url("put_object", {"Bucket": "watched", "Key": "signed"})
    assert urllib3.request("PUT", presigned, body=b"1").status == 200
    assert [
        (e["detail"]["object"]["key"], e["detail"]["reason"], e["detail"]["object"]["size"]) for e in door.events
    ] == [
        ("k", "PutObject", 5),
        ("copy", "CopyObject", 5),
        ("form/jan.csv", "POST Object", 4),
        ("signed", "PutObject", 1),
    ]


@pytest.mark.parametrize(
    ("method", "path", "query", "reason"),
    [
        ("PUT", "/b/k", {"partNumber": "1", "uploadId": "u"}, None),
        ("PUT", "/b/k", {"tagging": ""}, None),
        ("PUT", "/b", {}, None),
        ("POST", "/b/k", {"uploads": ""}, None),
        ("POST", "/b", {"delete": ""}, None),
        ("POST", "/b/k", {"uploadId": "u"}, "CompleteMultipartUpload"),
        ("PUT", "/b/k", {"X-Amz-Signature": "s", "x-id": "PutObject"}, "PutObject"),
    ],
)
def test_what_creates_an_object(method: str, path: str, query: dict[str, str], reason: str | None) -> None:
    assert creation_reason(method, path, query, {}) == reason


def test_the_aws_command_line_uploads_a_large_file_in_parts_and_one_event_follows(door: Door, tmp_path: Path) -> None:
    door.watched_bucket()
    large = tmp_path / "large.csv"
    large.write_bytes(os.urandom(9 * 1024 * 1024))
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "AWS_ACCESS_KEY_ID": KEYS["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    aws = [str(Path(sys.executable).with_name("aws")), "--endpoint-url", door.server.address]
    done = subprocess.run(
        [*aws, "s3", "cp", str(large), "s3://watched/datasets/my data/train/large+1.csv"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    [event] = door.events
    created = event["detail"]["object"]
    assert event["detail"]["reason"] == "CompleteMultipartUpload"
    assert (created["key"], created["size"]) == ("datasets/my data/train/large+1.csv", 9 * 1024 * 1024)
    head = door.client("s3").head_object(Bucket="watched", Key=created["key"], VersionId=created["version-id"])
    assert head["ETag"].strip('"') == created["etag"]
    assert created["etag"].endswith("-2")
