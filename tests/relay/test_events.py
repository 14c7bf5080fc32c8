"""Recorded envelopes, read as hints."""

from __future__ import annotations

import copy
import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from chalicelib.names import CheckName, Kind, Step, StepName, run_id
from chalicelib.records.envelopes import from_envelope
from chalicelib.records.events import (
    ApprovalGiven,
    CheckChanged,
    CheckRequested,
    Ignored,
    LiveEndpointChanged,
    Misplaced,
    StepChanged,
    Uploaded,
)
from chalicelib.statuses import spellings

ENVELOPES = Path(__file__).parent / "envelopes"


def recorded(name: str, **detail: object) -> dict[str, Any]:
    envelope = json.loads((ENVELOPES / f"{name}.json").read_text())
    envelope["detail"] |= detail
    return envelope


def read(envelope: dict[str, Any]) -> Any:
    return from_envelope(envelope, bucket="b", prefix="sagerelay")


def upload(key: str, bucket: str = "b") -> Any:
    entry = recorded("s3_eventbridge_object_created_doc")["detail"]["object"] | {"key": key}
    return read(recorded("s3_eventbridge_object_created_doc", bucket={"name": bucket}, object=entry))


@pytest.mark.parametrize(
    ("key", "dataset"),
    [
        ("datasets/churn/train/jan.csv", "churn"),
        ("datasets/churn/relay.yaml", "churn"),
        ("datasets/churn/train/2026/01/jan.csv", "churn"),
        ("datasets/churn/train/red+flower %41.csv", "churn"),
        ("datasets/churn/test/feb.csv", "churn"),
        ("datasets/churn/labels/feb.csv", "churn"),
    ],
)
def test_an_upload_is_seen_with_its_key_as_it_is(key: str, dataset: str) -> None:
    hint = upload(key)

    assert isinstance(hint, Uploaded)
    assert (hint.dataset, hint.key) == (dataset, key)


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("datasets/jan.csv", "datasets/<name>/train/<file>"),
        ("datasets/My Data/train/jan.csv", "small letters, digits and hyphens"),
        ("datasets/../train/jan.csv", "cannot be a dataset's name"),
        (f"datasets/{'a' * 31}/train/jan.csv", "1 to 30"),
        ("datasets/churn-/train/jan.csv", "ending with a letter or digit"),
        ("datasets/churn/jan.csv", "Training data belongs in datasets/churn/train/"),
        ("datasets/churn/relay.yml", "relay.yaml only"),
        ("datasets/churn/Train/jan.csv", "Training data belongs in"),
    ],
)
def test_a_misplaced_upload_is_told_where_it_belongs(key: str, says: str) -> None:
    hint = upload(key)

    assert isinstance(hint, Misplaced)
    assert says in hint.problem


@pytest.mark.parametrize(
    "key", ["datasets/churn/train/", "datasets/churn/train/.DS_Store", "runs/x/inputs.json", "datasets/"]
)
def test_folders_hidden_files_and_our_own_outputs_are_ignored(key: str) -> None:
    assert isinstance(upload(key), Ignored)


def test_another_bucket_is_ignored() -> None:
    assert upload("datasets/churn/train/jan.csv", bucket="other") == Ignored("an object in another bucket")


@pytest.mark.parametrize("status", ["Completed", "Failed", "Stopped"])
def test_a_job_of_ours_that_ended_is_a_hint(status: str) -> None:
    for name, fields, step in (
        ("sagemaker_processing_job_failed_doc", ("ProcessingJobName", "ProcessingJobStatus"), "prepare"),
        ("sagemaker_training_job_doc", ("TrainingJobName", "TrainingJobStatus"), "train"),
        ("sagemaker_tuning_job_mlspace", ("HyperParameterTuningJobName", "HyperParameterTuningJobStatus"), "tune"),
    ):
        envelope = recorded(name, **{fields[0]: f"churn-1a2b3c4d-{step}-2", fields[1]: status})

        assert read(envelope) == StepChanged("churn-1a2b3c4d", Step(step), 2)


