"""Closing leaves nothing running and changes no record."""

import os
import re
import time
from pathlib import Path

import pytest

from tests.sagemaker import requests
from tests.sagemaker.conftest import Cloud

pytestmark = pytest.mark.xdist_group("sagemaker-close")
ENDLESS = "import os, time; print('pid', os.getpid(), flush=True); time.sleep(600)"


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def pid_of(cloud: Cloud, job: str) -> int:
    log = cloud.directory / "jobs/processing-job" / job / "log.txt"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        found = re.search(r"pid (\d+)\n", log.read_text()) if log.exists() else None
        if found:
            return int(found[1])
        time.sleep(0.02)
    raise AssertionError(f"{job} did not start")


@pytest.fixture
def cloud(moto_url: str, tmp_path: Path) -> Cloud:
    """One with a warm process of its own, which it must end, too."""
    cloud = Cloud(moto_url, tmp_path)
    cloud.s3.create_bucket(Bucket=requests.BUCKET)
    return cloud


def test_no_process_survives_and_what_ran_is_still_said_to_run(cloud: Cloud) -> None:
    cloud.put("endless/endless.py", ENDLESS)
    warm = requests.processing(
        "warm",
        ["python3", "-m", "endless"],
        ProcessingInputs=[requests.processing_input("code", f"s3://{requests.BUCKET}/endless/")],
        Environment={"PYTHONPATH": "/opt/ml/processing/input/code"},
    )
    cloud.sagemaker.call("CreateProcessingJob", warm)
    cloud.sagemaker.call("CreateProcessingJob", requests.processing("cold", ["python3", "-c", ENDLESS]))
    pids = [pid_of(cloud, "warm"), pid_of(cloud, "cold")]
    assert all(map(alive, pids))
    told = len(cloud.events)
    begun = time.monotonic()
    cloud.sagemaker.close()
    assert time.monotonic() - begun < 60
    deadline = time.monotonic() + 120
    while any(map(alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(alive, pids))
    assert len(cloud.events) == told
    statuses = {
        record["name"]: record["detail"]["ProcessingJobStatus"] for record in cloud.sagemaker.snapshot()["records"]
    }
    assert statuses == {"warm": "InProgress", "cold": "InProgress"}
