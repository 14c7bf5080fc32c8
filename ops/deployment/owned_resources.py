"""What a deployment owns in an account, told from ARNs, and how a thing of each kind is got rid of.

Pure. A thing is in one of three states for its removal: it must be stopped first, it has to be waited for, or it can be
deleted. Which, follows from its kind and its status alone, so a removal that was interrupted goes on from there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from chalicelib import log_groups

_ARN = re.compile(r"arn:[^:]+:(?P<service>[^:]+):[^:]*:[^:]*:(?P<resource>.+)")
_TYPED = re.compile(r"(?P<type>[a-z-]+)[/:](?P<name>.+)")
_UNTYPED = frozenset({"s3", "sns", "sqs"})


@dataclass(frozen=True, slots=True)
class Thing:
    """One object in the account: its kind, as `sagemaker:endpoint`, its name, and its ARN."""

    kind: str
    name: str
    arn: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def thing(arn: str) -> Thing:
    """What an ARN names.

    >>> thing("arn:aws:sagemaker:eu-west-1:123456789012:training-job/churn-1a2b3c4d-train-1")
    ... # doctest: +ELLIPSIS
    Thing(kind='sagemaker:training-job', name='churn-1a2b3c4d-train-1', arn=...)
    >>> str(thing("arn:aws:s3:::a-bucket")), str(thing("arn:aws:cloudwatch:eu-west-1:123456789012:alarm:x-5xx"))
    ('s3 a-bucket', 'cloudwatch:alarm x-5xx')
    """
    parts = _ARN.fullmatch(arn)
    if parts is None:
        return Thing("?", arn, arn)
    service, resource = parts["service"], parts["resource"]
    typed = None if service in _UNTYPED else _TYPED.fullmatch(resource)
    return Thing(f"{service}:{typed['type']}", typed["name"], arn) if typed else Thing(service, resource, arn)


class Move(StrEnum):
    """What to do next with something that has to go."""

    STOP = "stop"
    WAIT = "wait"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Kind:
    """How boto3 speaks of a kind of SageMaker's: `describe_<noun>` and `delete_<noun>` by `argument`."""

    noun: str
    argument: str
    status: str | None = None
    """The key of the status in what `describe` answers; None: it is there or it is not."""
    stops: bool = False
    logs: str | None = None
    """The log group its log streams lie in, which it shares with everybody's."""


KINDS = {
    "sagemaker:hyper-parameter-tuning-job": Kind(
        "hyper_parameter_tuning_job", "HyperParameterTuningJobName", "HyperParameterTuningJobStatus", stops=True
    ),
    "sagemaker:training-job": Kind(
        "training_job", "TrainingJobName", "TrainingJobStatus", stops=True, logs=log_groups.TRAINING
    ),
    "sagemaker:processing-job": Kind(
        "processing_job", "ProcessingJobName", "ProcessingJobStatus", stops=True, logs=log_groups.PROCESSING
    ),
    "sagemaker:endpoint": Kind("endpoint", "EndpointName", "EndpointStatus"),
    "sagemaker:endpoint-config": Kind("endpoint_config", "EndpointConfigName"),
    "sagemaker:model": Kind("model", "ModelName"),
    "sagemaker:model-package-group": Kind("model_package_group", "ModelPackageGroupName"),
}
"""The kinds the relay makes that have a description to go by."""

ALARM = "cloudwatch:alarm"
PHASES = (
    (
        "sagemaker:endpoint",
        "sagemaker:hyper-parameter-tuning-job",
        "sagemaker:training-job",
        "sagemaker:processing-job",
    ),
    ("sagemaker:endpoint-config", "sagemaker:model", "sagemaker:model-package-group", ALARM),
)
"""What costs money first; a configuration must not go while its endpoint serves with it."""

_IN_FLIGHT = {"InProgress"}
_CHANGING = {"Creating", "Updating", "SystemUpdating", "RollingBack", "Stopping", "Deleting"}


def next_move(kind: Kind, status: str | None) -> Move:
    """What to do with a thing in this status.

    >>> job, endpoint = KINDS["sagemaker:training-job"], KINDS["sagemaker:endpoint"]
    >>> [str(next_move(job, status)) for status in ("InProgress", "Stopping", "Failed")]
    ['stop', 'wait', 'delete']
    >>> [str(next_move(endpoint, status)) for status in ("Creating", "InService")]
    ['wait', 'delete']
    """
    if kind.stops and status in _IN_FLIGHT:
        return Move.STOP
    return Move.WAIT if status in _CHANGING else Move.DELETE


def counted(things: Iterable[Thing]) -> str:
    """How many of each kind, in words.

    >>> counted([Thing("sagemaker:model", "a", ""), Thing("sagemaker:model", "b", ""), Thing("s3", "c", "")])
    '1 s3, 2 sagemaker:model'
    """
    kinds = [one.kind for one in things]
    return ", ".join(f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds)))
