"""Processing jobs that really run a command."""

import json
import time
from typing import Any

import pytest

from local.wire.errors import ApiError
from tests.sagemaker import requests
from tests.sagemaker.conftest import Cloud

# One after the other in one process: they share a control plane, and later ones look back at earlier jobs.
pytestmark = pytest.mark.xdist_group("sagemaker-processing")

SCRIPT = """
import os, pathlib, sys
import numpy
source, target = map(pathlib.Path, sys.argv[1:3])
print("read", sorted(path.name for path in source.iterdir()), numpy.__name__)
(target / "deep").mkdir()
(target / "deep" / "sum.txt").write_text(str(sum(float(p.read_text()) for p in source.iterdir())))
(target / "environment.txt").write_text("\\n".join(sorted(os.environ)))
if len(sys.argv) > 3:
    pathlib.Path(os.environ["SAGERELAY_MESSAGE_FILE"]).write_text("[constant-target] " + "x" * 2000)
    sys.exit(int(sys.argv[3]))
"""
SLEEP = ["python3", "-c", "import time; print('asleep', flush=True); time.sleep(60)"]


@pytest.fixture(scope="module")
def code(cloud: Cloud) -> str:
    cloud.put("numbers/a.txt", "1.5")
    cloud.put("numbers/b.txt", "2")
    cloud.put("code/adding.py", SCRIPT)
    return f"s3://{requests.BUCKET}/code/"


def adding(
    name: str, code: str, *arguments: str, entrypoint: list[str] | None = None, **changes: Any
) -> dict[str, Any]:
    request = requests.processing(
        name,
        entrypoint or ["python3", "-m", "adding"],
        ProcessingInputs=[
            requests.processing_input("code", code),
            requests.processing_input("numbers", f"s3://{requests.BUCKET}/numbers/"),
        ],
        ProcessingOutputConfig={"Outputs": [requests.processing_output("sum", f"s3://{requests.BUCKET}/out/{name}/")]},
        Environment={"PYTHONPATH": "/opt/ml/processing/input/code"},
        **changes,
    )
    given = ["/opt/ml/processing/input/numbers", "/opt/ml/processing/output/sum", *arguments]
    request["AppSpecification"]["ContainerArguments"] = given
    return request


@pytest.mark.parametrize(
    ("name", "entrypoint"),
    [("warm", ["python3", "-m", "adding"]), ("cold", ["python3", "/opt/ml/processing/input/code/adding.py"])],
)
def test_a_command_reads_its_inputs_and_its_outputs_arrive(
    cloud: Cloud, code: str, name: str, entrypoint: list[str]
) -> None:
    cloud.sagemaker.call("CreateProcessingJob", adding(name, code, entrypoint=entrypoint))
    job = cloud.processed(name)
    log = (cloud.directory / f"jobs/processing-job/{name}/log.txt").read_text()
    assert job["ProcessingJobStatus"] == "Completed", log
    assert cloud.get(f"s3://{requests.BUCKET}/out/{name}/deep/sum.txt") == b"3.5"
    assert log == "read ['a.txt', 'b.txt'] numpy\n"
    assert job["ProcessingStartTime"] <= job["ProcessingEndTime"]
    assert "ExitMessage" not in job
    statuses = [
        e["detail"]["ProcessingJobStatus"] for e in cloud.events if e["detail"].get("ProcessingJobName") == name
    ]
    assert statuses == ["InProgress", "InProgress", "Completed"]


