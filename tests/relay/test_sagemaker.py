"""SageMaker's answers, as its adapter reads them: what is done, what is busy, what is missing, what is forbidden."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from chalicelib.aws.errors import BusyError, DeniedError, RefusedError
from chalicelib.aws.sagemaker import SageMaker
from chalicelib.names import Step
from chalicelib.records.events import StepFailed
from chalicelib.records.orphans import Resource
from chalicelib.requests import Call

NOW = datetime(2026, 11, 22, tzinfo=UTC)
UPDATE = Call("update_endpoint", {"EndpointName": "sagerelay-churn", "EndpointConfigName": "churn-1a2b3c4d-live-1"})


@pytest.fixture
def stub() -> Iterator[Stubber]:
    client = boto3.client(
        "sagemaker", region_name="eu-west-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    with Stubber(client) as stubber:
        yield stubber


def endpoint(status: str, config: str, **more: Any) -> dict[str, Any]:
    arn = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/sagerelay-churn"
    times = {"CreationTime": NOW, "LastModifiedTime": NOW}
    known = {"EndpointName": "sagerelay-churn", "EndpointArn": arn, "EndpointStatus": status}
    return {**known, "EndpointConfigName": config, **times, **more}


def tags(stub: Stubber, **carried: str) -> None:
    found = [{"Key": f"sagerelay:{name}", "Value": value} for name, value in carried.items()]
    stub.add_response("list_tags", {"Tags": found})


def refuse(stub: Stubber, operation: str, code: str = "ValidationException") -> None:
    stub.add_client_error(operation, code, "Cannot update in-progress endpoint.")


def test_an_update_that_is_under_way_already_is_done(stub: Stubber) -> None:
    refuse(stub, "update_endpoint")
    pending = {"EndpointConfigName": "churn-1a2b3c4d-live-1"}
    answer = endpoint("Updating", "churn-00000000-live-1", PendingDeploymentSummary=pending)
    stub.add_response("describe_endpoint", answer)
    tags(stub, deployment="sagerelay")

    SageMaker(stub.client, "sagerelay").ensure(UPDATE)

    stub.assert_no_pending_responses()


@pytest.mark.parametrize("status", ["Updating", "SystemUpdating", "RollingBack", "Deleting"])
def test_an_endpoint_that_is_busy_with_something_else_is_waited_for(stub: Stubber, status: str) -> None:
    refuse(stub, "update_endpoint")
    stub.add_response("describe_endpoint", endpoint(status, "churn-00000000-live-1"))
    tags(stub, deployment="sagerelay")

    with pytest.raises(BusyError, match=f"sagerelay-churn is {status}"):
        SageMaker(stub.client, "sagerelay").ensure(UPDATE)


CREATE = Call("create_endpoint", {**UPDATE.arguments, "Tags": []})


def test_an_endpoint_whose_namesake_goes_meanwhile_is_asked_for_once_more(stub: Stubber) -> None:
    refuse(stub, "create_endpoint")
    for _ in range(2):
        refuse(stub, "describe_endpoint")  # it is gone by now
    stub.add_response("create_endpoint", {"EndpointArn": endpoint("Creating", "c")["EndpointArn"]})

    SageMaker(stub.client, "sagerelay").ensure(CREATE)

    stub.assert_no_pending_responses()


def test_an_endpoint_that_sagemaker_does_not_take_is_not_asked_for_for_ever(stub: Stubber) -> None:
    for _ in range(2):
        refuse(stub, "create_endpoint")
        for _ in range(2):
            refuse(stub, "describe_endpoint")

    with pytest.raises(RefusedError):
        SageMaker(stub.client, "sagerelay").ensure(CREATE)


def test_an_update_that_is_shown_late_is_waited_for(stub: Stubber) -> None:
    refuse(stub, "update_endpoint")
    for status in ("InService", "Updating"):
        stub.add_response("describe_endpoint", endpoint(status, "churn-00000000-live-1"))
        tags(stub, deployment="sagerelay")

    with pytest.raises(BusyError, match="Updating"):
        SageMaker(stub.client, "sagerelay").ensure(UPDATE)


def test_an_update_that_is_refused_for_another_reason_is_refused(stub: Stubber) -> None:
    refuse(stub, "update_endpoint")
    for _ in range(2):
        stub.add_response("describe_endpoint", endpoint("InService", "churn-00000000-live-1"))
        tags(stub, deployment="sagerelay")

    with pytest.raises(RefusedError):
        SageMaker(stub.client, "sagerelay").ensure(UPDATE)


def test_a_request_that_names_something_missing_is_refused_and_not_tried_for_ever(stub: Stubber) -> None:
    stub.add_client_error("create_training_job", "ResourceNotFound", "There is no such thing.")
    request = {
        "TrainingJobName": "t",
        "RoleArn": "arn:aws:iam::123456789012:role/r",
        "OutputDataConfig": {"S3OutputPath": "s3://b/o"},
        "StoppingCondition": {},
    }

    with pytest.raises(RefusedError, match="no such thing"):
        SageMaker(stub.client, "sagerelay").ensure(Call("create_training_job", request))


@pytest.mark.parametrize("status", ["Creating", "Updating"])
def test_an_endpoint_that_cannot_be_deleted_yet_is_not_taken_for_deleted(stub: Stubber, status: str) -> None:
    stub.add_response("describe_endpoint", endpoint(status, "c"))

    with pytest.raises(BusyError):
        SageMaker(stub.client, "sagerelay").remove(Resource.ENDPOINT, "sagerelay-churn")


def test_an_endpoint_that_somebody_begins_to_update_at_that_moment_is_not_taken_for_deleted(stub: Stubber) -> None:
    stub.add_response("describe_endpoint", endpoint("InService", "c"))
    refuse(stub, "delete_endpoint")
    stub.add_response("describe_endpoint", endpoint("Updating", "c"))

    with pytest.raises(BusyError):
        SageMaker(stub.client, "sagerelay").remove(Resource.ENDPOINT, "sagerelay-churn")


@pytest.mark.parametrize("status", [None, "Deleting"])
def test_an_endpoint_that_is_gone_or_going_is_deleted(stub: Stubber, status: str | None) -> None:
    # Nothing is asked to delete it: with nothing there, nothing carries the tag that the permission asks for.
    if status:
        stub.add_response("describe_endpoint", endpoint(status, "c"))
    else:
        refuse(stub, "describe_endpoint")

    SageMaker(stub.client, "sagerelay").remove(Resource.ENDPOINT, "sagerelay-churn")

    stub.assert_no_pending_responses()


def training_job(stub: Stubber) -> Call:
    """Creating a training job whose name is taken; gives the call."""
    name, role = "churn-1a2b3c4d-train-1", "arn:aws:iam::123456789012:role/r"
    refuse(stub, "create_training_job", "ResourceInUse")
    arn = f"arn:aws:sagemaker:eu-west-1:123456789012:training-job/{name}"
    known = {"TrainingJobName": name, "TrainingJobArn": arn, "CreationTime": NOW, "StoppingCondition": {}}
    status = {"TrainingJobStatus": "InProgress", "SecondaryStatus": "Training"}
    stub.add_response(
        "describe_training_job", {**known, **status, "ModelArtifacts": {"S3ModelArtifacts": "s3://b/model.tar.gz"}}
    )
    request = {
        "TrainingJobName": name,
        "RoleArn": role,
        "OutputDataConfig": {"S3OutputPath": "s3://b/o"},
        "StoppingCondition": {},
        "Tags": [{"Key": "sagerelay:deployment", "Value": "sagerelay"}, {"Key": "sagerelay:run", "Value": "r"}],
    }
    return Call("create_training_job", request)


def test_a_job_of_that_name_with_our_tags_is_the_one_that_was_wanted(stub: Stubber) -> None:
    call = training_job(stub)
    tags(stub, deployment="sagerelay", run="r", team="more tags are no harm")

    SageMaker(stub.client, "sagerelay").ensure(call)

    stub.assert_no_pending_responses()


@pytest.mark.parametrize("carried", [{}, {"deployment": "sagerelay-prod", "run": "r"}])
def test_a_name_that_somebody_else_has_taken_is_waited_for(stub: Stubber, carried: dict[str, str]) -> None:
    call = training_job(stub)
    tags(stub, **carried)

    with pytest.raises(BusyError, match="churn-1a2b3c4d-train-1 is taken"):
        SageMaker(stub.client, "sagerelay").ensure(call)


def test_a_taken_name_behind_which_nothing_can_be_seen_is_waited_for(stub: Stubber) -> None:
    refuse(stub, "create_endpoint_config", "ResourceInUse")
    refuse(stub, "describe_endpoint_config")
    refuse(stub, "describe_endpoint_config")
    variant = {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    request = {"EndpointConfigName": "churn-1a2b3c4d-live-1", "ProductionVariants": [variant]}

    with pytest.raises(BusyError, match="is taken"):
        SageMaker(stub.client, "sagerelay").ensure(Call("create_endpoint_config", request))


def test_a_live_endpoint_that_no_record_knows_is_waited_for_and_told(stub: Stubber) -> None:
    refuse(stub, "create_endpoint")
    stub.add_response("describe_endpoint", endpoint("InService", "churn-00000000-live-1"))
    tags(stub, deployment="sagerelay")

    with pytest.raises(BusyError, match="delete it to let this run go on"):
        SageMaker(stub.client, "sagerelay").ensure(Call("create_endpoint", UPDATE.arguments))


@pytest.mark.parametrize("code", ["ThrottlingException", "ResourceLimitExceeded", "CapacityError"])
def test_a_quota_or_throttling_is_waited_for(stub: Stubber, code: str) -> None:
    refuse(stub, "update_endpoint", code)

    with pytest.raises(BusyError, match=code):
        SageMaker(stub.client, "sagerelay").ensure(UPDATE)


def test_a_missing_permission_is_never_taken_for_a_missing_thing(stub: Stubber) -> None:
    here = SageMaker(stub.client, "sagerelay")
    asking: dict[str, Callable[[], object]] = {
        "describe_training_job": lambda: here.observe("churn-1a2b3c4d", "churn", Step.TRAIN, 1),
        "describe_model": lambda: here.remove(Resource.MODEL, "churn-1a2b3c4d-model"),
        "describe_endpoint": lambda: here.used_configs("sagerelay-churn"),
        "list_model_packages": lambda: here.approval("sagerelay-churn", "churn-1a2b3c4d"),
    }
    for operation, act in asking.items():
        refuse(stub, operation, "AccessDeniedException")
        with pytest.raises(DeniedError):
            act()


@pytest.mark.parametrize(
    ("secondary", "key"),
    [("MaxRuntimeExceeded", "instances.max_runtime_minutes"), ("MaxWaitTimeExceeded", "spot.max_wait_minutes")],
)
def test_a_training_that_ran_out_of_time_names_the_setting_that_ended_it(
    stub: Stubber, secondary: str, key: str
) -> None:
    stub.add_response(
        "describe_training_job",
        {
            "TrainingJobName": "churn-1a2b3c4d-train-1",
            "TrainingJobArn": "arn:aws:sagemaker:eu-west-1:123456789012:training-job/churn-1a2b3c4d-train-1",
            "ModelArtifacts": {"S3ModelArtifacts": "s3://b/model.tar.gz"},
            "TrainingJobStatus": "Stopped",
            "SecondaryStatus": secondary,
            "StoppingCondition": {},
            "CreationTime": NOW,
        },
    )

    fact = SageMaker(stub.client, "sagerelay").observe("churn-1a2b3c4d", "churn", Step.TRAIN, 1)

    assert isinstance(fact, StepFailed)
    assert key in fact.reason
