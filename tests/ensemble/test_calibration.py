"""Scale and shift: nothing where probabilities are right, the wrong undone, and little changed by few rows."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.special import expit

from jobs.ensemble.calibration import calibrate, identity, stretch
from jobs.ensemble.losses import loss

Array = npt.NDArray[Any]


def drawn(rows: int, seed: int = 0) -> tuple[Array, Array]:
    """True margins (rows, 1), and labels as often as they say."""
    draw = np.random.default_rng(seed)
    margins = draw.normal(-0.5, 2, (rows, 1))
    return margins, (draw.random(rows) < expit(margins[:, 0])).astype(float)


def drawn_of_three(rows: int) -> tuple[Array, Array]:
    draw = np.random.default_rng(1)
    margins = draw.normal(0, 1.5, (rows, 3))
    return margins, (margins + draw.gumbel(size=(rows, 3))).argmax(axis=1).astype(float)


def test_what_is_right_is_left() -> None:
    found = calibrate(*drawn(40_000))
    assert [found.scale, *found.shift] == pytest.approx([1, 0], abs=0.05)
    of_three = calibrate(*drawn_of_three(40_000))
    assert of_three.scale == pytest.approx(1, abs=0.03)
    assert of_three.shift == pytest.approx((0, 0, 0), abs=0.05)


@pytest.mark.parametrize(("scale", "shift"), [(2.0, 0.0), (0.5, 1.0), (1.0, -1.5)])
def test_what_was_done_to_margins_is_undone(scale: float, shift: float) -> None:
    margins, labels = drawn(40_000)
    found = calibrate((margins - shift) / scale, labels)
    assert [found.scale, *found.shift] == pytest.approx([scale, shift], abs=0.06)


def test_of_several_classes_the_shifts_are_told_from_each_other() -> None:
    margins, labels = drawn_of_three(40_000)
    found = calibrate(margins / 1.5 - np.array([0.6, -0.4, 0.0]), labels)
    assert found.scale == pytest.approx(1.5, rel=0.04)
    assert np.array(found.shift) - found.shift[2] == pytest.approx([0.9, -0.6, 0], abs=0.08)


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_few_rows_change_little(rows: int) -> None:
    found = calibrate(np.full((rows, 1), -3.0), np.ones(rows))
    assert 0.4 < found.scale < 1.5
    assert abs(found.shift[0]) < 1.5


def test_members_that_are_always_right_are_not_made_certain() -> None:
    margins, _ = drawn(2_000)
    found = calibrate(margins * 4.0, np.where(margins[:, 0] > 0, 1.0, 0.0))
    assert np.isfinite(found.apply(margins)).all()
    assert found.scale < 4.6


@pytest.mark.parametrize("seed", range(5))
def test_it_never_costs_where_it_was_fitted(seed: int) -> None:
    margins, labels = drawn(200, seed)
    given = margins * 1.7 + 0.4
    assert loss(calibrate(given, labels).apply(given), labels, 2) <= loss(given, labels, 2) + 1e-9


def test_the_identity_changes_nothing() -> None:
    margins, _ = drawn(10)
    assert (identity(1).apply(margins) == margins).all()


@pytest.mark.parametrize("factor", [0.5, 0.9, 1.2])
def test_numbers_that_were_shrunk_about_their_mean_are_stretched(factor: float) -> None:
    draw = np.random.default_rng(3)
    truth = draw.exponential(2, 20_000)
    said = (truth.mean() - 1 + factor * (truth - truth.mean()))[:, None]
    found = stretch(said, truth + draw.normal(0, 0.3, len(truth)) * truth)
    assert found.scale == pytest.approx(1 / factor, rel=0.02)
    assert found.apply(said).mean() == pytest.approx(truth.mean(), rel=0.01)


def test_few_rows_or_one_giant_stretch_less_than_they_seem_to_ask() -> None:
    draw = np.random.default_rng(4)
    said = draw.normal(size=(30, 1))
    labels = said[:, 0] + draw.normal(size=30)
    slope = float(np.polyfit(said[:, 0], labels, 1)[0])
    assert abs(stretch(said, labels).scale - 1) < abs(slope - 1)
    said[0], labels[0] = 10.0, 15.0  # alone it would say one and a half
    assert 1 < stretch(said, labels).scale < np.polyfit(said[:, 0], labels, 1)[0]


@pytest.mark.parametrize("rows", [1, 2, 40])
def test_numbers_that_are_all_the_same_are_left(rows: int) -> None:
    margins = np.full((rows, 1), 2.0)
    assert stretch(margins, np.arange(rows).astype(float)) == identity(1)


def test_numbers_that_are_right_stay_right() -> None:
    margins = np.array([[0.0], [1.0], [3.0]])
    assert stretch(margins, margins[:, 0]) == identity(1)
