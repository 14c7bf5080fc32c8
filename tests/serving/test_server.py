"""The endpoint as a process: started as `local.sagemaker` starts it, asked over HTTP, ended by SIGTERM."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import urllib3
from moto.server import ThreadedMotoServer

from tests.serving.endpoints import HEADERS, ROW, configuration, trained

AWAY = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "eu-west-1"}


@contextlib.contextmanager
def serving(config: Path, environment: dict[str, str] | None = None) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """The address of a running endpoint and its process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "local.serving", "--config", str(config)], env=os.environ | (environment or {})
    )
    try:
        ready = config.parent / "ready.json"
        deadline = time.monotonic() + 120
        while not ready.exists():
            assert process.poll() is None, (config.parent / "log.txt").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        told = json.loads(ready.read_text())
        assert told["pid"] == process.pid
        yield f"http://127.0.0.1:{told['port']}", process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(120)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return trained(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory, folders: dict[str, Path]) -> Iterator[str]:
    with serving(configuration(tmp_path_factory.mktemp("endpoint"), folders, workers=2)) as (address, _):
        yield address


@pytest.fixture(scope="module")
def http() -> Iterator[urllib3.PoolManager]:
    pool = urllib3.PoolManager(retries=False, timeout=120)
    yield pool
    pool.clear()


def post(http: urllib3.PoolManager, address: str, body: bytes, **headers: str) -> urllib3.BaseHTTPResponse:
    return http.request("POST", f"{address}/invocations", body=body, headers=HEADERS | headers)


def test_ping_and_invocations(http: urllib3.PoolManager, endpoint: str) -> None:
    assert http.request("GET", f"{endpoint}/ping").status == 200
    reply = post(http, endpoint, ROW.encode())
    assert reply.status == 200
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    assert reply.headers["x-amzn-invoked-production-variant"] == "AllTraffic"
    assert reply.data.decode().split(",")[0] in ("yes", "no")


@pytest.mark.parametrize("name", ["Origin", "Host", "Sec-Fetch-Site"])
def test_a_page_in_the_users_browser_gets_no_answer(http: urllib3.PoolManager, endpoint: str, name: str) -> None:
    value = {"Origin": "https://evil.example", "Host": "evil.example", "Sec-Fetch-Site": "cross-site"}[name]

    refused = post(http, endpoint, ROW.encode(), **{name: value})

    assert refused.status == 403
    assert b"programs of this machine only" in refused.data
    assert http.request("GET", f"{endpoint}/ping", headers={name: value}).status == 403
    assert post(http, endpoint, ROW.encode(), Host="localhost").status == 200


def test_connections_are_kept_and_answers_are_prompt(http: urllib3.PoolManager, endpoint: str) -> None:
    post(http, endpoint, ROW.encode())
    quickest = 1.0
    for _ in range(20):
        started = time.perf_counter()
        assert post(http, endpoint, ROW.encode()).status == 200
        quickest = min(quickest, time.perf_counter() - started)
    assert quickest < 0.03  # with Nagle's algorithm in the way it is 40 ms a request, on an idle machine too


def test_six_megabytes_and_no_more(http: urllib3.PoolManager, endpoint: str) -> None:
    limit = 6 * 1024 * 1024
    assert post(http, endpoint, b"x" * limit).status == 400  # read, and refused for what it says
    assert post(http, endpoint, b"x" * (limit + 1)).status == 413


def test_other_addresses_and_methods(http: urllib3.PoolManager, endpoint: str) -> None:
    assert http.request("GET", f"{endpoint}/invocations").status == 405
    assert http.request("GET", f"{endpoint}/other").status == 404


def test_captured_data_is_in_s3_when_the_endpoint_has_ended(
    tmp_path: Path, folders: dict[str, Path], http: urllib3.PoolManager
) -> None:
    capture: dict[str, Any] = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": "s3://captured/capture",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"]},
    }
    moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    moto.start()
    try:
        host, port = moto.get_host_and_port()
        cloud = f"http://{host}:{port}"
        s3 = boto3.client(
            "s3", endpoint_url=cloud, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
        )
        s3.create_bucket(Bucket="captured")
        config = configuration(tmp_path, folders, capture=capture)
        with serving(config, AWAY | {"AWS_ENDPOINT_URL": cloud}) as (address, process):
            answer = post(http, address, ROW.encode(), **{"X-Amzn-SageMaker-Inference-Id": "row-1"}).data.decode()
            assert post(http, address, b"forty,,,,,").status == 400
            process.terminate()
            assert process.wait(120) == 0
        listed = s3.list_objects_v2(Bucket="captured")["Contents"]
        lines = b"".join(
            s3.get_object(Bucket="captured", Key=item["Key"])["Body"].read() for item in listed
        ).splitlines()
    finally:
        moto.stop()
    assert listed[0]["Key"].startswith("capture/churn/AllTraffic/")
    record = json.loads(lines[0])
    assert len(lines) == 1  # the refused request is not there
    assert record["eventMetadata"]["inferenceId"] == "row-1"
    assert record["captureData"]["endpointInput"]["data"] == ROW
    assert record["captureData"]["endpointOutput"]["data"] == answer


def test_an_endpoint_that_cannot_start_says_why_and_ends(tmp_path: Path, folders: dict[str, Path]) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    config = configuration(tmp_path, folders | {"algorithm": empty})
    assert (
        subprocess.run(
            [sys.executable, "-m", "local.serving", "--config", str(config)], check=False, timeout=120
        ).returncode
        == 1
    )
    assert not (tmp_path / "ready.json").exists()
    assert "no model file" in (tmp_path / "log.txt").read_text()
