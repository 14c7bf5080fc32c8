"""The front door with real clients (boto3 and the AWS command line); SageMaker is a fake that records."""

import http.server
import json
import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
import urllib3
from botocore.config import Config
from botocore.exceptions import ClientError

from local.envelopes import creation_reason
from local.errors import ApiError
from local.front import FrontDoor
from local.http_server import LoopbackServer
from local.invocations import LARGEST_PAYLOAD
from local.mailbox import Publication

KEYS = {"aws_access_key_id": "SAGERELAYLOCALTEST00", "aws_secret_access_key": "local", "region_name": "us-east-1"}
pytestmark = [
    pytest.mark.xdist_group("moto"),  # moto's state belongs to the whole process
    # moto leaves the buffers of copied and overwritten objects to the garbage collector
    pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning"),
]


class FakeSageMaker:
    OPERATIONS = frozenset({"DescribeTrainingJob", "CreateTrainingJob"})

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.endpoints: dict[str, tuple[str, int]] = {}

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((operation, request))
        if operation == "CreateTrainingJob":
            raise ApiError("ResourceInUse", "Job a exists.")
        return {"TrainingJobName": "a", "CreationTime": datetime(2026, 1, 2, 3, 4, 5, 250_000, UTC)}

    def endpoint_address(self, name: str) -> tuple[str, int]:
        if name not in self.endpoints:
            raise ApiError("ValidationException", f"Endpoint {name} of account 123456789012 not found.")
        return self.endpoints[name]


class Cloud:
    """The front door alone, and what it told the others."""

    def __init__(self) -> None:
        self.sagemaker = FakeSageMaker()
        self.events: list[dict[str, Any]] = []
        self.published: list[tuple[Publication, str]] = []
        self.front = FrontDoor(
            self.sagemaker,
            region="us-east-1",
            account="123456789012",
            emit=self.events.append,
            deliver=lambda asked, message_id: self.published.append((asked, message_id)),
        )
        self.server = LoopbackServer(self.front.answer)
        self.server.start()
        self.front.reset()

    def client(self, service: str) -> Any:
        return boto3.client(
            service, endpoint_url=self.server.address, config=Config(retries={"total_max_attempts": 1}), **KEYS
        )

    def watched_bucket(self, name: str = "watched", *, versioned: bool = True) -> Any:
        s3 = self.client("s3")
        s3.create_bucket(Bucket=name)
        if versioned:
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        s3.put_bucket_notification_configuration(
            Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}}
        )
        return s3


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    cloud = Cloud()
    yield cloud
    cloud.server.stop()
    cloud.front.close()


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


def test_an_upload_is_announced_once_in_the_recorded_shape(cloud: Cloud) -> None:
    s3 = cloud.watched_bucket()
    put = s3.put_object(Bucket="watched", Key="datasets/red+flower/träin %41/a b.csv", Body=b"hello")
    [event] = cloud.events
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


def test_later_writes_have_larger_sequencers_and_other_ids(cloud: Cloud) -> None:
    s3 = cloud.watched_bucket()
    for body in (b"1", b"2", b"3"):
        s3.put_object(Bucket="watched", Key="k", Body=body)
    numbers = [int(event["detail"]["object"]["sequencer"], 16) for event in cloud.events]
    assert numbers == sorted(set(numbers))
    assert len({event["id"] for event in cloud.events}) == 3


def test_a_bucket_without_versions_names_none_and_an_unwatched_one_says_nothing(cloud: Cloud) -> None:
    cloud.watched_bucket("plain", versioned=False).put_object(Bucket="plain", Key="k", Body=b"1")
    assert "version-id" not in cloud.events[0]["detail"]["object"]
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="silent")
    s3.put_object(Bucket="silent", Key="k", Body=b"1")
    assert len(cloud.events) == 1


