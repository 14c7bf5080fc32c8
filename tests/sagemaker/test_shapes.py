"""Requests are refused for what SageMaker would refuse, in its words."""

import json
from typing import Any

import pytest
from botocore.model import Shape

from local.sagemaker import SageMaker
from local.wire.errors import ApiError
from local.wire.shapes import compiled, service_model, validated
from tests.sagemaker import requests


def refusal(operation: str, request: dict[str, Any]) -> str:
    with pytest.raises(ApiError) as caught:
        validated("sagemaker", operation, request)
    assert caught.value.code == "ValidationException"
    return caught.value.message


def test_a_good_request_comes_back_as_it_went_in() -> None:
    request = requests.training("churn-1a2b3c4d-train-1")
    assert validated("sagemaker", "CreateTrainingJob", request) == request


def test_a_bad_name_is_refused_with_its_pattern() -> None:
    message = refusal("CreateTrainingJob", requests.training("under_score"))
    assert message.startswith(
        "1 validation error detected: Value 'under_score' at 'trainingJobName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [a-zA-Z0-9]"
    )


def test_a_tuning_name_of_33_characters_is_too_long() -> None:
    message = refusal("CreateHyperParameterTuningJob", requests.tuning("a" * 33))
    assert (
        "'hyperParameterTuningJobName' failed to satisfy constraint: Member must have length less than or equal to 32"
        in message
    )


def test_an_unknown_enum_value_names_the_allowed_ones() -> None:
    request = requests.tuning("t", Strategy="Genetic")
    message = refusal("CreateHyperParameterTuningJob", request)
    assert "'hyperParameterTuningJobConfig.strategy'" in message
    assert "enum value set: [Bayesian, Random, Hyperband, Grid]" in message


def test_a_number_out_of_bounds_and_a_place_in_a_list() -> None:
    request = requests.training("t", StoppingCondition={"MaxRuntimeInSeconds": 0})
    request["InputDataConfig"][1]["ChannelName"] = "a b"
    message = refusal("CreateTrainingJob", request)
    assert message.startswith("2 validation errors detected")
    assert "Value '0' at 'stoppingCondition.maxRuntimeInSeconds'" in message
    assert "at 'inputDataConfig.2.member.channelName'" in message


def test_an_unknown_member_and_a_missing_one_are_named() -> None:
    request = requests.training("t") | {"Colour": "red"}
    assert 'Unknown parameter in input: "Colour"' in refusal("CreateTrainingJob", request)
    assert 'Missing required parameter in input: "TrainingJobName"' in refusal("DescribeTrainingJob", {})


def test_tags_may_hold_letters_of_any_script_but_no_angle_brackets() -> None:
    tags = [{"Key": "sagerelay:dataset", "Value": "Übung 数据"}]
    assert validated("sagemaker", "CreateTrainingJob", requests.training("t", Tags=tags))
    assert "Member must satisfy regular" in refusal(
        "CreateTrainingJob", requests.training("t", Tags=[{"Key": "<b>", "Value": ""}])
    )


def test_every_pattern_of_every_operation_here_is_one_python_understands() -> None:
    seen: set[str] = set()

    def walk(shape: Shape) -> None:
        if shape.name in seen:
            return
        seen.add(shape.name)
        if "pattern" in shape.metadata:
            compiled(shape.metadata["pattern"])
        for member in getattr(shape, "members", {}).values() if shape.type_name == "structure" else []:
            walk(member)
        for part in ("member", "key", "value"):
            if shape.type_name in {"list", "map"} and hasattr(shape, part):
                walk(getattr(shape, part))

    for operation in SageMaker.OPERATIONS:
        walk(service_model("sagemaker").operation_model(operation).input_shape)
    assert len(seen) > 300


def test_every_operation_is_one_of_sagemakers() -> None:
    assert set(service_model("sagemaker").operation_names) >= SageMaker.OPERATIONS


def test_what_is_no_role_is_refused() -> None:
    for role in ("", "me", "arn:aws:iam::12:role/x", json.dumps({})):
        assert "roleArn" in refusal("CreateTrainingJob", requests.training("t", RoleArn=role))
