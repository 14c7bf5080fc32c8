"""SageMaker's permissions, from the service authorization reference: which action, on which of a request's things.

Three things are easily forgotten, and each is a relay that stops in the account only. Creating with tags needs AddTags
on what is created; handing over a role needs PassRole on that role; creating or updating an endpoint is asked on the
endpoint *and* on its configuration. The tags of a request belong to what is created: on the configuration of a new
endpoint its own tags count. (AWS does not say that in so many words. Read the other way, they would be known there too;
a policy that is enough here is enough then.) SageMaker writes names in ARNs in lower case.
"""

from collections.abc import Mapping
from typing import Any

from local.permissions.permission import Permission, Values, permission
from local.permissions.surroundings import Surroundings

Parameters = Mapping[str, Any]

_KINDS = {
    "TrainingJob": "training-job",
    "ProcessingJob": "processing-job",
    "HyperParameterTuningJob": "hyper-parameter-tuning-job",
    "TransformJob": "transform-job",
    "Model": "model",
    "EndpointConfig": "endpoint-config",
    "Endpoint": "endpoint",
    "ModelPackageGroup": "model-package-group",
}
"""The word that an ARN has for a kind of thing, by the kind's name in operations."""
_VERBS = ("Create", "Describe", "Delete", "Update", "Stop")
_ROLES = ("RoleArn", "ExecutionRoleArn")
_LISTED = {
    "ListTrainingJobsForHyperParameterTuningJob": ("hyper-parameter-tuning-job", "HyperParameterTuningJobName"),
}
_EVERYWHERE = {f"List{kind}s" for kind in _KINDS}
"""Listings of everything, for which AWS knows no resource."""


def asked(operation: str, parameters: Parameters, here: Surroundings) -> list[Permission] | None:
    """The permissions that a request needs; None when nobody has looked it up yet."""
    if operation == "InvokeEndpoint":
        facts = {"sagemaker:TargetModel": parameters.get("TargetModel")}
        return [_on(operation, _named("endpoint", parameters["EndpointName"], here), here, facts)]
    if operation == "InvokeEndpointAsync":
        return [_on(operation, _named("endpoint", parameters["EndpointName"], here), here)]
    if operation in {"AddTags", "ListTags", "DeleteTags"}:
        return [_on(operation, str(parameters.get("ResourceArn", "")), here, _tagging(operation, parameters))]
    if operation in _LISTED:
        kind, member = _LISTED[operation]
        return [_on(operation, _named(kind, parameters.get(member, ""), here), here)]
    if operation in _EVERYWHERE:
        return [Permission(f"sagemaker:{operation}", "*")]
    if operation.endswith(("ModelPackage", "ListModelPackages")):
        return _of_package(operation, parameters, here)
    for verb in _VERBS:
        kind = _KINDS.get(operation.removeprefix(verb), "")
        if operation.startswith(verb) and kind:
            return _of_thing(operation, kind, parameters, here)
    return None


def _of_thing(operation: str, kind: str, parameters: Parameters, here: Surroundings) -> list[Permission]:
    member = operation.removeprefix(next(verb for verb in _VERBS if operation.startswith(verb))) + "Name"
    own = _named(kind, parameters.get(member, ""), here)
    facts = _request_tags(parameters) if operation.startswith("Create") else {}
    needed = [_on(operation, own, here, facts)]
    if kind == "endpoint" and "EndpointConfigName" in parameters:
        needed.append(_on(operation, _named("endpoint-config", parameters["EndpointConfigName"], here), here))
    if parameters.get("Tags"):
        needed.append(_on("AddTags", own, here, {**facts, "sagemaker:TaggingAction": operation}))
    roles = [parameters.get(member) for member in _ROLES]
    roles.append((parameters.get("TrainingJobDefinition") or {}).get("RoleArn"))
    passed = {"iam:PassedToService": "sagemaker.amazonaws.com"}
    return [*needed, *(permission("iam:PassRole", role, passed) for role in roles if role)]


def _of_package(operation: str, parameters: Parameters, here: Surroundings) -> list[Permission]:
    """A version is named by its ARN. For a new one, and for a list, the reference has two kinds of resource and does
    not say which counts when: both are asked for, so that either is allowed."""
    if operation in {"CreateModelPackage", "ListModelPackages"}:
        group = str(parameters.get("ModelPackageGroupName", "")).rpartition("/")[2]
        arns = [_named("model-package-group", group, here), _named("model-package", f"{group}/*", here)]
        return [*(_on(operation, arn, here) for arn in arns), *_of_images(parameters)]
    arn = parameters.get("ModelPackageName") or parameters.get("ModelPackageArn") or ""
    return [_on(operation, str(arn), here)]


def _of_images(parameters: Parameters) -> list[Permission]:
    """Registering a version resolves its images as the caller: AWS's own policy for it (AmazonSageMakerModelRegistry-
    FullAccess) has both actions."""
    containers = (parameters.get("InferenceSpecification") or {}).get("Containers", [])
    repositories = sorted({repository(container["Image"]) for container in containers})
    return [Permission(f"ecr:{action}", arn) for arn in repositories for action in ("BatchGetImage", "DescribeImages")]


def repository(image: str) -> str:
    """The ARN of the repository that an image's address names.

    >>> repository("683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0")
    'arn:aws:ecr:us-east-1:683313688378:repository/sagemaker-xgboost'
    """
    owner, _, _, region = image.split(".")[:4]
    return f"arn:aws:ecr:{region}:{owner}:repository/{image.partition('/')[2].partition(':')[0]}"


def _on(
    action: str, arn: str, here: Surroundings, facts: Mapping[str, str | Values | None] | None = None
) -> Permission:
    tags = {
        f"{prefix}:ResourceTag/{key}": value
        for key, value in here.tags_of(arn).items()
        for prefix in ("aws", "sagemaker")
    }
    return permission(f"sagemaker:{action}", arn, {**tags, **(facts or {})})


def _named(kind: str, name: object, here: Surroundings) -> str:
    return here.arn("sagemaker", f"{kind}/{str(name).lower()}")


def _tagging(operation: str, parameters: Parameters) -> dict[str, str | Values | None]:
    if operation == "DeleteTags":
        return {"aws:TagKeys": tuple(parameters.get("TagKeys", ()))}
    return _request_tags(parameters)


def _request_tags(parameters: Parameters) -> dict[str, str | Values | None]:
    tags = {tag["Key"]: tag["Value"] for tag in parameters.get("Tags") or ()}
    if not tags:
        return {}
    return {**{f"aws:RequestTag/{key}": value for key, value in tags.items()}, "aws:TagKeys": tuple(sorted(tags))}
