"""What may be tuned of the built-in XGBoost, against the metadata that AWS's own source makes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from local.containers import linear_learner
from local.containers.kinds import Interval
from local.containers.xgboost import STAND_IN
from local.containers.xgboost.hyperparameters import KINDS, TUNABLE
from local.containers.xgboost.objectives import OBJECTIVES
from local.sagemaker.built_in import check, kind_of
from local.wire.errors import ApiError

KNOWN = STAND_IN.metadata()
METADATA = json.loads((Path(__file__).parents[1] / "containers" / "aws" / "metadata.json").read_text())
REGISTERED = {one["Name"]: one for one in METADATA["SupportedHyperParameters"]}
STATIC = {"num_round": "10", "objective": "binary:logistic"}
ETA = {"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5"}
DEPTH = {"Name": "max_depth", "MinValue": "2", "MaxValue": "9"}


def test_the_stand_in_knows_what_is_registered() -> None:
    assert set(KINDS) == set(REGISTERED)
    assert {name for name, one in REGISTERED.items() if one["IsTunable"]} == TUNABLE
    assert {name: kind_of(KINDS[name]) for name in KINDS} == {name: one["Type"] for name, one in REGISTERED.items()}
    tuned_for = {one["MetricName"]: one["Type"] for one in METADATA["SupportedTuningJobObjectiveMetrics"]}
    assert tuned_for == OBJECTIVES


@pytest.mark.parametrize("name", [name for name in KINDS if kind_of(KINDS[name]) in {"Integer", "Continuous"}])
def test_it_has_the_registered_ranges(name: str) -> None:
    allowed = KINDS[name].allowed
    assert isinstance(allowed, Interval)
    registered = REGISTERED[name]["Range"][f"{kind_of(KINDS[name])}ParameterRangeSpecification"]
    assert allowed.low in {float(registered["MinValue"]), float("-inf")}
    assert allowed.high == float(registered["MaxValue"]) or allowed.high == float("inf")


@pytest.mark.parametrize("name", [name for name in KINDS if kind_of(KINDS[name]) == "Categorical"])
def test_it_has_the_registered_words(name: str) -> None:
    assert KINDS[name].allowed == REGISTERED[name]["Range"]["CategoricalParameterRangeSpecification"]["Values"]


@pytest.mark.parametrize(
    ("declared", "static", "words"),
    [
        ({"ContinuousParameterRanges": [{**ETA, "Name": "speed"}]}, {}, "[speed] is not supported"),
        ({"ContinuousParameterRanges": [{**ETA, "Name": "learning_rate"}]}, {}, "[learning_rate] is not supported"),
        ({"IntegerParameterRanges": [{**DEPTH, "Name": "max_leaves"}]}, {}, "[max_leaves] is not tunable"),
        ({"ContinuousParameterRanges": [{**ETA, "Name": "rate_drop"}]}, {}, "[rate_drop] is not tunable"),
        ({"CategoricalParameterRanges": [{"Name": "tree_method", "Values": ["hist", "exact"]}]}, {}, "not tunable"),
        ({"CategoricalParameterRanges": [{"Name": "eta", "Values": ["0.1", "1.5"]}]}, {}, "[eta] is not one"),
        ({"CategoricalParameterRanges": [{"Name": "eta", "Values": ["0.1", "fast"]}]}, {}, "[eta] is not one"),
        ({"CategoricalParameterRanges": [{"Name": "max_depth", "Values": ["3", "5.5"]}]}, {}, "[max_depth] is not one"),
        ({"CategoricalParameterRanges": [{"Name": "max_depth", "Values": ["3", "-1"]}]}, {}, "[max_depth] is not one"),
        ({"CategoricalParameterRanges": [{"Name": "max_depth", "Values": ["3", "3"]}]}, {}, "not all different"),
        ({"CategoricalParameterRanges": [{"Name": "max_bin", "Values": ["3", "5"]}]}, {}, "[max_bin] is not tunable"),
        ({"ContinuousParameterRanges": [{**ETA, "Name": "max_depth"}]}, {}, "[max_depth] is Integer"),
        ({"IntegerParameterRanges": [{**DEPTH, "Name": "gamma"}]}, {}, "[gamma] is Continuous"),
        ({"ContinuousParameterRanges": [{**ETA, "MaxValue": "1.5"}]}, {}, "range of the hyperparameter [eta] exceeds"),
        ({"IntegerParameterRanges": [{**DEPTH, "MinValue": "-1"}]}, {}, "range of the hyperparameter [max_depth]"),
        ({"IntegerParameterRanges": [DEPTH]}, {"colour": "red"}, "[colour] is not supported"),
        ({"IntegerParameterRanges": [DEPTH]}, {"booster": "forest"}, "value of the hyperparameter [booster]"),
        ({"IntegerParameterRanges": [DEPTH]}, {"eta": "fast"}, "value of the hyperparameter [eta]"),
        ({"IntegerParameterRanges": [DEPTH]}, {"num_round": "1.5"}, "value of the hyperparameter [num_round]"),
    ],
)
def test_what_the_algorithm_does_not_have_is_refused(
    declared: dict[str, Any], static: dict[str, str], words: str
) -> None:
    with pytest.raises(ApiError) as refused:
        check(KNOWN, declared, STATIC | static, 4)
    assert words in str(refused.value)
    assert refused.value.code == "ValidationException"


@pytest.mark.parametrize(("name", "values"), [("eta", ["0.1", "0.2"]), ("max_depth", ["3", "5", "7"])])
def test_a_list_for_a_number_is_taken_or_refused(name: str, values: list[str]) -> None:
    """Nobody has seen which of the two SageMaker does."""
    declared = {"CategoricalParameterRanges": [{"Name": name, "Values": values}]}
    check(KNOWN, declared, STATIC, len(values))
    with pytest.raises(ApiError, match="is given as Categorical"):
        check(KNOWN, declared, STATIC, len(values), lists=False)


def test_the_number_of_rounds_is_given_or_tuned() -> None:
    with pytest.raises(ApiError, match="num_round"):
        check(KNOWN, {"IntegerParameterRanges": [DEPTH]}, {}, 4)
    check(KNOWN, {"IntegerParameterRanges": [{**DEPTH, "Name": "num_round"}]}, {}, 4)


def test_there_are_no_more_trials_than_combinations() -> None:
    """In AWS's words: aws/amazon-sagemaker-operator-for-k8s, issue 123."""
    depth = {"IntegerParameterRanges": [DEPTH]}
    check(KNOWN, depth, STATIC, 8)
    with pytest.raises(ApiError, match="You don't have enough combinations"):
        check(KNOWN, depth, STATIC, 9)
    check(KNOWN, {**depth, "ContinuousParameterRanges": [ETA]}, STATIC, 750)


