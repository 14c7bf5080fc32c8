"""What wakes which function: every rule of the packaged and expanded template against every recorded envelope, by
moto's own matcher.

The recorded envelopes are of jobs and buckets of other people. Those of ours are the same with our names.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from moto.events.models import EventPattern

import app
from chalicelib.names import Kind, Step
from chalicelib.records import envelopes, events
from chalicelib.statuses import spellings
from ops.deployment.package import ROOT
from tests.infra.complexity import MOST, complexity, of_pattern
from tests.infra.conftest import Template

ENVELOPES = ROOT / "tests" / "relay" / "envelopes"
BUCKET = "sagerelay-dev-bucket-1x2y"
WAKES = {
    "cloudwatch_alarm_state_change_drift_sample": None,
    "s3_eventbridge_object_created_doc": "OnUpload",
    "sagemaker_endpoint_deployment_doc": None,
    "sagemaker_endpoint_in_service_doc": "OnEndpoint",
    "sagemaker_endpoint_in_service_mlspace": "OnEndpoint",
    "sagemaker_model_package_doc": "OnApproval",
    "sagemaker_processing_job_failed_doc": "OnProcessingJob",
    "sagemaker_training_job_doc": "OnTrainingJob",
    "sagemaker_training_job_tuning_child_mlspace": None,
    "sagemaker_transform_job_doc": None,  # which is in no state that there is
    **dict.fromkeys(("sagemaker_tuning_job_doc", "sagemaker_tuning_job_mlspace")),  # it goes on, is "Running"
}
ROLE = "arn:aws:iam::123456789012:role/sagerelay-dev-SageMakerRole-1x2y"
OURS: dict[str, dict[str, Any]] = {
    "SageMaker Processing Job State Change": {"ProcessingJobName": "churn-1a2b3c4d-evaluate-1", "RoleArn": ROLE},
    "SageMaker HyperParameter Tuning Job State Change": {
        "HyperParameterTuningJobName": "churn-1a2b3c4d-tune-1",
        "TrainingJobDefinition": {"RoleArn": ROLE},
    },
    "SageMaker Training Job State Change": {"TrainingJobName": "churn-1a2b3c4d-train-1", "RoleArn": ROLE},
    "SageMaker Transform Job State Change": {"TransformJobName": "churn-1a2b3c4d-candidate-1"},
    **{f"SageMaker Endpoint{of} State Change": {"EndpointName": "sagerelay-dev-churn"} for of in ("", " Deployment")},
    "SageMaker Model Package State Change": {"ModelPackageGroupName": "sagerelay-dev-churn"},
    "Object Created": {"bucket": {"name": BUCKET}, "object": {"key": "datasets/churn/train/jan.csv"}},
}
"""The details that make an envelope one of ours."""

SETTLED = ("InService", "Failed", "OutOfService", "UpdateRollbackFailed", "RollingBack")
Woken = Callable[[dict[str, Any]], list[str]]


@pytest.fixture(scope="session")
def rules(resolved: Callable[..., Template]) -> dict[str, dict[str, Any]]:
    """Every rule with a pattern."""
    return {
        name: resource["Properties"]
        for name, resource in resolved().items()
        if resource["Type"] == "AWS::Events::Rule" and "EventPattern" in resource["Properties"]
    }


@pytest.fixture(scope="session")
def woken(rules: dict[str, dict[str, Any]]) -> Woken:
    """The functions that an envelope wakes, each as often as it does."""

    def functions(given: dict[str, Any]) -> list[str]:
        matching = [rule for rule in rules.values() if _matches(rule["EventPattern"], given)]
        return [target["Arn"].split("-")[-2] for rule in matching for target in rule["Targets"]]

    return functions


def _matches(pattern: dict[str, Any], given: dict[str, Any]) -> bool:
    return bool(EventPattern.load(json.dumps(pattern)).matches_event(given))  # type: ignore[arg-type] # moto names the keys of a whole event


def envelope(name: str, **detail: object) -> dict[str, Any]:
    read = json.loads(Path(ENVELOPES, f"{name}.json").read_text(encoding="utf-8"))
    return {**read, "detail": {**read["detail"], **detail}}


def ours(name: str, **detail: object) -> dict[str, Any]:
    made = envelope(name)
    return envelope(name, **{**OURS.get(made["detail-type"], {}), **detail})


def test_every_recorded_envelope_is_tried() -> None:
    assert {file.stem for file in ENVELOPES.glob("*.json")} == set(WAKES)


@pytest.mark.parametrize("name", WAKES)
def test_somebody_else_s_envelope_wakes_nobody(name: str, woken: Woken) -> None:
    assert woken(envelope(name)) == []


@pytest.mark.parametrize(("name", "function"), WAKES.items())
def test_the_same_of_ours_wakes_its_function_and_no_other(name: str, function: str | None, woken: Woken) -> None:
    assert woken(ours(name)) == ([function] if function else [])


JOBS = [
    ("sagemaker_processing_job_failed_doc", "ProcessingJobStatus", "OnProcessingJob"),
    ("sagemaker_tuning_job_mlspace", "HyperParameterTuningJobStatus", "OnTuningJob"),
    ("sagemaker_training_job_doc", "TrainingJobStatus", "OnTrainingJob"),
    ("sagemaker_transform_job_doc", "TransformJobStatus", "OnProcessingJob"),
]


@pytest.mark.parametrize("status", ["Completed", "Failed", "Stopped"])
@pytest.mark.parametrize(("name", "field", "function"), JOBS)
def test_a_job_wakes_its_function_when_it_ends_and_not_before(
    name: str, field: str, function: str, status: str, woken: Woken
) -> None:
    assert woken(ours(name, **{field: status})) == [function]
    for other in ("InProgress", "Running", "Stopping"):
        assert woken(ours(name, **{field: other})) == []


@pytest.mark.parametrize("job", [*(f"churn-1a2b3c4d-{step}-12" for step in (Step.PACK, Step.EVALUATE)), *Kind])
def test_every_kind_of_processing_job_wakes_its_function_once(job: str, woken: Woken) -> None:
    name = f"churn-{job}-7-c130b2-1" if job in set(Kind) else job
    assert woken(ours("sagemaker_processing_job_failed_doc", ProcessingJobName=name)) == ["OnProcessingJob"]


@pytest.mark.parametrize(
    ("name", "detail"),
    [
        ("sagemaker_processing_job_failed_doc", {"ProcessingJobName": "their-report-1"}),
        ("sagemaker_processing_job_failed_doc", {"ProcessingJobName": "prepare-1"}),
        ("sagemaker_training_job_doc", {"TrainingJobName": "their-fine-model"}),
        ("sagemaker_tuning_job_mlspace", {"HyperParameterTuningJobName": "their-hpo", "Status": "Completed"}),
        # Children of a tuning job: of theirs and of ours.
        (
            "sagemaker_training_job_tuning_child_mlspace",
            {"TrainingJobStatus": "Completed", "TrainingJobName": "their-hpo-003-0a1b2c3d"},
        ),
        (
            "sagemaker_training_job_tuning_child_mlspace",
            {"TrainingJobStatus": "Completed", "TrainingJobName": "churn-1a2b3c4d-tune-1-003-0a1b2c3d"},
        ),
        ("sagemaker_endpoint_in_service_doc", {"EndpointName": "their-endpoint"}),
        ("sagemaker_endpoint_in_service_doc", {"EndpointName": "sagerelay-prod-churn"}),
        ("sagemaker_model_package_doc", {"ModelPackageGroupName": "sagerelay-prod-churn"}),
    ],
)
def test_foreign_things_wake_nobody(name: str, detail: dict[str, Any], woken: Woken) -> None:
    assert woken(ours(name, **detail)) == []


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("sagemaker_processing_job_failed_doc", {}),
        ("sagemaker_training_job_doc", {"TrainingJobStatus": "Completed"}),
        ("sagemaker_tuning_job_doc", {"HyperParameterTuningJobStatus": "Completed"}),
    ],
)
def test_a_job_of_another_role_wakes_nobody_whatever_its_name(name: str, status: dict[str, Any], woken: Woken) -> None:
    told = ours(name, **status)
    assert len(woken(told)) == 1
    theirs = "arn:aws:iam::123456789012:role/sagerelay-prod-SageMakerRole-3z4w"
    told["detail"] |= {"RoleArn": theirs, "TrainingJobDefinition": {"RoleArn": theirs}}
    assert woken(told) == []
    del told["detail"]["RoleArn"], told["detail"]["TrainingJobDefinition"]
    assert len(woken(told)) == 1, "where the event does not tell the role, the functions find out"


def test_another_stage_s_candidate_wakes_nobody_where_the_event_tells_its_tags(woken: Woken) -> None:
    def told(tags: object) -> list[str]:
        name = "churn-1a2b3c4d-candidate-1"
        return woken(ours("sagemaker_endpoint_in_service_doc", EndpointName=name, Tags=tags))

    assert told({"sagerelay:deployment": "sagerelay-prod"}) == []
    for tags in ({"sagerelay:deployment": "sagerelay-dev"}, {}, None):
        assert told(tags) == ["OnEndpoint"]
    # As a list, which the schema registry says and no recording shows, the tags cannot be matched.
    assert told([{"Key": "sagerelay:deployment", "Value": "sagerelay-prod"}]) == ["OnEndpoint"]


@pytest.mark.parametrize("parent", [{}, {"TuningJobArn": None}])
def test_a_training_job_wakes_its_function_whether_its_parent_is_absent_or_null(
    parent: dict[str, None], woken: Woken
) -> None:
    assert woken(ours("sagemaker_training_job_doc", TrainingJobStatus="Completed", **parent)) == ["OnTrainingJob"]


def test_a_child_whose_dataset_is_called_like_a_step_wakes_the_relay_and_is_ignored(woken: Woken) -> None:
    """tests/relay/test_events.py has it ignored by its name."""
    name = "re-train-1a2b3c4d-tune-1-003-0a1b2c3d"
    child = {"TrainingJobStatus": "Completed", "TrainingJobName": name}
    told = ours("sagemaker_training_job_tuning_child_mlspace", **child)
    assert woken(told) == ["OnTrainingJob"]
    assert isinstance(envelopes.from_envelope(told, bucket="b", prefix="sagerelay-dev"), events.Ignored)


def test_whoever_asks_for_a_status_takes_both_spellings(rules: dict[str, dict[str, Any]]) -> None:
    patterns = [rule["EventPattern"] for rule in rules.values()]
    patterns += [value for value in vars(app).values() if isinstance(value, dict) and "detail-type" in value]
    asked = [
        wanted for pattern in patterns for name, wanted in pattern.get("detail", {}).items() if name.endswith("Status")
    ]
    assert len(asked) >= 12
    for wanted in asked:
        said = [one for one in wanted if one != app.OTHER]
        assert sorted(said) == sorted(spellings(*(one for one in said if not one.isupper())))


@pytest.mark.parametrize("status", spellings(*SETTLED))
def test_an_endpoint_that_has_settled_or_will_not_wakes_the_relay_in_either_spelling(status: str, woken: Woken) -> None:
    for recording in ("sagemaker_endpoint_in_service_doc", "sagemaker_endpoint_deployment_doc"):
        assert woken(ours(recording, EndpointStatus=status)) == ["OnEndpoint"]


@pytest.mark.parametrize("status", ["CREATING", "UPDATING", "DELETING", "SYSTEM_UPDATING"])
def test_an_endpoint_on_its_way_wakes_nobody(status: str, woken: Woken) -> None:
    assert woken(ours("sagemaker_endpoint_in_service_doc", EndpointStatus=status)) == []


@pytest.mark.parametrize("endpoint", ["sagerelay-dev-churn", "churn-1a2b3c4d-candidate-1"])
def test_live_endpoints_and_candidates_wake_the_relay(endpoint: str, woken: Woken) -> None:
    assert woken(ours("sagemaker_endpoint_in_service_doc", EndpointName=endpoint)) == ["OnEndpoint"]


def test_a_model_that_waits_for_approval_wakes_nobody(woken: Woken) -> None:
    assert woken(ours("sagemaker_model_package_doc", ModelApprovalStatus="PendingManualApproval")) == []


@pytest.mark.parametrize(
    ("bucket", "key", "wakes"),
    [
        (BUCKET, "datasets/churn/train/jan.csv", ["OnUpload"]),
        (BUCKET, "datasets/churn/relay.yaml", ["OnUpload"]),
        # Its own outputs, which would wake it for ever.
        (BUCKET, "runs/churn-1a2b3c4d/inputs.json", []),
        (BUCKET, "monitoring/churn/2026-11-22T09-00-00Z-drift-1/window.json", []),
        (BUCKET, "capture/sagerelay-dev-churn/AllTraffic/2026/11/22/09/x.jsonl", []),
        (BUCKET, "code/0123456789ab/jobs/datasets/x.py", []),
        ("sagerelay-prod-bucket-3z4w", "datasets/churn/train/jan.csv", []),
        ("sagerelay-artifacts-123456789012-eu-west-1", "datasets/churn/train/jan.csv", []),
        ("somebody-elses", "datasets/churn/train/jan.csv", []),
    ],
)
def test_only_the_users_objects_in_our_bucket_wake_the_relay(
    bucket: str, key: str, wakes: list[str], woken: Woken
) -> None:
    entry = {"key": key, "size": 1, "etag": "e", "sequencer": "1"}
    assert woken(envelope("s3_eventbridge_object_created_doc", bucket={"name": bucket}, object=entry)) == wakes


def test_a_person_s_request_for_a_check_wakes_its_function_and_nobody_else_s(woken: Woken) -> None:
    detail = {"dataset": "churn", "kind": "drift"}
    asked = {"source": "sagerelay", "detail-type": "Check Requested", "detail": detail}
    assert woken(asked) == ["OnCheckRequested"]
    assert woken({**asked, "source": "somebody"}) == []
    assert woken({**asked, "detail": {**detail, "deployment": "sagerelay-other"}}) == []


def test_the_template_narrows_app_py_and_never_widens_it(rules: dict[str, dict[str, Any]]) -> None:
    """app.py's patterns are what the laptop uses; the rules of one function together must want the same names."""
    wanted: dict[str, list[str]] = {}
    for rule in rules.values():
        function = rule["Targets"][0]["Arn"].split("-")[-2]
        detail = rule["EventPattern"].get("detail", {})
        for field in ("ProcessingJobName", "TrainingJobName", "HyperParameterTuningJobName"):
            wanted.setdefault(function, []).extend(one["wildcard"] for one in detail.get(field, []) if one != app.OTHER)
    of_ours = cast("Any", app.PROCESSING_JOBS)["detail"]["ProcessingJobName"][:-1]  # before app.OTHER
    assert sorted(wanted["OnProcessingJob"]) == sorted(one["wildcard"] for one in of_ours)
    assert wanted["OnTrainingJob"] == ["*-train-*"]
    assert wanted["OnTuningJob"] == ["*-tune-*"]


