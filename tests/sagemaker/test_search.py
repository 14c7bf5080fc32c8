"""The search: what is tried, what is given up, when it is over."""

from typing import Any

import pytest

from local.sagemaker.search import Search, check_strategy, completion, lag, ranges, since_best
from local.wire.errors import ApiError

DEPTH = {"Name": "max_depth", "MinValue": "1", "MaxValue": "9"}
ETA = {"Name": "eta", "MinValue": "0.01", "MaxValue": "0.5", "ScalingType": "Logarithmic"}
BOOSTERS = {"Name": "booster", "Values": ["gbtree", "dart"]}
POLICIES = {"Name": "grow_policy", "Values": ["depthwise", "lossguide"]}


def search(declared: dict[str, Any], strategy: str = "Random", **config: Any) -> Search:
    whole = {
        "Strategy": strategy,
        "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "validation:auc"},
        "ResourceLimits": {"MaxNumberOfTrainingJobs": 20, "MaxParallelTrainingJobs": 2},
        "RandomSeed": 7,
    }
    return Search("t", whole | config, ranges(declared))


def test_suggestions_are_text_within_their_ranges() -> None:
    found = search(
        {
            "IntegerParameterRanges": [DEPTH],
            "ContinuousParameterRanges": [ETA],
            "CategoricalParameterRanges": [BOOSTERS],
        }
    )
    for _ in range(30):
        suggestion = found.ask()
        assert suggestion is not None
        values = suggestion.hyperparameters
        assert set(values) == {"max_depth", "eta", "booster"}
        assert 1 <= int(values["max_depth"]) <= 9
        assert 0.01 <= float(values["eta"]) <= 0.5
        assert values["booster"] in BOOSTERS["Values"]


@pytest.mark.parametrize("strategy", ["Random", "Bayesian"])
def test_the_same_seed_gives_the_same_trials(strategy: str) -> None:
    def run() -> list[dict[str, str]]:
        found = search({"IntegerParameterRanges": [DEPTH], "ContinuousParameterRanges": [ETA]}, strategy)
        asked = []
        for _ in range(12):
            suggestion = found.ask()
            assert suggestion is not None
            asked.append(suggestion.hyperparameters)
            found.tell(suggestion.number, float(suggestion.hyperparameters["eta"]))
        return asked

    assert run() == run()


def test_bayesian_search_moves_towards_what_is_good() -> None:
    found = search(
        {"ContinuousParameterRanges": [{"Name": "x", "MinValue": "0", "MaxValue": "1", "ScalingType": "Linear"}]},
        "Bayesian",
    )
    asked = []
    for _ in range(40):
        suggestion = found.ask()
        assert suggestion is not None
        x = float(suggestion.hyperparameters["x"])
        asked.append(x)
        found.tell(suggestion.number, -((x - 0.8) ** 2))
    assert sum(abs(x - 0.8) for x in asked[-10:]) / 10 < 0.15


def test_a_grid_is_every_combination_once() -> None:
    found = search({"CategoricalParameterRanges": [BOOSTERS, POLICIES]}, "Grid")
    asked = []
    while (suggestion := found.ask()) is not None:
        asked.append(tuple(suggestion.hyperparameters.values()))
        found.tell(suggestion.number, None)
    assert sorted(asked) == sorted((b, p) for b in BOOSTERS["Values"] for p in POLICIES["Values"])


def test_reverse_logarithmic_searches_near_the_upper_end() -> None:
    declared = {"Name": "subsample", "MinValue": "0.1", "MaxValue": "0.999", "ScalingType": "ReverseLogarithmic"}
    found = search({"ContinuousParameterRanges": [declared]})
    values = [float(s.hyperparameters["subsample"]) for s in (found.ask() for _ in range(200)) if s]
    assert all(0.1 <= value <= 0.999 for value in values)
    assert sum(value > 0.9 for value in values) > 100


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ({}, "At least one"),
        ({"IntegerParameterRanges": [{**DEPTH, "MinValue": "1.5"}]}, "max_depth must each be an integer"),
        ({"IntegerParameterRanges": [{**DEPTH, "MinValue": "10"}]}, "is empty"),
        ({"IntegerParameterRanges": [{**DEPTH, "MinValue": "9"}]}, "is empty"),
        (
            {"IntegerParameterRanges": [DEPTH], "ContinuousParameterRanges": [{**ETA, "Name": "max_depth"}]},
            "two ranges",
        ),
        ({"ContinuousParameterRanges": [{**ETA, "MinValue": "0"}]}, "above 0"),
        (
            {"ContinuousParameterRanges": [{**ETA, "MaxValue": "1.0", "ScalingType": "ReverseLogarithmic"}]},
            "0 <= x < 1",
        ),
    ],
)
def test_impossible_ranges_are_refused(declared: dict[str, Any], words: str) -> None:
    with pytest.raises(ApiError, match=words):
        ranges(declared)


