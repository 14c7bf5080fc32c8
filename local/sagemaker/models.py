"""Models and endpoint configurations: declarations that run nothing, checked as strictly as what will run from them."""

from typing import Any

from local.sagemaker import images, serverless
from local.sagemaker.machine import Machine
from local.sagemaker.objects import Objects
from local.sagemaker.resource_registry import Kind, now
from local.wire.errors import ApiError


class Models:
    """Creates and deletes models and endpoint configurations."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._registry = machine.registry

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreateModel."""
        name = request["ModelName"]
        arn = self._registry.arn(Kind.MODEL, name)
        objects = self._machine.assumed(_role(request)).objects
        for container in containers(request):
            self._check(container, objects)
        detail = {key: value for key, value in request.items() if key != "Tags"} | {
            "ModelArn": arn,
            "CreationTime": now(),
        }
        taken = ApiError("ValidationException", f'Cannot create already existing model "{arn}".')
        self._registry.add(Kind.MODEL, name, detail, taken=taken, tags=request.get("Tags"))
        return {"ModelArn": arn}

    def _check(self, container: dict[str, Any], objects: Objects) -> None:
        if "Image" not in container or "ModelDataUrl" not in container:
            raise ApiError(
                "ValidationException", "Every container needs an Image and a ModelDataUrl in the embedded cloud."
            )
        images.require_algorithm(container["Image"], self._registry.region, self._machine.offered)
        if not objects.exists(container["ModelDataUrl"]):
            raise ApiError("ValidationException", f"Could not find model data at {container['ModelDataUrl']}.")

    def delete(self, request: dict[str, Any]) -> dict[str, Any]:
        """DeleteModel."""
        record = self._registry.find(Kind.MODEL, request["ModelName"])
        if record is None:
            arn = self._registry.arn(Kind.MODEL, request["ModelName"])
            raise ApiError("ValidationException", f'Could not find model "{arn}".')
        self._registry.remove(record)
        return {}

    def create_config(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreateEndpointConfig."""
        name = request["EndpointConfigName"]
        arn = self._registry.arn(Kind.CONFIG, name)
        if len(request["ProductionVariants"]) != 1:
            raise ApiError("ValidationException", "The embedded cloud serves one production variant per endpoint.")
        variant = request["ProductionVariants"][0]
        if "ModelName" not in variant:
            raise ApiError(
                "ValidationException", "The variant needs a ModelName; inference components are not supported here."
            )
        model = self._registry.find(Kind.MODEL, variant["ModelName"])
        if model is None:
            missing = self._registry.arn(Kind.MODEL, variant["ModelName"])
            raise ApiError("ValidationException", f'Could not find model "{missing}".')
        if "ServerlessConfig" in variant:
            count, inside = len(containers(model.detail)), "VpcConfig" in model.detail
            serverless.check_config(request, self._machine.serverless, count, in_a_vpc=inside)
        if "ServerlessConfig" not in variant and (
            "InstanceType" not in variant or "InitialInstanceCount" not in variant
        ):
            raise ApiError(
                "ValidationException", "The variant needs InstanceType and InitialInstanceCount, or ServerlessConfig."
            )
        if "AsyncInferenceConfig" in request:
            raise ApiError("ValidationException", "The embedded cloud has no asynchronous inference.")
        detail = {key: value for key, value in request.items() if key != "Tags"} | {
            "EndpointConfigArn": arn,
            "CreationTime": now(),
        }
        taken = ApiError("ValidationException", f'Cannot create already existing endpoint configuration "{arn}".')
        self._registry.add(Kind.CONFIG, name, detail, taken=taken, tags=request.get("Tags"))
        return {"EndpointConfigArn": arn}

    def delete_config(self, request: dict[str, Any]) -> dict[str, Any]:
        """DeleteEndpointConfig."""
        record = self._registry.find(Kind.CONFIG, request["EndpointConfigName"])
        if record is None:
            arn = self._registry.arn(Kind.CONFIG, request["EndpointConfigName"])
            raise ApiError("ValidationException", f'Could not find endpoint configuration "{arn}".')
        self._registry.remove(record)
        return {}


def _role(request: dict[str, Any]) -> str:
    if "ExecutionRoleArn" not in request:
        raise ApiError("ValidationException", "The model needs an ExecutionRoleArn, with which its data is read.")
    return str(request["ExecutionRoleArn"])


def containers(model: dict[str, Any]) -> list[dict[str, Any]]:
    """The containers of a model in order, one or a pipeline. Raises ApiError when it has both forms or none."""
    pipeline: list[dict[str, Any]] = model.get("Containers", [])
    if bool(pipeline) == ("PrimaryContainer" in model):
        raise ApiError("ValidationException", "Give either PrimaryContainer or Containers.")
    return pipeline or [model["PrimaryContainer"]]


def from_before_installation(saved: dict[str, Any]) -> dict[str, Any]:
    """A record of a cloud whose containers installed nothing: what served there goes on to serve here.

    An endpoint keeps the model that it serves, which may be deleted meanwhile.
    """
    if saved["kind"] == Kind.MODEL:
        return {**saved, "detail": _offline_model(saved["detail"])}
    hidden = saved.get("hidden", {})
    if saved["kind"] == Kind.ENDPOINT and "model" in hidden:
        return {**saved, "hidden": {**hidden, "model": _offline_model(hidden["model"])}}
    return saved


def _offline_model(model: dict[str, Any]) -> dict[str, Any]:
    offline = dict(model)
    for member in ("Containers", "PrimaryContainer"):
        if member in model:
            given = model[member]
            offline[member] = [_offline(one) for one in given] if isinstance(given, list) else _offline(given)
    return offline


def _offline(container: dict[str, Any]) -> dict[str, Any]:
    environment = container.get("Environment", {})
    if "SAGEMAKER_PROGRAM" not in environment:
        return container
    return {**container, "Environment": {"PIP_NO_BUILD_ISOLATION": "0", **environment}}
