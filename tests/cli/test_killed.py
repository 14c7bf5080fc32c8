"""`kill -9` of an embedded cloud: nothing it has started runs on, and the next start finds everything in order."""

import io
import tarfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost

from local.stack import JOBS
from tests.cli.running_cloud import RunningCloud, all_gone, children
from tests.sagemaker import requests

CODE = "import subprocess, time; subprocess.Popen(['sleep', '600']); print('asleep', flush=True); time.sleep(600)"


def artifact(directory: Path) -> bytes:
    """A model that answers, as a training leaves it."""
    table = xgboost.DMatrix(np.array([[0.0], [1.0]]), label=[0, 1])
    booster = xgboost.train({"objective": "binary:logistic", "nthread": 1}, table, 1)
    booster.save_model(directory / "xgboost-model.ubj")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        archive.add(directory / "xgboost-model.ubj", arcname="xgboost-model")
    return packed.getvalue()


def begin(cloud: RunningCloud, directory: Path) -> None:
    """An endpoint that serves, and a job of each kind that would go on for minutes."""
    bucket = cloud.bucket()
    cloud.client("s3").put_object(Bucket=bucket, Key="runs/a/model.tar.gz", Body=artifact(directory))
    cloud.client("s3").put_object(Bucket=bucket, Key="code/a/endless.py", Body=CODE.encode())
    sagemaker = cloud.client("sagemaker")
    container = {"Image": requests.IMAGE, "ModelDataUrl": f"s3://{bucket}/runs/a/model.tar.gz"}
    sagemaker.create_model(ModelName="a", PrimaryContainer=container, ExecutionRoleArn=JOBS.role_arn)
    variant: dict[str, Any] = {"VariantName": "AllTraffic", "ModelName": "a", "InstanceType": "ml.m5.large"}
    sagemaker.create_endpoint_config(EndpointConfigName="a", ProductionVariants=[variant | {"InitialInstanceCount": 1}])
    sagemaker.create_endpoint(EndpointName="sagerelay-a", EndpointConfigName="a")
    for name, command in (("module", ["python3", "-m", "endless"]), ("program", ["python3", "-c", CODE])):
        job = requests.processing(
            name,
            command,
            RoleArn=JOBS.role_arn,
            ProcessingInputs=[requests.processing_input("code", f"s3://{bucket}/code/a/")],
            Environment={"PYTHONPATH": "/opt/ml/processing/input/code"},
        )
        sagemaker.create_processing_job(**job)


def wait_for(what: Any, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def answer(cloud: RunningCloud) -> bytes:
    runtime = cloud.client("sagemaker-runtime")
    found: bytes = runtime.invoke_endpoint(EndpointName="sagerelay-a", ContentType="text/csv", Body=b"1")["Body"].read()
    return found


def serves(cloud: RunningCloud) -> bool:
    endpoint = cloud.client("sagemaker").describe_endpoint(EndpointName="sagerelay-a")
    return bool(endpoint["EndpointStatus"] == "InService")


@pytest.mark.timeout(300)
def test_nothing_runs_on_after_a_kill_and_the_next_start_serves_again(tmp_path: Path) -> None:
    cloud = RunningCloud("--directory", "state", cwd=tmp_path)
    logs = tmp_path / "state/sagemaker/jobs/processing-job"
    try:
        begin(cloud, tmp_path)
        wait_for(lambda: serves(cloud))
        for name in ("module", "program"):
            log = logs / name / "log.txt"
            wait_for(lambda log=log: log.exists() and "asleep" in log.read_text())
        said = answer(cloud)
        index = tmp_path / "state/state/index.json"
        wait_for(lambda: index.exists() and '"InService"' in index.read_text())
        below = children(cloud.process.pid)
        assert len(below) >= 10  # functions, the warm process, keepers, server and workers, jobs and what they started
    finally:
        cloud.process.kill()
        cloud.process.communicate()
    assert all_gone(below, within=60)

    again = RunningCloud("--directory", "state", cwd=tmp_path)
    try:
        wait_for(lambda: serves(again))
        assert answer(again) == said
        assert not logs.exists()
        (server,) = (tmp_path / "state/sagemaker/endpoints/sagerelay-a").iterdir()
        below = children(again.process.pid)
    finally:
        code, _ = again.interrupt()
    assert code == 0
    assert not server.exists()
    assert all_gone(below, within=60)