def test_a_job_that_goes_on_and_a_job_of_somebody_else_are_ignored() -> None:
    assert isinstance(
        read(recorded("sagemaker_tuning_job_mlspace", HyperParameterTuningJobName="churn-1a2b3c4d-tune-1")), Ignored
    )
    assert isinstance(read(recorded("sagemaker_training_job_doc")), Ignored)


def test_the_job_of_a_check_is_told_from_a_run_s() -> None:
    ended = recorded("sagemaker_processing_job_failed_doc", ProcessingJobName="customer-churn-drift-12-1f3a9c-1")
    assert read(ended) == CheckChanged(CheckName("customer-churn", Kind.DRIFT, 12, "1f3a9c", 1))
    going_on = recorded(
        "sagemaker_processing_job_failed_doc",
        ProcessingJobName="customer-churn-drift-12-1f3a9c-1",
        ProcessingJobStatus="InProgress",
    )
    assert isinstance(read(going_on), Ignored)


@pytest.mark.parametrize(
    ("detail", "hint"),
    [
        ({"dataset": "churn", "kind": "drift"}, CheckRequested("churn", None, "e1")),
        ({"dataset": "churn", "kind": "drill", "drill": "d1-a"}, CheckRequested("churn", "d1-a", "e1")),
        ({"dataset": "churn", "deployment": "sagerelay"}, CheckRequested("churn", None, "e1")),
        ({"dataset": "churn", "deployment": "sagerelay-prod"}, None),
        ({"dataset": "../churn"}, None),
        ({"dataset": "churn", "drill": "no spaces"}, None),
        ({}, None),
    ],
)
def test_a_check_can_be_asked_for(detail: dict[str, Any], hint: object) -> None:
    found = read({"id": "e1", "source": "sagerelay", "detail-type": "Check Requested", "detail": detail})
    assert found == hint if hint else isinstance(found, Ignored)


@pytest.mark.parametrize(
    ("what", "detail", "hint"),
    [
        ("Approval Given", {"run": "churn-1a2b3c4d"}, ApprovalGiven("churn-1a2b3c4d", approved=True, because="")),
        (
            "Approval Declined",
            {"run": "churn-1a2b3c4d", "because": "too\n\nslow\u202e"},
            ApprovalGiven("churn-1a2b3c4d", approved=False, because="too slow?"),
        ),
        ("Approval Given", {"run": "churn-1a2b3c4d", "deployment": "sagerelay-prod"}, None),
        ("Approval Given", {"run": "../churn"}, None),
        ("Approval Given", {}, None),
        ("Something Requested", {"run": "churn-1a2b3c4d"}, None),
    ],
)
def test_a_model_that_waits_can_be_answered_by_an_event(what: str, detail: dict[str, Any], hint: object) -> None:
    found = read({"id": "e1", "source": "sagerelay", "detail-type": what, "detail": detail})
    assert found == hint if hint else isinstance(found, Ignored)


def test_two_uploads_of_one_file_are_told_apart() -> None:
    entry = recorded("s3_eventbridge_object_created_doc")["detail"]["object"] | {"key": "datasets/churn/test/a.csv"}
    first, again, second = (
        read(
            recorded("s3_eventbridge_object_created_doc", bucket={"name": "b"}, object=entry | {"version-id": version})
        )
        for version in ("v1", "v1", "v2")
    )
    assert first == again
    assert first != second


def test_a_child_of_a_tuning_job_is_ignored_whatever_its_name() -> None:
    envelope = recorded(
        "sagemaker_training_job_tuning_child_mlspace",
        TrainingJobName="churn-1a2b3c4d-train-1",
        TrainingJobStatus="Completed",
    )

    assert "child of a tuning job" in read(envelope).reason


@pytest.mark.parametrize("dataset", ["churn", "re-train-1", "a-train-1-drift", "x-tune-1", "train"])
@pytest.mark.parametrize("parent", [None, "", ...])
def test_a_child_is_told_by_its_name_alone(dataset: str, parent: object) -> None:
    """The rule cannot ask for an event without a parent, so the children of some datasets wake the relay."""
    run = run_id(dataset, "1a2b3c4d5e6f7a8b")
    for attempt, child in product((1, 12), ("001-0a1b2c3d", "750-12345678", "003-deadbeef")):
        envelope = recorded(
            "sagemaker_training_job_doc",
            TrainingJobName=f"{StepName(run, Step.TUNE, attempt)}-{child}",
            TrainingJobStatus="Completed",
            TuningJobArn=parent,
        )
        if parent is ...:
            del envelope["detail"]["TuningJobArn"]
        assert isinstance(read(envelope), Ignored)


