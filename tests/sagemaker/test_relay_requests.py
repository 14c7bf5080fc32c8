"""Every request the relay makes, as its golden files hold it, is one this SageMaker takes."""

import json
from pathlib import Path
from typing import Any

import pytest

from local.sagemaker import trials
from local.sagemaker.training_requests import check
from local.wire.errors import ApiError
from local.wire.shapes import validated

GOLDEN = sorted((Path(__file__).parents[1] / "relay" / "golden").glob("*.json"))
REGION = "eu-west-1"


def judge(operation: str, request: dict[str, Any]) -> None:
    validated("sagemaker", operation, request)
    if operation == "CreateTrainingJob":
        check(request, REGION)
    if operation == "CreateHyperParameterTuningJob":
        trials.check(request, REGION)


def calls(path: Path) -> list[tuple[str, dict[str, Any]]]:
    return [
        ("".join(map(str.title, call["operation"].split("_"))), call["arguments"])
        for call in json.loads(path.read_text())
    ]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_it_is_taken(path: Path) -> None:
    for operation, request in calls(path):
        judge(operation.replace("Hyperparameter", "HyperParameter"), request)


def test_all_kinds_are_there() -> None:
    assert {"prepare", "tune", "train", "deploy", "evaluate", "register"} <= {path.stem for path in GOLDEN}


def test_a_golden_request_gone_wrong_is_not_taken() -> None:
    (operation, request), *_ = calls(next(path for path in GOLDEN if path.stem == "tune"))
    request["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]["Type"] = "Minimize"
    with pytest.raises(ApiError, match="not one of the algorithm's"):
        judge(operation, request)
