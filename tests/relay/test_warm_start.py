"""Which earlier tuning is asked for as a parent: what AWS documents of warm starts, rule by rule."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.algorithms.xgboost.objectives import objective
from chalicelib.contract.metrics import Task
from chalicelib.records.run import PastTuning, Problem, Run, Stage
from chalicelib.requests import training
from chalicelib.requests.training import past_tuning
from chalicelib.requests.warm_start import MOST_TRIALS, Signature, from_text, objection
from chalicelib.settings.stored import Settings
from tests.relay.builders import DEPLOYMENT, XGBOOST, run, settings

RANGES = {"eta": {"min": 0.1, "max": 0.3}, "max_depth": {"min": 2, "max": 9}}
NUMBERS = {"gamma": 1, "lambda": 1, "alpha": 1, "min_child_weight": 1, "max_delta_step": 1, "subsample": 1}
NUMBERS |= {"max_leaves": 1, "max_bin": 99, "verbosity": 1, "nthread": 1, "num_parallel_tree": 1}
MULTICLASS = Problem(Task.MULTICLASS, ("a", "b", "c"), "application/x-parquet", {"read": 100})


def tuned(hyperparameters: dict[str, Any] | None = None, **tuning: Any) -> Settings:
    return settings(hyperparameters=hyperparameters or {}, tuning={"ranges": RANGES} | tuning)


def parent(chosen: Settings, **changes: Any) -> PastTuning:
    left = past_tuning(run(Stage.LIVE, settings=chosen, **changes), XGBOOST)
    assert left is not None
    return left


def is_warm(parent: PastTuning, chosen: Settings, **changes: Any) -> bool:
    child: Run = run(Stage.TUNING, settings=chosen, warm_start=parent, **changes)
    request = training.tune(child, DEPLOYMENT, 1)
    return "WarmStartConfig" in request


def test_the_same_tuning_on_other_data_starts_warm() -> None:
    assert is_warm(parent(tuned()), tuned())


def test_other_ranges_of_the_same_hyperparameters_are_taken() -> None:
    assert is_warm(parent(tuned()), tuned(ranges=RANGES | {"eta": {"min": 0.01, "max": 0.9}}))


def test_what_was_static_may_be_tuned_and_what_was_tuned_static() -> None:
    fixed = tuned({"eta": 0.1}, ranges={"max_depth": {"min": 2, "max": 30}})
    assert is_warm(parent(fixed), tuned())
    assert is_warm(parent(tuned()), fixed)


@pytest.mark.parametrize("strategy", ["Hyperband"])
def test_a_strategy_without_warm_starts_has_no_parent(strategy: str) -> None:
    assert not is_warm(parent(tuned()), tuned(strategy=strategy))


def test_another_objective_is_no_parent() -> None:
    assert not is_warm(parent(tuned(), objective=objective("logloss", Task.BINARY)), tuned())


def test_a_hyperparameter_more_or_less_is_no_parent() -> None:
    assert not is_warm(parent(tuned()), tuned({"gamma": 1}))
    assert not is_warm(parent(tuned({"gamma": 1})), tuned())


def test_ten_changes_are_taken_and_eleven_are_not() -> None:
    ten = dict(list(NUMBERS.items())[:10])
    before = parent(tuned(NUMBERS))
    assert is_warm(
        before,
        tuned(NUMBERS | {name: value - 0.5 if name == "subsample" else value + 1 for name, value in ten.items()}),
    )
    every = {name: value - 0.5 if name == "subsample" else value + 1 for name, value in NUMBERS.items()}
    assert not is_warm(before, tuned(every))


def test_a_word_that_changes_counts_twice() -> None:
    """ "If the same hyperparameter had a static value of red, and you change it to blue, it counts as 2 changes"."""
    nine = {name: value - 0.5 if name == "subsample" else value + 1 for name, value in list(NUMBERS.items())[:9]}
    before = parent(tuned(NUMBERS | {"booster": "gbtree"}))
    assert is_warm(before, tuned(NUMBERS | nine | {"booster": "gbtree"}))
    assert not is_warm(before, tuned(NUMBERS | nine | {"booster": "dart"}))


def test_a_class_more_is_one_change() -> None:
    four = replace(MULTICLASS, classes=("a", "b", "c", "d"))
    mlogloss = objective("auto", Task.MULTICLASS)
    before = parent(tuned(), problem=MULTICLASS, objective=mlogloss)
    assert is_warm(before, tuned(), problem=four, objective=mlogloss)


def test_the_trials_of_both_count_against_one_limit() -> None:
    assert is_warm(parent(tuned(), trials=MOST_TRIALS - 20), tuned(trials=20))
    assert not is_warm(parent(tuned(), trials=MOST_TRIALS - 19), tuned(trials=20))


def test_another_type_is_no_parent() -> None:
    """A release before this one let numbers be tuned as lists of words."""
    child = Signature("Maximize validation:auc", {"eta": "Continuous", "max_depth": "Integer"}, {}, 20)
    assert objection(replace(child, tuned={"eta": "Categorical", "max_depth": "Integer"}), child, XGBOOST.kinds())
    assert objection(child, child, XGBOOST.kinds()) is None


def test_a_signature_of_an_earlier_release_is_no_parent_and_no_error() -> None:
    for text in ("Maximize validation:auc: alpha eta", "", "{}", "[]", "7", '{"objective": 1}'):
        assert from_text(text) is None
        assert not is_warm(PastTuning("churn-00000000-tune-1", text), tuned())
