"""scikit-learn is the oracle: the same numbers, ties and tiny sets included; NaN where it only warns."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn import metrics as oracle

from jobs.metrics.catalogue import CATALOGUE, Catalogue
from jobs.metrics.confusion import BLOCK
from jobs.metrics.predictions import Predictions
from jobs.metrics.ranking import WeightedAreas, ranking
from jobs.metrics.scores import score, weighted_statistic

CLOSE: dict[str, Any] = {"abs": 1e-9, "nan_ok": True}


def expected(call: Callable[..., float], *arguments: object, **keywords: object) -> float:
    """The oracle's answer, NaN where it warns that there is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return call(*arguments, **keywords)


@st.composite
def binary(draw: st.DrawFn) -> Predictions:
    rows = draw(st.integers(1, 60))
    actual = draw(arrays.arrays(np.int64, rows, elements=st.integers(0, 1)))
    grid = draw(st.sampled_from([2, 5, 1000]))  # a coarse grid makes ties
    chance = draw(arrays.arrays(np.int64, rows, elements=st.integers(0, grid))) / grid
    return Predictions("binary", actual, (chance > 0.5).astype(np.int64), np.stack([1 - chance, chance], axis=1), 1)


@st.composite
def multiclass(draw: st.DrawFn) -> Predictions:
    rows, classes = draw(st.integers(1, 50)), draw(st.integers(3, 5))
    actual = draw(arrays.arrays(np.int64, rows, elements=st.integers(0, classes - 1)))
    raw = draw(arrays.arrays(np.int64, (rows, classes), elements=st.integers(0, 6))) + 0.5
    chance = raw / raw.sum(axis=1, keepdims=True)
    return Predictions("multiclass", actual, chance.argmax(axis=1), chance)


def class_averages(model: Predictions, classes: int) -> dict[str, float]:
    truth, said, labels = model.actual, model.predicted, list(range(classes))
    values = {"accuracy": oracle.accuracy_score(truth, said)}
    values["balanced_accuracy"] = expected(oracle.balanced_accuracy_score, truth, said)
    for average in ("macro", "weighted"):
        for name, call in (
            ("precision", oracle.precision_score),
            ("recall", oracle.recall_score),
            ("f1", oracle.f1_score),
        ):
            values[f"{name}_{average}"] = expected(
                call, truth, said, labels=labels, average=average, zero_division=np.nan
            )
    return values


@settings(max_examples=150)
@given(binary())
def test_binary_metrics_are_those_of_scikit_learn(model: Predictions) -> None:
    found = score(model).values
    truth, said, chance = model.actual, model.predicted, model.probability[:, 1]  # type: ignore[index]
    want = class_averages(model, 2)
    for name, call in (("precision", oracle.precision_score), ("recall", oracle.recall_score), ("f1", oracle.f1_score)):
        want[name] = expected(call, truth, said, zero_division=np.nan)
    want["f2"] = expected(oracle.fbeta_score, truth, said, beta=2, zero_division=np.nan)
    want["log_loss"] = oracle.log_loss(truth, chance, labels=[0, 1])
    want["brier"] = oracle.brier_score_loss(truth, chance, labels=[0, 1])
    both = len(set(truth)) == 2
    want["auc"] = oracle.roc_auc_score(truth, chance) if both else np.nan
    want["average_precision"] = oracle.average_precision_score(truth, chance) if truth.any() else np.nan
    want["mcc"] = oracle.matthews_corrcoef(truth, said) if both and len(set(said)) == 2 else np.nan
    assert {name: found[name] for name in want} == pytest.approx(want, **CLOSE)
    matrix = score(model).matrix
    assert matrix is not None
    np.testing.assert_array_equal(matrix, oracle.confusion_matrix(truth, said, labels=[0, 1]))


@settings(max_examples=100)
@given(multiclass())
def test_multiclass_metrics_are_those_of_scikit_learn(model: Predictions) -> None:
    assert model.probability is not None
    classes, found = model.probability.shape[1], score(model).values
    want = class_averages(model, classes)
    want["log_loss"] = oracle.log_loss(model.actual, model.probability, labels=list(range(classes)))
    if len(set(model.actual)) == classes:
        want["auc_macro"] = oracle.roc_auc_score(model.actual, model.probability, multi_class="ovr")
        want["auc_weighted"] = oracle.roc_auc_score(
            model.actual, model.probability, multi_class="ovr", average="weighted"
        )
        one_hot = np.eye(classes)[model.actual]
        want["average_precision_macro"] = oracle.average_precision_score(one_hot, model.probability)
    if len(set(model.actual)) > 1 and len(set(model.predicted)) > 1:
        want["mcc"] = oracle.matthews_corrcoef(model.actual, model.predicted)
    assert {name: found[name] for name in want} == pytest.approx(want, **CLOSE)


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=2, max_size=40))
def test_regression_metrics_are_those_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    actual, predicted = np.array(pairs, float).T
    found = score(Predictions("regression", actual, predicted)).values
    constant = bool(np.all(actual == actual[0]))
    want = {
        "mae": oracle.mean_absolute_error(actual, predicted),
        "rmse": oracle.root_mean_squared_error(actual, predicted),
        "median_absolute_error": oracle.median_absolute_error(actual, predicted),
        "r2": np.nan if constant else oracle.r2_score(actual, predicted),
        "explained_variance": np.nan if constant else oracle.explained_variance_score(actual, predicted),
        "mape": np.nan if 0 in actual else oracle.mean_absolute_percentage_error(actual, predicted),
    }
    assert {name: found[name] for name in want} == pytest.approx(want, **CLOSE)


