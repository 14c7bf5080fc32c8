"""What wakes which function: every pattern of app.py against every recorded envelope, by moto's own matcher."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from moto.events.models import EventPattern

import app

ENVELOPES = Path(__file__).parent / "envelopes"
PATTERNS = {
    "uploads": app.UPLOADS,
    "processing jobs": app.PROCESSING_JOBS,
    "tuning jobs": app.TUNING_JOBS,
    "training jobs": app.TRAINING_JOBS,
    "endpoints": app.ENDPOINTS,
    "approvals": app.APPROVALS,
    "checks": app.CHECKS,
}
WAKES = {
    "cloudwatch_alarm_state_change_drift_sample": None,
    "s3_eventbridge_object_created_doc": None,  # a bucket and a key of somebody else
    "sagemaker_endpoint_deployment_doc": None,
    "sagemaker_endpoint_in_service_doc": "endpoints",
    "sagemaker_endpoint_in_service_mlspace": "endpoints",
    "sagemaker_model_package_doc": "approvals",
    "sagemaker_processing_job_failed_doc": "processing jobs",
    "sagemaker_training_job_doc": "training jobs",
    "sagemaker_training_job_tuning_child_mlspace": None,
    "sagemaker_transform_job_doc": None,
    "sagemaker_tuning_job_doc": None,
    "sagemaker_tuning_job_mlspace": None,
}


def envelope(name: str, **detail: object) -> dict[str, object]:
    read = json.loads((ENVELOPES / f"{name}.json").read_text())
    return {**read, "detail": {**read["detail"], **detail}}


def woken(given: dict[str, object]) -> list[str]:
    return [name for name, pattern in PATTERNS.items() if EventPattern.load(json.dumps(pattern)).matches_event(given)]


def test_every_recorded_envelope_is_tried():
    assert {file.stem for file in ENVELOPES.glob("*.json")} == set(WAKES)


@pytest.mark.parametrize(("name", "function"), WAKES.items())
def test_an_envelope_wakes_the_function_it_is_for_and_no_other(name, function):
    assert woken(envelope(name)) == ([function] if function else [])


@pytest.mark.parametrize("status", ["Completed", "Failed", "Stopped"])
@pytest.mark.parametrize(
    ("name", "field", "function"),
    [
        ("sagemaker_processing_job_failed_doc", "ProcessingJobStatus", "processing jobs"),
        ("sagemaker_tuning_job_mlspace", "HyperParameterTuningJobStatus", "tuning jobs"),
        ("sagemaker_training_job_doc", "TrainingJobStatus", "training jobs"),
    ],
)
def test_a_job_wakes_its_function_when_it_ends_and_not_before(name, field, function, status):
    assert woken(envelope(name, **{field: status})) == [function]
    for other in ("InProgress", "Running", "Stopping"):
        assert woken(envelope(name, **{field: other})) == []


def test_a_child_of_a_tuning_job_wakes_nobody_when_it_ends():
    assert woken(envelope("sagemaker_training_job_tuning_child_mlspace", TrainingJobStatus="Completed")) == []


@pytest.mark.parametrize("status", ["CREATING", "UPDATING", "DELETING", "SYSTEM_UPDATING", "ROLLING_BACK"])
def test_an_endpoint_on_its_way_wakes_nobody(status):
    assert woken(envelope("sagemaker_endpoint_in_service_doc", EndpointStatus=status)) == []


def test_a_model_that_waits_for_approval_wakes_nobody():
    assert woken(envelope("sagemaker_model_package_doc", ModelApprovalStatus="PendingManualApproval")) == []


@pytest.mark.parametrize(
    ("bucket", "key", "wakes"),
    [
        ("sagerelay-123", "datasets/churn/train/jan.csv", ["uploads"]),
        ("sagerelay-123", "datasets/churn/relay.yaml", ["uploads"]),
        ("sagerelay-123", "runs/churn-1a2b3c4d/inputs.json", []),
        ("somebody-elses", "datasets/churn/train/jan.csv", []),
    ],
)
def test_only_the_users_objects_wake_the_relay(bucket, key, wakes):
    entry = {"key": key, "size": 1, "etag": "e", "sequencer": "1"}

    assert woken(envelope("s3_eventbridge_object_created_doc", bucket={"name": bucket}, object=entry)) == wakes


def test_a_person_s_request_for_a_check_wakes_its_function_and_nobody_else_s():
    asked = {"source": "sagerelay", "detail-type": "Check Requested", "detail": {"dataset": "churn", "kind": "drift"}}
    assert woken(asked) == ["checks"]
    assert woken({**asked, "source": "somebody"}) == []
