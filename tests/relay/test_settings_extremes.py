"""Every number of relay.yaml at its ends, in every request it gets into: what AWS would take, and no more.

botocore's model has the least and the most of many members; what only AWS's documentation tells stands here as a table,
with its source.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Any, get_args

import pytest
import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from chalicelib import requests
from chalicelib.names import CheckKeys, Kind, Step
from chalicelib.records.run import Stage
from chalicelib.requests import Call, processing, scaling
from chalicelib.requests.processing import CheckRequest
from chalicelib.settings import instance_types, machines
from chalicelib.settings.dataset import DatasetSettings
from chalicelib.settings.relay_yaml import read_settings
from local.sagemaker import training_requests, trials
from local.wire.shapes import service_model, validated
from tests.records.test_news import nested
from tests.relay.builders import DEPLOYMENT, LIVE, NOW, run

STEPS = {
    Step.PREPARE: Stage.PREPARING,
    Step.TUNE: Stage.TUNING,
    Step.TRAIN: Stage.TRAINING,
    Step.CANDIDATE: Stage.DEPLOYING,
    Step.EVALUATE: Stage.EVALUATING,
    Step.LIVE: Stage.PROMOTING,
}
ENDLESS = {
    "gate.minimum": "any value of any metric",
    "gate.max_loss": "never sent",
    "monitoring.max_loss": "never sent",
}
"""Numbers without two ends: they get into no request."""
DAY = 24 * 60 * 60
DOCUMENTED = {
    # Amazon SageMaker API reference, StoppingCondition: "The maximum value is 28 days."
    ("StoppingCondition", "MaxRuntimeInSeconds"): (1, 28 * DAY),
    # ProcessingStoppingCondition: 1 to 777,600 seconds.
    ("ProcessingStoppingCondition", "MaxRuntimeInSeconds"): (1, 777_600),
    # "Resource Limits for Automatic Model Tuning": 750 trainings, 100 of them at once at most, 30 days.
    ("ResourceLimits", "MaxNumberOfTrainingJobs"): (1, 750),
    ("ResourceLimits", "MaxParallelTrainingJobs"): (1, 100),
    ("ResourceLimits", "MaxRuntimeInSeconds"): (120, 30 * DAY),
    # ResourceConfig and ProcessingClusterConfig: VolumeSizeInGB.
    ("ResourceConfig", "VolumeSizeInGB"): (1, 16_384),
    ("ClusterConfig", "VolumeSizeInGB"): (1, 16_384),
    # DataCaptureConfig: a percentage.
    ("DataCaptureConfig", "InitialSamplingPercentage"): (0, 100),
}


def numbers(section: type[BaseModel], path: str = "") -> Iterator[tuple[str, FieldInfo]]:
    for name, field in section.model_fields.items():
        kinds = _kinds(field.annotation)
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from numbers(kind, f"{path}{name}.")
        if kinds & {int, float}:
            yield f"{path}{name}", field


def _kinds(annotation: Any) -> set[Any]:
    return set(get_args(annotation)) if isinstance(annotation, types.UnionType) else {annotation}


def ends(field: FieldInfo) -> list[Any]:
    """The least and the most, as far as there are such."""
    found = []
    for bound in field.metadata:
        for name, step in (("ge", 0), ("le", 0), ("gt", 1e-9), ("lt", -1e-9)):
            if getattr(bound, name, None) is not None:
                found.append(getattr(bound, name) + step)
    return found


FIELDS = dict(numbers(DatasetSettings))
CASES = [(path, end) for path, field in FIELDS.items() for end in ends(field)]


def chosen(path: str, value: Any) -> dict[str, Any]:
    if path.startswith("decision.costs."):
        costs = {"false_positive": 1, "false_negative": 1, path.rpartition(".")[2]: value}
        return {"algorithm": "auto", "decision": {"optimize": "cost", "costs": costs}}
    if path.startswith("endpoint.scaling."):
        name = path.rpartition(".")[2]
        bounds = {"min": 1, "max": 100, "invocations_per_minute": 60, name: value}
        return {"endpoint": {"mode": "realtime", "scaling": bounds}}
    name, settings = path.rpartition(".")[2], nested(path, value)
    if path == "instances.max_runtime_minutes":
        settings["spot"] = {"enabled": True, "max_wait_minutes": 14_400}
    if path == "spot.max_wait_minutes":
        settings = {"spot": {"enabled": True, name: value}, "instances": {"max_runtime_minutes": 1}}
    return settings


def calls(settings: Any) -> Iterator[Call]:
    """Everything that is asked of SageMaker under these settings."""
    for step, stage in STEPS.items():
        yield from requests.start(step, 1, run(stage, settings=settings, live=LIVE), DEPLOYMENT)
    monitoring = settings["monitoring"]
    for kind, make in (
        (Kind.DRIFT, processing.drift),
        (Kind.QUALITY, processing.quality),
        (Kind.TEST, processing.test),
        (Kind.SCORE, processing.score),
    ):
        check = CheckRequest(
            CheckKeys("churn", kind, 1, NOW),
            model="churn-1a2b3c4d",
            artifact=f"s3://{DEPLOYMENT.bucket}/model.tar.gz",
            previous=None,
            instance=monitoring["instance"],
            volume_gb=monitoring["volume_gb"],
            result="predictions/churn/0a1b2c3d4e5f",
            capture="capture/sagerelay-churn/AllTraffic",
        )
        yield Call("create_processing_job", make(check, DEPLOYMENT, 1))


def members(value: Any, inside: str = "") -> Iterator[tuple[str, str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            kind = (
                "ProcessingStoppingCondition"
                if "ProcessingResources" in value and name == "StoppingCondition"
                else name
            )
            yield inside, name, inner
            yield from members(inner, kind)
    elif isinstance(value, list):
        for inner in value:
            yield from members(inner, inside)


def test_every_number_has_two_ends_or_gets_nowhere() -> None:
    assert len(FIELDS) >= 25
    assert {path for path, field in FIELDS.items() if len(ends(field)) < 2} - {"tuning.ranges"} == set(ENDLESS)


@pytest.mark.parametrize(("path", "end"), CASES)
def test_aws_takes_what_is_asked_under_every_extreme(path: str, end: Any) -> None:
    settings: Any = machines.chosen(read_settings(yaml.safe_dump(chosen(path, end))).as_stored(), 1e9)
    for call in calls(settings):
        operation = "".join(word.capitalize() for word in call.operation.split("_"))
        validated("sagemaker", operation, call.arguments)
        if call.operation == "create_hyper_parameter_tuning_job":
            trials.check(call.arguments, DEPLOYMENT.region)
        if call.operation == "create_training_job":
            training_requests.check(call.arguments, DEPLOYMENT.region)
        for inside, name, value in members(call.arguments):
            if limits := DOCUMENTED.get((inside, name)):
                assert limits[0] <= value <= limits[1], f"{call.operation}: {inside}.{name} is {value}"
    if asked := run(settings=settings).scaling:
        validated("application-autoscaling", "RegisterScalableTarget", scaling.target("sagerelay-churn", asked))
        validated("application-autoscaling", "PutScalingPolicy", scaling.policy("sagerelay-churn", asked))


@pytest.mark.parametrize("minutes", [1, 43_201])
def test_a_tuning_shorter_or_longer_than_sagemaker_takes_is_refused(minutes: int) -> None:
    """ResourceLimits.MaxRuntimeInSeconds has a least of 120; it was found out after the preparation was paid."""
    with pytest.raises(ValueError, match="max_runtime_minutes"):
        DatasetSettings.model_validate({"tuning": {"max_runtime_minutes": minutes}})


def test_the_table_is_about_what_is_sent() -> None:
    sent = {
        (inside, name)
        for call in calls(machines.chosen(DatasetSettings().as_stored(), 1e9))
        for inside, name, _ in members(call.arguments)
    }
    assert set(DOCUMENTED) <= sent


MACHINES = {
    "instances.prepare": (instance_types.PROCESSING, "ProcessingInstanceType"),
    "instances.train": (instance_types.TRAINING, "TrainingInstanceType"),
    "instances.evaluate": (instance_types.PROCESSING, "ProcessingInstanceType"),
    "monitoring.instance": (instance_types.PROCESSING, "ProcessingInstanceType"),
    "endpoint.instance": (instance_types.ENDPOINTS, "ProductionVariantInstanceType"),
}


@pytest.mark.parametrize("path", MACHINES)
def test_every_machine_is_one_that_sagemaker_has_for_the_work(path: str) -> None:
    table, shape = MACHINES[path]
    known = set(service_model("sagemaker").shape_for(shape).enum)
    assert {f"ml.{family}.{size}" for family, sizes in table.items() for size in sizes} == known
    everywhere = set().union(*(set(service_model("sagemaker").shape_for(one).enum) for _, one in MACHINES.values()))
    section, name = path.split(".")
    for instance in sorted(everywhere | {"ml.m5.9xlarge"}):
        if instance in known:
            DatasetSettings.model_validate({section: {name: instance}})
            continue
        with pytest.raises(ValueError, match="SageMaker has"):
            DatasetSettings.model_validate({section: {name: instance}})
    DatasetSettings.model_validate({section: {name: "ml.z99.large"}})  # newer than the tables, perhaps