@settings(max_examples=60)
@given(st.one_of(binary(), multiclass()), st.integers(0, 2**32 - 1))
def test_a_weighted_metric_is_that_of_rows_repeated_so_often(model: Predictions, seed: int) -> None:
    weights = np.random.default_rng(seed).integers(0, 4, model.rows)
    weights[0] += 1
    found = weighted_statistic(model, np.arange(model.rows))(weights.astype(float))
    repeated = score(model.take(np.repeat(np.arange(model.rows), weights)))
    want = [repeated.values[name] for name in CATALOGUE.names(model.task)]
    assert found.tolist() == pytest.approx(want, **CLOSE)


@settings(max_examples=20)
@given(st.one_of(binary(), multiclass()), st.integers(0, 2**32 - 1))
def test_what_needs_no_matrix_is_the_same_without_one(model: Predictions, seed: int) -> None:
    weights = np.random.default_rng(seed).integers(0, 4, model.rows).astype(float)
    weights[0] += 1
    every, rows = CATALOGUE.resampled(model.task), np.arange(model.rows)
    few = [name for name in every if name.startswith(("auc", "average_precision", "log_loss"))]
    whole = dict(zip(every, weighted_statistic(model, rows)(weights).tolist(), strict=True))
    found = weighted_statistic(model, rows, Catalogue([CATALOGUE[name] for name in few]))(weights)
    np.testing.assert_array_equal(found, [whole[name] for name in few])


@pytest.mark.parametrize("rows", [BLOCK - 1, BLOCK, 2 * BLOCK + 3])
@pytest.mark.parametrize("grid", [3, 10**9])
def test_blocks_and_ties_across_them_change_nothing(rows: int, grid: int) -> None:
    generator = np.random.default_rng(rows)
    truth = generator.random(rows) < 0.2
    chance = generator.integers(0, grid + 1, rows) / grid
    found = ranking(truth, chance)
    assert found.auc == pytest.approx(oracle.roc_auc_score(truth, chance), abs=1e-9)
    assert found.average_precision == pytest.approx(oracle.average_precision_score(truth, chance), abs=1e-9)
    assert found.auc == pytest.approx(WeightedAreas(truth, chance)(np.ones(rows))[0], abs=1e-9)
    assert found.bins.count.sum() == rows
    assert found.bins.score_sum.sum() == pytest.approx(chance.sum())


def test_curves_are_thinned_points_of_the_real_curve() -> None:
    generator = np.random.default_rng(0)
    truth = generator.random(50_000) < 0.3
    chance = np.clip(generator.normal(0.4 + 0.2 * truth, 0.2), 0, 1)
    curve = ranking(truth, chance).curve
    assert 100 < len(curve.recall) <= 500
    assert (curve.recall[0], curve.false_positive_rate[0], curve.precision[0]) == (0, 0, 1)
    assert (curve.recall[-1], curve.false_positive_rate[-1]) == (1, 1)
    for place in range(1, len(curve.recall), 50):
        flagged = chance >= curve.threshold[place]
        assert curve.recall[place] == pytest.approx(flagged[truth].mean())
        assert curve.false_positive_rate[place] == pytest.approx(flagged[~truth].mean())
        assert curve.precision[place] == pytest.approx(truth[flagged].mean())


def test_the_best_threshold_is_the_best_of_all() -> None:
    generator = np.random.default_rng(1)
    truth = generator.random(500) < 0.3
    chance = np.round(np.clip(generator.normal(0.4 + 0.2 * truth, 0.2), 0, 1), 2)
    best = ranking(truth, chance.astype(np.float64)).best
    every = {threshold: oracle.f1_score(truth, chance >= threshold) for threshold in np.unique(chance)}
    assert best is not None
    assert best.f1 == pytest.approx(max(every.values()))
    assert every[best.threshold] == pytest.approx(best.f1)


@pytest.mark.parametrize("bad", [np.nan, -0.1, 1.5, np.inf])
def test_scores_that_are_no_probabilities_are_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        ranking(np.array([True, False]), np.array([0.5, bad]))


def test_minus_zero_is_zero() -> None:
    assert ranking(np.array([True, False]), np.array([-0.0, 0.0])).auc == 0.5
