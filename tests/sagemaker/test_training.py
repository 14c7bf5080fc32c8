"""Training jobs that really train."""

import io
import json
import tarfile
import threading
import time
from typing import Any

import pytest
import xgboost

from local.sagemaker.processes import Ending, Outcome
from local.sagemaker.training_requests import failure_reason
from local.wire.errors import ApiError
from tests.sagemaker import requests
from tests.sagemaker.conftest import Cloud

# One after the other in one process: they share a control plane, and later ones look back at earlier jobs.
pytestmark = pytest.mark.xdist_group("sagemaker-training")


def events(cloud: Cloud, name: str) -> list[dict[str, Any]]:
    return [e["detail"] for e in cloud.events if e["detail"].get("TrainingJobName") == name]


def refused(cloud: Cloud, operation: str, request: dict[str, Any]) -> ApiError:
    with pytest.raises(ApiError) as caught:
        cloud.sagemaker.call(operation, request)
    return caught.value


def test_a_job_trains_a_model_and_tells_its_whole_story(cloud: Cloud) -> None:
    answer = cloud.sagemaker.call("CreateTrainingJob", requests.training("story", Tags=[{"Key": "k", "Value": "v"}]))
    job = cloud.trained("story")
    assert answer == {"TrainingJobArn": job["TrainingJobArn"]}
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Completed", "Completed")
    with tarfile.open(fileobj=io.BytesIO(cloud.get(job["ModelArtifacts"]["S3ModelArtifacts"]))) as archive:
        model = archive.extractfile("xgboost-model")
        assert model is not None
        assert xgboost.Booster(model_file=bytearray(model.read())).num_boosted_rounds() == 5
    metrics = {item["MetricName"]: item["Value"] for item in job["FinalMetricDataList"]}
    assert 0.85 < metrics["validation:auc"] < 1
    steps = job["SecondaryStatusTransitions"]
    assert [step["Status"] for step in steps] == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert all(step["EndTime"] >= step["StartTime"] for step in steps)
    assert job["BillableTimeInSeconds"] == job["TrainingTimeInSeconds"] >= 1
    told = events(cloud, "story")
    assert [event["SecondaryStatus"] for event in told] == [step["Status"] for step in steps]
    assert told[-1]["ModelArtifacts"] == job["ModelArtifacts"]
    assert all(event["Tags"] == {"k": "v"} for event in told)


def test_the_log_is_in_cloudwatch(cloud: Cloud) -> None:
    cloud.sagemaker.call("CreateTrainingJob", requests.training("logged"))
    cloud.trained("logged")
    group, deadline = "/aws/sagemaker/TrainingJobs", time.monotonic() + 120
    streams: list[dict[str, Any]] = []
    while not streams and time.monotonic() < deadline:
        streams = cloud.logs.describe_log_streams(logGroupName=group, logStreamNamePrefix="logged/algo-1-")[
            "logStreams"
        ]
    lines: list[dict[str, Any]] = []
    while not lines and time.monotonic() < deadline:  # a stream is made before anything is written to it
        lines = cloud.logs.get_log_events(logGroupName=group, logStreamName=streams[0]["logStreamName"])["events"]
    assert any("validation-auc:" in line["message"] for line in lines)


def test_a_name_is_taken_for_ever_also_by_a_failure(cloud: Cloud) -> None:
    bad = requests.training("taken", hyperparameters={"colour": "red"})
    cloud.sagemaker.call("CreateTrainingJob", bad)
    job = cloud.trained("taken")
    assert job["TrainingJobStatus"] == "Failed"
    assert "colour" in job["FailureReason"]
    assert "exit code: 1" in job["FailureReason"]
    assert events(cloud, "taken")[-1]["FailureReason"] == job["FailureReason"]
    assert refused(cloud, "CreateTrainingJob", bad).code == "ResourceInUse"


def test_two_at_the_same_moment_are_one(cloud: Cloud) -> None:
    outcomes: list[str] = []

    def create() -> None:
        try:
            cloud.sagemaker.call("CreateTrainingJob", requests.training("raced"))
            outcomes.append("created")
        except ApiError as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["ResourceInUse"] * 7 + ["created"]
    cloud.trained("raced")


