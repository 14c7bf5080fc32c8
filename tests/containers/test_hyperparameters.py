"""The stand-in takes and refuses the container's hyperparameters, in its words."""

import pytest

from local.containers.errors import AlgorithmError, UserError
from local.containers.kinds import Interval
from local.containers.xgboost.hyperparameters import KINDS, validate

BASE = {"num_round": "10", "objective": "binary:logistic"}


def test_strings_become_numbers_and_aliases_their_names() -> None:
    given = BASE | {
        "learning_rate": "0.3",
        "max_depth": "6",
        "reg_alpha": "1e-3",
        "eval_metric": "auc,error@0.4",
        "seed": "7",
    }
    assert validate(given) == {
        "num_round": 10,
        "objective": "binary:logistic",
        "eta": 0.3,
        "max_depth": 6,
        "alpha": 0.001,
        "eval_metric": ["auc", "error@0.4"],
        "seed": 7,
    }


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"foo": "1"}, "Extraneous hyperparameter found: foo"),
        ({"eta": "fast"}, "Hyperparameter eta: could not parse value (caused by ValueError)"),
        ({"max_depth": "3.5"}, "Hyperparameter max_depth: could not parse value (caused by ValueError)"),
        ({"eta": "1.5"}, "Hyperparameter eta: 1.5 is not in [0, 1]"),
        ({"subsample": "0"}, "Hyperparameter subsample: 0.0 is not in (0, 1]"),
        ({"num_round": "0"}, "Hyperparameter num_round: 0 is not in [1, +inf)"),
        ({"booster": "forest"}, "Hyperparameter booster: forest is not in ['gbtree', 'gblinear', 'dart']"),
        ({"eval_metric": "error@x"}, "Threshold value 't' in 'error@t' expects float input."),
        ({"eval_metric": "auc@5"}, "Metric 'auc@5' is not supported."),
        ({"eval_metric": "<function f>"}, "User defined evaluation metric <function f> is not supported yet."),
        (
            {"_tuning_objective_metric": "validation:gini"},
            "Hyperparameter _tuning_objective_metric: validation:gini is not in",
        ),
        ({"objective": "multi:softmax"}, "Require input for parameter 'num_class' for multi-classification"),
        ({"objective": "reg:squarederror", "eval_metric": "auc"}, "Metric 'auc' can only be applied"),
        ({"eval_metric": "aft-nloglik"}, "Metric 'aft-nloglik' can only be applied"),
        ({"updater": "grow_colmaker,grow_histmaker"}, "Only one tree grow plugin can be selected."),
        ({"updater": "refresh,shotgun"}, "Tree updater should be selected"),
        ({"updater": "shotgun,coord_descent", "booster": "gblinear"}, "Linear updater should be one of"),
        ({"updater": "sync", "process_type": "update"}, "process_type 'update' can only be used"),
        ({"monotone_constraints": "(1, 0)"}, "monotone_constraints can be used only when the tree_method"),
        (
            {"monotone_constraints": "(2, 0)", "tree_method": "hist"},
            "Hyperparameter monotone_constraints: value (2, 0) not in",
        ),
    ],
)
def test_refusals_are_the_containers(change: dict[str, str], sentence: str) -> None:
    with pytest.raises(UserError) as raised:
        validate(BASE | change)
    assert sentence in str(raised.value)


def test_num_round_is_required() -> None:
    with pytest.raises(UserError, match="Missing required hyperparameter: num_round"):
        validate({"objective": "binary:logistic"})


def test_a_metric_without_an_objective_trips_the_container() -> None:
    with pytest.raises(AlgorithmError, match="objective"):
        validate({"num_round": "1", "eval_metric": "error"})


def test_what_depends_is_checked_against_what_was_given() -> None:
    assert validate(BASE | {"monotone_constraints": "(1,-1)", "tree_method": "exact"})["monotone_constraints"] == (
        1,
        -1,
    )
    assert validate(BASE | {"updater": "coord_descent", "booster": "gblinear"})["updater"] == ["coord_descent"]
    assert validate(BASE | {"interaction_constraints": "[[1,2],[3]]", "tree_method": "hist"})["interaction_constraints"]


def test_intervals_know_which_ends_belong_to_them() -> None:
    half_open = Interval(0, 1, low_open=True)
    assert [value in half_open for value in (0, 0.5, 1, 1.1)] == [False, True, True, False]
    assert [str(half_open), str(Interval(0)), str(Interval(high=2, high_open=True))] == [
        "(0, 1]",
        "[0, +inf)",
        "(-inf, 2)",
    ]


def test_the_table_is_the_containers() -> None:
    assert len(KINDS) == 53
    assert {
        "csv_weights",
        "sketch_eps",
        "dsplit",
        "lambda_bias",
        "prob_buffer_row",
        "use_dask_gpu_training",
    } <= KINDS.keys()
    assert not {"n_estimators", "device", "max_cat_to_onehot", "gblinear"} & KINDS.keys()