def test_a_grid_beyond_the_limit_is_refused_at_once() -> None:
    values = [str(number) for number in range(30)]
    declared = [{"Name": f"h{number}", "Values": values} for number in range(12)]
    with pytest.raises(ApiError, match="limit of 750 training jobs"):
        check_strategy({"Strategy": "Grid"}, ranges({"CategoricalParameterRanges": declared}))


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"Strategy": "Grid", "ResourceLimits": {"MaxNumberOfTrainingJobs": 50}}, "2 combinations"),
        ({"Strategy": "Hyperband", "TrainingJobEarlyStoppingType": "Auto"}, "must be Off"),
        ({"Strategy": "Random", "StrategyConfig": {"HyperbandStrategyConfig": {"MinResource": 1}}}, "for Hyperband"),
        (
            {
                "Strategy": "Hyperband",
                "StrategyConfig": {"HyperbandStrategyConfig": {"MinResource": 9, "MaxResource": 3}},
            },
            "smaller",
        ),
    ],
)
def test_contradictory_strategies_are_refused(config: dict[str, Any], words: str) -> None:
    with pytest.raises(ApiError, match=words):
        check_strategy(config, ranges({"CategoricalParameterRanges": [BOOSTERS]}))


@pytest.mark.parametrize("strategy", ["Random", "Bayesian"])
def test_without_a_seed_the_configuration_is_one(strategy: str) -> None:
    def asked(generation: int = 0, **changes: Any) -> list[dict[str, str]]:
        config = {**search({"IntegerParameterRanges": [DEPTH]}, strategy, **changes).config}
        del config["RandomSeed"]
        declared = {"IntegerParameterRanges": [DEPTH], "ContinuousParameterRanges": [ETA]}
        found = Search("another name", config, ranges(declared), generation)
        return [suggestion.hyperparameters for suggestion in (found.ask() for _ in range(3)) if suggestion]

    assert asked() == asked()
    assert asked() != asked(generation=1)
    assert asked() != asked(ParameterRanges={})


@pytest.mark.parametrize(
    ("changes", "parallel", "expected"),
    [
        ({}, 4, None),
        ({"Strategy": "Bayesian"}, 1, 1),
        ({"Strategy": "Bayesian"}, 2, 3),
        ({"Strategy": "Bayesian"}, 10, 15),
        ({"Strategy": "Hyperband"}, 2, None),
        ({"TrainingJobEarlyStoppingType": "Auto"}, 2, 3),
        ({"TuningJobCompletionCriteria": {"TargetObjectiveMetricValue": 1}}, 2, 3),
    ],
)
def test_by_how_many_results_a_suggestion_is_behind(
    changes: dict[str, Any], parallel: int, expected: int | None
) -> None:
    assert lag({"Strategy": "Random", "ResourceLimits": {"MaxParallelTrainingJobs": parallel}} | changes) == expected


def test_a_warm_start_takes_over_what_fits_the_ranges() -> None:
    found = search({"IntegerParameterRanges": [DEPTH]}, "Bayesian")
    assert found.learn({"max_depth": "4"}, 0.9)
    assert not found.learn({"max_depth": "40"}, 0.9)
    assert not found.learn({"eta": "0.1"}, 0.9)
    assert [trial.value for trial in found.study.trials] == [0.9]


TARGET = {"TargetObjectiveMetricValue": 0.9}
IMPATIENT = {"BestObjectiveNotImproving": {"MaxNumberOfTrainingJobsNotImproving": 3}}
CONVERGED = {"ConvergenceDetected": {"CompleteOnConvergence": "Enabled"}}


@pytest.mark.parametrize(
    ("values", "criteria", "maximize", "reason"),
    [
        ([], TARGET, True, None),
        ([0.5, 0.91], TARGET, True, "TargetObjectiveMetricValue"),
        ([0.95], TARGET, False, None),
        ([0.85], TARGET, False, "TargetObjectiveMetricValue"),
        ([0.9, 0.1, 0.2], IMPATIENT, True, None),
        ([0.9, 0.1, 0.2, 0.3], IMPATIENT, True, "BestObjectiveNotImproving"),
        ([0.1, 0.2, 0.3, 0.4], IMPATIENT, True, None),
        ([0.9] * 19, CONVERGED, True, None),
        ([0.9] * 20, CONVERGED, True, "ConvergenceDetected"),
        ([0.9] * 19 + [0.99], CONVERGED, True, None),
        ([0.9] * 50, {}, True, None),
    ],
)
def test_when_a_tuning_is_complete(
    *, values: list[float], criteria: dict[str, Any], maximize: bool, reason: str | None
) -> None:
    assert completion(values, criteria, maximize=maximize) == reason


def test_since_best_counts_from_the_first_of_equals() -> None:
    assert since_best([], maximize=True) == 0
    assert since_best([0.3, 0.2, 0.2], maximize=False) == 1