def test_missing_input_fails_the_job_not_the_request(cloud: Cloud) -> None:
    nowhere = [requests.channel("train", f"s3://{requests.BUCKET}/nothing/here/")]
    cloud.sagemaker.call("CreateTrainingJob", requests.training("empty", InputDataConfig=nowhere))
    job = cloud.trained("empty")
    assert job["FailureReason"].startswith("ClientError: Data download failed:No S3 objects found under S3 URL")
    assert "nothing/here" in job["FailureReason"]
    assert "ModelArtifacts" not in job


def test_a_stopped_job_is_stopped_within_its_grace_time(cloud: Cloud) -> None:
    endless = requests.training("endless", hyperparameters={"num_round": "1000000"})
    cloud.sagemaker.call("CreateTrainingJob", endless)
    while cloud.sagemaker.call("DescribeTrainingJob", {"TrainingJobName": "endless"})["SecondaryStatus"] != "Training":
        time.sleep(0.02)
    cloud.sagemaker.call("StopTrainingJob", {"TrainingJobName": "endless"})
    job = cloud.trained("endless", seconds=120)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "Stopped")
    assert [step["Status"] for step in job["SecondaryStatusTransitions"]][-2:] == ["Stopping", "Stopped"]
    assert [event["TrainingJobStatus"] for event in events(cloud, "endless")][-2:] == ["Stopping", "Stopped"]
    assert refused(cloud, "StopTrainingJob", {"TrainingJobName": "endless"}).code == "ValidationException"


def test_a_job_over_its_time_is_stopped_and_says_so(cloud: Cloud) -> None:
    limit = {"MaxRuntimeInSeconds": 1}
    request = requests.training("slow", hyperparameters={"num_round": "1000000"}, StoppingCondition=limit)
    cloud.sagemaker.call("CreateTrainingJob", request)
    job = cloud.trained("slow", seconds=120)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")


def test_a_job_that_died_takes_no_other_with_it(cloud: Cloud) -> None:
    for number in range(2):
        cloud.sagemaker.call(
            "CreateTrainingJob", requests.training(f"dies-{number}", hyperparameters={"num_round": "500000"})
        )
    cloud.sagemaker.call("StopTrainingJob", {"TrainingJobName": "dies-0"})
    cloud.trained("dies-0", seconds=120)
    assert (
        cloud.sagemaker.call("DescribeTrainingJob", {"TrainingJobName": "dies-1"})["TrainingJobStatus"] == "InProgress"
    )
    cloud.sagemaker.call("StopTrainingJob", {"TrainingJobName": "dies-1"})
    cloud.trained("dies-1", seconds=120)


def test_checkpoints_are_saved_and_taken_up(cloud: Cloud) -> None:
    where = f"s3://{requests.BUCKET}/checkpoints/"
    spot: dict[str, Any] = {
        "EnableManagedSpotTraining": True,
        "CheckpointConfig": {"S3Uri": where},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 120},
    }
    cloud.sagemaker.call("CreateTrainingJob", requests.training("first", **spot))
    cloud.trained("first")
    saved = [
        item["Key"] for item in cloud.s3.list_objects_v2(Bucket=requests.BUCKET, Prefix="checkpoints/")["Contents"]
    ]
    assert "checkpoints/xgboost-checkpoint.4" in saved
    cloud.sagemaker.call("CreateTrainingJob", requests.training("second", hyperparameters={"num_round": "8"}, **spot))
    cloud.trained("second")
    log = (cloud.directory / "jobs/training-job/second/log.txt").read_text()
    assert "xgboost-checkpoint.4" in log
    assert log.count("validation-auc:") == 3


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"EnableManagedSpotTraining": True}, "MaxWaitTimeInSeconds"),
        (
            {
                "EnableManagedSpotTraining": True,
                "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 59},
            },
            "greater than or equal to MaxRuntimeInSeconds",
        ),
        ({"StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 90}}, "EnableManagedSpotTraining"),
        ({"InputDataConfig": [requests.channel("train"), requests.channel("train")]}, "unique"),
        (
            {"AlgorithmSpecification": {"TrainingImage": "nginx:latest", "TrainingInputMode": "File"}},
            "Cannot find repository",
        ),
        (
            {
                "AlgorithmSpecification": {
                    "TrainingImage": requests.IMAGE.replace("us-east-1", "eu-west-1"),
                    "TrainingInputMode": "File",
                }
            },
            "region",
        ),
    ],
)
def test_contradictions_are_refused_at_once(cloud: Cloud, changes: dict[str, Any], words: str) -> None:
    error = refused(cloud, "CreateTrainingJob", requests.training("never", **changes))
    assert error.code == "ValidationException"
    assert words in error.message
    assert (
        refused(cloud, "DescribeTrainingJob", {"TrainingJobName": "never"}).message == "Requested resource not found."
    )


