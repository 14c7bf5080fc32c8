"""relay.yaml's `algorithm` and `decision`: which algorithm is meant, and which threshold; a mistake is a sentence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.algorithms import BUILT_IN
from chalicelib.settings.defaults import DEFAULTS, filled, ranges_of
from chalicelib.settings.relay_yaml import SettingsError, read_settings
from tests.relay.builders import AUTO, XGBOOST

BY_DEFAULT = replace(BUILT_IN, default="auto")
"""The algorithms of a release whose default is the ensemble."""


@pytest.mark.parametrize(
    ("text", "algorithm"),
    [
        ("", "auto"),
        ("# nothing\n", "auto"),
        ("target: churned\n", "auto"),
        ("tuning: {trials: 5, objective: auc}\n", "auto"),
        ("hyperparameters: {}\n", "auto"),
        ("hyperparameters: {eta: 0.1}\n", "xgboost"),
        ("hyperparameters: {booster: dart}\n", "xgboost"),
        ("tuning: {ranges: {num_round: {min: 10, max: 200}}}\n", "xgboost"),
        ("algorithm: auto\nhyperparameters: {eta: 0.1}\n", "auto"),
        ("algorithm: xgboost\n", "xgboost"),
    ],
)
def test_what_was_written_for_the_built_in_means_it(text: str, algorithm: str) -> None:
    read = read_settings(text, BY_DEFAULT)
    meant = BUILT_IN.of({"algorithm": algorithm})

    assert read.algorithm == algorithm
    assert "algorithm" not in read.model_dump(exclude_unset=True) or text.startswith("algorithm")
    assert read.tuning.early_stopping == meant.early_stopping
    if "ranges" not in text:
        assert read.as_stored()["tuning"]["ranges"] == ranges_of(meant)


def test_without_a_relay_yaml_it_is_the_default_of_those_offered() -> None:
    assert read_settings(None, BY_DEFAULT).algorithm == "auto"
    assert read_settings(None, replace(BUILT_IN, default="xgboost")).algorithm == "xgboost"
    assert read_settings(None).as_stored() == DEFAULTS


def test_early_stopping_is_as_it_suits_unless_somebody_says() -> None:
    assert not read_settings("algorithm: auto").tuning.early_stopping
    assert read_settings("algorithm: auto\ntuning: {early_stopping: true}").tuning.early_stopping
    assert read_settings("algorithm: xgboost").tuning.early_stopping
    assert "early_stopping" not in read_settings("tuning: {trials: 3}").tuning.model_fields_set


def test_stored_settings_without_an_algorithm_are_the_built_in_s() -> None:
    read = filled({"tuning": {"trials": 3}})
    assert (read["algorithm"], read["tuning"]["trials"]) == ("xgboost", 3)
    assert read["tuning"]["early_stopping"]
    assert read["tuning"]["ranges"] == ranges_of(XGBOOST)
    assert BUILT_IN.of({}).title == XGBOOST.title


def test_stored_settings_with_one_have_its_defaults() -> None:
    read = filled({"algorithm": "auto"})
    assert not read["tuning"]["early_stopping"]
    assert read["tuning"]["ranges"] == ranges_of(AUTO)
    assert filled({"algorithm": "another release's"})["algorithm"] == "another release's"


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("{optimize: f1}", {"optimize": "f1", "costs": None, "threshold": "auto"}),
        ("{threshold: auto}", {"optimize": "accuracy", "costs": None, "threshold": "auto"}),
        ("{threshold: 0.3}", {"optimize": "accuracy", "costs": None, "threshold": 0.3}),
        (
            "{optimize: cost, costs: {false_positive: 1, false_negative: 5}}",
            {"optimize": "cost", "costs": {"false_positive": 1.0, "false_negative": 5.0}, "threshold": "auto"},
        ),
    ],
)
def test_a_decision_is_stored_as_it_is_meant(text: str, stored: dict[str, object]) -> None:
    read = read_settings(f"algorithm: auto\ndecision: {text}").as_stored()
    assert read["decision"] == stored
    assert filled(read) == read


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "algorithm: auto\ndecision: {optimize: cost}",
            'decision: "optimize: cost" needs "costs", what either mistake',
        ),
        (
            "algorithm: auto\ndecision: {optimize: f1, costs: {false_positive: 1, false_negative: 5}}",
            'decision: "costs" count with "optimize: cost", not with "optimize: f1"',
        ),
        ("algorithm: auto\ndecision: {costs: {false_positive: 1}}", "decision.costs.false_negative: is missing"),
        (
            "algorithm: auto\ndecision: {optimize: cost, costs: {false_positive: 0, false_negative: 1}}",
            "decision.costs.false_positive: 0 is not allowed; allowed: above 0",
        ),
        ("algorithm: auto\ndecision: {optimize: recall}", "decision.optimize: 'recall' is not allowed; allowed: 'acc"),
        *(
            (
                f"algorithm: auto\ndecision: {{threshold: {value}}}",
                "decision.threshold: must be auto, or a probability above 0 and below 1",
            )
            for value in ("0", "1", "1.5", "-0.1", ".nan", ".inf", "true", "half", "'0.5'", "[0.5]", "9" * 400)
        ),
        ("algorithm: auto\ndecision: {optimize: f1, threshold: 0.3}", 'decision: a "threshold" of your own leaves'),
        (
            "algorithm: auto\ndecision: {treshold: 0.3}",
            'decision.treshold: there is no such setting; did you mean "thr',
        ),
        (
            "algorithm: auto\ntask: regression\ndecision: {optimize: f1}",
            '"decision" is about two classes, not "task: r',
        ),
        (
            "algorithm: auto\ntask: multiclass\ndecision: {optimize: f1}",
            '"decision" is about two classes, not "task: m',
        ),
        ("algorithm: xgboost\ndecision: {optimize: f1}", '"decision" needs "algorithm: auto", and it is xgboost here'),
    ],
)
def test_a_decision_that_cannot_be_followed_is_told(text: str, told: str) -> None:
    with pytest.raises(SettingsError) as raised:
        read_settings(text)
    (problem,) = raised.value.problems
    assert problem.startswith(told)


def test_a_decision_beside_what_means_the_built_in_is_told_too() -> None:
    assert read_settings("decision: {optimize: f1}", BY_DEFAULT).algorithm == "auto"
    with pytest.raises(SettingsError, match='"decision" needs "algorithm: auto", and it is xgboost here'):
        read_settings("decision: {optimize: f1}\nhyperparameters: {eta: 0.1}", BY_DEFAULT)


def test_a_decision_of_an_algorithm_that_is_not_offered_is_not_judged() -> None:
    with pytest.raises(SettingsError) as raised:
        read_settings("algorithm: autoo\ndecision: {optimize: f1}")
    (problem,) = raised.value.problems
    assert problem.startswith("algorithm: 'autoo' is not allowed")