@pytest.mark.parametrize("parent", [None, ...])
def test_a_training_of_ours_is_no_child_where_the_parent_is_null_or_absent(parent: object) -> None:
    envelope = recorded(
        "sagemaker_training_job_doc",
        TrainingJobName="churn-1a2b3c4d-train-1",
        TrainingJobStatus="Completed",
        TuningJobArn=parent,
    )
    if parent is ...:
        del envelope["detail"]["TuningJobArn"]
    assert read(envelope) == StepChanged("churn-1a2b3c4d", Step.TRAIN, 1)


@pytest.mark.parametrize("status", spellings("Completed", "Failed", "Stopped"))
def test_a_job_s_status_is_read_in_either_spelling(status: str) -> None:
    name = {"TrainingJobName": "churn-1a2b3c4d-train-1", "TrainingJobStatus": status}
    assert read(recorded("sagemaker_training_job_doc", **name)) == StepChanged("churn-1a2b3c4d", Step.TRAIN, 1)


@pytest.mark.parametrize("status", spellings("Approved", "Rejected"))
def test_an_approval_is_read_in_either_spelling(status: str) -> None:
    ours = {"CustomerMetadataProperties": {"sagerelay_run": "churn-1a2b3c4d"}, "ModelApprovalStatus": status}
    given = ApprovalGiven("churn-1a2b3c4d", approved=status.lower() == "approved")
    assert read(recorded("sagemaker_model_package_doc", **ours)) == given


@pytest.mark.parametrize("status", ["IN_SERVICE", "InService", "FAILED", "UPDATE_ROLLBACK_FAILED"])
def test_an_endpoint_is_known_by_its_name_in_either_spelling_of_its_status(status: str) -> None:
    candidate = recorded(
        "sagemaker_endpoint_in_service_doc", EndpointName="churn-1a2b3c4d-candidate-1", EndpointStatus=status
    )
    live = recorded("sagemaker_endpoint_in_service_mlspace", EndpointName="sagerelay-churn", EndpointStatus=status)

    assert read(candidate) == StepChanged("churn-1a2b3c4d", Step.CANDIDATE, 1)
    assert read(live) == LiveEndpointChanged("churn")


@pytest.mark.parametrize("status", ["CREATING", "UPDATING", "DELETING"])
def test_an_endpoint_on_its_way_is_ignored(status: str) -> None:
    envelope = recorded("sagemaker_endpoint_in_service_doc", EndpointName="sagerelay-churn", EndpointStatus=status)

    assert isinstance(read(envelope), Ignored)


def test_an_approval_finds_its_run() -> None:
    ours = {"CustomerMetadataProperties": {"sagerelay_run": "churn-1a2b3c4d"}}

    for status, approved in (("Approved", True), ("Rejected", False)):
        envelope = recorded("sagemaker_model_package_doc", ModelApprovalStatus=status, **ours)
        assert read(envelope) == ApprovalGiven("churn-1a2b3c4d", approved=approved)
    assert isinstance(
        read(recorded("sagemaker_model_package_doc", ModelApprovalStatus="PendingManualApproval", **ours)), Ignored
    )
    assert isinstance(read(recorded("sagemaker_model_package_doc")), Ignored)


@pytest.mark.parametrize("name", sorted(path.stem for path in ENVELOPES.glob("*.json")))
def test_no_envelope_raises_even_with_parts_missing_or_null(name: str) -> None:
    envelope = recorded(name)
    for key in [*envelope["detail"], None]:
        broken = copy.deepcopy(envelope)
        if key is not None:
            broken["detail"][key] = None
            read(broken)
            del broken["detail"][key]
        else:
            del broken["detail"]
        read(broken)
