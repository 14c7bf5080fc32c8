"""Permissions of the services whose requests name their operation: records, mails, queues, logs, alarms, tags.

From the service authorization reference. Only what a function or a job asks for is here; what is not in the table is
None: not looked up yet, and so not allowed.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from local.permissions import sagemaker
from local.permissions.permission import Permission, Values, permission
from local.permissions.surroundings import Surroundings

Parameters = Mapping[str, Any]
_Mapping = Callable[[str, Parameters, Surroundings], list[Permission]]

_SCALER = "sagemaker.application-autoscaling.amazonaws.com"
SCALERS_ROLE = f"aws-service-role/{_SCALER}/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
"""In whose name endpoints are scaled, with its path."""
_ON_TABLE = ("GetItem", "PutItem", "UpdateItem", "Query")


def asked(service: str, operation: str, parameters: Parameters, here: Surroundings) -> list[Permission] | None:
    """The permissions that a request needs; None when nobody has looked it up yet."""
    found = _TABLE.get((service, operation))
    return found(operation, parameters, here) if found else None


def _record(operation: str, parameters: Parameters, here: Surroundings) -> list[Permission]:
    """What is asked of an index is asked on the index, not on its table."""
    name = str(parameters.get("TableName", "")).rpartition("/")[2]
    index = f"/index/{parameters['IndexName']}" if "IndexName" in parameters else ""
    return [Permission(f"dynamodb:{operation}", here.arn("dynamodb", f"table/{name}{index}"))]


def _publish(_: str, parameters: Parameters, here: Surroundings) -> list[Permission]:
    """Publishing to a topic with a key uses the key in the name of who publishes."""
    topic = str(parameters.get("TopicArn") or parameters.get("TargetArn") or "*")
    key = here.keys.get(topic)
    used = [Permission(f"kms:{action}", key) for action in ("GenerateDataKey", "Decrypt")] if key else []
    return [Permission("sns:Publish", topic), *used]


def _message(operation: str, parameters: Parameters, here: Surroundings) -> list[Permission]:
    queue = str(parameters.get("QueueUrl", "")).rpartition("/")[2]
    return [Permission(f"sqs:{operation}", here.arn("sqs", queue))]


def _log(operation: str, parameters: Parameters, here: Surroundings) -> list[Permission]:
    """AWS asks about a group as about a stream without a name."""
    stream = parameters.get("logStreamName", "")
    group = here.arn("logs", f"log-group:{parameters.get('logGroupName', '')}:log-stream:{stream}")
    return [Permission(f"logs:{operation}", group)]


def _alarm(operation: str, parameters: Parameters, here: Surroundings) -> list[Permission]:
    arn = here.arn("cloudwatch", f"alarm:{parameters.get('AlarmName', '')}")
    tags = {tag["Key"]: tag["Value"] for tag in parameters.get("Tags") or ()}
    tagged: dict[str, str | Values | None] = {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    tagged["aws:TagKeys"] = tuple(sorted(tags)) or None
    actions = tuple(parameters.get("AlarmActions") or ()) or None
    needed = [permission(f"cloudwatch:{operation}", arn, {**tagged, "cloudwatch:AlarmActions": actions})]
    return [*needed, permission("cloudwatch:TagResource", arn, tagged)] if tags else needed


def _alarms(operation: str, parameters: Parameters, here: Surroundings) -> list[Permission]:
    named = parameters.get("AlarmNames") or ["*"]
    return [Permission(f"cloudwatch:{operation}", here.arn("cloudwatch", f"alarm:{name}")) for name in named]


def _metrics(_: str, parameters: Parameters, __: Surroundings) -> list[Permission]:
    return [permission("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": parameters.get("Namespace")})]


def _scaling(operation: str, parameters: Parameters, here: Surroundings) -> list[Permission]:
    """Autoscaling does nothing with an endpoint, and makes no alarms, that its caller might not; and the first who asks
    makes the role in whose name it works. Its guide lists these; which is asked for when, it does not say."""
    resource, dimension = str(parameters.get("ResourceId", "")), parameters.get("ScalableDimension")
    facts: dict[str, str | Values | None] = {
        "application-autoscaling:service-namespace": parameters.get("ServiceNamespace"),
        "application-autoscaling:scalable-dimension": dimension,
    }
    number = hashlib.sha256(resource.encode()).hexdigest()[:32]
    own = permission(
        f"application-autoscaling:{operation}", here.arn("application-autoscaling", f"scalable-target/{number}"), facts
    )
    if operation != "RegisterScalableTarget":
        alarm = here.arn("cloudwatch", f"alarm:TargetTracking-{resource}-AlarmHigh-{number}")
        if operation == "DeregisterScalableTarget":
            return [own, Permission("cloudwatch:DeleteAlarms", alarm)]
        told = {"cloudwatch:AlarmActions": (here.arn("autoscaling", f"scalingPolicy:{number}"),)}
        made = permission("cloudwatch:PutMetricAlarm", alarm, told)
        return [own, Permission("cloudwatch:DescribeAlarms", alarm), made]
    named = {"EndpointName": "/".join(resource.split("/")[1:2])}
    endpoint = sagemaker.asked("DescribeEndpoint", named, here) or []
    scaled = [replace(one, action="sagemaker:UpdateEndpointWeightsAndCapacities") for one in endpoint]
    role = f"arn:aws:iam::{here.account}:role/{SCALERS_ROLE}"
    linked = permission("iam:CreateServiceLinkedRole", role, {"iam:AWSServiceName": _SCALER})
    return [own, *endpoint, *scaled, linked]


def _everywhere(operation: str, _: Parameters, __: Surroundings) -> list[Permission]:
    return [Permission(f"tag:{operation}", "*")]


def _figures(operation: str, _: Parameters, __: Surroundings) -> list[Permission]:
    return [Permission(f"cloudwatch:{operation}", "*")]


def _free(_: str, __: Parameters, ___: Surroundings) -> list[Permission]:
    """Everybody may ask who he is, and no policy can forbid it."""
    return []


_TABLE: dict[tuple[str, str], _Mapping] = {
    **{("dynamodb", operation): _record for operation in _ON_TABLE},
    ("sns", "Publish"): _publish,
    ("sqs", "SendMessage"): _message,
    **{("logs", operation): _log for operation in ("CreateLogGroup", "CreateLogStream", "PutLogEvents")},
    ("logs", "DescribeLogStreams"): _log,
    ("logs", "PutRetentionPolicy"): _log,
    ("cloudwatch", "PutMetricAlarm"): _alarm,
    **{("cloudwatch", operation): _alarms for operation in ("DeleteAlarms", "DescribeAlarms")},
    ("cloudwatch", "PutMetricData"): _metrics,
    ("cloudwatch", "GetMetricStatistics"): _figures,
    **{
        ("application-autoscaling", operation): _scaling
        for operation in ("RegisterScalableTarget", "PutScalingPolicy", "DeregisterScalableTarget")
    },
    ("tag", "GetResources"): _everywhere,
    ("sts", "GetCallerIdentity"): _free,
}
