"""What the embedded cloud has not is refused as AWS refuses it: a client's error in the protocol's form, no success."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError

from local.offer import repertoire
from local.permissions.s3 import S3Request
from local.wire.shapes import service_model
from tests.local.front_door import Door

pytestmark = pytest.mark.xdist_group("moto")  # moto's state belongs to the whole process

CARD = {"ModelCardName": "c", "Content": "{}", "ModelCardStatus": "Draft"}
STACK = {"StackName": "s", "TemplateBody": '{"Resources": {}}'}
RECORD = {"FeatureGroupName": "f", "RecordIdentifierValueAsString": "1"}
FUNCTION = {"Id": "1", "Arn": "arn:aws:lambda:us-east-1:123456789012:function:f"}
QUEUE = {"Id": "1", "Arn": "arn:aws:sqs:us-east-1:123456789012:q"}
BUS = "arn:aws:events:us-east-1:123456789012:event-bus/default"
TOPIC = "arn:aws:sns:us-east-1:123456789012:t"
PART = {"Id": "1", "Message": "m"}
SPAN = {"StartTime": 0, "EndTime": 3600}
MATH = {"Id": "e", "Expression": "SUM(METRICS())"}
PERCENTILE = {"Id": "m", "MetricStat": {"Metric": {"Namespace": "n", "MetricName": "m"}, "Period": 60, "Stat": "p90"}}
TTL = {"Enabled": True, "AttributeName": "until"}
REPLICA = {"Create": {"RegionName": "eu-west-1"}}
TRANSFORMATION = {"metricName": "m", "metricNamespace": "n", "metricValue": "1"}
METRIC_FILTER = {
    "logGroupName": "g", "filterName": "f", "filterPattern": "ERROR", "metricTransformations": [TRANSFORMATION],
}  # fmt: skip
MINE, KEY = {"Bucket": "mine"}, {"Bucket": "mine", "Key": "k"}
LIFECYCLE = {"Rules": [{"Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}]}
REPLICATION = {"Role": "arn:r", "Rules": [{"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::mine"}}]}
CALL = {"LambdaFunctionConfigurations": [{"LambdaFunctionArn": FUNCTION["Arn"], "Events": ["s3:ObjectCreated:*"]}]}
SELECT: dict[str, Any] = {
    "Expression": "select * from s3object", "ExpressionType": "SQL",
    "InputSerialization": {"CSV": {}}, "OutputSerialization": {"CSV": {}},
}  # fmt: skip
M = {"S3TablesDestination": {"TableBucketArn": "arn:b", "TableName": "t"}}
NOT_HERE: list[tuple[str, str, dict[str, Any], str]] = [
    ("sagemaker", "list_auto_ml_jobs", {}, "UnknownOperationException"),
    ("sagemaker", "search", {"Resource": "TrainingJob"}, "UnknownOperationException"),
    ("sagemaker", "create_model_card", CARD, "UnknownOperationException"),
    ("sagemaker", "list_domains", {}, "UnknownOperationException"),
    ("sagemaker-featurestore-runtime", "get_record", RECORD, "UnknownOperationException"),
    ("cloudformation", "create_stack", STACK, "InvalidAction"),
    ("lambda", "list_functions", {}, "UnknownOperationException"),
    ("pricing", "get_products", {"ServiceCode": "AmazonSageMaker"}, "UnknownOperationException"),
    ("ecs", "list_clusters", {}, "UnknownOperationException"),
    ("logs", "list_anomalies", {}, "UnknownOperationException"),
    ("sqs", "start_message_move_task", {"SourceArn": "arn:aws:sqs:us-east-1:123456789012:q"}, "Unknown"),
    ("iam", "list_service_specific_credentials", {}, "InvalidAction"),
    ("sns", "list_phone_numbers_opted_out", {}, "InvalidAction"),
    ("sns", "publish", {"PhoneNumber": "+15555550100", "Message": "m"}, "InvalidParameter"),
    ("events", "put_targets", {"Rule": "r", "Targets": [FUNCTION]}, "ValidationException"),
    ("events", "put_targets", {"Rule": "r", "Targets": [{**QUEUE, "Input": "{}"}]}, "ValidationException"),
    ("events", "put_rule", {"Name": "r", "ScheduleExpression": "rate(1 minute)"}, "ValidationException"),
    ("events", "create_archive", {"ArchiveName": "a", "EventSourceArn": BUS}, "UnknownOperationException"),
    ("events", "test_event_pattern", {"EventPattern": "{}", "Event": "{}"}, "UnknownOperationException"),
    ("sns", "subscribe", {"TopicArn": TOPIC, "Protocol": "https", "Endpoint": "https://a.example"}, "Invalid"),
    ("sns", "subscribe", {"TopicArn": TOPIC, "Protocol": "lambda", "Endpoint": FUNCTION["Arn"]}, "Invalid"),
    ("sns", "subscribe", {"TopicArn": TOPIC, "Protocol": "nonsense", "Endpoint": "x"}, "Invalid"),
    ("sns", "confirm_subscription", {"TopicArn": TOPIC, "Token": "t"}, "InvalidAction"),
    ("sns", "publish_batch", {"TopicArn": TOPIC, "PublishBatchRequestEntries": [PART]}, "InvalidAction"),
    ("cloudwatch", "get_metric_data", {**SPAN, "MetricDataQueries": [MATH]}, "ValidationException"),
    ("cloudwatch", "get_metric_data", {**SPAN, "MetricDataQueries": [PERCENTILE]}, "ValidationException"),
    ("dynamodb", "update_time_to_live", {"TableName": "t", "TimeToLiveSpecification": TTL}, "Unknown"),
    ("dynamodb", "list_exports", {}, "UnknownOperationException"),
    ("dynamodb", "export_table_to_point_in_time", {"TableArn": "arn:x", "S3Bucket": "mine"}, "Unknown"),
    ("dynamodb", "update_table", {"TableName": "ttt", "ReplicaUpdates": [REPLICA]}, "ValidationException"),
    ("logs", "put_metric_filter", METRIC_FILTER, "UnknownOperationException"),
    ("logs", "start_query", {"startTime": 0, "endTime": 1, "queryString": "fields @message"}, "Unknown"),
    ("logs", "filter_log_events", {"logGroupName": "g", "filterPattern": "{ $.a = 1 }"}, "ValidationException"),
    ("iam", "generate_credential_report", {}, "InvalidAction"),
    ("iam", "create_login_profile", {"UserName": "u", "Password": "p"}, "InvalidAction"),
    ("sts", "get_session_token", {}, "InvalidAction"),
    ("sts", "get_federation_token", {"Name": "me"}, "InvalidAction"),
    ("kms", "disable_key", {"KeyId": "k"}, "UnknownOperationException"),
    ("s3", "put_bucket_lifecycle_configuration", {**MINE, "LifecycleConfiguration": LIFECYCLE}, "NotImplemented"),
    ("s3", "put_bucket_replication", {**MINE, "ReplicationConfiguration": REPLICATION}, "NotImplemented"),
    ("s3", "put_bucket_accelerate_configuration", {**MINE, "AccelerateConfiguration": {}}, "NotImplemented"),
    ("s3", "put_bucket_website", {**MINE, "WebsiteConfiguration": {}}, "NotImplemented"),
    ("s3", "put_bucket_notification_configuration", {**MINE, "NotificationConfiguration": CALL}, "NotImplemented"),
    ("s3", "restore_object", KEY, "NotImplemented"),
    ("s3", "get_object_torrent", KEY, "NotImplemented"),
    ("s3", "select_object_content", {**KEY, **SELECT}, "NotImplemented"),
    ("s3", "rename_object", {**KEY, "RenameSource": "b"}, "NotImplemented"),
    ("s3", "create_bucket_metadata_table_configuration", {**MINE, "MetadataTableConfiguration": M}, "NotImpl"),
    ("s3", "put_object", {**KEY, "StorageClass": "DEEP_ARCHIVE"}, "NotImplemented"),
]  # fmt: skip


@pytest.mark.parametrize(("service", "operation", "parameters", "code"), NOT_HERE)
def test_what_is_not_here_is_a_clients_error(
    door: Door, service: str, operation: str, parameters: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(door.client(service), operation)(**parameters)

    answer: dict[str, Any] = caught.value.response
    assert 400 <= answer["ResponseMetadata"]["HTTPStatusCode"] < 500
    assert answer["Error"]["Code"].startswith(code)
    assert "The embedded cloud has no" in answer["Error"]["Message"]
    assert "Traceback" not in answer["Error"]["Message"]


def test_what_is_here_is_answered(door: Door) -> None:
    door.client("s3").create_bucket(Bucket="mine")
    assert door.client("s3").list_objects_v2(Bucket="mine")["KeyCount"] == 0
    door.client("sqs").create_queue(QueueName="q")
    events = door.client("events")
    events.put_rule(Name="r", EventPattern='{"source": ["mine"]}')
    queue = {"Id": "1", "Arn": "arn:aws:sqs:us-east-1:123456789012:q"}
    assert events.put_targets(Rule="r", Targets=[queue])["FailedEntryCount"] == 0


def test_nothing_that_is_refused_has_touched_the_object(door: Door) -> None:
    s3 = door.client("s3")
    s3.create_bucket(Bucket="mine")
    s3.put_object(**KEY, Body=b"kept")
    with pytest.raises(ClientError, match="NotImplemented"):
        s3.rename_object(**KEY, RenameSource="b")
    with pytest.raises(ClientError, match="BadDigest"):
        s3.put_object(**KEY, Body=b"damaged", ContentMD5="AAAAAAAAAAAAAAAAAAAAAA==")
    assert s3.get_object(**KEY)["Body"].read() == b"kept"
    s3.put_object(**KEY, Body=b"new", ContentMD5=_md5(b"new"))
    assert s3.get_object(**KEY)["Body"].read() == b"new"


def _md5(body: bytes) -> str:
    return base64.b64encode(hashlib.md5(body).digest()).decode()  # noqa: S324


@pytest.mark.parametrize("service", repertoire.DONE)
def test_what_is_said_to_be_done_is_an_operation(service: str) -> None:
    names = {*service_model(service).operation_names, "PostObject"}
    if service == "dynamodb":
        names |= set(service_model("dynamodbstreams").operation_names)
    done = [name for name in names if repertoire.is_done(service, name)]
    assert done


def test_every_operation_of_s3_is_known_by_its_request() -> None:
    # Read for itself: clients take the bucket out of the paths of the model that they share.
    model = botocore.session.get_session().get_service_model("s3")
    alike = {"ListDirectoryBuckets", "ListObjectsV2"}
    for name in model.operation_names:
        http = model.operation_model(name).http
        path, _, query = http["requestUri"].partition("?")
        if not query or name in alike:
            continue
        place = path.replace("{Bucket}", "b").replace("{Key+}", "k/l")
        asked = S3Request(http["method"], place, {part.partition("=")[0]: "" for part in query.split("&")}, {})
        found = repertoire.s3_operation(asked)
        assert model.operation_model(found).http == http, (name, found)