def test_only_writes_of_objects_are_announced(cloud: Cloud) -> None:
    s3 = cloud.watched_bucket()
    s3.put_object(Bucket="watched", Key="k", Body=b"1")
    s3.put_object_tagging(Bucket="watched", Key="k", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    s3.get_object(Bucket="watched", Key="k")
    s3.delete_object(Bucket="watched", Key="k")
    s3.put_object(Bucket="watched", Key="once", Body=b"1", IfNoneMatch="*")
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.put_object(Bucket="watched", Key="once", Body=b"2", IfNoneMatch="*")
    assert [event["detail"]["object"]["key"] for event in cloud.events] == ["k", "once"]


def test_copies_and_browser_uploads_carry_their_reason(cloud: Cloud) -> None:
    s3 = cloud.watched_bucket()
    s3.put_object(Bucket="watched", Key="k", Body=b"12345")
    s3.copy_object(Bucket="watched", Key="copy", CopySource={"Bucket": "watched", "Key": "k"})
    form = s3.generate_presigned_post("watched", "form/${filename}")
    answer = urllib3.request("POST", form["url"], fields={**form["fields"], "file": ("jan.csv", b"a,b\n")})
    assert answer.status in (200, 204)
    presigned = s3.generate_presigned_url("put_object", {"Bucket": "watched", "Key": "signed"})
    assert urllib3.request("PUT", presigned, body=b"1").status == 200
    assert [
        (e["detail"]["object"]["key"], e["detail"]["reason"], e["detail"]["object"]["size"]) for e in cloud.events
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


def test_the_aws_command_line_uploads_a_large_file_in_parts_and_one_event_follows(cloud: Cloud, tmp_path: Path) -> None:
    cloud.watched_bucket()
    large = tmp_path / "large.csv"
    large.write_bytes(os.urandom(9 * 1024 * 1024))
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "AWS_ACCESS_KEY_ID": KEYS["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    aws = [str(Path(sys.executable).with_name("aws")), "--endpoint-url", cloud.server.address]
    done = subprocess.run(
        [*aws, "s3", "cp", str(large), "s3://watched/datasets/my data/train/large+1.csv"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    [event] = cloud.events
    created = event["detail"]["object"]
    assert event["detail"]["reason"] == "CompleteMultipartUpload"
    assert (created["key"], created["size"]) == ("datasets/my data/train/large+1.csv", 9 * 1024 * 1024)
    head = cloud.client("s3").head_object(Bucket="watched", Key=created["key"], VersionId=created["version-id"])
    assert head["ETag"].strip('"') == created["etag"]
    assert created["etag"].endswith("-2")


def test_sagemaker_operations_of_ours_are_answered_by_ours_and_the_rest_by_moto(cloud: Cloud) -> None:
    client = cloud.client("sagemaker")
    described = client.describe_training_job(TrainingJobName="a")
    assert described["CreationTime"] == datetime(2026, 1, 2, 3, 4, 5, 250_000, UTC)
    assert cloud.sagemaker.calls == [("DescribeTrainingJob", {"TrainingJobName": "a"})]
    assert client.list_models()["Models"] == []


def test_a_refusal_of_sagemaker_reaches_the_client_with_its_code(cloud: Cloud) -> None:
    client = cloud.client("sagemaker")
    with pytest.raises(client.exceptions.ResourceInUse, match="Job a exists"):
        client.create_training_job(
            TrainingJobName="a", AlgorithmSpecification={"TrainingInputMode": "File"}, RoleArn="r" * 20,
            OutputDataConfig={"S3OutputPath": "s3://b"}, ResourceConfig={"VolumeSizeInGB": 1},
            StoppingCondition={},
        )  # fmt: skip


class Container(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = 400 if body == b"bad" else 200
        answer = json.dumps({"got": len(body), "headers": {k.lower(): v for k, v in self.headers.items()}}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("x-Amzn-Invoked-Production-Variant", "AllTraffic")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Quiet."""


@pytest.fixture
def runtime(cloud: Cloud) -> Iterator[Any]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Container) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        cloud.sagemaker.endpoints["e"] = ("127.0.0.1", server.server_address[1])
        yield cloud.client("sagemaker-runtime")
        server.shutdown()
        thread.join()


def test_an_invocation_reaches_the_container_with_its_headers(runtime: Any) -> None:
    answer = runtime.invoke_endpoint(
        EndpointName="e", Body=b"1,2", ContentType="text/csv", Accept="application/json", InferenceId="i-1",
        CustomAttributes="c", TargetVariant="v",
    )  # fmt: skip
    seen = json.loads(answer["Body"].read())
    assert seen["got"] == 3
    sent = {
        name: seen["headers"].get(f"x-amzn-sagemaker-{name}")
        for name in ("inference-id", "custom-attributes", "target-variant")
    }
    assert sent == {"inference-id": "i-1", "custom-attributes": "c", "target-variant": "v"}
    assert seen["headers"]["content-type"] == "text/csv"
    assert "authorization" not in seen["headers"]
    assert (answer["ContentType"], answer["InvokedProductionVariant"]) == ("application/json", "AllTraffic")


def test_what_the_runtime_refuses(runtime: Any) -> None:
    with pytest.raises(ClientError) as missing:
        runtime.invoke_endpoint(EndpointName="none", Body=b"1")
    assert missing.value.response["Error"]["Code"] == "ValidationError"
    with pytest.raises(ClientError) as large:
        runtime.invoke_endpoint(EndpointName="e", Body=b"1" * (LARGEST_PAYLOAD + 1))
    assert large.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413
    assert (
        runtime.invoke_endpoint(EndpointName="e", Body=b"1" * LARGEST_PAYLOAD)["ResponseMetadata"]["HTTPStatusCode"]
        == 200
    )
    with pytest.raises(runtime.exceptions.ModelError) as failed:
        runtime.invoke_endpoint(EndpointName="e", Body=b"bad")
    assert failed.value.response["OriginalStatusCode"] == 400
    assert json.loads(failed.value.response["OriginalMessage"])["got"] == 3
    assert failed.value.response["ResponseMetadata"]["HTTPStatusCode"] == 424


def test_a_container_that_is_gone_is_a_model_error(cloud: Cloud, runtime: Any) -> None:
    cloud.sagemaker.endpoints["e"] = ("127.0.0.1", 9)
    with pytest.raises(runtime.exceptions.ModelError):
        runtime.invoke_endpoint(EndpointName="e", Body=b"1")


def test_sns_refuses_the_subjects_that_aws_refuses(cloud: Cloud) -> None:
    sns = cloud.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    for subject in ("x" * 100, "two\nlines", "ümlaut", ""):
        with pytest.raises(sns.exceptions.InvalidParameterException):
            sns.publish(TopicArn=topic, Message="m", Subject=subject)
    with pytest.raises(sns.exceptions.InvalidParameterException):
        sns.publish(TopicArn=topic, Message='{"email": "no default"}', MessageStructure="json")
    assert cloud.published == []
    attributes = {"kind": {"DataType": "String", "StringValue": "verdict"}}
    sent = sns.publish(TopicArn=topic, Message="grün & <b>", Subject="x" * 99, MessageAttributes=attributes)
    [(asked, message_id)] = cloud.published
    assert message_id == sent["MessageId"]
    assert (asked.message, asked.subject, asked.attributes) == ("grün & <b>", "x" * 99, {"kind": "verdict"})


def test_a_clients_own_event_is_put_on_the_bus_and_a_forged_one_refused(cloud: Cloud) -> None:
    answer = cloud.client("events").put_events(
        Entries=[
            {"Source": "my.app", "DetailType": "Thing", "Detail": '{"a": 1}'},
            {"Source": "aws.s3", "DetailType": "Object Created", "Detail": "{}"},
        ]
    )
    [event] = cloud.events
    assert (event["source"], event["detail"], event["id"]) == ("my.app", {"a": 1}, answer["Entries"][0]["EventId"])
    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][1]["ErrorCode"] == "NotAuthorizedForSourceException"


def test_one_connection_serves_many_requests_and_many_clients_at_once(cloud: Cloud) -> None:
    cloud.watched_bucket()
    s3 = cloud.client("s3")
    address = s3.generate_presigned_url("put_object", {"Bucket": "watched", "Key": "k"})
    pool = urllib3.HTTPConnectionPool("127.0.0.1", cloud.server.server_address[1], maxsize=1)
    for _ in range(3):
        assert pool.urlopen("PUT", address, body=b"1" * 100_000, assert_same_host=False).status == 200
    assert pool.num_connections == 1
    pool.close()
    with ThreadPoolExecutor(8) as clients:
        list(clients.map(lambda n: s3.put_object(Bucket="watched", Key=f"n/{n}", Body=b"1"), range(40)))
    assert len(cloud.events) == 43
