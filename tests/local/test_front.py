"""The front door with real clients; SageMaker is a fake that records. What it does with uploads: test_uploads.py."""

import contextlib
import http.server
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import urllib3
from botocore.exceptions import ClientError

from chalicelib.aws.figures import Figures
from local.invocations import LARGEST_PAYLOAD
from tests.local.front_door import Door

pytestmark = [
    pytest.mark.xdist_group("moto"),  # moto's state belongs to the whole process
    # moto leaves the buffers of copied and overwritten objects to the garbage collector
    pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning"),
]


def test_sagemaker_operations_of_ours_are_answered_by_ours_and_no_others(door: Door) -> None:
    client = door.client("sagemaker")
    described = client.describe_training_job(TrainingJobName="a")
    assert described["CreationTime"] == datetime(2026, 1, 2, 3, 4, 5, 250_000, UTC)
    assert door.sagemaker.calls == [("DescribeTrainingJob", {"TrainingJobName": "a"})]
    with pytest.raises(ClientError, match="UnknownOperationException"):
        client.list_models()


def test_autoscaling_is_answered_by_who_has_the_endpoints(door: Door) -> None:
    named = {"ServiceNamespace": "sagemaker", "ScalableDimension": "sagemaker:variant:DesiredInstanceCount"}
    resource = "endpoint/busy/variant/AllTraffic"
    door.client("application-autoscaling").deregister_scalable_target(ResourceId=resource, **named)
    assert door.sagemaker.calls == [("DeregisterScalableTarget", {"ResourceId": resource, **named})]


def test_a_refusal_of_sagemaker_reaches_the_client_with_its_code(door: Door) -> None:
    client = door.client("sagemaker")
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
def runtime(door: Door) -> Iterator[Any]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Container) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        door.sagemaker.endpoints["e"] = ("127.0.0.1", server.server_address[1])
        yield door.client("sagemaker-runtime")
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


@pytest.mark.parametrize(("endpoint", "why"), [("none", "not found"), ("e", "takes no asynchronous requests")])
def test_an_asynchronous_request_is_refused_by_the_endpoint_and_not_as_something_unheard_of(
    runtime: Any, endpoint: str, why: str
) -> None:
    with pytest.raises(ClientError, match=why) as refused:
        runtime.invoke_endpoint_async(EndpointName=endpoint, InputLocation="s3://b/rows.csv")
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_container_that_is_gone_is_a_model_error(door: Door, runtime: Any) -> None:
    door.sagemaker.endpoints["e"] = ("127.0.0.1", 9)
    with pytest.raises(runtime.exceptions.ModelError):
        runtime.invoke_endpoint(EndpointName="e", Body=b"1")


def test_sns_refuses_the_subjects_that_aws_refuses(door: Door) -> None:
    sns = door.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    for subject in ("x" * 100, "two\nlines", "ümlaut", ""):
        with pytest.raises(sns.exceptions.InvalidParameterException):
            sns.publish(TopicArn=topic, Message="m", Subject=subject)
    with pytest.raises(sns.exceptions.InvalidParameterException):
        sns.publish(TopicArn=topic, Message='{"email": "no default"}', MessageStructure="json")
    assert door.published == []
    attributes = {"kind": {"DataType": "String", "StringValue": "verdict"}}
    sent = sns.publish(TopicArn=topic, Message="grün & <b>", Subject="x" * 99, MessageAttributes=attributes)
    [(asked, message_id)] = door.published
    assert message_id == sent["MessageId"]
    assert (asked.message, asked.subject, asked.attributes) == ("grün & <b>", "x" * 99, {"kind": "verdict"})


def test_one_connection_serves_many_requests_and_many_clients_at_once(door: Door) -> None:
    door.watched_bucket()
    s3 = door.client("s3")
    address = s3.generate_presigned_url("put_object", {"Bucket": "watched", "Key": "k"})
    pool = urllib3.HTTPConnectionPool("127.0.0.1", door.server.server_address[1], maxsize=1)
    for _ in range(3):
        assert pool.urlopen("PUT", address, body=b"1" * 100_000, assert_same_host=False).status == 200
    assert pool.num_connections == 1
    pool.close()
    with ThreadPoolExecutor(8) as clients:
        list(clients.map(lambda n: s3.put_object(Bucket="watched", Key=f"n/{n}", Body=b"1"), range(40)))
    assert len(door.events) == 43


def test_cloudwatch_knows_how_often_an_endpoint_was_asked(door: Door, runtime: Any) -> None:
    for body in (b"1,2", b"bad", b"3,4"):
        with contextlib.suppress(ClientError):
            runtime.invoke_endpoint(EndpointName="e", Body=body)
    now = datetime.now(UTC)
    days = Figures(door.client("cloudwatch")).by_day("e", now - timedelta(days=30), now + timedelta(minutes=1))
    assert days is not None
    [day] = days
    assert (day.requests, day.began.tzinfo is not None, 0 < day.seconds < 60) == (3, True, True)
    assert Figures(door.client("cloudwatch")).by_day("e", now - timedelta(days=30), now) == days  # kept, and not twice
    assert Figures(door.client("cloudwatch")).by_day("other", now - timedelta(days=30), now) == []
