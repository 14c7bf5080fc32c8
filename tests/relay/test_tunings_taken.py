"""Whatever tuning settings take, the cloud takes: at once, or after what it may refuse has been given up."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.algorithms.hyperparameters import is_whole
from chalicelib.algorithms.xgboost.hyperparameters import KINDS
from chalicelib.algorithms.xgboost.objectives import objective
from chalicelib.contract.metrics import Task
from chalicelib.records.run import Run, Stage
from chalicelib.requests import concessions, training
from chalicelib.settings.dataset import DatasetSettings
from chalicelib.settings.section import Choice
from local.containers.xgboost.hyperparameters import validate
from local.containers.xgboost.objectives import UNLISTED
from local.sagemaker import trials
from local.wire.errors import ApiError
from tests.relay.builders import DEPLOYMENT, XGBOOST, run
from tests.relay.test_settings_tuning import NUMBERS, VALUES

TUNABLE = sorted(name for name, kind in KINDS.items() if kind.tunable)
NAMES = st.sampled_from([*TUNABLE, "booster", "max_bin", "seed", "speed", "eval_metric"])
SCALINGS = st.sampled_from(["Auto", "Linear", "Logarithmic", "ReverseLogarithmic"])
ENDS = st.fixed_dictionaries({"min": NUMBERS, "max": NUMBERS, "scaling": SCALINGS})
SHARES, DEPTHS = st.sampled_from([0.25, 0.5, 0.75, 1]), st.integers(1, 9)
LISTS = st.fixed_dictionaries(
    {"values": st.one_of(*(st.lists(one, min_size=1, max_size=4) for one in (VALUES, SHARES, DEPTHS)))}
)
TUNINGS = st.fixed_dictionaries(
    {"ranges": st.dictionaries(NAMES, st.one_of(ENDS, ENDS, ENDS, LISTS), min_size=1, max_size=2)},
    optional={
        "strategy": st.sampled_from(["Bayesian", "Random", "Hyperband", "Grid"]),
        "trials": st.sampled_from([1, 1, 2, 20, 750]),
        "early_stopping": st.booleans(),
        "parallel": st.sampled_from([1, 100]),
    },
)


WHOLE, REAL = st.integers(1, 9), st.sampled_from([0.125, 0.25, 0.5, 0.75, 1])


def lists(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """A list as nearly every hyperparameter may have it."""
    numbers = WHOLE if is_whole(KINDS.get(name)) else REAL
    return st.lists(numbers, min_size=1, max_size=4, unique=True).map(lambda values: {"values": values})


def lists_or_ends(name: str) -> st.SearchStrategy[dict[str, Any]]:
    two = st.lists(WHOLE if is_whole(KINDS.get(name)) else REAL, min_size=2, max_size=2, unique=True)
    return lists(name) | two.map(lambda ends: {"min": min(ends), "max": max(ends)})


def over(names: list[str], strategy: str) -> st.SearchStrategy[dict[str, Any]]:
    kind, trials = (lists, {}) if strategy == "Grid" else (lists_or_ends, {"trials": 1})
    ranges = st.fixed_dictionaries({name: kind(name) for name in names})
    return ranges.map(lambda chosen: {"strategy": strategy, **trials, "ranges": chosen})


SOME = st.lists(st.sampled_from(TUNABLE), min_size=1, max_size=3, unique=True)
FITTING = st.tuples(SOME, st.sampled_from(["Bayesian", "Random", "Grid", "Grid", "Hyperband"])).flatmap(
    lambda drawn: over(*drawn)
)


@given(TUNINGS)
def test_whatever_settings_take_the_cloud_takes(tuning: dict[str, Any]) -> None:
    try:
        settings = read(tuning)
    except ValueError:
        return
    is_taken(settings)


@given(FITTING)
def test_ends_and_lists_that_fit_are_taken_by_settings_and_cloud(tuning: dict[str, Any]) -> None:
    is_taken(read(tuning))


def read(tuning: dict[str, Any]) -> DatasetSettings:
    written = {"algorithm": "xgboost", "tuning": {"objective": "aucpr", **tuning}}
    return DatasetSettings.model_validate(written, context=Choice(name="xgboost"))


def is_taken(settings: DatasetSettings) -> None:
    """By a cloud that refuses nothing of what nobody knows, and by one that refuses all of it."""
    plain = settings.model_dump(mode="json")
    record = run(Stage.TUNING, settings=plain, objective=objective("aucpr", Task.BINARY))
    try:
        trials.check(training.tune(record, DEPLOYMENT, 1), DEPLOYMENT.region)
        asked = until_taken(record)
    except ApiError as refused:
        raise AssertionError(f"{plain['tuning']}: {refused}") from refused
    assert len(asked) <= 4


def until_taken(record: Run) -> list[dict[str, Any]]:
    """What is asked for of a cloud that refuses whatever it may, until it is taken."""
    asked: list[dict[str, Any]] = []
    while True:
        asked.append(training.tune(record, DEPLOYMENT, 1))
        try:
            trials.check(asked[-1], DEPLOYMENT.region, UNLISTED, refuses_lists=True)
        except ApiError:
            less = concessions.of_refused_tuning(record, XGBOOST)
            if less is None:
                raise
            record = less.run
            if less.next(1)[0] is Stage.TRAINING:
                validate(training.train(record, DEPLOYMENT, 1)["HyperParameters"])
                return asked
        else:
            return asked