def test_eventbridge_does_not_find_a_pattern_too_complex(rules: dict[str, dict[str, Any]]) -> None:
    for name, rule in rules.items():
        assert of_pattern(rule["EventPattern"]) <= MOST, name
    assert of_pattern(app.PROCESSING_JOBS) > MOST, "one rule would do, then"


@pytest.mark.parametrize(("stacks", "accepted"), [(1, True), (2, True), (3, True), (4, False)])
def test_complexity_is_counted_as_people_met_it(stacks: int, *, accepted: bool) -> None:
    """EventBridge took three of these and refused the fourth (github.com/vals-ai/Valkyrie, pull request 278)."""
    names = ("NetworkStack", "SharedStack", "ServiceStack", "MonitoringStack")
    assert (complexity([f"*:stack/{name}/*" for name in names[:stacks]]) <= MOST) is accepted


@pytest.mark.parametrize(
    ("wildcard", "expected"),
    [
        *[("*", 1), ("*ab", 2), ("*aa", 3), ("a*b", 2), ("a*bcb", 3), ("a*bbb", 4), ("*ab*ad", 4), ("*aba*", 4)],
        *[("a*b*bb", 5), ("a*b*cb", 4), ("a*b*b", 4), ("a*bb*", 4), ("ab*b*", 3)],
    ],
)
def test_complexity_is_counted_as_the_ruler_s_own_tests_do(wildcard: str, expected: int) -> None:
    assert complexity([wildcard]) == expected
