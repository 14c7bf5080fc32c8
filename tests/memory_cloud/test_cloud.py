"""The cloud in memory against those it stands for: the same calls, the same answers and the same codes of refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.server import ThreadedMotoServer

from chalicelib import requests
from chalicelib.names import RunKeys, Step
from chalicelib.records.run import Stage
from chalicelib.requests import registry
from local.sagemaker import SageMaker
from local.wire.errors import ApiError
from tests.memory_cloud.bucket import Bucket
from tests.memory_cloud.conftest import Moto
from tests.memory_cloud.table import Table
from tests.relay.builders import DEPLOYMENT, NOW, RUN_ID, run
from tests.scale.canned import Serving
from tests.simulation.chance import Chance
from tests.simulation.history import assemble
from tests.simulation.world import World

Answer = Any
Client = Callable[[str, dict[str, Any]], Answer]


def answered(call: Callable[[], Answer]) -> Answer:
    """An answer, or the code of the refusal."""
    try:
        return call()
    except ApiError as refused:
        return refused.code
    except ClientError as refused:
        return refused.response["Error"]["Code"]


# --- the table


def _writes() -> Iterator[tuple[str, dict[str, Any]]]:
    """What the store asks of its table, conditions that hold and conditions that do not."""
    item = {"id": {"S": "run#a"}, "version": {"N": "1"}, "open": {"S": "yes"}, "document": {"S": "{}"}}
    new, next_one = "attribute_not_exists(id)", {":read": {"N": "1"}}
    yield "put_item", {"Item": item, "ConditionExpression": new}
    yield "put_item", {"Item": item, "ConditionExpression": new}
    second = {**item, "version": {"N": "2"}}
    for _ in range(2):
        yield (
            "put_item",
            {"Item": second, "ConditionExpression": "version = :read", "ExpressionAttributeValues": next_one},
        )
    mail = {"id": {"S": "mail#m"}, "claimed": {"S": "2026-11-22"}, "open": {"S": "yes"}}
    free = "attribute_not_exists(id) OR (attribute_not_exists(sent) AND claimed < :stale)"
    for stale in ("2026-11-21", "2026-11-21", "2026-11-23"):
        values = {":stale": {"S": stale}}
        yield "put_item", {"Item": mail, "ConditionExpression": free, "ExpressionAttributeValues": values}
    yield (
        "update_item",
        {
            "Key": {"id": {"S": "mail#m"}},
            "UpdateExpression": "SET sent = :now, message_id = :message REMOVE #open, #document",
            "ExpressionAttributeNames": {"#open": "open", "#document": "document"},
            "ExpressionAttributeValues": {":now": {"S": "2026-11-23"}, ":message": {"S": "m1"}},
        },
    )
    values = {":stale": {"S": "2026-12-01"}}
    yield "put_item", {"Item": mail, "ConditionExpression": free, "ExpressionAttributeValues": values}


def _table_calls(client: Any) -> list[Answer]:
    """Which writes take effect, what lies there afterwards, and what the index shows."""

    def made(operation: str, request: dict[str, Any]) -> str:
        try:
            getattr(client, operation)(TableName=DEPLOYMENT.table, **request)
        except client.exceptions.ConditionalCheckFailedException:
            return "refused"
        return "done"

    told: list[Answer] = [made(*write) for write in _writes()]
    for key in ("run#a", "mail#m", "run#b"):
        answer = client.get_item(TableName=DEPLOYMENT.table, Key={"id": {"S": key}}, ConsistentRead=True)
        told.append(answer.get("Item"))
    pages = client.get_paginator("query").paginate(
        TableName=DEPLOYMENT.table,
        IndexName="open-index",
        KeyConditionExpression="#open = :yes",
        ExpressionAttributeNames={"#open": "open"},
        ExpressionAttributeValues={":yes": {"S": "yes"}},
    )
    return [*told, [item["id"]["S"] for page in pages for item in page["Items"]]]


def test_the_table_answers_as_dynamodb(moto: Moto) -> None:
    ours = Table(DEPLOYMENT.table, lambda: 0.0, lambda _key: 0.0)
    assert _table_calls(ours) == _table_calls(moto.dynamodb)


def test_the_index_shows_a_write_when_its_time_has_come_and_never_an_older_one_after_it() -> None:
    clock, lags = [0.0], iter((10.0, 2.0))
    table = Table(DEPLOYMENT.table, lambda: clock[0], lambda _key: next(lags))

    def shown(now: float) -> list[str]:
        clock[0] = now
        pages = table.get_paginator("query").paginate(TableName=DEPLOYMENT.table, IndexName="open-index")
        return [item["id"]["S"] for page in pages for item in page["Items"]]

    item = {"id": {"S": "run#a"}}
    table.put_item(DEPLOYMENT.table, item | {"open": {"S": "yes"}})
    assert shown(1.0) == []
    table.put_item(DEPLOYMENT.table, item)  # would be seen after 2 seconds, but not before what was there before it
    assert shown(5.0) == []
    assert shown(11.0) == []

    shows = Table(DEPLOYMENT.table, lambda: clock[0], lambda _key: 10.0)
    clock[0] = 0.0
    shows.put_item(DEPLOYMENT.table, item | {"open": {"S": "yes"}})
    table = shows
    assert (shown(9.0), shown(10.0)) == ([], ["run#a"])


# --- the bucket


def _bucket_calls(client: Any) -> list[Answer]:
    bucket = DEPLOYMENT.bucket

    def put(key: str, body: bytes, **options: Any) -> Answer:
        return answered(lambda: client.put_object(Bucket=bucket, Key=key, Body=body, **options)["ETag"])

    told = [put("a/1", b"one"), put("a/1", b"two"), put("a/2", b""), put("b", b"b", IfNoneMatch="*")]
    told += [put("b", b"c", IfNoneMatch="*"), answered(lambda: client.get_object(Bucket=bucket, Key="none"))]
    told.append(client.get_object(Bucket=bucket, Key="a/1")["Body"].read())
    versions = client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix="a/")
    listed = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="a/", StartAfter="a/1")
    told += [(one["Key"], one["Size"], one["ETag"], one["IsLatest"]) for page in versions for one in page["Versions"]]
    return [*told, *((one["Key"], one["Size"], one["ETag"]) for page in listed for one in page["Contents"])]


def test_the_bucket_answers_as_s3(moto: Moto) -> None:
    ours = Bucket(DEPLOYMENT.bucket, lambda: NOW)
    assert _bucket_calls(ours) == _bucket_calls(moto.s3)


# --- SageMaker


class Endless:
    """Commands that go on: what is asked here is asked while jobs and endpoints are under way."""

    def warm(self) -> None:
        """Nothing takes long here."""

    def run(self, *_command: Any, **_where: Any) -> Serving:
        return Serving()

    execute = run

    def close(self) -> None:
        """Nothing runs."""


@pytest.fixture
def embedded(region: None, tmp_path: Path) -> Iterator[Client]:
    """The embedded cloud's SageMaker, over moto's S3."""
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    url = f"http://{host}:{port}"
    s3 = boto3.client("s3", endpoint_url=url)
    s3.create_bucket(Bucket=DEPLOYMENT.bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    artifact = run(Stage.PROMOTING).artifact or ""
    for key in (RunKeys(RUN_ID).encoder, artifact.removeprefix(DEPLOYMENT.uri("")), RunKeys(RUN_ID).inputs):
        s3.put_object(Bucket=DEPLOYMENT.bucket, Key=key, Body=b"x")
    sagemaker = SageMaker(
        directory=tmp_path,
        endpoint_url=url,
        region="eu-west-1",
        account="123456789012",
        emit=lambda _envelope: None,
        environment={"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"},
        executor=Endless(),
    )
    yield lambda operation, request: sagemaker.call(_api(operation), request)
    sagemaker.close()
    moto.stop()


def _api(operation: str) -> str:
    return "".join(word.capitalize() for word in operation.split("_"))


def _conversation() -> Iterator[tuple[str, dict[str, Any]]]:
    """Calls about things that are not there, are there already, are under way."""
    judged = run(Stage.PROMOTING)
    prepare, *_ = requests.start(Step.PREPARE, 1, run(), DEPLOYMENT)
    model, config, endpoint = requests.start(Step.CANDIDATE, 1, judged, DEPLOYMENT)
    names = {key: value for key, value in endpoint.arguments.items() if key.endswith("Name")}
    name = {"EndpointName": names["EndpointName"]}
    yield from (
        ("describe_model", {"ModelName": "none"}),
        ("describe_endpoint_config", {"EndpointConfigName": "none"}),
        ("describe_endpoint", {"EndpointName": "none"}),
        ("delete_model", {"ModelName": "none"}),
        ("delete_endpoint_config", {"EndpointConfigName": "none"}),
        ("delete_endpoint", {"EndpointName": "none"}),
        ("update_endpoint", {"EndpointName": "none", "EndpointConfigName": "none"}),
        ("describe_processing_job", {"ProcessingJobName": "none"}),
        ("describe_training_job", {"TrainingJobName": "none"}),
        ("describe_hyper_parameter_tuning_job", {"HyperParameterTuningJobName": "none"}),
        ("describe_model_package_group", {"ModelPackageGroupName": "none"}),
        ("list_tags", {"ResourceArn": "arn:aws:sagemaker:eu-west-1:123456789012:model/none"}),
    )
    yield config.operation, config.arguments  # its model is not there
    yield endpoint.operation, endpoint.arguments  # its configuration is not there
    for call in (model, model, config, config):
        yield call.operation, call.arguments
    # At once, because the embedded one's endpoint is soon under way no more: there is no model in this archive.
    yield endpoint.operation, endpoint.arguments
    yield "update_endpoint", names
    yield "delete_endpoint", name
    yield "describe_endpoint", name
    yield endpoint.operation, endpoint.arguments
    for call in (prepare, prepare):
        yield call.operation, call.arguments
    group = registry.group(judged, DEPLOYMENT)
    package = registry.package(judged, DEPLOYMENT, "PendingManualApproval")
    for asked in (("create_model_package_group", group), ("create_model_package", package)):
        yield from (asked, asked)
    yield "list_model_packages", {"ModelPackageGroupName": group["ModelPackageGroupName"], "MaxResults": 5}
    yield "delete_model", {"ModelName": model.arguments["ModelName"]}
    yield "delete_model", {"ModelName": model.arguments["ModelName"]}


def _spoken(client: Client) -> list[tuple[str, Answer]]:
    told = []
    for operation, request in _conversation():
        answer = answered(lambda operation=operation, request=request: client(operation, request))  # type: ignore[misc]
        if isinstance(answer, dict):
            known = ("EndpointStatus", "EndpointConfigName", "ModelName", "ProcessingJobStatus")
            answer = {name: answer[name] for name in known if name in answer} or "done"
        told.append((operation, answer))
    return told


def test_sagemaker_answers_as_the_embedded_one(embedded: Client) -> None:
    world = World(Chance(0), assemble)

    def ours(operation: str, request: dict[str, Any]) -> Answer:
        return getattr(world.cloud.sagemaker, operation)(**request)

    spoken = _spoken(ours)
    embedded_spoke = _spoken(embedded)
    assert [one for one in zip(spoken, embedded_spoke, strict=True) if one[0] != one[1]] == []
    assert {answer for _, answer in spoken if isinstance(answer, str)} >= {"done", "ValidationException"}
