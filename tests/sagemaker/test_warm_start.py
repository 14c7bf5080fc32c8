"""The restrictions of warm starts, as AWS's page has them, on plain descriptions."""

from __future__ import annotations

from typing import Any

import pytest

from local.containers.xgboost.hyperparameters import KINDS
from local.containers.xgboost.objectives import UNLISTED
from local.sagemaker.trials import check as check_tuning
from local.sagemaker.warm_start import check
from local.wire.errors import ApiError
from tests.sagemaker import requests

NUMBERS = dict.fromkeys(("gamma", "lambda", "alpha", "min_child_weight", "max_delta_step", "subsample"), "1")
NUMBERS |= dict.fromkeys(("max_leaves", "max_bin", "verbosity", "nthread", "num_parallel_tree"), "2")
RANGES = {"ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5"}]}
WORDS = {"CategoricalParameterRanges": [{"Name": "booster", "Values": ["gbtree", "dart", "gblinear"]}]}


def tuning(static: dict[str, str], ranges: dict[str, Any] | None = None) -> dict[str, Any]:
    request = requests.tuning("t", ranges=ranges or RANGES)
    request["TrainingJobDefinition"]["StaticHyperParameters"] = static
    return request | {"HyperParameterTuningJobStatus": "Completed"}


def changed(count: int) -> dict[str, str]:
    return NUMBERS | dict.fromkeys(list(NUMBERS)[:count], "0.5")


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (tuning(NUMBERS), tuning(NUMBERS)),
        (tuning(NUMBERS), tuning(changed(10))),
        (tuning(NUMBERS | {"booster": "dart"}), tuning(changed(8) | {"booster": "gbtree"})),
        (tuning(NUMBERS | {"booster": "dart"}, RANGES), tuning(NUMBERS | {"eta": "0.1"}, WORDS)),
        (tuning(NUMBERS | {"eta": "0.1"}, WORDS), tuning(changed(7) | {"booster": "dart"})),
    ],
)
def test_these_are_taken(before: dict[str, Any], now: dict[str, Any]) -> None:
    check("parent", before, now, KINDS)


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        (tuning(NUMBERS), tuning(changed(11)), "11 changes"),
        (tuning(NUMBERS | {"booster": "dart"}), tuning(changed(9) | {"booster": "gbtree"}), "11 changes"),
        (tuning(NUMBERS | {"eta": "0.1"}, WORDS), tuning(changed(8) | {"booster": "dart"}), "11 changes"),
        (tuning(NUMBERS), tuning(NUMBERS | {"booster": "dart"}), "are not those of the new one"),
        (
            tuning({}, {"CategoricalParameterRanges": [{"Name": "eta", "Values": ["0.1", "0.2"]}]}),
            tuning({}),
            r"type of the hyperparameter \[eta\]",
        ),
        (tuning(NUMBERS) | {"HyperParameterTuningJobStatus": "InProgress"}, tuning(NUMBERS), "has not ended"),
    ],
)
def test_these_are_refused(before: dict[str, Any], now: dict[str, Any], words: str) -> None:
    with pytest.raises(ApiError, match=words) as refused:
        check("parent", before, now, KINDS)
    assert refused.value.code == "ValidationException"


def test_objectives_that_are_not_listed_can_be_refused() -> None:
    aucpr = {"Type": "Maximize", "MetricName": "validation:aucpr"}
    request = requests.tuning("t", HyperParameterTuningJobObjective=aucpr)
    check_tuning(request, requests.REGION)
    with pytest.raises(ApiError, match="not one of the algorithm's"):
        check_tuning(request, requests.REGION, UNLISTED)
    check_tuning(requests.tuning("t"), requests.REGION, UNLISTED)
    assert len(UNLISTED) == 33 - 12