def test_a_job_sees_a_containers_environment_and_not_this_machines(
    cloud: Cloud, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_USER", "1")
    cloud.sagemaker.call("CreateProcessingJob", adding("environment", code))
    cloud.processed("environment")
    names = set(cloud.get(f"s3://{requests.BUCKET}/out/environment/environment.txt").decode().split())
    assert {"AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "PROCESSING_JOB_ARN", "PYTHONPATH"} <= names
    assert not {"SECRET_OF_THE_USER", "PYTEST_CURRENT_TEST", "USER"} & names


def test_a_refusal_carries_its_message_and_exit_code(cloud: Cloud, code: str) -> None:
    cloud.sagemaker.call("CreateProcessingJob", adding("refused", code, "2"))
    job = cloud.processed("refused")
    assert job["ProcessingJobStatus"] == "Failed"
    assert job["ExitMessage"].startswith("[constant-target] xxx")
    assert len(job["ExitMessage"]) == 1024
    assert job["FailureReason"] == "AlgorithmError: See job logs for more information, exit code: 2"


def test_a_warm_job_cannot_see_the_repository_it_was_forked_from(cloud: Cloud) -> None:
    cloud.put("other/alone.py", "import chalicelib")
    request = requests.processing(
        "alone",
        ["python3", "-m", "alone"],
        ProcessingInputs=[requests.processing_input("code", f"s3://{requests.BUCKET}/other/")],
        Environment={"PYTHONPATH": "/opt/ml/processing/input/code"},
    )
    cloud.sagemaker.call("CreateProcessingJob", request)
    assert cloud.processed("alone")["ProcessingJobStatus"] == "Failed"
    assert "No module named 'chalicelib'" in (cloud.directory / "jobs/processing-job/alone/log.txt").read_text()


def test_a_manifest_names_the_objects(cloud: Cloud, code: str) -> None:
    manifest = cloud.put(
        "manifests/one.manifest", json.dumps([{"prefix": f"s3://{requests.BUCKET}/numbers/"}, "b.txt"])
    )
    request = adding("manifest", code)
    request["ProcessingInputs"][1]["S3Input"] |= {"S3Uri": manifest, "S3DataType": "ManifestFile"}
    cloud.sagemaker.call("CreateProcessingJob", request)
    cloud.processed("manifest")
    assert cloud.get(f"s3://{requests.BUCKET}/out/manifest/deep/sum.txt") == b"2.0"


def test_missing_input_fails_the_job(cloud: Cloud) -> None:
    missing = [requests.processing_input("x", f"s3://{requests.BUCKET}/nothing/")]
    cloud.sagemaker.call(
        "CreateProcessingJob", requests.processing("missing", ["python3", "-c", "1"], ProcessingInputs=missing)
    )
    assert cloud.processed("missing")["FailureReason"].startswith("ClientError: Data download failed")


def test_stopping_ends_the_command(cloud: Cloud) -> None:
    cloud.sagemaker.call("CreateProcessingJob", requests.processing("sleeper", SLEEP))
    log = cloud.directory / "jobs/processing-job/sleeper/log.txt"
    while not (log.exists() and "asleep" in log.read_text()):
        time.sleep(0.02)
    cloud.sagemaker.call("StopProcessingJob", {"ProcessingJobName": "sleeper"})
    assert cloud.processed("sleeper", seconds=120)["ProcessingJobStatus"] == "Stopped"


def test_a_command_over_its_time_is_stopped(cloud: Cloud) -> None:
    request = requests.processing("late", SLEEP, StoppingCondition={"MaxRuntimeInSeconds": 1})
    cloud.sagemaker.call("CreateProcessingJob", request)
    job = cloud.processed("late", seconds=120)
    assert job["ProcessingJobStatus"] == "Stopped"
    assert "1 seconds" in job["FailureReason"]


@pytest.mark.parametrize("path", ["/tmp/x", "/opt/ml/processing/../../../etc", "relative"])  # noqa: S108
def test_paths_outside_the_containers_folder_are_refused(cloud: Cloud, path: str) -> None:
    item = requests.processing_input("x", f"s3://{requests.BUCKET}/numbers/")
    item["S3Input"]["LocalPath"] = path
    with pytest.raises(ApiError, match="LocalPath"):
        cloud.sagemaker.call("CreateProcessingJob", requests.processing("outside", ["true"], ProcessingInputs=[item]))


def test_duplicates_and_unknown_names(cloud: Cloud, code: str) -> None:
    with pytest.raises(ApiError, match="ResourceInUse"):
        cloud.sagemaker.call("CreateProcessingJob", adding("warm", code))
    with pytest.raises(ApiError, match="ValidationException: Could not find requested job"):
        cloud.sagemaker.call("DescribeProcessingJob", {"ProcessingJobName": "nobody"})
    found = cloud.sagemaker.call(
        "ListProcessingJobs", {"StatusEquals": "Stopped", "SortBy": "Name", "SortOrder": "Ascending"}
    )
    assert [item["ProcessingJobName"] for item in found["ProcessingJobSummaries"]] == ["late", "sleeper"]
