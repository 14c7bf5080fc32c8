"""An account with SageRelay in it: the packaged functions under awslambdaric, and EventBridge by the packaged rules.

A function's process is started by its first event. What SageMaker and S3 send is put into the shape of the recorded
envelope of its kind before it is matched and delivered: the recording's fields and oddities, our names and states.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from moto.events.models import EventPattern

from local import stack
from local.events.envelopes import scheduled
from local.permissions.template import Resolver
from tests.lambda_runtime.execution import TIMEOUT, Environment, Place
from tests.lambda_runtime.installed import Function
from tests.lambda_runtime.runtime_api import Outcome
from tests.requests.surroundings import Surroundings
from tests.scale.canned import CannedWork

RECORDED = Path(__file__).parents[1] / "relay" / "envelopes"
_OWN = {
    "Object Created": ("s3_eventbridge_object_created_doc", ("bucket", "object")),
    "SageMaker Processing Job State Change": (
        "sagemaker_processing_job_failed_doc",
        ("ProcessingJobName", "ProcessingJobStatus", "RoleArn"),
    ),
    "SageMaker HyperParameter Tuning Job State Change": (
        "sagemaker_tuning_job_mlspace",
        ("HyperParameterTuningJobName", "HyperParameterTuningJobStatus"),
    ),
    "SageMaker Training Job State Change": (
        "sagemaker_training_job_doc",
        ("TrainingJobName", "TrainingJobStatus", "TuningJobArn", "RoleArn"),
    ),
    "SageMaker Endpoint State Change": (
        "sagemaker_endpoint_in_service_mlspace",
        ("EndpointName", "EndpointStatus"),
    ),
    "SageMaker Model Package State Change": (
        "sagemaker_model_package_doc",
        ("ModelPackageGroupName", "ModelPackageArn", "ModelApprovalStatus", "CustomerMetadataProperties"),
    ),
}
"""The recording of each kind of event, and what of an event is its own."""


class Account(Surroundings):
    """AWS with the functions of a package. `woken` lists the handlers that were given an event, in order."""

    def __init__(self, directory: Path, place: Place, functions: dict[str, Function]) -> None:
        super().__init__(directory / "sagemaker", CannedWork())
        self.place, self.functions = place, functions
        self.woken: list[str] = []
        self._logs = directory
        self._running: dict[str, Environment] = {}
        self._ending = contextlib.ExitStack()
        self.resolver = self._resolver()

    def __enter__(self) -> Self:
        super().__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._ending.close()
        super().__exit__(*error)

    def environment_of(self, handler: str) -> Environment:
        """The function's execution environment; a new one when it has none yet."""
        if handler not in self._running:
            function = self.functions[handler]
            started = Environment(self.place, function, self.variables(function), self._logs)
            self._running[handler] = self._ending.enter_context(started)
        return self._running[handler]

    def variables(self, function: Function) -> dict[str, str]:
        """The template's variables as the stack would fill them in, and the one that says where AWS is."""
        return {**self.resolver.resolve(function.environment), "AWS_ENDPOINT_URL": self.address}

    def invoke(self, handler: str, event: Any) -> Outcome:
        self.woken.append(handler)
        return self.environment_of(handler).invoke(event)

    def deliver(self, event: dict[str, Any]) -> list[str]:
        """Wake every function whose rule matches, and insist that each ends well; gives their handlers."""
        recorded = as_recorded(event)
        handlers = self.matching(recorded)
        for handler in handlers:
            outcome = self.invoke(handler, recorded)
            log = self.environment_of(handler).log
            assert (outcome.kind, outcome.document) == ("response", None), f"{handler}: {outcome}\n{log}"
        return handlers

    def matching(self, event: dict[str, Any]) -> list[str]:
        return [
            handler
            for handler, function in self.functions.items()
            for pattern in function.patterns
            if EventPattern.load(json.dumps(self.resolver.resolve(pattern))).matches_event(event)  # type: ignore[arg-type] # moto names the keys of a whole event
        ]

    def sweep(self) -> Outcome:
        """What the schedule does."""
        (handler,) = (handler for handler, function in self.functions.items() if function.schedule)
        return self.invoke(handler, scheduled("sweep", account=stack.ACCOUNT, region=stack.REGION))

    def until(self, is_so: Callable[[], object]) -> None:
        """Deliver what happens, in order, until it is so."""
        while not is_so():
            self.deliver(self.envelopes.get(timeout=TIMEOUT))

    def _resolver(self) -> Resolver:
        """What the stack's names stand for; it is in the commercial partition, and has neither key nor network."""
        given = self.environment
        values = {
            "AWS::Region": stack.REGION,
            "AWS::AccountId": stack.ACCOUNT,
            "AWS::Partition": "aws",
            "AWS::StackName": given["SAGERELAY_PREFIX"],
            "Bucket": given["SAGERELAY_BUCKET"],
            "Table": given["SAGERELAY_TABLE"],
            "Topic": given["SAGERELAY_TOPIC_ARN"],
            "CodePrefix": given["SAGERELAY_CODE"],
            "KmsKeyArn": "",
            "SubnetIds": "",
            "SecurityGroupIds": "",
            "CostsAbove": "10",
            "OwnCode": "",
            "AWS::StackId": f"arn:aws:cloudformation:{stack.REGION}:{stack.ACCOUNT}:stack/sagerelay/0a1b2c3d-4e5f",
        }
        attributes = {"SageMakerRole.Arn": given["SAGERELAY_ROLE_ARN"]}
        return Resolver(values, attributes, {"InCommercial": True})


def as_recorded(event: dict[str, Any]) -> dict[str, Any]:
    """An event in the shape that was recorded for its kind."""
    if event["detail-type"] not in _OWN:
        return event
    name, own = _OWN[event["detail-type"]]
    recording = json.loads((RECORDED / f"{name}.json").read_text())
    detail = {field: event["detail"][field] for field in own if field in event["detail"]}
    envelope = {key: event[key] for key in ("id", "account", "region", "resources")}
    return {**recording, **envelope, "detail": {**recording["detail"], **detail}}
