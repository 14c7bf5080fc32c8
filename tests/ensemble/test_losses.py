"""What is made small, against scikit-learn, and margins that no number is too far for."""

import numpy as np
import pytest
from scipy.special import expit, softmax
from sklearn.metrics import log_loss, mean_squared_error

from jobs.ensemble.losses import loss, naive, scores, width


@pytest.mark.parametrize("classes", [2, 3, 6])
def test_the_loss_of_classes_is_the_log_loss(classes: int) -> None:
    draw = np.random.default_rng(classes)
    margins, labels = draw.normal(0, 2, (200, width(classes))), draw.integers(0, classes, 200).astype(float)
    probability = scores(margins, classes)
    assert probability.shape == (200, classes)
    assert probability.sum(axis=1) == pytest.approx(1)
    assert loss(margins, labels, classes) == pytest.approx(log_loss(labels, probability, labels=range(classes)))
    np.testing.assert_allclose(
        probability[:, -1], expit(margins[:, 0]) if classes == 2 else softmax(margins, axis=1)[:, -1]
    )


def test_the_loss_of_numbers_is_the_root_of_the_mean_squared_error() -> None:
    draw = np.random.default_rng(0)
    predicted, labels = draw.normal(size=(50, 1)), draw.normal(size=50)
    assert loss(predicted, labels, 0) == pytest.approx(mean_squared_error(labels, predicted[:, 0]) ** 0.5)
    assert scores(predicted, 0) is predicted


@pytest.mark.parametrize("classes", [2, 4])
def test_a_margin_far_out_stays_a_number(classes: int) -> None:
    margins = np.full((1, width(classes)), -800.0)
    margins[0, 0] = 800.0
    assert np.isfinite(scores(margins, classes)).all()
    wrong = loss(margins, np.array([float(classes != 2)]), classes)
    assert np.isfinite(wrong)
    assert wrong >= 800


def test_who_knows_nothing_says_how_often_each_occurs() -> None:
    assert naive(np.array([1.0, 2.0, 6.0]), 0).tolist() == [3.0]
    labels = np.repeat([0.0, 1.0, 2.0], [600, 300, 100])
    assert scores(naive(labels, 3)[None], 3)[0] == pytest.approx([0.6, 0.3, 0.1], abs=0.002)
    assert scores(naive(np.repeat([0.0, 1.0], [900, 100]), 2)[None], 2)[0, 1] == pytest.approx(0.1, abs=0.001)
    assert np.isfinite(naive(np.zeros(5), 2)).all()
