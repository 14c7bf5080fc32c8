"""What SageMaker or its container would refuse of hyperparameters and ranges is refused before anything is paid for."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.algorithms.hyperparameters import Choice, Number, as_text, faults
from chalicelib.algorithms.xgboost import DEFAULT_RANGES
from chalicelib.algorithms.xgboost.hyperparameters import KINDS
from chalicelib.records.run import Stage
from chalicelib.requests import training
from chalicelib.settings.defaults import DEFAULTS
from chalicelib.settings.relay_yaml import SettingsError, read_settings
from local.containers.errors import UserError
from local.containers.xgboost.hyperparameters import validate
from local.sagemaker import trials
from tests.relay.builders import DEPLOYMENT, XGBOOST, run

ROOT = Path(__file__).parents[2]
METADATA = json.loads((ROOT / "tests" / "containers" / "aws" / "metadata.json").read_text())
REGISTERED = {one["Name"]: one for one in METADATA["SupportedHyperParameters"]}
OF_OTHER_OBJECTIVES = {"tweedie_variance_power", "aft_loss_distribution", "aft_loss_distribution_scale"}
NOT_OURS = {name for name in REGISTERED if name.startswith("_")} | {"prob_buffer_row", "use_dask_gpu_training"}
GONE = {"tree_method": {"gpu_hist"}, "process_type": {"update"}}
"""Words that the container lets pass and XGBoost 3.2 then refuses."""


def problems(text: str) -> str:
    with pytest.raises(SettingsError) as raised:
        read_settings(text)
    return " | ".join(raised.value.problems)


def test_the_table_is_the_containers_own() -> None:
    assert set(KINDS) | XGBOOST.set_by_sagerelay | OF_OTHER_OBJECTIVES | NOT_OURS == set(REGISTERED)
    assert {name for name, one in REGISTERED.items() if one["IsTunable"]} == {
        name for name, kind in KINDS.items() if kind.tunable
    }


@pytest.mark.parametrize("name", KINDS)
def test_type_and_range_are_the_registered_ones(name: str) -> None:
    kind, registered = KINDS[name], REGISTERED[name]
    match kind:
        case Number(low, high, whole):
            assert registered["Type"] == ("Integer" if whole else "Continuous")
            [ends] = registered["Range"].values()
            assert low == (2 if name == "max_bin" else float(ends["MinValue"]))  # XGBoost's own least
            assert high == float(ends["MaxValue"]) or (not whole and float(ends["MaxValue"]) > high > 3e38)
        case Choice(words) if registered["Type"] == "Categorical":
            [given_words] = registered["Range"].values()
            assert set(words) == set(given_words["Values"]) - GONE.get(name, set())
        case _:
            assert registered["Type"] == "FreeText"


HYPERPARAMETERS = [
    ("speed: 1", 'no hyperparameter "speed"'),
    ("eval_metric: auc", '"eval_metric" follows from'),
    ("eta: 2", '"eta" must be at least 0 and at most 1, not 2'),
    ("eta: -0.1", '"eta" must be'),
    ("eta: fast", "\"eta\" is a number; 'fast' is not"),
    ('eta: "nan"', '"eta" is a number'),
    ("subsample: 0", '"subsample" must be above 0 and at most 1, not 0'),
    ("sketch_eps: 1", '"sketch_eps" must be above 0 and below 1'),
    ("num_round: 0", '"num_round" must be at least 1, not 0'),
    ("num_round: 1.5", '"num_round" is a whole number; 1.5 is not'),
    ("num_round: 100.0", '"num_round" is a whole number; 100 is not'),
    ("num_round: true", '"num_round" is a whole number; True is not'),
    ("num_round: 3000000000", '"num_round" must be at least 1'),
    ("seed: -2147483648", '"seed" must be above'),
    ("verbosity: 4", '"verbosity" must be at least 0 and at most 3'),
    ("max_delta_step: 1.0e+300", '"max_delta_step" must be'),
    ("booster: forest", "\"booster\" must be one of gbtree, gblinear, dart, not 'forest'"),
    ("booster: true", '"booster" must be one of'),
    ("tree_method: gpu_hist", '"tree_method" must be one of'),
    ("save_model_on_termination: 1", '"save_model_on_termination" must be one of true, false'),
    ("process_type: update", '"process_type" must be one of default'),
    ("updater: grow_skmaker", '"updater" must be words of'),
    ("updater: prune", '"updater" must begin with'),
    ('updater: "grow_colmaker,grow_histmaker"', '"updater" must begin with'),
    ("updater: shotgun", '"updater" shotgun and coord_descent need'),
    ("{booster: gblinear, updater: grow_colmaker}", '"booster: gblinear" needs one "updater"'),
    ('monotone_constraints: "(1,0)"', '"monotone_constraints" needs "tree_method: hist"'),
    ('{tree_method: hist, monotone_constraints: "(2,0)"}', '"monotone_constraints" must be written like (1,0,-1)'),
    ('{tree_method: hist, monotone_constraints: "__import__(1)"}', '"monotone_constraints" must be written like'),
    ('interaction_constraints: "[[1,2]]"', '"interaction_constraints" needs "tree_method: hist"'),
    ('{tree_method: hist, interaction_constraints: "[1,2]"}', '"interaction_constraints" must be written like'),
    ('{tree_method: hist, monotone_constraints: "(1,\\n0)"}', '"monotone_constraints" must be one line'),
    (f'{{tree_method: hist, monotone_constraints: "({"1," * 1_300})"}}', '"monotone_constraints" must be one line'),
    ("{tree_method: exact, max_depth: 0}", '"tree_method: exact" needs "max_depth"'),
    ("{eta: 2, num_round: 0}", '"num_round" must be'),
]


@pytest.mark.parametrize(("chosen", "sentence"), HYPERPARAMETERS)
def test_what_the_container_would_refuse_is_refused(chosen: str, sentence: str) -> None:
    given_as = chosen if chosen.startswith("{") else f"{{{chosen}}}"
    assert sentence in problems(f"hyperparameters: {given_as}")


RANGES = [
    ("booster: {values: [gbtree, dart]}", 'does not let "booster" be tuned'),
    ("tree_method: {values: [hist]}", 'does not let "tree_method" be tuned'),
    ("max_bin: {min: 10, max: 20}", 'does not let "max_bin" be tuned'),
    ("max_leaves: {values: [1, 2]}", 'does not let "max_leaves" be tuned'),
    ("objective: {values: ['reg:gamma']}", '"objective" follows from "task"'),
    ("speed: {values: [1, 2]}", 'no hyperparameter "speed"'),
    ("max_depth: {values: [3, 5.5]}", "\"max_depth\" is a whole number; '5.5' is not"),
    ("max_depth: {values: [3.0]}", "\"max_depth\" is a whole number; '3.0' is not"),
    ("max_depth: {values: [a]}", "\"max_depth\" is a whole number; 'a' is not"),
    ("max_depth: {values: [-1]}", "\"max_depth\" must be at least 0, not '-1'"),
    ("max_depth: {values: ['1_0']}", "\"max_depth\" is a whole number; '1_0' is not"),
    ("max_depth: {values: [3, 5, 3]}", '"max_depth" has the value 3 twice'),
    ("max_depth: {values: [true]}", "\"max_depth\" is a whole number; 'true' is not"),
    ("max_depth: {values: [null]}", "\"max_depth\" is a whole number; 'None' is not"),
    ("max_depth: {values: [[3]]}", "\"max_depth\" is a whole number; '[3]' is not"),
    ("max_depth: {values: [3, 5, 7]}", "tuning.trials: 20 is more than there are combinations of the ranges (3)"),
    ("max_depth: {values: []}", "tuning.ranges.max_depth.values"),
    ("max_depth: {values: [3, 5], min: 1}", 'give either "values" or "min" and "max", not both'),
    ("eta: {values: [0.1, 1.5]}", "\"eta\" must be at least 0 and at most 1, not '1.5'"),
    ("eta: {values: [0.1, fast]}", "\"eta\" is a number; 'fast' is not"),
    ("eta: {values: [.nan]}", "\"eta\" is a number; 'nan' is not"),
    ("eta: {values: ['0_0.1']}", "\"eta\" is a number; '0_0.1' is not"),
    ("eta: {values: ['\u0661']}", '"eta" is a number'),
    ("lambda: {values: [1, 1.0]}", '"lambda" has the value 1.0 twice'),
    ("subsample: {values: [0, 1]}", '"subsample" must be above 0'),
    ("num_round: {values: [0x" + "f" * 6_000 + "]}", "a number of thousands of digits is not allowed"),
    ("max_depth: {min: 1.5, max: 9}", '"max_depth" is a whole number; 1.5 is not'),
    ("max_depth: {min: -1, max: 9}", '"max_depth" must be at least 0, not -1'),
    ("eta: {min: 0.1, max: 1.5}", '"eta" must be at least 0 and at most 1, not 1.5'),
    ("subsample: {min: 0, max: 1}", '"subsample" must be above 0'),
    ("lambda: {min: -1, max: 1}", '"lambda" must be at least 0'),
    ("num_round: {min: 1, max: 3000000000}", '"num_round" must be at least 1'),
    ("eta: {min: 0.3, max: 0.3}", "min 0.3 must be below max 0.3"),
    ("eta: {min: 0, max: 1, scaling: Logarithmic}", "logarithmic scaling needs min above 0"),
    ("eta: {min: 0.1, max: 1, scaling: ReverseLogarithmic}", "needs 0 <= min < max < 1"),
    ("num_round: {min: 1, max: 9, scaling: ReverseLogarithmic}", "needs 0 <= min < max < 1"),
    ("max_depth: {min: 2, max: 4}", "tuning.trials: 20 is more than there are combinations of the ranges (3)"),
]


@pytest.mark.parametrize(("ranges", "sentence"), RANGES)
def test_what_sagemaker_would_not_tune_is_refused(ranges: str, sentence: str) -> None:
    assert sentence in problems(f"tuning: {{ranges: {{{ranges}}}}}")


GRIDS = [
    ("", 'the default ranges are none: give "ranges" with "values" for each'),
    ("trials: 4", 'the default ranges are none: give "ranges" with "values" for each'),
    ("ranges: {max_depth: {min: 2, max: 4}}", 'needs "values" for each, not "min" and "max" as for max_depth'),
    ("ranges: {eta: {min: 0.1, max: 0.4}, max_depth: {values: [2]}}", 'not "min" and "max" as for eta'),
    ("trials: 4, ranges: {max_depth: {values: [2, 4, 6]}}", "tries all 3 combinations of the values, not 4"),
    ("trials: 2, ranges: {max_depth: {values: [2, 4, 6]}}", "tries all 3 combinations of the values, not 2"),
    (
        f"ranges: {{eta: {{values: {[n / 30 for n in range(30)]}}}, gamma: {{values: {list(range(30))}}}}}",
        "a grid of 900 combinations is more than SageMaker tries in one tuning (750)",
    ),
]


@pytest.mark.parametrize(("tuning", "sentence"), GRIDS)
def test_a_grid_says_what_it_needs(tuning: str, sentence: str) -> None:
    assert sentence in problems(f"tuning: {{strategy: Grid, {tuning}}}")


@pytest.mark.parametrize("trials", ["", "trials: 6, "])
def test_a_grid_is_tried_whole(trials: str) -> None:
    lists = "ranges: {max_depth: {values: [3, 5, 7]}, eta: {values: [0.1, 0.2]}}"
    settings = read_settings(f"tuning: {{strategy: Grid, parallel: 9, {trials}{lists}}}").model_dump(mode="json")
    config = training.tune(run(Stage.TUNING, settings=settings), DEPLOYMENT, 1)["HyperParameterTuningJobConfig"]
    assert config["ResourceLimits"] == {"MaxParallelTrainingJobs": 6, "MaxRuntimeInSeconds": 43200}
    assert config["TrainingJobEarlyStoppingType"] == "Off"
    assert config["ParameterRanges"] == {
        "CategoricalParameterRanges": [
            {"Name": "eta", "Values": ["0.1", "0.2"]},
            {"Name": "max_depth", "Values": ["3", "5", "7"]},
        ]
    }


@pytest.mark.parametrize("strategy", ["Bayesian", "Random", "Hyperband", "Grid"])
def test_every_strategy_is_there(strategy: str) -> None:
    lists = "trials: 2, ranges: {max_depth: {values: [3, 5]}}"
    assert read_settings(f"tuning: {{strategy: {strategy}, {lists}}}").tuning.strategy == strategy


def test_what_is_set_is_not_tuned() -> None:
    """Whoever sets what the default ranges name means it; whoever names it twice has to decide."""
    chosen = read_settings("hyperparameters: {max_depth: 4}").model_dump(mode="json")
    request = training.tune(run(Stage.TUNING, settings=chosen), DEPLOYMENT, 1)
    assert request["TrainingJobDefinition"]["StaticHyperParameters"]["max_depth"] == "4"
    assert "IntegerParameterRanges" not in request["HyperParameterTuningJobConfig"]["ParameterRanges"]

    both = "hyperparameters: {eta: 0.1}\ntuning: {%sranges: {eta: {min: 0.1, max: 0.3}}}"
    assert "hyperparameters and tuning.ranges both name eta" in problems(both % "")
    assert read_settings(both % "enabled: false, ").hyperparameters == {"eta": 0.1}
    all_set = ", ".join(f"{name}: 1" for name in DEFAULT_RANGES)
    assert "nothing to tune" in problems(f"hyperparameters: {{{all_set}}}")


def the_readmes_example() -> str:
    [example] = re.findall(r"```yaml\n(target: .*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    return str(example)


@pytest.mark.parametrize(("name", "default"), DEFAULTS.items())
def test_the_readmes_example_has_every_setting(name: str, default: object) -> None:
    """A word in a comment counts: `split.column` has no value that goes with the others."""
    [text] = re.findall(rf"^{name}:.*\n(?:[ ].*\n)*", the_readmes_example(), re.MULTILINE)
    keys = default if isinstance(default, dict) else {}
    assert [key for key in keys if not re.search(rf"\b{key}\b", text)] == []


def test_the_readmes_example_is_one() -> None:
    settings = read_settings(the_readmes_example()).model_dump(mode="json")
    request = training.tune(run(Stage.TUNING, settings=settings), DEPLOYMENT, 1)
    trials.check(request, DEPLOYMENT.region)


NUMBERS = st.one_of(
    st.integers(-3, 40), st.floats(-2, 40), st.sampled_from([0, 1, 0.0, 1.0, 0.5, 2**31 - 1, 2**31, 1e39, 1e-300])
)
VALUES = st.one_of(NUMBERS, st.booleans(), st.sampled_from(["gbtree", "dart", "hist", "exact", "(1,0)", "[[1]]", "x"]))


@given(st.dictionaries(st.sampled_from(sorted(KINDS)), VALUES, max_size=3))
def test_whatever_settings_take_the_container_takes(chosen: dict[str, Any]) -> None:
    if not faults(XGBOOST, chosen):
        try:
            validate({"num_round": "1"} | {name: as_text(value) for name, value in chosen.items()})
        except UserError as refused:
            raise AssertionError(f"{chosen}: {refused}") from refused