def test_lists_come_in_pages_newest_first(cloud: Cloud) -> None:
    names, token = [], None
    while True:
        request = {"MaxResults": 2, **({"NextToken": token} if token else {})}
        page = cloud.sagemaker.call("ListTrainingJobs", request)
        assert len(page["TrainingJobSummaries"]) <= 2
        names += [item["TrainingJobName"] for item in page["TrainingJobSummaries"]]
        token = page.get("NextToken")
        if token is None:
            break
    assert len(names) == len(set(names))
    assert names.index("second") < names.index("first")
    assert refused(cloud, "ListTrainingJobs", {"NextToken": "nonsense"}).code == "ValidationException"
    only = cloud.sagemaker.call("ListTrainingJobs", {"NameContains": "stor"})["TrainingJobSummaries"]
    assert [item["TrainingJobName"] for item in only] == ["story"]


def test_a_deleted_job_is_gone(cloud: Cloud) -> None:
    cloud.sagemaker.call("DeleteTrainingJob", {"TrainingJobName": "first"})
    assert refused(cloud, "DescribeTrainingJob", {"TrainingJobName": "first"}).code == "ValidationException"


def test_tags_can_be_added_listed_and_removed(cloud: Cloud) -> None:
    arn = cloud.sagemaker.call("DescribeTrainingJob", {"TrainingJobName": "story"})["TrainingJobArn"]
    cloud.sagemaker.call("AddTags", {"ResourceArn": arn, "Tags": [{"Key": "new", "Value": "1"}]})
    assert cloud.sagemaker.call("ListTags", {"ResourceArn": arn})["Tags"] == [
        {"Key": "k", "Value": "v"},
        {"Key": "new", "Value": "1"},
    ]
    cloud.sagemaker.call("DeleteTags", {"ResourceArn": arn, "TagKeys": ["k"]})
    assert [tag["Key"] for tag in cloud.sagemaker.call("ListTags", {"ResourceArn": arn})["Tags"]] == ["new"]


def test_a_snapshot_is_json_and_what_was_in_flight_has_failed_after_a_restart(cloud: Cloud) -> None:
    cloud.sagemaker.call("CreateTrainingJob", requests.training("cut", hyperparameters={"num_round": "1000000"}))
    saved = json.loads(json.dumps(cloud.sagemaker.snapshot()))
    cloud.sagemaker.close()
    told = len(cloud.events)
    cloud.sagemaker = cloud.start()
    cloud.sagemaker.restore(saved)
    assert cloud.trained("story")["ModelArtifacts"]
    cut = cloud.trained("cut")
    assert (cut["TrainingJobStatus"], cut["SecondaryStatus"]) == ("Failed", "Failed")
    assert cut["FailureReason"] == "InternalServerError: the machine was restarted"
    assert [event["detail"]["TrainingJobName"] for event in cloud.events[told:]] == ["cut"]


@pytest.mark.parametrize(
    ("text", "code", "reason"),
    [
        ("ClientError: bad", 1, "ClientError: bad, exit code: 1"),
        ("boom", 3, "AlgorithmError: boom, exit code: 3"),
        (None, -11, "AlgorithmError: , exit code: 139"),
        (None, 0, None),
    ],
)
def test_the_reason_of_a_failure(tmp_path: Any, text: str | None, code: int, reason: str | None) -> None:
    (tmp_path / "output").mkdir()
    if text is not None:
        (tmp_path / "output" / "failure").write_text(text)
    assert failure_reason(tmp_path, Outcome(code, Ending.ITSELF)) == reason


def test_a_kill_by_the_kernel_is_told_as_lack_of_memory(tmp_path: Any) -> None:
    reason = failure_reason(tmp_path, Outcome(-9, Ending.ITSELF))
    assert reason is not None
    assert reason.startswith("ClientError: Please use an instance type with more memory")