def test_an_end_that_is_open_for_the_container_alone_is_taken() -> None:
    check(KNOWN, {"ContinuousParameterRanges": [{"Name": "subsample", "MinValue": "0", "MaxValue": "1"}]}, STATIC, 9)


def test_what_is_for_the_containers_library_passes() -> None:
    script = {"sagemaker_program": "jobs.train", "sagemaker_submit_directory": "/opt/ml/input/data/code"}
    check(KNOWN, {"IntegerParameterRanges": [DEPTH]}, STATIC | script, 4)
    tuned = {"CategoricalParameterRanges": [{"Name": "sagemaker_program", "Values": ["a", "b"]}]}
    with pytest.raises(ApiError, match="not supported"):
        check(KNOWN, tuned, STATIC, 2)


# --- linear-learner, whose numbers may be words, and of which words are tuned

LINEAR = linear_learner.STAND_IN.metadata()
_STATIC = {"predictor_type": "regressor", "wd": "auto", "positive_example_weight_mult": "balanced"}


def test_a_word_may_stand_for_a_number_and_words_may_be_tuned() -> None:
    words = {"CategoricalParameterRanges": [{"Name": "use_bias", "Values": ["true", "false"]}]}
    numbers = {"ContinuousParameterRanges": [{"Name": "l1", "MinValue": "1e-7", "MaxValue": "1"}]}

    check(LINEAR, {**words, **numbers}, _STATIC, 2)


@pytest.mark.parametrize(
    ("name", "values", "why"),
    [
        ("use_bias", ["true", "maybe"], r"\[use_bias\] is not one the algorithm supports: maybe"),
        ("l1", ["auto", "0.1"], r"\[l1\] is not one the algorithm supports: auto"),
        ("epochs", ["1", "2"], r"\[epochs\] is not tunable"),
    ],
)
def test_what_cannot_be_tuned_is_refused(name: str, values: list[str], why: str) -> None:
    with pytest.raises(ApiError, match=why):
        check(LINEAR, {"CategoricalParameterRanges": [{"Name": name, "Values": values}]}, _STATIC, None)
