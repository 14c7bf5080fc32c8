"""Events have the shapes AWS documents and others have recorded."""

from datetime import UTC, datetime
from typing import Any

import pytest

from local.sagemaker import envelopes

AT = datetime(2026, 11, 22, 20, 0, 0, 120_000, UTC)
MILLISECONDS = 1_795_377_600_120


def envelope(kind: str, detail: dict[str, Any], tags: dict[str, str] | None = None) -> dict[str, Any]:
    found = envelopes.state_change(
        kind, f"arn:{kind}", detail, tags or {}, region="us-east-1", account="123456789012", now=AT
    )
    assert found is not None
    return found


def test_the_outside_of_an_envelope() -> None:
    found = envelope("training-job", {"TrainingJobName": "t"}, {"sagerelay:run": "r"})
    assert set(found) == {"version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"}
    assert found["detail-type"] == "SageMaker Training Job State Change"
    assert (found["source"], found["time"], found["resources"]) == (
        "aws.sagemaker",
        "2026-11-22T20:00:00Z",
        ["arn:training-job"],
    )
    assert found["detail"]["Tags"] == {"sagerelay:run": "r"}


def test_every_envelope_has_an_id_of_its_own() -> None:
    assert envelope("model", {})["id"] != envelope("model", {})["id"]


def test_times_are_epoch_milliseconds_and_unknown_fields_are_null() -> None:
    transitions = [{"Status": "Starting", "StartTime": AT}]
    detail = envelope("training-job", {"CreationTime": AT, "SecondaryStatusTransitions": transitions})["detail"]
    assert detail["CreationTime"] == MILLISECONDS
    assert detail["SecondaryStatusTransitions"] == [{"Status": "Starting", "StartTime": MILLISECONDS}]
    assert detail["FailureReason"] is None
    assert detail["TrainingEndTime"] is None


def test_only_a_tunings_child_has_the_tunings_arn_and_none_has_metrics() -> None:
    child = envelope("training-job", {"TuningJobArn": "arn:t", "FinalMetricDataList": [{"Value": 1}]})["detail"]
    assert child["TuningJobArn"] == "arn:t"
    assert "FinalMetricDataList" not in child
    assert "TuningJobArn" not in envelope("training-job", {})["detail"]


@pytest.mark.parametrize(
    ("api", "event"), [("InProgress", "Running"), ("Completed", "Completed"), ("Stopping", "Stopping")]
)
def test_a_tuning_in_progress_is_called_running(api: str, event: str) -> None:
    detail = envelope("hyper-parameter-tuning-job", {"HyperParameterTuningJobStatus": api})["detail"]
    assert detail["HyperParameterTuningJobStatus"] == event
    assert detail["BestTrainingJob"] == {}


def test_an_endpoints_status_is_upper_snake() -> None:
    assert envelope("endpoint", {"EndpointStatus": "InService"})["detail"]["EndpointStatus"] == "IN_SERVICE"


def test_enumerations_of_processing_inputs_are_upper_case_and_the_record_stays_as_it_is() -> None:
    place = {"S3DataType": "ManifestFile", "S3InputMode": "File", "S3DataDistributionType": "FullyReplicated"}
    output = {"Outputs": [{"S3Output": {"S3UploadMode": "EndOfJob"}}]}
    record = {"ProcessingInputs": [{"S3Input": place}], "ProcessingOutputConfig": output}
    detail = envelope("processing-job", record)["detail"]
    assert detail["ProcessingInputs"][0]["S3Input"] == {
        "S3DataType": "MANIFEST_FILE",
        "S3InputMode": "FILE",
        "S3DataDistributionType": "FULLYREPLICATED",
    }
    assert detail["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3UploadMode"] == "END_OF_JOB"
    assert place["S3DataType"] == "ManifestFile"


def test_a_package_tells_what_changed_and_has_no_tags() -> None:
    detail = envelope(
        "model-package", {"ModelApprovalStatus": "Approved", "UpdatedModelPackageFields": ["ModelApprovalStatus"]}
    )["detail"]
    assert detail["UpdatedModelPackageFields"] == ["ModelApprovalStatus"]
    assert "Tags" not in detail


def test_a_package_group_sends_nothing() -> None:
    assert envelopes.state_change("model-package-group", "arn", {}, {}, region="r", account="a", now=AT) is None
