"""A tuning whose lists of values SageMaker refuses: it goes on between the smallest and the largest of each."""

from __future__ import annotations

from typing import Any

from chalicelib.mails.messages import about_run
from chalicelib.names import Step
from chalicelib.records.commands import Mail
from chalicelib.records.run import Stage
from chalicelib.requests import concessions, training
from jobs.report import sections_run
from tests.relay.builders import DEPLOYMENT, XGBOOST, run, settings
from tests.relay.test_concessions import AUCPR, REFUSAL, record, refusing, trials_of, tuned_for, unlisted, warm
from tests.relay.world import World, drop

GRID = "tuning: {strategy: Grid, ranges: {max_depth: {values: [7, 3, 5]}, eta: {values: [0.1, 0.3]}}}"


def over_lists(request: dict[str, Any]) -> bool:
    return "CategoricalParameterRanges" in request["HyperParameterTuningJobConfig"]["ParameterRanges"]


def test_lists_that_are_refused_give_way_to_what_lies_between_and_the_owner_is_told(here: World) -> None:
    here.put("relay.yaml", GRID.encode())
    asked = refusing(here, over_lists)
    name = drop(here)
    here.relay(name, here.runtime.receive)

    grid, instead = (one["HyperParameterTuningJobConfig"] for one in asked)
    assert len({one["HyperParameterTuningJobName"] for one in asked}) == 1
    assert (grid["Strategy"], "MaxNumberOfTrainingJobs" in grid["ResourceLimits"]) == ("Grid", False)
    assert (instead["Strategy"], instead["ResourceLimits"]["MaxNumberOfTrainingJobs"]) == ("Random", 6)
    assert instead["ParameterRanges"] == {
        "IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "3", "MaxValue": "7", "ScalingType": "Auto"}],
        "ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.1", "MaxValue": "0.3", "ScalingType": "Auto"}],
    }
    assert here.stage(name) == "live"
    ended = record(here, name)
    assert any("smallest and the largest value of eta, max_depth" in line and REFUSAL in line for line in ended.history)
    told = (
        "SageMaker refused to tune over the lists of values that relay.yaml gives for eta, max_depth: it searched "
        "between the smallest and the largest of each instead, at random and in 6 trials."
    )
    assert concessions.sentence(ended, XGBOOST) == told
    assert told in " ".join(about_run(Mail.PROMOTED, ended, DEPLOYMENT).text.split())
    trials = trials_of(here, name)
    assert (trials["strategy"], trials["instead_of_strategy"]) == ("Random", "Grid")
    assert (trials["instead_of_lists"], trials["instead_of"]) == (["eta", "max_depth"], None)
    section = sections_run.tuning(trials)
    assert section is not None
    assert (section["instead_of_lists"], section["instead_of_strategy"]) == (["eta", "max_depth"], "Grid")


def test_another_strategy_than_a_grid_is_kept(here: World) -> None:
    lists = "trials: 4, ranges: {max_depth: {values: [3, 9]}, subsample: {values: [1]}, alpha: {min: 0, max: 1}}"
    here.put("relay.yaml", f"tuning: {{{lists}}}".encode())
    asked = refusing(here, over_lists)
    name = drop(here)
    here.relay(name, here.runtime.receive)

    config = asked[-1]["HyperParameterTuningJobConfig"]
    assert (config["Strategy"], config["ResourceLimits"]["MaxNumberOfTrainingJobs"]) == ("Bayesian", 4)
    assert set(config["ParameterRanges"]) == {"IntegerParameterRanges", "ContinuousParameterRanges"}
    assert asked[-1]["TrainingJobDefinition"]["StaticHyperParameters"]["subsample"] == "1"
    trained = training.train(record(here, name), DEPLOYMENT, 1)
    assert trained["HyperParameters"]["subsample"] == "1"
    assert "at random" not in concessions.sentence(record(here, name), XGBOOST)
    assert trials_of(here, name)["instead_of_strategy"] is None


def test_lists_of_one_value_each_leave_nothing_to_tune_and_the_model_is_trained(here: World) -> None:
    here.put("relay.yaml", b"tuning: {strategy: Grid, ranges: {max_depth: {values: [3]}, eta: {values: [0.1]}}}")
    asked = refusing(here, over_lists)
    name = drop(here)
    here.runtime.receive(here.end(name, Step.PREPARE))

    assert len(asked) == 1
    ended = record(here, name)
    assert ended.stage is Stage.TRAINING
    hyperparameters = training.train(ended, DEPLOYMENT, 1)["HyperParameters"]
    assert (hyperparameters["max_depth"], hyperparameters["eta"]) == ("3", "0.1")
    assert "one combination, and the model was trained with it" in concessions.sentence(ended, XGBOOST)


def test_lists_and_objective_are_given_up_one_at_a_time(here: World) -> None:
    here.put("relay.yaml", GRID.replace("strategy", "objective: aucpr, strategy").encode())
    asked = refusing(here, lambda one: over_lists(one) or unlisted(one))
    name = drop(here)
    here.relay(name, here.runtime.receive)

    assert [(tuned_for(one), over_lists(one)) for one in asked] == [
        ("validation:aucpr", True),
        ("validation:auc", True),
        ("validation:aucpr", False),
        ("validation:auc", False),
    ]
    assert here.stage(name) == "live"
    assert all(
        said in concessions.sentence(record(here, name), XGBOOST) for said in ("for validation:aucpr", "the lists of")
    )


def test_an_objective_is_kept_where_only_the_lists_were_refused(here: World) -> None:
    here.put("relay.yaml", GRID.replace("strategy", "objective: aucpr, strategy").encode())
    refusing(here, over_lists)
    name = drop(here)
    here.relay(name, here.runtime.receive)

    assert record(here, name).objective == AUCPR
    assert "validation:aucpr" not in concessions.sentence(record(here, name), XGBOOST)


def test_what_was_searched_instead_of_lists_is_what_the_next_tuning_starts_from(here: World) -> None:
    here.put("relay.yaml", GRID.encode())
    asked = refusing(here, over_lists)
    here.relay(drop(here), here.runtime.receive)
    here.relay(drop(here, "train/feb.csv"), here.runtime.receive)

    assert [(over_lists(one), warm(one)) for one in asked] == [
        (True, False),
        (False, False),
        (True, False),
        (False, True),
    ]


def test_words_that_an_older_release_let_pass_are_no_lists_of_numbers() -> None:
    stored = {"min": None, "max": None, "scaling": "Auto", "values": ["gbtree", "dart"]}
    tuning = {**settings()["tuning"], "strategy": "Grid", "ranges": {"booster": stored}}
    old = run(Stage.TUNING, settings={**settings(), "tuning": tuning})
    config = training.tune(old, DEPLOYMENT, 1)["HyperParameterTuningJobConfig"]
    assert config["ParameterRanges"] == {
        "CategoricalParameterRanges": [{"Name": "booster", "Values": stored["values"]}]
    }
    assert concessions.of_refused_tuning(old, XGBOOST) is None
