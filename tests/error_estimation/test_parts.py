"""What an estimate of errors is made of: columns as numbers, the model of their size, counts, the curve."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest

from jobs.error_estimation.counts import ErrorCounts, merged
from jobs.error_estimation.curve import Curve, metrics
from jobs.error_estimation.features import FEWEST_ROWS, Features
from jobs.error_estimation.grid import BINS, MIDDLES, bins
from jobs.error_estimation.held_out import errors
from jobs.error_estimation.model import Sizes, learn
from jobs.metrics.scores import score
from tests.error_estimation.made import answers_of, counted, rows

HELD_OUT = rows(1_000, 1)
FEATURES = Features.of(HELD_OUT.columns)
PREDICTED = HELD_OUT.predictions.predicted.astype(np.float64)
MISSED = HELD_OUT.predictions.actual - PREDICTED
MATRIX = FEATURES.matrix(HELD_OUT.columns, PREDICTED)


def test_a_size_falls_into_the_bin_whose_middle_is_nearest() -> None:
    assert MIDDLES[bins(np.array([0.0, 0.1, -3.0]))].tolist() == [0.0, 0.125, -3.0]
    assert bins(np.array([-np.inf, -1e9, 1e9, np.inf])).tolist() == [0, 0, BINS - 1, BINS - 1]


def test_words_are_told_apart_where_they_have_rows() -> None:
    cells = pa.array(["b"] * 30 + ["a"] * 40 + ["few"] * (FEWEST_ROWS - 1) + [None])
    features = Features.of({"word": cells})
    assert features.columns[0].words == ("a", "b")
    found = features.matrix({"word": pa.array(["a", "never seen", "b", None, "few"])}, np.zeros(5))[:, 0]
    assert found.tolist()[:3] == [0.0, 2.0, 1.0]
    assert np.isnan(found[3])
    assert found[4] == 2.0


def test_a_column_that_is_not_there_is_missing_and_numbers_too_large_are_bounded() -> None:
    features = Features.of({"a": np.zeros(3), "b": np.zeros(3)})
    found = features.matrix({"b": np.array([1e300, -1.0, np.nan])}, np.arange(3.0))
    assert np.isnan(found[:, 0]).all()
    assert np.isfinite(found[:2, 1]).all()
    assert found[:, 2].tolist() == [0.0, 1.0, 2.0]


def test_a_document_holds_the_whole_model_and_is_the_same_each_time() -> None:
    one, other = (learn(FEATURES, MATRIX, MISSED).sizes for _ in range(2))
    document = json.loads(json.dumps(one.to_document()))
    assert document == other.to_document()
    assert len(document["trees"]) < 300_000
    assert np.array_equal(Sizes.read(document).log_sizes(MATRIX), one.log_sizes(MATRIX))


def test_sizes_follow_what_errors_depend_on() -> None:
    learned = learn(FEATURES, MATRIX, MISSED)
    own = learned.sizes.log_sizes(MATRIX)[np.arange(len(MATRIX)), learned.folds]
    true = 0.7 * np.nan_to_num(HELD_OUT.columns["wide"]) + np.log(3) * (MATRIX[:, 2] == 1)
    assert np.corrcoef(own, true)[0, 1] > 0.8


def test_counts_do_not_depend_on_how_rows_were_cut() -> None:
    answers, traffic = answers_of(HELD_OUT), rows(700, 3)
    whole = counted(answers, traffic).errors
    parts = [counted(answers, traffic.take(part)).errors for part in np.array_split(np.arange(700)[::-1], 3)]
    assert whole is not None
    one, two, three = (part for part in parts if part is not None)
    found: ErrorCounts = merged(merged(one, two), three)
    assert np.array_equal(found.levels, whole.levels)
    assert (found.first, found.second, found.rows) == (whole.first, whole.second, 700)
    assert whole.variance == pytest.approx(traffic.predictions.predicted.var(), rel=1e-3)


def test_a_model_of_sizes_that_comes_with_the_artifact_is_asked_and_not_learned_anew() -> None:
    known = learn(FEATURES, MATRIX, MISSED).sizes.to_document()
    other = rows(400, 9)
    found = errors(other.columns, other.predictions, score(other.predictions).values, known)
    assert found is not None
    assert (found["learned"], found["model"], found["copies"]) == ("out-of-fold", known, 5)
    assert sum(count for _, _, count in found["table"]) == 5 * 400


@pytest.mark.parametrize("power", [0.5, 1.0, 1.5])
def test_the_curve_says_what_an_expected_size_is_worth(power: float) -> None:
    generator = np.random.default_rng(0)
    expected = generator.normal(size=20_000)
    real = power * expected + np.log(np.abs(generator.standard_normal(20_000)))
    sizes = np.unique(bins(expected))
    table = np.zeros((1, BINS, BINS))
    np.add.at(table[0], (bins(expected), bins(real)), 1.0)
    curve = Curve.of(table[:, sizes], MIDDLES[sizes])
    slope = np.polyfit(MIDDLES[sizes], curve.means[0], 1)[0]
    assert slope == pytest.approx(power, abs=0.06)
    found = metrics(table[:, sizes].sum(axis=2)[..., None] * curve.around[:, None, :], curve.means, curve.logs)
    assert found["mae"][0] == pytest.approx(np.exp(real).mean(), rel=0.03)
    assert found["rmse"][0] == pytest.approx(np.sqrt(np.exp(2 * real).mean()), rel=0.08)
    assert found["median_absolute_error"][0] == pytest.approx(np.median(np.exp(real)), rel=0.03)
