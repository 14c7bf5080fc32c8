"""SageMaker's answers, as its adapter reads them: what is done, what is busy, what is missing, what is forbidden."""

from __future__ import annotations

from datetime import UTC, datetime

import boto3
import pytest
from botocore.stub import Stubber

from chalicelib.aws.errors import BusyError, DeniedError, RefusedError
from chalicelib.aws.sagemaker import SageMaker
from chalicelib.names import Step
from chalicelib.requests import Call

NOW = datetime(2026, 11, 22, tzinfo=UTC)
UPDATE = Call("update_endpoint", {"EndpointName": "sagerelay-churn", "EndpointConfigName": "churn-1a2b3c4d-live-1"})


@pytest.fixture
def stub():
    client = boto3.client(
        "sagemaker", region_name="eu-west-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    with Stubber(client) as stubber:
        yield stubber


def endpoint(status: str, config: str, **more):
    arn = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/sagerelay-churn"
    times = {"CreationTime": NOW, "LastModifiedTime": NOW}
    known = {"EndpointName": "sagerelay-churn", "EndpointArn": arn, "EndpointStatus": status}
    return {**known, "EndpointConfigName": config, **times, **more}


def refuse(stub: Stubber, operation: str, code: str = "ValidationException") -> None:
    stub.add_client_error(operation, code, "Cannot update in-progress endpoint.")


def test_an_update_that_is_under_way_already_is_done(stub):
    refuse(stub, "update_endpoint")
    pending = {"EndpointConfigName": "churn-1a2b3c4d-live-1"}
    answer = endpoint("Updating", "churn-00000000-live-1", PendingDeploymentSummary=pending)
    stub.add_response("describe_endpoint", answer)

    SageMaker(stub.client, "sagerelay").ensure(UPDATE)

    stub.assert_no_pending_responses()


@pytest.mark.parametrize("status", ["Updating", "SystemUpdating", "RollingBack", "Deleting"])
def test_an_endpoint_that_is_busy_with_something_else_is_waited_for(stub, status):
    refuse(stub, "update_endpoint")
    stub.add_response("describe_endpoint", endpoint(status, "churn-00000000-live-1"))

    with pytest.raises(BusyError, match=f"sagerelay-churn is {status}"):
        SageMaker(stub.client, "sagerelay").ensure(UPDATE)


def test_an_update_that_is_refused_for_another_reason_is_refused(stub):
    refuse(stub, "update_endpoint")
    stub.add_response("describe_endpoint", endpoint("InService", "churn-00000000-live-1"))

    with pytest.raises(RefusedError):
        SageMaker(stub.client, "sagerelay").ensure(UPDATE)


def test_a_request_that_names_something_missing_is_refused_and_not_tried_for_ever(stub):
    stub.add_client_error("create_training_job", "ResourceNotFound", "There is no such thing.")
    request = {
        "TrainingJobName": "t",
        "RoleArn": "arn:aws:iam::123456789012:role/r",
        "OutputDataConfig": {"S3OutputPath": "s3://b/o"},
        "StoppingCondition": {},
    }

    with pytest.raises(RefusedError, match="no such thing"):
        SageMaker(stub.client, "sagerelay").ensure(Call("create_training_job", request))


def test_an_endpoint_that_cannot_be_deleted_yet_is_not_taken_for_deleted(stub):
    refuse(stub, "delete_endpoint")
    stub.add_response("describe_endpoint", endpoint("Creating", "c"))

    with pytest.raises(BusyError):
        SageMaker(stub.client, "sagerelay").remove_endpoint("sagerelay-churn")


@pytest.mark.parametrize("status", [None, "Deleting"])
def test_an_endpoint_that_is_gone_or_going_is_deleted(stub, status):
    refuse(stub, "delete_endpoint")
    if status:
        stub.add_response("describe_endpoint", endpoint(status, "c"))
    else:
        refuse(stub, "describe_endpoint")

    SageMaker(stub.client, "sagerelay").remove_endpoint("sagerelay-churn")


def test_a_missing_permission_is_never_taken_for_a_missing_thing(stub):
    here = SageMaker(stub.client, "sagerelay")
    for operation, act in {
        "describe_training_job": lambda: here.observe("churn-1a2b3c4d", "churn", Step.TRAIN, 1),
        "delete_model": lambda: here.remove_model("churn-1a2b3c4d"),
        "describe_endpoint": lambda: here.endpoint_config_of("sagerelay-churn"),
        "list_model_packages": lambda: here.approval("sagerelay-churn", "churn-1a2b3c4d"),
    }.items():
        refuse(stub, operation, "AccessDeniedException")
        with pytest.raises(DeniedError):
            act()


@pytest.mark.parametrize(
    ("secondary", "key"),
    [("MaxRuntimeExceeded", "instances.max_runtime_minutes"), ("MaxWaitTimeExceeded", "spot.max_wait_minutes")],
)
def test_a_training_that_ran_out_of_time_names_the_setting_that_ended_it(stub, secondary, key):
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

    assert key in fact.reason
